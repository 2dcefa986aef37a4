//! Whose turn it is in a workspace that runs only so many executions at once (contract section 6).
//!
//! Keeps ids and times; the executions themselves are in the registry. Moves when it is asked, never by itself.

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::time::Duration;

use crate::execution::registry::Registry;
use crate::ids::ExecutionId;
use crate::timestamp::Timestamp;

/// Calls that may wait in one queue. Beyond it the oldest are dropped early, so that memory is bounded.
const MAX_WAITING: usize = 100_000;

/// The executions of a workspace that has a limit.
#[derive(Debug)]
pub(crate) struct Queue {
    limit: usize,
    patience: Duration,
    /// Those that run, by when they end; `Timestamp::MAX` while that is unknown.
    running: BTreeSet<(Timestamp, ExecutionId)>,
    /// Those that wait, in the order they came, with the time at which they give up.
    waiting: VecDeque<(Timestamp, ExecutionId)>,
}

/// Whether there is a free place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It can begin.
    Now,
    /// It has to wait.
    Later,
}

impl Queue {
    /// A queue for this many at once, with the time after which those who wait are dropped.
    pub(crate) fn new(limit: NonZeroU32, patience: Duration) -> Self {
        Self {
            limit: limit.get() as usize,
            patience,
            running: BTreeSet::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Whether an execution that came now could begin. Ask after `settle`.
    pub(crate) fn turn(&self) -> Turn {
        if self.running.len() < self.limit {
            Turn::Now
        } else {
            Turn::Later
        }
    }

    /// Takes in an execution that begins, with the time it ends.
    pub(crate) fn run(&mut self, id: ExecutionId, end: Timestamp) {
        self.running.insert((end, id));
    }

    /// Takes in an execution that waits.
    pub(crate) fn wait(&mut self, id: ExecutionId, now: Timestamp) {
        self.waiting.push_back((now + self.patience, id));
    }

    /// The end of a running execution has become known.
    pub(crate) fn reschedule(&mut self, id: ExecutionId, (before, after): (Timestamp, Timestamp)) {
        if self.running.remove(&(before, id)) {
            self.running.insert((after, id));
        }
    }

    /// When it moves next, if nobody intervenes.
    pub(crate) fn next_move(&self) -> Timestamp {
        let ends = self.running.first().map_or(Timestamp::MAX, |(end, _)| *end);
        let gives_up = self.waiting.front().map_or(Timestamp::MAX, |(deadline, _)| *deadline);
        ends.min(gives_up)
    }

    /// Brings queue and executions up to now: those that ended make place for those that wait, in the order in which
    /// that happened. A place that becomes free at the very moment somebody gives up is still taken.
    pub(crate) fn settle(&mut self, executions: &mut Registry, now: Timestamp) {
        while self.next_move() <= now || self.waiting.len() > MAX_WAITING {
            let ended = self.running.first().copied().filter(|(end, _)| *end <= now);
            match (ended, self.waiting.front().copied()) {
                (Some((end, id)), Some((deadline, _))) if end <= deadline => {
                    self.running.remove(&(end, id));
                    self.begin_next(executions, end);
                }
                (Some((end, id)), None) => {
                    self.running.remove(&(end, id));
                }
                (_, Some((deadline, waiting))) => {
                    self.waiting.pop_front();
                    executions.change(waiting, |execution| execution.drop_from_queue(deadline.min(now)));
                }
                (None, None) => return,
            }
        }
    }

    /// Gives a free place to the first of those who wait; one that has been evicted takes none.
    fn begin_next(&mut self, executions: &mut Registry, at: Timestamp) {
        while let Some((_, id)) = self.waiting.pop_front() {
            executions.change(id, |execution| execution.start(at));
            if let Some(execution) = executions.get(id) {
                self.running.insert((execution.end(), id));
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
