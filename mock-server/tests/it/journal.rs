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
        for told in ["/expected", "/received"] {
            let told = text(&entry, told);
            let answered = answer.text();
            // What is expected is nowhere in the answer; the caller's own words may be.
            assert!(!told.is_empty(), "{gate}: {entry}");
            assert!(!answered.contains(text(&entry, "/expected")), "{gate}: {answered}");
        }
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
        // The owner may know what would have matched, as the secret is theirs; the caller is not told.
        assert!(text(&entry, "/expected").contains(&right), "{entry}");
        assert!(!answer.text().contains(&right), "{}", answer.text());
        assert!(!entry.to_string().contains(&secret), "{entry}");
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

const SIGNED: &str = "workspaces: { main: {} }
integrations:
  hex: { workspace: main, hmac: { secret: signing-key, previous_secrets: [old-signing-key] } }
  base64: { workspace: main, hmac: { secret: signing-key, encoding: base64, prefix: '' } }
  stamped: { workspace: main, hmac: { secret: signing-key, timestamp_header: X-Time, timestamp_tolerance: 5m } }
workflows:
  hex: { integration: hex, published: [] }
  base64: { integration: base64, published: [] }
  stamped: { integration: stamped, published: [] }
";

#[tokio::test]
async fn likely_mistakes_in_signing_are_found_in_what_really_came() {
    let mock = Mock::with(SIGNED).await;
    let body = b"{\"a\": 1}\n";
    let hex = |bytes: &[u8]| signature("signing-key", bytes);
    let base64 = |digits: String| {
        let bytes = HEXLOWER.decode(digits.as_bytes()).expect("it is hexadecimal");
        data_encoding::BASE64.encode(&bytes)
    };
    let sha1 = {
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"signing-key").expect("keys have any length");
        mac.update(body);
        HEXLOWER.encode(&mac.finalize().into_bytes())
    };
    let stamped = |stamp: &str| hex(&[stamp.as_bytes(), b".", body].concat());
    for (workflow, offered, stamp, mistake) in [
        ("hex", format!("sha256={}", hex(b"{\"a\":1}")), "", "json-written-anew"),
        ("hex", format!("sha256={}", hex(b"{\"a\": 1}")), "", "newline-removed"),
        ("hex", format!("sha256={}", hex(b"{\"a\": 1}\n\n")), "", "newline-added"),
        ("hex", format!("sha256={}", base64(hex(body))), "", "base64-for-hex"),
        ("base64", hex(body), "", "hex-for-base64"),
        ("hex", format!("sha256={sha1}"), "", "other-algorithm"),
        ("hex", hex(body), "", "prefix"),
        (
            "hex",
            format!("sha256={}", signature("signing-key\n", body)),
            "",
            "white-space-around-secret",
        ),
        (
            "hex",
            format!("sha256={}", signature("old-signing-key", body)),
            "",
            "previous-secret",
        ),
        ("hex", format!("sha256={}", hex(b"")), "", "empty-body"),
        ("hex", format!("sha256={}", hex(body).to_uppercase()), "", "letter-case"),
        (
            "stamped",
            format!("sha256={}", stamped("1767225000")),
            "1767225000",
            "stale-timestamp",
        ),
        (
            "stamped",
            format!("sha256={}", stamped("1767225601")),
            "1767225600",
            "other-timestamp",
        ),
        (
            "stamped",
            format!("sha256={}", hex(body)),
            "1767225600",
            "timestamp-left-out",
        ),
        ("stamped", format!("sha256={}", hex(body)), "", "timestamp-missing"),
    ] {
        let mut headers = vec![JSON, ("X-Torq-Signature", offered.as_str())];
        headers.extend((!stamp.is_empty()).then_some(("X-Time", stamp)));
        let answer = exchange(mock.data, &request("POST", &mock.path(workflow), &headers, body)).await;
        assert_eq!(answer.status, 401, "{mistake}: {}", answer.text());
        let entry = newest(&mock).await;
        assert_eq!(entry["mistakes"][0], mistake, "{entry}");
        let told = (text(&entry, "/hint"), text(&entry, "/reason"));
        assert!(
            !answer.text().contains(told.0) && !answer.text().contains(told.1),
            "{}",
            answer.text()
        );
        assert!(!entry.to_string().contains("signing-key"), "{entry}");
    }
}

#[tokio::test]
async fn a_header_that_is_wrong_is_explained() {
    let mock = Mock::start().await;
    let secret = text(&mock.profile, "/integrations/guarded/headers/0/secret").to_owned();
    let (bearer, cut) = (format!("Bearer {secret}"), &secret[..10]);
    for (header, mistake) in [
        (("X-Torq-Token", bearer.as_str()), "something-before"),
        (("X-Torq-Token", cut), "cut-off"),
        (("X-Token", secret.as_str()), "another-name"),
        (("X-Torq-Tokn", "else"), "misspelt-name"),
    ] {
        let answer = exchange(
            mock.data,
            &request("POST", &mock.path("guarded"), &[JSON, header], b"{}"),
        )
        .await;
        assert_eq!(answer.status, 400, "{mistake}: {}", answer.text());
        let entry = newest(&mock).await;
        assert_eq!(entry["mistakes"][0], mistake, "{entry}");
        assert!(!answer.text().contains(text(&entry, "/hint")), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_wrong_path_leads_to_the_nearest_valid_url() {
    let mock = Mock::start().await;
    let (path, sync) = (mock.path("slow"), mock.sync_path("slow"));
    let url = |path: &str| format!("http://{}{path}", mock.data);
    let id = text(&mock.profile, "/workflows/slow/id");
    for (wrong, right) in [
        (path.replace("/v1/", "/v2/"), url(&path)),
        (path.replace("webhooks", "webhook"), url(&path)),
        (format!("{path}/SYNC"), url(&sync)),
        (path.replace(id, "slow"), url(&path)),
        (path.replace(id, &format!("{}0", &id[..35])), url(&path)),
        ("/oauth/token".to_owned(), url("/v1/auth/token")),
        (
            "/public/v1alpha/activity".to_owned(),
            url("/public/v1alpha/activity_logs"),
        ),
    ] {
        let answer = exchange(mock.data, &request("POST", &wrong, &[JSON], b"{}")).await;
        if answer.status == 200 {
            // One id in sixteen ends in the digit that was meant to be wrong.
            continue;
        }
        let entry = newest(&mock).await;
        assert_eq!(entry["nearest"], right, "{entry}");
        assert!(!answer.text().contains(&right), "{}", answer.text());
    }
    exchange(mock.data, &request("GET", "/favicon.ico", &[], b"")).await;
    assert!(newest(&mock).await["nearest"].is_null());
}
