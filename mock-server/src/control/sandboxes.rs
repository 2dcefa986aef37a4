//! The routes about sandboxes: made, described, thrown away.
//!
//! Knows nothing of what happens inside one.

use std::sync::Arc;

use located_yaml::{Paint, Problems, Sources};
use serde_json::{Value, json};

use super::answer::ControlAnswer;
use super::asked::{Answered, Asked, bad, duration, object};
use super::{Control, faults};
use crate::config::{ClockMode, Config};
use crate::ids::Seed;
use crate::latency::{Latency, LatencyError};
use crate::retention::{Budget, BudgetError};
use crate::sandbox::{NoBerth, Plan, Sandbox};
use crate::server::DEFAULT_SANDBOX;

pub(super) fn list(control: &Control, asked: &Asked<'_>) -> ControlAnswer {
    let all: Vec<_> = control
        .registry()
        .all()
        .iter()
        .map(|sandbox| json!({ "id": sandbox.id, "base_url": sandbox.base_url(asked.called) }))
        .collect();
    ControlAnswer::ok(&json!({ "sandboxes": all }))
}

pub(super) fn describe(control: &Control, asked: &Asked<'_>, sandbox: &Sandbox) -> Value {
    let faults: Vec<_> = sandbox
        .world
        .app()
        .faults()
        .iter()
        .map(|fault| fault.name.as_str())
        .collect();
    let (budget, usage) = sandbox.world.app().memory();
    json!({
        "id": sandbox.id,
        "base_url": sandbox.base_url(asked.called),
        "expires_at": sandbox.expires_at.map(|at| at.to_string()),
        "latency": sandbox.world.delays.latency().write(),
        "certificate": control.common.tls.as_ref().map(|tls| match tls.authority() {
            Some(_) => "made-here",
            None => "given",
        }),
        "memory": {
            "budget": budget.bytes(),
            "used": usage.total(),
            "executions": usage.executions,
            "activity": usage.activity,
            "journal": usage.journal,
            "tokens": usage.tokens,
        },
        "faults": faults,
        "signature_joint": sandbox.world.app().config().behaviour().authentication.signature_joint,
        "profile": control.profile_of(sandbox, asked.called),
    })
}

pub(super) async fn create(control: &Control, asked: &Asked<'_>) -> Answered {
    let body = if asked.body.is_empty() {
        serde_json::Map::new()
    } else {
        object(
            asked,
            &[
                "like", "config", "file", "clock", "seed", "faults", "ttl", "memory", "latency",
            ],
        )?
    };
    if control.registry().is_full() {
        return Err(ControlAnswer::error(
            429,
            "this process has as many sandboxes as it keeps; delete one first",
        ));
    }
    let model = model(control, &body)?;
    let config = match body.get("faults") {
        None => model.config,
        Some(wanted) => Arc::new(Config::clone(&model.config).with_faults(faults::read(wanted)?)),
    };
    let time_to_live = duration(body.get("ttl"), "ttl")?;
    if time_to_live.is_some_and(|time| time.is_zero()) {
        return Err(bad("`ttl` is longer than nothing"));
    }
    let latency = match body.get("latency") {
        None => model.latency,
        Some(Value::String(text)) => text
            .parse()
            .map_err(|error: LatencyError| bad(format!("`latency`: {error}")))?,
        Some(_) => return Err(bad("`latency` is a text such as \"wan\" or \"fixed:200ms\"")),
    };
    let budget = match body.get("memory") {
        None => model.budget,
        Some(size) => budget(size)?,
    };
    let clock = match body.get("clock").map(Value::as_str) {
        None => model.clock,
        Some(Some("system")) => ClockMode::System,
        Some(Some("manual")) => ClockMode::Manual,
        Some(_) => return Err(bad("`clock` is `system` or `manual`")),
    };
    let failed = |error: NoBerth| match error {
        NoBerth::Taken(_) => ControlAnswer::error(429, error.to_string()),
        NoBerth::Refused(_) => ControlAnswer::error(500, error.to_string()),
    };
    let listener = control.common.berths.next().await.map_err(failed)?;
    let plan = Plan {
        id: control.registry().next_id(),
        config,
        clock,
        budget,
        latency,
        time_to_live,
    };
    let sandbox = Sandbox::start(plan, listener, &control.common).map_err(|error| failed(error.into()))?;
    let sandbox = control.registry().add_for(sandbox, time_to_live);
    Ok(ControlAnswer::json(201, &describe(control, asked, &sandbox)))
}

/// What a sandbox is where its maker does not say otherwise.
struct Model {
    config: Arc<Config>,
    clock: ClockMode,
    latency: Latency,
    budget: Budget,
}

/// A configuration of its own, or a sandbox that is there: `like` names it, `default` where nothing is said. So whoever serves
/// a configuration gets more of the same, with the faults that are on there.
fn model(control: &Control, body: &serde_json::Map<String, Value>) -> Result<Model, ControlAnswer> {
    let seed = match body.get("seed") {
        Some(seed) => Some(Seed::new(seed.as_u64().ok_or_else(|| bad("`seed` is a whole number"))?)),
        None => None,
    };
    let read = |file: &str, text: &str, seed| {
        let config = control.configurations().read(file, text, seed);
        config.map_err(|problems| invalid(file, text, &problems))
    };
    let like = match (body.get("config"), body.get("like")) {
        (Some(_), Some(_)) => {
            return Err(bad(
                "`config` and `like` exclude each other: both say what it is made from",
            ));
        }
        (Some(Value::String(text)), None) => {
            let file = body.get("file").and_then(Value::as_str).unwrap_or("configuration");
            let config = read(file, text, seed)?;
            return Ok(Model {
                clock: config.clock(),
                config,
                latency: Latency::None,
                budget: control.budget,
            });
        }
        (Some(_), None) => return Err(bad("`config` is the text of a configuration file")),
        (None, _) if body.contains_key("file") => {
            return Err(bad(
                "`file` is the name of the text in `config`, and there is no `config`",
            ));
        }
        (None, Some(Value::String(id))) => id,
        (None, Some(_)) => return Err(bad("`like` is the id of a sandbox; GET /sandboxes lists them")),
        (None, None) => DEFAULT_SANDBOX,
    };
    let unknown = || {
        bad(format!(
            "there is no sandbox {like:?} to be like; GET /sandboxes lists them"
        ))
    };
    let sandbox = control.registry().get(like).ok_or_else(unknown)?;
    let app = sandbox.world.app();
    let config = match seed {
        None => app.config().clone(),
        Some(_) => {
            let (file, text) = app.config().source();
            read(file, text, seed)?
        }
    };
    let faults = app.faults();
    let config = if *config.faults() == faults {
        config
    } else {
        Arc::new(Config::clone(&config).with_faults(faults))
    };
    Ok(Model {
        config,
        clock: sandbox.world.clock.mode(),
        latency: sandbox.world.delays.latency(),
        budget: app.memory().0,
    })
}

/// A size in bytes, as a number or with its unit.
fn budget(size: &Value) -> Result<Budget, ControlAnswer> {
    let read = match size {
        Value::String(text) => text.parse(),
        other => other.to_string().parse(),
    };
    read.map_err(|error: BudgetError| bad(format!("`memory`: {error}")))
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

pub(super) async fn delete(control: &Control, id: &str) -> Answered {
    if id == DEFAULT_SANDBOX {
        return Err(ControlAnswer::error(
            409,
            "the default sandbox stays as long as the server; reset it instead",
        ));
    }
    let sandbox = control.registry().take(id);
    let sandbox = sandbox.ok_or_else(|| ControlAnswer::error(404, format!("there is no sandbox `{id}`")))?;
    tokio::spawn(sandbox.stop());
    Ok(ControlAnswer::ok(&json!({ "deleted": id })))
}

pub(super) fn profile(control: &Control, asked: &Asked<'_>, sandbox: &Sandbox) -> ControlAnswer {
    let profile = control.profile_of(sandbox, asked.called);
    if asked.wants_json {
        return ControlAnswer::ok(&profile);
    }
    match serde_yaml::to_string(&profile) {
        Ok(yaml) => ControlAnswer::text("application/yaml", yaml),
        Err(_) => ControlAnswer::ok(&profile),
    }
}
