//! The control surface: who may use it, waiting without polling, and executions let go.

use serde_json::{Value, json};
use torq_mock_server::Settings;

use crate::client::{Answer, Connection, exchange, request};
use crate::support::Mock;

/// Asks the control surface under a host name of the test's choice.
async fn ask_as(mock: &Mock, host: &str, headers: &[&str]) -> Answer {
    let mut text = format!("GET /clock HTTP/1.1\r\nHost: {host}\r\n");
    for header in headers {
        text.push_str(&format!("{header}\r\n"));
    }
    exchange(mock.control, format!("{text}\r\n").as_bytes()).await
}

#[tokio::test]
async fn a_page_that_gave_its_own_name_our_address_is_refused() {
    let mock = Mock::start().await;
    let port = mock.control.port();
    for own in ["localhost", "127.0.0.1", "[::1]"] {
        for host in [own.to_owned(), format!("{own}:{port}")] {
            assert_eq!(ask_as(&mock, &host, &[]).await.status, 200, "{host}");
        }
    }
    for foreign in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost:80:80",
        "",
    ] {
        let refused = ask_as(&mock, foreign, &[]).await;
        assert_eq!(refused.status, 403, "{foreign}: {}", refused.text());
    }
    let nameless = exchange(mock.control, b"GET /healthz HTTP/1.0\r\n\r\n").await;
    assert_eq!(nameless.status, 403, "{}", nameless.text());
}

#[tokio::test]
async fn a_token_is_demanded_everywhere_where_one_is_set() {
    let token = "a-token-for-control";
    let mock = Mock::serving(Settings {
        control_token: Some(token.to_owned()),
        ..Settings::default()
    })
    .await;
    for (headers, status) in [
        (vec![], 401),
        (vec!["Authorization: Bearer another"], 401),
        (vec!["Authorization: Bearer"], 401),
        (vec!["Authorization: Basic a-token-for-control"], 401),
        (vec!["Authorization: Bearer a-token-for-control-and-more"], 401),
        (vec!["Authorization: Bearer a-token-for-control"], 200),
    ] {
        let answer = ask_as(&mock, "mock.internal", &headers).await;
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.text());
        assert!(!answer.text().contains(token));
    }
    for path in [
        "/",
        "/clock",
        "/requests",
        "/executions",
        "/profile",
        "/sandboxes",
        "/nowhere",
    ] {
        assert_eq!(mock.ask(path).await.status, 401, "{path}");
    }
    let opened = Settings {
        control: ([0, 0, 0, 0], 0).into(),
        ..Settings::default()
    };
    let refused = torq_mock_server::Server::start(opened).await;
    assert!(refused.is_err(), "an open control surface off loopback");
}

#[tokio::test]
async fn a_wait_ends_when_calls_are_held_or_requests_have_come() {
    let mock = Mock::start().await;
    let mut waits = Vec::new();
    for path in ["/wait?held=2&timeout=20s", "/wait?requests=3&timeout=20s"] {
        let mut connection = Connection::open(mock.control).await;
        connection.send(&request("GET", path, &[], b"")).await;
        waits.push(connection);
    }
    assert!(waits[0].is_silent() && waits[1].is_silent());
    let path = mock.sync_path("slow");
    let _held = [mock.call(&path, &json!({})).await, mock.call(&path, &json!({})).await];
    assert_eq!(waits[0].answer().await.json(), json!({ "matched": true, "held": 2 }));
    assert_eq!(mock.post(&mock.path("respond"), &json!({})).await.status, 200);
    assert_eq!(
        waits[1].answer().await.json(),
        json!({ "matched": true, "requests": 3 })
    );
}

#[tokio::test]
async fn a_wait_in_vain_says_so_and_a_wait_for_nothing_is_refused() {
    let mock = Mock::start().await;
    let nobody = "0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11";
    for path in [
        "/wait?held=1&timeout=10ms".to_owned(),
        "/wait?requests=1&timeout=10ms".to_owned(),
        format!("/wait?execution={nobody}&status=SUCCESS&timeout=10ms"),
    ] {
        let answer = mock.ask(&path).await;
        assert_eq!(
            (answer.status, &answer.json()["matched"]),
            (200, &json!(false)),
            "{path}"
        );
    }
    for (path, told) in [
        ("/wait".to_owned(), "say what to wait for"),
        ("/wait?held=x".to_owned(), "`held` is a number"),
        ("/wait?held=1&timeout=soon".to_owned(), "soon"),
        ("/wait?execution=x".to_owned(), "no execution id"),
        ("/wait?held=1&requests=1".to_owned(), "one of"),
        (format!("/wait?execution={nobody}&status=SUCESS"), "they are QUEUED"),
        (
            format!("/wait?execution={nobody}&staus=SUCCESS"),
            "did you mean `status`?",
        ),
        ("/clock?sandox=mine".to_owned(), "did you mean `sandbox`?"),
        ("/executions?limit=1&after=2".to_owned(), "known: limit, sandbox"),
        ("/requests?gat=rate".to_owned(), "did you mean `gate`?"),
        ("/requests?gate=heder".to_owned(), "did you mean `header`?"),
    ] {
        let refused = mock.ask(&path).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.text());
        assert!(refused.text().contains(told), "{path}: {}", refused.text());
    }
    for wrong in [
        json!({ "advance": "1s", "when": { "hold": 1 } }),
        json!({ "advance": "1s", "when": 1 }),
        json!({ "advance": "1s", "until": { "answered": "x" } }),
        json!({ "advanse": "1s" }),
    ] {
        assert_eq!(mock.tell("/clock", &wrong).await.status, 400, "{wrong}");
    }
    assert_eq!(
        mock.ask("/healthz?at=17").await.status,
        200,
        "a probe may add what it likes"
    );
}

/// Starts the workflow that waits to be released.
async fn start_held(mock: &Mock) -> String {
    let started = mock.post(&mock.path("held"), &json!({})).await.json();
    let id = started["execution_id"].as_str().expect("an id").to_owned();
    let on_hold = mock.ask(&format!("/wait?execution={id}&status=ON_HOLD")).await.json();
    assert_eq!(on_hold["matched"], true);
    id
}

#[tokio::test]
async fn an_execution_on_hold_goes_on_as_it_is_told() {
    let mock = Mock::start().await;
    for (release, status, output) in [
        (json!({}), "SUCCESS", json!({ "released": true })),
        (
            json!({ "status": "SUCCESS", "output": { "given": [1, 2] } }),
            "SUCCESS",
            json!({ "given": [1, 2] }),
        ),
        (json!({ "status": "FAILED" }), "FAILED", Value::Null),
    ] {
        let id = start_held(&mock).await;
        let mut waiting = Connection::open(mock.control).await;
        let path = format!("/wait?execution={id}&status={status}&timeout=20s");
        waiting.send(&request("GET", &path, &[], b"")).await;
        let released = mock.tell(&format!("/executions/{id}/release"), &release).await;
        assert_eq!(released.status, 200, "{}", released.text());
        assert_eq!(waiting.answer().await.json()["matched"], true, "{release}");
        let execution = mock.ask(&format!("/executions/{id}")).await.json();
        assert_eq!(
            (&execution["status"], &execution["output"]),
            (&json!(status), &output),
            "{release}"
        );
        let again = mock.tell(&format!("/executions/{id}/release"), &release).await;
        assert_eq!(again.status, 409, "{}", again.text());
    }
}

#[tokio::test]
async fn a_caller_who_waits_for_an_execution_on_hold_gets_what_it_is_released_with() {
    let mock = Mock::start().await;
    for (release, status) in [
        (json!({ "output": { "given": true } }), 200),
        (json!({ "status": "FAILED" }), 500),
    ] {
        let mut call = mock.call(&mock.sync_path("held"), &json!({})).await;
        assert_eq!(mock.ask("/wait?held=1&timeout=20s").await.json()["matched"], true);
        let executions = mock.executions().await;
        let id = executions
            .last()
            .and_then(|it| it["id"].as_str())
            .expect("it has begun");
        let released = mock.tell(&format!("/executions/{id}/release"), &release).await;
        assert_eq!(released.status, 200, "{}", released.text());
        let answer = call.answer().await;
        assert_eq!(answer.status, status, "{}", answer.text());
        if status == 200 {
            assert_eq!(answer.json(), json!({ "given": true }));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_released_is_explained() {
    let mock = Mock::start().await;
    let id = start_held(&mock).await;
    let path = format!("/executions/{id}/release");
    assert_eq!(mock.tell(&path, &json!({ "status": "DONE" })).await.status, 400);
    assert_eq!(mock.tell(&path, &json!({ "outcome": 1 })).await.status, 400);
    assert_eq!(mock.tell(&path, &json!({ "status": 1 })).await.status, 400);
    let both = json!({ "status": "FAILED", "output": {} });
    assert_eq!(mock.tell(&path, &both).await.status, 400);
    assert_eq!(mock.tell("/executions/x/release", &json!({})).await.status, 400);
    let nobody = "/executions/0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11";
    assert_eq!(mock.tell(&format!("{nobody}/release"), &json!({})).await.status, 404);
    assert_eq!(mock.ask(nobody).await.status, 404);
    assert_eq!(mock.ask(&format!("/executions/{id}")).await.json()["status"], "ON_HOLD");
    let misspelt = mock.ask("/excutions").await;
    assert_eq!(misspelt.status, 404);
    assert!(misspelt.text().contains("GET /executions"), "{}", misspelt.text());
}

#[tokio::test]
async fn a_method_that_a_route_does_not_take_is_told_apart_from_a_path_that_is_none() {
    let mock = Mock::start().await;
    for (method, path, allowed) in [
        ("DELETE", "/clock", "GET, POST"),
        ("PUT", "/sandboxes/default", "GET, DELETE"),
        ("GET", "/requests/0/replay", "POST"),
        ("POST", "/", "GET"),
    ] {
        let answer = exchange(mock.control, &request(method, path, &[], b"")).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some(allowed)),
            "{method} {path}"
        );
        assert!(answer.text().contains(allowed), "{}", answer.text());
    }
    let mut probe = Connection::open(mock.control).await;
    probe
        .send(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    let text = probe.rest().await;
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("\r\n\r\n"), "{text}");
}

#[tokio::test]
async fn a_clock_is_stopped_and_set_going_again() {
    let mock = Mock::serving(Settings::default()).await;
    assert_eq!(mock.ask("/clock").await.json()["mode"], "system");
    assert_eq!(mock.tell("/clock", &json!({ "advance": "1s" })).await.status, 409);
    let mut call = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 70 })).await;
    mock.ask("/wait?held=1").await;
    let stopped = mock.tell("/clock", &json!({ "mode": "manual" })).await.json();
    assert_eq!(
        (&stopped["mode"], &mock.ask("/clock").await.json()["now"]),
        (&json!("manual"), &stopped["now"])
    );
    let moved = mock.advance("50s", 1).await;
    assert_eq!(moved["answered"], 1, "{moved}");
    assert_eq!(call.answer().await.status, 201);
    let going = mock.tell("/clock", &json!({ "mode": "system" })).await.json();
    let nanos = |clock: &Value| {
        clock["now_nanos"]
            .as_str()
            .and_then(|it| it.parse::<u64>().ok())
            .expect("a number")
    };
    assert!(
        nanos(&going) >= nanos(&stopped) + 50_000_000_000,
        "it goes on from where it stood: {going}"
    );
    let mut short = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 0.05 })).await;
    assert_eq!(
        short.answer().await.status,
        200,
        "calls are answered in real time again"
    );
    let both = mock
        .tell("/clock", &json!({ "mode": "manual", "advance": "1h" }))
        .await
        .json();
    assert_eq!(both["advanced"], "1h", "{both}");
    for wrong in [json!({}), json!({ "mode": "paused" }), json!({ "mode": 1 })] {
        assert_eq!(mock.tell("/clock", &wrong).await.status, 400, "{wrong}");
    }
}
