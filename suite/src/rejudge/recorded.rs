//! From stored evidence back to what a run saw.
//!
//! Copies what was stored; judges nothing. Places of old findings are moved to where their step is written now.

use std::time::Duration;

use located_yaml::Location;

use crate::attempt::{self, Payload};
use crate::check::{self, Findings, Part};
use crate::evidence::{self, MismatchKind, Place, TroubleKind, UnansweredKind, Value, Written};
use crate::expression::{self, Values};
use crate::run::{CaseRun, StepRun, Trouble};
use crate::spec::model::Case;

/// How the reason of a case that was not run to its end begins.
const NOT_RUN: &str = "not run to its end: ";

/// What was seen of a case, as far as it was stored.
pub(super) fn case_run(stored: &evidence::Case, case: &Case) -> CaseRun {
    let mut given = Values::default();
    for (name, value) in &stored.values {
        given.set(name.clone(), self::value(value));
    }
    let places: Vec<&Location> = case.steps.iter().chain(&case.finally).map(|step| &step.at).collect();
    let steps = stored.steps.iter().map(|step| {
        let at = step.number.checked_sub(1).and_then(|index| places.get(index));
        self::step(step, at.copied().unwrap_or(&case.at))
    });
    CaseRun {
        steps: steps.collect(),
        facts: stored.facts.clone().into_iter().collect(),
        given,
        trouble: stored.trouble.as_ref().map(trouble),
        tokens: Vec::new(),
        took: Duration::try_from_secs_f64(stored.seconds).unwrap_or_default(),
    }
}

fn step(step: &evidence::Step, at: &Location) -> StepRun {
    let moved = |place: &Place| moved(place, (&step.at, at));
    let mismatches = step.mismatches.iter().map(|it| check::Mismatch {
        part: part(it),
        expected: it.expected.clone(),
        found: it.found.clone(),
        at: moved(&it.at),
    });
    let doubts = step.doubts.iter().map(|it| check::Doubt {
        reason: it.reason.clone(),
        at: moved(&it.at),
    });
    StepRun {
        number: step.number,
        title: step.title.clone(),
        at: at.clone(),
        exchanges: step.exchanges.iter().map(attempt::Exchange::from).collect(),
        window: step.window.map(|it| check::Bounds {
            after: it.after,
            before: it.before,
        }),
        limit: step.limit.map(|it| check::Limit {
            at_most: it.at_most,
            per: it.per,
            refused: it.refused,
        }),
        findings: Findings {
            mismatches: mismatches.collect(),
            doubts: doubts.collect(),
            notes: step.notes.clone(),
        },
    }
}

/// A place of an assertion, its step moved.
fn moved(place: &Place, (from, to): (&Place, &Location)) -> Location {
    let column = if place.line == from.line || place.column >= from.column {
        (place.column + to.column).saturating_sub(from.column)
    } else {
        place.column
    };
    Location {
        line: (place.line + to.line).saturating_sub(from.line),
        column,
        ..to.clone()
    }
}

fn value(value: &Value) -> expression::Value {
    match value {
        Value::Seconds(time) => expression::Value::Duration(*time),
        Value::Json(json) => expression::Value::Json(json.clone()),
    }
}

fn trouble(trouble: &evidence::Trouble) -> Trouble {
    let reason = trouble.reason.clone();
    match trouble.kind {
        TroubleKind::Missing => Trouble::Missing(reason),
        TroubleKind::CouldNotTell => Trouble::CouldNotTell(reason),
        TroubleKind::PayloadLimitUnknown => Trouble::PayloadLimitUnknown,
        TroubleKind::NotRun => Trouble::NotRun(reason.strip_prefix(NOT_RUN).unwrap_or(&reason).to_owned()),
        TroubleKind::Harness => Trouble::Harness(reason),
    }
}

/// The part a difference is about, read from its words.
fn part(mismatch: &evidence::Mismatch) -> Part {
    let (before, words) = match mismatch.answer {
        Some(number) => {
            let prefix = format!("answer {number}: ");
            (
                Some(number),
                mismatch.part.strip_prefix(&prefix).unwrap_or(&mismatch.part),
            )
        }
        None => (None, mismatch.part.as_str()),
    };
    let after = |prefix: &str| words.strip_prefix(prefix).unwrap_or(words).to_owned();
    let part = match mismatch.kind {
        MismatchKind::Status => Part::Status,
        MismatchKind::Header => Part::Header(after("header ")),
        MismatchKind::Body => Part::Body,
        MismatchKind::Json => Part::Json(after("body at ")),
        MismatchKind::Time => Part::Time,
        MismatchKind::Burst => Part::Burst,
        MismatchKind::Capture => Part::Capture(after("value `").trim_end_matches('`').to_owned()),
        MismatchKind::Answer => Part::Answer,
    };
    match before {
        Some(number) => Part::Nth(number, Box::new(part)),
        None => part,
    }
}

impl From<&evidence::Exchange> for attempt::Exchange {
    fn from(exchange: &evidence::Exchange) -> Self {
        let request = &exchange.request;
        Self {
            request: attempt::Sent {
                method: request.method.clone(),
                url: request.url.clone(),
                headers: request.headers.clone(),
                body: Payload::from(&request.body),
            },
            outcome: match &exchange.outcome {
                evidence::Outcome::Answered(answer) => attempt::Outcome::Answered(attempt::Answer {
                    status: answer.status,
                    headers: answer.headers.clone(),
                    body: Payload::from(&answer.body),
                    request_written: match answer.request_written {
                        Written::Whole => attempt::RequestWritten::Whole,
                        Written::Part => attempt::RequestWritten::Part,
                    },
                }),
                evidence::Outcome::Unanswered(why) => attempt::Outcome::Unanswered(unanswered(why)),
            },
            sent_at: exchange.sent_at,
            settled_at: exchange.settled_at,
            took: match exchange.took {
                evidence::Took::Manual { after, by } => attempt::Took::Between { after, by },
                evidence::Took::System {
                    first_byte,
                    complete,
                    latency,
                } => attempt::Took::Measured {
                    first_byte,
                    complete,
                    latency,
                },
            },
        }
    }
}

fn unanswered(why: &evidence::Unanswered) -> attempt::Unanswered {
    let reason = why.reason.clone();
    match why.kind {
        UnansweredKind::NoConnection => attempt::Unanswered::NoConnection(reason),
        UnansweredKind::ConnectionLost => attempt::Unanswered::ConnectionLost(reason),
        UnansweredKind::OutOfPatience => attempt::Unanswered::OutOfPatience,
        UnansweredKind::Unfinished => attempt::Unanswered::Unfinished {
            began: why.began.unwrap_or_default(),
            gave_up: why.gave_up.unwrap_or_default(),
        },
        UnansweredKind::NotHttp => attempt::Unanswered::NotHttp(reason),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::generated;

    fn parts() -> impl Strategy<Value = Part> {
        let plain = prop_oneof![
            Just(Part::Status),
            "[A-Za-z-]{1,9}".prop_map(Part::Header),
            Just(Part::Body),
            r"\$(\.[a-z`]{1,4}|\[[0-9]\]){0,3}".prop_map(Part::Json),
            Just(Part::Time),
            Just(Part::Burst),
            "[a-z-]{1,9}".prop_map(Part::Capture),
            Just(Part::Answer),
        ];
        (plain, prop::option::of(1..100_usize)).prop_map(|(part, number)| match number {
            Some(number) => Part::Nth(number, Box::new(part)),
            None => part,
        })
    }

    proptest! {
        #[test]
        fn a_part_is_read_back_from_its_words(part in parts()) {
            let mismatch = check::Mismatch {
                part: part.clone(),
                expected: String::new(),
                found: String::new(),
                at: Location::start_of("it.yaml"),
            };
            prop_assert_eq!(super::part(&evidence::Mismatch::from(&mismatch)), part);
        }

        #[test]
        fn an_exchange_survives_being_read_and_stored_again(evidence in generated::evidence()) {
            let exchanges = evidence.cases.iter().flat_map(|case| &case.steps).flat_map(|step| &step.exchanges);
            for stored in exchanges {
                prop_assert_eq!(&evidence::Exchange::from(&attempt::Exchange::from(stored)), stored);
            }
        }
    }

    #[test]
    fn a_trouble_keeps_its_kind_and_its_words() {
        for trouble in [
            Trouble::Missing("the profile has no workflow `x`".to_owned()),
            Trouble::CouldNotTell("no token".to_owned()),
            Trouble::PayloadLimitUnknown,
            Trouble::NotRun("the run was interrupted".to_owned()),
            Trouble::Harness("no value".to_owned()),
        ] {
            assert_eq!(super::trouble(&evidence::Trouble::from(&trouble)), trouble);
        }
    }

    #[test]
    fn a_place_moves_with_its_step() {
        let place = |line, column| Place {
            file: "old.yaml".to_owned(),
            line,
            column,
        };
        let to = Location {
            line: 30,
            column: 7,
            ..Location::start_of("new.yaml")
        };
        for (line, column, expected) in [(10, 5, "new.yaml:30:7"), (12, 9, "new.yaml:32:11")] {
            assert_eq!(moved(&place(line, column), (&place(10, 5), &to)).to_string(), expected);
        }
    }
}
