//! An execution as those outside see it, at one moment.
//!
//! A copy: it holds nothing open and changes no more. `edge::wire` gives it its JSON keys.

use std::time::Duration;

use serde_json::Value;

use crate::behaviour::executions::{Completion, Executions, OutputShown, TerminalStatus, Times};
use crate::behaviour::exit::Exit;
use crate::catalog::Catalog;
use crate::execution::exit::{retrieved, retrieved_async};
use crate::execution::{Execution, Progress, Status};
use crate::ids::{ExecutionId, RevisionId, WorkflowId};
use crate::route::AnswerTime;
use crate::timestamp::Timestamp;
use crate::workflow::script::{Ending, Output};

/// An execution at one moment (contract section 6).
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionView {
    /// Its id.
    pub id: ExecutionId,
    /// The workflow's id in the workspace it ran in.
    pub workflow_id: WorkflowId,
    /// The workflow's name.
    pub workflow_name: String,
    /// Where it stands.
    pub status: Status,
    /// When it was triggered.
    pub started_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
    /// What its Exit operator gave; nothing while it is not complete, or when it reached none.
    pub output: Option<Value>,
    /// Which revision ran.
    pub revision_id: RevisionId,
    /// Why it failed or was stopped; the name of the hold it waits at. For the control surface.
    pub note: Option<String>,
}

impl ExecutionView {
    /// The view of an execution at a moment.
    pub(crate) fn of(execution: &Execution, catalog: &Catalog, exit: &Exit, now: Timestamp) -> Self {
        let progress = execution.progress(now);
        let workflow = &catalog[execution.identity.workflow];
        let (output, note) = match &progress {
            Progress::Ended {
                ending: Ending::Exit(output),
                ..
            } => (Some(shown_output(output, execution.identity.answer, exit)), None),
            Progress::Ended {
                ending: Ending::Failed(reason) | Ending::Stopped(reason),
                ..
            } => (None, Some(reason.clone())),
            Progress::OnHold { name, .. } => (None, Some((*name).to_owned())),
            Progress::Queued
            | Progress::Dropped { .. }
            | Progress::Running { .. }
            | Progress::Ended {
                ending: Ending::NoExit, ..
            } => (None, None),
        };
        Self {
            id: execution.identity.id,
            workflow_id: workflow.id,
            workflow_name: workflow.definition.name.clone(),
            status: progress.status(),
            started_at: execution.begun_at().unwrap_or(execution.created_at),
            updated_at: match &progress {
                Progress::Queued => execution.created_at,
                Progress::Running { .. } => execution.last_change(),
                Progress::Dropped { at } | Progress::OnHold { since: at, .. } | Progress::Ended { at, .. } => *at,
            },
            output,
            revision_id: execution.identity.revision,
            note,
        }
    }
}

impl ExecutionView {
    /// The view as callers of the executions API are told it.
    pub(crate) fn told(mut self, rules: &Executions, now: Timestamp) -> Self {
        const MOMENT: Duration = Duration::from_secs(1);
        match (rules.terminal_status, self.status) {
            (TerminalStatus::Changes, Status::Success) if now >= self.updated_at + MOMENT => {
                self.status = Status::Failed;
            }
            (TerminalStatus::Changes | TerminalStatus::Final, _) => {}
        }
        if self.status.is_terminal() && rules.completion == Completion::NeverTold {
            (self.status, self.output) = (Status::Running, None);
        }
        self.output = match rules.output {
            OutputShown::Shown => self.output,
            OutputShown::Text => self.output.map(|output| Value::String(output.to_string())),
            OutputShown::Missing => None,
        };
        match rules.times {
            Times::InOrder => {}
            Times::Backwards => self.updated_at = self.started_at.before(MOMENT),
        }
        self
    }
}

/// The three special names mean something in synchronous executions only (contract section 5).
fn shown_output(output: &Output, answer: AnswerTime, exit: &Exit) -> Value {
    match answer {
        AnswerTime::Async => retrieved_async(output, exit),
        AnswerTime::Sync => retrieved(output, exit),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::Seed;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// Began at 90 and has been so since 100.
    fn view(status: Status) -> ExecutionView {
        let id = |kind| Seed::new(0).draw(kind, "");
        ExecutionView {
            id: ExecutionId::from_uuid(id("execution")),
            workflow_id: WorkflowId::from_uuid(id("workflow")),
            workflow_name: "w".to_owned(),
            status,
            started_at: at(90),
            updated_at: at(100),
            output: Some(json!({"a": 1})),
            revision_id: RevisionId::from_uuid(id("revision")),
            note: None,
        }
    }

    #[test]
    fn by_default_it_is_told_as_it_is() {
        for status in Status::ALL {
            assert_eq!(view(status).told(&Executions::default(), at(999)), view(status));
        }
    }

    #[test]
    fn a_status_that_is_not_final_changes_after_a_second() {
        let rules = Executions {
            terminal_status: TerminalStatus::Changes,
            ..Executions::default()
        };
        let told = |status, now| view(status).told(&rules, at(now)).status;
        assert_eq!(
            [100, 101, 102].map(|now| told(Status::Success, now)),
            [Status::Success, Status::Failed, Status::Failed]
        );
        for status in Status::ALL.into_iter().filter(|it| *it != Status::Success) {
            assert_eq!(told(status, 999), status);
        }
    }

    #[test]
    fn a_completion_that_is_never_told_hides_the_output_as_well() {
        let rules = Executions {
            completion: Completion::NeverTold,
            ..Executions::default()
        };
        for status in Status::ALL {
            let told = view(status).told(&rules, at(999));
            let expected = if status.is_terminal() { Status::Running } else { status };
            assert_eq!(
                (told.status, told.output.is_none()),
                (expected, status.is_terminal()),
                "{status}"
            );
        }
    }

    #[test]
    fn how_an_output_and_the_times_are_told_are_two_decisions() {
        for (output, told) in [
            (OutputShown::Shown, Some(json!({"a": 1}))),
            (OutputShown::Text, Some(json!("{\"a\":1}"))),
            (OutputShown::Missing, None),
        ] {
            let rules = Executions {
                output,
                ..Executions::default()
            };
            assert_eq!(view(Status::Success).told(&rules, at(999)).output, told);
        }
        for (times, updated_at) in [(Times::InOrder, at(100)), (Times::Backwards, at(89))] {
            let rules = Executions {
                times,
                ..Executions::default()
            };
            let told = view(Status::Success).told(&rules, at(999));
            assert_eq!((told.started_at, told.updated_at), (at(90), updated_at));
        }
    }
}
