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
    let explained = missing.is_some_and(|missing| missing <= lost);
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

#[cfg(test)]
mod tests {
    use located_yaml::Location;

    use super::*;
    use crate::check::tests::{equals, said, unanswered, with_status};
    use crate::expression::{Expression, Value};

    fn at_least(count: u64) -> Matcher {
        Matcher::Range {
            at_least: Some(Expression::Literal(Value::Json(count.into()))),
            at_most: None,
        }
    }

    /// What is said of a burst with so many 200, 429 and 500, and so many lost.
    fn judged(by_status: &[(u16, Matcher)], other: Option<Matcher>, counts: [usize; 4]) -> String {
        let statuses = [Some(200), Some(429), Some(500), None].into_iter().zip(counts);
        let exchanges: Vec<_> = statuses
            .flat_map(|(status, count)| (0..count).map(move |_| status.map_or_else(unanswered, with_status)))
            .collect();
        let answers = Located {
            value: Answers {
                by_status: by_status.to_vec(),
                other,
            },
            at: Location::start_of("case.yaml"),
        };
        said(&judge(&answers, &exchanges, &Values::default()).expect("no names are used")).join("; ")
    }

    #[test]
    fn every_count_is_compared_by_itself() {
        let both = [(200, equals(2)), (429, equals(1))];
        assert_eq!(judged(&both, None, [2, 1, 0, 0]), "");
        assert_eq!(judged(&both, None, [2, 1, 9, 0]), "");
        assert_eq!(
            judged(&both, None, [3, 0, 0, 0]),
            "answers of the burst: 2 × 200 | 3 × 200; answers of the burst: 1 × 429 | 0 × 429"
        );
        assert_eq!(judged(&both, Some(equals(0)), [2, 1, 0, 0]), "");
        assert_eq!(
            judged(&both, Some(equals(0)), [2, 1, 3, 0]),
            "answers of the burst: 0 with another status | 3 × 500"
        );
    }

    #[test]
    fn others_are_told_by_status() {
        for (counts, found) in [
            ([0, 0, 0, 0], "none"),
            ([0, 0, 2, 0], "2 × 500"),
            ([1, 0, 2, 0], "3 (1 × 200, 2 × 500)"),
        ] {
            assert_eq!(
                judged(&[(429, at_least(0))], Some(equals(9)), counts),
                format!("answers of the burst: 9 with another status | {found}")
            );
        }
    }

    #[test]
    fn lost_answers_may_have_been_what_is_missing() {
        let wants = [(200, equals(3)), (429, equals(2))];
        // As many as are missing, and one too few; what is too many already cannot be helped.
        assert_eq!(
            judged(&wants, None, [2, 2, 0, 1]),
            "? 2 × 200 arrived and 1 went unanswered, which may have been 3 × 200"
        );
        assert_eq!(
            judged(&wants, None, [2, 1, 0, 2]),
            "? 2 × 200 arrived and 2 went unanswered, which may have been 3 × 200; \
             ? 1 × 429 arrived and 2 went unanswered, which may have been 2 × 429"
        );
        assert_eq!(
            judged(&wants, None, [2, 1, 0, 1]),
            "answers of the burst: 3 × 200 | 2 × 200; answers of the burst: 2 × 429 | 1 × 429"
        );
        assert_eq!(
            judged(&wants, None, [4, 2, 0, 5]),
            "answers of the burst: 3 × 200 | 4 × 200"
        );
        assert_eq!(judged(&wants, None, [3, 2, 0, 5]), "");
    }
}
