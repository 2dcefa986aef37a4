//! The end of a run for people: what holds by section and requirement, facts, and the two figures.
//!
//! Text with terminal styles; whoever prints it takes them out where there is no terminal.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};

use crate::evidence::{Evidence, Requirement, Standing};
use crate::spec::model::Level;
use crate::verdict::{Tally, Verdict};

const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();
/// The fact that says which kind of limiter a deployment has.
const LIMITER: &str = "rate-limiter";
const WRITTEN: &str = "a String takes everything that is written";

/// The summary.
#[must_use]
pub fn summary(evidence: &Evidence) -> String {
    let mut out = String::new();
    write_sections(&mut out, evidence).expect(WRITTEN);
    write_unmet(&mut out, evidence).expect(WRITTEN);
    write_figures(&mut out, evidence).expect(WRITTEN);
    out
}

fn write_sections(out: &mut String, evidence: &Evidence) -> fmt::Result {
    let mut sections: Vec<&str> = evidence.cases.iter().map(|it| it.section.as_str()).collect();
    sections.sort_unstable();
    sections.dedup();
    writeln!(
        out,
        "{QUIET}{:<20} {:>14} {:>10} {:>10} {:>10}{QUIET:#}",
        "section", "requirements", "MUST", "SHOULD", "recorded"
    )?;
    for section in sections {
        let asked: Vec<_> = evidence
            .requirements
            .iter()
            .filter(|it| it.section == section)
            .map(Requirement::standing)
            .filter(|standing| *standing != Standing::NotAsked)
            .collect();
        let held = asked.iter().filter(|standing| **standing == Standing::Holds).count();
        write!(out, "{section:<20} {}", cell(held, asked.len(), 14))?;
        for (level, good) in [
            (Level::Must, Tally::held as fn(&Tally) -> usize),
            (Level::Should, Tally::held),
            (Level::Recorded, |tally| tally.count(Verdict::Recorded)),
        ] {
            let tally = evidence.tally(section, level);
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

/// The requirements a reader has to hear of, each with its sentence.
fn write_unmet(out: &mut String, evidence: &Evidence) -> fmt::Result {
    let mut any = false;
    for requirement in &evidence.requirements {
        let (style, word) = match requirement.standing() {
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

fn write_figures(out: &mut String, evidence: &Evidence) -> fmt::Result {
    let requirements = &evidence.requirements;
    let held = requirements
        .iter()
        .filter(|it| it.standing() == Standing::Holds)
        .count();
    let untested = requirements.iter().filter(|it| it.untested.is_some()).count();
    writeln!(
        out,
        "requirements  {held} of {} seen to hold, {untested} cannot be tested (list --requirements says why)",
        requirements.len()
    )?;
    writeln!(
        out,
        "conformance   {} passed",
        share(evidence.conformance.passed, evidence.conformance.of)
    )?;
    writeln!(
        out,
        "coverage      {} judged",
        share(evidence.coverage.judged, evidence.coverage.of)
    )?;
    writeln!(
        out,
        "facts         {} recorded about open behaviour",
        evidence.facts.len()
    )?;
    let labels = std::iter::once("power").chain(std::iter::repeat(""));
    for (label, score) in labels.zip(&evidence.suite.power) {
        writeln!(out, "{label:<13} {} by these specs{}", score.words(), score.uncounted())?;
    }
    let counts: Vec<_> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, evidence.tally.count(verdict)))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| {
            let style = style(verdict);
            format!("{style}{count} {verdict}{style:#}")
        })
        .collect();
    let (cases, seconds) = (evidence.cases.len(), evidence.seconds);
    writeln!(out, "cases         {cases} in {seconds:.2} s: {}", counts.join(", "))?;
    if let Some(shard) = &evidence.shard {
        let all = cases + shard.elsewhere;
        writeln!(
            out,
            "shard         {shard}: {cases} of {all} cases; the figures count the MUST cases of all shards"
        )?;
    }
    if !evidence.left_out.is_empty() {
        let (left_out, all) = (evidence.left_out.len(), cases + evidence.left_out.len());
        writeln!(
            out,
            "budget        {left_out} of {all} cases left out; the figures count their MUST cases"
        )?;
    }
    if evidence.repeat > 1 {
        let (times, count) = (evidence.repeat, evidence.intermittent.len());
        writeln!(
            out,
            "repeated      {times} times: {count} intermittent, the worst verdict counts"
        )?;
        for it in evidence.cases.iter().filter(|case| case.is_intermittent()) {
            let (id, repeats) = (&it.id, it.repeats.as_ref());
            let counts = repeats.map(|repeats| repeats.verdicts.counts()).unwrap_or_default();
            writeln!(out, "{DOUBTFUL}intermittent{DOUBTFUL:#}  {id}: {counts}")?;
        }
    }
    if let Some(limiter) = evidence.facts.get(LIMITER) {
        writeln!(out, "rate limiter  {limiter}")?;
    }
    for (id, note) in near_a_bound(evidence) {
        writeln!(out, "{DOUBTFUL}near a bound{DOUBTFUL:#}  {id}: {note}")?;
    }
    for it in evidence.cases.iter().filter(|it| it.verdict == Verdict::Exempt) {
        let reason = it.reason.as_deref().unwrap_or_default();
        writeln!(out, "{DOUBTFUL}exempt{DOUBTFUL:#}        {}: {reason}", it.id)?;
    }
    for stale in &evidence.stale_exemptions {
        let (names, why, at) = (&stale.names, &stale.why, &stale.at);
        writeln!(out, "{BAD}stale exemption{BAD:#}  {names}: {why} ({at})")?;
    }
    if !evidence.overridden_limits.is_empty() {
        let limits = evidence.overridden_limits.join(", ");
        writeln!(
            out,
            "{DOUBTFUL}no conformance claim{DOUBTFUL:#}: the profile overrides {limits}"
        )?;
    }
    Ok(())
}

/// The remarks on cases that kept a time window, but only just.
fn near_a_bound(evidence: &Evidence) -> impl Iterator<Item = (&str, &str)> {
    let kept = evidence.cases.iter().filter(|case| case.verdict == Verdict::Passed);
    kept.flat_map(|case| {
        let timed = case.steps.iter().filter(|step| step.window.is_some());
        timed.flat_map(|step| step.notes.iter().map(|note| (case.id.as_str(), note.as_str())))
    })
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
