//! A sandbox's time: a clock that runs by itself or is moved by hand, and the calls that wait on it.
//!
//! The only module that reads a clock or sleeps. It knows nothing of executions: a held call is a seat with a due time.

mod seat;

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use thiserror::Error;
use tokio::sync::{oneshot, watch};

pub use seat::{Seat, Settlement};

use crate::config::ClockMode;
use crate::timestamp::Timestamp;

/// Where a manual clock stands at first: 2026-01-01T00:00:00Z.
const MANUAL_START: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// How long, in real time, a woken call may take to hand over its answer before it counts as unsettled.
const SETTLING: Duration = Duration::from_secs(1);

/// The clock of one sandbox.
#[derive(Debug)]
pub struct Clock {
    /// Whether it runs by itself; changed under the lot's lock only, read without it.
    runs: AtomicBool,
    /// How far a running clock is from the machine's, in nanoseconds.
    shift: AtomicI64,
    lot: Mutex<Lot>,
    /// Tells of changes of the lot, so that somebody can wait for one.
    changes: watch::Sender<()>,
    /// Moves are made one after the other.
    moving: tokio::sync::Mutex<()>,
}

/// The seats of held calls, and the time on a manual clock.
#[derive(Debug)]
struct Lot {
    now: Timestamp,
    next_seat: u64,
    /// By due time, then by the order they came; the sender wakes the call.
    parked: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
    /// Woken by a move and not yet settled or parked again.
    awake: HashSet<u64>,
    answered: usize,
    unsettled: usize,
}

/// A move of a manual clock.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// How far.
    pub by: Duration,
    /// How many calls have to be parked before it begins.
    pub when_held: usize,
    /// Stop at the time at which this many have been answered.
    pub until_answered: Option<usize>,
    /// How long, in real time, to wait for `when_held`.
    pub timeout: Duration,
}

/// What a move came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The time afterwards.
    pub now: Timestamp,
    /// How far it went.
    pub by: Duration,
    /// Calls whose answer was handed to their connection.
    pub answered: usize,
    /// Calls parked afterwards.
    pub held: usize,
    /// Calls that were due and whose answer nobody took.
    pub unsettled: usize,
}

/// Why a clock did not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoveError {
    /// It runs by itself.
    #[error(
        "the clock of this sandbox runs by itself; serve with `--clock manual`, or stop it with {{\"mode\": \"manual\"}}, to move it"
    )]
    System,
    /// Too few calls are parked.
    #[error("{held} of {wanted} calls are held after waiting for them")]
    TooFewHeld {
        /// Parked.
        held: usize,
        /// Asked for.
        wanted: usize,
    },
}

impl Clock {
    /// What the machine's clock says, whatever a sandbox's does.
    pub(crate) fn machine() -> Timestamp {
        Timestamp::from_nanos(machine_time())
    }

    /// A clock that runs by itself, or one that stands at 2026-01-01T00:00:00Z until it is moved.
    #[must_use]
    pub fn new(mode: ClockMode) -> Arc<Self> {
        let lot = Lot {
            now: MANUAL_START,
            next_seat: 0,
            parked: BTreeMap::new(),
            awake: HashSet::new(),
            answered: 0,
            unsettled: 0,
        };
        Arc::new(Self {
            runs: AtomicBool::new(mode == ClockMode::System),
            shift: AtomicI64::new(0),
            lot: Mutex::new(lot),
            changes: watch::Sender::new(()),
            moving: tokio::sync::Mutex::new(()),
        })
    }

    /// Whether it runs by itself.
    #[must_use]
    pub fn mode(&self) -> ClockMode {
        if self.runs.load(Ordering::SeqCst) {
            ClockMode::System
        } else {
            ClockMode::Manual
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.mode() {
            ClockMode::System => {
                let shift = self.shift.load(Ordering::SeqCst);
                Timestamp::from_nanos(machine_time().saturating_add_signed(shift))
            }
            ClockMode::Manual => self.lot().now,
        }
    }

    /// Stops a clock that runs by itself where it is, or lets one that stands go on from where it is, at real speed.
    pub async fn switch(&self, mode: ClockMode) {
        let _moving = self.moving.lock().await;
        if mode == self.mode() {
            return;
        }
        {
            let mut lot = self.lot();
            match mode {
                ClockMode::Manual => {
                    let shift = self.shift.load(Ordering::SeqCst);
                    lot.now = Timestamp::from_nanos(machine_time().saturating_add_signed(shift));
                    self.runs.store(false, Ordering::SeqCst);
                }
                ClockMode::System => {
                    let shift = i128::from(lot.now.as_nanos()) - i128::from(machine_time());
                    // Only one that was moved into a far future is further off than that.
                    let shift = i64::try_from(shift).unwrap_or(i64::MAX);
                    self.shift.store(shift, Ordering::SeqCst);
                    self.runs.store(true, Ordering::SeqCst);
                }
            }
        }
        // Calls that are parked wait in the way of the old mode.
        self.nudge();
    }

    /// How many calls are parked.
    #[must_use]
    pub fn held(&self) -> usize {
        self.lot().parked.len()
    }

    /// Wakes every parked call, so that it asks again what became of it.
    pub fn nudge(&self) {
        let mut lot = self.lot();
        for ((_, _), wake) in std::mem::take(&mut lot.parked) {
            // A receiver that is gone took its seat with it.
            let _ = wake.send(());
        }
        drop(lot);
        self.announce();
    }

    /// Waits, at most `timeout` of real time, until at least `held` calls are parked; tells how many are.
    pub async fn wait_held(&self, held: usize, timeout: Duration) -> usize {
        self.wait_for(timeout, |lot| lot.parked.len() >= held).await;
        self.held()
    }

    /// Moves a manual clock through what is due, in due order, and returns when all of it has settled.
    ///
    /// # Errors
    /// When the clock runs by itself, or too few calls are parked in time.
    pub async fn advance(&self, wanted: Move) -> Result<Moved, MoveError> {
        if self.mode() == ClockMode::System {
            return Err(MoveError::System);
        }
        let _moving = self.moving.lock().await;
        let held = self.wait_held(wanted.when_held, wanted.timeout).await;
        if held < wanted.when_held {
            return Err(MoveError::TooFewHeld {
                held,
                wanted: wanted.when_held,
            });
        }
        let start = self.now();
        let target = start + wanted.by;
        let (mut answered, mut unsettled) = (0, 0);
        while wanted.until_answered.is_none_or(|enough| answered < enough) {
            if !self.wake_next_due(target) {
                self.lot().now = target;
                break;
            }
            self.wait_for(SETTLING, |lot| lot.awake.is_empty()).await;
            let mut lot = self.lot();
            answered += std::mem::take(&mut lot.answered);
            unsettled += std::mem::take(&mut lot.unsettled) + lot.awake.len();
            lot.awake.clear();
        }
        let lot = self.lot();
        Ok(Moved {
            now: lot.now,
            by: lot.now.since(start),
            answered,
            held: lot.parked.len(),
            unsettled,
        })
    }

    /// Goes to the next due time up to `target` and wakes every call that is due then.
    fn wake_next_due(&self, target: Timestamp) -> bool {
        let mut lot = self.lot();
        let Some(due) = lot
            .parked
            .keys()
            .next()
            .map(|(due, _)| *due)
            .filter(|due| *due <= target)
        else {
            return false;
        };
        lot.now = lot.now.max(due);
        lot.answered = 0;
        lot.unsettled = 0;
        while let Some(entry) = lot.parked.first_entry() {
            if entry.key().0 > due {
                break;
            }
            let ((_, seat), wake) = entry.remove_entry();
            if wake.send(()).is_ok() {
                lot.awake.insert(seat);
            }
        }
        true
    }

    async fn wait_for(&self, timeout: Duration, reached: impl Fn(&Lot) -> bool) {
        let mut changes = self.changes.subscribe();
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            changes.mark_unchanged();
            if reached(&self.lot()) {
                return;
            }
            // The sender lives as long as the clock, so only the deadline can end the wait early.
            if tokio::time::timeout_at(deadline, changes.changed()).await.is_err() {
                return;
            }
        }
    }

    fn announce(&self) {
        self.changes.send_replace(());
    }

    fn lot(&self) -> MutexGuard<'_, Lot> {
        self.lot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nanoseconds since the Unix epoch on the machine's clock.
fn machine_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
