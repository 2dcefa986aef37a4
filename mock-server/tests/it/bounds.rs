//! Bounds that many callers share: each made small, exhausted over sockets, and free again afterwards.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use torq_mock_server::config::Config;
use torq_mock_server::{ClockMode, Limits, Settings};

use crate::client::{Connection, json_request, request, within};
use crate::support::{Mock, address, path_in};

/// Long enough that something which would come has come, short enough to be waited for in vain.
const A_WHILE: &str = "100ms";

async fn bounded(limits: Limits) -> Mock {
    Mock::serving(Settings {
        limits,
        clock: Some(ClockMode::Manual),
        ..Settings::default()
    })
    .await
}

/// An event of a little more than so many bytes.
fn event_of(length: usize) -> Vec<u8> {
    json!({ "text": "x".repeat(length) }).to_string().into_bytes()
}

/// The head of a request whose body is sent once the server asks for it, which it does when it begins to read it.
async fn announced(place: SocketAddr, path: &str, body: &[u8]) -> Connection {
    let headers = [("Content-Type", "application/json"), ("Expect", "100-continue")];
    let bytes = request("POST", path, &headers, body);
    let mut connection = Connection::open(place).await;
    connection.send(&bytes[..bytes.len() - body.len()]).await;
    connection
}

/// The same, once the server has begun to read.
async fn being_read(place: SocketAddr, path: &str, body: &[u8]) -> Connection {
    let mut connection = announced(place, path, body).await;
    assert_eq!(connection.answer().await.status, 100);
    connection
}

/// Asserts that no further request is handled for a while.
async fn nothing_more_is_handled(mock: &Mock, so_far: usize) {
    let waited = mock
        .ask(&format!("/wait?requests={}&timeout={A_WHILE}", so_far + 1))
        .await;
    assert_eq!(waited.json(), json!({ "matched": false, "requests": so_far }));
}

#[tokio::test]
async fn a_body_for_which_there_is_no_room_is_read_once_there_is() {
    let mock = bounded(Limits {
        body_room: 1 << 20,
        ..Limits::default()
    })
    .await;
    let (path, large) = (mock.path("respond"), event_of(700 << 10));
    let mut first = being_read(mock.data, &path, &large).await;
    let mut second = announced(mock.data, &path, &large).await;
    nothing_more_is_handled(&mock, 0).await;
    assert!(second.is_silent(), "it is not asked for its body yet");
    assert_eq!(
        mock.post(&path, &json!({})).await.status,
        200,
        "small ones need no room"
    );
    first.send(&large).await;
    assert_eq!(first.answer().await.status, 200);
    assert_eq!(second.answer().await.status, 100);
    second.send(&large).await;
    assert_eq!(second.answer().await.status, 200);
    assert_eq!(mock.executions().await.len(), 3);
}

#[tokio::test]
async fn a_body_that_waits_for_room_too_long_is_refused_and_the_journal_says_why() {
    let mock = bounded(Limits {
        body_room: 1 << 20,
        turn: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    let (path, large) = (mock.path("respond"), event_of(700 << 10));
    let mut first = being_read(mock.data, &path, &large).await;
    let refused = announced(mock.data, &path, &large).await.answer().await;
    assert_eq!((refused.status, refused.text().as_str()), (503, ""));
    assert_eq!(
        mock.post(&path, &json!({})).await.status,
        200,
        "small ones need no room"
    );
    let refusals = mock.ask("/requests?gate=connection").await.json();
    let entry = &refusals["requests"][0];
    assert_eq!(entry["provenance"], "self-protection");
    let reason = entry["reason"].as_str().expect("a reason");
    assert!(reason.contains("no room to read the body"), "{reason}");
    first.send(&large).await;
    assert_eq!(first.answer().await.status, 200);
    // All the room is there again.
    being_read(mock.data, &path, &event_of(1_000 << 10)).await;
}

#[tokio::test]
async fn more_large_bodies_than_the_control_surface_reads_wait_and_then_hear_why_not() {
    let mock = bounded(Limits {
        control_bodies: 2,
        turn: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    let configuration = format!("seed: 7\n# {}", "x".repeat(100 << 10));
    let wanted = json!({ "config": configuration }).to_string().into_bytes();
    let place = mock.control;
    let mut reading = vec![
        being_read(place, "/sandboxes", &wanted).await,
        being_read(place, "/sandboxes", &wanted).await,
    ];
    let refused = announced(place, "/sandboxes", &wanted).await.answer().await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert_eq!(
        refused.json()["error"],
        "2 bodies over 65536 bytes are being read already; send this one again"
    );
    assert_eq!(mock.ask("/clock").await.status, 200, "small ones need no turn");
    let mut first = reading.remove(0);
    first.send(&wanted).await;
    assert_eq!(first.answer().await.status, 201);
    being_read(place, "/sandboxes", &wanted).await;
}

#[tokio::test]
async fn more_control_connections_than_there_are_places_for_wait_for_one() {
    let mock = bounded(Limits {
        control_connections: 2,
        ..Limits::default()
    })
    .await;
    let ask = request("GET", "/clock", &[], b"");
    let mut places = Vec::new();
    for _ in 0..2 {
        let mut connection = Connection::open(mock.control).await;
        connection.send(&ask).await;
        assert_eq!(connection.answer().await.status, 200);
        places.push(connection);
    }
    let mut waiting = Connection::open(mock.control).await;
    waiting.send(&ask).await;
    // One that has its place is answered meanwhile, and takes its time over it.
    let wait = format!("/wait?requests=1&timeout={A_WHILE}");
    places[0].send(&request("GET", &wait, &[], b"")).await;
    assert_eq!(places[0].answer().await.json()["matched"], false);
    assert!(waiting.is_silent());
    drop(places.pop());
    assert_eq!(waiting.answer().await.status, 200);
}

/// A sandbox of its own: where it is, and the path of its workflow `slow`.
async fn sandbox(mock: &Mock) -> (SocketAddr, String) {
    let made = mock.tell("/sandboxes", &json!({ "clock": "manual" })).await.json();
    let path = path_in(&made["profile"], "slow");
    (address(made["base_url"].as_str().expect("a base URL")), path)
}

#[tokio::test]
async fn connections_of_all_sandboxes_together_have_a_bound() {
    let mock = bounded(Limits {
        all_connections: 2,
        ..Limits::default()
    })
    .await;
    let (other, _) = sandbox(&mock).await;
    let ask = request("GET", "/", &[], b"");
    let mut places = Vec::new();
    for place in [mock.data, other] {
        let mut connection = Connection::open(place).await;
        connection.send(&ask).await;
        assert_eq!(connection.answer().await.status, 404);
        places.push(connection);
    }
    let mut waiting = Connection::open(mock.data).await;
    waiting.send(&ask).await;
    nothing_more_is_handled(&mock, 1).await;
    assert!(waiting.is_silent());
    // A place that another sandbox gives back is as good.
    drop(places.pop());
    assert_eq!(waiting.answer().await.status, 404);
}

#[tokio::test]
async fn held_calls_of_all_sandboxes_together_have_a_bound() {
    let mock = bounded(Limits {
        all_held: 1,
        ..Limits::default()
    })
    .await;
    let (other, path) = sandbox(&mock).await;
    let mut held = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 70 })).await;
    assert_eq!(mock.ask("/wait?held=1&timeout=20s").await.json()["matched"], true);
    let call = json_request("POST", &format!("{path}/sync"), &json!({ "seconds": 10 }));
    let mut beyond = Connection::open(other).await;
    beyond.send(&call).await;
    let answer = beyond.answer().await;
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (201, &json!("Execution is in progress"))
    );
    mock.advance("50s", 1).await;
    assert_eq!(held.answer().await.status, 201);
    // Its place is free again.
    beyond.send(&call).await;
    let all = mock.ask("/sandboxes").await.json();
    let id = all["sandboxes"][1]["id"].as_str().expect("an id").to_owned();
    let moved = json!({ "advance": "10s", "when": { "held": 1 }, "timeout": "20s" });
    let moved = mock.tell(&format!("/clock?sandbox={id}"), &moved).await.json();
    assert_eq!(moved["answered"], 1, "{moved}");
    assert_eq!(beyond.answer().await.status, 200);
}

/// Small requests, large answers: what nobody reads fills the sockets and then our memory.
const LARGE_ANSWERS: &str = r"
behaviour: { rate: { limit: unlimited } }
workspaces: { main: {} }
integrations: { open: { workspace: main } }
workflows:
  talker: { integration: open, published: [ { exit: { parameters: { body: TEXT } } } ] }
";

#[tokio::test]
async fn a_connection_whose_answers_nobody_reads_is_given_up() {
    let configuration = LARGE_ANSWERS.replace("TEXT", &"x".repeat(1 << 20));
    let config = Config::load("test.yaml", &configuration, None).expect("the configuration is right");
    let mock = Mock::serving(Settings {
        limits: Limits {
            unread: Duration::from_millis(200),
            connections: 1,
            ..Limits::default()
        },
        clock: Some(ClockMode::Manual),
        config: Some(config),
        ..Settings::default()
    })
    .await;
    let call = json_request("POST", &mock.sync_path("talker"), &json!({}));
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 << 10).expect("a small buffer");
    let mut stream = within("connecting", socket.connect(mock.data))
        .await
        .expect("it listens");
    // Their answers are more than any system buffers between the two.
    stream.write_all(&call.repeat(64)).await.expect("it reads");
    // The only place becomes free although the first caller keeps its connection and reads nothing.
    let answer = mock.post(&mock.sync_path("talker"), &json!({})).await;
    assert_eq!(answer.status, 200);
    let handled = mock.ask("/wait?requests=1&timeout=1s").await.json()["requests"].as_u64();
    assert!(handled.is_some_and(|handled| handled < 65), "{handled:?} were answered");
    drop(stream);
}
