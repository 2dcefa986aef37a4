//! The place of one held call on a clock, from its first wait to the moment its answer is taken.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::Clock;
use crate::config::ClockMode;
use crate::timestamp::Timestamp;

/// A held call's place. Dropped without an answer, it counts as unsettled if the clock had just woken it.
#[derive(Debug)]
pub struct Seat {
    clock: Arc<Clock>,
    number: u64,
    parked_at: Option<Timestamp>,
    /// Once it is being answered, its settlement speaks for it.
    speaks: Speaks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Seat,
    Settlement,
}

/// Travels with an answer; says whether its connection took it.
#[derive(Debug)]
pub struct Settlement {
    clock: Arc<Clock>,
    number: u64,
    taken: Taken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Yes,
    NotYet,
}

impl Seat {
    /// A new place on a clock.
    #[must_use]
    pub fn on(clock: &Arc<Clock>) -> Self {
        let mut lot = clock.lot();
        let number = lot.next_seat;
        lot.next_seat += 1;
        drop(lot);
        Self {
            clock: clock.clone(),
            number,
            parked_at: None,
            speaks: Speaks::Seat,
        }
    }

    /// Waits until the clock reaches `due`, or until somebody nudges it.
    pub async fn wait_until(&mut self, due: Timestamp) {
        let (wake, woken) = oneshot::channel();
        let mode = {
            let mut lot = self.clock.lot();
            // Read under the lock: a switch that comes later finds the call parked, and wakes it.
            let mode = self.clock.mode();
            if mode == ClockMode::Manual && due <= lot.now {
                return;
            }
            lot.parked.insert((due, self.number), wake);
            lot.awake.remove(&self.number);
            mode
        };
        self.parked_at = Some(due);
        self.clock.announce();
        match mode {
            // A sender that is gone means that the clock is; there is nothing left to wait for.
            ClockMode::Manual => drop(woken.await),
            ClockMode::System => {
                let wait = due.since(self.clock.now());
                tokio::select! {
                    _ = woken => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
        self.leave();
    }

    /// The call is about to be answered: what becomes of the answer is the settlement's to say.
    #[must_use]
    pub fn answering(mut self) -> Settlement {
        self.speaks = Speaks::Settlement;
        Settlement {
            clock: self.clock.clone(),
            number: self.number,
            taken: Taken::NotYet,
        }
    }

    fn leave(&mut self) {
        if let Some(due) = self.parked_at.take() {
            self.clock.lot().parked.remove(&(due, self.number));
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
        if self.speaks == Speaks::Seat {
            self.clock.settle(self.number, Taken::NotYet);
        }
    }
}

impl Settlement {
    /// The connection has taken the whole answer.
    pub fn taken(&mut self) {
        self.taken = Taken::Yes;
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        self.clock.settle(self.number, self.taken);
    }
}

impl Clock {
    fn settle(&self, seat: u64, taken: Taken) {
        let mut lot = self.lot();
        if lot.awake.remove(&seat) {
            match taken {
                Taken::Yes => lot.answered += 1,
                Taken::NotYet => lot.unsettled += 1,
            }
        }
        drop(lot);
        self.announce();
    }
}
