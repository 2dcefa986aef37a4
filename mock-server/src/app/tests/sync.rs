//! Synchronous calls: held until there is an output, and no longer than 50 s.

use std::time::Duration;

use serde_json::json;

use super::world::{World, execution_id};
use crate::app::{Release, ReleaseError};
use crate::timestamp::Timestamp;

const WORKFLOWS: &str = r#"
  slow: { integration: open, published: [ { wait: "{{ $.event.seconds }}" }, { exit: { parameters: { done: true } } } ] }
  held: { integration: open, published: [ { hold: gate }, { wait: 5 }, { exit: { json: { passed: true } } } ] }
  failing: { integration: open, published: [ { fail: "no {{ $.event.what }}" } ] }
  stopping: { integration: open, published: [ { stop: enough } ] }
  without-exit: { integration: open, published: [ { wait: 0 } ] }
  slow-failing: { integration: open, published: [ { wait: 1 }, { fail: late } ] }
"#;

const NANOSECOND: Duration = Duration::from_nanos(1);

fn world() -> World {
    World::with("", WORKFLOWS)
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

#[test]
fn an_output_that_is_there_at_once_is_answered_at_once() {
    let answered = world().call("slow", &json!({"seconds": 0})).answered();
    assert_eq!((answered.status, answered.body.as_str()), (200, r#"{"done":true}"#));
    assert_eq!(answered.header("content-type"), Some("application/json"));
}

#[test]
fn a_call_is_held_until_its_output_is_there() {
    let mut world = world();
    let (until, call) = world.call("slow", &json!({"seconds": 10})).held();
    assert_eq!(until, world.now + seconds(10));
    world.after(seconds(10) - NANOSECOND);
    assert_eq!(world.resume(&call).held().0, until);
    world.after(NANOSECOND);
    assert_eq!(world.resume(&call).answered().status, 200);
}

#[test]
fn an_execution_of_exactly_fifty_seconds_answers_normally() {
    let mut world = world();
    let (until, call) = world.call("slow", &json!({"seconds": 50})).held();
    assert_eq!(until, world.now + seconds(50));
    world.after(seconds(50));
    assert_eq!(world.resume(&call).answered().status, 200);
}

#[test]
fn at_fifty_seconds_a_longer_execution_becomes_one_to_poll() {
    let mut world = world();
    let (until, call) = world.call("slow", &json!({"seconds": 50.000_000_001})).held();
    assert_eq!(until, world.now + seconds(50));
    world.after(seconds(50) - NANOSECOND);
    assert_eq!(world.resume(&call).held().0, until);
    world.after(NANOSECOND);
    let answered = world.resume(&call).answered();
    assert_eq!(answered.status, 201);
    let id = answered.json()["execution_id"].as_str().unwrap().to_owned();
    assert_eq!(answered.json()["status"], "Execution is in progress");
    assert_eq!(world.retrieve(&id).json()["status"], "RUNNING");
    world.after(NANOSECOND);
    let document = world.retrieve(&id).json();
    assert_eq!(
        (&document["status"], &document["output"]),
        (&json!("SUCCESS"), &json!({"done": true}))
    );
}

#[test]
fn a_call_that_looks_late_is_judged_by_when_its_execution_ended() {
    for (length, status) in [("50s", 200), ("50.001s", 201), ("60s", 201)] {
        let mut world = world();
        let (_, call) = world.call("slow", &json!({"seconds": length})).held();
        world.after(seconds(70));
        assert_eq!(world.resume(&call).answered().status, status, "{length}");
    }
}

#[test]
fn the_time_out_and_its_edge_are_knobs() {
    let mut world = World::with("running: { sync_timeout: 2s, ends_at_timeout: in-progress }", WORKFLOWS);
    let (_, call) = world.call("slow", &json!({"seconds": 2})).held();
    world.after(seconds(2));
    assert_eq!(world.resume(&call).answered().status, 201);
}

#[test]
fn executions_without_output_answer_as_their_knobs_say() {
    let strict = world();
    let knobs = "running: { sync_failed: empty-object, sync_stopped: empty-object, sync_without_exit: internal-error }";
    let lenient = World::with(knobs, WORKFLOWS);
    for (workflow, by_default, otherwise) in [
        ("failing", 500, 200),
        ("stopping", 500, 200),
        ("without-exit", 200, 500),
    ] {
        assert_eq!(
            strict.call(workflow, &json!({})).answered().status,
            by_default,
            "{workflow}"
        );
        assert_eq!(
            lenient.call(workflow, &json!({})).answered().status,
            otherwise,
            "{workflow}"
        );
    }
    assert_eq!(strict.call("without-exit", &json!({})).answered().body, "{}");
    let message = strict.call("failing", &json!({"what": "luck"})).answered().message();
    assert_eq!(message, "Internal error: the workflow failed: no luck");
}

#[test]
fn a_refusal_after_holding_is_filed_with_its_call() {
    let mut world = world();
    let (_, call) = world.call("slow-failing", &json!({})).held();
    assert_eq!(world.last_entry()["outcome"], "accepted");
    world.after(seconds(1));
    assert_eq!(world.resume(&call).answered().status, 500);
    let entry = world.last_entry();
    assert_eq!(
        (&entry["gate"], &entry["reason"]),
        (&json!("output"), &json!("the workflow failed: late"))
    );
}

#[test]
fn a_held_execution_waits_for_its_release() {
    let mut world = world();
    let (until, call) = world.call("held", &json!({})).held();
    assert_eq!(until, world.now + seconds(50));
    world.after(seconds(20));
    let released = world
        .app
        .release(call.execution, Release::Success { output: None }, world.now);
    assert_eq!(released, Ok(()));
    assert_eq!(world.resume(&call).held().0, world.now + seconds(5));
    world.after(seconds(5));
    assert_eq!(world.resume(&call).answered().json(), json!({"passed": true}));
    let again = world.app.release(call.execution, Release::Failure, world.now);
    assert_eq!(again, Err(ReleaseError::NotUnderWay));
}

#[test]
fn a_release_can_end_an_execution_at_once() {
    for (release, status, body) in [
        (
            Release::Success {
                output: Some(json!({"status": 202, "body": "given"})),
            },
            202,
            Some("given"),
        ),
        (Release::Failure, 500, None),
    ] {
        let world = world();
        let (_, call) = world.call("held", &json!({})).held();
        assert_eq!(world.app.release(call.execution, release, world.now), Ok(()));
        let answered = world.resume(&call).answered();
        assert_eq!(answered.status, status);
        assert!(body.is_none_or(|body| answered.body == body));
    }
}

#[test]
fn an_unknown_execution_cannot_be_released() {
    let unknown = execution_id("c9a0769f-b8a3-4000-8000-b57c138b5523");
    assert_eq!(
        world().app.release(unknown, Release::Failure, Timestamp::MAX),
        Err(ReleaseError::Unknown)
    );
}
