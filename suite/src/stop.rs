//! Ending a run before its last case: at the first failure, when its time is up, or because somebody said so.
//!
//! A flag with a reason. What a stopped run still reports is decided elsewhere.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use located_yaml::write_duration;
use tokio::sync::watch;

/// Whether a failure ends a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The other cases are run all the same.
    #[default]
    GoOn,
    /// No further case begins (`--fail-fast`).
    Stop,
}

/// Why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// A case failed, and that was to be enough.
    FirstFailure,
    /// Somebody interrupted the run.
    Interrupted,
    /// The run's time was up.
    TimedOut(Duration),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstFailure => f.write_str("another case failed before it (--fail-fast)"),
            Self::Interrupted => f.write_str("the run was interrupted"),
            Self::TimedOut(after) => write!(f, "the run's time of {} was up (--timeout)", write_duration(*after)),
        }
    }
}

/// Ends a run; clones end the same one.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    on_failure: OnFailure,
    reason: Arc<watch::Sender<Option<StopReason>>>,
}

impl Stop {
    /// Nothing has ended the run so far.
    #[must_use]
    pub fn new(on_failure: OnFailure) -> Self {
        Self {
            on_failure,
            reason: Arc::default(),
        }
    }

    /// Ends the run; the first reason counts.
    pub fn now(&self, reason: StopReason) {
        self.reason.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert(reason);
            first
        });
    }

    /// Hears of a failure.
    pub(crate) fn failed(&self) {
        if self.on_failure == OnFailure::Stop {
            self.now(StopReason::FirstFailure);
        }
    }

    /// Why no further case is to begin, if so.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        *self.reason.borrow()
    }

    /// Returns once cases that have begun are to be abandoned as well.
    pub(crate) async fn abandoned(&self) -> StopReason {
        let mut reason = self.reason.subscribe();
        let abandons =
            |reason: &Option<StopReason>| matches!(reason, Some(StopReason::Interrupted | StopReason::TimedOut(_)));
        match reason.wait_for(abandons).await.map(|reason| *reason) {
            Ok(Some(reason)) => reason,
            // `wait_for` returns on a reason only, and the sender lives as long as `self`.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_ends_only_a_run_that_is_to_end_there() {
        for (on_failure, expected) in [
            (OnFailure::GoOn, None),
            (OnFailure::Stop, Some(StopReason::FirstFailure)),
        ] {
            let stop = Stop::new(on_failure);
            stop.clone().failed();
            assert_eq!(stop.reason(), expected);
        }
    }

    #[test]
    fn the_first_reason_counts() {
        let stop = Stop::default();
        stop.now(StopReason::Interrupted);
        stop.now(StopReason::FirstFailure);
        assert_eq!(stop.reason(), Some(StopReason::Interrupted));
    }
}
