//! Whether a limiter of some kind could have accepted what was accepted.
//!
//! A request was decided at some moment between its sending and its answer. A kind of limiter is ruled out only when no
//! choice of these moments fits it. What fits a sliding window fits fixed ones as well, so two kinds remain.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::time::Duration;

use super::{Limit, Shot};

/// More acceptances than any limiter of the size lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Excess {
    /// How many.
    pub(super) accepted: usize,
    /// In which time.
    pub(super) within: Duration,
}

/// The most beginnings of fixed windows that are tried one by one.
const EXACTLY: usize = 512;
/// How finely they are tried when there are more, in parts of a window.
const STEPS: u128 = 256;

/// The clearest excess, when neither a bucket nor fixed windows of the limit's size explain the burst.
pub(super) fn excess(shots: &[Shot], limit: Limit) -> Option<Excess> {
    let accepted: Vec<Shot> = shots.iter().copied().filter(|shot| shot.accepted).collect();
    let excess = over_a_bucket(&accepted, limit)?;
    let (offsets, step) = beginnings(&accepted, limit.per.as_nanos().max(1));
    let explained = offsets
        .into_iter()
        .any(|offset| fits_windows(&accepted, limit, (offset, step)));
    (!explained).then_some(excess)
}

/// Where fixed windows may begin, and how far each of these beginnings stands for later ones.
///
/// What lies in which window changes only where a request was sent or answered: windows that begin anywhere between two such
/// moments hold the same as those that begin at the second.
pub(super) fn beginnings(accepted: &[Shot], per: u128) -> (BTreeSet<u128>, u128) {
    let moments = accepted.iter().flat_map(|shot| [shot.sent, shot.settled]);
    let exact: BTreeSet<u128> = moments.map(|at| at.as_nanos() % per).collect();
    if exact.len() <= EXACTLY {
        return (exact, 0);
    }
    let step = per.div_ceil(STEPS);
    ((0..STEPS).map(|number| number * step).collect(), step)
}

/// Where a bucket that holds the limit, and refills it once per its time, would have been overdrawn most.
pub(super) fn over_a_bucket(accepted: &[Shot], limit: Limit) -> Option<Excess> {
    let size = limit.at_most as u128;
    let per = limit.per.as_nanos();
    let mut by_end = accepted.to_vec();
    by_end.sort_by_key(|shot| shot.settled);
    let mut worst: Option<(u128, Excess)> = None;
    for first in accepted {
        let inside = by_end.iter().filter(|shot| shot.sent >= first.sent);
        for (index, last) in inside.enumerate() {
            let within = last.settled.saturating_sub(first.sent);
            // Both sides times the length of the refill, to stay among whole numbers.
            let drawn = (index as u128 + 1) * per;
            let over = drawn.saturating_sub(size * (per + within.as_nanos()));
            if over > worst.map_or(0, |(over, _)| over) {
                let accepted = index + 1;
                worst = Some((over, Excess { accepted, within }));
            }
        }
    }
    worst.map(|(_, excess)| excess)
}

/// Whether fixed windows that begin at `offset`, or up to a step later, could have accepted all of this.
///
/// Every request gets one of the windows it may have been decided in, the most pressing first.
pub(super) fn fits_windows(accepted: &[Shot], limit: Limit, (offset, step): (u128, u128)) -> bool {
    let per = limit.per.as_nanos().max(1);
    // Two windows early, so that nothing lies before the first.
    let window = |moment: u128| (moment - offset) / per;
    let mut requests: Vec<(u128, u128)> = accepted
        .iter()
        .map(|shot| {
            let [sent, settled] = [shot.sent, shot.settled].map(|at| at.as_nanos() + 2 * per);
            // A step to the left stands for all beginnings within the step.
            (window(sent - step), window(settled))
        })
        .collect();
    requests.sort_unstable();
    let mut next = requests.into_iter().peekable();
    let mut waiting = BinaryHeap::new();
    let mut current = next.peek().map_or(0, |(first, _)| *first);
    loop {
        while let Some((_, last)) = next.next_if(|(first, _)| *first <= current) {
            waiting.push(Reverse(last));
        }
        for _ in 0..limit.at_most.min(waiting.len()) {
            waiting.pop();
        }
        current = match (waiting.peek(), next.peek()) {
            (Some(Reverse(last)), _) if *last <= current => return false,
            (Some(_), _) => current + 1,
            (None, Some((first, _))) => *first,
            (None, None) => return true,
        };
    }
}
