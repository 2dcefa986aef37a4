//! The routes of the control surface: one table, one dispatch.
//!
//! Finds the function and the sandbox a request is about; what a route does stands with its concept.

use std::sync::Arc;

use serde_json::json;

use super::answer::ControlAnswer;
use super::asked::{Asked, bad};
use super::{Control, events, faults, history, requests, running, sandboxes, time};
use crate::sandbox::Sandbox;
use crate::server::DEFAULT_SANDBOX;

/// Every route, for the index and for suggestions.
const ROUTES: [&str; 25] = [
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /reload",
    "POST /reload",
    "GET /ca.pem",
    "GET /clock",
    "POST /clock",
    "POST /reset",
    "GET /requests",
    "GET /requests/{seq}",
    "POST /requests/{seq}/replay",
    "GET /executions",
    "GET /executions/{id}",
    "POST /executions/{id}/release",
    "GET /wait",
    "GET /events",
    "GET /sandboxes",
    "POST /sandboxes",
    "GET /sandboxes/{id}",
    "DELETE /sandboxes/{id}",
    "GET /faults",
    "PUT /faults",
    "GET /profile",
    "GET /",
];

pub(super) async fn dispatch(control: &Control, asked: &Asked<'_>) -> ControlAnswer {
    let segments: Vec<&str> = asked.path.split('/').filter(|segment| !segment.is_empty()).collect();
    if let Err(refusal) = check_parameters(asked, &segments) {
        return refusal;
    }
    let answered = match (asked.method, segments.as_slice()) {
        ("GET", []) => Ok(index()),
        ("GET", ["healthz"]) => Ok(ControlAnswer::ok(&json!({ "status": "ok" }))),
        ("GET", ["readyz"]) => Ok(running::readiness(control)),
        ("GET", ["metrics"]) => Ok(running::metrics(control)),
        ("GET", ["reload"]) => Ok(running::reloads(control)),
        ("POST", ["reload"]) => running::reload(control),
        ("GET", ["ca.pem"]) => running::authority(control),
        ("GET", ["clock"]) => sandbox(control, asked).map(|it| time::clock(&it)),
        ("POST", ["clock"]) => time::change(control, asked).await,
        ("POST", ["reset"]) => history::reset(control, asked),
        ("GET", ["requests"]) => requests::list(control, asked),
        ("GET", ["requests", number]) => requests::one(control, asked, number),
        ("POST", ["requests", number, "replay"]) => requests::replay(control, asked, number),
        ("GET", ["executions"]) => history::executions(control, asked),
        ("GET", ["executions", id]) => history::execution(control, asked, id),
        ("POST", ["executions", id, "release"]) => history::release(control, asked, id),
        ("GET", ["events"]) => events::events(control, asked),
        ("GET", ["wait"]) => time::wait(control, asked).await,
        ("GET", ["sandboxes"]) => Ok(sandboxes::list(control, asked)),
        ("POST", ["sandboxes"]) => sandboxes::create(control, asked).await,
        ("GET", ["sandboxes", id]) => {
            find(control, id).map(|it| ControlAnswer::ok(&sandboxes::describe(control, asked, &it)))
        }
        ("DELETE", ["sandboxes", id]) => sandboxes::delete(control, id).await,
        ("GET", ["faults"]) => faults::faults(control, asked),
        ("PUT", ["faults"]) => faults::set_faults(control, asked),
        ("GET", ["profile"]) => sandbox(control, asked).map(|it| sandboxes::profile(control, asked, &it)),
        _ => Err(unknown(asked)),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

/// Refuses parameters that a route does not take: one that is misspelt would change what is meant, and `sandbox` most of all.
fn check_parameters(asked: &Asked<'_>, segments: &[&str]) -> Result<(), ControlAnswer> {
    let own: &[&str] = match segments {
        // Those who only ask whether it is there may add what they like.
        [] | ["healthz" | "readyz" | "metrics"] => return Ok(()),
        ["requests"] => &requests::PARAMETERS,
        ["wait"] => &["held", "requests", "execution", "status", "timeout"],
        ["executions"] => &["limit"],
        ["events"] => &["after"],
        ["reset"] => &["scope"],
        _ => &[],
    };
    let known = || own.iter().copied().chain(["sandbox"]);
    match asked
        .query
        .keys()
        .find(|key| !known().any(|known| known == key.as_str()))
    {
        None => Ok(()),
        Some(unknown) => {
            let hint = located_yaml::did_you_mean(unknown, known()).unwrap_or_default();
            Err(bad(format!("there is no parameter `{unknown}`; {hint}")))
        }
    }
}

fn index() -> ControlAnswer {
    let mut text = String::from(
        "The control surface of torq-mock; a browser gets the dashboard here. Each route takes ?sandbox=ID.\n\n",
    );
    for route in ROUTES {
        text.push_str(route);
        text.push('\n');
    }
    ControlAnswer::text("text/plain; charset=utf-8", text)
}

fn unknown(asked: &Asked<'_>) -> ControlAnswer {
    let methods = methods_of(asked.path);
    if !methods.is_empty() {
        let allow = methods.join(", ");
        let message = format!("`{}` takes {allow}, and not {}", asked.path, asked.method);
        return ControlAnswer::error(405, message).allowing(&allow);
    }
    let wanted = format!("{} {}", asked.method, asked.path);
    let nearest = located_yaml::nearest(&wanted, ROUTES);
    let hint = nearest.map_or_else(String::new, |nearest| format!("; the nearest is `{nearest}`"));
    ControlAnswer::error(404, format!("there is no `{wanted}` here{hint}"))
}

/// The methods that a path takes; none where there is no such path.
fn methods_of(path: &str) -> Vec<&'static str> {
    let parts = |path: &'static str| path.split('/').filter(|part| !part.is_empty());
    let wanted: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let fits = |route: &'static str| {
        let known: Vec<&str> = parts(route).collect();
        let mut pairs = known.iter().zip(&wanted);
        known.len() == wanted.len() && pairs.all(|(known, wanted)| known.starts_with('{') || known == wanted)
    };
    let routes = ROUTES.iter().filter_map(|route| route.split_once(' '));
    routes
        .filter(|(_, path)| fits(path))
        .map(|(method, _)| method)
        .collect()
}

pub(super) fn sandbox(control: &Control, asked: &Asked<'_>) -> Result<Arc<Sandbox>, ControlAnswer> {
    find(
        control,
        asked.query.get("sandbox").map_or(DEFAULT_SANDBOX, String::as_str),
    )
}

pub(super) fn find(control: &Control, id: &str) -> Result<Arc<Sandbox>, ControlAnswer> {
    control
        .registry()
        .get(id)
        .ok_or_else(|| ControlAnswer::error(404, format!("there is no sandbox `{id}`")))
}
