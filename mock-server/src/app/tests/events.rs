//! Bodies that are no events, and bodies that were made to hurt.

use http::Method;
use serde_json::json;

use super::world::{Answered, World, request};

const REST: &str = r"
workspaces: { main: {} }
integrations: { open: { workspace: main }, raw: { workspace: main, mode: raw } }
workflows:
  echo: { integration: open, published: [ { exit: { json: { event: '{{ $.event }}' } } } ] }
  raw: { integration: raw, published: [ { exit: { json: { event: '{{ $.event }}' } } } ] }
";

fn world() -> World {
    World::new(REST)
}

fn call(world: &World, workflow: &str, content_type: &str, body: &[u8]) -> Answered {
    let path = format!("{}/sync?a=1", world.path(workflow));
    world
        .send(&request(Method::POST, &path, &[("content-type", content_type)], body))
        .answered()
}

#[test]
fn what_cannot_be_decoded_is_refused_and_starts_nothing() {
    let world = world();
    let deep_json = "[".repeat(200_000).into_bytes();
    let deep_object = format!("{}1{}", "{\"a\":".repeat(1_000), "}".repeat(1_000)).into_bytes();
    let deep_xml = "<a>".repeat(200_000).into_bytes();
    let bomb = b"<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;\">]><a>&y;&y;</a>".to_vec();
    let many_attributes = format!("<a {}", "b='1' ".repeat(100_000)).into_bytes();
    for (content_type, body) in [
        ("application/json", b"{".to_vec()),
        ("application/json", b"{\"a\":\"\xff\"}".to_vec()),
        ("application/json", deep_json.clone()),
        ("application/json", deep_object),
        ("application/xml", deep_xml),
        ("application/xml", bomb),
        ("application/xml", many_attributes),
        ("text/xml", b"<a>\xff</a>".to_vec()),
        ("application/x-www-form-urlencoded", b"a=\xff".to_vec()),
        ("text/plain", b"{}".to_vec()),
        ("application/octet-stream", b"\x00\x01".to_vec()),
    ] {
        let answered = call(&world, "echo", content_type, &body);
        assert_eq!(answered.status, 400, "{content_type}");
        assert!(
            answered.message().starts_with("Invalid event: "),
            "{}",
            answered.message()
        );
        assert!(answered.body.len() < 500, "a refusal does not repeat what it refuses");
        assert_eq!(world.last_entry()["gate"], "event");
    }
    assert!(world.app.executions(world.now).is_empty());
    let raw = call(&world, "raw", "application/json", &deep_json);
    assert!(raw.json()["event"]["body"].is_string());
}

#[test]
fn the_journal_says_what_a_body_had_to_be_and_nothing_of_what_it_was() {
    let world = world();
    let json = "a body of the declared type `application/json`";
    let types = "one of the types application/json, application/xml, text/xml, application/x-www-form-urlencoded";
    let path = world.path("echo");
    for (declared, body, expected, received) in [
        (
            Some("application/json"),
            "{secret",
            json,
            "7 bytes declared `application/json` that look like JSON with a mistake in it",
        ),
        (
            Some("text/plain"),
            "secret",
            types,
            "6 bytes declared `text/plain` that look like text",
        ),
        (
            None,
            "secret",
            "a JSON body, as no type is declared",
            "6 bytes that look like text",
        ),
    ] {
        let headers: Vec<_> = declared.iter().map(|declared| ("content-type", *declared)).collect();
        let call = request(Method::POST, &path, &headers, body.as_bytes());
        assert_eq!(world.send(&call).answered().status, 400, "{declared:?}");
        let entry = world.last_entry();
        assert_eq!(
            (entry["expected"].as_str(), entry["received"].as_str()),
            (Some(expected), Some(received))
        );
    }
}

#[test]
fn a_huge_form_is_only_huge() {
    let body = "a&".repeat(500_000);
    let answered = call(&world(), "echo", "application/x-www-form-urlencoded", body.as_bytes());
    assert_eq!(answered.json()["event"]["a"].as_array().unwrap().len(), 500_000);
}

#[test]
fn raw_mode_shows_the_request() {
    let event = call(&world(), "raw", "text/plain", b"hello").json();
    let expected = json!({
        "body": "hello",
        "headers": {"Content-Type": ["text/plain"]},
        "http_method": "POST",
        "query": {"a": "1"},
    });
    assert_eq!(event["event"], expected);
}
