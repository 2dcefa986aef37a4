//! What the control surface asks of a sandbox and does to it.
//!
//! None of it exists on the emulated surface. The documents here are the control surface's own.

use serde_json::{Value, json};

use super::App;
use crate::execution::view::ExecutionView;
use crate::execution::{Execution, NotUnderWay, Onwards, Status};
use crate::ids::ExecutionId;
use crate::retention::{Budget, Usage};
use crate::route::AnswerTime;
use crate::store::State;
use crate::timestamp::Timestamp;
use crate::tokens::{self, ClientKey, GrantedToken};
use crate::workflow::script::{Ending, Output, OutputForm};

/// What is known of something asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Inspected {
    /// It is remembered.
    Known(Value),
    /// It is not: it never was, or it is one of those that were forgotten.
    Unknown {
        /// How many were forgotten so far.
        evicted: u64,
    },
}

/// How an execution goes on that is let go.
#[derive(Clone, Debug, PartialEq)]
pub enum Release {
    /// With its next step, or ended there and then with a given output.
    Success {
        /// The output to end with.
        output: Option<Value>,
    },
    /// It ends as failed.
    Failure,
}

/// Why an execution was not released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// It is not remembered.
    #[error("no execution of this id is remembered")]
    Unknown,
    /// It waits for its turn, or is over.
    #[error("the execution is neither running nor on hold")]
    NotUnderWay,
}

/// What is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetScope {
    /// Everything that happened; ids are drawn from the beginning again.
    Everything,
    /// The journal only.
    Journal,
}

/// Where the executions stand that are not over, at one moment.
#[derive(Debug)]
pub struct Standing(Vec<(ExecutionId, Status)>);

impl App {
    /// Where the executions stand that are not over.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let mut state = self.lock();
        state.settle_all(now);
        let statuses = state.executions.unfinished(now);
        Standing(statuses.map(|it| (it.identity.id, it.progress(now).status())).collect())
    }

    /// Which of them stand elsewhere now.
    #[must_use]
    pub fn changed_since(&self, before: &Standing, now: Timestamp) -> Vec<ExecutionId> {
        let mut state = self.lock();
        state.settle_all(now);
        let stands = |id: ExecutionId| Some(state.executions.get(id)?.progress(now).status());
        let changed = before
            .0
            .iter()
            .filter(|(id, status)| stands(*id).is_some_and(|now| now != *status));
        changed.map(|(id, _)| *id).collect()
    }

    /// How many requests came since the journal was last emptied.
    pub(crate) fn received(&self) -> u64 {
        self.lock().journal.received()
    }

    /// How many requests came before the journal was last emptied.
    pub(crate) fn emptied_at(&self) -> u64 {
        self.lock().journal.emptied_at()
    }

    /// Every remembered execution as a client would retrieve it, in the order they came.
    #[must_use]
    pub fn views(&self, now: Timestamp) -> Vec<ExecutionView> {
        let mut state = self.lock();
        state.settle_all(now);
        let executions = state.executions.in_order().into_iter();
        executions.map(|execution| self.look_at(execution, now)).collect()
    }

    /// One execution as a client would retrieve it, if it is remembered.
    #[must_use]
    pub fn view(&self, id: ExecutionId, now: Timestamp) -> Option<ExecutionView> {
        let mut state = self.lock();
        state.settle_all(now);
        state.executions.get(id).map(|execution| self.look_at(execution, now))
    }

    /// A token for a client that needs none to ask for it.
    pub(crate) fn grant_to(&self, client: ClientKey, now: Timestamp) -> GrantedToken {
        let expires_in = self.in_force().behaviour().executions.token_lifetime;
        let access_token = tokens::marked(&self.token_secrets.draw_secret());
        self.lock().tokens.grant(access_token.clone(), client, now + expires_in);
        GrantedToken {
            access_token,
            expires_in,
        }
    }

    /// Every remembered execution, in the order they came.
    #[must_use]
    pub fn executions(&self, now: Timestamp) -> Vec<Value> {
        let mut state = self.lock();
        state.settle_all(now);
        state
            .executions
            .in_order()
            .into_iter()
            .map(|execution| self.describe(execution, now))
            .collect()
    }

    /// One execution.
    #[must_use]
    pub fn execution(&self, id: ExecutionId, now: Timestamp) -> Inspected {
        let mut state = self.lock();
        state.settle_all(now);
        match state.executions.get(id) {
            Some(execution) => Inspected::Known(self.describe(execution, now)),
            None => Inspected::Unknown {
                evicted: state.executions.evicted(),
            },
        }
    }

    /// Ends the hold an execution is waiting at, or the wait it is in.
    ///
    /// # Errors
    /// When the execution is not remembered, or neither running nor on hold.
    pub fn release(&self, id: ExecutionId, how: Release, now: Timestamp) -> Result<(), ReleaseError> {
        let mut state = self.lock();
        let workflow = state.executions.get(id).ok_or(ReleaseError::Unknown)?.identity.workflow;
        let workspace = self.config.catalog[workflow].workspace;
        state.settle(workspace, now);
        let onwards = match how {
            Release::Success { output: None } => Onwards::Continue,
            Release::Success { output: Some(value) } => {
                Onwards::End(Ending::Exit(Output::new(OutputForm::Json, &value)))
            }
            Release::Failure => Onwards::End(Ending::Failed("released as failed".to_owned())),
        };
        let released = state.change((id, workspace), |execution| execution.release(onwards, now));
        state.settle(workspace, now);
        match released {
            None => Err(ReleaseError::Unknown),
            Some(released) => released.map_err(|NotUnderWay| ReleaseError::NotUnderWay),
        }
    }

    /// The status of every remembered execution.
    pub(crate) fn statuses(&self, now: Timestamp) -> Vec<Status> {
        let mut state = self.lock();
        state.settle_all(now);
        let executions = state.executions.in_order().into_iter();
        executions.map(|execution| execution.progress(now).status()).collect()
    }

    /// How much it may remember, and how much it does.
    #[must_use]
    pub fn memory(&self) -> (Budget, Usage) {
        (self.budget, self.lock().usage())
    }

    /// Forgets what happened.
    pub fn reset(&self, scope: ResetScope) {
        let in_force = self.in_force();
        let mut state = self.lock();
        match scope {
            ResetScope::Journal => state.journal.empty(),
            ResetScope::Everything => {
                // The numbers of entries go on, so that a call that is still held is not taken for a later one.
                let mut journal = std::mem::replace(&mut *state, State::new(&in_force.config, self.budget)).journal;
                journal.empty();
                state.journal = journal;
                self.execution_ids.rewind();
                self.token_secrets.rewind();
            }
        }
    }

    fn look_at(&self, execution: &Execution, now: Timestamp) -> ExecutionView {
        ExecutionView::of(execution, &self.config.catalog, &self.config.behaviour.exit, now)
    }

    fn describe(&self, execution: &Execution, now: Timestamp) -> Value {
        let catalog = &self.config.catalog;
        let view = self.look_at(execution, now);
        let workspace = &catalog[catalog[execution.identity.workflow].workspace];
        let end = Some(execution.end()).filter(|end| *end < Timestamp::MAX);
        let steps = execution.steps(now);
        let steps: Vec<_> = steps
            .iter()
            .map(|(at, step)| json!({ "at": at.to_string(), "step": step }))
            .collect();
        let (answer, gives_up_at) = match execution.identity.answer {
            AnswerTime::Async => ("async", None),
            AnswerTime::Sync => {
                let gives_up_at = execution.created_at + self.config.behaviour.running.sync_timeout;
                ("sync", Some(gives_up_at.to_string()))
            }
        };
        json!({
            "id": view.id.to_string(),
            "workflow": view.workflow_name,
            "workflow_id": view.workflow_id.to_string(),
            "workspace": workspace.name,
            "status": view.status.word(),
            "complete": view.status.is_terminal(),
            "created_at": execution.created_at.to_string(),
            "updated_at": view.updated_at.to_string(),
            "ends_at": end.map(|end| end.to_string()),
            "answer": answer,
            "gives_up_at": gives_up_at,
            "begun_at": execution.begun_at().map(|at| at.to_string()),
            "steps": steps,
            // A workflow may hand out what it was sent, secrets included.
            "output": view.output.map(|output| self.config.redaction().json(output)),
            "note": view.note,
        })
    }
}
