//! How many answers of a burst had which status.
//!
//! Answers that never arrived may have had any status: a count they could complete is a doubt and no difference.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::matching;
use super::mismatch::{Findings, Part};
use crate::attempt::Exchange;
use crate::expression::{EvalError, Values};
use crate::spec::model::{Answers, Located, Matcher};

/// One count that is not what it should be.
struct Wrong {
    expected: Vec<String>,
    found: String,
    /// How many lost answers would make it right; `None` when no number of them could.
    missing: Option<usize>,
}

/// Compares the statuses of a burst with how many there should be of each.
///
/// # Errors
/// When an expression in a matcher has no value.
pub(super) fn judge(
    answers: &Located<Answers>,
    exchanges: &[Exchange],
    values: &Values,
) -> Result<Findings, EvalError> {
    let mut others: Vec<u16> = exchanges
        .iter()
        .filter_map(Exchange::answer)
        .map(|it| it.status)
        .collect();
    let lost = exchanges.len() - others.len();
    let mut wrong = Vec::new();
    for (status, matcher) in &answers.value.by_status {
        let count = others.iter().filter(|it| *it == status).count();
        others.retain(|it| it != status);
        let words = (format!(" × {status}"), format!("{count} × {status}"));
        wrong.extend(one_count(matcher, (count, lost), &words, values)?);
    }
    if let Some(matcher) = &answers.value.other {
        let words = (" with another status".to_owned(), by_status(&others));
        wrong.extend(one_count(matcher, (others.len(), lost), &words, values)?);
    }
    let missing = wrong.iter().try_fold(0, |sum: usize, it| Some(sum + it.missing?));
    let explained = lost > 0 && missing.is_some_and(|missing| missing <= lost);
    let mut findings = Findings::default();
    for Wrong { expected, found, .. } in wrong {
        for expected in expected {
            if explained {
                let reason = format!("{found} arrived and {lost} went unanswered, which may have been {expected}");
                findings.doubt(reason, &answers.at);
            } else {
                findings.differs(Part::Burst, expected, found.clone(), &answers.at);
            }
        }
    }
    Ok(findings)
}

/// Such as `25 × 429`, or `26 (25 × 429, 1 × 500)`.
fn by_status(statuses: &[u16]) -> String {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for status in statuses {
        *counts.entry(*status).or_default() += 1;
    }
    let each: Vec<_> = counts
        .iter()
        .map(|(status, count)| format!("{count} × {status}"))
        .collect();
    match each.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        several => format!("{} ({})", statuses.len(), several.join(", ")),
    }
}

fn one_count(
    matcher: &Matcher,
    (count, lost): (usize, usize),
    (expected, found): &(String, String),
    values: &Values,
) -> Result<Option<Wrong>, EvalError> {
    let differences = |count: usize| matching::matches(matcher, Some(&Json::from(count)), values);
    let seen = differences(count)?;
    if seen.is_empty() {
        return Ok(None);
    }
    let mut missing = None;
    for more in 1..=lost {
        if differences(count + more)?.is_empty() {
            missing = Some(more);
            break;
        }
    }
    Ok(Some(Wrong {
        expected: seen
            .into_iter()
            .map(|it| format!("{}{expected}", it.expected))
            .collect(),
        found: found.clone(),
        missing,
    }))
}
