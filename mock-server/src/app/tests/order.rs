//! Which refusal wins when several could.

use http::Method;
use serde_json::json;

use super::world::{World, request};

const REST: &str = r"
workspaces: { main: {} }
integrations:
  i: { workspace: main, headers: [ { name: X-Token, secret: s3cret-value } ], hmac: { secret: key } }
workflows: { w: { integration: i, condition: { path: $.event.never }, published: [] } }
";

/// Breaks everything, then mends one thing after the other, and says at which gate each request stopped.
fn gates(behaviour: &str) -> Vec<String> {
    let world = World::new(&format!("behaviour: {{ {behaviour} }}\n{REST}"));
    let right = world.path("w");
    let unknown = "c9a0769f-b8a3-4000-8000-b57c138b5523";
    let (header, signature) = (("x-token", "s3cret-value"), ("x-torq-signature", "sha256="));
    let json = ("content-type", "application/json");
    let integration = world.integration_path("i");
    let both_malformed = "/v1/webhooks/x/workflows/x".to_owned();
    let workflow_malformed = format!("/v1/webhooks/{unknown}/workflows/x");
    let both_unknown = format!("/v1/webhooks/{unknown}/workflows/{unknown}");
    let workflow_unknown = format!("{integration}/workflows/{unknown}");
    let (large, small): (&[u8], &[u8]) = (&[b'['; 100], b"[");
    let requests = [
        (Method::PUT, &both_malformed, vec![], large),
        (Method::POST, &both_malformed, vec![], large),
        (Method::POST, &workflow_malformed, vec![], large),
        (Method::POST, &both_unknown, vec![], large),
        (Method::POST, &workflow_unknown, vec![], large),
        (Method::POST, &workflow_unknown, vec![header], large),
        (Method::POST, &workflow_unknown, vec![header, signature], small),
        (Method::POST, &right, vec![header, json], small),
    ];
    let stopped_at = |(method, path, headers, body): (Method, &String, Vec<(&str, &str)>, &[u8])| {
        let answered = world.send(&request(method, path, &headers, body)).answered();
        assert!(answered.status >= 400);
        world.last_entry()["gate"].as_str().unwrap().to_owned()
    };
    requests.into_iter().map(stopped_at).collect()
}

#[test]
fn the_default_order_is_that_of_the_contract() {
    let stopped_at = gates("payload: { limit: 50 }");
    let expected = [
        "method",
        "integration-id",
        "workflow-id",
        "integration",
        "header",
        "payload",
        "signature",
        "signature",
    ];
    assert_eq!(stopped_at, expected);
}

#[test]
fn the_order_is_one_list() {
    let knobs = "payload: { limit: 50 }, admission: { order: [payload, workflow-id, method, integration-id, integration, workflow, event, signature, header] }";
    let expected = [
        "payload", "payload", "payload", "payload", "payload", "payload", "workflow", "event",
    ];
    assert_eq!(gates(knobs), expected);
}

#[test]
fn a_gate_that_needs_another_one_brings_its_refusal_forward() {
    let world = World::new(&format!(
        "behaviour: {{ admission: {{ order: [header, integration-id] }} }}\n{REST}"
    ));
    assert_eq!(world.post("/v1/webhooks/x", &json!({})).status, 400);
    assert_eq!(world.last_entry()["gate"], "integration-id");
    assert_eq!(world.post(&world.integration_path("i"), &json!({})).status, 400);
    assert_eq!(world.last_entry()["gate"], "header");
}

#[test]
fn a_gate_that_is_left_out_is_not_asked() {
    let world = World::new(&format!(
        "behaviour: {{ admission: {{ order: [method, integration, workflow, event] }} }}\n{REST}"
    ));
    for _ in 0..100 {
        assert_eq!(world.post(&world.path("w"), &json!({})).status, 200);
    }
    assert_eq!(world.app.executions(world.now).len(), 100);
}

#[test]
fn a_gate_after_the_condition_is_asked_of_what_the_condition_accepts() {
    let world = World::new(&format!(
        "behaviour: {{ admission: {{ order: [workflow, event, condition, header] }} }}\n{REST}"
    ));
    for (event, status, gate) in [(json!({"never": 1}), 400, "header"), (json!({}), 200, "condition")] {
        assert_eq!(world.post(&world.path("w"), &event).status, status, "{event}");
        assert_eq!(world.last_entry()["gate"], gate, "{event}");
    }
}
