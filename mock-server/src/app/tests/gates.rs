//! Every value that a knob of the header, the signature or the rate can have, what it lets through and what it does not.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde_json::json;
use sha2::Sha256;

use super::world::{World, request};

/// The ways to call a workflow: the plain URL of its integration, its asynchronous and its synchronous one.
pub(super) const URLS: [&str; 3] = ["plain", "async", "sync"];

pub(super) fn url(world: &World, way: &str) -> String {
    match way {
        "plain" => world.integration_path("i"),
        "async" => world.path("w"),
        _ => format!("{}/sync", world.path("w")),
    }
}

pub(super) fn world(integration: &str, behaviour: &str) -> World {
    World::new(&format!(
        "behaviour: {{ {behaviour} }}\nworkspaces: {{ main: {{}} }}\nintegrations: {{ i: {{ workspace: main, {integration} }} }}\n\
         workflows: {{ w: {{ integration: i, published: [ {{ exit: {{}} }} ] }} }}"
    ))
}

/// The status of a call with these headers.
pub(super) fn status(world: &World, way: &str, headers: &[(&str, &str)], body: &[u8]) -> u16 {
    let headers = [&[("content-type", "application/json")], headers].concat();
    let call = request(Method::POST, &url(world, way), &headers, body);
    world.send(&call).answered().status
}

const GUARDED: &str = "headers: [ { name: X-Token, secret: s3cret-value } ]";

#[test]
fn what_passes_for_a_secret_is_one_decision() {
    let right = ("x-token", "s3cret-value");
    let offers = [
        ("right", Some(right)),
        ("upper case", Some(("x-token", "S3CRET-VALUE"))),
        ("beginning", Some(("x-token", "s3c"))),
        ("longer", Some(("x-token", "s3cret-value2"))),
        ("empty", Some(("x-token", ""))),
        ("another", Some(("x-token", "nonsense"))),
        ("elsewhere", Some(("x-other", "s3cret-value"))),
        ("none", None),
    ];
    for (knobs, passing) in [
        ("secret: exact", &["right"][..]),
        ("secret: case-folded", &["right", "upper case"]),
        ("secret: prefix", &["right", "beginning"]),
        ("secret: extended", &["right", "longer"]),
        (
            "secret: any-value",
            &["right", "upper case", "beginning", "longer", "empty", "another"],
        ),
        ("secret: not-checked", &offers.map(|(name, _)| name)),
        ("secret: never-right", &[]),
        ("secret_header: any", &["right", "elsewhere"]),
    ] {
        let world = world(GUARDED, &format!("authentication: {{ {knobs} }}"));
        for (name, header) in offers {
            let headers: Vec<_> = header.into_iter().collect();
            let expected = if passing.contains(&name) { 200 } else { 400 };
            assert_eq!(status(&world, "async", &headers, b"{}"), expected, "{knobs}: {name}");
        }
    }
}

#[test]
fn where_the_secret_is_checked_is_one_decision() {
    for (knob, unchecked) in [
        ("every-url", None),
        ("not-sync", Some("sync")),
        ("not-async", Some("async")),
    ] {
        let world = world(GUARDED, &format!("authentication: {{ secret_checked_on: {knob} }}"));
        for way in URLS {
            let expected = if unchecked == Some(way) { 200 } else { 400 };
            assert_eq!(status(&world, way, &[], b"{}"), expected, "{knob}: {way}");
        }
    }
}

#[test]
fn a_header_nobody_demands_is_refused_only_where_it_shall_be() {
    for (knob, refused) in [("ignored", 200), ("refused", 400)] {
        let knobs = format!("authentication: {{ undemanded_header: {knob} }}");
        let open = world("", &knobs);
        assert_eq!(
            status(&open, "async", &[("authorization", "Bearer x")], b"{}"),
            refused,
            "{knob}"
        );
        assert_eq!(status(&open, "async", &[("x-token", "x")], b"{}"), 200, "{knob}");
        let guarded = world(GUARDED, &knobs);
        let headers = [("x-token", "s3cret-value"), ("authorization", "Bearer x")];
        assert_eq!(status(&guarded, "async", &headers, b"{}"), 200, "{knob}");
    }
}

fn digest(bytes: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"signing-key").expect("keys of every length are taken");
    mac.update(bytes);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

const SIGNED: &str = "hmac: { secret: signing-key }";

#[test]
fn what_passes_for_a_signature_is_one_decision() {
    let all = ["right", "beginning", "nothing of it", "another", "none"];
    for (knob, of_a_body, of_nothing) in [
        ("exact", &["right"][..], &["right"][..]),
        ("truncated", &["right", "beginning"], &["right", "beginning"]),
        ("any-value", &all[..4], &all[..4]),
        ("or-missing", &["right", "none"], &["right", "none"]),
        ("or-empty-body", &["right"], &all),
        ("not-checked", &all, &all),
        ("never-right", &[], &[]),
    ] {
        let world = world(SIGNED, &format!("authentication: {{ signature: {knob} }}"));
        for (body, passing) in [(&b"{}"[..], of_a_body), (b"", of_nothing)] {
            let digest = digest(body);
            for name in all {
                let offered = match name {
                    "right" => Some(format!("sha256={digest}")),
                    "beginning" => Some(format!("sha256={}", &digest[..20])),
                    "nothing of it" => Some("sha256=".to_owned()),
                    "another" => Some(format!("sha256={}", "0".repeat(64))),
                    _ => None,
                };
                let headers: Vec<_> = offered.iter().map(|it| ("x-torq-signature", it.as_str())).collect();
                let expected = if passing.contains(&name) { 200 } else { 401 };
                assert_eq!(
                    status(&world, "async", &headers, body),
                    expected,
                    "{knob}: {name} {body:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_signed_of_a_body_is_one_decision() {
    let body = format!(" {{\"a\":  \"{}\"}} ", "x".repeat(2_000));
    let anew = format!("{{\"a\":\"{}\"}}", "x".repeat(2_000));
    let parts = [
        ("body", body.as_bytes()),
        ("reserialised", anew.as_bytes()),
        ("trimmed", body.as_bytes().trim_ascii()),
        ("first-kibibyte", &body.as_bytes()[..1_024]),
        ("nothing", b""),
    ];
    for (knob, _) in parts {
        let world = world(SIGNED, &format!("authentication: {{ signed_bytes: {knob} }}"));
        for (name, signed) in parts {
            let signature = format!("sha256={}", digest(signed));
            let expected = if name == knob { 200 } else { 401 };
            let headers = [("x-torq-signature", signature.as_str())];
            assert_eq!(
                status(&world, "async", &headers, body.as_bytes()),
                expected,
                "{knob}: {name}"
            );
        }
    }
}

#[test]
fn what_is_limited_and_what_a_refused_call_does_are_two_decisions() {
    for (knob, unlimited) in [
        ("every-url", None),
        ("not-sync", Some("sync")),
        ("not-async", Some("async")),
    ] {
        for way in URLS {
            let world = world("", &format!("rate: {{ limit: 1, limited_urls: {knob} }}"));
            let expected = if unlimited == Some(way) { 200 } else { 429 };
            let second = [200, expected];
            assert_eq!(
                [(); 2].map(|()| status(&world, way, &[], b"{}")),
                second,
                "{knob}: {way}"
            );
        }
    }
    for (knob, executions) in [("starts-nothing", 1), ("starts", 2)] {
        let world = world("", &format!("rate: {{ limit: 1, refused_call: {knob} }}"));
        assert_eq!(
            [(); 2].map(|()| status(&world, "async", &[], b"{}")),
            [200, 429],
            "{knob}"
        );
        assert_eq!(world.app.executions(world.now).len(), executions, "{knob}");
    }
}

#[test]
fn what_a_call_without_proof_starts_is_one_decision() {
    const SIGNED: &str = "hmac: { secret: s3cret-value }";
    for (integration, refusal) in [(GUARDED, 400), (SIGNED, 401)] {
        for (knob, executions) in [("starts-nothing", 0), ("starts", 1)] {
            let world = world(integration, &format!("authentication: {{ refused_call: {knob} }}"));
            assert_eq!(status(&world, "async", &[], b"{}"), refusal, "{knob}");
            assert_eq!(
                world.app.executions(world.now).len(),
                executions,
                "{integration}: {knob}"
            );
        }
    }
}

#[test]
fn a_call_without_proof_is_refused_for_that_when_its_event_starts_nothing_either() {
    let text = format!(
        "behaviour: {{ authentication: {{ refused_call: starts }} }}\nworkspaces: {{ main: {{}} }}\n\
         integrations: {{ i: {{ workspace: main, {GUARDED} }} }}\n\
         workflows: {{ w: {{ integration: i, condition: {{ path: $.event.a, equals: 1 }}, published: [ {{ exit: {{}} }} ] }} }}"
    );
    let world = World::new(&text);
    assert_eq!(status(&world, "async", &[], b"{}"), 400);
}

#[test]
fn a_refusal_tells_when_the_first_of_several_quotas_has_something_left() {
    let mut world = World::with(
        "rate: { limit: 1, window: 10s }",
        "  one: { integration: open, published: [] }\n  two: { integration: open, published: [] }\n",
    );
    for (workflow, seconds) in [("two", 4), ("one", 1)] {
        assert_eq!(world.post(&world.path(workflow), &json!({})).status, 200);
        world.after(std::time::Duration::from_secs(seconds));
    }
    let answered = world.post(&world.integration_path("open"), &json!({}));
    assert_eq!((answered.status, answered.header("retry-after")), (429, Some("5")));
}
