//! The 50 s after which a synchronous call becomes an execution to poll, on a clock moved over the control surface.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::client::{Connection, exchange, json_request, request};
use crate::support::Mock;

/// Executions end one second apart, each with a big answer.
const QUEUE: &str = r#"
workspaces: { main: { clients: { operator: {} } } }
integrations: { lab: { workspace: main } }
workflows:
  timed:
    integration: lab
    published:
      - wait: "{{ $.event.seconds }}"
      - exit: { parameters: { body: "{{ $.event.filling }}", note: "" } }
"#;

#[tokio::test]
async fn just_before_50_seconds_a_call_is_still_held_and_just_after_it_has_an_id_to_poll() {
    let mock = Mock::start().await;
    let mut call = mock.call(&mock.sync_path("slow"), &json!({})).await;

    let before = mock.advance("49.999s", 1).await;
    assert_eq!(
        (&before["answered"], &before["held"]),
        (&json!(0), &json!(1)),
        "{before}"
    );
    assert!(call.is_silent());

    let after = mock.advance("2ms", 1).await;
    assert_eq!((&after["answered"], &after["held"]), (&json!(1), &json!(0)), "{after}");
    let answer = call.answer().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:50 GMT"));
    let body = answer.json();
    assert_eq!(body["status"], "Execution is in progress");
    let id = body["execution_id"].as_str().expect("an id");

    let authorization = format!("Bearer {}", mock.bearer_token().await);
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Accept", "application/json"),
    ];
    let poll = request("GET", &format!("/public/v1alpha/executions/{id}"), &headers, b"");
    let mut statuses = Vec::new();
    let complete = loop {
        let document = exchange(mock.data, &poll).await.json();
        statuses.push(document["status"].as_str().expect("a status word").to_owned());
        if document["status"] != "RUNNING" {
            break document;
        }
        mock.advance("3s", 0).await;
    };
    assert_eq!(statuses, ["RUNNING", "RUNNING", "RUNNING", "RUNNING", "SUCCESS"]);
    assert_eq!(complete["output"], json!({ "done": true }));
}

#[tokio::test]
async fn an_execution_of_exactly_50_seconds_still_answers_itself() {
    let mock = Mock::start().await;
    let mut call = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 50 })).await;
    let moved = mock.advance("50s", 1).await;
    assert_eq!(moved["answered"], 1, "{moved}");
    let answer = call.answer().await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "done": true })));
}

#[tokio::test]
async fn callers_are_answered_in_the_order_in_which_they_are_due() {
    let mock = Mock::with(QUEUE).await;
    let path = mock.sync_path("timed");
    let mut calls = Vec::new();
    for seconds in [30, 10, 80, 20] {
        let event = json!({ "seconds": seconds, "filling": format!("after {seconds}") });
        calls.push((seconds, mock.call(&path, &event).await));
    }
    calls.sort_by_key(|(seconds, _)| *seconds);
    mock.advance("0s", 4).await;
    for (at, (seconds, call)) in calls.iter_mut().enumerate() {
        let step = mock
            .tell("/clock", &json!({ "advance": "1000s", "until": { "answered": 1 } }))
            .await;
        let step = step.json();
        assert_eq!(
            (&step["answered"], &step["held"]),
            (&json!(1), &json!(3 - at)),
            "{step}"
        );
        let answer = call.answer().await;
        let (status, second) = if *seconds < 50 { (200, *seconds) } else { (201, 50) };
        let date = format!("Thu, 01 Jan 2026 00:00:{second:02} GMT");
        assert_eq!((answer.status, answer.header("date")), (status, Some(date.as_str())));
        let expected = if status == 200 {
            format!("after {seconds}")
        } else {
            "in progress".to_owned()
        };
        assert!(answer.text().contains(&expected), "{}", answer.text());
    }
}

#[tokio::test]
async fn one_advance_answers_everybody_who_is_due_at_their_own_time() {
    let mock = Mock::with(QUEUE).await;
    let path = mock.sync_path("timed");
    let mut calls = Vec::new();
    for seconds in [5_u64, 4, 3, 2, 1] {
        let event = json!({ "seconds": seconds, "filling": "x" });
        calls.push((seconds, mock.call(&path, &event).await));
    }
    let moved = mock.advance("1m", 5).await;
    assert_eq!(
        (&moved["answered"], &moved["unsettled"]),
        (&json!(5), &json!(0)),
        "{moved}"
    );
    for (seconds, call) in &mut calls {
        let date = format!("Thu, 01 Jan 2026 00:00:{seconds:02} GMT");
        assert_eq!(call.answer().await.header("date"), Some(date.as_str()));
    }
}

/// Sends events, lets some of their readers go, and moves past all of them.
async fn advance_past(mock: &Mock, readers: Vec<Connection>, staying: &mut Connection) -> Value {
    let held = readers.len() + 1;
    mock.advance("0s", held).await;
    for reader in readers {
        reader.break_off();
    }
    let moved = mock.advance("1m", 0).await;
    let answer = staying.answer().await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "for the one who stays"));
    moved
}

#[tokio::test]
async fn a_reader_that_broke_off_is_unsettled_and_blocks_nobody() {
    let mock = Mock::with(QUEUE).await;
    let path = mock.sync_path("timed");
    let gone = vec![mock.call(&path, &json!({ "seconds": 1, "filling": "lost" })).await];
    let event = json!({ "seconds": 2, "filling": "for the one who stays" });
    let mut staying = mock.call(&path, &event).await;
    let moved = advance_past(&mock, gone, &mut staying).await;
    assert_eq!(
        (&moved["answered"], &moved["unsettled"]),
        (&json!(1), &json!(1)),
        "{moved}"
    );
    assert_eq!(mock.advance("0s", 0).await["held"], 0);
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_unsettled_and_blocks_nobody() {
    let mock = Mock::with(QUEUE).await;
    let path = mock.sync_path("timed");
    let pipelined = 40;
    let filling = "x".repeat(1_000_000);
    let mut stuck = mock.call(&path, &json!({ "seconds": 1, "filling": filling })).await;
    let event = json!({ "seconds": 40, "filling": "for the one who stays" });
    let mut staying = mock.call(&path, &event).await;
    // Fill the connection with answers nobody reads, until one no longer fits.
    let mut unsettled = 0;
    for _ in 0..pipelined {
        let moved = mock.advance("1s", 2).await;
        unsettled += moved["unsettled"].as_u64().expect("a count");
        if unsettled > 0 {
            break;
        }
        let next = json!({ "seconds": 1, "filling": filling });
        stuck.send(&json_request("POST", &path, &next)).await;
    }
    assert_eq!(unsettled, 1);
    let moved = mock.advance("1m", 1).await;
    assert_eq!(moved["answered"], 1, "{moved}");
    assert_eq!(staying.answer().await.text(), "for the one who stays");
    let mut first = [0; 12];
    stuck
        .stream
        .read_exact(&mut first)
        .await
        .expect("what was written is there");
    assert_eq!(&first, b"HTTP/1.1 200");
}
