//! The rate limit: 25 executions a second, per what, and what counts.

use std::time::Duration;

use serde_json::json;

use super::world::World;

const WORKFLOWS: &str = r"
  one: { integration: open, published: [] }
  two: { integration: open, condition: { path: $.event.both }, published: [] }
";

fn accepted(world: &World, workflow: &str, attempts: usize) -> usize {
    let event = json!({"both": true});
    (0..attempts)
        .filter(|_| world.post(&world.path(workflow), &event).status == 200)
        .count()
}

#[test]
fn the_twenty_sixth_execution_of_a_second_is_refused() {
    let mut world = World::with("", WORKFLOWS);
    assert_eq!(accepted(&world, "one", 25), 25);
    let answered = world.post(&world.path("one"), &json!({}));
    assert_eq!((answered.status, answered.header("retry-after")), (429, Some("1")));
    assert!(answered.message().starts_with("Rate limit exceeded"));
    assert_eq!(world.last_entry()["gate"], "rate");
    assert_eq!(accepted(&world, "two", 1), 1, "another workflow has a limit of its own");
    world.after(Duration::from_millis(999));
    assert_eq!(accepted(&world, "one", 1), 0);
    world.after(Duration::from_millis(1));
    assert_eq!(accepted(&world, "one", 30), 25);
}

#[test]
fn limit_window_scope_and_header_are_knobs() {
    let mut world = World::with(
        "rate: { limit: 2, window: 90s, scope: integration, retry_after: omitted }",
        WORKFLOWS,
    );
    assert_eq!(accepted(&world, "one", 1), 1);
    assert_eq!(accepted(&world, "two", 2), 1);
    let answered = world.post(&world.path("one"), &json!({}));
    assert_eq!((answered.status, answered.header("retry-after")), (429, None));
    world.after(Duration::from_secs(90));
    assert_eq!(accepted(&world, "one", 1), 1);
    let mut counted = World::with("rate: { limit: 2, window: 90s, scope: workspace }", WORKFLOWS);
    assert_eq!(accepted(&counted, "one", 3), 2);
    counted.after(Duration::from_millis(500));
    let answered = counted.post(&counted.path("one"), &json!({}));
    assert_eq!(answered.header("retry-after"), Some("90"), "89.5 s are 90 whole ones");
    assert_eq!(
        accepted(&World::with("rate: { limit: unlimited }", WORKFLOWS), "one", 200),
        200
    );
}

#[test]
fn an_event_that_is_rejected_does_not_count_unless_it_shall() {
    for (knobs, left) in [
        ("rate: { limit: 3 }", 3),
        ("rate: { limit: 3, rejected_event: counted }", 2),
    ] {
        let world = World::with(knobs, WORKFLOWS);
        assert_eq!(world.post(&world.path("two"), &json!({})).status, 200);
        assert_eq!(accepted(&world, "two", 5), left, "{knobs}");
    }
}

#[test]
fn refused_requests_do_not_count() {
    let world = World::with("rate: { limit: 1 }", WORKFLOWS);
    let mut unreadable = super::world::post(&world.path("one"), &json!({}));
    unreadable.body = crate::inbound::Body::Complete("{".into());
    assert_eq!(world.send(&unreadable).answered().status, 400);
    assert_eq!(accepted(&world, "one", 2), 1);
}

#[test]
fn a_webhook_url_starts_what_it_can() {
    let both = json!({"both": true});
    let world = World::with("rate: { limit: 2 }", WORKFLOWS);
    assert_eq!(accepted(&world, "one", 2), 2);
    let webhook = world.integration_path("open");
    assert_eq!(world.post(&webhook, &both).status, 200);
    assert_eq!(world.last_entry()["executions"].as_array().unwrap().len(), 1);
    assert_eq!(world.post(&webhook, &both).status, 200);
    assert_eq!(world.post(&webhook, &both).status, 429);
    assert_eq!(world.app.executions(world.now).len(), 4);
}

#[test]
fn a_webhook_url_can_start_all_or_nothing() {
    let both = json!({"both": true});
    for scope in ["workflow", "integration"] {
        let world = World::with(
            &format!("rate: {{ limit: 3, partly_refused: starts-nothing, scope: {scope} }}"),
            WORKFLOWS,
        );
        assert_eq!(accepted(&world, "one", 2), 2);
        let webhook = world.integration_path("open");
        let first = world.post(&webhook, &both).status;
        assert_eq!(first, if scope == "workflow" { 200 } else { 429 }, "{scope}");
        assert_eq!(world.post(&webhook, &both).status, 429, "{scope}");
        let started = world.app.executions(world.now).len();
        assert_eq!(started, if scope == "workflow" { 4 } else { 2 }, "{scope}");
    }
}
