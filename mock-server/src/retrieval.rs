//! The executions API: one execution, the activity log, and the checks before them (contract section 6).
//!
//! Plain functions over the state; no lock and no clock. The order of the checks is the order of the lines in `admit`.

use http::Method;

use crate::absence;
use crate::activity::{ActivityEntry, ActivityKind, ActivityPage, Record, Wanted};
use crate::bearer;
use crate::behaviour::executions::{ActivityFilters, Foreign, NextPage, Retrieved, RoleCheck, TokenCheck};
use crate::behaviour::knob::Knob as _;
use crate::catalog::{Permission, WorkspaceKey};
use crate::config::Config;
use crate::execution::view::ExecutionView;
use crate::gate::Gate;
use crate::ids::{ExecutionId, WorkflowId, hyphenated};
use crate::inbound::Inbound;
use crate::rejection::{Advice, Refusal, Rejection};
use crate::store::State;
use crate::timestamp::Timestamp;
use crate::tokens::ClientKey;

/// A caller whose token permits what it asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    workspace: WorkspaceKey,
}

/// Checks method, token, request limit and role, in this order.
pub(crate) fn admit(
    state: &mut State,
    config: &Config,
    (inbound, permission): (&Inbound, Permission),
    now: Timestamp,
) -> Result<Reader, Rejection> {
    let holder = holder_of(state, config, (inbound, permission), now)?;
    state.take_request(holder.workspace, now).map_err(|exhausted| {
        let refusal = Refusal::ApiRateLimited {
            retry_in: exhausted.until.since(now),
        };
        Rejection::new(
            Gate::ApiRate,
            refusal,
            "the workspace has made as many requests as the limit allows",
        )
        .comparing(
            format!(
                "at most {} requests in one second",
                config.behaviour.executions.requests_per_second.write()
            ),
            format!("one more before {}", exhausted.until),
        )
        .advising(Some(Advice::new(
            "polled-too-fast",
            "wait as long as `Retry-After` says, and poll less often",
        )))
    })?;
    permit(holder, config, permission)
}

/// The same without counting a request.
pub(crate) fn identify(
    state: &State,
    config: &Config,
    (inbound, permission): (&Inbound, Permission),
    now: Timestamp,
) -> Result<Reader, Rejection> {
    permit(
        holder_of(state, config, (inbound, permission), now)?,
        config,
        permission,
    )
}

fn holder_of(
    state: &State,
    config: &Config,
    (inbound, permission): (&Inbound, Permission),
    now: Timestamp,
) -> Result<ClientKey, Rejection> {
    check_method(&inbound.method, &Method::GET)?;
    let rules = &config.behaviour.executions;
    let holder = bearer::holder(&state.tokens, &config.catalog, inbound, (rules.token, now));
    match (rules.token, holder) {
        (TokenCheck::NotChecked, Err(refused)) => config.catalog.first_client().ok_or(refused),
        (TokenCheck::ExecutionsOnly, Ok(_)) if permission == Permission::Activity => Err(bearer::of_no_use(permission)),
        (TokenCheck::NotChecked | TokenCheck::Valid | TokenCheck::ExecutionsOnly | TokenCheck::ExpiredToo, holder) => {
            holder
        }
    }
}

fn permit(holder: ClientKey, config: &Config, permission: Permission) -> Result<Reader, Rejection> {
    let client = &config.catalog[holder.workspace].clients[holder.client];
    if !client.may.contains(&permission) && config.behaviour.executions.role == RoleCheck::Checked {
        return Err(
            Rejection::new(Gate::Role, Refusal::Forbidden, "the client's role does not permit this")
                .comparing(
                    format!("a client that may read `{}`", permission.word()),
                    match client.may.iter().map(|may| may.word()).collect::<Vec<_>>().as_slice() {
                        [] => format!("the client `{}`, which may read nothing", client.name),
                        may => format!(
                            "the client `{}`, which may read `{}` only",
                            client.name,
                            may.join("`, `")
                        ),
                    },
                )
                .advising(Some(Advice::new(
                    "missing-permission",
                    "use a client whose role allows it; in the configuration that is its `may`",
                ))),
        );
    }
    Ok(Reader {
        workspace: holder.workspace,
    })
}

/// Checks that an endpoint with a single method was called with it.
pub(crate) fn check_method(method: &Method, accepted: &Method) -> Result<(), Rejection> {
    if method == accepted {
        return Ok(());
    }
    let refusal = Refusal::MethodNotAllowed {
        allow: accepted.as_str().into(),
    };
    Err(
        Rejection::new(Gate::Method, refusal, "the endpoint does not take this method")
            .comparing(accepted.as_str(), method.as_str()),
    )
}

impl Reader {
    /// The execution of an id, as the reader is told it.
    pub(crate) fn execution(
        self,
        state: &mut State,
        config: &Config,
        id: &str,
        now: Timestamp,
    ) -> Result<ExecutionView, Rejection> {
        let rules = &config.behaviour.executions;
        let view = self.look(state, config, id, now)?;
        if view.status.is_terminal() && rules.retrieved == Retrieved::Once {
            state.executions.forget(view.id);
        }
        Ok(view.told(rules, now))
    }

    /// The execution of an id, in the reader's own workspace.
    pub(crate) fn look(
        self,
        state: &mut State,
        config: &Config,
        id: &str,
        now: Timestamp,
    ) -> Result<ExecutionView, Rejection> {
        let behaviour = &config.behaviour;
        let refused = |refusal, reason: &'static str| Rejection::new(Gate::Execution, refusal, reason);
        let id = hyphenated(id, behaviour.urls.id_case)
            .map(ExecutionId::from_uuid)
            .ok_or_else(|| {
                refused(Refusal::MalformedExecutionId, "the execution id is malformed")
                    .comparing("a UUID, written 8-4-4-4-12", id)
                    .advising(absence::of_a_malformed(id))
            })?;
        let rules = &behaviour.executions;
        let now = now.before(rules.lag);
        state.settle(self.workspace, now);
        let remembered = state.executions.get(id);
        let execution = remembered
            .filter(|execution| rules.lag.is_zero() || execution.created_at <= now)
            .ok_or_else(|| {
                let (reason, received, advice) = absence::of(id, state, config);
                refused(Refusal::ExecutionNotFound, reason)
                    .comparing("the id of an execution that was started here", received)
                    .advising(advice)
            })?;
        let (own, other) = (self.workspace, config.catalog[execution.identity.workflow].workspace);
        if other != own && rules.foreign == Foreign::Hidden {
            return Err(
                refused(Refusal::ForeignExecution, "the execution belongs to another workspace")
                    .comparing(
                        format!("a token of the workspace `{}`", config.catalog[other].name),
                        format!("a token of the workspace `{}`", config.catalog[own].name),
                    )
                    .advising(Some(Advice::new(
                        "other-workspace",
                        format!(
                            "ask for the token as a client of the workspace `{}`",
                            config.catalog[other].name
                        ),
                    ))),
            );
        }
        Ok(ExecutionView::of(execution, &config.catalog, &behaviour.exit, now))
    }

    /// A page of the reader's own activity, newest first.
    pub(crate) fn activity(
        self,
        state: &State,
        config: &Config,
        query: &ActivityQuery,
        now: Timestamp,
    ) -> ActivityPage {
        let rules = &config.behaviour.executions;
        let is_narrowed = rules.activity_filters == ActivityFilters::Honoured;
        let narrows = |record: &Record| {
            query.from.is_none_or(|from| record.at >= from)
                && query.to.is_none_or(|to| record.at < to)
                && query
                    .workflow
                    .is_none_or(|wanted| record.run.is_some_and(|(key, _)| config.catalog[key].id == wanted))
        };
        let matches = |record: &Record| {
            (record.workspace == self.workspace || rules.foreign == Foreign::Shown) && (!is_narrowed || narrows(record))
        };
        let wanted = if is_narrowed { query.wanted } else { Wanted::All };
        let page = query.page.filter(|_| rules.next_page != NextPage::FirstAgain);
        let (before, skipped) = page.unwrap_or((u64::MAX, 0));
        let mut entries = state
            .activity
            .before(before)
            .filter(|(_, record)| matches(record))
            .flat_map(|(number, record)| {
                let shown = shown(record, wanted, (state, config), now);
                shown
                    .into_iter()
                    .enumerate()
                    .map(move |(position, entry)| ((number + 1, position), entry))
            })
            .skip_while(|(place, _)| place.0 == before && place.1 < skipped)
            .peekable();
        let mut page = Vec::new();
        while page.len() < query.page_size
            && let Some((_, entry)) = entries.next()
        {
            page.push(entry);
        }
        let next_page_token = entries
            .peek()
            .filter(|_| rules.next_page != NextPage::Missing)
            .map(|((number, position), _)| format!("{number:x}.{position:x}"));
        ActivityPage {
            entries: page,
            next_page_token,
        }
    }
}

/// The entries of one record that are wanted.
fn shown(record: &Record, wanted: Wanted, (state, config): (&State, &Config), now: Timestamp) -> Vec<ActivityEntry> {
    let entry = |kind, at| ActivityEntry {
        kind,
        workflow: record.run.map(|(key, _)| config.catalog[key].id),
        execution: record.run.map(|(_, id)| id),
        at,
        event: record.event.clone(),
    };
    match (wanted, record.run) {
        (Wanted::All | Wanted::WorkflowRuns, Some(_)) => vec![entry(ActivityKind::WorkflowRun, record.at)],
        (Wanted::All, None) => vec![entry(ActivityKind::Event, record.at)],
        (Wanted::WorkflowRuns | Wanted::StepExecutions, None) => Vec::new(),
        (Wanted::StepExecutions, Some((_, id))) => {
            let steps = state
                .executions
                .get(id)
                .map(|execution| execution.steps(now))
                .unwrap_or_default();
            steps
                .into_iter()
                .rev()
                .map(|(at, step)| entry(ActivityKind::StepExecution(step), at))
                .collect()
        }
    }
}

/// What a caller wants of the activity log.
#[derive(Clone, Debug)]
pub(crate) struct ActivityQuery {
    page_size: usize,
    page: Option<(u64, usize)>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    wanted: Wanted,
    workflow: Option<WorkflowId>,
}

impl ActivityQuery {
    /// Reads the parameters; unknown ones are ignored.
    pub(crate) fn parse(query: Option<&str>, config: &Config) -> Result<Self, Rejection> {
        let rules = &config.behaviour.executions;
        let mut parsed = Self {
            page_size: rules.page_size.get() as usize,
            page: None,
            from: None,
            to: None,
            wanted: Wanted::All,
            workflow: None,
        };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let read = match name.as_ref() {
                _ if value.is_empty() => Some(()),
                "page_size" => value
                    .parse::<u32>()
                    .ok()
                    .filter(|size| *size > 0)
                    .map(|size| parsed.page_size = size.min(rules.page_size_limit.get()) as usize),
                "page_token" => parse_page(&value).map(|page| parsed.page = Some(page)),
                "start_time" => Timestamp::parse(&value).map(|from| parsed.from = Some(from)),
                "end_time" => Timestamp::parse(&value).map(|to| parsed.to = Some(to)),
                "activity_type" => Wanted::ALL
                    .iter()
                    .find(|(word, _)| *word == value)
                    .map(|(_, wanted)| parsed.wanted = *wanted),
                "workflow_id" => WorkflowId::parse(&value).map(|id| parsed.workflow = Some(id)),
                _ => Some(()),
            };
            if read.is_none() {
                let reason = format!("the parameter `{name}` cannot be read");
                return Err(Rejection::new(Gate::Parameters, Refusal::InvalidParameter, reason)
                    .comparing(accepted(&name), value.into_owned()));
            }
        }
        Ok(parsed)
    }
}

/// What a parameter takes.
fn accepted(name: &str) -> String {
    match name {
        "page_size" => "a whole number, one or more".to_owned(),
        "page_token" => "the `next_page_token` of the page before".to_owned(),
        "start_time" | "end_time" => "a time as RFC 3339 writes it".to_owned(),
        "activity_type" => Wanted::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "),
        "workflow_id" => "a UUID, written 8-4-4-4-12".to_owned(),
        other => format!("a value for `{other}`"),
    }
}

fn parse_page(token: &str) -> Option<(u64, usize)> {
    let (number, position) = token.split_once('.')?;
    Some((
        u64::from_str_radix(number, 16).ok()?,
        usize::from_str_radix(position, 16).ok()?,
    ))
}
