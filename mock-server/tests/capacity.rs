//! What a process costs: a thousand sandboxes, one that is filled to its budget, and bodies that all come at once. Measured, then
//! judged.
//!
//! One test, because everything in its process counts.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};
use torq_mock_server::blocking::MockServer;
use torq_mock_server::{Budget, Limits};

const SANDBOXES: usize = 1_000;
/// What a sandbox that has done nothing may take, the listener's share of the runtime included.
const BYTES_EACH: usize = 24 << 10;
/// The budget that is filled.
const BUDGET: usize = 8 << 20;
/// How much more than its budget a full sandbox may take: the allocator's share, connections, and what is being answered.
const BESIDES: usize = 8 << 20;

/// Room for bodies that are read at once, and how many come.
const ROOM: usize = 8 << 20;
const CROWD: usize = 64;

/// A connection that sends one request after the other.
struct Client(TcpStream);

impl Client {
    fn to(url: &str) -> Self {
        let address = url.strip_prefix("http://").expect("an http URL");
        Self(TcpStream::connect(address).expect("it listens"))
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut request = String::new();
        write!(
            request,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("it is text");
        self.0.write_all(request.as_bytes()).expect("it reads");
        self.answer()
    }

    /// Sends the head of a request whose body the server is to ask for.
    fn announce(&mut self, path: &str, length: usize) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        self.0.write_all(head.as_bytes()).expect("it reads");
    }

    fn answer(&mut self) -> (u16, String) {
        let mut bytes = Vec::new();
        let mut chunk = [0; 16 << 10];
        loop {
            let count = self.0.read(&mut chunk).expect("it answers");
            assert_ne!(count, 0, "the connection closed");
            bytes.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                let status = head.get(9..12).and_then(|status| status.parse().ok());
                return (status.expect("a status"), body.to_owned());
            }
        }
    }
}

/// Says what was measured, to whoever runs this with `--nocapture`.
fn report(measured: &str) {
    let _ = writeln!(std::io::stdout(), "{measured}");
}

/// What this process has in memory, in bytes.
fn resident() -> usize {
    memory("VmRSS:")
}

/// The most it has had since that was forgotten.
fn peak() -> usize {
    memory("VmHWM:")
}

fn forget_the_peak() {
    std::fs::write("/proc/self/clear_refs", "5").expect("a process may do that to itself");
}

fn memory(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux kernel");
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kibibytes.expect("a number") << 10
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_sandboxes_and_a_full_one_take_what_is_said() {
    let server = MockServer::start_with(torq_mock_server::MockServer::builder().memory(budget(BUDGET)));
    let mut control = Client::to(&server.control_url());
    // The first one brings what all of them share.
    let mut make = |count: usize| {
        for _ in 0..count {
            let (status, body) = control.send("POST", "/sandboxes", r#"{"clock": "manual", "memory": "1MiB"}"#);
            assert_eq!(status, 201, "{body}");
        }
        control.send("GET", "/sandboxes", "").1
    };
    make(1);
    let before = resident();
    let all: Value = serde_json::from_str(&make(SANDBOXES - 1)).expect("JSON");
    let each = resident().saturating_sub(before) / (SANDBOXES - 1);
    let all = all["sandboxes"].as_array().expect("a list");
    assert_eq!(all.len(), SANDBOXES + 1);
    report(&format!("{SANDBOXES} sandboxes: {} KiB each", each >> 10));
    assert!(each < BYTES_EACH, "{each} bytes each");

    // All of them answer, and throwing them away gives their ports back.
    for sandbox in [&all[1], &all[SANDBOXES]] {
        let url = sandbox["base_url"].as_str().expect("a URL");
        assert_eq!(Client::to(url).send("GET", "/", "").0, 404);
    }
    for sandbox in all.iter().filter(|sandbox| sandbox["id"] != "default") {
        let id = sandbox["id"].as_str().expect("an id");
        assert_eq!(control.send("DELETE", &format!("/sandboxes/{id}"), "").0, 200);
    }
    drop(control);
    drop(server);
    fill();
    pin();
    crowd();
}

/// A secret is kept aside from what is shown, and only it: not the rest of what its connection had read.
fn pin() {
    let builder = torq_mock_server::MockServer::builder().memory(budget(BUDGET));
    let server = MockServer::start_with(builder.rate_limit(u32::MAX));
    let url = server.async_url("guarded");
    let path = url.strip_prefix(server.base_url()).expect("a path");
    let secret = server.headers_of("guarded").remove(0).1;
    let before = resident();
    for _ in 0..4_000 {
        let mut client = Client::to(server.base_url());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Torq-Token: {secret}\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        client.0.write_all(request.as_bytes()).expect("it reads");
        assert_eq!(client.answer().0, 200);
    }
    let grown = resident().saturating_sub(before);
    report(&format!("secrets of 4000 connections: {} KiB measured", grown >> 10));
    assert!(grown < BUDGET, "{grown} bytes");
}

/// Bodies that all come at once, many times what there is room for.
fn crowd() {
    let limits = Limits {
        body_room: ROOM,
        ..Limits::default()
    };
    let builder = torq_mock_server::MockServer::builder()
        .memory(budget(1 << 20))
        .limits(limits)
        .rate_limit(u32::MAX);
    let server = MockServer::start_with(builder);
    let url = server.async_url("respond");
    let path = url.strip_prefix(server.base_url()).expect("a path");
    let event = json!({ "text": "x".repeat(1_000 << 10) }).to_string();
    let ask = |mut client: Client| {
        client.announce(path, event.len());
        assert_eq!(client.answer().0, 100);
        client
    };
    let finish = |client: &mut Client, rest: &str| {
        client.0.write_all(rest.as_bytes()).expect("it reads");
        assert_eq!(client.answer().0, 200);
    };
    let before = resident();
    forget_the_peak();
    // As many as there is room for are read at once, each up to its last byte; all others wait meanwhile.
    let (most, last) = event.split_at(event.len() - 1);
    let first = (0..ROOM / event.len()).map(|_| ask(Client::to(server.base_url())));
    let mut first: Vec<_> = first.collect();
    for client in &mut first {
        client.0.write_all(most.as_bytes()).expect("it reads");
    }
    let others = CROWD - first.len();
    std::thread::scope(|scope| {
        for _ in 0..others {
            scope.spawn(|| finish(&mut ask(Client::to(server.base_url())), &event));
        }
        for client in &mut first {
            finish(client, last);
        }
    });
    let grown = peak().saturating_sub(before);
    report(&format!(
        "{CROWD} bodies of {} KiB in {} KiB of room: {} KiB measured",
        event.len() >> 10,
        ROOM >> 10,
        grown >> 10
    ));
    // What is on its way through sockets and threads counts as well, this test's own included; all bodies at once would be twice it.
    assert!(grown < CROWD * event.len() / 2, "{grown} bytes");
}

fn budget(bytes: usize) -> Budget {
    Budget::of(bytes).expect("it is enough")
}

/// Fills a sandbox several times over.
fn fill() {
    let builder = torq_mock_server::MockServer::builder()
        .memory(budget(BUDGET))
        .rate_limit(u32::MAX);
    let server = MockServer::start_with(builder);
    let url = server.async_url("shared");
    let path = url.strip_prefix(server.base_url()).expect("a path");
    let mut client = Client::to(server.base_url());
    let mut token = 0;
    let mut traffic = |requests: usize| {
        for number in 0..requests {
            let event = json!({ "number": number, "text": "x".repeat(2_000) }).to_string();
            assert_eq!(client.send("POST", path, &event).0, 200);
            if number % 4 == 0 {
                assert_eq!(client.send("GET", &format!("/{}", "y".repeat(1_000)), "").0, 404);
                token += server.bearer_token("main", "operator").len();
            }
        }
    };
    let before = resident();
    traffic(8_000);
    let grown = resident().saturating_sub(before);
    let (budget, used) = server.memory();
    report(&format!(
        "a budget of {} KiB: {} KiB used, {} KiB measured",
        budget.bytes() >> 10,
        used.total() >> 10,
        grown >> 10
    ));
    assert!(used.total() <= budget.bytes(), "{used:?}");
    assert!(used.executions * 10 > budget.bytes() * 5, "it is not full: {used:?}");
    assert!(grown < BUDGET + BESIDES, "{grown} bytes");
    assert!(token > 0);
}
