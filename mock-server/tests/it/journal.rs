//! The journal: which gate refused a request and why, and never a secret.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::client::{exchange, request};
use crate::support::Mock;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} of {value}"))
}

fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("keys have any length");
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// The newest entry.
async fn newest(mock: &Mock) -> Value {
    mock.ask("/requests?limit=1").await.json()["requests"][0].clone()
}

#[tokio::test]
async fn every_refusal_names_its_gate_and_says_why() {
    let mock = Mock::start().await;
    let (open, guarded) = (mock.path("respond"), mock.path("guarded"));
    let nobody = "0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11";
    let mismatched = open.replace(
        text(&mock.profile, "/workflows/respond/id"),
        text(&mock.profile, "/workflows/guarded/id"),
    );
    let large = " ".repeat(2 << 20);
    for (method, path, body, status, gate) in [
        ("POST", "/nowhere".to_owned(), "{}", 404, "path"),
        ("PUT", open.clone(), "{}", 405, "method"),
        ("POST", "/v1/webhooks/x".to_owned(), "{}", 400, "integration-id"),
        ("POST", format!("/v1/webhooks/{nobody}"), "{}", 404, "integration"),
        (
            "POST",
            format!("/v1/webhooks/{nobody}/workflows/x"),
            "{}",
            400,
            "workflow-id",
        ),
        ("POST", mismatched, "{}", 400, "workflow"),
        ("POST", guarded, "{}", 400, "header"),
        ("POST", mock.path("signed"), "{}", 401, "signature"),
        ("POST", open.clone(), &large, 413, "payload"),
        ("POST", open, "{", 400, "event"),
        ("POST", mock.sync_path("alert"), "{}", 404, "condition"),
        ("POST", mock.sync_path("failing"), "{}", 500, "output"),
        ("GET", format!("/public/v1alpha/executions/{nobody}"), "", 401, "token"),
    ] {
        let answer = exchange(mock.data, &request(method, &path, &[JSON], body.as_bytes())).await;
        assert_eq!(answer.status, status, "{gate}: {}", answer.text());
        let entry = newest(&mock).await;
        let told = (
            text(&entry, "/outcome"),
            text(&entry, "/gate"),
            text(&entry, "/provenance"),
        );
        assert_eq!(told, ("refused", gate, "contract"), "{entry}");
        assert!(!text(&entry, "/reason").is_empty());
        assert_eq!(entry["answer"]["status"], status, "{entry}");
        let found = mock.ask(&format!("/requests?gate={gate}")).await.json();
        assert_eq!(found["matching"], 1, "{gate}");
    }
    let refused = mock.ask("/requests?outcome=refused").await.json();
    assert_eq!(refused["matching"], 13);
    assert_eq!(mock.ask("/requests?outcome=accepted").await.json()["matching"], 0);
}

#[tokio::test]
async fn a_bad_signature_is_explained_to_the_owner_and_not_to_the_caller() {
    let mock = Mock::start().await;
    let secret = text(&mock.profile, "/integrations/signed/hmac/secret").to_owned();
    let body = br#"{"a": 1}"#;
    let right = signature(&secret, body);
    let spaceless = signature(&secret, br#"{"a":1}"#);
    for (value, explanation) in [
        (format!("sha256={}", right.to_uppercase()), "letter case"),
        (right.clone(), "prefix is missing"),
        (format!("sha256={}", &right[..40]), "cut off"),
        (format!("sha256={spaceless}"), "written anew"),
        (format!("sha256={}", signature(&secret, b"")), "empty body"),
        (format!("sha256={}", signature("another", body)), "another secret"),
    ] {
        let headers = [JSON, ("X-Torq-Signature", value.as_str())];
        let answer = exchange(mock.data, &request("POST", &mock.path("signed"), &headers, body)).await;
        assert_eq!(answer.status, 401);
        assert!(!answer.text().contains(explanation), "{}", answer.text());
        let entry = newest(&mock).await;
        assert!(text(&entry, "/reason").contains(explanation), "{entry}");
        let given_away = entry.to_string().contains(&right) && !value.contains(&right);
        assert!(!given_away, "the right signature is in {entry}");
    }
    let value = format!("sha256={right}");
    let headers = [JSON, ("X-Torq-Signature", value.as_str())];
    let answer = exchange(mock.data, &request("POST", &mock.path("signed"), &headers, body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Every secret in a profile.
fn secrets(profile: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![profile];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                found.extend(members.get("secret").and_then(Value::as_str).map(str::to_owned));
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

#[tokio::test]
async fn no_secret_is_ever_in_the_journal_wherever_a_caller_put_it() {
    let mock = Mock::start().await;
    let secrets = secrets(&mock.profile);
    assert!(secrets.len() >= 4, "{}", secrets.len());
    let (guarded, signed) = (mock.path("guarded"), mock.path("signed"));
    for secret in &secrets {
        let bearer = format!("Bearer {secret}");
        let prefixed = format!("sha256={secret}");
        let nested = format!(r#"{{"deep": {{"secret": "{secret}"}}}}"#);
        let form = format!("grant_type=client_credentials&client_secret={secret}");
        for (path, header, body) in [
            (&*guarded, ("X-Torq-Token", secret.as_str()), "{}"),
            (&guarded, ("X-Other", bearer.as_str()), "{}"),
            (&guarded, ("Cookie", secret), "{}"),
            (&signed, ("X-Torq-Signature", secret), "{}"),
            (&signed, ("X-Torq-Signature", &prefixed), "{}"),
            (&guarded, JSON, &nested),
            ("/v1/auth/token", ("Authorization", &bearer), &form),
            (&format!("{guarded}?token={secret}"), JSON, "{}"),
            (&format!("/v1/webhooks/{secret}"), JSON, "{}"),
            (&format!("/{secret}"), JSON, "{}"),
            (
                &format!("/public/v1alpha/executions/{secret}"),
                ("Authorization", &bearer),
                "{}",
            ),
        ] {
            exchange(mock.data, &request("POST", path, &[header], body.as_bytes())).await;
        }
    }
    let journal = mock.ask("/requests").await;
    assert_eq!(journal.json()["received"], secrets.len() * 11);
    for entry in journal.json()["requests"].as_array().expect("a list") {
        let entry = entry.to_string();
        assert!(secrets.iter().all(|secret| !entry.contains(secret)), "{entry}");
    }
}
