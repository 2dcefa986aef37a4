//! The end of a server: what is held is answered, and nobody can delay it beyond its bound.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpStream;

use crate::client::{Connection, exchange, json_request, request, within};
use crate::support::{Mock, address};

/// What a stop may take with a connection that neither ends nor goes on, and room for a slow machine.
const BOUND: Duration = Duration::from_secs(8);

#[tokio::test]
async fn held_calls_are_answered_as_if_their_time_were_up() {
    let mock = Mock::start().await;
    let mut slow = mock.call(&mock.sync_path("slow"), &json!({})).await;
    let mut held = mock.call(&mock.sync_path("held"), &json!({})).await;
    mock.advance("1s", 2).await;
    within("the end", mock.server.shutdown()).await;
    for call in [&mut slow, &mut held] {
        let answer = call.answer().await;
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (201, &json!("Execution is in progress"))
        );
        assert!(answer.json()["execution_id"].is_string());
    }
}

#[tokio::test]
async fn an_idle_client_delays_nothing_and_is_disconnected() {
    let mock = Mock::start().await;
    let mut never_asked = Connection::open(mock.data).await;
    let mut asked_before = mock.call(&mock.path("respond"), &json!({})).await;
    assert_eq!(asked_before.answer().await.status, 200);
    let (data, control) = (mock.data, mock.control);
    within("the end", mock.server.shutdown()).await;
    assert!(never_asked.answer_if_any().await.is_none());
    assert!(asked_before.answer_if_any().await.is_none());
    for address in [data, control] {
        assert!(TcpStream::connect(address).await.is_err(), "{address} still listens");
    }
}

#[tokio::test]
async fn clients_in_the_middle_of_a_request_delay_the_end_by_one_bound_however_many_sandboxes_there_are() {
    let mock = Mock::start().await;
    let mut places = vec![mock.data, mock.control];
    for _ in 0..4 {
        let made = mock.tell("/sandboxes", &json!({})).await.json();
        places.push(address(made["base_url"].as_str().expect("a base URL")));
    }
    let mut unfinished = Vec::new();
    for place in places {
        let mut connection = Connection::open(place).await;
        connection
            .send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le")
            .await;
        unfinished.push(connection);
    }
    let begun = Instant::now();
    within("the end", mock.server.shutdown()).await;
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn whoever_waits_on_the_control_surface_is_told_that_the_sandbox_goes() {
    let mock = Mock::start().await;
    let made = mock.tell("/sandboxes", &json!({ "clock": "manual" })).await.json();
    let id = made["id"].as_str().expect("an id");
    let wait = request("GET", &format!("/wait?sandbox={id}&requests=1&timeout=600s"), &[], b"");
    let patient = json!({ "advance": "1s", "when": { "held": 1 }, "timeout": "600s" });
    let advance = json_request("POST", &format!("/clock?sandbox={id}"), &patient);
    let mut waiting = Vec::new();
    for bytes in [wait, advance] {
        let mut connection = Connection::open(mock.control).await;
        connection.send(&bytes).await;
        waiting.push(connection);
    }
    let delete = request("DELETE", &format!("/sandboxes/{id}"), &[], b"");
    assert_eq!(exchange(mock.control, &delete).await.status, 200);
    for connection in &mut waiting {
        let answer = connection.answer().await;
        // One that came after the deletion finds no sandbox.
        assert!([404, 409].contains(&answer.status), "{}", answer.text());
    }
    assert_eq!(
        mock.ask("/sandboxes").await.json()["sandboxes"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}
