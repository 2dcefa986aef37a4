//! What the journal tells of the mistakes that clients make, gate by gate; the callers learn none of it.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::world::{World, request};

const REST: &str = r#"
workspaces:
  main: { clients: { operator: { id: me, secret: s3cret-value }, outsider: { may: [] } } }
  other: { clients: { operator: { id: you, secret: 0ther-value } } }
integrations:
  open: { workspace: main }
  guarded: { workspace: main, headers: [ { name: X-Token, secret: t0ken-value } ] }
  signed: { workspace: main, hmac: { secret: s1gning-key } }
workflows:
  echo: { integration: open, published: [ { exit: { json: { ran: true } } } ] }
  gated: { integration: open, condition: { path: $.event.kind }, published: [] }
  draft: { integration: open, draft: [] }
  off: { integration: open, enabled: false, published: [] }
  guarded: { integration: guarded, published: [] }
  signed: { integration: signed, published: [] }
"#;

fn world() -> World {
    World::new(REST)
}

/// Asserts what the newest entry says: the gate, the mistake, and how to do better.
#[track_caller]
fn is_told(world: &World, (gate, mistake): (&str, &str), hint: &str) {
    let entry = world.last_entry();
    assert_eq!(
        (&entry["gate"], &entry["mistakes"]),
        (&json!(gate), &json!([mistake])),
        "{entry:#}"
    );
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    assert!(text("hint").contains(hint), "{hint}: {entry:#}");
    assert!(
        !text("expected").is_empty() && !text("received").is_empty(),
        "{entry:#}"
    );
    for secret in ["s3cret-value", "0ther-value", "t0ken-value", "s1gning-key"] {
        assert!(!entry.to_string().contains(secret), "{entry:#}");
    }
}

#[test]
fn tokens() {
    let world = world();
    let id = world.start("echo", &json!({}));
    let target = format!("/public/v1alpha/executions/{id}");
    let token = world.token("main", "operator");
    let elsewhere = World::new(&format!("seed: 2\n{REST}")).token("main", "operator");
    for (header, value, mistake, hint) in [
        (
            "accept",
            "application/json".to_owned(),
            "missing-token",
            "POST /v1/auth/token",
        ),
        (
            "x-api-key",
            token.clone(),
            "another-header",
            "as `Authorization: Bearer …`",
        ),
        (
            "x-auth",
            format!("Bearer {token}"),
            "another-header",
            "as `Authorization: Bearer …`",
        ),
        (
            "authorization",
            token.clone(),
            "scheme-missing",
            "write `Bearer` and a space",
        ),
        ("authorization", "Bearer".to_owned(), "empty-token", "may be empty"),
        (
            "authorization",
            format!("Token {token}"),
            "other-scheme",
            "write `Bearer`",
        ),
        (
            "authorization",
            format!("Bearer: {token}"),
            "other-scheme",
            "write `Bearer`",
        ),
        (
            "authorization",
            "Basic bWU6czNjcmV0LXZhbHVl".to_owned(),
            "basic-credentials",
            "exchange",
        ),
        (
            "authorization",
            format!("Bearer \"{token}\""),
            "quoted-token",
            "nothing else",
        ),
        (
            "authorization",
            format!("Bearer Bearer {token}"),
            "scheme-twice",
            "once",
        ),
        (
            "authorization",
            "Bearer s3cret-value".to_owned(),
            "client-secret-as-token",
            "exchange",
        ),
        (
            "authorization",
            "Bearer t0ken-value".to_owned(),
            "integration-secret-as-token",
            "trigger URLs",
        ),
        (
            "authorization",
            format!("Bearer {elsewhere}"),
            "token-of-another-sandbox",
            "a sandbox's own",
        ),
        (
            "authorization",
            "Bearer nonsense".to_owned(),
            "unknown-token",
            "POST /v1/auth/token",
        ),
    ] {
        let answered = world
            .send(&request(Method::GET, &target, &[(header, &value)], b""))
            .answered();
        assert_eq!(answered.status, 401, "{mistake}");
        is_told(&world, ("token", mistake), hint);
        let entry = world.last_entry().to_string();
        assert!(
            !entry.contains(&token) && !entry.contains(&elsewhere),
            "{mistake}: {entry}"
        );
        assert!(!answered.body.contains(hint), "{}", answered.body);
    }
    let in_url = request(Method::GET, &format!("{target}?access_token={token}"), &[], b"");
    assert_eq!(world.send(&in_url).answered().status, 401);
    is_told(&world, ("token", "token-in-url"), "`Authorization: Bearer …`");
    assert!(!world.last_entry().to_string().contains(&token));
    assert_eq!(world.get(&target, &token).status, 200);
}

#[test]
fn secrets_and_signatures_in_other_headers() {
    let world = world();
    let right = "sha256=0cc3a4b8bd1b3a1f5b0e6ac1b1e2a4bb0d26d8a7a1fb6d2b5ee9df7bb0b7a9d1";
    for (workflow, header, value, status, gate, mistake, hint) in [
        (
            "guarded",
            "authorization",
            "Bearer t0ken-value",
            400,
            "header",
            "another-name",
            "send it as `X-Token`",
        ),
        (
            "signed",
            "x-hub-signature-256",
            right,
            401,
            "signature",
            "another-header",
            "send it as `X-Torq-Signature`",
        ),
        (
            "signed",
            "x-request-id",
            "7",
            401,
            "signature",
            "missing-signature",
            "`X-Torq-Signature`",
        ),
    ] {
        let headers = [("content-type", "application/json"), (header, value)];
        let answered = world
            .send(&request(Method::POST, &world.path(workflow), &headers, b"{}"))
            .answered();
        assert_eq!(answered.status, status, "{mistake}");
        is_told(&world, (gate, mistake), hint);
        assert!(!answered.body.contains(hint), "{}", answered.body);
    }
}

#[test]
fn what_a_token_may_not() {
    let mut world = world();
    let id = world.start("echo", &json!({}));
    let target = format!("/public/v1alpha/executions/{id}");
    let token = world.token("main", "operator");
    for (workspace, client, status, gate, mistake, hint) in [
        (
            "other",
            "operator",
            404,
            "execution",
            "other-workspace",
            "the workspace `main`",
        ),
        ("main", "outsider", 403, "role", "missing-permission", "`may`"),
    ] {
        assert_eq!(world.get(&target, &world.token(workspace, client)).status, status);
        is_told(&world, (gate, mistake), hint);
    }
    while world.get(&target, &token).status == 200 {}
    is_told(&world, ("api-rate", "polled-too-fast"), "`Retry-After`");
    assert_eq!(world.last_entry()["expected"], "at most 50 requests in one second");
    world.after(Duration::from_secs(3_600));
    assert_eq!(world.get(&target, &token).status, 302);
    is_told(&world, ("token", "expired-token"), "do not follow");
}

#[test]
fn ids_of_executions() {
    let world = world();
    let promised = world.start("gated", &json!({ "noise": true }));
    let (workflow, integration) = (world.path("echo"), world.integration_path("open"));
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    for (id, mistake, hint) in [
        ("undefined".to_owned(), "no-id", "`execution_id`"),
        ("None".to_owned(), "no-id", "`execution_id`"),
        (
            promised,
            "rejected-by-condition",
            "the trigger condition rejected its event",
        ),
        (last(&workflow), "another-id", "`execution_id`"),
        (last(&integration), "another-id", "`execution_id`"),
    ] {
        let answered = world.retrieve(&id);
        assert_eq!(answered.status, 404, "{id}");
        is_told(&world, ("execution", mistake), hint);
        assert!(!answered.body.contains(hint), "{}", answered.body);
    }
    world.retrieve("0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11");
    assert_eq!(world.last_entry()["mistakes"], json!([]), "nothing was forgotten");
}

#[test]
fn ids_without_an_execution_are_kept_in_mind_for_a_while() {
    let world = world();
    let promised: Vec<_> = (0..1_100)
        .map(|_| world.start("gated", &json!({ "noise": true })))
        .collect();
    let token = world.token("main", "operator");
    for (place, known) in [(0, false), (75, false), (76, true), (1_099, true)] {
        world.get(&format!("/public/v1alpha/executions/{}", promised[place]), &token);
        let mistakes = world.last_entry()["mistakes"].clone();
        assert_eq!(
            mistakes == json!(["rejected-by-condition"]),
            known,
            "{place}: {mistakes}"
        );
    }
}

#[test]
fn requests_for_a_token() {
    let world = world();
    let basic = |text: &str| format!("Basic {}", data_encoding::BASE64.encode(text.as_bytes()));
    let (right, form) = (basic("me:s3cret-value"), "grant_type=client_credentials");
    for (credentials, body, gate, mistake, hint) in [
        (Some(&right), "", "grant", "empty-body", "the form"),
        (
            Some(&right),
            r#"{"grant_type": "client_credentials"}"#,
            "grant",
            "json-for-form",
            "not JSON",
        ),
        (
            Some(&right),
            "grant=client_credentials",
            "grant",
            "grant-type-missing",
            "the form",
        ),
        (None, form, "client", "missing-credentials", "curl -u"),
        (
            None,
            "grant_type=client_credentials&client_id=me&client_secret=s3cret-value",
            "client",
            "credentials-in-body",
            "HTTP Basic",
        ),
        (Some(&"Bearer x".to_owned()), form, "client", "other-scheme", "`Basic`"),
        (
            Some(&"Basic me:s3cret".to_owned()),
            form,
            "client",
            "not-base64",
            "standard base64",
        ),
        (Some(&basic("me")), form, "client", "colon-missing", "a colon"),
        (
            Some(&basic("me:s3cret-value\n")),
            form,
            "client",
            "white-space-around-secret",
            "`printf`",
        ),
        (Some(&basic("me:")), form, "client", "empty-secret", "may be empty"),
        (
            Some(&basic("me:0ther-value")),
            form,
            "client",
            "secret-of-another-client",
            "this id",
        ),
        (
            Some(&basic("s3cret-value:me")),
            form,
            "client",
            "swapped",
            "the id comes first",
        ),
        (
            Some(&basic("mee:s3cret-value")),
            form,
            "client",
            "unknown-client",
            "did you mean `me`?",
        ),
    ] {
        let headers: Vec<_> = credentials
            .iter()
            .map(|value| ("authorization", value.as_str()))
            .collect();
        let asked = request(Method::POST, "/v1/auth/token", &headers, body.as_bytes());
        let answered = world.send(&asked).answered();
        assert!([400, 401].contains(&answered.status), "{mistake}: {answered:?}");
        is_told(&world, (gate, mistake), hint);
        assert!(!answered.body.contains(hint), "{}", answered.body);
    }
}

#[test]
fn bodies() {
    let world = world();
    let path = world.path("echo");
    for (declared, body, mistake, hint) in [
        ("application/json", &b"{\"a\": 1"[..], "cut-off", "`Content-Length`"),
        (
            "application/json",
            b"\xef\xbb\xbf{}",
            "byte-order-mark",
            "byte order mark",
        ),
        ("application/json", b"{'a': None}", "single-quotes", "JSON library"),
        ("application/json", b"a=1&b=2", "other-type", "x-www-form-urlencoded"),
        ("application/json", b"<a/>", "other-type", "application/xml"),
        ("text/plain", b"{}", "unrecognised-type", "application/json"),
        ("text/plain", b"hello", "unrecognised-type", "raw requests"),
    ] {
        let answered = world
            .send(&request(Method::POST, &path, &[("content-type", declared)], body))
            .answered();
        assert_eq!(answered.status, 400, "{declared} {}", String::from_utf8_lossy(body));
        is_told(&world, ("event", mistake), hint);
        assert!(!answered.body.contains(hint), "{}", answered.body);
    }
    world.send(&request(
        Method::POST,
        &path,
        &[("content-type", "application/json")],
        b"{\"a\": 1,}",
    ));
    let entry = world.last_entry();
    assert!(
        entry["received"]
            .as_str()
            .is_some_and(|it| it.contains("a mistake in it")),
        "{entry:#}"
    );
}

#[test]
fn ids_and_workflows() {
    let world = world();
    let nobody = "0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11";
    let (echo, open, guarded) = (
        world.path("echo"),
        world.integration_path("open"),
        world.integration_path("guarded"),
    );
    let id = echo.rsplit('/').next().unwrap_or_default().to_owned();
    let mut told: Vec<Value> = Vec::new();
    for (path, gate, mistake, hint) in [
        (
            format!("/v1/webhooks/{nobody}"),
            "integration",
            "unknown-id",
            "GET /profile",
        ),
        (
            format!("/v1/webhooks/{id}"),
            "integration",
            "unknown-id",
            "GET /profile",
        ),
        (
            format!("{open}/workflows/{nobody}"),
            "workflow",
            "unknown-id",
            "GET /profile",
        ),
        (echo.replace(&open, &guarded), "header", "missing-header", "`X-Token`"),
        (world.path("draft"), "workflow", "unpublished", "`published`"),
        (world.path("off"), "workflow", "switched-off", "`enabled`"),
        (
            world.path("guarded").replace(&guarded, &open),
            "workflow",
            "other-integration",
            "belong together",
        ),
    ] {
        let answered = world.post(&path, &json!({}));
        assert!([400, 404].contains(&answered.status), "{path}: {answered:?}");
        is_told(&world, (gate, mistake), hint);
        told.push(world.last_entry()["received"].clone());
    }
    assert_eq!(told[1], json!(format!("{id}, which is the id of the workflow `echo`")));
    while world.post(&echo, &json!({})).status == 200 {}
    is_told(&world, ("rate", "too-fast"), "`Retry-After`");
    assert_eq!(
        world.last_entry()["expected"],
        "at most 25 executions in 1s for each workflow"
    );
}
