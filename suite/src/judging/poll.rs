//! Polls: when one is satisfied, when it is hopeless, how long it pauses, and what it comes to.
//!
//! Pure: whoever polls asks here whether to go on; whoever judges again asks the same of what was recorded.

use std::time::Duration;

use super::one_by_one;
use crate::attempt::Exchange;
use crate::check::{self, Findings};
use crate::expression::{EvalError, Values};
use crate::spec::model::{Poll, Step};

/// How many exchanges a poll may take, whatever its budget says.
const MAX_POLLS: usize = 10_000;

/// What an answer says to a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is what was waited for.
    Satisfied,
    /// What is waited for will not come.
    Hopeless,
    /// Neither.
    NotYet,
}

/// What an exchange says to its poll.
///
/// # Errors
/// When an expression of the poll has no value.
pub fn heard(poll: &Poll, exchange: &Exchange, values: &Values) -> Result<Heard, EvalError> {
    if check::check(&poll.until, exchange, values)?.is_clean() {
        return Ok(Heard::Satisfied);
    }
    let hopeless = match &poll.stop_when {
        Some(stop) => exchange.answer().is_some() && check::check(stop, exchange, values)?.is_clean(),
        None => false,
    };
    Ok(if hopeless { Heard::Hopeless } else { Heard::NotYet })
}

/// What a poll waits between its requests.
///
/// # Errors
/// When an expression of it has no value.
pub fn pauses(poll: &Poll, values: &Values) -> Result<impl Iterator<Item = Duration> + use<>, EvalError> {
    let budget = poll.budget.eval(values)?.as_duration()?;
    let every = poll.every.eval(values)?.as_duration()?;
    Ok(pauses_of(every, poll.back_off, budget))
}

/// Each pause is longer than the one before by a factor, until the budget is spent.
pub(crate) fn pauses_of(every: Duration, back_off: f64, budget: Duration) -> impl Iterator<Item = Duration> {
    let mut pause = every.max(Duration::from_millis(1));
    let mut left = budget;
    std::iter::from_fn(move || {
        let next = pause.min(left);
        left -= next;
        pause = pause.mul_f64(back_off);
        (!next.is_zero()).then_some(next)
    })
    .take(MAX_POLLS - 1)
}

/// What a poll that has ended comes to: its last exchange decides.
pub(super) fn findings(
    poll: &Poll,
    (step, exchanges): (&Step, &[Exchange]),
    values: &Values,
) -> Result<Findings, EvalError> {
    let Some(last) = exchanges.last() else {
        return Ok(Findings::default());
    };
    let why = match heard(poll, last, values)? {
        Heard::Satisfied => return one_by_one(step, std::slice::from_ref(last), values),
        Heard::Hopeless => "the poll became hopeless",
        Heard::NotYet => "the poll's budget is spent",
    };
    let mut findings = check::check(&poll.until, last, values)?;
    findings.notes.push(format!("{why} after {} requests", exchanges.len()));
    Ok(findings)
}
