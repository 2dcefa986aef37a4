//! The routes for those who run the server: is it up, is it ready, what does it count, and its configuration once more.
//!
//! Knows nothing of what happens inside a sandbox beyond how much of it there is.

use std::collections::BTreeMap;

use serde_json::json;

use super::Control;
use super::answer::ControlAnswer;
use super::asked::Answered;
use super::reloading::ReloadError;
use crate::edge::tls::Tls;
use crate::execution::Status;
use crate::meters::Standing;
use crate::server::DEFAULT_SANDBOX;

/// What OpenMetrics text is called.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether requests are served: the default sandbox is there, and the server has not been told to stop.
pub(super) fn readiness(control: &Control) -> ControlAnswer {
    let serving = control.registry().get(DEFAULT_SANDBOX).is_some();
    match serving && !control.is_stopping() {
        true => ControlAnswer::ok(&json!({ "status": "ready" })),
        false => ControlAnswer::json(503, &json!({ "status": "stopping" })),
    }
}

pub(super) fn metrics(control: &Control) -> ControlAnswer {
    let sandboxes = control.registry().all();
    let mut executions: BTreeMap<&str, (Status, usize)> =
        Status::ALL.iter().map(|status| (status.word(), (*status, 0))).collect();
    let mut standing = Standing {
        sandboxes: sandboxes.len(),
        ..Standing::default()
    };
    for sandbox in &sandboxes {
        let (app, clock) = (sandbox.world.app(), &sandbox.world.clock);
        standing.held += clock.held();
        standing.memory.push(app.memory().1);
        for status in app.statuses(clock.now()) {
            if let Some((_, count)) = executions.get_mut(status.word()) {
                *count += 1;
            }
        }
    }
    standing.executions = executions.into_values().collect();
    ControlAnswer::text(OPEN_METRICS, control.meters().write(&standing))
}

/// What became of the configuration file the last time it was read again.
pub(super) fn reloads(control: &Control) -> ControlAnswer {
    ControlAnswer::ok(&control.reloading().describe())
}

/// Reads the configuration file again, and serves it if nothing is wrong with it.
pub(super) fn reload(control: &Control) -> Answered {
    match control.reload() {
        Ok(()) => Ok(reloads(control)),
        Err(error) => {
            let mut document = control.reloading().describe();
            document["error"] = match &error {
                ReloadError::NoSource => json!(error.to_string()),
                ReloadError::Wrong(_) => json!("the configuration is wrong, as `wrong` says; the old one is served on"),
            };
            Err(ControlAnswer::json(error.status(), &document))
        }
    }
}

/// The authority that clients have to trust, when the certificate was made here.
pub(super) fn authority(control: &Control) -> Answered {
    let authority = control.common.tls.as_ref().and_then(Tls::authority);
    match authority {
        Some(pem) => Ok(ControlAnswer::text("application/x-pem-file", pem.to_owned())),
        None => Err(ControlAnswer::error(404, "this server made no certificate authority")),
    }
}
