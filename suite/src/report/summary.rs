//! The end of a run for people: what holds by section and requirement, facts, and the two figures.
//!
//! Text with terminal styles; whoever prints it takes them out where there is no terminal.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};

use super::Outcome;
use crate::spec::model::{Level, Requirement};
use crate::verdict::{Tally, Verdict};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();
const WRITTEN: &str = "a String takes everything that is written";

/// How a requirement did, all cases that cite it considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Cases were judged or recorded, and nothing speaks against it.
    Holds,
    /// A case says that it does not hold.
    Broken,
    /// A case could not tell, or was missing.
    Unclear,
    /// No case of this run cites it.
    NotAsked,
}

/// The summary.
#[must_use]
pub fn summary(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    write_sections(&mut out, outcome).expect(WRITTEN);
    write_unmet(&mut out, outcome).expect(WRITTEN);
    write_figures(&mut out, outcome).expect(WRITTEN);
    out
}

fn write_sections(out: &mut String, outcome: &Outcome<'_>) -> fmt::Result {
    let mut sections: Vec<&str> = outcome.cases.iter().map(|it| it.case.section.as_str()).collect();
    sections.sort_unstable();
    sections.dedup();
    writeln!(
        out,
        "{QUIET}{:<20} {:>14} {:>10} {:>10} {:>10}{QUIET:#}",
        "section", "requirements", "MUST", "SHOULD", "recorded"
    )?;
    for section in sections {
        let asked: Vec<_> = outcome
            .specs
            .requirements
            .iter()
            .filter(|it| it.section == section)
            .map(|it| standing(it, outcome))
            .filter(|standing| *standing != Standing::NotAsked)
            .collect();
        let held = asked.iter().filter(|standing| **standing == Standing::Holds).count();
        write!(out, "{section:<20} {}", cell(held, asked.len(), 14))?;
        for (level, good) in [
            (Level::Must, Tally::held as fn(&Tally) -> usize),
            (Level::Should, Tally::held),
            (Level::Recorded, |tally| tally.count(Verdict::Recorded)),
        ] {
            let tally = tally(outcome, section, level);
            write!(out, " {}", cell(good(&tally), tally.total(), 10))?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

/// `good/all`, aligned before it is coloured.
fn cell(good: usize, all: usize, width: usize) -> String {
    let text = if all == 0 {
        "-".to_owned()
    } else {
        format!("{good}/{all}")
    };
    let style = match (all, good == all) {
        (0, _) => QUIET,
        (_, true) => GOOD,
        (_, false) => BAD,
    };
    format!("{style}{text:>width$}{style:#}")
}

fn tally(outcome: &Outcome<'_>, section: &str, level: Level) -> Tally {
    let mut tally = Tally::default();
    for finished in &outcome.cases {
        if finished.case.section == section && finished.case.level == level {
            tally.add(finished.judgement.verdict);
        }
    }
    tally
}

fn standing(requirement: &Requirement, outcome: &Outcome<'_>) -> Standing {
    let citing = outcome
        .cases
        .iter()
        .filter(|it| it.case.requirements.contains(&requirement.id));
    let mut standing = Standing::NotAsked;
    for finished in citing {
        standing = match (finished.judgement.verdict, standing) {
            (Verdict::Failed | Verdict::Deviates | Verdict::Exempt, _) | (_, Standing::Broken) => Standing::Broken,
            (Verdict::Inconclusive | Verdict::HarnessError, _) | (_, Standing::Unclear) => Standing::Unclear,
            (Verdict::Passed | Verdict::UnexpectedPass | Verdict::Recorded, _)
            | (Verdict::Unavailable, Standing::Holds) => Standing::Holds,
            (Verdict::Unavailable, Standing::NotAsked) => Standing::NotAsked,
        };
    }
    standing
}

/// The requirements a reader has to hear of, each with its sentence.
fn write_unmet(out: &mut String, outcome: &Outcome<'_>) -> fmt::Result {
    let mut any = false;
    for requirement in &outcome.specs.requirements {
        let (style, word) = match standing(requirement, outcome) {
            Standing::Broken => (BAD, "does not hold"),
            Standing::Unclear => (DOUBTFUL, "could not be told"),
            Standing::Holds | Standing::NotAsked => continue,
        };
        any = true;
        let (id, statement) = (&requirement.id, &requirement.statement);
        writeln!(out, "{style}{word}{style:#}  {id}: {statement}")?;
    }
    if any { writeln!(out) } else { Ok(()) }
}

fn write_figures(out: &mut String, outcome: &Outcome<'_>) -> fmt::Result {
    let requirements = &outcome.specs.requirements;
    let held = requirements
        .iter()
        .filter(|it| standing(it, outcome) == Standing::Holds)
        .count();
    let must = outcome.tally(Level::Must);
    let (passed, judged, all) = (must.held(), must.judged(), outcome.must_cases());
    let untested = requirements.iter().filter(|it| it.untested.is_some()).count();
    writeln!(
        out,
        "requirements  {held} of {} seen to hold, {untested} cannot be tested (list --requirements says why)",
        requirements.len()
    )?;
    writeln!(out, "conformance   {} passed", share(passed, all))?;
    writeln!(out, "coverage      {} judged", share(judged, all))?;
    writeln!(
        out,
        "facts         {} recorded about open behaviour",
        outcome.facts().len()
    )?;
    let verdicts = |verdict: Verdict| outcome.cases.iter().filter(move |it| it.judgement.verdict == verdict);
    let counts: Vec<_> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, verdicts(verdict).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| {
            let style = style(verdict);
            format!("{style}{count} {verdict}{style:#}")
        })
        .collect();
    let (cases, seconds) = (outcome.cases.len(), outcome.seconds);
    writeln!(out, "cases         {cases} in {seconds:.2} s: {}", counts.join(", "))?;
    if let Some(part) = outcome.part {
        let all = cases + part.elsewhere;
        let shard = part.shard;
        writeln!(
            out,
            "shard         {shard}: {cases} of {all} cases; the figures count the MUST cases of all shards"
        )?;
    }
    if !outcome.left_out.is_empty() {
        let (left_out, all) = (outcome.left_out.len(), cases + outcome.left_out.len());
        writeln!(
            out,
            "budget        {left_out} of {all} cases left out; the figures count their MUST cases"
        )?;
    }
    if outcome.repeat > 1 {
        let (times, count) = (outcome.repeat, outcome.intermittent().count());
        writeln!(
            out,
            "repeated      {times} times: {count} intermittent, the worst verdict counts"
        )?;
        for it in outcome.intermittent() {
            let (id, counts) = (&it.case.id, it.repeats.counts());
            writeln!(out, "{DOUBTFUL}intermittent{DOUBTFUL:#}  {id}: {counts}")?;
        }
    }
    for it in outcome
        .cases
        .iter()
        .filter(|it| it.judgement.verdict == Verdict::Exempt)
    {
        let reason = it.judgement.reason.as_deref().unwrap_or_default();
        writeln!(out, "{DOUBTFUL}exempt{DOUBTFUL:#}        {}: {reason}", it.case.id)?;
    }
    for stale in &outcome.stale {
        let (names, why, at) = (&stale.names, &stale.why, &stale.at);
        writeln!(out, "{BAD}stale exemption{BAD:#}  {names}: {why} ({at})")?;
    }
    if !outcome.overridden.is_empty() {
        let limits = outcome.overridden.join(", ");
        writeln!(
            out,
            "{DOUBTFUL}no conformance claim{DOUBTFUL:#}: the profile overrides {limits}"
        )?;
    }
    Ok(())
}

/// The style of a verdict's word.
pub(crate) const fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed | Verdict::Recorded => GOOD,
        Verdict::Failed | Verdict::UnexpectedPass | Verdict::HarnessError => BAD,
        Verdict::Deviates | Verdict::Exempt | Verdict::Inconclusive => DOUBTFUL,
        Verdict::Unavailable => QUIET,
    }
}

fn share(part: usize, all: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "there are far fewer cases than that")]
    let percent = 100.0 * part as f64 / all.max(1) as f64;
    format!("{part} of {all} MUST cases ({percent:.1} %)")
}
