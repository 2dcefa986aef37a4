//! Which kind of limiter explains a burst: both what it let through and what it refused.
//!
//! A request was decided at some moment between its sending and its answer. A kind is ruled out only when no choice of these
//! moments fits it, so several kinds may remain; what is told then is all of them.

use std::fmt;

use super::limiter::{beginnings, fits_windows, over_a_bucket};
use super::{Limit, Shot};

/// A kind of limiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// At most so many in any time of the length.
    Sliding,
    /// So many in each of the times that follow one another.
    Fixed,
    /// So many saved up, refilled bit by bit.
    Bucket,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Sliding, Self::Fixed, Self::Bucket];

    const fn word(self) -> &'static str {
        match self {
            Self::Sliding => "sliding",
            Self::Fixed => "fixed",
            Self::Bucket => "bucket",
        }
    }
}

/// What a burst shows of the limiter behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// Nothing was refused, or nothing accepted.
    NotSeen,
    /// These kinds, with this limit.
    OneOf(Vec<Kind>, usize),
    /// None of the kinds known here.
    Other,
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSeen => f.write_str("not-seen"),
            Self::Other => f.write_str("other"),
            Self::OneOf(kinds, _) => {
                let words: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
                f.write_str(&words.join("-or-"))
            }
        }
    }
}

/// The kinds that explain all shots with the limit that is documented, or else with the nearest one that some kind has.
pub(super) fn infer(shots: &[Shot], limit: Limit) -> Model {
    let accepted = shots.iter().filter(|shot| shot.accepted).count();
    if accepted == 0 || accepted == shots.len() {
        return Model::NotSeen;
    }
    let mut sizes: Vec<usize> = (1..=accepted).collect();
    sizes.sort_by_key(|size| size.abs_diff(limit.at_most));
    for at_most in sizes {
        let tried = Limit { at_most, ..limit };
        let kinds: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| explains(*kind, shots, tried))
            .collect();
        if !kinds.is_empty() {
            return Model::OneOf(kinds, at_most);
        }
    }
    Model::Other
}

fn explains(kind: Kind, shots: &[Shot], limit: Limit) -> bool {
    let accepted: Vec<Shot> = shots.iter().copied().filter(|shot| shot.accepted).collect();
    let refused = || shots.iter().filter(|shot| !shot.accepted);
    match kind {
        Kind::Sliding => slides(&accepted, limit) && refused().all(|shot| sliding_may_be_full(&accepted, limit, shot)),
        Kind::Bucket => {
            over_a_bucket(&accepted, limit).is_none()
                && refused().all(|shot| bucket_may_be_empty(&accepted, limit, shot))
        }
        Kind::Fixed => {
            let (offsets, step) = beginnings(shots, limit.per.as_nanos().max(1));
            offsets.into_iter().any(|offset| {
                fits_windows(&accepted, limit, (offset, step))
                    && refused().all(|shot| window_may_be_full(&accepted, limit, (shot, offset, step)))
            })
        }
    }
}

/// Whether no time of the length certainly holds more than the limit.
fn slides(accepted: &[Shot], limit: Limit) -> bool {
    accepted.iter().all(|first| {
        let until = first.sent + limit.per;
        let inside = accepted.iter().filter(|it| it.sent >= first.sent && it.settled < until);
        inside.count() <= limit.at_most
    })
}

/// Whether as many as the limit may have counted when a request was refused.
fn sliding_may_be_full(accepted: &[Shot], limit: Limit, refused: &Shot) -> bool {
    let counted = accepted
        .iter()
        .filter(|it| it.settled + limit.per >= refused.sent && it.sent <= refused.settled);
    counted.count() >= limit.at_most
}

/// Whether less than one may have been left in the bucket when a request was refused.
fn bucket_may_be_empty(accepted: &[Shot], limit: Limit, refused: &Shot) -> bool {
    let (size, per) = (limit.at_most as u128, limit.per.as_nanos());
    accepted.iter().filter(|it| it.sent <= refused.settled).any(|first| {
        // Full until the first of them, and then as little refilled and as much drawn as can be.
        let drawn = accepted
            .iter()
            .filter(|it| it.settled >= first.sent && it.sent <= refused.settled)
            .count() as u128;
        let refilled = size * refused.sent.saturating_sub(first.settled).as_nanos();
        size * per + refilled < (drawn + 1) * per
    })
}

/// Whether a window in which a request may have been refused may have been full.
fn window_may_be_full(accepted: &[Shot], limit: Limit, (refused, offset, step): (&Shot, u128, u128)) -> bool {
    let per = limit.per.as_nanos().max(1);
    let windows = |shot: &Shot| {
        let [sent, settled] = [shot.sent, shot.settled].map(|at| at.as_nanos() + 2 * per);
        ((sent - step - offset) / per, (settled - offset) / per)
    };
    let (first, last) = windows(refused);
    (first..=last).any(|window| {
        // Only what may have been let through before counts.
        let before = accepted.iter().filter(|it| it.sent <= refused.settled);
        let inside = before.map(windows);
        inside.filter(|(from, to)| (*from..=*to).contains(&window)).count() >= limit.at_most
    })
}
