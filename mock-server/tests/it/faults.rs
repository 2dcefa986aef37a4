//! Deliberate faults over the control surface: switched while serving, refused when they make no sense, told in the
//! journal.

use serde_json::{Value, json};

use crate::client::{Answer, exchange, json_request};
use crate::support::{Mock, address, path_in};

const CONFIGURATION: &str = r#"
workspaces: { main: { clients: { operator: { } } } }
integrations:
  open: { workspace: main }
  guarded: { workspace: main, headers: [ { name: X-Torq-Token, secret: not-a-secret } ] }
workflows:
  slow:
    integration: open
    published: [ { wait: "{{ $.event.seconds }}" }, { exit: { json: { done: true } } } ]
  guarded: { integration: guarded, published: [ { exit: { json: { done: true } } } ] }
"#;

async fn switch(mock: &Mock, faults: &Value) -> Answer {
    exchange(
        mock.control,
        &json_request("PUT", "/faults", &json!({ "faults": faults })),
    )
    .await
}

/// Whose doing the request that came last was.
async fn provenance(mock: &Mock) -> String {
    let journal = mock.journal().await;
    let last = journal.iter().max_by_key(|entry| entry["seq"].as_u64());
    last.expect("something came")["provenance"]
        .as_str()
        .expect("a word")
        .to_owned()
}

#[tokio::test]
async fn faults_hold_for_the_requests_that_come_after_and_the_journal_tells() {
    let mock = Mock::with(CONFIGURATION).await;
    let call = async || {
        let status = mock.post(&mock.path("guarded"), &json!({})).await.status;
        (status, provenance(&mock).await)
    };
    assert_eq!(call().await, (400, "contract".to_owned()));
    assert_eq!(switch(&mock, &json!(["secret-not-checked"])).await.status, 200);
    assert_eq!(
        call().await,
        (200, "injected-fault".to_owned()),
        "it would have been refused"
    );
    assert_eq!(
        switch(&mock, &json!(["secret-refused-with-401", "draft-runs"]))
            .await
            .status,
        200
    );
    assert_eq!(call().await, (401, "injected-fault".to_owned()), "with another status");
    let untouched = mock.post(&mock.path("slow"), &json!({ "seconds": 0 })).await;
    assert_eq!((untouched.status, provenance(&mock).await.as_str()), (200, "contract"));
    let on = mock.ask("/faults").await.json();
    assert_eq!(on["faults"], json!(["secret-refused-with-401", "draft-runs"]));
    assert!(on["available"].as_array().expect("a list").len() > 80);
    assert_eq!(switch(&mock, &json!([])).await.status, 200);
    assert_eq!(call().await, (400, "contract".to_owned()));
}

#[tokio::test]
async fn a_fallback_that_comes_early_is_told_to_be_one() {
    let mock = Mock::with(CONFIGURATION).await;
    assert_eq!(switch(&mock, &json!(["fallback-at-45s"])).await.status, 200);
    let mut held = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 47 })).await;
    mock.advance("45s", 1).await;
    assert_eq!(held.answer().await.status, 201);
    assert_eq!(provenance(&mock).await, "injected-fault");
    let mut held = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 44 })).await;
    mock.advance("45s", 1).await;
    assert_eq!(held.answer().await.status, 200);
    assert_eq!(provenance(&mock).await, "contract", "in time either way");
}

#[tokio::test]
async fn names_that_make_no_sense_change_nothing() {
    let mock = Mock::with(CONFIGURATION).await;
    for (faults, said) in [
        (json!(["fallback-at-44s"]), "did you mean `fallback-at-45s`?"),
        (
            json!(["fallback-at-45s", "fallback-at-60s"]),
            "both set `running.sync_timeout`",
        ),
        (json!(["draft-runs", "draft-runs"]), "named twice"),
        (json!("draft-runs"), "`faults` is a list of names"),
        (json!([7]), "`faults` is a list of names"),
    ] {
        let refused = switch(&mock, &faults).await;
        assert_eq!(refused.status, 400, "{faults}");
        let error = refused.json()["error"].as_str().expect("a sentence").to_owned();
        assert!(error.contains(said), "{faults}: {error}");
    }
    assert_eq!(mock.ask("/faults").await.json()["faults"], json!([]));
}

#[tokio::test]
async fn a_sandbox_begins_with_its_own_faults_and_leaves_others_alone() {
    let mock = Mock::with(CONFIGURATION).await;
    let made = mock
        .tell(
            "/sandboxes",
            &json!({ "config": CONFIGURATION, "faults": ["triggers-answered-with-202"] }),
        )
        .await
        .json();
    assert_eq!(made["faults"], json!(["triggers-answered-with-202"]));
    let place = address(made["base_url"].as_str().expect("a URL"));
    let path = path_in(&made["profile"], "slow");
    let event = json_request("POST", &path, &json!({ "seconds": 0 }));
    assert_eq!(exchange(place, &event).await.status, 202);
    assert_eq!(
        mock.post(&mock.path("slow"), &json!({ "seconds": 0 })).await.status,
        200
    );
    let refused = mock.tell("/sandboxes", &json!({ "faults": ["no-such-fault"] })).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
}

#[tokio::test]
async fn a_limit_that_changes_begins_anew() {
    let mock = Mock::with(CONFIGURATION).await;
    let start = async || mock.post(&mock.path("slow"), &json!({ "seconds": 0 })).await.status;
    for _ in 0..25 {
        assert_eq!(start().await, 200);
    }
    assert_eq!(start().await, 429);
    assert_eq!(switch(&mock, &json!(["draft-runs"])).await.status, 200);
    assert_eq!(start().await, 429, "another fault leaves the limit as it is");
    assert_eq!(switch(&mock, &json!(["one-start-too-few"])).await.status, 200);
    for _ in 0..24 {
        assert_eq!(start().await, 200);
    }
    assert_eq!(
        (start().await, provenance(&mock).await),
        (429, "injected-fault".to_owned())
    );
}

#[tokio::test]
async fn a_configuration_may_list_faults() {
    let mock = Mock::with(&format!("faults: [triggers-answered-with-201]\n{CONFIGURATION}")).await;
    assert_eq!(
        mock.post(&mock.path("slow"), &json!({ "seconds": 0 })).await.status,
        201
    );
    assert_eq!(
        mock.ask("/faults").await.json()["faults"],
        json!(["triggers-answered-with-201"])
    );
}
