//! The same seed, the same clock, the same requests: the same bytes, whatever the process and whenever it runs.

use serde_json::json;
use torq_mock_server::Settings;
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::ids::Seed;

use crate::client::{Answer, exchange, json_request, request};
use crate::support::Mock;

/// Everything a server says to a long and varied story, and what it keeps of it.
async fn story(seed: u64) -> (Vec<String>, Vec<String>) {
    let mock = Mock::serving(Settings {
        clock: Some(ClockMode::Manual),
        config: Some(Config::built_in(Some(Seed::new(seed)))),
        ..Settings::default()
    })
    .await;
    let mut said = Vec::new();
    let mut tell = |answer: Answer| {
        assert!(answer.header("date").is_some(), "{answer:?}");
        said.push(format!("{answer:?}"));
        answer
    };
    let (respond, alert) = (mock.path("respond"), mock.path("alert"));
    let started = tell(mock.post(&respond, &json!({ "body": "hello" })).await);
    tell(
        mock.post(
            &format!("{respond}/sync"),
            &json!({ "body": { "a": [1, 2.5] }, "status": "202" }),
        )
        .await,
    );
    tell(mock.post(&alert, &json!({ "kind": "noise" })).await);
    tell(mock.post(&format!("{alert}/sync"), &json!({ "kind": "alert" })).await);
    tell(mock.post(&mock.path("guarded"), &json!({})).await);
    tell(mock.post(&mock.path("signed"), &json!({})).await);
    tell(mock.post(&format!("{}/sync", mock.path("failing")), &json!({})).await);
    let webhook = respond.split("/workflows/").next().expect("a Webhook URL").to_owned();
    tell(mock.post(&webhook, &json!({ "kind": "alert" })).await);
    tell(exchange(mock.data, &request("DELETE", &webhook, &[], b"")).await);
    tell(exchange(mock.data, &request("GET", "/nowhere", &[], b"")).await);
    tell(exchange(mock.data, &json_request("POST", "/v1/webhooks/x", &json!({}))).await);
    mock.advance("1234.567s", 0).await;
    for number in 0..27 {
        tell(mock.post(&respond, &json!({ "number": number })).await);
    }
    let mut slow = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 51 })).await;
    mock.advance("50s", 1).await;
    let fallback = tell(slow.answer().await);
    mock.advance("1s", 0).await;
    let token = mock.bearer_token().await;
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    for id in [&started, &fallback] {
        let id = id.json()["execution_id"].as_str().expect("an id").to_owned();
        let path = format!("/public/v1alpha/executions/{id}");
        tell(exchange(mock.data, &request("GET", &path, &headers, b"")).await);
        tell(exchange(mock.data, &request("GET", &path, &[], b"")).await);
    }
    tell(
        exchange(
            mock.data,
            &request("GET", "/public/v1alpha/activity_logs", &headers, b""),
        )
        .await,
    );
    said.push(token);
    let mut journal = mock.journal().await;
    for entry in &mut journal {
        // The machine's time, and all that may differ.
        assert!(entry["real_at"].take().is_string(), "{entry}");
    }
    let kept = [journal, mock.executions().await].concat();
    // The journal suggests whole URLs; the port is the system's choice.
    let origin = mock.data.to_string();
    let kept = kept.iter().map(|it| it.to_string().replace(&origin, "ORIGIN"));
    (said, kept.collect())
}

#[tokio::test]
async fn two_servers_say_the_same_bytes_and_keep_the_same_journal() {
    let (one, other) = (story(7).await, story(7).await);
    assert!(one.0.len() > 40 && one.1.len() > 70, "{} {}", one.0.len(), one.1.len());
    let pairs = one.0.iter().zip(&other.0).chain(one.1.iter().zip(&other.1));
    for (one, other) in pairs {
        assert_eq!(one, other);
    }
    assert_eq!((one.0.len(), one.1.len()), (other.0.len(), other.1.len()));
}

#[tokio::test]
async fn another_seed_says_something_else() {
    let (one, other) = (story(7).await, story(8).await);
    assert_ne!(one.0, other.0);
    assert_eq!(one.0.len(), other.0.len());
}
