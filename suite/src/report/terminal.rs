//! A whole run for the terminal: every story that has to be told, then the summary.
//!
//! Text with terminal styles; whoever prints it takes them out where there is no terminal.

use super::summary::BAD;
use super::{explain_failure, style, summary};
use crate::evidence::Evidence;

/// Every case a reader has to look at, and the summary.
#[must_use]
pub fn to_terminal(evidence: &Evidence) -> String {
    let mut text = String::new();
    // Cases that were not run because the run ended early are counted below, not listed one by one.
    for case in evidence.troubled().filter(|case| !case.was_not_run()) {
        let (word, style) = (case.verdict.word(), style(case.verdict));
        let story = explain_failure(case, evidence);
        text.push_str(&story.replacen(word, &format!("{style}{word}{style:#}"), 1));
        text.push('\n');
    }
    text.push_str(&summary(evidence));
    if !evidence.complete {
        let (here, planned) = (evidence.cases.len(), evidence.planned.cases);
        text.push_str(&format!(
            "{BAD}incomplete{BAD:#}    the run did not reach its end: {here} of {planned} cases had ended\n"
        ));
    }
    if let Some(reason) = &evidence.ended_early {
        text.push_str(&format!("ended early   {reason}\n"));
    }
    text
}
