//! Judging the steps of a case by what came, whether it has just happened or was recorded earlier.
//!
//! Pure: exchanges in, findings, captured values and facts out. Sends nothing, waits for nothing and reads no clock, so that
//! [`judge_again`] comes to what a run came to.

mod again;
mod blanks;
mod poll;
mod worlds;

use serde_json::Value as Json;

pub use again::{Again, Gap, Recording, judge_again};
pub(crate) use poll::pauses_of;
pub use poll::{Heard, heard, pauses};

use crate::attempt::Exchange;
use crate::check::{self, Bounds, Findings, Limit, Part};
use crate::expression::{EvalError, Value, Values};
use crate::spec::model::{Action, Awaited, Capture, Step};

/// What a step demands of its answers besides what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// When the answer has to come, for a step with a time window.
    pub window: Option<Bounds>,
    /// The limit a burst has to show at work.
    pub limit: Option<Limit>,
}

/// What a step comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What the comparison found.
    pub findings: Findings,
    /// Facts by name.
    pub facts: Vec<(String, String)>,
}

/// Evaluates what a step demands besides what its answers say.
///
/// # Errors
/// When an expression of it has no value.
pub fn demands(step: &Step, values: &Values) -> Result<Demands, EvalError> {
    let expect = step.expect.as_ref();
    let window = expect.and_then(|expect| expect.answered.as_ref());
    let limit = expect.and_then(|expect| expect.limit.as_ref());
    Ok(Demands {
        window: window.map(|it| check::bounds(&it.value, values)).transpose()?,
        limit: limit.map(|it| check::rate(&it.value, values)).transpose()?,
    })
}

/// Judges one step by all of its exchanges; what it captures is added to the values.
///
/// # Errors
/// When an expression of it has no value, which is no fault of whoever answered.
pub fn judge_step(step: &Step, exchanges: &[Exchange], values: &mut Values) -> Result<Judged, EvalError> {
    let mut judged = Judged {
        findings: findings(step, exchanges, values)?,
        facts: Vec::new(),
    };
    let Some(last) = exchanges.last() else {
        return Ok(judged);
    };
    if judged.findings.is_clean() {
        capture(&step.capture, last, (values, &mut judged.findings))?;
    }
    for fact in &step.observe {
        let seen = match &step.action {
            Action::Burst(_) => check::observe_burst(fact, exchanges, values)?,
            Action::Send(..) | Action::Raw(..) | Action::Poll(_) | Action::Elapse(_) | Action::Await { .. } => {
                check::observe(fact, last, values)?
            }
        };
        judged.facts.extend(seen.map(|value| (fact.name.clone(), value)));
    }
    Ok(judged)
}

fn findings(step: &Step, exchanges: &[Exchange], values: &Values) -> Result<Findings, EvalError> {
    match &step.action {
        Action::Poll(poll) => poll::findings(poll, (step, exchanges), values),
        Action::Burst(_) => match &step.expect {
            Some(expectation) => check::check_burst(expectation, exchanges, values),
            None => one_by_one(step, exchanges, values),
        },
        Action::Await {
            expected: Awaited::StillOpen,
            ..
        } => Ok(still_open(step, exchanges)),
        Action::Send(..)
        | Action::Raw(..)
        | Action::Elapse(_)
        | Action::Await {
            expected: Awaited::Answer,
            ..
        } => one_by_one(step, exchanges, values),
    }
}

/// Each exchange by itself.
fn one_by_one(step: &Step, exchanges: &[Exchange], values: &Values) -> Result<Findings, EvalError> {
    let mut findings = Findings::default();
    for exchange in exchanges {
        findings.absorb(match &step.expect {
            Some(expectation) => check::check(expectation, exchange, values)?,
            None => check::check_answered(exchange, &step.at),
        });
    }
    Ok(findings)
}

fn still_open(step: &Step, exchanges: &[Exchange]) -> Findings {
    let mut findings = Findings::default();
    if !exchanges.is_empty() {
        findings.mismatches.push(check::Mismatch {
            part: Part::Time,
            expected: "no answer yet".to_owned(),
            found: "an answer".to_owned(),
            at: step.at.clone(),
        });
    }
    findings
}

fn capture(
    captures: &[Capture],
    exchange: &Exchange,
    (values, findings): (&mut Values, &mut Findings),
) -> Result<(), EvalError> {
    for capture in captures {
        let found = exchange
            .answer()
            .and_then(|answer| check::extract(&capture.extract, answer));
        let value = match (found, &capture.otherwise) {
            (Some(value), _) => Value::Json(value),
            (None, Some(otherwise)) => otherwise.eval(values)?,
            (None, None) => {
                findings.mismatches.push(check::Mismatch {
                    part: Part::Capture(capture.name.clone()),
                    expected: "a value in the answer".to_owned(),
                    found: "none".to_owned(),
                    at: capture.at.clone(),
                });
                Value::Json(Json::Null)
            }
        };
        values.set(capture.name.clone(), value);
    }
    Ok(())
}
