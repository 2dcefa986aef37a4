//! The routes that tell, move and wait for time.
//!
//! Waits for what others bring about; changes nothing but the clock.

use std::time::Duration;

use located_yaml::{parse_duration, write_duration};
use serde_json::{Map, Value, json};

use super::Control;
use super::answer::ControlAnswer;
use super::asked::{Answered, Asked, bad, duration, execution_id, nested, object};
use super::routes::sandbox;
use crate::app::Inspected;
use crate::clock::{Move, MoveError};
use crate::config::ClockMode;
use crate::execution::Status;
use crate::sandbox::{Sandbox, World};

/// How long, in real time, things are waited for when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest wait that can be asked for.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

/// What a clock says of itself.
pub(super) fn state(world: &World) -> Value {
    let clock = &world.clock;
    let now = clock.now();
    json!({
        "mode": word(clock.mode()), "now": now.to_string(), "now_nanos": now.as_nanos().to_string(), "held": clock.held(),
    })
}

const fn word(mode: ClockMode) -> &'static str {
    match mode {
        ClockMode::System => "system",
        ClockMode::Manual => "manual",
    }
}

pub(super) fn clock(sandbox: &Sandbox) -> ControlAnswer {
    ControlAnswer::ok(&state(&sandbox.world))
}

/// Stops the clock or sets it going, moves it, or both in this order.
pub(super) async fn change(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let body = object(asked, &["mode", "advance", "when", "until", "timeout"])?;
    let mode = match body.get("mode").map(Value::as_str) {
        None => None,
        Some(Some("system")) => Some(ClockMode::System),
        Some(Some("manual")) => Some(ClockMode::Manual),
        Some(_) => return Err(bad("`mode` is `system` or `manual`")),
    };
    let by = duration(body.get("advance"), "advance")?;
    if let Some(mode) = mode {
        sandbox.world.switch_clock(mode).await;
    }
    match (by, mode) {
        (Some(by), _) => advance(&sandbox, &body, by).await,
        (None, Some(_)) => Ok(clock(&sandbox)),
        (None, None) => Err(bad(
            "say how far: {\"advance\": \"50s\"}, or which clock: {\"mode\": \"manual\"}",
        )),
    }
}

async fn advance(sandbox: &Sandbox, body: &Map<String, Value>, by: Duration) -> Answered {
    let wanted = Move {
        by,
        when_held: nested(body, ("when", "held"))?.unwrap_or_default(),
        until_answered: nested(body, ("until", "answered"))?,
        timeout: duration(body.get("timeout"), "timeout")?
            .unwrap_or(TIMEOUT)
            .min(MAX_TIMEOUT),
    };
    let mut closing = sandbox.world.closing();
    let moved = tokio::select! {
        moved = sandbox.world.advance(wanted) => moved,
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

pub(super) async fn wait(control: &Control, asked: &Asked<'_>) -> Answered {
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
    let what = ["held", "requests", "execution"];
    if what.iter().filter(|key| asked.query.contains_key(**key)).count() > 1 {
        return Err(bad("one of `held`, `requests` and `execution` at a time"));
    }
    if let Some(wanted) = number("held")? {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let held = sandbox.world.clock.wait_held(wanted, timeout).await;
        return Ok(ControlAnswer::ok(&json!({ "matched": held >= wanted, "held": held })));
    }
    if let Some(wanted) = number("requests")? {
        let matched = sandbox.world.until(timeout, |world| world.received() >= wanted).await;
        return Ok(ControlAnswer::ok(
            &json!({ "matched": matched, "requests": sandbox.world.received() }),
        ));
    }
    let Some(id) = asked.query.get("execution") else {
        return Err(bad(
            "say what to wait for: `held=N`, `requests=N` or `execution=ID&status=WORD`",
        ));
    };
    let id = execution_id(id)?;
    let status = asked.query.get("status").cloned();
    if let Some(word) = status.as_deref()
        && !Status::ALL.iter().any(|status| status.word() == word)
    {
        let words: Vec<_> = Status::ALL.iter().map(|status| status.word()).collect();
        return Err(bad(format!(
            "there is no status `{word}`; they are {}",
            words.join(", ")
        )));
    }
    let reached = |world: &World| match world.app().execution(id, world.clock.now()) {
        Inspected::Known(value) => status
            .as_ref()
            .is_none_or(|status| value["status"].as_str() == Some(status)),
        Inspected::Unknown { .. } => false,
    };
    let matched = sandbox.world.until(timeout, reached).await;
    Ok(ControlAnswer::ok(&json!({ "matched": matched })))
}
