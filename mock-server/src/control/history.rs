//! The routes about executions, and about forgetting what happened.
//!
//! Reads what was asked; the sandbox's application answers.

use serde_json::{Value, json};

use super::Control;
use super::answer::ControlAnswer;
use super::asked::{Answered, Asked, bad, execution_id, object};
use super::routes::sandbox;
use super::time;
use crate::app::{Inspected, Release, ReleaseError, ResetScope};

pub(super) fn executions(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let limit = asked.number("limit")?.unwrap_or(usize::MAX);
    let all = sandbox.world.app().executions(sandbox.world.clock.now());
    let newest = &all[all.len().saturating_sub(limit)..];
    Ok(ControlAnswer::ok(
        &json!({ "executions": newest, "remembered": all.len() }),
    ))
}

pub(super) fn execution(control: &Control, asked: &Asked<'_>, id: &str) -> Answered {
    let sandbox = sandbox(control, asked)?;
    match sandbox
        .world
        .app()
        .execution(execution_id(id)?, sandbox.world.clock.now())
    {
        Inspected::Known(value) => Ok(ControlAnswer::ok(&value)),
        Inspected::Unknown { evicted } => Err(ControlAnswer::json(
            404,
            &json!({ "error": "no execution of this id is remembered", "evicted": evicted }),
        )),
    }
}

pub(super) fn release(control: &Control, asked: &Asked<'_>, id: &str) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let id = execution_id(id)?;
    let body = if asked.body.is_empty() {
        serde_json::Map::new()
    } else {
        object(asked, &["status", "output"])?
    };
    let how = match (body.get("status").map(Value::as_str), body.get("output")) {
        (None | Some(Some("SUCCESS")), output) => Release::Success {
            output: output.cloned(),
        },
        (Some(Some("FAILED")), None) => Release::Failure,
        (Some(Some("FAILED")), Some(_)) => return Err(bad("what fails has no output")),
        (Some(_), _) => return Err(bad("`status` is SUCCESS or FAILED")),
    };
    match sandbox.world.release(id, how) {
        Ok(()) => execution(control, asked, &id.to_string()),
        Err(error @ ReleaseError::Unknown) => Err(ControlAnswer::error(404, error.to_string())),
        Err(error @ ReleaseError::NotUnderWay) => Err(ControlAnswer::error(409, error.to_string())),
    }
}

pub(super) fn reset(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let scope = match asked.query.get("scope").map(String::as_str) {
        None | Some("all") => ResetScope::Everything,
        Some("journal") => ResetScope::Journal,
        Some(other) => return Err(bad(format!("the scope `{other}` is neither `all` nor `journal`"))),
    };
    sandbox.world.reset(scope);
    let scope = asked.query.get("scope").map_or("all", String::as_str);
    Ok(ControlAnswer::ok(
        &json!({ "reset": scope, "clock": time::state(&sandbox.world) }),
    ))
}
