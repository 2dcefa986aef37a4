//! Synchronous calls that are being held: what they see when they look, and what they get in the end.
//!
//! Looks at executions and changes none, but for what a fault does to one whose caller was answered without it.

use serde_json::json;

use super::App;
use super::in_force::InForce;
use crate::behaviour::running::{AfterTimeout, EndsAtTimeout, WithoutOutput};
use crate::config::Config;
use crate::execution::{Progress, exit};
use crate::gate::Gate;
use crate::rejection::{Refusal, Rejection};
use crate::reply::{Awaited, HeldCall, Outcome, Reply, SyncAnswer, Wait};
use crate::store::State;
use crate::timestamp::Timestamp;
use crate::workflow::script::Ending;

/// What a synchronous caller is answered from.
const WITH_OUTPUT: &str = "an execution that ends with an output";

/// What a held call sees when it looks.
#[derive(Debug, PartialEq)]
enum Observed {
    /// Nothing changes before then.
    Later(Timestamp),
    /// Its output.
    Finished(SyncAnswer),
    /// It has waited long enough.
    TimedOut,
}

impl App {
    /// Asks again for the answer of a synchronous call: its output, the in-progress answer, or a later time to ask.
    pub fn resume(&self, call: &HeldCall, now: Timestamp) -> Outcome {
        let in_force = self.in_force();
        let mut state = self.lock();
        let observed = observe(call, &mut state, &in_force.config, now);
        if let Ok(Observed::Later(until)) = observed {
            return Outcome::Wait(Wait {
                until,
                call: call.clone(),
            });
        }
        if differs_from_intended(&observed, call, (&mut state, &in_force), now) {
            state.journal.blame_fault(call.journal);
        }
        if let Ok(Observed::TimedOut) = observed {
            leave(call, &mut state, &in_force.config, now);
        }
        let execution = call.execution;
        let reply = match (observed, call.awaited) {
            (Ok(_), Awaited::Id) => Reply::Started { execution },
            (Ok(Observed::Finished(answer)), Awaited::Output) => Reply::Finished(answer),
            (Ok(Observed::TimedOut | Observed::Later(_)), Awaited::Output) => Reply::InProgress { execution },
            (Err(rejection), _) => {
                state
                    .journal
                    .record_rejection(call.journal, rejection.clone(), self.config.redaction());
                Reply::Refused(rejection)
            }
        };
        Outcome::Reply(reply)
    }
}

/// Whether a call would have seen something else without the faults.
fn differs_from_intended(
    observed: &Result<Observed, Rejection>,
    call: &HeldCall,
    (state, in_force): (&mut State, &InForce),
    now: Timestamp,
) -> bool {
    let Some(intended) = &in_force.intended else {
        return false;
    };
    let call = HeldCall {
        gives_up_at: call.called_at + intended.behaviour.running.sync_timeout,
        ..call.clone()
    };
    observe(&call, state, intended, now) != *observed
}

/// What becomes of an execution whose caller was answered without its output.
fn leave(call: &HeldCall, state: &mut State, config: &Config, now: Timestamp) {
    let Some(execution) = state.executions.get(call.execution) else {
        return;
    };
    let workspace = config.catalog[execution.identity.workflow].workspace;
    let key = (call.execution, workspace);
    match config.behaviour.running.after_timeout {
        AfterTimeout::GoesOn => {}
        AfterTimeout::Stopped => {
            state.change(key, |execution| execution.abandon(now));
        }
        AfterTimeout::OutputLost => {
            state.change(key, |execution| execution.lose_output());
        }
        AfterTimeout::Forgotten => state.executions.forget(call.execution),
    }
}

fn observe(call: &HeldCall, state: &mut State, config: &Config, now: Timestamp) -> Result<Observed, Rejection> {
    let lost = || {
        Rejection::new(
            Gate::Output,
            Refusal::InternalError,
            "the execution is no longer remembered",
        )
        .comparing(WITH_OUTPUT, "one that was forgotten, as many others came after it")
    };
    let workflow = state.executions.get(call.execution).ok_or_else(lost)?.identity.workflow;
    let workspace = config.catalog[workflow].workspace;
    state.settle(workspace, now);
    let progress = state.executions.get(call.execution).ok_or_else(lost)?.progress(now);
    let delay = config.behaviour.running.output_delay;
    let changes_at = match progress {
        Progress::Ended { at, .. } if now < at + delay => at + delay,
        Progress::Ended { at, ending } if is_in_time(at + delay, call, config) => return finish(ending, config),
        Progress::Dropped { at } if is_in_time(at, call, config) => {
            return Err(
                Rejection::new(Gate::Output, Refusal::InternalError, "the execution waited too long")
                    .comparing(WITH_OUTPUT, "one that was dropped from the queue of its workspace"),
            );
        }
        Progress::Running { until } => until,
        Progress::Queued => state.next_move(workspace),
        Progress::OnHold { .. } => Timestamp::MAX,
        Progress::Ended { .. } | Progress::Dropped { .. } => now,
    };
    let until = changes_at.min(call.gives_up_at);
    if now < call.gives_up_at {
        Ok(Observed::Later(until))
    } else {
        Ok(Observed::TimedOut)
    }
}

/// Whether an execution that ended then ended soon enough for its caller.
fn is_in_time(end: Timestamp, call: &HeldCall, config: &Config) -> bool {
    match config.behaviour.running.ends_at_timeout {
        EndsAtTimeout::Finished => end <= call.gives_up_at,
        EndsAtTimeout::InProgress => end < call.gives_up_at,
    }
}

/// The answer of a synchronous call whose execution has ended.
fn finish(ending: &Ending, config: &Config) -> Result<Observed, Rejection> {
    let behaviour = &config.behaviour;
    let refused = |reason: String| {
        Rejection::new(Gate::Output, Refusal::InternalError, reason.clone()).comparing(WITH_OUTPUT, reason)
    };
    let without_output = |rule, reason: &dyn Fn() -> String| match rule {
        WithoutOutput::EmptyObject => Ok(Observed::Finished(empty_object(config))),
        WithoutOutput::InternalError => Err(refused(reason())),
    };
    match ending {
        Ending::Exit(output) => exit::answer(output, &behaviour.exit, behaviour.answers.sync_success.status)
            .map(Observed::Finished)
            .map_err(|error| refused(error.to_string())),
        Ending::Failed(reason) => without_output(behaviour.running.sync_failed, &|| {
            format!("the workflow failed: {reason}")
        }),
        Ending::Stopped(reason) => without_output(behaviour.running.sync_stopped, &|| {
            format!("the workflow was stopped: {reason}")
        }),
        Ending::NoExit => without_output(behaviour.running.sync_without_exit, &|| {
            "the workflow reached no Exit operator".to_owned()
        }),
    }
}

/// The answer of a synchronous call that has nothing to say.
pub(super) fn empty_object(config: &Config) -> SyncAnswer {
    let behaviour = &config.behaviour;
    SyncAnswer::json(
        behaviour.answers.sync_success.status,
        &behaviour.exit.default_content_type,
        &json!({}),
    )
}
