//! How often something may happen: a limit over a window, in one of three shapes.
//!
//! Pure arithmetic over timestamps. It reads no clock and does not know what it counts.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::behaviour::rate::{Limit, RateModel};
use crate::timestamp::Timestamp;

/// How often, in which shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// How many in a window.
    pub(crate) limit: Limit,
    /// How long a window is.
    pub(crate) window: Duration,
    /// Its shape.
    pub(crate) model: RateModel,
}

/// What has been used of an allowance.
#[derive(Debug)]
pub(crate) struct Quota {
    window: u64,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Unlimited,
    /// When the grants of the last window were made, oldest first; never more than the limit.
    Sliding {
        limit: usize,
        granted: VecDeque<Timestamp>,
    },
    /// How many were granted in the window of this number.
    Fixed {
        limit: u64,
        number: u64,
        granted: u64,
    },
    /// How full the bucket is, in grants times the window's nanoseconds, so that refilling divides nothing.
    Bucket {
        limit: u64,
        level: u128,
        since: Timestamp,
    },
}

/// Nothing is left until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted {
    /// When one more would be granted, if nobody else takes it.
    pub(crate) until: Timestamp,
}

impl Exhausted {
    /// More was wanted than the whole allowance.
    const NEVER: Self = Self { until: Timestamp::MAX };
}

impl Quota {
    /// An unused quota.
    pub(crate) fn new(allowance: Allowance) -> Self {
        // A window of nothing would grant nothing or everything, depending on the shape.
        let window = u64::try_from(allowance.window.as_nanos()).unwrap_or(u64::MAX).max(1);
        let shape = match (allowance.limit.number().map(NonZeroU32::get), allowance.model) {
            (None, _) => Shape::Unlimited,
            (Some(limit), RateModel::Sliding) => Shape::Sliding {
                limit: limit as usize,
                granted: VecDeque::new(),
            },
            (Some(limit), RateModel::Fixed) => Shape::Fixed {
                limit: limit.into(),
                number: 0,
                granted: 0,
            },
            (Some(limit), RateModel::Bucket) => Shape::Bucket {
                limit: limit.into(),
                level: u128::from(limit) * u128::from(window),
                since: Timestamp::from_nanos(0),
            },
        };
        Self { window, shape }
    }

    /// Whether this many would be granted now, without taking them.
    pub(crate) fn check(&self, wanted: u32, now: Timestamp) -> Result<(), Exhausted> {
        let window = self.window;
        match &self.shape {
            Shape::Unlimited => Ok(()),
            Shape::Sliding { limit, .. } if wanted as usize > *limit => Err(Exhausted::NEVER),
            Shape::Sliding { limit, granted } => {
                // The grant that has to leave the window first; with few enough grants there is none.
                let blocking = (granted.len() + wanted as usize).checked_sub(limit + 1);
                match blocking
                    .and_then(|index| granted.get(index))
                    .map(|granted| later(*granted, window))
                {
                    Some(until) if now < until => Err(Exhausted { until }),
                    Some(_) | None => Ok(()),
                }
            }
            Shape::Fixed { limit, .. } | Shape::Bucket { limit, .. } if u64::from(wanted) > *limit => {
                Err(Exhausted::NEVER)
            }
            Shape::Fixed { limit, number, granted } => {
                if *number == now.as_nanos() / window && granted + u64::from(wanted) > *limit {
                    let until = Timestamp::from_nanos((number + 1).saturating_mul(window));
                    return Err(Exhausted { until });
                }
                Ok(())
            }
            Shape::Bucket { limit, level, since } => {
                let needed = u128::from(wanted) * u128::from(window);
                let missing = needed.saturating_sub(filled(*level, *limit, window, now.since(*since)));
                if missing == 0 {
                    return Ok(());
                }
                let wait = u64::try_from(missing.div_ceil(u128::from(*limit))).unwrap_or(u64::MAX);
                Err(Exhausted {
                    until: later(now, wait),
                })
            }
        }
    }

    /// Takes one.
    pub(crate) fn take(&mut self, now: Timestamp) -> Result<(), Exhausted> {
        self.check(1, now)?;
        let window = self.window;
        match &mut self.shape {
            Shape::Unlimited => {}
            Shape::Sliding { limit, granted } => {
                // With all of them taken one more was let through because the oldest counts no longer.
                if granted.len() == *limit {
                    granted.pop_front();
                }
                granted.push_back(now);
            }
            Shape::Fixed { number, granted, .. } => {
                let current = now.as_nanos() / window;
                if *number != current {
                    (*number, *granted) = (current, 0);
                }
                *granted += 1;
            }
            Shape::Bucket { limit, level, since } => {
                *level = filled(*level, *limit, window, now.since(*since)) - u128::from(window);
                *since = now.max(*since);
            }
        }
        Ok(())
    }
}

fn later(time: Timestamp, nanos: u64) -> Timestamp {
    time + Duration::from_nanos(nanos)
}

/// The level of a bucket some time later: one grant's worth comes in every window divided by the limit.
fn filled(level: u128, limit: u64, window: u64, elapsed: Duration) -> u128 {
    let capacity = u128::from(limit) * u128::from(window);
    elapsed
        .as_nanos()
        .saturating_mul(limit.into())
        .saturating_add(level)
        .min(capacity)
}

#[cfg(test)]
mod tests;
