//! What changed, as Markdown: for the summary of a CI job or a comment on a change.
//!
//! Everything that came from outside stands in code or is escaped.

use std::fmt::{self, Write as _};

use super::text::word;
use super::{Difference, Run};

/// The change as a document.
#[must_use]
pub fn to_markdown(difference: &Difference) -> String {
    let mut out = String::new();
    write(&mut out, difference).expect("a String takes everything that is written");
    out
}

/// A text in a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => out.push(' '),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' => out.extend(['\\', character]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            other => out.push(other),
        }
    }
    out
}

fn write(out: &mut String, difference: &Difference) -> fmt::Result {
    let Difference { before, after, .. } = difference;
    let (new, known) = (difference.new_divergences.len(), difference.known_divergences.len());
    writeln!(out, "## {new} new divergences, {known} known\n")?;
    writeln!(out, "| | before | after |\n|---|---|---|")?;
    let share = |part: usize, run: &Run| format!("{part} of {}", run.must);
    let (old, now) = (share(before.passed, before), share(after.passed, after));
    writeln!(out, "| conformance | {old} | {now} |")?;
    let (old, now) = (share(before.judged, before), share(after.judged, after));
    writeln!(out, "| coverage | {old} | {now} |")?;
    writeln!(out, "| time | {:.2} s | {:.2} s |", before.seconds, after.seconds)?;
    if !difference.cases.is_empty() {
        writeln!(
            out,
            "\n### Cases\n\n| news | case | before | after | what changed |\n|---|---|---|---|---|"
        )?;
        let mut cases: Vec<_> = difference.cases.iter().collect();
        cases.sort_by_key(|it| it.news);
        for change in cases {
            let told = change.why.iter().chain(&change.answers).map(|it| cell(it));
            let told: Vec<_> = told.collect();
            let (id, news) = (cell(&change.id), change.news.word());
            let (old, now) = (word(change.before), word(change.after));
            writeln!(out, "| {news} | {id} | {old} | {now} | {} |", told.join("<br>"))?;
        }
    }
    if !difference.facts.is_empty() {
        writeln!(out, "\n### Facts\n\n| fact | before | after |\n|---|---|---|")?;
        for fact in &difference.facts {
            let of = |value: &Option<String>| cell(value.as_deref().unwrap_or("not recorded"));
            writeln!(
                out,
                "| {} | {} | {} |",
                cell(&fact.name),
                of(&fact.before),
                of(&fact.after)
            )?;
        }
    }
    if !difference.times.is_empty() {
        writeln!(out, "\n### Times\n\n| case | before | after |\n|---|---|---|")?;
        for time in &difference.times {
            writeln!(
                out,
                "| {} | {:.1} s | {:.1} s |",
                cell(&time.id),
                time.before,
                time.after
            )?;
        }
    }
    Ok(())
}
