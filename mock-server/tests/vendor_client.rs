//! An example: a vendor's client and its tests. It calls a workflow, polls for what takes longer than 50 s, and waits when told to.
//!
//! The client knows nothing of the mock: how it waits is given to it, and its tests let the mock's clock pass instead. So they take
//! milliseconds, whatever the times in them.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use torq_mock_server::blocking::MockServer;
use torq_mock_server::{Endpoint, Gate, MockServer as Async, Release, Requests};

/// How long the client waits between two polls.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// The client under test.
struct Client<'w> {
    /// The Synchronous URL of the workflow it calls.
    workflow: String,
    /// Where executions are retrieved, and the bearer token for it.
    executions: String,
    token: String,
    /// How it waits: `thread::sleep` in earnest.
    wait: &'w (dyn Fn(Duration) + Sync),
}

/// What came of a call.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// The workflow's output, at once or after polling.
    Output(Value),
    /// Too many calls: come back after so many seconds.
    Busy(u64),
    /// It failed, or the call was refused.
    Failed(u16),
}

impl Client<'_> {
    /// Calls the workflow; what takes too long for one answer is polled for.
    fn call(&self, event: &Value) -> io::Result<Outcome> {
        let answer = exchange("POST", &self.workflow, None, &event.to_string())?;
        match answer.status {
            200 => Ok(Outcome::Output(answer.json())),
            201 => self.poll(answer.json()["execution_id"].as_str().unwrap_or_default()),
            429 => Ok(Outcome::Busy(answer.retry_after())),
            status => Ok(Outcome::Failed(status)),
        }
    }

    fn poll(&self, id: &str) -> io::Result<Outcome> {
        loop {
            let answer = exchange("GET", &format!("{}/{id}", self.executions), Some(&self.token), "")?;
            let execution = answer.json();
            match (answer.status, execution["status"].as_str()) {
                (200, Some("SUCCESS")) => return Ok(Outcome::Output(execution["output"].clone())),
                (200, Some("RUNNING" | "QUEUED" | "ON_HOLD")) => (self.wait)(POLL_EVERY),
                (429, _) => (self.wait)(Duration::from_secs(answer.retry_after())),
                (status, _) => return Ok(Outcome::Failed(status)),
            }
        }
    }
}

/// A client that has been set up for the server, and lets its clock pass where it waits.
fn client<'w>(server: &MockServer, wait: &'w (dyn Fn(Duration) + Sync)) -> Client<'w> {
    Client {
        workflow: server.sync_url("held"),
        executions: format!("{}/public/v1alpha/executions", server.base_url()),
        token: server.bearer_token("main", "operator"),
        wait,
    }
}

#[test]
fn what_takes_longer_than_50_s_is_polled_for() {
    let server = MockServer::start();
    let pass = |time| {
        server.advance(time);
    };
    let client = client(&server, &pass);
    server.expect(Requests::refused().never());
    server.expect(Requests::to_workflow("held").exactly(1));
    server.expect(Requests::to(Endpoint::Execution).at_least(2));

    let outcome = thread::scope(|scope| {
        let calling = scope.spawn(|| client.call(&json!({})));
        server.wait_for_held(1);
        server.advance(Duration::from_secs(50));
        server.wait_for_requests(2);
        server.release(server.executions()[0].id, Release::Success { output: None });
        calling.join().expect("the client does not panic")
    });
    assert_eq!(
        outcome.expect("it is answered"),
        Outcome::Output(json!({ "released": true }))
    );
}

#[test]
fn a_workflow_that_fails_after_50_s_is_a_failure() {
    let server = MockServer::start();
    let pass = |time| {
        server.advance(time);
    };
    let client = client(&server, &pass);
    let outcome = thread::scope(|scope| {
        let calling = scope.spawn(|| client.call(&json!({})));
        server.wait_for_held(1);
        server.advance(Duration::from_secs(50));
        server.release(server.executions()[0].id, Release::Failure);
        calling.join().expect("the client does not panic")
    });
    assert_eq!(outcome.expect("it is answered"), Outcome::Failed(200));
}

#[test]
fn polls_that_come_too_fast_are_slowed_down_and_not_given_up() {
    let server = MockServer::start_with(Async::builder().behaviour("executions", "requests_per_second", 1));
    // Its clock is too fast: every other poll comes half a second early.
    let pass = |time| {
        server.advance(time / 2);
    };
    let client = client(&server, &pass);
    server.expect(Requests::refused_by(Gate::ApiRate).at_least(1));
    let outcome = thread::scope(|scope| {
        let calling = scope.spawn(|| client.call(&json!({})));
        server.wait_for_held(1);
        server.advance(Duration::from_secs(50));
        server.wait_for_requests(4);
        server.release(server.executions()[0].id, Release::Success { output: None });
        calling.join().expect("the client does not panic")
    });
    assert_eq!(
        outcome.expect("it is answered"),
        Outcome::Output(json!({ "released": true }))
    );
}

#[test]
fn a_client_that_is_told_to_come_back_later_comes_back_later() {
    let server = MockServer::start_with(Async::builder().rate_limit(1));
    server.expect(Requests::refused_by(Gate::Rate).exactly(1));
    let client = Client {
        workflow: server.sync_url("respond"),
        executions: String::new(),
        token: String::new(),
        wait: &thread::sleep,
    };
    let call = || client.call(&json!({ "body": { "n": 1 } })).expect("it is answered");
    assert_eq!(call(), Outcome::Output(json!({ "n": 1 })));
    let Outcome::Busy(seconds) = call() else {
        panic!("the second call within a second is one too many");
    };
    server.advance(Duration::from_secs(seconds));
    assert_eq!(call(), Outcome::Output(json!({ "n": 1 })));
}

/// An answer, as far as this client looks at it.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    fn retry_after(&self) -> u64 {
        let header = self.head.lines().find_map(|line| line.strip_prefix("retry-after: "));
        header.and_then(|seconds| seconds.parse().ok()).unwrap_or(1)
    }
}

fn exchange(method: &str, url: &str, token: Option<&str>, body: &str) -> io::Result<Answer> {
    let (host, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .ok_or(io::ErrorKind::InvalidInput)?;
    let credentials = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         {credentials}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    Ok(Answer {
        status: status.ok_or(io::ErrorKind::InvalidData)?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
