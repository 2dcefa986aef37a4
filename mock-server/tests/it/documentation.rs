//! The calls of the vendor's article, as their bytes go over the wire.

use serde_json::json;

use crate::client::{Answer, exchange};
use crate::support::Mock;

const CONFIGURATION: &str = r#"
workspaces: { main: { clients: { operator: { } } } }
integrations:
  documented:
    workspace: main
    headers: [ { name: auth_header_name, secret: secret } ]
workflows:
  echo: { integration: documented, published: [ { exit: { json: { event: "{{ $.event }}" } } } ] }
"#;

/// What `curl URL -H "auth_header_name:secret" -d '{"body": [1,2,3]}'` sends.
async fn curl(mock: &Mock, path: &str, header: &str) -> Answer {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n{header}\r\n",
        mock.data
    );
    let rest = "Content-Length: 17\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n{\"body\": [1,2,3]}";
    exchange(mock.data, format!("{head}{rest}").as_bytes()).await
}

#[tokio::test]
async fn the_trigger_call_works_as_written_on_both_extended_urls() {
    let mock = Mock::with(CONFIGURATION).await;
    let answered = curl(&mock, &mock.sync_path("echo"), "auth_header_name:secret").await;
    assert_eq!(
        (answered.status, answered.json()),
        (200, json!({ "event": { "body": [1, 2, 3] } }))
    );
    assert_eq!(answered.header("content-type"), Some("application/json"));

    let started = curl(&mock, &mock.path("echo"), "auth_header_name:secret").await;
    assert_eq!(started.status, 200, "{}", started.text());
    let body = started.json();
    let id = body["execution_id"].as_str().expect("an id");
    assert_eq!(started.text(), format!(r#"{{"execution_id":"{id}","status":"ok"}}"#));

    for header in ["auth_header_name:wrong", "other_name:secret"] {
        let refused = curl(&mock, &mock.path("echo"), header).await;
        assert_eq!(refused.status, 400, "{header}");
        assert!(refused.text().contains("Invalid header"), "{}", refused.text());
    }
}

#[tokio::test]
async fn the_retrieval_call_works_as_written() {
    let mock = Mock::with(CONFIGURATION).await;
    let started = curl(&mock, &mock.path("echo"), "auth_header_name:secret").await.json();
    let id = started["execution_id"].as_str().expect("an id");
    let token = mock.bearer_token().await;
    let get = |token: &str, id: &str| {
        format!(
            "GET /public/v1alpha/executions/{id} HTTP/1.1\r\nHost: {}\r\nUser-Agent: curl/8.5.0\r\n\
             Authorization: Bearer {token}\r\naccept: application/json\r\n\r\n",
            mock.data
        )
    };
    let complete = exchange(mock.data, get(&token, id).as_bytes()).await;
    assert_eq!(complete.status, 200, "{}", complete.text());
    let document = complete.json();
    let told = (
        &document["id"],
        &document["status"],
        &document["output"]["event"]["body"],
    );
    assert_eq!(told, (&json!(id), &json!("SUCCESS"), &json!([1, 2, 3])));
    for (token, id, status) in [
        (token.as_str(), "0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11", 404),
        ("another", id, 401),
    ] {
        assert_eq!(exchange(mock.data, get(token, id).as_bytes()).await.status, status);
    }
}
