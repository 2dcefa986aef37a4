//! The activity log: which workflows ran for which event, and which events started nothing (contract section 4).
//!
//! Remembers and pages; what an entry looks like in JSON is in `edge::wire`.

use std::collections::VecDeque;

use crate::behaviour::knob::words;
use crate::catalog::{WorkflowKey, WorkspaceKey};
use crate::ids::{ExecutionId, WorkflowId};
use crate::packed::Packed;
use crate::retention::Retention;
use crate::timestamp::Timestamp;

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Where.
    pub(crate) workspace: WorkspaceKey,
    /// What ran; nothing when the event started nothing.
    pub(crate) run: Option<(WorkflowKey, ExecutionId)>,
    /// When.
    pub(crate) at: Timestamp,
    /// The event.
    pub(crate) event: Packed,
}

/// Everything that happened, oldest first.
#[derive(Debug)]
pub(crate) struct Activity {
    retention: Retention,
    records: VecDeque<Record>,
    bytes: usize,
    /// How many records came before the first one that is left.
    evicted: u64,
}

/// Which kinds of entries a caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Runs, and events that started nothing.
    All,
    /// Runs only.
    WorkflowRuns,
    /// The steps of runs.
    StepExecutions,
}

words!(Wanted { All = "all", WorkflowRuns = "workflow_runs", StepExecutions = "step_executions" });

/// A page of the activity log, newest entry first.
#[derive(Clone, Debug)]
pub struct ActivityPage {
    /// Its entries.
    pub entries: Vec<ActivityEntry>,
    /// What to pass to get the next page, when there is one.
    pub next_page_token: Option<String>,
}

/// One entry of the activity log.
#[derive(Clone, Debug)]
pub struct ActivityEntry {
    /// What kind of thing happened.
    pub kind: ActivityKind,
    /// The workflow that ran; nothing when the event started nothing.
    pub workflow: Option<WorkflowId>,
    /// Its execution.
    pub execution: Option<ExecutionId>,
    /// When.
    pub at: Timestamp,
    /// The event.
    pub event: Packed,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityKind {
    /// A workflow ran.
    WorkflowRun,
    /// One of its steps was reached; the word says which kind of step.
    StepExecution(&'static str),
    /// An event started nothing.
    Event,
}

impl Activity {
    /// Remembers nothing yet.
    pub(crate) fn new(retention: Retention) -> Self {
        Self {
            retention,
            records: VecDeque::new(),
            bytes: 0,
            evicted: 0,
        }
    }

    /// Remembers what happened, and gives back what is forgotten for it, so that the caller can drop it without a lock.
    pub(crate) fn record(&mut self, record: Record) -> Vec<Record> {
        self.bytes += weigh(&record);
        self.records.push_back(record);
        let mut forgotten = Vec::new();
        while self.retention.is_exceeded_by(self.records.len(), self.bytes) {
            let Some(oldest) = self.records.pop_front() else { break };
            self.bytes -= weigh(&oldest);
            self.evicted += 1;
            forgotten.push(oldest);
        }
        forgotten
    }

    /// What they take.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The records before the one of this number, newest first, each with its number.
    pub(crate) fn before(&self, number: u64) -> impl Iterator<Item = (u64, &Record)> {
        let length = usize::try_from(number.saturating_sub(self.evicted))
            .unwrap_or(usize::MAX)
            .min(self.records.len());
        let first = self.evicted;
        self.records
            .range(..length)
            .enumerate()
            .rev()
            .map(move |(position, record)| (first + position as u64, record))
    }
}

/// What a record takes. An event that several records share is counted with each.
fn weigh(record: &Record) -> usize {
    size_of::<Record>() + record.event.size()
}
