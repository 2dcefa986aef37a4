//! The routes about faults: which are switched on, and switching them.
//!
//! Names them only; what they do is the sandbox's behaviour.

use serde_json::{Value, json};

use super::Control;
use super::answer::ControlAnswer;
use super::asked::{Answered, Asked, bad, object};
use super::routes::sandbox;
use crate::fault::{Fault, Faults, catalogue};
use crate::sandbox::Happening;

/// The faults that are on, and all there are.
pub(super) fn faults(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let on = sandbox.world.app().faults();
    let available: Value = catalogue().iter().map(describe).collect();
    Ok(ControlAnswer::ok(
        &json!({ "faults": names(&on), "available": available }),
    ))
}

/// Switches faults on, and all others off.
pub(super) fn set_faults(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let body = object(asked, &["faults"])?;
    let wanted = body
        .get("faults")
        .ok_or_else(|| bad("say which: {\"faults\": [\"fallback-at-45s\"]}"))?;
    let faults = read(wanted)?;
    sandbox.world.app().set_faults(faults.clone());
    sandbox.world.feed.tell(Happening::Faults);
    Ok(ControlAnswer::ok(&json!({ "faults": names(&faults) })))
}

/// The faults of a list of names.
pub(super) fn read(wanted: &Value) -> Result<Faults, ControlAnswer> {
    let wrong = || bad("`faults` is a list of names; GET /faults has them all");
    let items = wanted.as_array().ok_or_else(wrong)?;
    let names: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
    Faults::named(names.ok_or_else(wrong)?).map_err(|error| bad(error.to_string()))
}

/// Their names.
pub(super) fn names(faults: &Faults) -> Vec<&str> {
    faults.iter().map(|fault| fault.name.as_str()).collect()
}

fn describe(fault: &Fault) -> Value {
    json!({ "name": fault.name, "about": fault.about, "violates": fault.violates })
}
