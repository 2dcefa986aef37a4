//! The profile of a sandbox: what a conformance suite or a client needs to know of it, secrets included.
//!
//! A description for tools; nothing in the mock reads it.

use std::time::Duration;

use located_yaml::write_duration;
use serde_json::{Map, Value, json};

use crate::behaviour::authentication::{Algorithm, Encoding};
use crate::catalog::Origin;
use crate::config::{ClockMode, Config};

/// How much later than documented an answer may come, which is much for a server on the same machine.
const TOLERANCE: Duration = Duration::from_secs(2);
/// Nor may it be longer than such a part of the time-out: it has to tell early answers from late ones.
const TOLERANCES: u32 = 5;

/// The profile of a configuration served at `base_url`; `control` is the control surface's URL and the sandbox's id.
#[must_use]
pub fn profile(config: &Config, clock: ClockMode, base_url: &str, control: Option<(&str, &str)>) -> Value {
    let catalog = &config.catalog;
    let behaviour = &config.behaviour;
    let mut profile = json!({
        "profile": "torq-mock",
        "about": "The reference mock, as it describes itself.",
        "clock": match clock { ClockMode::System => "system", ClockMode::Manual => "manual" },
        "urls": { "hooks": base_url, "api": base_url, "auth": base_url },
        "limits": {
            "sync_timeout": write_duration(behaviour.running.sync_timeout),
            "payload": behaviour.payload_limit(),
        },
        "tolerance": write_duration(TOLERANCE.min(behaviour.running.sync_timeout / TOLERANCES)),
        "consent": { "bursts": true, "payloads_up_to": 16 << 20 },
    });
    if let Some((url, sandbox)) = control {
        profile["control"] = json!({ "url": url, "sandbox": sandbox });
    }
    let mut workspaces = Map::new();
    for workspace in catalog.workspaces() {
        let clients: Map<String, Value> = workspace
            .clients
            .iter()
            .map(|client| {
                (
                    client.name.clone(),
                    json!({ "id": client.id, "secret": client.secret.expose() }),
                )
            })
            .collect();
        workspaces.insert(
            workspace.name.clone(),
            json!({ "id": workspace.id.to_string(), "clients": clients }),
        );
    }
    let mut integrations = Map::new();
    for integration in catalog.integrations() {
        let mut entry = json!({
            "id": integration.id.to_string(),
            "workspace": catalog[integration.workspace].name,
        });
        if !integration.headers.is_empty() {
            let headers = integration.headers.iter();
            entry["headers"] = headers
                .map(|header| json!({ "name": header.written, "secret": header.secret.expose() }))
                .collect();
        }
        if let Some(scheme) = &integration.signature {
            let mut hmac = json!({
                "algorithm": match scheme.algorithm {
                    Algorithm::Sha1 => "sha1",
                    Algorithm::Sha256 => "sha256",
                    Algorithm::Sha512 => "sha512",
                },
                "header": scheme.written,
                "encoding": match scheme.encoding { Encoding::Hex => "hex", Encoding::Base64 => "base64" },
                "secret": scheme.secret.expose(),
            });
            if !scheme.prefix.is_empty() {
                hmac["prefix"] = json!(scheme.prefix);
            }
            if let Some(header) = &scheme.timestamp_written {
                hmac["timestamp_header"] = json!(header);
            }
            entry["hmac"] = hmac;
        }
        integrations.insert(integration.name.clone(), entry);
    }
    let mut workflows = Map::new();
    for workflow in catalog.workflows() {
        let name = &workflow.definition.name;
        let id = workflow.id.to_string();
        let entry = workflows.entry(name.clone()).or_insert_with(|| json!({}));
        match workflow.origin {
            Origin::Own => {
                entry["id"] = json!(id);
                entry["integration"] = json!(catalog[workflow.integration].name);
            }
            Origin::Shared => entry["in"][&catalog[workflow.workspace].name] = json!(id),
        }
    }
    profile["workspaces"] = Value::Object(workspaces);
    profile["integrations"] = Value::Object(integrations);
    profile["workflows"] = Value::Object(workflows);
    profile
}
