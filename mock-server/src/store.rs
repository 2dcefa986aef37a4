//! Everything a sandbox remembers: executions and their queues, quotas, tokens, activity, the journal.
//!
//! Plain data and plain functions: no lock, no clock. Every collection in it is bounded.

use std::collections::VecDeque;
use std::time::Duration;

use crate::activity::{Activity, Record};
use crate::admission::Counting;
use crate::admission::rate::rate_limited;
use crate::behaviour::Behaviour;
use crate::behaviour::executions::Concurrency;
use crate::behaviour::rate::{Limit, PartlyRefused, RateModel, RateScope, Refill};
use crate::catalog::{Catalog, WorkflowKey, WorkspaceKey};
use crate::config::Config;
use crate::execution::Execution;
use crate::execution::queue::{Queue, Turn};
use crate::execution::registry::Registry;
use crate::gate::Gate;
use crate::ids::ExecutionId;
use crate::journal::Journal;
use crate::quota::{Allowance, Exhausted, Quota};
use crate::rejection::Rejection;
use crate::retention::{Budget, Usage};
use crate::timestamp::Timestamp;
use crate::tokens::Tokens;
use crate::trigger::{Noting, PreparedRun, Start};

/// Ids without an execution that are kept in mind; 16 KiB, which no budget has to count.
const MOST_PROMISED: usize = 1_024;

/// Everything a sandbox remembers.
#[derive(Debug)]
pub(crate) struct State {
    /// The executions.
    pub(crate) executions: Registry,
    /// Whose turn it is, for each workspace with a limit.
    queues: Vec<Option<Queue>>,
    /// What has been used of the rate limit, one for each thing in its scope.
    starts: Vec<Quota>,
    /// What has been used of the executions API, one for each workspace.
    requests: Vec<Quota>,
    /// Ids that callers were given although nothing was started: the newest of them.
    pub(crate) promised: VecDeque<ExecutionId>,
    /// The bearer tokens.
    pub(crate) tokens: Tokens,
    /// What happened.
    pub(crate) activity: Activity,
    /// What came.
    pub(crate) journal: Journal,
}

/// What a request started.
#[derive(Debug)]
pub(crate) struct Begun {
    /// The executions.
    pub(crate) executions: Vec<ExecutionId>,
    /// What was forgotten for it; to be dropped without the lock.
    pub(crate) forgotten: Vec<Record>,
}

impl State {
    /// A sandbox in which nothing has happened.
    pub(crate) fn new(config: &Config, budget: Budget) -> Self {
        let (behaviour, catalog) = (&config.behaviour, &config.catalog);
        let patience = behaviour.executions.queue_timeout;
        let queue = |limit| match behaviour.executions.concurrency {
            Concurrency::Queued => Some(Queue::new(limit, patience)),
            Concurrency::Dropped => Some(Queue::new(limit, Duration::ZERO)),
            Concurrency::Ignored => None,
        };
        Self {
            executions: Registry::new(budget.executions()),
            queues: catalog
                .workspaces()
                .iter()
                .map(|workspace| workspace.concurrency.and_then(queue))
                .collect(),
            starts: start_quotas(config),
            requests: request_quotas(config),
            promised: VecDeque::new(),
            tokens: Tokens::new(budget.tokens()),
            activity: Activity::new(budget.activity()),
            journal: Journal::new(budget.journal()),
        }
    }

    /// Goes on under another behaviour; limits that are not the same any more begin anew.
    pub(crate) fn adopt(&mut self, before: &Config, after: &Config) {
        let rules = |config: &Config| (config.behaviour.rate.clone(), start_allowance(&config.behaviour));
        if rules(before) != rules(after) {
            self.starts = start_quotas(after);
        }
        if request_allowance(&before.behaviour) != request_allowance(&after.behaviour) {
            self.requests = request_quotas(after);
        }
    }

    /// Keeps in mind that a caller was given an id under which nothing was started.
    pub(crate) fn promise(&mut self, id: ExecutionId) {
        if self.promised.len() == MOST_PROMISED {
            self.promised.pop_front();
        }
        self.promised.push_back(id);
    }

    /// Whether a workflow could start once more now.
    pub(crate) fn check_start(&self, workflow: WorkflowKey, config: &Config, now: Timestamp) -> Result<(), Exhausted> {
        self.starts[quota_of(workflow, config)].check(1, now)
    }

    /// Takes one from what a workflow may start.
    pub(crate) fn take_start(
        &mut self,
        workflow: WorkflowKey,
        config: &Config,
        now: Timestamp,
    ) -> Result<(), Exhausted> {
        self.starts[quota_of(workflow, config)].take(now)
    }

    /// Takes one request to the executions API.
    pub(crate) fn take_request(&mut self, workspace: WorkspaceKey, now: Timestamp) -> Result<(), Exhausted> {
        self.requests[workspace.position()].take(now)
    }

    /// Starts what a request asked for, as far as the rate limit goes; refused if nothing could start for it, or if the
    /// trigger condition turned the event away, which is noted like every event that starts nothing.
    pub(crate) fn start(&mut self, start: Start, config: &Config, now: Timestamp) -> Result<Begun, Rejection> {
        let refused = match &start.counting {
            Counting::Refused(rejection) => Some(rejection.clone()),
            Counting::Limited | Counting::Unlimited => None,
        };
        if start.runs.is_empty() {
            let record = Record {
                workspace: start.workspace,
                run: None,
                at: now,
                event: start.event,
            };
            let forgotten = match start.noting {
                Noting::Everything | Noting::Events => self.activity.record(record),
                Noting::Runs => Vec::new(),
            };
            return refused.or(start.turned_away).map_or(
                Ok(Begun {
                    executions: Vec::new(),
                    forgotten,
                }),
                Err,
            );
        }
        let rate = &config.behaviour.rate;
        let begun = self
            .start_runs(start, config, now)
            .map_err(|exhausted| rate_limited(exhausted, rate, now))?;
        refused.map_or(Ok(begun), Err)
    }

    fn start_runs(&mut self, start: Start, config: &Config, now: Timestamp) -> Result<Begun, Exhausted> {
        let is_limited = matches!(start.counting, Counting::Limited);
        if is_limited && config.behaviour.rate.partly_refused == PartlyRefused::StartsNothing {
            self.check_together(&start.runs, config, now)?;
        }
        let mut begun = Begun {
            executions: Vec::with_capacity(start.runs.len()),
            forgotten: Vec::new(),
        };
        let mut exhausted = None;
        for run in start.runs {
            let (id, workflow) = (run.identity.id, run.identity.workflow);
            if is_limited && let Err(refused) = self.take_start(workflow, config, now) {
                exhausted = Some(refused);
                continue;
            }
            self.begin(run, &config.catalog, now);
            begun.executions.push(id);
            let record = Record {
                workspace: config.catalog[workflow].workspace,
                run: Some((workflow, id)),
                at: now,
                event: start.event.clone(),
            };
            match start.noting {
                Noting::Everything | Noting::Runs => begun.forgotten.extend(self.activity.record(record)),
                Noting::Events => {}
            }
        }
        match exhausted {
            Some(exhausted) if begun.executions.is_empty() => Err(exhausted),
            Some(_) | None => Ok(begun),
        }
    }

    /// Whether all of some runs could start; those that share a quota are asked for together.
    fn check_together(&self, runs: &[PreparedRun], config: &Config, now: Timestamp) -> Result<(), Exhausted> {
        let mut wanted = vec![0_u32; self.starts.len()];
        for run in runs {
            wanted[quota_of(run.identity.workflow, config)] += 1;
        }
        self.starts
            .iter()
            .zip(wanted)
            .filter(|(_, wanted)| *wanted > 0)
            .try_for_each(|(quota, wanted)| quota.check(wanted, now))
    }

    fn begin(&mut self, run: PreparedRun, catalog: &Catalog, now: Timestamp) {
        let PreparedRun {
            identity,
            script,
            weight,
        } = run;
        let workspace = catalog[identity.workflow].workspace;
        self.settle(workspace, now);
        let execution = match &mut self.queues[workspace.position()] {
            None => Execution::started(identity, script, now),
            Some(queue) => match queue.turn() {
                Turn::Now => {
                    let execution = Execution::started(identity, script, now);
                    queue.run(identity.id, execution.end());
                    execution
                }
                Turn::Later => {
                    queue.wait(identity.id, now);
                    Execution::queued(identity, script, now)
                }
            },
        };
        self.executions.insert(execution, weight, now);
    }

    /// Brings a workspace's queue up to now.
    pub(crate) fn settle(&mut self, workspace: WorkspaceKey, now: Timestamp) {
        if let Some(queue) = &mut self.queues[workspace.position()] {
            queue.settle(&mut self.executions, now);
        }
    }

    /// Brings every queue up to now.
    pub(crate) fn settle_all(&mut self, now: Timestamp) {
        for queue in self.queues.iter_mut().flatten() {
            queue.settle(&mut self.executions, now);
        }
    }

    /// When a workspace's queue moves next, if nobody intervenes.
    pub(crate) fn next_move(&self, workspace: WorkspaceKey) -> Timestamp {
        self.queues[workspace.position()]
            .as_ref()
            .map_or(Timestamp::MAX, Queue::next_move)
    }

    /// How much of its budget is used.
    pub(crate) fn usage(&self) -> Usage {
        Usage {
            executions: self.executions.bytes(),
            activity: self.activity.bytes(),
            journal: self.journal.bytes(),
            tokens: self.tokens.bytes(),
        }
    }

    /// Changes an execution, and tells its queue when it ends now. `None` when it is not remembered.
    pub(crate) fn change<T>(
        &mut self,
        (id, workspace): (ExecutionId, WorkspaceKey),
        change: impl FnOnce(&mut Execution) -> T,
    ) -> Option<T> {
        let (changed, ends) = self.executions.change(id, change)?;
        if let Some(queue) = &mut self.queues[workspace.position()] {
            queue.reschedule(id, ends);
        }
        Some(changed)
    }
}

/// Which quota a workflow's starts come out of.
fn quota_of(workflow: WorkflowKey, config: &Config) -> usize {
    let row = &config.catalog[workflow];
    match config.behaviour.rate.scope {
        RateScope::Workflow => workflow.position(),
        RateScope::Integration => row.integration.position(),
        RateScope::Workspace => row.workspace.position(),
    }
}

/// Unused quotas of starts, one for each thing in the limit's scope.
fn start_quotas(config: &Config) -> Vec<Quota> {
    let catalog = &config.catalog;
    let number = match config.behaviour.rate.scope {
        RateScope::Workflow => catalog.workflows().len(),
        RateScope::Integration => catalog.integrations().len(),
        RateScope::Workspace => catalog.workspaces().len(),
    };
    let allowance = start_allowance(&config.behaviour);
    (0..number).map(|_| Quota::new(allowance)).collect()
}

/// Unused quotas of the executions API, one for each workspace.
fn request_quotas(config: &Config) -> Vec<Quota> {
    let allowance = request_allowance(&config.behaviour);
    config
        .catalog
        .workspaces()
        .iter()
        .map(|_| Quota::new(allowance))
        .collect()
}

fn start_allowance(behaviour: &Behaviour) -> Allowance {
    let rate = &behaviour.rate;
    let limit = if behaviour.admission.order.asks(Gate::Rate) {
        // Processes that are asked in turn each grant the limit.
        rate.limit.times(rate.processes)
    } else {
        Limit::UNLIMITED
    };
    let window = match rate.refill {
        Refill::WithTheWindow => rate.window,
        Refill::Never => Duration::MAX,
    };
    Allowance {
        limit,
        window,
        model: rate.model,
    }
}

fn request_allowance(behaviour: &Behaviour) -> Allowance {
    let limit = behaviour.executions.requests_per_second;
    Allowance {
        limit,
        window: Duration::from_secs(1),
        model: RateModel::Sliding,
    }
}
