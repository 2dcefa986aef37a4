//! How long the cases of a plan take together: side by side where nothing is shared, one after the other where it is.
//!
//! Follows the rules of `conduct` and `run::pace` with the estimates of the cases; measures nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::estimate::{Estimate, Range};
use crate::profile::{ClockKind, Isolation, Profile};
use crate::run::{Pace, Waits};
use crate::spec::model::{Case, Need};

/// How a target lets its cases run.
#[derive(Debug)]
pub struct Schedule {
    /// How many cases side by side.
    pub jobs: usize,
    /// How long a request and its answer take on the way.
    pub round_trip: Duration,
    /// Whose time counts.
    pub clock: ClockKind,
    /// How fast the target is asked.
    pub pace: Pace,
}

impl Schedule {
    /// Of a deployment that all cases share, or of sandboxes on clocks that are moved by hand.
    #[must_use]
    pub fn of(profile: &Profile, (jobs, round_trip): (usize, Duration)) -> Self {
        let one_clock = profile.clock == ClockKind::Manual
            && profile
                .control
                .as_ref()
                .is_some_and(|it| it.isolation == Isolation::NamedSandbox);
        Self {
            // Cases that share a clock would move each other's time.
            jobs: if one_clock { 1 } else { jobs.max(1) },
            round_trip,
            clock: profile.clock,
            pace: Pace::of(profile),
        }
    }

    /// How long these cases take, in the order in which they begin.
    #[must_use]
    pub fn wall_time<'c>(&self, cases: impl Iterator<Item = (&'c Case, &'c Estimate)>) -> Waits {
        let (mut likely, mut at_most) = (Lanes::new(self.jobs), Lanes::new(self.jobs));
        let (mut alone, mut alone_at_most) = (Duration::ZERO, Duration::ZERO);
        let (mut triggers, mut api) = (Range::default(), Range::default());
        for (case, estimate) in cases {
            let time = self.of_case(estimate);
            if self.clock == ClockKind::System && case.needs.contains(&Need::Quota) {
                let full = Pace::until_full();
                alone += time.likely + full;
                alone_at_most += time.at_most + full;
                continue;
            }
            likely.add(time.likely);
            at_most.add(time.at_most);
            triggers += estimate.triggers;
            api += estimate.api;
        }
        Waits {
            likely: likely.end().max(self.pace.least_time(triggers.least, api.least)) + alone,
            at_most: at_most.end().max(self.pace.least_time(triggers.most, api.most)) + alone_at_most,
        }
    }

    /// How long one case takes on this machine.
    #[must_use]
    pub fn of_case(&self, estimate: &Estimate) -> Waits {
        let trips = |count: u64| self.round_trip * u32::try_from(count).unwrap_or(u32::MAX);
        let waits = match self.clock {
            ClockKind::System => estimate.waits,
            // Moved by hand, it passes in no time.
            ClockKind::Manual => Waits::default(),
        };
        Waits {
            likely: waits.likely + trips(estimate.round_trips.least),
            at_most: waits.at_most + trips(estimate.round_trips.most),
        }
    }
}

/// Cases side by side: each begins where one has ended.
struct Lanes(BinaryHeap<Reverse<Duration>>);

impl Lanes {
    fn new(jobs: usize) -> Self {
        Self((0..jobs).map(|_| Reverse(Duration::ZERO)).collect())
    }

    fn add(&mut self, time: Duration) {
        let Reverse(free) = self.0.pop().unwrap_or_default();
        self.0.push(Reverse(free + time));
    }

    fn end(self) -> Duration {
        self.0.into_iter().map(|Reverse(end)| end).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
