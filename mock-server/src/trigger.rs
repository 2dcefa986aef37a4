//! From an admitted request to runs that can be started.
//!
//! Pure: scripts are evaluated here, before the lock is taken, so that a large event holds nobody up.

use crate::admission::{Admitted, Counting, Course};
use crate::behaviour::executions::ActivityKept;
use crate::catalog::WorkspaceKey;
use crate::config::Config;
use crate::execution::Identity;
use crate::ids::{ExecutionId, Sequence};
use crate::packed::Packed;
use crate::rejection::Rejection;
use crate::route::{AnswerTime, Target, TriggerUrl};
use crate::workflow::script::{Ending, Script};

/// What a request starts.
#[derive(Debug)]
pub(crate) struct Start {
    /// The integration's workspace, where an event that starts nothing is noted.
    pub(crate) workspace: WorkspaceKey,
    /// The runs, possibly none.
    pub(crate) runs: Vec<PreparedRun>,
    /// Why there are none, when that is because of the trigger condition.
    pub(crate) turned_away: Option<Rejection>,
    /// How the rate limit looks at them.
    pub(crate) counting: Counting,
    /// What of this the activity log keeps.
    pub(crate) noting: Noting,
    /// The event, to keep.
    pub(crate) event: Packed,
}

/// What the activity log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noting {
    /// Runs, and events that started nothing.
    Everything,
    /// Runs.
    Runs,
    /// Events that started nothing.
    Events,
}

/// A run that can be started.
#[derive(Debug)]
pub(crate) struct PreparedRun {
    /// What it is a run of.
    pub(crate) identity: Identity,
    /// What it does.
    pub(crate) script: Script,
    /// Bytes of its output and its steps.
    pub(crate) weight: usize,
}

/// Evaluates the scripts and draws the ids.
pub(crate) fn prepare(admitted: Admitted<'_>, url: &TriggerUrl<'_>, config: &Config, ids: &Sequence) -> Start {
    let answer = match url.target {
        Target::EveryWorkflow => AnswerTime::Async,
        Target::OneWorkflow { answer, .. } => answer,
    };
    let document = admitted.event.into_document();
    let noting = match (&url.target, config.behaviour.executions.activity) {
        (Target::EveryWorkflow, ActivityKept::WithoutPlainUrl) => Noting::Events,
        (_, ActivityKept::RunsOnly) => Noting::Runs,
        (_, ActivityKept::Everything | ActivityKept::WithoutPlainUrl) => Noting::Everything,
    };
    let runs = admitted
        .runs
        .into_iter()
        .map(|run| {
            let script = match run.course {
                Course::Steps => Script::evaluate(&run.revision.steps, &document, &config.behaviour.exit),
                Course::Stopped => Script::stopped("the trigger condition rejects the event"),
            };
            let id = ExecutionId::from_uuid(ids.draw());
            let identity = Identity {
                id,
                workflow: run.workflow,
                revision: run.revision.id,
                answer,
            };
            PreparedRun {
                identity,
                weight: weigh(&script),
                script,
            }
        })
        .collect();
    Start {
        workspace: admitted.integration.workspace,
        runs,
        turned_away: admitted.turned_away,
        counting: admitted.counting,
        noting,
        event: Packed::of(&document["event"]),
    }
}

fn weigh(script: &Script) -> usize {
    let ending = match &script.ending {
        Ending::Exit(output) => output.value.size(),
        Ending::Failed(reason) | Ending::Stopped(reason) => reason.len(),
        Ending::NoExit => 0,
    };
    ending + size_of_val(&*script.segments)
}
