//! The executions a sandbox remembers: bounded by count and bytes, the one that ended first goes first.
//!
//! Knows nothing of workspaces or queues. An execution that has not ended goes only when no other is left.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::execution::Execution;
use crate::ids::ExecutionId;
use crate::retention::Retention;
use crate::timestamp::Timestamp;

/// The executions a sandbox remembers.
#[derive(Debug)]
pub(crate) struct Registry {
    retention: Retention,
    executions: HashMap<ExecutionId, Kept>,
    bytes: usize,
    /// Those that had ended when they came in, by when they ended; the usual way, and the cheap one.
    ended: VecDeque<(Timestamp, ExecutionId)>,
    /// All others, by when they end; `Timestamp::MAX` while that is unknown.
    later: BTreeSet<(Timestamp, ExecutionId)>,
    arrived: u64,
    evicted: u64,
}

/// What an execution takes besides its output: itself, and its places in the two indexes.
const BOOKKEEPING: usize = size_of::<(ExecutionId, Kept)>() + 2 * size_of::<(Timestamp, ExecutionId)>();

#[derive(Debug)]
struct Kept {
    execution: Execution,
    bytes: usize,
    number: u64,
}

impl Registry {
    /// Remembers nothing yet.
    pub(crate) fn new(retention: Retention) -> Self {
        Self {
            retention,
            executions: HashMap::new(),
            bytes: 0,
            ended: VecDeque::new(),
            later: BTreeSet::new(),
            arrived: 0,
            evicted: 0,
        }
    }

    /// Remembers an execution, and forgets others if need be.
    pub(crate) fn insert(&mut self, execution: Execution, bytes: usize, now: Timestamp) {
        let (id, end) = (execution.identity.id, execution.end());
        if end <= now {
            self.ended.push_back((end, id));
        } else {
            self.later.insert((end, id));
        }
        let bytes = bytes + BOOKKEEPING;
        self.bytes += bytes;
        self.arrived += 1;
        self.executions.insert(
            id,
            Kept {
                execution,
                bytes,
                number: self.arrived,
            },
        );
        while self.executions.len() > 1 && self.retention.is_exceeded_by(self.executions.len(), self.bytes) {
            self.evict();
        }
    }

    /// The execution of this id, if it is remembered.
    pub(crate) fn get(&self, id: ExecutionId) -> Option<&Execution> {
        self.executions.get(&id).map(|kept| &kept.execution)
    }

    /// Changes an execution, if it is remembered, and gives what the change gives and its end before and after.
    pub(crate) fn change<T>(
        &mut self,
        id: ExecutionId,
        change: impl FnOnce(&mut Execution) -> T,
    ) -> Option<(T, (Timestamp, Timestamp))> {
        let execution = &mut self.executions.get_mut(&id)?.execution;
        let before = execution.end();
        let changed = change(execution);
        let after = execution.end();
        if self.later.remove(&(before, id)) {
            self.later.insert((after, id));
        }
        Some((changed, (before, after)))
    }

    /// Forgets an execution as if it had never been.
    pub(crate) fn forget(&mut self, id: ExecutionId) {
        if let Some(kept) = self.executions.remove(&id) {
            self.bytes -= kept.bytes;
            self.later.remove(&(kept.execution.end(), id));
            self.ended.retain(|(_, ended)| *ended != id);
        }
    }

    /// All that are remembered, in the order they came.
    pub(crate) fn in_order(&self) -> Vec<&Execution> {
        let mut kept: Vec<_> = self.executions.values().collect();
        kept.sort_unstable_by_key(|kept| kept.number);
        kept.into_iter().map(|kept| &kept.execution).collect()
    }

    /// Those that are not over, in the order in which they will be.
    pub(crate) fn unfinished(&self, now: Timestamp) -> impl Iterator<Item = &Execution> {
        let first = (now, ExecutionId::from_uuid(uuid::Uuid::nil()));
        self.later.range(first..).filter_map(|(_, id)| self.get(*id))
    }

    /// What they take.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many have been forgotten.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Forgets the one that ended first, or will end first.
    fn evict(&mut self) {
        let first_later = self.later.first().copied();
        let victim = match (self.ended.front().copied(), first_later) {
            (Some(ended), Some(later)) if later < ended => self.later.pop_first(),
            (Some(_), _) => self.ended.pop_front(),
            (None, _) => self.later.pop_first(),
        };
        if let Some(kept) = victim.and_then(|(_, id)| self.executions.remove(&id)) {
            self.bytes -= kept.bytes;
            self.evicted += 1;
        }
    }
}

#[cfg(test)]
mod tests;
