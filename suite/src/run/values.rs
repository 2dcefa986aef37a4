//! The names a case may use and what they stand for at this deployment.

use serde_json::Value as Json;
use thiserror::Error;

use crate::expression::{Value, Values};
use crate::profile::{Profile, Urls};
use crate::spec::model::{Case, SurfaceName};

/// Something a case needs that the profile does not have, although nothing declares it missing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the profile has no {kind} `{name}`, and does not declare it unavailable")]
pub struct MissingFixture {
    /// integration, workflow, workspace or client.
    pub kind: &'static str,
    /// Its logical name.
    pub name: String,
}

/// The values every step of `case` starts from.
#[must_use]
pub(crate) fn initial(profile: &Profile, case: &Case) -> Values {
    let mut values = Values::default();
    let mut text = |name: String, value: &str| values.set(name, Value::Json(Json::from(value)));
    for (name, workspace) in &profile.workspaces {
        if let Some(id) = &workspace.id {
            text(format!("workspaces.{name}.id"), id);
        }
    }
    for (name, integration) in &profile.integrations {
        text(format!("integrations.{name}.id"), &integration.id);
    }
    for (name, workflow) in &profile.workflows {
        text(format!("workflows.{name}.id"), &workflow.id);
    }
    for (name, surface) in [
        ("hooks", SurfaceName::Hooks),
        ("api", SurfaceName::Api),
        ("auth", SurfaceName::Auth),
    ] {
        text(format!("hosts.{name}"), host(base(&profile.urls, surface)));
    }
    text("random.uuid".to_owned(), &fresh_id(&case.id));
    let limits = &profile.limits;
    values.set("limits.sync_timeout", Value::Duration(limits.sync_timeout));
    values.set(
        "limits.executions_per_second",
        Value::Json(limits.executions_per_second.into()),
    );
    values.set(
        "limits.api_requests_per_second",
        Value::Json(limits.api_requests_per_second.into()),
    );
    if let Some(payload) = limits.payload {
        values.set("limits.payload", Value::Json(payload.into()));
    }
    values.set("tolerance", Value::Duration(profile.tolerance));
    for (key, value) in &case.each {
        values.set(format!("each.{key}"), Value::Json(value.clone()));
    }
    values
}

/// The fixture that gives a name such as `workflows.respond.id` its value.
#[must_use]
pub(crate) fn fixture_of(name: &str) -> Option<MissingFixture> {
    let (kind, rest) = name.split_once('.')?;
    let kind = match kind {
        "workspaces" => "workspace id",
        "integrations" => "integration",
        "workflows" => "workflow",
        _ => return None,
    };
    Some(MissingFixture {
        kind,
        name: rest.strip_suffix(".id")?.to_owned(),
    })
}

/// The base URL of a surface.
#[must_use]
pub(crate) fn base(urls: &Urls, surface: SurfaceName) -> &str {
    match surface {
        SurfaceName::Hooks => &urls.hooks,
        SurfaceName::Api => &urls.api,
        SurfaceName::Auth => &urls.auth,
    }
}

/// What goes into `Host`: the authority of a URL.
#[must_use]
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// A well-formed id nobody was given, the same for a case in every run.
fn fresh_id(case: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(format!("random.uuid of {case}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
