//! The story of a request: route, admission, event, trigger, execution, reply.
//!
//! Owns the only lock of the core, and never holds it while it waits: a call that has no answer yet is handed back with
//! the time at which to ask again. No async, no hyper, no clock.

mod history;
mod inspection;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::admission::{self, Quotas};
use crate::behaviour::Behaviour;
use crate::behaviour::answers::WebhookRefusals;
use crate::behaviour::running::{AsyncRejected, EndsAtTimeout, SyncRejected, WithoutOutput};
use crate::catalog::{Permission, WorkflowKey};
use crate::config::Config;
use crate::execution::{Progress, exit};
use crate::gate::Gate;
use crate::grant;
use crate::ids::{ExecutionId, Sequence};
use crate::inbound::Inbound;
use crate::journal::JournalKey;
use crate::journal::Provenance;
use crate::journal::entry::{Decision, Entry, Started};
use crate::journal::redaction::Redaction;
use crate::quota::Exhausted;
use crate::rejection::{Refusal, Rejection};
use crate::reply::{Handled, HeldCall, Outcome, Reply, SyncAnswer, Wait};
use crate::retrieval::{self, ActivityQuery};
use crate::route::{AnswerTime, Endpoint, Route, Target, TriggerUrl};
use crate::store::State;
use crate::timestamp::Timestamp;
use crate::trigger;
use crate::workflow::script::Ending;

pub use history::RequestDetail;
pub use inspection::{Inspected, Release, ReleaseError, ResetScope, Standing};

/// A sandbox without its sockets and its clock: takes requests and times, gives answers.
#[derive(Debug)]
pub struct App {
    config: Arc<Config>,
    /// Every secret of the configuration, for the journal to leave out.
    redaction: Redaction,
    /// Draws execution ids, without the lock.
    execution_ids: Sequence,
    /// Draws bearer tokens.
    token_secrets: Sequence,
    /// A std mutex: it is held for a few microseconds and never across an await. One for everything, so that a
    /// request is atomic; determinism is worth more here than throughput.
    state: Mutex<State>,
}

/// What a request came to, before it is filed.
#[derive(Debug)]
enum Decided {
    /// An answer.
    Reply(Reply),
    /// The output of an execution, when there is one.
    Output(ExecutionId),
}

impl App {
    /// A sandbox in which nothing has happened yet.
    #[must_use]
    pub fn new(config: Arc<Config>) -> Self {
        Self {
            redaction: Redaction::of(&config.catalog),
            execution_ids: Sequence::new(config.seed, "execution"),
            token_secrets: Sequence::new(config.seed, "token"),
            state: Mutex::new(State::new(&config)),
            config,
        }
    }

    /// Takes a request, and gives its answer or the time at which to ask `resume` for it.
    pub fn handle(&self, inbound: &Inbound, now: Timestamp) -> Handled {
        let route = Route::of(&inbound.path, &self.config.behaviour.urls);
        let (decided, started) = match &route {
            Route::Trigger(url) => self.trigger(url, inbound, now),
            Route::Execution(id) => (self.retrieve(id, inbound, now), Vec::new()),
            Route::ActivityLogs => (self.list_activity(inbound, now), Vec::new()),
            Route::Token => (self.grant(inbound, now), Vec::new()),
            Route::Unknown => (Err(unknown_path(inbound)), Vec::new()),
        };
        let journal = self.file(inbound, (&route, &decided, started), now);
        let outcome = match decided {
            Ok(Decided::Reply(reply)) => Outcome::Reply(reply),
            Ok(Decided::Output(execution)) => {
                let gives_up_at = now + self.config.behaviour.running.sync_timeout;
                self.resume(
                    &HeldCall {
                        execution,
                        gives_up_at,
                        journal,
                    },
                    now,
                )
            }
            Err(rejection) => Outcome::Reply(self.refuse(&route, rejection)),
        };
        Handled { outcome, journal }
    }

    /// Asks again for the answer of a synchronous call: its output, the in-progress answer, or a later time to ask.
    pub fn resume(&self, call: &HeldCall, now: Timestamp) -> Outcome {
        let mut state = self.lock();
        let reply = match self.observe(call, &mut state, now) {
            Ok(Observed::Later(until)) => {
                return Outcome::Wait(Wait {
                    until,
                    call: call.clone(),
                });
            }
            Ok(Observed::Finished(answer)) => Reply::Finished(answer),
            Ok(Observed::TimedOut) => Reply::InProgress {
                execution: call.execution,
            },
            Err(rejection) => {
                state
                    .journal
                    .record_rejection(call.journal, rejection.clone(), &self.redaction);
                Reply::Refused(rejection)
            }
        };
        Outcome::Reply(reply)
    }

    /// Files a request whose body could not be read; it is no event and starts nothing.
    pub fn record_unreadable(&self, inbound: &Inbound, reason: &'static str, now: Timestamp) -> JournalKey {
        let endpoint = Route::of(&inbound.path, &self.config.behaviour.urls).endpoint();
        self.file_unreadable(Some(inbound), (endpoint, reason), now)
    }

    /// Files something that had no head that could be read.
    pub fn record_headless(&self, reason: &'static str, now: Timestamp) -> JournalKey {
        self.file_unreadable(None, (Endpoint::Unknown, reason), now)
    }

    /// How it behaves.
    #[must_use]
    pub fn behaviour(&self) -> &Behaviour {
        &self.config.behaviour
    }

    /// What it was made from.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn trigger(
        &self,
        url: &TriggerUrl<'_>,
        inbound: &Inbound,
        now: Timestamp,
    ) -> (Result<Decided, Rejection>, Vec<ExecutionId>) {
        let config = &*self.config;
        let begun = admission::admit(config, (url, inbound), self, now)
            .map(|admitted| trigger::prepare(admitted, url, config, &self.execution_ids))
            .and_then(|start| self.lock().start(start, config, now));
        match begun {
            Ok(begun) => {
                let decided = match (&url.target, begun.executions.as_slice()) {
                    (
                        Target::OneWorkflow {
                            answer: AnswerTime::Sync,
                            ..
                        },
                        [id, ..],
                    ) => Decided::Output(*id),
                    (
                        Target::OneWorkflow {
                            answer: AnswerTime::Async,
                            ..
                        },
                        [id, ..],
                    ) => Decided::Reply(Reply::Started { execution: *id }),
                    (Target::EveryWorkflow, _) | (Target::OneWorkflow { .. }, []) => {
                        Decided::Reply(Reply::WebhookAccepted)
                    }
                };
                (Ok(decided), begun.executions)
            }
            Err(rejection) => (Err(rejection), Vec::new()),
        }
    }

    fn retrieve(&self, id: &str, inbound: &Inbound, now: Timestamp) -> Result<Decided, Rejection> {
        let (mut state, config) = (self.lock(), &*self.config);
        let reader = retrieval::admit(&mut state, config, (inbound, Permission::Executions), now)?;
        let view = reader.execution(&mut state, config, id, now)?;
        Ok(Decided::Reply(Reply::Execution(Box::new(view))))
    }

    fn list_activity(&self, inbound: &Inbound, now: Timestamp) -> Result<Decided, Rejection> {
        let (mut state, config) = (self.lock(), &*self.config);
        let reader = retrieval::admit(&mut state, config, (inbound, Permission::Activity), now)?;
        let query = ActivityQuery::parse(inbound.query.as_deref(), config)?;
        Ok(Decided::Reply(Reply::Activity(Box::new(
            reader.activity(&state, config, &query, now),
        ))))
    }

    fn grant(&self, inbound: &Inbound, now: Timestamp) -> Result<Decided, Rejection> {
        let client = grant::admit(inbound, &self.config.catalog)?;
        Ok(Decided::Reply(Reply::Token(Box::new(self.grant_to(client, now)))))
    }

    /// What a refused caller is answered; some refusals are not told as such (contract sections 2 and 4).
    fn refuse(&self, route: &Route<'_>, rejection: Rejection) -> Reply {
        let (running, answers) = (&self.config.behaviour.running, &self.config.behaviour.answers);
        let Route::Trigger(TriggerUrl { target, .. }) = route else {
            return Reply::Refused(rejection);
        };
        let rejected_by_condition = rejection.refusal == Refusal::ConditionRejected;
        match target {
            Target::EveryWorkflow
                if rejected_by_condition || answers.webhook_refusals == WebhookRefusals::Concealed =>
            {
                Reply::WebhookAccepted
            }
            Target::OneWorkflow {
                answer: AnswerTime::Async,
                ..
            } if rejected_by_condition && running.async_condition_rejects == AsyncRejected::IdWithoutExecution => {
                Reply::Started {
                    execution: ExecutionId::from_uuid(self.execution_ids.draw()),
                }
            }
            Target::OneWorkflow {
                answer: AnswerTime::Sync,
                ..
            } if rejected_by_condition && running.sync_condition_rejects == SyncRejected::EmptyObject => {
                Reply::Finished(self.empty_object())
            }
            Target::EveryWorkflow | Target::OneWorkflow { .. } => Reply::Refused(rejection),
        }
    }

    /// Enters in the journal what was no request that could be read.
    fn file_unreadable(
        &self,
        inbound: Option<&Inbound>,
        (endpoint, reason): (Endpoint, &'static str),
        now: Timestamp,
    ) -> JournalKey {
        let decision = Decision {
            endpoint,
            rejection: Some(
                Rejection::new(Gate::Connection, Refusal::InvalidEvent, reason)
                    .comparing("a request as HTTP/1.1 or HTTP/2 writes it", reason),
            ),
            started: Started::Nothing,
            provenance: Provenance::SelfProtection,
        };
        let entry = match inbound {
            Some(inbound) => Entry::new(inbound, decision, &self.redaction, now),
            None => Entry::headless(decision, now),
        };
        self.add(entry)
    }

    /// Enters a request in the journal.
    fn file(
        &self,
        inbound: &Inbound,
        (route, decided, started): (&Route<'_>, &Result<Decided, Rejection>, Vec<ExecutionId>),
        now: Timestamp,
    ) -> JournalKey {
        let decision = Decision {
            endpoint: route.endpoint(),
            rejection: decided.as_ref().err().cloned(),
            started: started.into(),
            provenance: Provenance::Contract,
        };
        self.add(Entry::new(inbound, decision, &self.redaction, now))
    }

    fn add(&self, entry: Entry) -> JournalKey {
        let (key, forgotten) = self.lock().journal.add(entry);
        drop(forgotten);
        key
    }

    fn observe(&self, call: &HeldCall, state: &mut State, now: Timestamp) -> Result<Observed, Rejection> {
        let lost = || {
            Rejection::new(
                Gate::Output,
                Refusal::InternalError,
                "the execution is no longer remembered",
            )
            .comparing(WITH_OUTPUT, "one that was forgotten, as many others came after it")
        };
        let workflow = state.executions.get(call.execution).ok_or_else(lost)?.identity.workflow;
        let workspace = self.config.catalog[workflow].workspace;
        state.settle(workspace, now);
        let progress = state.executions.get(call.execution).ok_or_else(lost)?.progress(now);
        let changes_at = match progress {
            Progress::Ended { at, ending } if self.is_in_time(at, call) => return self.finish(ending),
            Progress::Dropped { at } if self.is_in_time(at, call) => {
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
    fn is_in_time(&self, end: Timestamp, call: &HeldCall) -> bool {
        match self.config.behaviour.running.ends_at_timeout {
            EndsAtTimeout::Finished => end <= call.gives_up_at,
            EndsAtTimeout::InProgress => end < call.gives_up_at,
        }
    }

    /// The answer of a synchronous call whose execution has ended.
    fn finish(&self, ending: &Ending) -> Result<Observed, Rejection> {
        let behaviour = &self.config.behaviour;
        let refused = |reason: String| {
            Rejection::new(Gate::Output, Refusal::InternalError, reason.clone()).comparing(WITH_OUTPUT, reason)
        };
        let without_output = |rule, reason: &dyn Fn() -> String| match rule {
            WithoutOutput::EmptyObject => Ok(Observed::Finished(self.empty_object())),
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

    fn empty_object(&self) -> SyncAnswer {
        let behaviour = &self.config.behaviour;
        SyncAnswer::json(
            behaviour.answers.sync_success.status,
            &behaviour.exit.default_content_type,
            &json!({}),
        )
    }

    /// A panic while the lock was held cannot leave half a change that matters more than going on.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a held call sees when it looks.
#[derive(Debug)]
enum Observed {
    /// Nothing changes before then.
    Later(Timestamp),
    /// Its output.
    Finished(SyncAnswer),
    /// It has waited long enough.
    TimedOut,
}

impl Quotas for App {
    fn check(&self, workflow: WorkflowKey, now: Timestamp) -> Result<(), Exhausted> {
        self.lock().check_start(workflow, &self.config, now)
    }

    fn count_rejected(&self, workflow: WorkflowKey, now: Timestamp) {
        // A rejected event that finds nothing left is rejected all the same.
        let _ = self.lock().take_start(workflow, &self.config, now);
    }
}

/// What a synchronous caller is answered from.
const WITH_OUTPUT: &str = "an execution that ends with an output";

fn unknown_path(inbound: &Inbound) -> Rejection {
    Rejection::new(Gate::Path, Refusal::UnknownPath, "no endpoint has this path").comparing(
        "/v1/webhooks/…, /public/v1alpha/… or /v1/auth/token",
        inbound.path.as_str(),
    )
}

#[cfg(test)]
mod tests;
