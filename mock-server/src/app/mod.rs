//! The story of a request: route, admission, event, trigger, execution, reply.
//!
//! Owns the only lock of the core, and never holds it while it waits: a call that has no answer yet is handed back with
//! the time at which to ask again. No async, no hyper, no clock.

mod held;
mod history;
mod in_force;
mod inspection;
mod shadow;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use http::Method;

use crate::admission::{self, Quotas};
use crate::behaviour::Behaviour;
use crate::behaviour::answers::WebhookRefusals;
use crate::behaviour::running::{AsyncAnswers, AsyncRejected, SyncAnswers, SyncRejected};
use crate::behaviour::urls::OptionsUse;
use crate::catalog::{Permission, WorkflowKey};
use crate::config::Config;
use crate::gate::Gate;
use crate::grant;
use crate::ids::{ExecutionId, Sequence};
use crate::inbound::Inbound;
use crate::journal::JournalKey;
use crate::journal::Provenance;
use crate::journal::entry::{Decision, Entry, Started};
use crate::quota::Exhausted;
use crate::rejection::{Refusal, Rejection};
use crate::reply::{Awaited, Handled, HeldCall, Outcome, Reply};
use crate::retention::Budget;
use crate::retrieval::{self, ActivityQuery};
use crate::route::{AnswerTime, Endpoint, Route, Target, TriggerUrl};
use crate::store::{Begun, State};
use crate::timestamp::Timestamp;
use crate::trigger;

pub use history::RequestDetail;
pub use in_force::InForce;
pub use inspection::{Inspected, Release, ReleaseError, ResetScope, Standing};

/// A sandbox without its sockets and its clock: takes requests and times, gives answers.
#[derive(Debug)]
pub struct App {
    config: Arc<Config>,
    /// What it comes to under the faults that are switched on. Taken before `state` where both are needed.
    in_force: RwLock<Arc<InForce>>,
    /// How much it remembers.
    budget: Budget,
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
    /// What is awaited of an execution, when it is complete.
    Held(ExecutionId, Awaited),
}

/// What was decided about a request.
#[derive(Debug)]
struct Verdict {
    /// The answer, or the refusal.
    decided: Result<Decided, Rejection>,
    /// What it started.
    started: Vec<ExecutionId>,
    /// Whose doing it was.
    provenance: Provenance,
}

impl Verdict {
    fn of(decided: Result<Decided, Rejection>, provenance: Provenance) -> Self {
        Self {
            decided,
            started: Vec::new(),
            provenance,
        }
    }
}

impl App {
    /// A sandbox in which nothing has happened yet.
    #[must_use]
    pub fn new(config: Arc<Config>, budget: Budget) -> Self {
        Self {
            budget,
            execution_ids: Sequence::new(config.seed, "execution"),
            token_secrets: Sequence::new(config.seed, "token"),
            state: Mutex::new(State::new(&config.under(&config.faults), budget)),
            in_force: RwLock::new(Arc::new(InForce::new(&config, config.faults.clone()))),
            config,
        }
    }

    /// Takes a request, and gives its answer or the time at which to ask `resume` for it.
    pub fn handle(&self, inbound: &Inbound, now: Timestamp) -> Handled {
        let in_force = self.in_force();
        let route = Route::of(&inbound.path, &in_force.behaviour().urls);
        let of_the_contract = |decided| Verdict::of(decided, Provenance::Contract);
        let mut verdict = match &route {
            Route::Trigger(url) => self.trigger(url, (inbound, &in_force), now),
            Route::Execution(id) => self.retrieve(id, (inbound, &in_force), now),
            Route::ActivityLogs => of_the_contract(self.list_activity(inbound, &in_force.config, now)),
            Route::Token => of_the_contract(self.grant(inbound, &in_force.config, now)),
            Route::Unknown => of_the_contract(Err(unknown_path(inbound))),
        };
        if Self::leads_elsewhere(&route, inbound, &in_force) {
            verdict.provenance = Provenance::InjectedFault;
        }
        let started = Started::from(std::mem::take(&mut verdict.started));
        let journal = self.file(inbound, (&route, &verdict, started.clone()), now);
        let outcome = match verdict.decided {
            Ok(Decided::Reply(reply)) => Outcome::Reply(reply),
            Ok(Decided::Held(execution, awaited)) => {
                let gives_up_at = now + in_force.behaviour().running.sync_timeout;
                let call = HeldCall {
                    execution,
                    gives_up_at,
                    called_at: now,
                    awaited,
                    journal,
                };
                self.resume(&call, now)
            }
            Err(rejection) => Outcome::Reply(self.refuse(&route, rejection, &in_force.config)),
        };
        Handled {
            outcome,
            journal,
            started,
        }
    }

    /// Files a request whose body could not be read; it is no event and starts nothing.
    pub fn record_unreadable(&self, inbound: &Inbound, reason: &'static str, now: Timestamp) -> JournalKey {
        let endpoint = Route::of(&inbound.path, &self.in_force().behaviour().urls).endpoint();
        self.file_unreadable(Some(inbound), (endpoint, reason), now)
    }

    /// Files something that had no head that could be read.
    pub fn record_headless(&self, reason: &'static str, now: Timestamp) -> JournalKey {
        self.file_unreadable(None, (Endpoint::Unknown, reason), now)
    }

    /// An answer came out otherwise than it would have without the faults that are switched on.
    pub fn blame_fault(&self, key: JournalKey) {
        self.lock().journal.blame_fault(key);
    }

    /// What it was made from.
    #[must_use]
    pub const fn config(&self) -> &Arc<Config> {
        &self.config
    }

    fn trigger(&self, url: &TriggerUrl<'_>, (inbound, in_force): (&Inbound, &InForce), now: Timestamp) -> Verdict {
        let config = &*in_force.config;
        if inbound.method == Method::OPTIONS && config.behaviour.urls.options == OptionsUse::Swallowed {
            return Verdict::of(Ok(Decided::Reply(Reply::Preflight)), Provenance::InjectedFault);
        }
        let admitted = admission::admit(config, (url, inbound), self, now);
        let mut provenance = if self.admits_otherwise(&admitted, (url, inbound, in_force), now) {
            Provenance::InjectedFault
        } else {
            Provenance::Contract
        };
        let begun = admitted
            .map(|admitted| trigger::prepare(admitted, url, config, &self.execution_ids))
            .and_then(|start| self.lock().start(start, config, now));
        let begun = match begun {
            Ok(begun) => begun,
            Err(rejection) => return Verdict::of(Err(rejection), provenance),
        };
        let decided = decide(url, &begun, &config.behaviour);
        let intended = in_force.intended().map(|intended| decide(url, &begun, intended));
        if Self::answers_otherwise(&decided, intended.as_ref()) {
            provenance = Provenance::InjectedFault;
        }
        Verdict {
            decided: Ok(decided),
            started: begun.executions,
            provenance,
        }
    }

    fn retrieve(&self, id: &str, (inbound, in_force): (&Inbound, &InForce), now: Timestamp) -> Verdict {
        let provenance = if self.shows_otherwise(id, (inbound, in_force), now) {
            Provenance::InjectedFault
        } else {
            Provenance::Contract
        };
        let (mut state, config) = (self.lock(), &*in_force.config);
        let view = retrieval::admit(&mut state, config, (inbound, Permission::Executions), now)
            .and_then(|reader| reader.execution(&mut state, config, id, now));
        let decided = view.map(|view| Decided::Reply(Reply::Execution(Box::new(view))));
        Verdict::of(decided, provenance)
    }

    fn list_activity(&self, inbound: &Inbound, config: &Config, now: Timestamp) -> Result<Decided, Rejection> {
        let mut state = self.lock();
        let reader = retrieval::admit(&mut state, config, (inbound, Permission::Activity), now)?;
        let query = ActivityQuery::parse(inbound.query.as_deref(), config)?;
        Ok(Decided::Reply(Reply::Activity(Box::new(
            reader.activity(&state, config, &query, now),
        ))))
    }

    fn grant(&self, inbound: &Inbound, config: &Config, now: Timestamp) -> Result<Decided, Rejection> {
        let client = grant::admit(inbound, &config.catalog)?;
        Ok(Decided::Reply(Reply::Token(Box::new(self.grant_to(client, now)))))
    }

    /// What a refused caller is answered; some refusals are not told as such (contract sections 2 and 4).
    fn refuse(&self, route: &Route<'_>, rejection: Rejection, config: &Config) -> Reply {
        let (running, answers) = (&config.behaviour.running, &config.behaviour.answers);
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
                let execution = ExecutionId::from_uuid(self.execution_ids.draw());
                self.lock().promise(execution);
                Reply::Started { execution }
            }
            Target::OneWorkflow {
                answer: AnswerTime::Sync,
                ..
            } if rejected_by_condition && running.sync_condition_rejects == SyncRejected::EmptyObject => {
                Reply::Finished(held::empty_object(config))
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
            Some(inbound) => Entry::new(inbound, decision, self.config.redaction(), now),
            None => Entry::headless(decision, now),
        };
        self.add(entry)
    }

    /// Enters a request in the journal.
    fn file(
        &self,
        inbound: &Inbound,
        (route, verdict, started): (&Route<'_>, &Verdict, Started),
        now: Timestamp,
    ) -> JournalKey {
        let decision = Decision {
            endpoint: route.endpoint(),
            rejection: verdict.decided.as_ref().err().cloned(),
            started,
            provenance: verdict.provenance,
        };
        self.add(Entry::new(inbound, decision, self.config.redaction(), now))
    }

    fn add(&self, entry: Entry) -> JournalKey {
        let (key, forgotten) = self.lock().journal.add(entry);
        drop(forgotten);
        key
    }

    /// A panic while the lock was held cannot leave half a change that matters more than going on.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Quotas for App {
    fn check(&self, workflow: WorkflowKey, now: Timestamp) -> Result<(), Exhausted> {
        let in_force = self.in_force();
        self.lock().check_start(workflow, &in_force.config, now)
    }

    fn count_rejected(&self, workflow: WorkflowKey, now: Timestamp) {
        let in_force = self.in_force();
        // A rejected event that finds nothing left is rejected all the same.
        let _ = self.lock().take_start(workflow, &in_force.config, now);
    }
}

/// What the caller of a trigger URL gets for what was begun, and when.
fn decide(url: &TriggerUrl<'_>, begun: &Begun, behaviour: &Behaviour) -> Decided {
    let running = &behaviour.running;
    match (&url.target, begun.executions.as_slice()) {
        (
            Target::OneWorkflow {
                answer: AnswerTime::Sync,
                ..
            },
            [id, ..],
        ) => match running.sync_answer {
            SyncAnswers::Output => Decided::Held(*id, Awaited::Output),
            SyncAnswers::IdAtOnce => Decided::Reply(Reply::Started { execution: *id }),
        },
        (
            Target::OneWorkflow {
                answer: AnswerTime::Async,
                ..
            },
            [id, ..],
        ) => match running.async_answer {
            AsyncAnswers::IdAtOnce => Decided::Reply(Reply::Started { execution: *id }),
            AsyncAnswers::IdWhenComplete => Decided::Held(*id, Awaited::Id),
            AsyncAnswers::Output => Decided::Held(*id, Awaited::Output),
        },
        (Target::EveryWorkflow, _) | (Target::OneWorkflow { .. }, []) => Decided::Reply(Reply::WebhookAccepted),
    }
}

fn unknown_path(inbound: &Inbound) -> Rejection {
    Rejection::new(Gate::Path, Refusal::UnknownPath, "no endpoint has this path").comparing(
        "/v1/webhooks/…, /public/v1alpha/… or /v1/auth/token",
        inbound.path.as_str(),
    )
}

#[cfg(test)]
mod tests;
