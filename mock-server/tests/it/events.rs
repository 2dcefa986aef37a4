//! What those who watch are told, while it happens and when they come back.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use torq_mock_server::{Limits, MockServer, Release, Settings};

use crate::support::{Mock, address};

/// One event.
#[derive(Debug)]
struct Told {
    id: u64,
    name: String,
    data: Value,
}

/// Somebody who watches over a socket of their own.
struct Watcher(Lines<BufReader<TcpStream>>);

impl Watcher {
    async fn open(control: SocketAddr, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(control).await.expect("it listens");
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.expect("it reads");
        let mut lines = BufReader::new(stream).lines();
        let mut head = String::new();
        while let Some(line) = lines.next_line().await.expect("a head") {
            if line.is_empty() {
                break;
            }
            head.push_str(&line.to_lowercase());
            head.push('\n');
        }
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        assert!(!head.contains("access-control"), "{head}");
        Self(lines)
    }

    async fn of(mock: &Mock) -> Self {
        Self::open(mock.control, "/events", "").await
    }

    /// The next event; nothing at the end of the stream.
    async fn next(&mut self) -> Option<Told> {
        let reading = async {
            let (mut id, mut name) = (0, String::new());
            // Lines of the chunked encoding stand between those of the events.
            while let Some(line) = self.0.next_line().await.ok()? {
                if let Some(text) = line.strip_prefix("id: ") {
                    id = text.parse().expect("a number");
                } else if let Some(text) = line.strip_prefix("event: ") {
                    text.clone_into(&mut name);
                } else if let Some(text) = line.strip_prefix("data: ") {
                    let data = serde_json::from_str(text).expect("JSON");
                    return Some(Told { id, name, data });
                }
            }
            None
        };
        tokio::time::timeout(Duration::from_secs(20), reading)
            .await
            .expect("it is told in time")
    }

    /// Events up to the one of this name that meets a condition.
    async fn until(&mut self, name: &str, met: impl Fn(&Value) -> bool) -> Told {
        loop {
            let told = self.next().await.expect("it goes on");
            if told.name == name && met(&told.data) {
                return told;
            }
        }
    }
}

#[tokio::test]
async fn who_has_nothing_to_be_told_hears_that_the_server_is_there() {
    let limits = Limits {
        silence: Duration::from_millis(10),
        ..Limits::default()
    };
    let mock = Mock::serving(Settings {
        limits,
        ..Settings::default()
    })
    .await;
    let mut watcher = Watcher::of(&mock).await;
    assert_eq!(watcher.next().await.map(|told| told.name).as_deref(), Some("hello"));
    let mut heard = 0;
    while heard < 3 {
        let line = crate::client::within("a word", watcher.0.next_line())
            .await
            .expect("it is there");
        heard += usize::from(line.expect("it goes on") == ": still here");
    }
    mock.tell("/reset", &json!({})).await;
    assert_eq!(watcher.next().await.map(|told| told.name).as_deref(), Some("reset"));
}

#[tokio::test]
async fn a_call_is_told_from_its_arrival_to_the_end_of_its_execution() {
    let mock = Mock::start().await;
    let mut watcher = Watcher::of(&mock).await;
    let hello = watcher.next().await.expect("a greeting");
    assert_eq!(
        (hello.name.as_str(), &hello.data["sandbox"]),
        ("hello", &json!("default"))
    );
    assert_eq!(hello.data["mode"], "manual");
    let mut call = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 70 })).await;
    let request = watcher.until("request", |it| it["seq"] == 0).await;
    assert_eq!(
        (&request.data["route"], &request.data["answer"]),
        (&json!("sync"), &Value::Null)
    );
    let id = request.data["executions"][0].clone();
    watcher
        .until("execution", |it| it["id"] == id && it["status"] == "RUNNING")
        .await;
    mock.advance("50s", 1).await;
    assert_eq!(call.answer().await.status, 201);
    watcher
        .until("answer", |it| it["seq"] == 0 && it["answer"]["status"] == 201)
        .await;
    watcher
        .until("clock", |it| it["now"] == "2026-01-01T00:00:50.000000Z")
        .await;
    mock.advance("20s", 0).await;
    let ended = watcher
        .until("execution", |it| it["id"] == id && it["status"] == "SUCCESS")
        .await;
    assert_eq!(ended.data["complete"], true);
    let refused = mock.post(&mock.path("guarded"), &json!({})).await;
    assert_eq!(refused.status, 400);
    let told = watcher.until("request", |it| it["seq"] == 1).await;
    assert_eq!(
        (&told.data["gate"], &told.data["outcome"]),
        (&json!("header"), &json!("refused"))
    );
}

#[tokio::test]
async fn a_release_by_hand_is_told() {
    let mock = Mock::start().await;
    let mut watcher = Watcher::of(&mock).await;
    for (workflow, event, waiting) in [("held", json!({}), "ON_HOLD"), ("slow", json!({}), "RUNNING")] {
        let started = mock.post(&mock.path(workflow), &event).await.json();
        let id = &started["execution_id"];
        watcher
            .until("execution", |it| it["id"] == *id && it["status"] == waiting)
            .await;
        let path = format!("/executions/{}/release", id.as_str().expect("an id"));
        let released = mock.tell(&path, &json!({})).await;
        assert_eq!(released.status, 200, "{}", released.text());
        watcher
            .until("execution", |it| it["id"] == *id && it["status"] == "SUCCESS")
            .await;
        assert_eq!(mock.tell(&path, &json!({})).await.status, 409);
    }
}

#[tokio::test]
async fn who_comes_back_is_told_what_was_missed() {
    let mock = Mock::start().await;
    for _ in 0..3 {
        mock.tell("/reset?scope=journal", &json!({})).await;
    }
    let mut watcher = Watcher::open(mock.control, "/events", "Last-Event-ID: 1\r\n").await;
    watcher.until("hello", |_| true).await;
    let ids = [watcher.next().await, watcher.next().await].map(|it| it.map(|it| it.id));
    assert_eq!(ids, [Some(2), Some(3)]);
    let mut other = Watcher::open(mock.control, "/events?after=99", "").await;
    other.until("missed", |_| true).await;
}

#[tokio::test]
async fn sandboxes_are_told_of_and_end_their_streams() {
    let mock = Mock::start().await;
    let mut watcher = Watcher::of(&mock).await;
    let made = mock.tell("/sandboxes", &json!({})).await.json();
    let id = made["id"].as_str().expect("an id");
    watcher.until("sandbox-made", |it| it["id"] == *id).await;
    let mut own = Watcher::open(mock.control, &format!("/events?sandbox={id}"), "").await;
    assert_eq!(own.next().await.map(|it| it.name).as_deref(), Some("hello"));
    let head = format!("DELETE /sandboxes/{id} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    crate::client::exchange(mock.control, head.as_bytes()).await;
    watcher.until("sandbox-gone", |it| it["id"] == *id).await;
    while own.next().await.is_some() {}
}

#[tokio::test]
async fn readers_are_counted_and_do_not_hold_up_the_end() {
    let mock = Mock::start().await;
    let mut watchers = Vec::new();
    for _ in 0..64 {
        watchers.push(Watcher::of(&mock).await);
    }
    let refused = mock.ask("/events").await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    drop(watchers.split_off(1));
    mock.server.shutdown().await;
    while watchers[0].next().await.is_some() {}
}

#[tokio::test]
async fn a_sandbox_whose_time_is_over_says_so() {
    let mock = Mock::start().await;
    let mut watcher = Watcher::of(&mock).await;
    // Long enough for somebody to come and watch it, however busy the machine is; nobody waits longer than needed.
    let made = mock.tell("/sandboxes", &json!({ "ttl": "2s" })).await.json();
    let id = made["id"].as_str().expect("an id");
    let mut own = Watcher::open(mock.control, &format!("/events?sandbox={id}&after=0"), "").await;
    own.until("sandbox-gone", |it| it["id"] == *id).await;
    assert!(own.next().await.is_none(), "nothing comes after the end");
    watcher.until("sandbox-gone", |it| it["id"] == *id).await;
}

/// A dashboard beside a Rust test shows what the test does.
#[tokio::test]
async fn what_a_rust_test_does_is_told_as_well() {
    let server = MockServer::start().await;
    let mut watcher = Watcher::open(address(&server.control_url()), "/events", "").await;
    watcher.until("hello", |_| true).await;
    let started = exchange_with(&server.async_url("slow")).await;
    let id = started["execution_id"].clone();
    watcher
        .until("execution", |it| it["id"] == id && it["status"] == "RUNNING")
        .await;
    server.advance(Duration::from_secs(60)).await;
    watcher
        .until("clock", |it| it["now"] == "2026-01-01T00:01:00.000000Z")
        .await;
    watcher
        .until("execution", |it| it["id"] == id && it["status"] == "SUCCESS")
        .await;
    let held = exchange_with(&server.async_url("held")).await["execution_id"].clone();
    watcher
        .until("execution", |it| it["id"] == held && it["status"] == "ON_HOLD")
        .await;
    server.release(held.as_str().expect("an id"), Release::Failure);
    watcher
        .until("execution", |it| it["id"] == held && it["status"] == "FAILED")
        .await;
    server.reset();
    watcher.until("reset", |_| true).await;
}

/// Triggers a workflow without an event.
async fn exchange_with(url: &str) -> Value {
    let (_, rest) = url.split_once("://").expect("a URL");
    let (place, path) = rest.split_once('/').expect("a path");
    let request = crate::client::json_request("POST", &format!("/{path}"), &json!({}));
    let place = place.parse().expect("an address");
    crate::client::exchange(place, &request).await.json()
}
