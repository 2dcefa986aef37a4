//! Callers that close early: what they asked for is done all the same.

use serde_json::json;

use crate::support::Mock;

const UNLIMITED: &str = r#"
behaviour: { rate: { limit: unlimited } }
workspaces: { main: {} }
integrations: { lab: { workspace: main } }
workflows:
  brief:
    integration: lab
    published:
      - wait: 10s
      - exit: { json: { done: true } }
"#;

const CALLERS: usize = 100;

/// What a caller does once its request is written.
#[derive(Clone, Copy, Debug)]
enum Leaving {
    /// Closes its side and reads on.
    HalfClosed,
    /// Closes its side, and the rest without reading.
    Closed,
    /// Stays until its call is held, and breaks off then.
    BrokenOff,
    /// Stays.
    Stayed,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_execution_is_lost_when_callers_close_early() {
    let mock = Mock::with(UNLIMITED).await;
    let (path, sync_path) = (mock.path("brief"), mock.sync_path("brief"));
    let (mut staying, mut leaving) = (Vec::new(), Vec::new());
    for caller in 0..CALLERS {
        let (path, answer_at_once) = if caller % 2 == 0 {
            (&path, true)
        } else {
            (&sync_path, false)
        };
        let how = [
            Leaving::HalfClosed,
            Leaving::Closed,
            Leaving::BrokenOff,
            Leaving::Stayed,
        ][caller / 2 % 4];
        let mut connection = mock.call(path, &json!({ "caller": caller })).await;
        match how {
            Leaving::HalfClosed => {
                connection.half_close().await;
                staying.push((connection, answer_at_once));
            }
            Leaving::Closed => connection.half_close().await,
            Leaving::BrokenOff => leaving.push(connection),
            Leaving::Stayed => staying.push((connection, answer_at_once)),
        }
    }
    let seen = mock.ask(&format!("/wait?requests={CALLERS}&timeout=20s")).await.json();
    assert_eq!(seen["matched"], true, "{seen}");
    mock.advance("0s", CALLERS / 2).await;
    for connection in leaving {
        connection.break_off();
    }
    let moved = mock.advance("10s", 0).await;
    assert_eq!(moved["held"], 0, "{moved}");
    for (connection, answer_at_once) in &mut staying {
        let answer = connection.answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["status"] == "ok", *answer_at_once);
    }
    let executions = mock.executions().await;
    assert_eq!(executions.len(), CALLERS);
    assert!(executions.iter().all(|execution| execution["status"] == "SUCCESS"));
    mock.answers_as_usual().await;
}
