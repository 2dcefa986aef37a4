//! What is known about what the suite notices: the faults a case or a requirement is there for, the cases that notice a
//! fault, and what nothing notices.
//!
//! Text from the kill matrix and the list of survivors; nothing is run for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::WRITTEN;
use crate::spec::model::{Case, Fault, Level, Power, Requirement, Score, Specs};

/// What stands for all of what nothing notices where an id is asked for.
pub(super) const SURVIVORS: &str = "survivors";

/// How much is noticed, and why the rest need not be.
pub(super) fn of_survivors(power: &Power) -> String {
    let mut out = format!(
        "faults of the mock\n  {} of {} are noticed\n",
        power.noticed(),
        power.faults.len()
    );
    if !power.basis.is_measured() {
        out.push_str(
            "\nWhat follows was measured of other requirements, cases, fixtures or faults; reports leave it out.\n",
        );
    }
    score(
        &mut out,
        "assertions of the cases, each dropped, negated and loosened by itself",
        &power.assertions,
    );
    score(
        &mut out,
        "fields of the mock's answers, each changed by itself",
        &power.answers,
    );
    out
}

fn score(out: &mut String, what: &str, score: &Score) {
    writeln!(
        out,
        "\n{what}\n  noticed: {score}\n  not counted, as nobody could be held to them: {}",
        score.uncounted()
    )
    .expect(WRITTEN);
    for (heading, reasons) in [
        ("not noticed, and not counted", &score.immaterial),
        ("not noticed", &score.survivors),
    ] {
        for reason in reasons {
            let like = reason.like.join("\n    ");
            let (count, because) = (reason.count, &reason.because);
            writeln!(out, "  {heading}: {count}\n    {like}\n      {because}").expect(WRITTEN);
        }
    }
}

/// The faults that fail a case, and those with which it records other facts.
pub(super) fn of_case(case: &Case, specs: &Specs) -> String {
    let mut out = String::new();
    let killed: Vec<_> = specs.power.killed_by(&case.id).collect();
    match (killed.len(), case.level) {
        (0, Level::Recorded) => {}
        (0, Level::Must | Level::Should) => out.push_str("\nfails with no fault of the mock\n"),
        (count, _) => writeln!(out, "\nfails with {}", faults(count)).expect(WRITTEN),
    }
    for fault in killed {
        writeln!(out, "  {}\n    {}", fault.name, fault.about).expect(WRITTEN);
    }
    let retold: Vec<_> = specs.power.retold_by(case).collect();
    match (retold.len(), case.facts().count()) {
        (0, 0) => {}
        (0, _) => out.push_str("\nrecords the same with every fault of the mock\n"),
        (count, _) => writeln!(out, "\nrecords other facts with {}", faults(count)).expect(WRITTEN),
    }
    for (fault, facts) in retold {
        let (name, about, facts) = (&fault.name, &fault.about, facts.join(", "));
        writeln!(out, "  {name}\n    {about}\n    another: {facts}").expect(WRITTEN);
    }
    out
}

/// The faults that break a requirement.
pub(super) fn of_requirement(requirement: &Requirement, specs: &Specs) -> String {
    let breaks = |fault: &&Fault| fault.violates.contains(&requirement.id);
    let breaking: Vec<_> = specs.power.faults.iter().filter(breaks).collect();
    if breaking.is_empty() {
        return String::new();
    }
    let mut out = format!("broken by {} of the mock\n", faults(breaking.len()));
    for fault in breaking {
        writeln!(out, "  {}\n    {}", fault.name, fault.about).expect(WRITTEN);
    }
    out
}

/// A fault with everything that notices it.
pub(super) fn of_fault(fault: &Fault, specs: &Specs) -> String {
    let mut out = format!("{}\n  {}\n  written: {}\n\nbreaks\n", fault.name, fault.about, fault.at);
    for id in &fault.violates {
        let statement = specs.requirements.iter().find(|it| it.id == *id);
        let statement = statement.map_or("", |it| it.statement.as_str());
        writeln!(out, "  {id}\n    {statement}").expect(WRITTEN);
    }
    let Some(kills) = specs.power.kills.get(&fault.name) else {
        out.push_str("\nWhich cases notice it is not known.\n");
        return out;
    };
    let lists: [(&str, &BTreeSet<String>); 4] = [
        ("cases that fail", &kills.failed),
        ("cases that deviate", &kills.deviates),
        ("cases that cannot tell any more", &kills.inconclusive),
        ("facts with another value", &kills.facts),
    ];
    for (heading, ids) in lists.iter().filter(|(_, ids)| !ids.is_empty()) {
        writeln!(out, "\n{heading}").expect(WRITTEN);
        for id in *ids {
            writeln!(out, "  {id}").expect(WRITTEN);
        }
    }
    write!(out, "\nTry it:\n  torq-mock serve --fault {}\n", fault.name).expect(WRITTEN);
    out
}

fn faults(count: usize) -> String {
    let noun = if count == 1 { "fault" } else { "faults" };
    format!("{count} {noun}")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::spec::model::Kills;
    use crate::spec::{self, Source};

    /// What is said of a case when this is what a fault changes.
    fn told(id: &str, kills: Kills) -> String {
        let mut specs = spec::load(&Source::Embedded)
            .expect("the specs are in the binary")
            .specs;
        specs.power.kills = BTreeMap::from([("status-ignored".to_owned(), kills)]);
        let case = specs.cases.iter().find(|case| case.id == id).expect("a case");
        of_case(case, &specs)
    }

    fn one(name: &str) -> BTreeSet<String> {
        BTreeSet::from([name.to_owned()])
    }

    const ABOUT: &str = "  status-ignored\n    The parameter `status` has no effect.\n";

    #[test]
    fn a_case_tells_what_fails_it_or_that_nothing_does() {
        const JUDGED: &str = "running.asynchronous.answer";
        assert_eq!(told(JUDGED, Kills::default()), "\nfails with no fault of the mock\n");
        let failed = Kills {
            failed: one(JUDGED),
            ..Kills::default()
        };
        let deviates = Kills {
            deviates: one(JUDGED),
            ..Kills::default()
        };
        for kills in [failed, deviates] {
            assert_eq!(told(JUDGED, kills), format!("\nfails with 1 fault\n{ABOUT}"));
        }
    }

    #[test]
    fn a_case_that_records_tells_what_makes_it_record_something_else_or_that_nothing_does() {
        const RECORDED: &str = "running.asynchronous.webhook-body";
        assert_eq!(
            told(RECORDED, Kills::default()),
            "\nrecords the same with every fault of the mock\n"
        );
        let facts = Kills {
            facts: BTreeSet::from(["webhook-body", "webhook-body-keys", "xml-root"].map(str::to_owned)),
            ..Kills::default()
        };
        assert_eq!(
            told(RECORDED, facts),
            format!("\nrecords other facts with 1 fault\n{ABOUT}    another: webhook-body, webhook-body-keys\n")
        );
    }
}
