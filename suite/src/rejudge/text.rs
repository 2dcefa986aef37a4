//! What judging again came to, for a terminal and for the summary of a CI job.
//!
//! The changes are told as a comparison of two runs tells them; before them stands what could not be judged again.

use std::fmt::Write as _;

use super::Rejudged;
use crate::diff;

const WRITTEN: &str = "a String takes everything that is written";

/// As lines of text.
#[must_use]
pub fn to_text(rejudged: &Rejudged) -> String {
    let mut out = String::new();
    for it in &rejudged.not_judged_again {
        writeln!(out, "not judged again  {}: {}", it.case, it.why).expect(WRITTEN);
    }
    for id in &rejudged.unknown {
        writeln!(out, "unknown case      {id}: these specs do not have it").expect(WRITTEN);
    }
    for remark in &rejudged.remarks {
        writeln!(out, "remark            {remark}").expect(WRITTEN);
    }
    out.push_str(&diff::to_text(&rejudged.difference));
    writeln!(out, "{}", counts(rejudged)).expect(WRITTEN);
    out
}

/// As a document.
#[must_use]
pub fn to_markdown(rejudged: &Rejudged) -> String {
    let mut out = diff::to_markdown(&rejudged.difference);
    writeln!(out, "\n### Judged again\n\n{}.", counts(rejudged)).expect(WRITTEN);
    if !rejudged.not_judged_again.is_empty() {
        out.push_str("\n| not judged again | why |\n|---|---|\n");
        for it in &rejudged.not_judged_again {
            let (id, why) = (diff::cell(&it.case), diff::cell(&it.why));
            writeln!(out, "| {id} | {why} |").expect(WRITTEN);
        }
    }
    if !rejudged.unknown.is_empty() {
        out.push_str("\nThese specs do not have:\n\n");
        for id in &rejudged.unknown {
            writeln!(out, "- {}", diff::cell(id)).expect(WRITTEN);
        }
    }
    for remark in &rejudged.remarks {
        writeln!(out, "\n{}", diff::cell(remark)).expect(WRITTEN);
    }
    out
}

/// Such as `605 cases judged again by what was recorded, 2 not; 1 case of the run is unknown to these specs`.
fn counts(rejudged: &Rejudged) -> String {
    let (judged, not) = (rejudged.judged_again, rejudged.not_judged_again.len());
    let noun = if judged == 1 { "case" } else { "cases" };
    let unknown = match rejudged.unknown.len() {
        0 => String::new(),
        1 => "; 1 case of the run is unknown to these specs".to_owned(),
        more => format!("; {more} cases of the run are unknown to these specs"),
    };
    format!("{judged} {noun} judged again by what was recorded, {not} not{unknown}")
}
