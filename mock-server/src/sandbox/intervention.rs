//! What is done to a sandbox by those who test with it, over the control surface or from Rust: done, and told to those who watch.
//!
//! Decides nothing about what it does; whoever intervenes in another way would be missing from `/events`.

use super::{Happening, World};
use crate::app::{Release, ReleaseError, ResetScope};
use crate::clock::{Move, MoveError, Moved};
use crate::config::ClockMode;
use crate::ids::ExecutionId;

impl World {
    /// Moves the clock through what is due.
    pub(crate) async fn advance(&self, wanted: Move) -> Result<Moved, MoveError> {
        let before = self.feed.is_watched().then(|| self.app().standing(self.clock.now()));
        let moved = self.clock.advance(wanted).await;
        self.feed.tell(Happening::Clock);
        if let Some(before) = before {
            for execution in self.app().changed_since(&before, self.clock.now()) {
                self.feed.tell(Happening::Execution(execution));
            }
        }
        moved
    }

    /// Stops the clock, or sets it going.
    pub(crate) async fn switch_clock(&self, mode: ClockMode) {
        self.clock.switch(mode).await;
        self.feed.tell(Happening::Clock);
    }

    /// Lets go of an execution that waits.
    pub(crate) fn release(&self, id: ExecutionId, how: Release) -> Result<(), ReleaseError> {
        let released = self.app().release(id, how, self.clock.now());
        self.clock.nudge();
        self.feed.tell(Happening::Execution(id));
        self.announce();
        released
    }

    /// Forgets what happened.
    pub(crate) fn reset(&self, scope: ResetScope) {
        self.app().reset(scope);
        match scope {
            ResetScope::Everything => self.delays.rewind(),
            ResetScope::Journal => {}
        }
        self.clock.nudge();
        self.feed.tell(Happening::Reset);
    }
}
