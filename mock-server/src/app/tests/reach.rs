//! Every value of the knobs that say what a URL reaches and starts.

use serde_json::json;

use super::gates::{URLS, status, world};
use super::world::World;
use crate::catalog::Origin;

#[test]
fn what_is_taken_for_an_id_is_one_decision() {
    let known = "c9a0769f-b8a3-4000-8000-b57c138b5523";
    let without_hyphens = known.replace('-', "");
    let version_1 = "c9a0769f-b8a3-1000-8000-b57c138b5523";
    // A call of an integration that is there, of one that is not, and of what may be no id at all.
    for (knob, statuses) in [
        ("hyphenated", [200, 400, 404, 400]),
        ("any-form", [200, 200, 404, 400]),
        ("version-4", [200, 400, 400, 400]),
        ("any-text", [200, 404, 404, 404]),
    ] {
        let world = world(&format!("id: {known}"), &format!("urls: {{ id_form: {knob} }}"));
        let called = [known, &without_hyphens, version_1, "x"]
            .map(|id| world.post(&format!("/v1/webhooks/{id}"), &json!({})).status);
        assert_eq!(called, statuses, "{knob}");
    }
}

#[test]
fn which_urls_an_integration_made_for_a_vendor_has_is_one_decision() {
    for (knob, there) in [
        ("all", &URLS[..]),
        ("without-sync", &["plain", "async"]),
        ("plain-only", &["plain"]),
    ] {
        let knobs = format!("urls: {{ vendor_urls: {knob} }}");
        let (made_for_one, generic) = (world("vendor: acme", &knobs), world("", &knobs));
        for way in URLS {
            let expected = if there.contains(&way) { 200 } else { 404 };
            assert_eq!(status(&made_for_one, way, &[], b"{}"), expected, "{knob}: {way}");
            assert_eq!(status(&generic, way, &[], b"{}"), 200, "{knob}: {way}");
        }
    }
}

const REST: &str = "
workspaces: { source: {}, consumer: {} }
integrations: { open: { workspace: source }, other: { workspace: source } }
workflows:
  bound: { integration: open, published: [ { exit: {} } ] }
  shared: { integration: open, shared_with: [ consumer ], published: [ { exit: {} } ] }
  draft: { integration: open, draft: [ { exit: {} } ] }
";

#[test]
fn which_workflows_a_url_reaches_are_decisions_of_their_own() {
    for (knobs, statuses) in [
        ("", [400, 200, 404]),
        ("unbound: runs", [200, 200, 404]),
        ("shared_id: unknown", [400, 404, 404]),
        ("shared_id: unbound", [400, 400, 404]),
        ("unpublished: invalid-workflow-id", [400, 200, 400]),
        ("unpublished: runs-draft", [400, 200, 200]),
    ] {
        let world = World::new(&format!("behaviour: {{ running: {{ {knobs} }} }}{REST}"));
        let bound = world.path("bound");
        let id = bound.rsplit('/').next().expect("a path has pieces");
        let paths = [
            format!("{}/workflows/{id}", world.integration_path("other")),
            world.path_of("shared", Origin::Shared),
            world.path("draft"),
        ];
        assert_eq!(
            paths.map(|path| world.post(&path, &json!({})).status),
            statuses,
            "{knobs}"
        );
        assert_eq!(world.post(&bound, &json!({})).status, 200, "{knobs}");
        assert_eq!(world.post(&world.path("shared"), &json!({})).status, 200, "{knobs}");
    }
}

/// Three workflows, the one in the middle particular about its events.
const THREE: &str = "
  a: { integration: open, published: [ { exit: {} } ] }
  b: { integration: open, condition: { path: $.event.kind, equals: alert }, published: [ { exit: {} } ] }
  c: { integration: open, published: [ { exit: {} } ] }
";

fn started(world: &World) -> String {
    let executions = world.app.executions(world.now);
    executions
        .iter()
        .map(|execution| execution["workflow"].as_str().expect("a name"))
        .collect()
}

#[test]
fn what_a_plain_url_starts_is_one_decision() {
    for (knob, of_an_alert, of_noise) in [
        ("every", "abc", "ac"),
        ("first", "a", "a"),
        ("last", "c", "c"),
        ("nothing", "", ""),
        ("all-or-nothing", "abc", ""),
    ] {
        for (kind, expected) in [("alert", of_an_alert), ("noise", of_noise)] {
            let world = World::with(&format!("running: {{ fan_out: {knob} }}"), THREE);
            world.post(&world.integration_path("open"), &json!({ "kind": kind }));
            assert_eq!(started(&world), expected, "{knob}: {kind}");
            let direct = World::with(&format!("running: {{ fan_out: {knob} }}"), THREE);
            direct.post(&direct.path("b"), &json!({ "kind": "alert" }));
            assert_eq!(started(&direct), "b", "{knob}: the other URLs start the one they name");
        }
    }
}

#[test]
fn what_a_condition_is_good_for_is_one_decision() {
    // What an event starts that the condition accepts, and what one that it rejects.
    for (knob, way, of_an_alert, of_noise) in [
        ("enforced", "plain", "abc", "ac"),
        ("enforced", "sync", "b", ""),
        ("ignored", "plain", "abc", "abc"),
        ("ignored", "async", "b", "b"),
        ("inverted", "plain", "ac", "abc"),
        ("inverted", "async", "", "b"),
        ("ignored-on-plain-url", "plain", "abc", "abc"),
        ("ignored-on-plain-url", "async", "b", ""),
        ("ignored-on-plain-url", "sync", "b", ""),
        ("ignored-on-sync-url", "plain", "abc", "ac"),
        ("ignored-on-sync-url", "async", "b", ""),
        ("ignored-on-sync-url", "sync", "b", "b"),
    ] {
        for (kind, expected) in [("alert", of_an_alert), ("noise", of_noise)] {
            let world = World::with(&format!("running: {{ condition: {knob} }}"), THREE);
            let path = match way {
                "plain" => world.integration_path("open"),
                "async" => world.path("b"),
                _ => format!("{}/sync", world.path("b")),
            };
            world.post(&path, &json!({ "kind": kind }));
            assert_eq!(started(&world), expected, "{knob}, {way}: {kind}");
        }
    }
}

#[test]
fn what_a_rejected_event_leaves_is_one_decision() {
    for (knob, left) in [("nothing", None), ("stopped-execution", Some("STOPPED"))] {
        let world = World::with(&format!("running: {{ rejected_event: {knob} }}"), THREE);
        world.post(&world.path("b"), &json!({ "kind": "noise" }));
        let executions = world.app.executions(world.now);
        let status = executions
            .first()
            .map(|it| it["status"].as_str().expect("a word").to_owned());
        assert_eq!(status.as_deref(), left, "{knob}");
        assert_eq!(executions.len(), usize::from(left.is_some()), "{knob}");
    }
}

#[test]
fn the_journal_says_which_condition_an_event_did_not_meet() {
    let world = World::with("", THREE);
    world.post(&world.path("b"), &json!({ "kind": "noise" }));
    let entry = world.last_entry();
    assert_eq!(entry["gate"], "condition");
    let said = ["expected", "received"].map(|key| entry[key].as_str().expect("a text").to_owned());
    assert_eq!(said, [r#"$.event.kind equals "alert""#, r#"$.event.kind is "noise""#]);
}
