//! How the answers of a case changed, step by step.
//!
//! Compares what came, not what was expected: a change no expectation looks at is found as well.

use std::collections::BTreeMap;

use super::reference::{Meeting, References};
use crate::evidence::{Answer, Case, Exchange, Outcome, Step};

/// Headers that differ between any two answers.
const FLEETING: [&str; 3] = ["date", "content-length", "connection"];
/// How much of a value is shown, in characters.
const SHOWN: usize = 120;
/// How much of what is the same is shown before a difference.
const BEFORE: usize = 20;

/// A sentence for every change; nothing when the steps themselves are others.
pub(super) fn changes(before: &Case, after: &Case) -> Vec<String> {
    let (mut old_ids, mut new_ids) = (References::default(), References::default());
    let mut found = Vec::new();
    for new in &after.steps {
        let Some(old) = before.steps.iter().find(|step| step.number == new.number) else {
            continue;
        };
        let place = format!("step {} ({})", new.number, new.title);
        let (old, new) = (seen(old, &mut old_ids), seen(new, &mut new_ids));
        match (old.as_slice(), new.as_slice()) {
            (old, new) if old == new => {}
            ([old], [new]) => found.extend(one(old, new).map(|it| format!("{place}: {it}"))),
            // How often a poll asked is chance, and so is the order in which the answers of a burst came.
            (old, new) => {
                let (before, after) = (kinds(old), kinds(new));
                let same = if old.len() == new.len() {
                    before == after
                } else {
                    before.keys().eq(after.keys())
                };
                if !same {
                    found.push(format!("{place}: {} → {}", told(&before), told(&after)));
                }
            }
        }
    }
    found
}

/// An answer without what is fleeting, or that there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    status: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn seen(step: &Step, ids: &mut References) -> Vec<Seen> {
    ids.meet(if step.exchanges.len() > 1 {
        Meeting::InAnyOrder
    } else {
        Meeting::InOrder
    });
    step.exchanges.iter().map(|it| exchange(it, ids)).collect()
}

fn exchange(exchange: &Exchange, ids: &mut References) -> Seen {
    // What is sent names the ids first.
    ids.name(&exchange.request.url);
    ids.name(&exchange.request.body.text);
    match &exchange.outcome {
        Outcome::Answered(answer) => Seen {
            status: answer.status.to_string(),
            headers: headers(answer, ids),
            body: ids.name(&answer.body.text),
        },
        Outcome::Unanswered(why) => {
            let kind = serde_json::to_value(why.kind).unwrap_or_default();
            Seen {
                status: format!("no answer ({})", kind.as_str().unwrap_or_default()),
                headers: Vec::new(),
                body: String::new(),
            }
        }
    }
}

fn headers(answer: &Answer, ids: &mut References) -> Vec<(String, String)> {
    let lasting = answer
        .headers
        .iter()
        .filter(|(name, _)| !FLEETING.iter().any(|it| name.eq_ignore_ascii_case(it)));
    let mut headers: Vec<_> = lasting
        .map(|(name, value)| (name.to_ascii_lowercase(), ids.name(value)))
        .collect();
    headers.sort();
    headers
}

/// The first part of an answer that is another.
fn one(old: &Seen, new: &Seen) -> Option<String> {
    if old.status != new.status {
        return Some(format!("status {} → {}", old.status, new.status));
    }
    let gone = old.headers.iter().find(|it| !new.headers.contains(it));
    let came = new.headers.iter().find(|it| !old.headers.contains(it));
    let header =
        |it: Option<&(String, String)>| it.map_or_else(|| "none".to_owned(), |(_, value)| format!("`{value}`"));
    if let Some((name, _)) = gone.or(came) {
        let of = |all: &[(String, String)]| header(all.iter().find(|(it, _)| it == name));
        return Some(format!("header {name}: {} → {}", of(&old.headers), of(&new.headers)));
    }
    (old.body != new.body).then(|| {
        let same = old
            .body
            .chars()
            .zip(new.body.chars())
            .take_while(|(a, b)| a == b)
            .count();
        let start = same.saturating_sub(BEFORE);
        format!("body {} → {}", part(&old.body, start), part(&new.body, start))
    })
}

fn part(text: &str, start: usize) -> String {
    let before = if start > 0 { "…" } else { "" };
    let shown: String = text.chars().skip(start).take(SHOWN).collect();
    let after = if text.chars().count() > start + SHOWN {
        "…"
    } else {
        ""
    };
    format!("`{before}{shown}{after}`")
}

/// How many answers there were of each status.
fn kinds(all: &[Seen]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for seen in all {
        *counts.entry(seen.status.as_str()).or_default() += 1;
    }
    counts
}

/// Such as `25 × 200, 1 × 429`.
fn told(counts: &BTreeMap<&str, usize>) -> String {
    let counts: Vec<_> = counts
        .iter()
        .map(|(status, count)| format!("{count} × {status}"))
        .collect();
    if counts.is_empty() {
        "nothing".to_owned()
    } else {
        counts.join(", ")
    }
}
