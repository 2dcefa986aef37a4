//! How fast a deployment that everybody shares may be asked, so that the suite never trips a limit it is not testing.
//!
//! Counts what was sent within the limit's second and makes callers wait; bursts are counted but never held back.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::profile::{ClockKind, Limits, Profile};

/// The limits count per second (contract sections 6 and 8); the rest is for clocks and networks that are not exact.
const WINDOW: Duration = Duration::from_millis(1_200);
/// The share of a limit that ordinary requests use, in percent.
const SHARE: u64 = 80;

/// Two budgets: one for what starts executions, one for the executions API.
#[derive(Debug)]
pub struct Pace {
    triggers: Budget,
    api: Budget,
}

/// What a request counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// The executions per second.
    Execution,
    /// The requests per second of the executions API.
    Api,
}

#[derive(Debug)]
struct Budget {
    /// Requests per window; `None` where nobody else is asked, such as a case's own sandbox.
    limit: Option<usize>,
    sent: Mutex<VecDeque<Instant>>,
}

impl Pace {
    /// As fast as one likes: every case has its target for itself.
    #[must_use]
    pub const fn unlimited() -> Self {
        Self {
            triggers: Budget::new(None),
            api: Budget::new(None),
        }
    }

    /// As fast as the deployment of a profile may be asked.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        match profile.clock {
            ClockKind::System => Self::within(&profile.limits),
            // Its quota fills up on its own clock, which is moved on between the cases.
            ClockKind::Manual => Self::unlimited(),
        }
    }

    /// Well below the limits of a deployment.
    #[must_use]
    fn within(limits: &Limits) -> Self {
        let share = |limit: u64| Some(usize::try_from((limit * SHARE / 100).max(1)).unwrap_or(usize::MAX));
        Self {
            triggers: Budget::new(share(limits.executions_per_second)),
            api: Budget::new(share(limits.api_requests_per_second)),
        }
    }

    /// How long a full quota is waited for at most.
    #[must_use]
    pub const fn until_full() -> Duration {
        WINDOW
    }

    /// The time in which so many requests of both kinds can be sent, at the earliest.
    #[must_use]
    pub fn least_time(&self, triggers: u64, api: u64) -> Duration {
        let time = |budget: &Budget, requests: u64| match budget.limit {
            Some(limit) => {
                let windows = requests.saturating_sub(1) / limit as u64;
                WINDOW * u32::try_from(windows).unwrap_or(u32::MAX)
            }
            None => Duration::ZERO,
        };
        time(&self.triggers, triggers).max(time(&self.api, api))
    }

    /// Waits until one more request stays within the budget, and counts it.
    pub(crate) async fn take(&self, counts: Counts) {
        let budget = self.budget(counts);
        while let Err(wait_until) = budget.try_take(Instant::now()) {
            tokio::time::sleep_until(wait_until).await;
        }
    }

    /// Counts requests that go out whatever the budget says.
    pub(crate) fn note(&self, counts: Counts, requests: usize) {
        self.budget(counts).note(Instant::now(), requests);
    }

    /// Waits until nothing that was sent counts any longer: a full quota for whoever comes next.
    pub(crate) async fn full_quota(&self) {
        for budget in [&self.triggers, &self.api] {
            if let Some(full_at) = budget.full_at() {
                tokio::time::sleep_until(full_at).await;
            }
        }
    }

    const fn budget(&self, counts: Counts) -> &Budget {
        match counts {
            Counts::Execution => &self.triggers,
            Counts::Api => &self.api,
        }
    }
}

impl Budget {
    const fn new(limit: Option<usize>) -> Self {
        Self {
            limit,
            sent: Mutex::new(VecDeque::new()),
        }
    }

    /// Counts one request, or says when to ask again.
    fn try_take(&self, now: Instant) -> Result<(), Instant> {
        let Some(limit) = self.limit else { return Ok(()) };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        while sent.front().is_some_and(|first| *first + WINDOW <= now) {
            sent.pop_front();
        }
        match sent.front() {
            Some(first) if sent.len() >= limit => Err(*first + WINDOW),
            _ => {
                sent.push_back(now);
                Ok(())
            }
        }
    }

    fn note(&self, now: Instant, requests: usize) {
        if self.limit.is_some() {
            let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.extend(std::iter::repeat_n(now, requests));
        }
    }

    /// When nothing that was sent counts any longer.
    fn full_at(&self) -> Option<Instant> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.back().map(|last| *last + WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes as often as it is asked to, on a clock of its own that only waiting moves.
    fn take(budget: &Budget, now: &mut Instant) {
        while let Err(wait_until) = budget.try_take(*now) {
            assert!(wait_until > *now, "waiting has to help");
            *now = wait_until;
        }
    }

    #[test]
    fn no_second_holds_more_than_the_share_of_the_limit() {
        let pace = Pace::within(&Limits {
            sync_timeout: Duration::from_secs(50),
            payload: None,
            executions_per_second: 25,
            api_requests_per_second: 50,
        });
        let mut now = Instant::now();
        let mut sent = Vec::new();
        for _ in 0..100 {
            take(&pace.triggers, &mut now);
            sent.push(now);
        }
        for window in sent.windows(21) {
            assert!(window[20] - window[0] >= Duration::from_secs(1), "{window:?}");
        }
    }

    #[test]
    fn a_burst_counts_until_its_window_is_over() {
        let budget = Budget::new(Some(20));
        let began = Instant::now();
        budget.note(began, 26);
        assert_eq!(budget.try_take(began), Err(began + WINDOW));
        assert_eq!(budget.full_at(), Some(began + WINDOW));
        assert_eq!(budget.try_take(began + WINDOW), Ok(()));
    }

    #[test]
    fn nothing_waits_where_nothing_is_shared() {
        let budget = Budget::new(None);
        let now = Instant::now();
        budget.note(now, 1_000);
        assert_eq!((budget.try_take(now), budget.full_at()), (Ok(()), None));
    }
}
