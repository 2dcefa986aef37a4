//! What a case costs before it is run: requests, bytes, quota, executions and time, from its rehearsal.
//!
//! Adds up what `run::rehearse` found; sends nothing and knows no request of its own.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::run::{Counts, Draws, Pacing, Purpose, Rehearsed, Waits, Written};
use crate::spec::model::Case;

/// A number as far as it is known beforehand: polls decide the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// When every poll is satisfied at its first request.
    pub least: u64,
    /// When every poll spends its budget.
    pub most: u64,
}

/// What a case, or several, costs at a deployment that conforms; at one that does not a case may end early.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Requests, those for tokens included.
    pub requests: Range,
    /// Bytes of these requests from the request line to the end of the body, without what TLS adds.
    pub bytes: Range,
    /// Requests that count against the executions per second.
    pub triggers: Range,
    /// Requests that count against the requests per second of the executions API.
    pub api: Range,
    /// Answers that are waited for one after the other.
    pub round_trips: Range,
    /// Tokens that are drawn.
    pub tokens: Range,
    /// Executions that are started at most, by workspace; `None` where only a run knows which.
    pub executions: BTreeMap<Option<String>, u64>,
    /// The requests of the largest burst.
    pub largest_burst: u64,
    /// The bytes of the largest body.
    pub largest_body: u64,
    /// The time on the target's clock.
    pub waits: Waits,
    /// Why it ends before its last step, when that is known already.
    pub ends_early: Option<String>,
}

impl Range {
    /// Known.
    #[must_use]
    pub const fn exactly(number: u64) -> Self {
        Self {
            least: number,
            most: number,
        }
    }

    /// As often as each.
    const fn times(self, factor: u64) -> Self {
        Self {
            least: self.least * factor,
            most: self.most * factor,
        }
    }
}

impl AddAssign for Range {
    fn add_assign(&mut self, other: Self) {
        self.least += other.least;
        self.most += other.most;
    }
}

impl Estimate {
    /// Of one run of a case.
    #[must_use]
    pub fn of(case: &Case, rehearsed: &[Rehearsed<'_>]) -> Self {
        let mut estimate = Self::default();
        let (steps, finally) = rehearsed.split_at(case.steps.len().min(rehearsed.len()));
        for step in steps {
            if let Err(why) = estimate.take(step) {
                estimate.ends_early = Some(why);
                break;
            }
        }
        for step in finally {
            if let Err(why) = estimate.take(step) {
                estimate.ends_early.get_or_insert(why);
            }
        }
        estimate
    }

    /// How many executions it starts at most.
    #[must_use]
    pub fn executions_at_most(&self) -> u64 {
        self.executions.values().sum()
    }

    /// The same again and again.
    #[must_use]
    pub fn times(mut self, factor: u64) -> Self {
        for range in [
            &mut self.requests,
            &mut self.bytes,
            &mut self.triggers,
            &mut self.api,
            &mut self.round_trips,
            &mut self.tokens,
        ] {
            *range = range.times(factor);
        }
        for count in self.executions.values_mut() {
            *count *= factor;
        }
        let times = u32::try_from(factor).unwrap_or(u32::MAX);
        self.waits = Waits {
            likely: self.waits.likely * times,
            at_most: self.waits.at_most * times,
        };
        self
    }

    /// Adds what another one costs.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.triggers += other.triggers;
        self.api += other.api;
        self.round_trips += other.round_trips;
        self.tokens += other.tokens;
        for (workspace, count) in &other.executions {
            *self.executions.entry(workspace.clone()).or_default() += count;
        }
        self.largest_burst = self.largest_burst.max(other.largest_burst);
        self.largest_body = self.largest_body.max(other.largest_body);
        self.waits.likely += other.waits.likely;
        self.waits.at_most += other.waits.at_most;
        if self.ends_early.is_none() {
            self.ends_early.clone_from(&other.ends_early);
        }
    }

    /// Adds a step, or says why the case ends at it.
    fn take(&mut self, step: &Rehearsed<'_>) -> Result<(), String> {
        let requests = step.requests.as_ref().map_err(ToString::to_string)?;
        self.waits.likely += step.waits.likely;
        self.waits.at_most += step.waits.at_most;
        for written in requests {
            let (times, round_trips) = match (&step.pacing, written.purpose) {
                (_, Purpose::Token) | (Pacing::Once, Purpose::Step) => (Range::exactly(1), Range::exactly(1)),
                (Pacing::Burst { count, .. }, Purpose::Step) => {
                    self.largest_burst = self.largest_burst.max(*count);
                    (Range::exactly(*count), Range::exactly(1))
                }
                (Pacing::Poll { at_most, .. }, Purpose::Step) => {
                    let times = Range {
                        least: 1,
                        most: *at_most,
                    };
                    (times, times)
                }
            };
            self.round_trips += round_trips;
            self.send(written, times);
        }
        Ok(())
    }

    fn send(&mut self, written: &Written, times: Range) {
        let size = written.bytes.len() as u64;
        let head = written.bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let body = head.map_or(0, |head| size - head as u64 - 4);
        self.largest_body = self.largest_body.max(body);
        self.requests += times;
        self.bytes += Range {
            least: times.least * size,
            most: times.most * size,
        };
        match written.effect.counts {
            Counts::Execution => self.triggers += times,
            Counts::Api => self.api += times,
        }
        match written.effect.draws {
            Draws::AToken => self.tokens += times,
            Draws::Nothing => {}
        }
        let started = written.effect.starts * times.most;
        if started > 0 {
            *self.executions.entry(written.effect.workspace.clone()).or_default() += started;
        }
    }
}

#[cfg(test)]
mod tests;
