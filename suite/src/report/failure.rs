//! The story of a case that did not pass: what is demanded, what differs, what was sent, what came back, and how to see it again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use located_yaml::write_duration;

use super::wire::{self, Again};
use crate::evidence::{
    Case, Evidence, Exchange, Mismatch, MismatchKind, Outcome, Requirement, Step, Took, Unanswered, UnansweredKind,
};

/// Tells the story, ending with a line to see it again and the command that explains the case.
#[must_use]
pub fn explain_failure(case: &Case, evidence: &Evidence) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", case.verdict, case.id);
    let _ = writeln!(out, "  {} ({})", case.title, case.at);
    for requirement in requirements(&case.requirements, evidence) {
        let level = requirement.grade.level();
        let _ = writeln!(out, "  {level} {}: {}", requirement.id, requirement.statement);
        let _ = writeln!(
            out,
            "    source: {}, {}",
            requirement.source.page, requirement.source.section
        );
    }
    if let Some(reason) = &case.reason {
        let _ = writeln!(out, "  because: {reason}");
    }
    let mut again = None;
    for step in case.steps.iter().filter(|step| !step.is_clean()) {
        let _ = writeln!(out, "\n  {} ({})", step.title, step.at);
        differences(&mut out, step);
        if let Some(exchange) = telling(step) {
            exchanged(&mut out, step, exchange);
            again = Some(wire::again(exchange, step.exchanges.len()));
        }
    }
    out.push('\n');
    if let Some(Again { line, remark }) = again {
        let _ = writeln!(out, "  again: {line}");
        if let Some(remark) = remark {
            let _ = writeln!(out, "         # {remark}");
        }
    }
    let _ = writeln!(out, "  more:  torq-conformance explain {}", case.id);
    out
}

fn requirements<'e>(ids: &'e [String], evidence: &'e Evidence) -> impl Iterator<Item = &'e Requirement> {
    ids.iter().filter_map(|id| evidence.requirement(id))
}

fn differences(out: &mut String, step: &Step) {
    for mismatch in &step.mismatches {
        let _ = writeln!(out, "    {} ({})", mismatch.part, mismatch.at);
        let _ = writeln!(out, "      expected: {}", mismatch.expected);
        let _ = writeln!(out, "      found:    {}", mismatch.found);
    }
    for doubt in &step.doubts {
        let _ = writeln!(out, "    could not tell: {} ({})", doubt.reason, doubt.at);
    }
    for note in &step.notes {
        let _ = writeln!(out, "    note: {note}");
    }
}

/// The exchange that shows the first difference: of many answers that very one or, where they were counted, the first of
/// the rarest kind; otherwise the last.
pub(super) fn telling(step: &Step) -> Option<&Exchange> {
    let number = step.mismatches.iter().find_map(|mismatch| mismatch.answer);
    let nth = number.and_then(|number| step.exchanges.get(number.checked_sub(1)?));
    let counted = || {
        let kinds = counts(&step.exchanges);
        let rarest = kinds.into_iter().min_by_key(|(_, count)| *count)?.0;
        step.exchanges.iter().find(|exchange| kind(exchange) == rarest)
    };
    let of_all = |mismatch: &Mismatch| mismatch.kind == MismatchKind::Burst;
    nth.or_else(|| step.mismatches.iter().any(of_all).then(counted)?)
        .or_else(|| step.exchanges.last())
}

fn exchanged(out: &mut String, step: &Step, exchange: &Exchange) {
    let request = &exchange.request;
    let several = step.exchanges.len();
    let times = if several > 1 {
        format!("{several} × ")
    } else {
        String::new()
    };
    let _ = writeln!(out, "    sent: {times}{} {}", request.method, request.url);
    for (name, value) in wire::headers_of_request(&request.headers) {
        let _ = writeln!(out, "      {name}: {value}");
    }
    body(out, &wire::beginning(&request.body));
    if several > 1 {
        let _ = writeln!(out, "    came back: {}; one of them:", distribution(&step.exchanges));
        let _ = writeln!(out, "      {}", came_back(exchange));
    } else {
        let _ = writeln!(out, "    came back: {}", came_back(exchange));
    }
    if let Some(answer) = exchange.answer() {
        for (name, value) in wire::headers_of_answer(&answer.headers) {
            let _ = writeln!(out, "      {name}: {value}");
        }
        body(out, &wire::excerpt(&answer.body, focus(&step.mismatches)));
    }
}

fn body(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "      {line}");
    }
}

/// What of a body a reader has to see: what was found in it.
fn focus(mismatches: &[Mismatch]) -> Option<&str> {
    let in_body = mismatches.iter().find(|it| it.kind == MismatchKind::Json)?;
    let found = in_body.found.as_str();
    (!found.contains('…') && found != "nothing").then_some(found)
}

/// How many answers there were of each kind, such as `25 × 200, 1 × 429`.
pub(super) fn distribution(exchanges: &[Exchange]) -> String {
    let counts = counts(exchanges);
    let parts: Vec<_> = counts.iter().map(|(kind, count)| format!("{count} × {kind}")).collect();
    parts.join(", ")
}

fn counts(exchanges: &[Exchange]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for exchange in exchanges {
        *counts.entry(kind(exchange)).or_default() += 1;
    }
    counts
}

/// The status, or that there is none.
pub(super) fn kind(exchange: &Exchange) -> String {
    match exchange.answer() {
        Some(answer) => answer.status.to_string(),
        None => "no answer".to_owned(),
    }
}

pub(super) fn came_back(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Outcome::Answered(answer) => {
            let nothing = if answer.body.size == 0 { ", no body" } else { "" };
            format!("{} {}{nothing}", answer.status, took(exchange.took))
        }
        Outcome::Unanswered(Unanswered { kind, reason, .. }) => match kind {
            UnansweredKind::NoConnection => format!("no connection: {reason}"),
            UnansweredKind::ConnectionLost => format!("the connection closed before an answer: {reason}"),
            UnansweredKind::OutOfPatience => {
                let waited = exchange.settled_at.saturating_sub(exchange.sent_at);
                format!("nothing within {}", millis(waited))
            }
            UnansweredKind::Unfinished => "an answer that did not end in the time allowed".to_owned(),
            UnansweredKind::NotHttp => reason.clone(),
        },
    }
}

fn took(took: Took) -> String {
    match took {
        Took::Manual { after, by } if after == by => format!("after {}", millis(by)),
        Took::Manual { after, by } => format!("between {} and {}", millis(after), millis(by)),
        Took::System { first_byte, .. } => format!("after {}", millis(first_byte)),
    }
}

fn millis(time: Duration) -> String {
    write_duration(Duration::from_millis(
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
    ))
}
