//! The executions API, the activity log and the token endpoint.
//!
//! Requests are counted in seconds that begin anew; what nobody publishes is another answer than the mock's.

use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::http::{Answer, Request};
use super::refusal;
use super::triggers::is_id;
use super::workflow::Ending;
use super::world::{Caller, Execution, Happening, SECOND, State, World};

fn document(status: u16, body: &Json) -> Answer {
    Answer::new(status, "application/json; charset=utf-8", body.to_string())
}

/// RFC 3339, its fraction as short as it can be.
fn time(nanos: u64) -> String {
    Timestamp::from_nanosecond(i128::from(nanos)).map_or_else(|_| "unknown".to_owned(), |time| time.to_string())
}

/// Answers what is asked of the public API.
pub(super) fn ask(world: &World, path: &str, request: &Request) -> Answer {
    let mut state = world.lock();
    let workspace = match reader(world, &mut state, request) {
        Ok(workspace) => workspace,
        Err(refused) => return refused,
    };
    match path.strip_prefix("executions/") {
        Some(id) => execution(world, &state, (id, &workspace)),
        None if path == "activity_logs" => activity(&state, (&request.query, &workspace)),
        None => refusal(400, "nothing is here"),
    }
}

/// The workspace whose token a request carries.
fn reader(world: &World, state: &mut State, request: &Request) -> Result<String, Answer> {
    if request.method != "GET" {
        return Err(refusal(501, "no such method"));
    }
    let token = request
        .header("authorization")
        .next()
        .and_then(|value| value.strip_prefix("Bearer "));
    let (key, ends) = token
        .and_then(|token| state.tokens.get(token))
        .ok_or_else(|| refusal(401, "who are you"))?;
    if state.now >= *ends {
        return Err(refusal(302, "that was long ago"));
    }
    let key = &world.keys[*key];
    if !key.permitted {
        return Err(refusal(403, "not you"));
    }
    if !state.take_request(&key.workspace) {
        return Err(refusal(429, "too often"));
    }
    Ok(key.workspace.clone())
}

fn execution(world: &World, state: &State, (id, workspace): (&str, &str)) -> Answer {
    if !is_id(id) {
        return refusal(400, "Invalid execution ID");
    }
    match state.executions.iter().find(|it| it.id == id) {
        None => refusal(404, "Execution not found"),
        Some(it) if it.workspace != workspace => refusal(403, "of another workspace"),
        Some(it) => {
            let (word, complete) = status(it, state.now);
            let output = it.ending.as_ref().filter(|_| complete).map(|ending| match it.caller {
                Caller::Waits => ending.output_of_waiting(),
                Caller::IsGone => ending.output(),
            });
            let view = json!({
                "output": output,
                "status": word,
                "workflow": { "id": world.workflows[it.workflow].ids[0], "name": world.workflows[it.workflow].name },
                "started_at": time(it.created),
                "execution_id": it.id,
            });
            document(if complete { 200 } else { 201 }, &view)
        }
    }
}

/// The word for what an execution is doing, and whether that is for good.
fn status(execution: &Execution, now: u64) -> (&'static str, bool) {
    match &execution.ending {
        _ if now < execution.starts => ("QUEUED", false),
        None => ("DROPPED", true),
        Some(_) if now < execution.ends => ("RUNNING", false),
        Some(Ending::Failed) => ("FAILED", true),
        Some(Ending::Stopped) => ("STOPPED", true),
        Some(Ending::Parameters(_) | Ending::Object(_) | Ending::NoExit) => ("SUCCESS", true),
    }
}

fn activity(state: &State, (query, workspace): (&str, &str)) -> Answer {
    let asked = |name: &str| {
        let mut given = form_urlencoded::parse(query.as_bytes());
        given.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let at = |name: &str| {
        let time = asked(name).and_then(|text| text.parse::<Timestamp>().ok());
        time.map(|time| u64::try_from(time.as_nanosecond()).unwrap_or_default())
    };
    let (from, to, workflow) = (at("start_time"), at("end_time"), asked("workflow_id"));
    let kind = match asked("activity_type").as_deref() {
        Some("workflow_runs") => Some("run"),
        Some("step_executions") => Some("step"),
        _ => None,
    };
    let wanted = |it: &&Happening| {
        it.workspace == workspace
            && kind.is_none_or(|kind| kind == it.kind)
            && from.is_none_or(|from| from <= it.at)
            && to.is_none_or(|to| it.at <= to)
            && workflow.as_ref().is_none_or(|id| it.workflow.as_ref() == Some(id))
    };
    let size = asked("page_size")
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_usize)
        .max(1);
    if size > 500 {
        return refusal(422, "too much at once");
    }
    let before = asked("page_token")
        .and_then(|text| text.parse().ok())
        .unwrap_or(state.log.len());
    let mut entries = state
        .log
        .iter()
        .enumerate()
        .take(before)
        .rev()
        .filter(|(_, it)| wanted(it));
    let page: Vec<_> = entries.by_ref().take(size).collect();
    let next = page
        .last()
        .filter(|_| entries.next().is_some())
        .map(|(number, _)| number.to_string());
    let shown = page.iter().map(|(_, it)| {
        json!({ "what": it.kind, "run": it.execution, "of": it.workflow, "when": time(it.at), "payload": it.event })
    });
    document(
        200,
        &json!({ "next_page_token": next, "activity_logs": shown.collect::<Vec<_>>() }),
    )
}

/// Answers a request for a token.
pub(super) fn grant(world: &World, request: &Request) -> Answer {
    if request.method != "POST" {
        return refusal(501, "no such method");
    }
    let basic = request
        .header("authorization")
        .next()
        .and_then(|value| value.strip_prefix("Basic "));
    let decoded = basic
        .and_then(|text| BASE64.decode(text.as_bytes()).ok())
        .unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded);
    let (id, secret) = decoded.split_once(':').unwrap_or_default();
    let Some(key) = world.keys.iter().position(|key| key.id == id && key.secret == secret) else {
        return refusal(403, "no such key");
    };
    let mut fields = form_urlencoded::parse(&request.body);
    if !fields.any(|(name, value)| name == "grant_type" && value == "client_credentials") {
        return refusal(403, "no such grant");
    }
    let mut state = world.lock();
    let (token, ends) = (format!("second.{}", Uuid::new_v4().simple()), state.now + 3600 * SECOND);
    state.tokens.insert(token.clone(), (key, ends));
    document(
        200,
        &json!({ "token_type": "Bearer", "access_token": token, "expires_in": 3600, "scope": "all" }),
    )
}
