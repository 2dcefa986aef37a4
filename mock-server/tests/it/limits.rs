//! The server's own protection: each bound, reached.

use std::time::Duration;

use serde_json::json;
use torq_mock_server::{Limits, Settings};

use crate::client::{Connection, exchange, json_request, request};
use crate::support::{Mock, address, path_in};

/// A server whose bounds are within a test's reach.
async fn bounded(limits: Limits) -> Mock {
    Mock::serving(Settings {
        limits,
        clock: Some(torq_mock_server::ClockMode::Manual),
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_refused() {
    let mock = bounded(Limits {
        body: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    let mut connection = Connection::open(mock.data).await;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{{",
        mock.path("respond")
    );
    connection.send(head.as_bytes()).await;
    assert_eq!(connection.answer().await.status, 408);
    assert!(connection.answer_if_any().await.is_none());
    let entry = &mock.ask("/requests?gate=connection").await.json()["requests"][0];
    assert_eq!(
        (&entry["provenance"], &entry["reason"]),
        (&json!("self-protection"), &json!("the body took too long to arrive"))
    );
    assert!(mock.executions().await.is_empty());
    let mut control = Connection::open(mock.control).await;
    control
        .send(b"POST /clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        .await;
    assert_eq!(control.answer().await.status, 413);
    mock.answers_as_usual().await;
}

#[tokio::test]
async fn a_head_that_does_not_arrive_in_time_ends_its_connection() {
    let mock = bounded(Limits {
        head: Duration::from_millis(100),
        ..Limits::default()
    })
    .await;
    for place in [mock.data, mock.control] {
        let mut connection = Connection::open(place).await;
        connection.send(b"POST / HTTP/1.1\r\nHost: a\r\nX-Slow").await;
        assert!(
            connection
                .answer_if_any()
                .await
                .is_none_or(|answer| answer.status == 408)
        );
    }
    mock.answers_as_usual().await;
}

#[tokio::test]
async fn more_connections_than_there_are_places_for_wait_for_one() {
    let mock = bounded(Limits {
        connections: 2,
        ..Limits::default()
    })
    .await;
    let ask = request("GET", "/", &[], b"");
    let mut places = Vec::new();
    for _ in 0..2 {
        let mut connection = Connection::open(mock.data).await;
        connection.send(&ask).await;
        assert_eq!(connection.answer().await.status, 404);
        places.push(connection);
    }
    let mut waiting = Connection::open(mock.data).await;
    waiting.send(&ask).await;
    assert_eq!(
        mock.ask("/wait?requests=3&timeout=100ms").await.json()["matched"],
        false
    );
    assert!(waiting.is_silent());
    drop(places.pop());
    assert_eq!(waiting.answer().await.status, 404);
}

#[tokio::test]
async fn more_calls_than_are_held_hear_at_once_what_they_would_hear_in_the_end() {
    let mock = bounded(Limits {
        held: 2,
        ..Limits::default()
    })
    .await;
    let path = mock.sync_path("slow");
    let _held = [mock.call(&path, &json!({})).await, mock.call(&path, &json!({})).await];
    assert_eq!(mock.ask("/wait?held=2&timeout=20s").await.json()["matched"], true);
    let answer = mock.post(&path, &json!({})).await;
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (201, &json!("Execution is in progress"))
    );
}

#[tokio::test]
async fn large_bodies_of_many_callers_are_all_read() {
    let mock = Mock::start().await;
    let event = json!({ "text": "x".repeat(900 << 10) });
    let path = mock.path("respond");
    let calls = (0..20).map(|_| mock.post(&path, &event));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test]
async fn latency_is_on_the_sandboxes_clock_and_the_same_for_the_same_seed() {
    let mock = Mock::start().await;
    let mut waits = Vec::new();
    for _ in 0..2 {
        let wanted = json!({ "clock": "manual", "seed": 7, "latency": "uniform:1s..9s" });
        let made = mock.tell("/sandboxes", &wanted).await.json();
        assert_eq!(made["latency"], "uniform:1s..9s");
        let id = made["id"].as_str().expect("an id");
        let place = address(made["base_url"].as_str().expect("a base URL"));
        let path = path_in(&made["profile"], "respond");
        let mut connection = Connection::open(place).await;
        connection.send(&json_request("POST", &path, &json!({}))).await;
        let moved = json!({ "advance": "999ms", "when": { "held": 1 }, "timeout": "20s" });
        let moved = mock.tell(&format!("/clock?sandbox={id}"), &moved).await.json();
        assert_eq!((&moved["answered"], connection.is_silent()), (&json!(0), true));
        let moved = json!({ "advance": "8s", "until": { "answered": 1 } });
        let moved = mock.tell(&format!("/clock?sandbox={id}"), &moved).await.json();
        assert_eq!(connection.answer().await.status, 200);
        waits.push(moved["now"].clone());
    }
    assert_eq!(waits[0], waits[1]);
    for wrong in [json!("slow"), json!(5)] {
        let refused = mock.tell("/sandboxes", &json!({ "latency": wrong })).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
}

#[tokio::test]
async fn an_answer_on_its_way_arrives_when_the_server_stops() {
    let mock = Mock::serving(Settings {
        clock: Some(torq_mock_server::ClockMode::Manual),
        latency: "fixed:10s".parse().expect("a latency"),
        ..Settings::default()
    })
    .await;
    let mut call = mock.call(&mock.path("respond"), &json!({})).await;
    assert_eq!(mock.ask("/wait?held=1&timeout=20s").await.json()["matched"], true);
    mock.server.shutdown().await;
    assert_eq!(call.answer().await.status, 200);
}

#[tokio::test]
async fn a_head_larger_than_any_client_needs_is_refused() {
    let mock = Mock::start().await;
    let long = format!("/{}", "x".repeat(1 << 20));
    let mut connection = Connection::open(mock.data).await;
    connection.throw(&request("GET", &long, &[], b"")).await;
    let answer = connection.answer_if_any().await;
    assert!(answer.is_none_or(|answer| [414, 431].contains(&answer.status)));
    assert_eq!(exchange(mock.data, &request("GET", "/", &[], b"")).await.status, 404);
}
