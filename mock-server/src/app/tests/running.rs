//! What the three trigger URLs start, and what they answer.

use http::Method;
use serde_json::{Value, json};

use super::world::{World, post, request};
use crate::app::Inspected;

const WORKFLOWS: &str = r#"
  first: { integration: open, published: [ { exit: { json: { revision: first } } } ] }
  conditional: { integration: open, condition: { path: $.event.kind, equals: alert }, published: [ { exit: {} } ] }
  draft: { integration: open, draft: [ { exit: { json: { revision: draft } } } ] }
  off: { integration: open, enabled: false, published: [ { exit: {} } ] }
  revised:
    integration: open
    previous: [ { exit: { json: { revision: previous } } } ]
    published: [ { exit: { json: { revision: latest } } } ]
    draft: [ { exit: { json: { revision: draft } } } ]
"#;

fn world() -> World {
    World::with("", WORKFLOWS)
}

fn started(world: &World) -> Vec<String> {
    let executions = world.app.executions(world.now);
    executions
        .iter()
        .map(|execution| execution["workflow"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_webhook_url_starts_every_published_workflow_whose_condition_accepts() {
    for (event, workflows) in [
        (json!({}), vec!["first", "revised"]),
        (json!({"kind": "alert"}), vec!["first", "conditional", "revised"]),
    ] {
        let world = world();
        let answered = world.post(&world.integration_path("open"), &event);
        assert_eq!((answered.status, answered.body.as_str()), (200, r#"{"status":"ok"}"#));
        assert_eq!(started(&world), workflows);
        assert_eq!(
            world.last_entry()["executions"].as_array().unwrap().len(),
            workflows.len()
        );
    }
}

#[test]
fn the_webhook_url_accepts_events_that_start_nothing() {
    let workflows = "  one: { integration: open, condition: { path: $.event.x }, published: [] }";
    let world = World::with("", workflows);
    assert_eq!(world.post(&world.integration_path("open"), &json!({})).status, 200);
    assert_eq!(world.last_entry()["gate"], "condition");
    let empty = World::with("", "  one: { integration: open }");
    assert_eq!(empty.post(&empty.integration_path("open"), &json!({})).status, 200);
    assert!(empty.last_entry()["gate"].is_null(), "no condition turned it away");
    let strict = World::with(
        "running: { webhook_without_workflow: workflow-not-found }",
        "  one: { integration: open }",
    );
    assert_eq!(strict.post(&strict.integration_path("open"), &json!({})).status, 404);
}

#[test]
fn an_asynchronous_call_starts_one_workflow_and_answers_with_its_id() {
    let world = world();
    let answered = world.post(&world.path("first"), &json!({}));
    assert_eq!(answered.status, 200);
    assert_eq!(answered.header("content-type"), Some("application/json"));
    let body = answered.json();
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((keys, &body["status"]), (vec!["execution_id", "status"], &json!("ok")));
    assert_eq!(started(&world), ["first"]);
    let id = body["execution_id"].as_str().unwrap();
    assert_eq!(world.retrieve(id).json()["output"], json!({"revision": "first"}));
}

#[test]
fn an_event_that_is_rejected_leaves_an_id_without_execution() {
    let world = world();
    let id = world.start("conditional", &json!({"kind": "noise"}));
    let answered = world.retrieve(&id);
    assert_eq!(
        (answered.status, answered.message().as_str()),
        (404, "Execution not found: there is no such execution")
    );
    let sync = world.call("conditional", &json!({"kind": "noise"})).answered();
    assert_eq!(
        (sync.status, sync.message().as_str()),
        (404, "Execution not found: there is no such execution")
    );
    assert!(started(&world).is_empty());
    assert_eq!(
        world.call("conditional", &json!({"kind": "alert"})).answered().status,
        200
    );
}

#[test]
fn what_a_rejected_event_is_answered_is_a_knob() {
    let knobs = "running: { async_condition_rejects: execution-not-found, sync_condition_rejects: empty-object }";
    let world = World::with(knobs, WORKFLOWS);
    assert_eq!(world.post(&world.path("conditional"), &json!({})).status, 404);
    let sync = world.call("conditional", &json!({})).answered();
    assert_eq!((sync.status, sync.body.as_str()), (200, "{}"));
}

#[test]
fn the_latest_published_revision_runs() {
    for (knobs, revision) in [
        ("", "latest"),
        ("running: { revision: previous }", "previous"),
        ("running: { revision: draft }", "draft"),
    ] {
        let world = World::with(knobs, WORKFLOWS);
        assert_eq!(
            world.call("revised", &json!({})).answered().json(),
            json!({"revision": revision})
        );
    }
}

#[test]
fn what_is_not_published_or_switched_off_is_not_found() {
    let world = world();
    for (workflow, reason) in [
        ("draft", "the workflow has no published revision"),
        ("off", "the workflow's triggers are switched off"),
    ] {
        let answered = world.post(&world.path(workflow), &json!({}));
        assert_eq!(
            (answered.status, answered.header("content-type")),
            (404, Some("application/json")),
            "{workflow}"
        );
        assert!(answered.message().starts_with("Workflow not found"));
        assert_eq!(world.last_entry()["reason"], reason);
    }
    let lenient = World::with("running: { disabled: runs, unpublished: runs-draft }", WORKFLOWS);
    assert_eq!(lenient.call("off", &json!({})).answered().status, 200);
    assert_eq!(
        lenient.call("draft", &json!({})).answered().json(),
        json!({"revision": "draft"})
    );
}

#[test]
fn get_and_options_trigger_as_well() {
    let world = world();
    for method in [Method::GET, Method::OPTIONS, Method::POST] {
        let answered = world
            .send(&request(method.clone(), &world.path("first"), &[], b""))
            .answered();
        assert_eq!(answered.status, 200, "{method}");
    }
}

#[test]
fn the_same_seed_gives_the_same_ids() {
    let ids = |world: &World| -> Vec<Value> {
        let answers = (0..3).map(|_| world.send(&post(&world.path("first"), &json!({}))).answered());
        answers
            .map(|answered| answered.json()["execution_id"].clone())
            .collect()
    };
    let (one, two) = (world(), world());
    let first = ids(&one);
    assert_eq!(first, ids(&two));
    one.app.reset(crate::app::ResetScope::Everything);
    assert_eq!(first, ids(&one));
    let other = World::new(&format!(
        "seed: 2\nworkspaces: {{ main: {{}} }}\nintegrations: {{ open: {{ workspace: main }} }}\nworkflows:\n{WORKFLOWS}"
    ));
    assert_ne!(first, ids(&other));
}

#[test]
fn the_documented_curl_call_works_as_written() {
    let yaml = r"
workspaces: { main: { clients: { operator: {} } } }
integrations: { guarded: { workspace: main, headers: [ { name: auth_header_name, secret: secret } ] } }
workflows: { sum: { integration: guarded, published: [ { exit: { parameters: { got: '{{ $.event.body }}' } } } ] } }
";
    let world = World::new(yaml);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("auth_header_name", "secret"),
    ];
    let body = br#"{"body": [1,2,3]}"#;
    let call = request(Method::POST, &format!("{}/sync", world.path("sum")), &headers, body);
    assert_eq!(world.send(&call).answered().json(), json!({"got": [1, 2, 3]}));
}

#[test]
fn an_execution_that_never_was_is_unknown() {
    let world = world();
    let id = super::world::execution_id("c9a0769f-b8a3-4000-8000-b57c138b5523");
    assert_eq!(world.app.execution(id, world.now), Inspected::Unknown { evicted: 0 });
}
