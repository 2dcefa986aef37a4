//! Both sides of an exchange in the journal: found, shown, copied and sent again, and never a secret.

use serde_json::{Value, json};

use crate::client::{exchange, request};
use crate::support::Mock;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn secret(mock: &Mock) -> String {
    let secret = &mock.profile["integrations"]["guarded"]["headers"][0]["secret"];
    secret.as_str().expect("the profile has it").to_owned()
}

#[tokio::test]
async fn an_entry_has_both_sides_the_event_and_a_command() {
    let mock = Mock::start().await;
    let secret = secret(&mock);
    let headers = [
        ("X-Torq-Token", secret.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let path = format!("{}/sync?a=1", mock.path("guarded"));
    let answer = exchange(mock.data, &request("POST", &path, &headers, b"kind=alert&tag=it%27s")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let entry = mock.ask("/requests/0").await.json();
    assert_eq!(entry["event"], json!({ "kind": "alert", "tag": "it's" }));
    assert_eq!(entry["body"]["text"], "kind=alert&tag=it%27s");
    assert_eq!(entry["answer"]["body"]["text"], answer.text());
    let sent = entry["answer"]["headers"].as_array().expect("a list");
    assert!(sent.contains(&json!(["content-type", "application/json"])), "{sent:?}");
    let curl = entry["curl"].as_str().expect("a command");
    let expected = format!(
        "curl -i -X POST 'http://{}{path}' \\\n  -H \"x-torq-token: ${{X_TORQ_TOKEN}}\" \\\n  -H 'content-type: \
         application/x-www-form-urlencoded' \\\n  --data-binary 'kind=alert&tag=it%27s'",
        mock.data
    );
    assert_eq!(curl, expected);
    assert!(!entry.to_string().contains(&secret), "{entry}");
}

#[tokio::test]
async fn a_request_is_sent_again_as_it_came() {
    let mock = Mock::start().await;
    let secret = secret(&mock);
    let path = format!("{}?trace={secret}", mock.path("guarded"));
    let body = json!({ "copied": secret }).to_string();
    let headers = [("X-Torq-Token", secret.as_str()), JSON];
    let first = exchange(mock.data, &request("POST", &path, &headers, body.as_bytes())).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let again = mock.tell("/requests/0/replay", &json!({})).await;
    assert_eq!(again.status, 201, "{}", again.text());
    let replayed = again.json();
    assert_eq!((&replayed["seq"], &replayed["replay_of"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&replayed["outcome"], &replayed["answer"]["status"]),
        (&json!("accepted"), &json!(200))
    );
    let executions = mock.executions().await;
    assert_eq!(executions.len(), 2);
    assert_eq!(
        executions[0]["output"], executions[1]["output"],
        "the workflow saw the same"
    );
    for entry in mock.journal().await {
        assert!(!entry.to_string().contains(&secret), "{entry}");
    }
    let event = mock.ask("/requests/1").await.json()["event"].clone();
    assert_eq!(event, json!({ "copied": "[redacted]" }));
}

#[tokio::test]
async fn a_replayed_call_is_held_like_any_other() {
    let mock = Mock::start().await;
    let mut caller = mock.call(&mock.sync_path("held"), &json!({})).await;
    mock.ask("/wait?held=1").await;
    let again = mock.tell("/requests/0/replay", &json!({})).await.json();
    assert!(again["answer"].is_null(), "{again}");
    let moved = mock.advance("50s", 2).await;
    assert_eq!((&moved["answered"], &moved["held"]), (&json!(2), &json!(0)), "{moved}");
    assert_eq!(caller.answer().await.status, 201);
    let entry = mock.ask("/requests/1").await.json();
    assert_eq!(entry["answer"]["status"], 201, "{entry}");
}

#[tokio::test]
async fn what_was_not_kept_is_not_sent_again() {
    let mock = Mock::start().await;
    let path = mock.path("respond");
    let long = json!({ "long": "x".repeat(70_000) }).to_string();
    let longer = " ".repeat(2 << 20);
    exchange(mock.data, &request("POST", &path, &[JSON], long.as_bytes())).await;
    exchange(mock.data, &request("POST", &path, &[JSON], longer.as_bytes())).await;
    exchange(mock.data, b"no http at all\r\n\r\n").await;
    for (number, status, why) in [
        ("0", 409, "64 KiB"),
        ("1", 409, "over the payload limit"),
        ("2", 409, "no head"),
        ("3", 404, "no request of this number"),
        ("first", 400, "`first` is no number"),
    ] {
        let refused = mock.tell(&format!("/requests/{number}/replay"), &json!({})).await;
        assert_eq!(refused.status, status, "{number}: {}", refused.text());
        assert!(refused.text().contains(why), "{}", refused.text());
    }
    assert_eq!(mock.ask("/requests/9").await.status, 404);
}

#[tokio::test]
async fn granted_tokens_and_secrets_in_raw_events_stay_out() {
    let mock = Mock::with(
        "workspaces: { main: { clients: { operator: {} } } }
integrations: { raw: { workspace: main, mode: raw, headers: [ { name: X-Torq-Token, secret: s3cret-value } ] } }
workflows: { raw: { integration: raw, published: [ { exit: { json: { seen: \"{{ $.event }}\" } } } ] } }",
    )
    .await;
    let token = mock.bearer_token().await;
    let headers = [("X-Torq-Token", "s3cret-value"), ("X-Other", "seen"), JSON];
    let answer = exchange(mock.data, &request("POST", &mock.sync_path("raw"), &headers, b"{}")).await;
    assert!(
        answer.text().contains("s3cret-value"),
        "the caller gets what the workflow gives"
    );
    let (grant, call) = (
        mock.ask("/requests/0").await.json(),
        mock.ask("/requests/1").await.json(),
    );
    assert!(!grant.to_string().contains(&token), "{grant}");
    assert_eq!(grant["answer"]["body"]["text"], "[redacted]");
    assert!(!call.to_string().contains("s3cret-value"), "{call}");
    assert_eq!(call["event"]["headers"]["X-Other"], json!(["seen"]));
    assert_eq!(call["event"]["headers"]["X-Torq-Token"], "[redacted]");
    assert_eq!(call["answer"]["body"]["text"], "[redacted]");
    let executions = mock.ask("/executions").await.text();
    assert!(!executions.contains("s3cret-value"), "{executions}");
    assert!(executions.contains(r#""X-Other":["seen"]"#), "{executions}");
    // A token is one wherever a caller puts it.
    let (bare, encoded) = (
        token.clone(),
        data_encoding::BASE64.encode(format!("x:{token}").as_bytes()),
    );
    for (header, target, body) in [
        (("X-Api-Key", bare.as_str()), "/nowhere".to_owned(), "{}".to_owned()),
        (("X-Other", &encoded), "/nowhere".to_owned(), "{}".to_owned()),
        (JSON, format!("/nowhere?access_token={token}"), "{}".to_owned()),
        (JSON, format!("/public/v1alpha/executions/{token}"), "{}".to_owned()),
        (JSON, mock.path("raw"), format!(r#"{{"token": "{token}"}}"#)),
    ] {
        exchange(mock.data, &request("POST", &target, &[header], body.as_bytes())).await;
    }
    for page in ["/requests", "/executions", "/metrics"] {
        let shown = mock.ask(page).await.text();
        assert!(!shown.contains(&token) && !shown.contains(&encoded), "{page}: {shown}");
    }
}

#[tokio::test]
async fn requests_are_found_by_what_they_are() {
    let mock = Mock::start().await;
    let id = mock
        .post(&mock.path("respond"), &json!({ "note": "first" }))
        .await
        .json()["execution_id"]
        .clone();
    mock.post(&mock.path("guarded"), &json!({ "note": "second" })).await;
    exchange(mock.data, &request("GET", "/nowhere", &[], b"")).await;
    let mut held = mock.call(&mock.sync_path("held"), &json!({ "note": "third" })).await;
    mock.ask("/wait?held=1").await;
    let id = id.as_str().expect("an id");
    for (query, found) in [
        ("", vec![0, 1, 2, 3]),
        ("after=1", vec![2, 3]),
        ("limit=1", vec![3]),
        ("route=async", vec![0, 1]),
        ("method=get", vec![2]),
        ("status=404", vec![2]),
        ("path=nowhere", vec![2]),
        ("contains=second", vec![1]),
        ("mistake=missing-header", vec![1]),
        ("answered=no", vec![3]),
        ("answered=yes&outcome=accepted", vec![0]),
        (&format!("execution={id}"), vec![0]),
        ("view=summary&limit=2", vec![2, 3]),
        ("contains=absent", vec![]),
    ] {
        let page = mock.ask(&format!("/requests?{query}")).await.json();
        let numbers: Vec<_> = page["requests"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it["seq"].as_u64())
            .collect();
        let found: Vec<Option<u64>> = found.into_iter().map(Some).collect();
        assert_eq!(numbers, found, "{query}");
    }
    let summary = mock.ask("/requests?view=summary&limit=1").await.json()["requests"][0].clone();
    assert_eq!(
        (&summary["integration"], &summary["workflow"]),
        (&json!("lab"), &json!("held"))
    );
    assert!(summary["real_at"].is_string(), "{summary}");
    assert_eq!((&summary["headers"], &summary["body"]), (&Value::Null, &Value::Null));
    for wrong in [
        "gat=header",
        "status=x",
        "answered=maybe",
        "route=nowhere",
        "execution=x",
        "view=short",
    ] {
        let refused = mock.ask(&format!("/requests?{wrong}")).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text());
    }
    assert!(
        mock.ask("/requests?gat=header")
            .await
            .text()
            .contains("did you mean `gate`?")
    );
    for (wrong, hint) in [
        (
            "stale-timestmp",
            "there is no mistake `stale-timestmp`; did you mean `stale-timestamp`?",
        ),
        (
            "zzz",
            "there is no mistake `zzz`; the entries of refused requests have their `mistakes`",
        ),
    ] {
        let refused = mock.ask(&format!("/requests?mistake={wrong}")).await;
        assert_eq!((refused.status, &refused.json()["error"]), (400, &json!(hint)));
    }
    mock.advance("50s", 1).await;
    assert_eq!(held.answer().await.status, 201);
}
