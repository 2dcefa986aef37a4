//! Executions, tokens, queues and the activity log, as the API shows them.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::world::{Answered, World, request};

const REST: &str = r#"
workspaces:
  main: { clients: { operator: {}, outsider: { may: [] }, auditor: { may: [ activity ] } } }
  narrow: { concurrency: 1, clients: { operator: {} } }
integrations: { open: { workspace: main }, narrow: { workspace: narrow } }
workflows:
  slow: { integration: open, published: [ { wait: "{{ $.event.seconds }}" }, { exit: { parameters: { body: x, status: 299 } } } ] }
  failing: { integration: open, published: [ { fail: broken } ] }
  gated: { integration: open, condition: { path: $.event.kind }, published: [ { exit: {} } ] }
  queued: { integration: narrow, published: [ { wait: "{{ $.event.seconds }}" }, { exit: { json: { done: true } } } ] }
"#;

fn world_with(behaviour: &str) -> World {
    World::new(&format!("behaviour: {{ {behaviour} }}\n{REST}"))
}

fn world() -> World {
    world_with("")
}

fn path(id: &str) -> String {
    format!("/public/v1alpha/executions/{id}")
}

#[test]
fn an_execution_is_shown_from_start_to_end() {
    let mut world = world();
    let id = world.start("slow", &json!({"seconds": 2.5}));
    let running = world.retrieve(&id);
    assert_eq!((running.status, &running.json()["status"]), (200, &json!("RUNNING")));
    assert_eq!(running.json()["output"], json!(null));
    world.after(Duration::from_secs(3));
    let document = world.retrieve(&id).json();
    let keys: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "workflow_id",
        "workflow_name",
        "status",
        "started_at",
        "updated_at",
        "output",
        "revision_id",
    ];
    assert_eq!(keys, expected);
    assert_eq!(document["id"], json!(id));
    assert_eq!(document["workflow_name"], "slow");
    assert_eq!(document["status"], "SUCCESS");
    assert_eq!(document["started_at"], "2026-01-01T00:00:00.000000Z");
    assert_eq!(document["updated_at"], "2026-01-01T00:00:02.500000Z");
    assert_eq!(
        document["output"],
        json!({"body": "x", "status": 299}),
        "ordinary parameters, as nobody waits"
    );
}

#[test]
fn statuses_of_documents_are_knobs() {
    let world = world_with("executions: { incomplete: 201 Execution is in progress }");
    let id = world.start("slow", &json!({"seconds": 1}));
    assert_eq!(world.retrieve(&id).status, 201);
    let failed = world.start("failing", &json!({}));
    let answered = world.retrieve(&failed);
    assert_eq!(
        (answered.status, &answered.json()["status"], &answered.json()["output"]),
        (200, &json!("FAILED"), &json!(null))
    );
}

#[test]
fn what_is_granted_has_a_status_of_its_own() {
    let statuses = |knob: &str| {
        let rest = REST.replace(
            "operator: {}, outsider",
            "operator: { id: me, secret: s3cret-value }, outsider",
        );
        let world = World::new(&format!("behaviour: {{ executions: {{ {knob} }} }}\n{rest}"));
        let basic = format!("Basic {}", data_encoding::BASE64.encode(b"me:s3cret-value"));
        let granted = ask_for_token(&world, Some(&basic), "grant_type=client_credentials");
        let token = granted.json()["access_token"].as_str().expect("a token").to_owned();
        let id = world.start("slow", &json!({"seconds": 0}));
        [
            world.get(&path(&id), &token).status,
            world.get("/public/v1alpha/activity_logs", &token).status,
            granted.status,
        ]
    };
    assert_eq!(statuses("complete: 202 Accepted"), [202, 200, 200]);
    assert_eq!(statuses("granted: 202 Accepted"), [200, 202, 202]);
}

#[test]
fn tokens_may_be_good_for_executions_alone() {
    let world = world_with("executions: { token: executions-only }");
    let id = world.start("slow", &json!({"seconds": 0}));
    assert_eq!(world.retrieve(&id).status, 200);
    assert_eq!(activity(&world, "").status, 401);
    assert_eq!(world.last_entry()["gate"], "token");
}

#[test]
fn the_output_of_a_synchronous_execution_can_be_its_body_alone() {
    for (knobs, output) in [
        ("", json!({"body": "x", "status": 299})),
        ("exit: { retrieved_output: body }", json!("x")),
    ] {
        let mut world = world_with(knobs);
        let (_, call) = world.call("slow", &json!({"seconds": 1})).held();
        world.after(Duration::from_secs(1));
        assert_eq!(world.retrieve(&call.execution.to_string()).json()["output"], output);
        let id = world.start("slow", &json!({"seconds": 0}));
        assert_eq!(
            world.retrieve(&id).json()["output"],
            json!({"body": "x", "status": 299})
        );
    }
}

#[test]
fn who_may_not_read_is_told_so() {
    let mut world = world();
    let id = world.start("slow", &json!({"seconds": 0}));
    let (operator, outsider) = (world.token("main", "operator"), world.token("main", "outsider"));
    let foreign = world.token("narrow", "operator");
    let auditor = world.token("main", "auditor");
    let unknown = "c9a0769f-b8a3-4000-8000-b57c138b5523";
    for (target, token, status, gate) in [
        (id.as_str(), "nonsense", 401, "token"),
        (&id, &outsider, 403, "role"),
        (&id, &auditor, 403, "role"),
        (&id, &foreign, 404, "execution"),
        (unknown, &operator, 404, "execution"),
        ("nonsense", &operator, 404, "execution"),
        (unknown, &outsider, 403, "role"),
    ] {
        assert_eq!(world.get(&path(target), token).status, status, "{target} {token}");
        assert_eq!(world.last_entry()["gate"], gate);
    }
    assert_eq!(world.get(&path(&id.to_uppercase()), &operator).status, 200);
    for credentials in ["", "Bearer", "Basic abc", "bearer-nonsense"] {
        let request = request(Method::GET, &path(&id), &[("authorization", credentials)], b"");
        let answered = world.send(&request).answered();
        assert_eq!(
            (answered.status, answered.header("www-authenticate")),
            (401, Some("Bearer")),
            "{credentials}"
        );
    }
    let bare = request(Method::GET, &path(&id), &[], b"");
    assert_eq!(world.send(&bare).answered().status, 401);
    world.after(Duration::from_secs(3_599));
    assert_eq!(world.get(&path(&id), &operator).status, 200);
    world.after(Duration::from_secs(1));
    assert_eq!(world.get(&path(&id), &operator).status, 302);
    assert!(!world.last_entry().to_string().contains(&operator));
}

fn ask_for_token(world: &World, credentials: Option<&str>, body: &str) -> Answered {
    let headers: Vec<_> = credentials.iter().map(|value| ("authorization", *value)).collect();
    world
        .send(&request(Method::POST, "/v1/auth/token", &headers, body.as_bytes()))
        .answered()
}

#[test]
fn tokens_are_granted_to_clients() {
    let world = World::new("workspaces: { main: { clients: { c: { id: me, secret: s3cret-value } } } }");
    let basic = |text: &str| format!("Basic {}", data_encoding::BASE64.encode(text.as_bytes()));
    let right = basic("me:s3cret-value");
    let granted = ask_for_token(&world, Some(&right), "grant_type=client_credentials").json();
    assert_eq!(
        (&granted["expires_in"], &granted["token_type"]),
        (&json!(3600), &json!("Bearer"))
    );
    let again = ask_for_token(&world, Some(&right), "grant_type=client_credentials").json();
    assert_ne!(granted["access_token"], again["access_token"]);
    for (credentials, body, status) in [
        (Some(right.as_str()), "", 400),
        (Some(&right), "grant_type=password", 400),
        (Some(&basic("me:wrong")), "grant_type=client_credentials", 401),
        (Some(&basic("you:s3cret-value")), "grant_type=client_credentials", 401),
        (Some("Basic ???"), "grant_type=client_credentials", 401),
        (Some("Bearer x"), "grant_type=client_credentials", 401),
        (None, "grant_type=client_credentials", 401),
    ] {
        assert_eq!(
            ask_for_token(&world, credentials, body).status,
            status,
            "{credentials:?} {body}"
        );
    }
    ask_for_token(&world, None, "client_id=me&client_secret=s3cret-value");
    assert_eq!(world.last_entry()["body"]["text"], "[redacted]");
}

#[test]
fn the_fifty_first_request_of_a_second_is_refused() {
    let mut world = world();
    let token = world.token("main", "operator");
    let id = world.start("slow", &json!({"seconds": 0}));
    let retrieved = |world: &World| (0..60).filter(|_| world.get(&path(&id), &token).status == 200).count();
    assert_eq!(retrieved(&world), 50);
    let answered = world.get(&path(&id), &token);
    assert_eq!((answered.status, answered.header("retry-after")), (429, Some("1")));
    let other = world.token("narrow", "operator");
    assert_eq!(
        world.get(&path(&id), &other).status,
        404,
        "another workspace has a limit of its own"
    );
    world.after(Duration::from_secs(1));
    assert_eq!(retrieved(&world), 50);
}

#[test]
fn beyond_the_concurrency_of_a_workspace_executions_are_queued() {
    let mut world = world();
    let token = world.token("narrow", "operator");
    let ids: Vec<_> = (0..3).map(|_| world.start("queued", &json!({"seconds": 10}))).collect();
    let statuses = |world: &World| -> Vec<Value> {
        ids.iter()
            .map(|id| world.get(&path(id), &token).json()["status"].clone())
            .collect()
    };
    assert_eq!(statuses(&world), ["RUNNING", "QUEUED", "QUEUED"]);
    world.after(Duration::from_secs(10));
    assert_eq!(statuses(&world), ["SUCCESS", "RUNNING", "QUEUED"]);
    world.after(Duration::from_secs(20));
    assert_eq!(statuses(&world), ["SUCCESS", "SUCCESS", "SUCCESS"]);
    let document = world.get(&path(&ids[2]), &token).json();
    assert_eq!(document["started_at"], "2026-01-01T00:00:20.000000Z");
    assert_eq!(document["updated_at"], "2026-01-01T00:00:30.000000Z");
}

#[test]
fn what_is_queued_for_a_day_is_dropped() {
    let mut world = world();
    world.start("queued", &json!({"seconds": 90_000}));
    let waiting = world.start("queued", &json!({"seconds": 1}));
    let status =
        |world: &World| world.get(&path(&waiting), &world.token("narrow", "operator")).json()["status"].clone();
    world.after(Duration::from_secs(24 * 3_600 - 1));
    assert_eq!(status(&world), "QUEUED");
    world.after(Duration::from_secs(1));
    assert_eq!(status(&world), "DROPPED");
    world.after(Duration::from_secs(24 * 3_600));
    assert_eq!(status(&world), "DROPPED");
}

#[test]
fn a_queued_call_is_held_until_its_turn_and_no_longer_than_any_other() {
    let mut world = world();
    world.start("queued", &json!({"seconds": 20}));
    let (until, call) = world.call("queued", &json!({"seconds": 5})).held();
    assert_eq!(until, world.now + Duration::from_secs(20));
    world.after(Duration::from_secs(20));
    assert_eq!(world.resume(&call).held().0, world.now + Duration::from_secs(5));
    world.after(Duration::from_secs(5));
    assert_eq!(world.resume(&call).answered().json(), json!({"done": true}));
    world.start("queued", &json!({"seconds": 100}));
    let (until, call) = world.call("queued", &json!({"seconds": 5})).held();
    assert_eq!(until, world.now + Duration::from_secs(50));
    world.after(Duration::from_secs(50));
    assert_eq!(world.resume(&call).answered().status, 201);
}

fn activity(world: &World, query: &str) -> Answered {
    world.get(
        &format!("/public/v1alpha/activity_logs{query}"),
        &world.token("main", "auditor"),
    )
}

fn entries(world: &World, query: &str) -> Vec<Value> {
    activity(world, query).json()["activity_logs"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn activity_shows_runs_and_events_that_started_nothing() {
    let world = world();
    let id = world.start("slow", &json!({"seconds": 0}));
    world.start("gated", &json!({"noise": 1}));
    world.start("queued", &json!({"seconds": 0}));
    let all = entries(&world, "");
    let slow = world.path("slow");
    let workflow = slow.rsplit('/').next().unwrap();
    assert_eq!(all.len(), 2, "another workspace's runs are not shown: {all:?}");
    assert_eq!(all[0]["event"], json!({"noise": 1}));
    assert_eq!(
        (&all[0]["activity_type"], &all[0]["execution_id"]),
        (&json!("event"), &json!(null))
    );
    let run = json!({
        "activity_type": "workflow_run",
        "workflow_id": workflow,
        "execution_id": id,
        "created_at": "2026-01-01T00:00:00.000000Z",
        "event": {"seconds": 0},
    });
    assert_eq!(all[1], run);
    assert_eq!(
        entries(&world, "?activity_type=workflow_runs"),
        std::slice::from_ref(&run)
    );
    assert_eq!(entries(&world, &format!("?workflow_id={workflow}")), [run]);
}

#[test]
fn activity_shows_the_steps_of_runs() {
    let mut world = world();
    world.start("slow", &json!({"seconds": 5}));
    let steps = |world: &World| -> Vec<Value> {
        entries(world, "?activity_type=step_executions")
            .into_iter()
            .map(|entry| entry["step"].clone())
            .collect()
    };
    assert_eq!(steps(&world), ["wait"]);
    world.after(Duration::from_secs(5));
    assert_eq!(steps(&world), ["exit", "wait"]);
    let first = activity(&world, "?activity_type=step_executions&page_size=1").json();
    let next = first["next_page_token"].as_str().unwrap();
    let second = activity(
        &world,
        &format!("?activity_type=step_executions&page_size=1&page_token={next}"),
    )
    .json();
    assert_eq!(
        (&first["activity_logs"][0]["step"], &second["activity_logs"][0]["step"]),
        (&json!("exit"), &json!("wait"))
    );
    assert_eq!(second["next_page_token"], "");
}

#[test]
fn activity_comes_in_pages() {
    let mut world = world();
    let ids: Vec<_> = (0..5)
        .map(|_| {
            world.after(Duration::from_secs(1));
            world.start("slow", &json!({"seconds": 0}))
        })
        .collect();
    let mut seen = Vec::new();
    let mut query = "?page_size=2".to_owned();
    loop {
        let page = activity(&world, &query).json();
        let shown = page["activity_logs"].as_array().unwrap();
        assert!(shown.len() <= 2);
        seen.extend(
            shown
                .iter()
                .map(|entry| entry["execution_id"].as_str().unwrap().to_owned()),
        );
        match page["next_page_token"].as_str().unwrap() {
            "" => break,
            token => query = format!("?page_size=2&page_token={token}"),
        }
    }
    seen.reverse();
    assert_eq!(seen, ids);
    assert_eq!(
        entries(&world, "?start_time=2026-01-01T00:00:02Z&end_time=2026-01-01T00:00:04Z").len(),
        2
    );
    assert_eq!(entries(&world, "?page_size=9999&unknown=x&workflow_id=").len(), 5);
    for query in [
        "?page_size=0",
        "?page_size=x",
        "?page_token=x",
        "?start_time=soon",
        "?activity_type=x",
        "?workflow_id=x",
    ] {
        assert_eq!(activity(&world, query).status, 400, "{query}");
    }
    assert_eq!(
        world
            .get("/public/v1alpha/activity_logs", &world.token("main", "outsider"))
            .status,
        403
    );
}
