//! The rule by which an unknown payload limit is looked for: which size to try next, and what is known by then.
//!
//! Pure: sizes in, sizes out. A limit is found only when its size was accepted and one byte more was refused.

/// The smallest body that is tried, in bytes: room for the event that goes with it.
pub(super) const LEAST: u64 = 256;
/// The first size tried, in bytes: far below any limit heard of, so that nothing large is sent before something small was.
const FIRST: u64 = 64 << 10;

/// What is known of a limit so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// The largest size to try.
    most: u64,
    /// The largest size seen to be accepted.
    accepted: Option<u64>,
    /// The smallest size seen to be refused.
    refused: Option<u64>,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Try a body of this size.
    Try(u64),
    /// This size is accepted and one byte more is refused.
    Found(u64),
    /// Nothing that may be tried is refused.
    NoneSoFar,
    /// Even the smallest body is refused, so a refusal says nothing about a limit.
    NothingFits,
}

impl Search {
    /// Nothing is known, and nothing larger than `most` bytes may be tried.
    pub(super) const fn up_to(most: u64) -> Self {
        Self {
            most,
            accepted: None,
            refused: None,
        }
    }

    /// A body of this size was accepted.
    pub(super) const fn accepted(&mut self, size: u64) {
        self.accepted = Some(size);
    }

    /// A body of this size was refused as too large.
    pub(super) const fn refused(&mut self, size: u64) {
        self.refused = Some(size);
    }

    /// Doubles until something is refused, then narrows down, round numbers first: limits are written by people.
    pub(super) fn next(&self) -> Next {
        match (self.accepted, self.refused) {
            _ if self.most < LEAST => Next::NoneSoFar,
            (None, None) => Next::Try(FIRST.min(self.most)),
            (None, Some(refused)) if refused <= LEAST => Next::NothingFits,
            (None, Some(_)) => Next::Try(LEAST),
            (Some(accepted), None) if accepted >= self.most => Next::NoneSoFar,
            (Some(accepted), None) => Next::Try(accepted.saturating_mul(2).min(self.most)),
            (Some(accepted), Some(refused)) if refused - accepted <= 1 => Next::Found(accepted),
            (Some(accepted), Some(refused)) => Next::Try(between(accepted, refused)),
        }
    }
}

/// How many sizes are tried at most, up to this one.
pub(super) const fn most_tries(most: u64) -> u64 {
    2 * most.ilog2() as u64 + 24
}

/// A size above `accepted` and below `refused`, of which there is one.
fn between(accepted: u64, refused: u64) -> u64 {
    if is_round(accepted) {
        return accepted + 1;
    }
    let inside = |size: &u64| *size > accepted && *size < refused;
    if let Some(size) = decimals().find(inside) {
        return size;
    }
    let power = 1 << ((accepted.ilog2() + refused.ilog2()).div_ceil(2));
    if refused / 2 > accepted && inside(&power) {
        return power;
    }
    let width = refused - accepted;
    if width > accepted / 16 {
        return roundest(accepted + width / 4 + 1, refused - width / 4 - 1);
    }
    accepted + width / 2
}

/// The number with the most binary zeros at its end, from `least` to `most`.
fn roundest(least: u64, most: u64) -> u64 {
    let mut ends = (0..u64::BITS).rev().map(|zeros| most >> zeros << zeros);
    ends.find(|end| *end >= least).unwrap_or(least)
}

/// Whether somebody may have chosen a size: five leading bits and zeros, or 1, 2 or 5 and decimal zeros.
fn is_round(size: u64) -> bool {
    size.trailing_zeros() + 5 > size.ilog2() || decimals().any(|it| it == size)
}

fn decimals() -> impl Iterator<Item = u64> {
    let powers = (3..19).map(|exponent| 10_u64.pow(exponent));
    powers.flat_map(|power| [power, power.saturating_mul(2), power.saturating_mul(5)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Looks for a limit among the sizes up to `most`; says what came of it, and which sizes were tried.
    fn look(limit: u64, most: u64) -> (Next, Vec<u64>) {
        let (mut search, mut tried) = (Search::up_to(most), Vec::new());
        loop {
            match search.next() {
                Next::Try(size) => {
                    assert!(tried.len() < 200, "no end of it: {tried:?}");
                    tried.push(size);
                    if size <= limit {
                        search.accepted(size);
                    } else {
                        search.refused(size);
                    }
                }
                known @ (Next::Found(_) | Next::NoneSoFar | Next::NothingFits) => return (known, tried),
            }
        }
    }

    #[test]
    fn what_people_choose_is_found_in_a_few_requests() {
        for (limit, requests) in [
            (1 << 20, 7),
            (1_000_000, 8),
            (6 << 20, 13),
            (10 << 20, 16),
            (10_000_000, 13),
            (5_000_000, 12),
            (100 << 10, 12),
        ] {
            let (known, tried) = look(limit, 32 << 20);
            assert_eq!(known, Next::Found(limit));
            assert!(tried.len() <= requests, "{limit} took {}: {tried:?}", tried.len());
        }
    }

    #[test]
    fn a_limit_that_is_not_met_is_not_made_up() {
        for (limit, most, expected) in [
            (1 << 20, 1 << 20, Next::NoneSoFar),
            (1 << 20, (1 << 20) + 1, Next::Found(1 << 20)),
            (5_000, 300, Next::NoneSoFar),
            (5_000, 255, Next::NoneSoFar),
            (u64::MAX, u64::MAX, Next::NoneSoFar),
            (200, 1 << 20, Next::NothingFits),
            (256, 1 << 20, Next::Found(256)),
        ] {
            assert_eq!(look(limit, most).0, expected, "{limit} up to {most}");
        }
    }

    #[test]
    fn nothing_is_sent_where_the_smallest_body_is_too_much() {
        assert_eq!(look(1 << 20, LEAST - 1).1, Vec::<u64>::new());
    }

    proptest! {
        #[test]
        fn any_limit_in_range_is_found_to_the_byte(limit in LEAST..1 << 40, beyond in 1_u64..1 << 40) {
            let most = limit + beyond;
            let (known, tried) = look(limit, most);
            prop_assert_eq!(known, Next::Found(limit));
            prop_assert!(tried.len() as u64 <= most_tries(limit), "{} requests", tried.len());
        }

        #[test]
        fn nothing_larger_than_agreed_or_than_twice_the_limit_is_tried(limit in LEAST..1 << 40, most in LEAST..1 << 40) {
            for size in look(limit, most).1 {
                prop_assert!(size <= most && size >= LEAST);
                prop_assert!(size <= (2 * limit).max(FIRST));
            }
        }
    }
}
