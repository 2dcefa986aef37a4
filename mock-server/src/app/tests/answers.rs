//! Paths, methods and ids that are refused, and what every answer has.

use http::Method;
use serde_json::json;

use super::world::{World, post, request};
use crate::inbound::{Body, Inbound};
use crate::route::{self, Endpoint};

const WORKFLOWS: &str = "  echo: { integration: open, published: [ { exit: { json: '{{ $.event }}' } } ] }";
const UNKNOWN_ID: &str = "c9a0769f-b8a3-4000-8000-b57c138b5523";

fn world() -> World {
    World::with("", WORKFLOWS)
}

#[test]
fn ids_are_refused_by_what_is_wrong_with_them() {
    let world = world();
    let (integration, workflow) = (world.integration_path("open"), world.path("echo"));
    let simple = workflow.replace('-', "");
    let workflow_id = workflow.rsplit('/').next().unwrap();
    for (path, status, phrase, gate) in [
        (
            "/v1/webhooks/nonsense".to_owned(),
            400,
            "Invalid integration ID",
            "integration-id",
        ),
        (
            format!("/v1/webhooks/{UNKNOWN_ID}"),
            404,
            "Integration not found",
            "integration",
        ),
        (
            format!("/v1/webhooks/{{{UNKNOWN_ID}}}"),
            400,
            "Invalid integration ID",
            "integration-id",
        ),
        (
            format!("{integration}/workflows/nonsense"),
            400,
            "Invalid workflow ID",
            "workflow-id",
        ),
        (
            format!("{integration}/workflows/nonsense/sync"),
            400,
            "Invalid workflow ID",
            "workflow-id",
        ),
        (
            format!("{integration}/workflows/{UNKNOWN_ID}"),
            404,
            "Workflow not found",
            "workflow",
        ),
        (
            format!("{integration}/workflows/{UNKNOWN_ID}/sync"),
            404,
            "Workflow not found",
            "workflow",
        ),
        (simple, 400, "Invalid integration ID", "integration-id"),
        (
            format!("/v1/webhooks/{UNKNOWN_ID}/workflows/{workflow_id}"),
            404,
            "Integration not found",
            "integration",
        ),
        (
            "/v1/webhooks/nonsense/workflows/nonsense".to_owned(),
            400,
            "Invalid integration ID",
            "integration-id",
        ),
        (format!("{integration}/workflows/"), 404, "Not found", "path"),
        ("/elsewhere".to_owned(), 404, "Not found", "path"),
    ] {
        let answered = world.post(&path, &json!({}));
        assert_eq!(answered.status, status, "{path}");
        assert!(
            answered.message().starts_with(&format!("{phrase}: ")),
            "{path}: {}",
            answered.message()
        );
        assert_eq!(answered.json()["status"], "error");
        assert_eq!(world.last_entry()["gate"], gate, "{path}");
    }
}

#[test]
fn a_workflow_of_another_integration_is_an_invalid_id() {
    let world = World::new(
        "workspaces: { main: {} }\nintegrations: { a: { workspace: main }, b: { workspace: main } }\n\
         workflows: { w: { integration: a, published: [] }, u: { integration: a } }",
    );
    let other = world.integration_path("b");
    for workflow in ["w", "u"] {
        let path = world.path(workflow).replace(&world.integration_path("a"), &other);
        let answered = world.post(&path, &json!({}));
        assert_eq!(answered.status, 400);
        assert!(answered.message().starts_with("Invalid workflow ID"));
    }
}

#[test]
fn letter_case_and_slashes_follow_their_knobs() {
    let world = world();
    let path = world.path("echo");
    let upper = format!(
        "/v1/webhooks/{}",
        path["/v1/webhooks/".len()..]
            .to_uppercase()
            .replace("WORKFLOWS", "workflows")
    );
    assert_eq!(world.post(&upper, &json!({})).status, 200);
    assert_eq!(world.post(&format!("{path}/"), &json!({})).status, 200);
    let strict = World::with("urls: { id_case: lower, trailing_slash: kept }", WORKFLOWS);
    assert_eq!(strict.post(&upper, &json!({})).status, 400);
    assert_eq!(strict.post(&format!("{path}/"), &json!({})).status, 404);
}

#[test]
fn other_methods_are_refused_with_the_list_of_those_that_are_not() {
    let world = world();
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::HEAD,
        Method::from_bytes(b"BREW").unwrap(),
    ] {
        let answered = world
            .send(&request(method.clone(), &world.path("echo"), &[], b""))
            .answered();
        assert_eq!(
            (answered.status, answered.header("allow")),
            (405, Some("POST, GET, OPTIONS")),
            "{method}"
        );
    }
}

#[test]
fn every_endpoint_takes_the_methods_that_it_is_listed_with_and_no_others() {
    let world = world();
    let trigger = world.path("echo");
    for listed in route::list(world.app.config.behaviour()) {
        let path = match listed.endpoint {
            Endpoint::Webhook => world.integration_path("open"),
            Endpoint::Async => trigger.clone(),
            Endpoint::Sync => format!("{trigger}/sync"),
            Endpoint::Execution | Endpoint::ActivityLogs | Endpoint::Token | Endpoint::Unknown => {
                listed.path.to_owned()
            }
        };
        let allow = listed.methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answered = world.send(&request(method.clone(), &path, &[], b"")).answered();
            let refused = (answered.status == 405).then(|| answered.header("allow").unwrap());
            let expected = (!listed.methods.contains(&method)).then_some(allow.as_str());
            assert_eq!(refused, expected, "{method} {path}");
        }
    }
}

#[test]
fn bodies_over_the_limit_are_refused() {
    let world = World::with("payload: { limit: 20 }", WORKFLOWS);
    let path = world.path("echo");
    let of_length = |length: usize| post(&path, &json!("x".repeat(length - 2)));
    assert_eq!(world.send(&of_length(20)).answered().status, 200);
    let answered = world.send(&of_length(21)).answered();
    assert_eq!(
        (answered.status, world.last_entry()["received"].as_str()),
        (413, Some("21 bytes"))
    );
    assert!(answered.message().starts_with("Payload is too large"));
    for (declared, received) in [
        (Some(99), "a declared length of 99 bytes"),
        (None, "more than that, in chunks"),
    ] {
        let inbound = Inbound {
            body: Body::OverLimit { declared },
            ..of_length(2)
        };
        assert_eq!(world.send(&inbound).answered().status, 413);
        assert_eq!(world.last_entry()["received"], received);
    }
}

#[test]
fn every_answer_is_dated_by_the_sandbox_and_says_its_length() {
    let world = world();
    for path in [world.path("echo"), "/elsewhere".to_owned()] {
        let answered = world.post(&path, &json!({}));
        assert_eq!(answered.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
        assert_eq!(
            answered.header("content-length"),
            Some(answered.body.len().to_string().as_str())
        );
        assert_eq!(answered.header("access-control-allow-origin"), None);
    }
}

#[test]
fn one_line_of_configuration_changes_an_answer() {
    let knobs = r#"answers: { unknown_path: 410 Gone away, error_body: '{"error":"{phrase}"}', content_type: text/x-error, cors: any-origin }"#;
    let answered = World::with(knobs, WORKFLOWS).post("/elsewhere", &json!({}));
    assert_eq!(
        (answered.status, answered.body.as_str()),
        (410, r#"{"error":"Gone away"}"#)
    );
    assert_eq!(answered.header("content-type"), Some("text/x-error"));
    assert_eq!(answered.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn refusals_of_the_webhook_url_can_be_concealed() {
    let world = World::with(
        "answers: { webhook_refusals: concealed }, payload: { limit: 1 }",
        WORKFLOWS,
    );
    assert_eq!(world.post(&world.integration_path("open"), &json!({})).status, 200);
    assert_eq!(world.last_entry()["gate"], "payload");
    assert_eq!(world.post(&world.path("echo"), &json!({})).status, 413);
}
