//! The routes of the control surface, one function each.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use located_yaml::{Paint, Problems, Sources, parse_duration, write_duration};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Control;
use super::answer::ControlAnswer;
use crate::app::{Inspected, Release, ReleaseError, ResetScope};
use crate::clock::{Move, MoveError};
use crate::config::{ClockMode, Config};
use crate::gate::Gate;
use crate::ids::{ExecutionId, Seed};
use crate::journal::{JournalOutcome, JournalQuery};
use crate::sandbox::Sandbox;
use crate::server::DEFAULT_SANDBOX;

/// How long, in real time, things are waited for when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest wait that can be asked for.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

/// Every route, for the index and for suggestions.
const ROUTES: [&str; 15] = [
    "GET /healthz",
    "GET /clock",
    "POST /clock",
    "POST /reset",
    "GET /requests",
    "GET /executions",
    "GET /executions/{id}",
    "POST /executions/{id}/release",
    "GET /wait",
    "GET /sandboxes",
    "POST /sandboxes",
    "GET /sandboxes/{id}",
    "DELETE /sandboxes/{id}",
    "GET /profile",
    "GET /",
];

/// A request of the control surface, taken apart.
#[derive(Debug)]
pub(super) struct Asked<'r> {
    pub(super) method: &'r str,
    pub(super) path: &'r str,
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: &'r [u8],
    pub(super) wants_json: bool,
}

type Answered = Result<ControlAnswer, ControlAnswer>;

pub(super) async fn dispatch(control: &Control, asked: &Asked<'_>) -> ControlAnswer {
    let segments: Vec<&str> = asked.path.split('/').filter(|segment| !segment.is_empty()).collect();
    let answered = match (asked.method, segments.as_slice()) {
        ("GET", []) => Ok(index()),
        ("GET", ["healthz"]) => Ok(ControlAnswer::ok(&json!({ "status": "ok" }))),
        ("GET", ["clock"]) => sandbox(control, asked).map(|it| clock(&it)),
        ("POST", ["clock"]) => advance(control, asked).await,
        ("POST", ["reset"]) => reset(control, asked),
        ("GET", ["requests"]) => requests(control, asked),
        ("GET", ["executions"]) => sandbox(control, asked).map(|it| executions(&it)),
        ("GET", ["executions", id]) => execution(control, asked, id),
        ("POST", ["executions", id, "release"]) => release(control, asked, id),
        ("GET", ["wait"]) => wait(control, asked).await,
        ("GET", ["sandboxes"]) => Ok(list(control)),
        ("POST", ["sandboxes"]) => create(control, asked).await,
        ("GET", ["sandboxes", id]) => find(control, id).map(|it| ControlAnswer::ok(&describe(control, &it))),
        ("DELETE", ["sandboxes", id]) => delete(control, id).await,
        ("GET", ["profile"]) => sandbox(control, asked).map(|it| profile(control, asked, &it)),
        _ => Err(unknown(asked)),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn index() -> ControlAnswer {
    let mut text = String::from("The control surface of torq-mock. Each route takes ?sandbox=ID.\n\n");
    for route in ROUTES {
        text.push_str(route);
        text.push('\n');
    }
    ControlAnswer::text("text/plain; charset=utf-8", text)
}

fn unknown(asked: &Asked<'_>) -> ControlAnswer {
    let wanted = format!("{} {}", asked.method, asked.path);
    let nearest = located_yaml::nearest(&wanted, ROUTES);
    let hint = nearest.map_or_else(String::new, |nearest| format!("; the nearest is `{nearest}`"));
    ControlAnswer::error(404, format!("there is no `{wanted}` here{hint}"))
}

fn sandbox(control: &Control, asked: &Asked<'_>) -> Result<Arc<Sandbox>, ControlAnswer> {
    find(
        control,
        asked.query.get("sandbox").map_or(DEFAULT_SANDBOX, String::as_str),
    )
}

fn find(control: &Control, id: &str) -> Result<Arc<Sandbox>, ControlAnswer> {
    control
        .registry()
        .get(id)
        .ok_or_else(|| ControlAnswer::error(404, format!("there is no sandbox `{id}`")))
}

fn clock(sandbox: &Sandbox) -> ControlAnswer {
    let clock = &sandbox.world.clock;
    let now = clock.now();
    let mode = match clock.mode() {
        ClockMode::System => "system",
        ClockMode::Manual => "manual",
    };
    ControlAnswer::ok(&json!({
        "mode": mode, "now": now.to_string(), "now_nanos": now.as_nanos().to_string(), "held": clock.held(),
    }))
}

async fn advance(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let body = object(asked, &["advance", "when", "until", "timeout"])?;
    let by = duration(body.get("advance"), "advance")?.ok_or_else(|| bad("say how far: {\"advance\": \"50s\"}"))?;
    let wanted = Move {
        by,
        when_held: count(body.get("when").and_then(|it| it.get("held")), "when.held")?.unwrap_or_default(),
        until_answered: count(body.get("until").and_then(|it| it.get("answered")), "until.answered")?,
        timeout: duration(body.get("timeout"), "timeout")?
            .unwrap_or(TIMEOUT)
            .min(MAX_TIMEOUT),
    };
    let mut closing = sandbox.world.closing();
    let moved = tokio::select! {
        moved = sandbox.world.clock.advance(wanted) => moved,
        _ = closing.wait_for(|closing| *closing) => return Err(gone()),
    };
    match moved {
        Ok(moved) => Ok(ControlAnswer::ok(&json!({
            "now": moved.now.to_string(),
            "now_nanos": moved.now.as_nanos().to_string(),
            "advanced": write_duration(moved.by),
            "answered": moved.answered,
            "held": moved.held,
            "unsettled": moved.unsettled,
        }))),
        Err(error @ MoveError::System) => Err(ControlAnswer::error(409, error.to_string())),
        Err(error @ MoveError::TooFewHeld { held, .. }) => Err(ControlAnswer::json(
            409,
            &json!({ "error": error.to_string(), "held": held }),
        )),
    }
}

fn reset(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let scope = match asked.query.get("scope").map(String::as_str) {
        None | Some("all") => ResetScope::Everything,
        Some("journal") => ResetScope::Journal,
        Some(other) => return Err(bad(format!("the scope `{other}` is neither `all` nor `journal`"))),
    };
    sandbox.world.app.reset(scope);
    sandbox.world.clock.nudge();
    Ok(ControlAnswer::ok(
        &json!({ "reset": asked.query.get("scope").map_or("all", String::as_str) }),
    ))
}

fn requests(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let limit = asked.query.get("limit").map(|text| text.parse::<usize>());
    let limit = limit.transpose().map_err(|_| bad("`limit` is a number"))?;
    let gate = match asked.query.get("gate") {
        Some(word) => Some(Gate::named(word).ok_or_else(|| bad(format!("there is no gate `{word}`")))?),
        None => None,
    };
    let outcome = match asked.query.get("outcome") {
        Some(word) => {
            let named = JournalOutcome::named(word);
            Some(named.ok_or_else(|| bad(format!("`{word}` is neither `accepted` nor `refused`")))?)
        }
        None => None,
    };
    let page = sandbox.world.app.journal(&JournalQuery { limit, gate, outcome });
    Ok(ControlAnswer::ok(&serde_json::to_value(page).unwrap_or_default()))
}

fn executions(sandbox: &Sandbox) -> ControlAnswer {
    let now = sandbox.world.clock.now();
    ControlAnswer::ok(&json!({ "executions": sandbox.world.app.executions(now) }))
}

fn execution(control: &Control, asked: &Asked<'_>, id: &str) -> Answered {
    let sandbox = sandbox(control, asked)?;
    match sandbox
        .world
        .app
        .execution(execution_id(id)?, sandbox.world.clock.now())
    {
        Inspected::Known(value) => Ok(ControlAnswer::ok(&value)),
        Inspected::Unknown { evicted } => Err(ControlAnswer::json(
            404,
            &json!({ "error": "no execution of this id is remembered", "evicted": evicted }),
        )),
    }
}

fn release(control: &Control, asked: &Asked<'_>, id: &str) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let id = execution_id(id)?;
    let body = if asked.body.is_empty() {
        serde_json::Map::new()
    } else {
        object(asked, &["status", "output"])?
    };
    let how = match body.get("status").and_then(Value::as_str) {
        None | Some("SUCCESS") => Release::Success {
            output: body.get("output").cloned(),
        },
        Some("FAILED") => Release::Failure,
        Some(other) => return Err(bad(format!("`{other}` is neither SUCCESS nor FAILED"))),
    };
    let released = sandbox.world.app.release(id, how, sandbox.world.clock.now());
    sandbox.world.clock.nudge();
    match released {
        Ok(()) => execution(control, asked, &id.to_string()),
        Err(error @ ReleaseError::Unknown) => Err(ControlAnswer::error(404, error.to_string())),
        Err(error @ ReleaseError::NotOnHold) => Err(ControlAnswer::error(409, error.to_string())),
    }
}

async fn wait(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let mut closing = sandbox.world.closing();
    tokio::select! {
        answered = wait_in(&sandbox, asked) => answered,
        _ = closing.wait_for(|closing| *closing) => Err(gone()),
    }
}

fn gone() -> ControlAnswer {
    ControlAnswer::error(409, "the sandbox went while this waited")
}

async fn wait_in(sandbox: &Sandbox, asked: &Asked<'_>) -> Answered {
    let timeout = match asked.query.get("timeout") {
        Some(text) => parse_duration(text).map_err(bad)?.min(MAX_TIMEOUT),
        None => TIMEOUT,
    };
    let number = |key: &str| {
        let text = asked.query.get(key).map(|text| text.parse::<u64>());
        text.transpose().map_err(|_| bad(format!("`{key}` is a number")))
    };
    if let Some(wanted) = number("held")? {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let held = sandbox.world.clock.wait_held(wanted, timeout).await;
        return Ok(ControlAnswer::ok(&json!({ "matched": held >= wanted, "held": held })));
    }
    if let Some(wanted) = number("requests")? {
        let matched = until(sandbox, timeout, |sandbox| sandbox.world.requests() >= wanted).await;
        return Ok(ControlAnswer::ok(
            &json!({ "matched": matched, "requests": sandbox.world.requests() }),
        ));
    }
    let Some(id) = asked.query.get("execution") else {
        return Err(bad(
            "say what to wait for: `held=N`, `requests=N` or `execution=ID&status=WORD`",
        ));
    };
    let id = execution_id(id)?;
    let status = asked.query.get("status").cloned();
    let reached = |sandbox: &Sandbox| match sandbox.world.app.execution(id, sandbox.world.clock.now()) {
        Inspected::Known(value) => status
            .as_ref()
            .is_none_or(|status| value["status"].as_str() == Some(status)),
        Inspected::Unknown { .. } => false,
    };
    let matched = until(sandbox, timeout, reached).await;
    Ok(ControlAnswer::ok(&json!({ "matched": matched })))
}

/// Waits until something seen makes `reached` true. Looked at again now and then, since time alone changes executions.
async fn until(sandbox: &Sandbox, timeout: Duration, reached: impl Fn(&Sandbox) -> bool) -> bool {
    const AGAIN: Duration = Duration::from_millis(50);
    let mut seen = sandbox.world.seen();
    let deadline = tokio::time::Instant::now() + timeout;
    loop {
        seen.mark_unchanged();
        if reached(sandbox) {
            return true;
        }
        if tokio::time::Instant::now() >= deadline {
            return false;
        }
        let next = deadline.min(tokio::time::Instant::now() + AGAIN);
        // Either something was seen or it is time to look again.
        let _ = tokio::time::timeout_at(next, seen.changed()).await;
    }
}

fn list(control: &Control) -> ControlAnswer {
    let all: Vec<_> = control
        .registry()
        .all()
        .iter()
        .map(|sandbox| json!({ "id": sandbox.id, "base_url": sandbox.base_url() }))
        .collect();
    ControlAnswer::ok(&json!({ "sandboxes": all }))
}

fn describe(control: &Control, sandbox: &Sandbox) -> Value {
    json!({ "id": sandbox.id, "base_url": sandbox.base_url(), "profile": control.profile_of(sandbox) })
}

async fn create(control: &Control, asked: &Asked<'_>) -> Answered {
    let body = if asked.body.is_empty() {
        serde_json::Map::new()
    } else {
        object(asked, &["config", "file", "clock", "seed"])?
    };
    if control.registry().is_full() {
        return Err(ControlAnswer::error(
            429,
            "this process has as many sandboxes as it keeps; delete one first",
        ));
    }
    let seed = match body.get("seed") {
        Some(seed) => Some(Seed::new(seed.as_u64().ok_or_else(|| bad("`seed` is a whole number"))?)),
        None => None,
    };
    let file = body.get("file").and_then(Value::as_str).unwrap_or("configuration");
    let config = match body.get("config") {
        None => Arc::new(Config::built_in(seed)),
        Some(Value::String(text)) => {
            let read = control.configurations().read(file, text, seed);
            read.map_err(|problems| invalid(file, text, &problems))?
        }
        Some(_) => return Err(bad("`config` is the text of a configuration file")),
    };
    let mode = match body.get("clock").map(Value::as_str) {
        None => config.clock(),
        Some(Some("system")) => ClockMode::System,
        Some(Some("manual")) => ClockMode::Manual,
        Some(_) => return Err(bad("`clock` is `system` or `manual`")),
    };
    let failed = |error: std::io::Error| ControlAnswer::error(500, format!("no port could be had: {error}"));
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .map_err(failed)?;
    let sandbox = Sandbox::start(control.registry().next_id(), config, mode, listener).map_err(failed)?;
    let sandbox = control.registry().add(sandbox);
    Ok(ControlAnswer::json(201, &describe(control, &sandbox)))
}

fn invalid(file: &str, text: &str, problems: &Problems) -> ControlAnswer {
    let mut sources = Sources::default();
    sources.add(file, text);
    let list: Vec<_> = problems
        .iter()
        .map(|it| {
            json!({
                "file": &*it.location.file, "line": it.location.line, "column": it.location.column,
                "message": it.message, "hint": it.hint,
            })
        })
        .collect();
    ControlAnswer::json(
        422,
        &json!({ "problems": list, "rendered": problems.render(&sources, Paint::Plain) }),
    )
}

async fn delete(control: &Control, id: &str) -> Answered {
    if id == DEFAULT_SANDBOX {
        return Err(ControlAnswer::error(
            409,
            "the default sandbox stays as long as the server; reset it instead",
        ));
    }
    let sandbox = control.registry().remove(id);
    let sandbox = sandbox.ok_or_else(|| ControlAnswer::error(404, format!("there is no sandbox `{id}`")))?;
    tokio::spawn(sandbox.stop());
    Ok(ControlAnswer::ok(&json!({ "deleted": id })))
}

fn profile(control: &Control, asked: &Asked<'_>, sandbox: &Sandbox) -> ControlAnswer {
    let profile = control.profile_of(sandbox);
    if asked.wants_json {
        return ControlAnswer::ok(&profile);
    }
    match serde_yaml::to_string(&profile) {
        Ok(yaml) => ControlAnswer::text("application/yaml", yaml),
        Err(_) => ControlAnswer::ok(&profile),
    }
}

fn object(asked: &Asked<'_>, known: &[&str]) -> Result<serde_json::Map<String, Value>, ControlAnswer> {
    let parsed = serde_json::from_slice(asked.body).map_err(|error| bad(format!("the body is no JSON: {error}")))?;
    let Value::Object(object) = parsed else {
        return Err(bad("the body is a JSON object"));
    };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(object),
        Some(key) => Err(bad(format!("unknown key `{key}`; the keys are {}", known.join(", ")))),
    }
}

fn duration(value: Option<&Value>, key: &str) -> Result<Option<Duration>, ControlAnswer> {
    let wrong = || bad(format!("`{key}` is a duration such as \"50s\", or a number of seconds"));
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => parse_duration(text).map(Some).map_err(|_| wrong()),
        Some(Value::Number(number)) => {
            let seconds = number
                .as_f64()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            seconds.map(Some).ok_or_else(wrong)
        }
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(wrong()),
    }
}

fn count(value: Option<&Value>, key: &str) -> Result<Option<usize>, ControlAnswer> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            number
                .map(Some)
                .ok_or_else(|| bad(format!("`{key}` is a whole number")))
        }
    }
}

fn execution_id(text: &str) -> Result<ExecutionId, ControlAnswer> {
    ExecutionId::parse(text).ok_or_else(|| bad(format!("`{text}` is no execution id")))
}

fn bad(message: impl Into<String>) -> ControlAnswer {
    ControlAnswer::error(400, message)
}
