//! Whether a burst shows the limit at work, judged from when each request was sent and answered.
//!
//! A deployment may use any limiter: sliding, fixed windows, a token bucket. It differs only when the evidence fits none of
//! them, and nothing can be told when the caller itself was too slow.

use std::time::Duration;

use located_yaml::Location;

use super::mismatch::{Findings, Part};
use crate::attempt::{Exchange, Outcome};

/// The limit with its expressions evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) at_most: usize,
    pub(super) per: Duration,
    pub(super) refused: u16,
}

/// When a request was sent and settled, and whether it was accepted.
#[derive(Clone, Copy, Debug)]
struct Shot {
    sent: Duration,
    settled: Duration,
    accepted: bool,
}

pub(super) fn judge(limit: Limit, exchanges: &[Exchange], at: &Location) -> Findings {
    let mut findings = Findings::default();
    let mut shots = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        let accepted = match &exchange.outcome {
            Outcome::Answered(answer) if (200..300).contains(&answer.status) => true,
            Outcome::Answered(answer) if answer.status == limit.refused => false,
            Outcome::Answered(answer) => {
                let part = Part::Nth(index + 1, Box::new(Part::Status));
                findings.differs(part, format!("2xx or {}", limit.refused), answer.status.to_string(), at);
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
    if let Some(most) = packed(&shots, limit.per).filter(|most| *most > 2 * limit.at_most) {
        findings.differs(
            Part::Burst,
            expected,
            format!("{most} accepted within one such time"),
            at,
        );
    } else if let Some(least) = every_window_over(&shots, limit) {
        findings.differs(
            Part::Burst,
            expected,
            format!("{least} or more accepted in every such time"),
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

/// The most acceptances that certainly fell within one `per`: sent no earlier than its start, settled no later than its end.
fn packed(shots: &[Shot], per: Duration) -> Option<usize> {
    let accepted: Vec<_> = shots.iter().filter(|shot| shot.accepted).collect();
    let counts = accepted.iter().map(|first| {
        let inside = accepted
            .iter()
            .filter(|shot| shot.sent >= first.sent && shot.settled <= first.sent + per);
        inside.count()
    });
    counts.max()
}

/// When more than the limit was accepted in every whole window, whatever the windows' alignment: the least number in one.
///
/// A window counts what was certainly decided in it. Two windows are needed, since one may be the allowance of a bucket
/// or two halves of fixed windows.
fn every_window_over(shots: &[Shot], limit: Limit) -> Option<usize> {
    const ALIGNMENTS: u32 = 20;
    let start = shots.iter().map(|shot| shot.sent).min()?;
    let end = shots
        .iter()
        .filter(|shot| shot.accepted)
        .map(|shot| shot.settled)
        .max()?;
    let mut least = usize::MAX;
    for step in 0..ALIGNMENTS {
        let offset = start + limit.per * step / ALIGNMENTS;
        let windows = end.saturating_sub(offset).as_nanos() / limit.per.as_nanos().max(1);
        if windows < 2 {
            return None;
        }
        for window in 0..u32::try_from(windows).unwrap_or(u32::MAX) {
            let (from, to) = (offset + limit.per * window, offset + limit.per * (window + 1));
            let inside = shots
                .iter()
                .filter(|shot| shot.accepted && shot.sent >= from && shot.settled < to);
            let count = inside.count();
            if count <= limit.at_most {
                return None;
            }
            least = least.min(count);
        }
    }
    Some(least)
}
