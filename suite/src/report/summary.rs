//! The end of a run for people: sections, facts, and the two figures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Outcome;
use crate::spec::model::Level;
use crate::verdict::{Tally, Verdict};

/// The summary, without colours.
#[must_use]
pub fn summary(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    let mut sections: BTreeMap<&str, BTreeMap<Level, Tally>> = BTreeMap::new();
    for finished in &outcome.cases {
        let section = sections.entry(&finished.case.section).or_default();
        section
            .entry(finished.case.level)
            .or_default()
            .add(finished.judgement.verdict);
    }
    let _ = writeln!(
        out,
        "{:<20} {:>12} {:>12} {:>10}",
        "section", "MUST", "SHOULD", "recorded"
    );
    for (section, levels) in &sections {
        let cell = |level: Level, good: Verdict| {
            levels
                .get(&level)
                .map_or_else(|| "-".to_owned(), |it| format!("{}/{}", it.count(good), it.total()))
        };
        let must = cell(Level::Must, Verdict::Passed);
        let should = cell(Level::Should, Verdict::Passed);
        let recorded = cell(Level::Recorded, Verdict::Recorded);
        let _ = writeln!(out, "{section:<20} {must:>12} {should:>12} {recorded:>10}");
    }
    let cited = |id: &str, verdicts: &[Verdict]| {
        outcome
            .cases
            .iter()
            .any(|it| it.case.requirements.iter().any(|cited| cited == id) && verdicts.contains(&it.judgement.verdict))
    };
    let bad = [
        Verdict::Failed,
        Verdict::Deviates,
        Verdict::Inconclusive,
        Verdict::HarnessError,
    ];
    let good = [Verdict::Passed, Verdict::Recorded];
    let requirements = &outcome.specs.requirements;
    let held = requirements
        .iter()
        .filter(|it| cited(&it.id, &good) && !cited(&it.id, &bad))
        .count();
    let _ = writeln!(out);
    let _ = writeln!(out, "requirements  {held} of {} seen to hold", requirements.len());
    let must = outcome.tally(Level::Must);
    let percent = |part: usize| 100.0 * part as f64 / must.total().max(1) as f64;
    let passed = must.count(Verdict::Passed);
    let _ = writeln!(
        out,
        "conformance   {passed} of {} MUST cases passed ({:.1} %)",
        must.total(),
        percent(passed)
    );
    let _ = writeln!(
        out,
        "coverage      {} of {} MUST cases judged ({:.1} %)",
        must.judged(),
        must.total(),
        percent(must.judged())
    );
    let _ = writeln!(
        out,
        "facts         {} recorded about open behaviour",
        outcome.facts().len()
    );
    let counts: Vec<_> = Verdict::ALL
        .iter()
        .map(|verdict| {
            (
                verdict,
                outcome
                    .cases
                    .iter()
                    .filter(|it| it.judgement.verdict == *verdict)
                    .count(),
            )
        })
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let _ = writeln!(
        out,
        "cases         {} in {:.2} s: {}",
        outcome.cases.len(),
        outcome.seconds,
        counts.join(", ")
    );
    if !outcome.overridden.is_empty() {
        let _ = writeln!(
            out,
            "no conformance claim: the profile overrides {}",
            outcome.overridden.join(", ")
        );
    }
    out
}
