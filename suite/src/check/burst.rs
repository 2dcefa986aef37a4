//! Whether a burst shows the limit at work, judged from when each request was sent and answered.
//!
//! A deployment may use any limiter: sliding, fixed windows, a token bucket. It differs only when the evidence fits none of
//! them, and nothing can be told when the caller itself was too slow.

mod limiter;
mod model;

use std::time::Duration;

use located_yaml::Location;

use super::mismatch::{Findings, Part};
use crate::attempt::{Exchange, Outcome};

/// The limit with its expressions evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many may be accepted.
    pub at_most: usize,
    /// In this time.
    pub per: Duration,
    /// The status of a refusal.
    pub refused: u16,
}

/// When a request was sent and settled, and whether it was accepted.
#[derive(Clone, Copy, Debug)]
struct Shot {
    sent: Duration,
    settled: Duration,
    accepted: bool,
}

/// Which kind of limiter explains a burst, in a word or several, and the limit it has where that is another one.
pub(super) fn infer(limit: Limit, exchanges: &[Exchange]) -> String {
    let shots = shots(limit, exchanges, |_, _| {});
    let model = model::infer(&shots, limit);
    match model {
        model::Model::OneOf(_, at_most) if at_most != limit.at_most => {
            format!("{model}, {at_most} per {}", located_yaml::write_duration(limit.per))
        }
        model::Model::OneOf(..) | model::Model::NotSeen | model::Model::Other => model.to_string(),
    }
}

/// The exchanges a limiter decided over, in the order of their sending; `other` hears of answers that are neither.
fn shots(limit: Limit, exchanges: &[Exchange], mut other: impl FnMut(usize, u16)) -> Vec<Shot> {
    let mut shots = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let accepted = match &exchange.outcome {
            Outcome::Answered(answer) if (200..300).contains(&answer.status) => true,
            Outcome::Answered(answer) if answer.status == limit.refused => false,
            Outcome::Answered(answer) => {
                other(index, answer.status);
                continue;
            }
            // Unanswered requests are doubts already.
            Outcome::Unanswered(_) => continue,
        };
        shots.push(Shot {
            sent: exchange.sent_at,
            settled: exchange.settled_at,
            accepted,
        });
    }
    shots.sort_by_key(|shot| shot.sent);
    shots
}

pub(super) fn judge(limit: Limit, exchanges: &[Exchange], at: &Location) -> Findings {
    let mut findings = Findings::default();
    let shots = shots(limit, exchanges, |index, status| {
        let part = Part::Nth(index + 1, Box::new(Part::Status));
        findings.differs(part, format!("2xx or {}", limit.refused), status.to_string(), at);
    });
    let refused = shots.iter().filter(|shot| !shot.accepted).count();
    let accepted = shots.len() - refused;
    findings.notes.push(format!(
        "{accepted} accepted, {refused} refused in {:.3} s",
        span(&shots).as_secs_f64()
    ));
    let expected = format!(
        "at most {} accepted per {}",
        limit.at_most,
        located_yaml::write_duration(limit.per)
    );
    if let Some(excess) = limiter::excess(&shots, limit) {
        let within = located_yaml::write_duration(excess.within);
        findings.differs(
            Part::Burst,
            expected,
            format!("{} accepted within {within}", excess.accepted),
            at,
        );
    } else if refused == 0 {
        let rate = shots.len() as f64 / span(&shots).as_secs_f64().max(1e-9);
        let offered = format!("nothing was refused, and the caller reached only {rate:.1} requests per second");
        findings.doubt(offered, at);
    }
    findings
}

fn span(shots: &[Shot]) -> Duration {
    let first = shots.iter().map(|shot| shot.sent).min().unwrap_or_default();
    let last = shots.iter().map(|shot| shot.settled).max().unwrap_or_default();
    last.saturating_sub(first)
}

#[cfg(test)]
mod tests;
