//! What the control surface sees and does.

use std::time::Duration;

use serde_json::json;

use super::world::{World, execution_id, post};
use crate::app::{Inspected, Release, ResetScope};
use crate::journal::{AnswerNote, JournalQuery};

const WORKFLOWS: &str = "  held: { integration: open, published: [ { hold: gate }, { exit: { json: { a: 1 } } } ] }";

#[test]
fn an_execution_is_described_with_what_the_api_does_not_tell() {
    let world = World::with("", WORKFLOWS);
    let id = world.start("held", &json!({}));
    let Inspected::Known(described) = world.app.execution(execution_id(&id), world.now) else {
        panic!("unknown")
    };
    assert_eq!(
        (&described["status"], &described["note"]),
        (&json!("ON_HOLD"), &json!("gate"))
    );
    assert_eq!(
        (&described["complete"], &described["ends_at"]),
        (&json!(false), &json!(null))
    );
    world
        .app
        .release(execution_id(&id), Release::Success { output: None }, world.now)
        .unwrap();
    let Inspected::Known(described) = world.app.execution(execution_id(&id), world.now) else {
        panic!("unknown")
    };
    assert_eq!(
        (&described["status"], &described["output"]),
        (&json!("SUCCESS"), &json!({"a": 1}))
    );
}

#[test]
fn a_release_frees_a_place_in_the_queue() {
    let mut world = World::new(
        "workspaces: { main: { concurrency: 1 } }\nintegrations: { open: { workspace: main } }\n\
         workflows: { held: { integration: open, published: [ { hold: gate }, { wait: 5 }, { exit: {} } ] } }",
    );
    let ids: Vec<_> = (0..2).map(|_| execution_id(&world.start("held", &json!({})))).collect();
    let statuses = |world: &World| -> Vec<String> {
        let executions = world.app.executions(world.now);
        executions
            .iter()
            .map(|execution| execution["status"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(statuses(&world), ["ON_HOLD", "QUEUED"]);
    assert!(world.app.release(ids[1], Release::Failure, world.now).is_err());
    world.after(Duration::from_secs(1));
    world
        .app
        .release(ids[0], Release::Success { output: None }, world.now)
        .unwrap();
    assert_eq!(statuses(&world), ["RUNNING", "QUEUED"]);
    world.after(Duration::from_secs(5));
    assert_eq!(statuses(&world), ["SUCCESS", "ON_HOLD"]);
    world.app.release(ids[1], Release::Failure, world.now).unwrap();
    assert_eq!(statuses(&world), ["SUCCESS", "FAILED"]);
}

#[test]
fn answers_and_unreadable_requests_are_filed() {
    let world = World::with("", WORKFLOWS);
    let handled = world.app.handle(&post(&world.path("held"), &json!({})), world.now);
    assert_eq!(world.last_entry()["answer"], json!(null));
    world
        .app
        .record_answer(handled.journal, AnswerNote::CallerGone, world.now);
    assert_eq!(world.last_entry()["answer"]["caller_gone"], json!(true));
    world.app.record_unreadable(
        &post(&world.path("held"), &json!({})),
        "the body ended early",
        world.now,
    );
    let entry = world.last_entry();
    assert_eq!(
        (&entry["provenance"], &entry["gate"]),
        (&json!("self-protection"), &json!("connection"))
    );
    assert_eq!(world.app.executions(world.now).len(), 1);
}

#[test]
fn a_reset_forgets_what_it_is_told_to() {
    let world = World::with("rate: { limit: 1 }", WORKFLOWS);
    let token = world.token("main", "operator");
    let id = world.start("held", &json!({}));
    world.app.reset(ResetScope::Journal);
    assert_eq!(world.app.journal(&JournalQuery::default()).received, 0);
    assert_eq!(world.app.executions(world.now).len(), 1);
    world.app.reset(ResetScope::Everything);
    assert!(world.app.executions(world.now).is_empty());
    let target = format!("/public/v1alpha/executions/{id}");
    assert_eq!(world.get(&target, &token).status, 401, "tokens are forgotten as well");
    assert_eq!(world.start("held", &json!({})), id);
}

#[test]
fn a_reset_does_not_leave_held_calls_waiting() {
    let world = World::with("", WORKFLOWS);
    let (_, call) = world.call("held", &json!({})).held();
    world.app.reset(ResetScope::Everything);
    let answered = world.resume(&call).answered();
    assert_eq!(
        (answered.status, answered.message().as_str()),
        (500, "Internal error: the execution is no longer remembered")
    );
}
