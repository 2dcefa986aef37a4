//! Markdown for the summary of a CI job: the headline, what failed and why, then what holds by section.
//!
//! Bounded: such summaries have a greatest size, and a reader's patience has one too. Whatever came over the wire is text in a
//! code block or escaped; none of it is markup.

use std::fmt::Write as _;

use super::explain_failure;
use super::headline::{Tone, headline, percent, stamps};
use crate::evidence::{Case, Evidence, Requirement, Standing};
use crate::spec::model::Level;
use crate::verdict::Verdict;

/// The most stories that are told.
const STORIES: usize = 25;
/// The most characters of one story.
const STORY: usize = 4000;
/// The most rows of a list that has no bound of its own.
const ROWS: usize = 300;

/// The whole summary.
#[must_use]
pub fn to_markdown(evidence: &Evidence) -> String {
    let mut out = String::new();
    write_headline(&mut out, evidence);
    write_stories(&mut out, evidence);
    write_unmet(&mut out, evidence);
    write_sections(&mut out, evidence);
    write_exemptions(&mut out, evidence);
    write_facts(&mut out, evidence);
    let _ = writeln!(
        out,
        "\n<sub>torq-conformance {}, specs `{}`, {} s</sub>",
        evidence.suite.version,
        evidence.suite.specs.get(..12).unwrap_or_default(),
        (evidence.seconds * 100.0).round() / 100.0
    );
    out
}

fn write_headline(out: &mut String, evidence: &Evidence) {
    let line = headline(evidence);
    let sign = match line.tone {
        Tone::Good => "✅",
        Tone::Doubtful => "⚠️",
        Tone::Bad => "❌",
    };
    let _ = writeln!(out, "# {sign} {}\n\n{}\n", line.words, escaped(&evidence.target.name));
    for stamp in stamps(evidence) {
        let _ = writeln!(out, "> **{}**\n", escaped(&stamp));
    }
    let (conformance, coverage) = (&evidence.conformance, &evidence.coverage);
    let _ = writeln!(out, "| figure | | |\n|---|--:|---|");
    let (passed, judged) = (conformance.passed, coverage.judged);
    let _ = writeln!(
        out,
        "| conformance | **{}** | {passed} of {} MUST cases passed |",
        percent(passed, conformance.of),
        conformance.of
    );
    let _ = writeln!(
        out,
        "| coverage | **{}** | {judged} of {} MUST cases judged |",
        percent(judged, coverage.of),
        coverage.of
    );
    for score in &evidence.suite.power {
        let _ = writeln!(
            out,
            "| power of these specs | **{}** | {}{} |",
            percent(score.noticed, score.of),
            score.words(),
            score.uncounted()
        );
    }
    let counts = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, evidence.tally.count(verdict)));
    let counts: Vec<_> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let _ = writeln!(out, "\n{} cases: {}\n", evidence.cases.len(), counts.join(", "));
}

fn write_stories(out: &mut String, evidence: &Evidence) {
    let mut cases: Vec<&Case> = evidence.troubled().filter(|case| !case.was_not_run()).collect();
    if cases.is_empty() {
        return;
    }
    cases.sort_by_key(|case| Verdict::ALL.iter().position(|verdict| *verdict == case.verdict));
    let _ = writeln!(out, "## To look at\n");
    for case in cases.iter().take(STORIES) {
        let (verdict, id, title) = (case.verdict, html(&case.id), html(&case.title));
        let story: String = explain_failure(case, evidence).chars().take(STORY).collect();
        let fence = fence(&story);
        let _ = writeln!(
            out,
            "<details><summary><b>{verdict}</b> <code>{id}</code> {title}</summary>\n"
        );
        let _ = writeln!(out, "{fence}text\n{}\n{fence}\n\n</details>\n", story.trim_end());
    }
    if cases.len() > STORIES {
        let _ = writeln!(
            out,
            "… and {} more; `report.html` tells all of them.\n",
            cases.len() - STORIES
        );
    }
}

/// Longer than any that is in the text, so that nothing in it ends the block.
fn fence(text: &str) -> String {
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

fn write_unmet(out: &mut String, evidence: &Evidence) {
    let standing = |wanted: Standing| evidence.requirements.iter().filter(move |it| it.standing() == wanted);
    let broken = standing(Standing::Broken).map(|it| (it, "does not hold"));
    let unmet: Vec<(&Requirement, &str)> = broken
        .chain(standing(Standing::Unclear).map(|it| (it, "could not be told")))
        .collect();
    if unmet.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "## Requirements\n\n| requirement | evidence | standing | |\n|---|---|---|---|"
    );
    for (requirement, words) in unmet.iter().take(ROWS) {
        let (id, grade, statement) = (
            &requirement.id,
            requirement.grade.word(),
            escaped(&requirement.statement),
        );
        let _ = writeln!(out, "| `{id}` | {grade} | {words} | {statement} |");
    }
    out.push('\n');
}

fn write_sections(out: &mut String, evidence: &Evidence) {
    let mut sections: Vec<&str> = evidence.cases.iter().map(|case| case.section.as_str()).collect();
    sections.sort_unstable();
    sections.dedup();
    let _ = writeln!(
        out,
        "## By section\n\n| section | MUST | SHOULD | recorded |\n|---|--:|--:|--:|"
    );
    for section in sections {
        let cell = |level: Level| {
            let tally = evidence.tally(section, level);
            let good = match level {
                Level::Must | Level::Should => tally.held(),
                Level::Recorded => tally.count(Verdict::Recorded),
            };
            match tally.total() {
                0 => "–".to_owned(),
                all if good == all => format!("{good}/{all}"),
                all => format!("**{good}/{all}**"),
            }
        };
        let (must, should, recorded) = (cell(Level::Must), cell(Level::Should), cell(Level::Recorded));
        let _ = writeln!(out, "| {} | {must} | {should} | {recorded} |", escaped(section));
    }
    out.push('\n');
}

fn write_exemptions(out: &mut String, evidence: &Evidence) {
    for stale in evidence.stale_exemptions.iter().take(ROWS) {
        let (names, why, at) = (
            escaped(&stale.names),
            escaped(&stale.why),
            escaped(&stale.at.to_string()),
        );
        let _ = writeln!(out, "- **stale exemption** {names}: {why} ({at})");
    }
    for case in evidence.cases.iter().filter(|case| case.is_intermittent()).take(ROWS) {
        let counts = case.repeats.as_ref().map(|it| it.verdicts.counts()).unwrap_or_default();
        let _ = writeln!(out, "- **intermittent** {}: {counts}", escaped(&case.id));
    }
    for case in evidence
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Exempt)
        .take(ROWS)
    {
        let reason = case.reason.as_deref().unwrap_or_default();
        let _ = writeln!(out, "- **exempt** {}: {}", escaped(&case.id), escaped(reason));
    }
}

fn write_facts(out: &mut String, evidence: &Evidence) {
    let count = evidence.facts.len();
    if count == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "\n<details><summary>{count} facts about open behaviour</summary>\n\n| fact | value |\n|---|---|"
    );
    for (name, value) in evidence.facts.iter().take(ROWS) {
        let value: String = value.chars().take(200).collect();
        let _ = writeln!(out, "| {} | {} |", escaped(name), escaped(&value));
    }
    let _ = writeln!(out, "\n</details>");
}

/// Text in a line or a cell: no markup, no line break, no bar.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in html(text).chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    out
}

fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            escaped("<b>a|b</b>\n*c* [d](e) `f`"),
            r"&lt;b&gt;a\|b&lt;/b&gt; \*c\* \[d\](e) \`f\`"
        );
        for (text, most) in [("no ticks", "```"), ("```\nx\n````", "`````"), ("``", "```")] {
            assert_eq!(fence(text), most, "{text}");
        }
    }
}
