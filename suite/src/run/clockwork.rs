//! The target's clock as a case sees it: one that runs by itself, or one that is moved by hand.
//!
//! One YAML serves both. Where a case waits, a system clock lets time pass and a manual clock is moved; what comes back says
//! between which two readings an answer arrived.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::attempt::Took;
use crate::target::{Advance, ControlClient, ControlError, Moved, Stage};

/// The clock of one case's target.
#[derive(Debug)]
pub(crate) enum Clockwork {
    /// It runs by itself.
    System {
        /// A round trip to the target, as measured.
        latency: Duration,
    },
    /// It stands still until it is moved.
    Manual {
        /// Who moves it.
        control: ControlClient,
        /// Whose clock it is.
        sandbox: String,
        /// Its last reading, in nanoseconds since the Unix epoch.
        now: u64,
    },
}

/// A reading of the target's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reading {
    /// Of a clock that runs by itself; what it brings is measured on this machine instead.
    System,
    /// Nanoseconds since the Unix epoch.
    Manual(u64),
}

impl Clockwork {
    /// For a stage; reads a manual clock once, unless the stage knows what it says.
    ///
    /// # Errors
    /// When the control surface does not tell the time.
    pub(crate) async fn of(stage: &Stage, latency: Duration) -> Result<Self, ControlError> {
        match stage.clock.clone() {
            None => Ok(Self::System { latency }),
            Some((control, sandbox)) => {
                let now = match stage.first_reading() {
                    Some(now) => now,
                    None => control.now(&sandbox).await?,
                };
                Ok(Self::Manual { control, sandbox, now })
            }
        }
    }

    /// The present reading, as far as it is known.
    #[must_use]
    pub(crate) fn reading(&self) -> Reading {
        match self {
            Self::System { .. } => Reading::System,
            Self::Manual { now, .. } => Reading::Manual(*now),
        }
    }

    /// The target's time in whole seconds since the Unix epoch.
    #[must_use]
    pub(crate) fn unix_seconds(&self) -> u64 {
        match self {
            Self::System { .. } => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            Self::Manual { now, .. } => now / 1_000_000_000,
        }
    }

    /// Moves a manual clock; `None` on one that runs by itself.
    ///
    /// # Errors
    /// When the control surface does not move it.
    pub(crate) async fn advance(&mut self, advance: Advance) -> Result<Option<Moved>, ControlError> {
        match self {
            Self::System { .. } => Ok(None),
            Self::Manual { control, sandbox, now } => {
                let moved = control.advance(sandbox, advance).await?;
                *now = moved.now;
                Ok(Some(moved))
            }
        }
    }

    /// How long something took that was sent at `sent` and was certainly not there yet at `before`.
    #[must_use]
    pub(crate) fn took(&self, sent: Reading, before: Reading, arrived: (Instant, Instant, Instant)) -> Took {
        match (self, sent, before) {
            (Self::Manual { now, .. }, Reading::Manual(sent), Reading::Manual(before)) => Took::Between {
                after: Duration::from_nanos(before.saturating_sub(sent)),
                by: Duration::from_nanos(now.saturating_sub(sent)),
            },
            (Self::System { latency }, ..) => {
                let (written, first_byte, complete) = arrived;
                Took::Measured {
                    first_byte: first_byte.saturating_duration_since(written),
                    complete: complete.saturating_duration_since(written),
                    latency: *latency,
                }
            }
            // Readings of a manual clock are only ever taken from a manual clock.
            (Self::Manual { .. }, ..) => Took::Between {
                after: Duration::ZERO,
                by: Duration::ZERO,
            },
        }
    }
}
