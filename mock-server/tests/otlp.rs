//! Traces as a collector receives them from `torq-mock serve`, configured by nothing but the environment.
//!
//! The collector is a socket of the test's own; what it was sent is decoded with the protocol's own messages.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use served::{Serve, Served, exchange, send};

const PROGRAM: &str = env!("CARGO_BIN_EXE_torq-mock");

/// A trace that a client began, as it says so in a request.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// An export: the head of its request and what was in it.
struct Export {
    head: String,
    content: ExportTraceServiceRequest,
}

/// Something that takes exports on loopback, for as long as the test runs.
struct Collector {
    url: String,
    exports: Receiver<Export>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it has one"));
        let (sender, exports) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(move || take(&stream.expect("a connection"), |export| sender.send(export).is_ok()));
            }
        });
        Self { url, exports }
    }

    /// Everything that was sent, once nobody sends any more.
    fn received(&self) -> Vec<Export> {
        self.exports.try_iter().collect()
    }
}

/// Answers the exports of one connection.
fn take(stream: &TcpStream, mut file: impl FnMut(Export) -> bool) {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).expect("a head is text") == 0 {
                return;
            }
        }
        let length = header(&head, "content-length").expect("it has a length");
        let mut body = vec![0; length.parse().expect("a number")];
        reader.read_exact(&mut body).expect("the whole body");
        let content = ExportTraceServiceRequest::decode(&body[..]).expect("an export");
        if !file(Export { head, content }) {
            return;
        }
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        writer.write_all(answer.as_bytes()).expect("it reads");
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// A server on a manual clock, and what it says of itself.
struct Traced {
    served: Served,
    profile: serde_json::Value,
}

impl Traced {
    fn start(environment: &[(&str, &str)]) -> Self {
        let serve = Serve::new(PROGRAM).with(&["--clock", "manual"]);
        let served = serve.environment(environment).start();
        let profile = served.profile();
        Self { served, profile }
    }

    fn control(&self, method: &str, path: &str, body: &str) -> String {
        exchange(method, &format!("{}{path}", self.served.control_url()), body)
    }

    /// Sends an event and leaves the answer to be read.
    fn call(&self, (workflow, suffix): (&str, &str), headers: &str, body: &str) -> TcpStream {
        let url = format!("{}{suffix}", self.served.async_url(workflow));
        send(("POST", &url), headers, body)
    }

    fn secret_of(&self, integration: &str) -> String {
        let headers = &self.profile["integrations"][integration]["headers"];
        headers[0]["secret"].as_str().expect("a secret").to_owned()
    }

    /// Ends it, and with it what it still had to export.
    fn terminate(self) {
        self.served.end_by("TERM");
    }
}

fn rest(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// What a span says, as text.
fn said(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|it| it.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::ArrayValue(list)) => format!("{} of them", list.values.len()),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|it| (it.key.as_str(), text(&it.value))).collect()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[test]
fn each_request_is_a_span_that_says_what_became_of_it() {
    let collector = Collector::start();
    let served = Traced::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=a-key"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
    ]);
    let traced = format!("traceparent: 00-{TRACE}-{CALLER}-01\r\n");
    let accepted = rest(&mut served.call(("respond", ""), &traced, r#"{"password":"not-in-a-span"}"#));
    assert!(accepted.starts_with("HTTP/1.1 200"), "{accepted}");
    let wrong = "X-Torq-Token: a-guess-that-is-nobodys\r\n";
    let refused = rest(&mut served.call(("guarded", "?key=not-in-a-span"), wrong, "{}"));
    assert!(refused.starts_with("HTTP/1.1 400"), "{refused}");
    let secret = served.secret_of("guarded");
    let mut held = served.call(("slow", "/sync"), "", "{}");
    let moved = served.control(
        "POST",
        "/clock",
        r#"{"advance": "50s", "when": {"held": 1}, "timeout": "20s"}"#,
    );
    assert!(moved.starts_with("HTTP/1.1 200"), "{moved}");
    assert!(rest(&mut held).starts_with("HTTP/1.1 201"));
    served.terminate();

    let exports = collector.received();
    let mut spans: Vec<Span> = Vec::new();
    for Export { head, content } in &exports {
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        assert_eq!(header(head, "content-type"), Some("application/x-protobuf"), "{head}");
        assert_eq!(header(head, "x-collector-key"), Some("a-key"), "{head}");
        for resource in &content.resource_spans {
            let about = said(&resource.resource.as_ref().expect("it says who it is").attributes);
            assert_eq!(about["service.name"], "torq-mock");
            assert_eq!(about["deployment.environment.name"], "test");
            spans.extend(resource.scope_spans.iter().flat_map(|scope| scope.spans.clone()));
        }
        let everything = format!("{content:?}");
        for hidden in [secret.as_str(), "not-in-a-span", "a-guess-that-is-nobodys", "a-key"] {
            assert!(!everything.contains(hidden), "{hidden}: {everything}");
        }
    }
    let of_route = |route: &str| {
        let found = spans
            .iter()
            .find(|span| said(&span.attributes).get("torq.route").is_some_and(|it| it == route));
        found.expect("its span was exported")
    };
    assert_eq!(spans.len(), 4, "{spans:?}");

    let refused_span = spans
        .iter()
        .find(|span| said(&span.attributes).contains_key("torq.gate"));
    let refusal = refused_span.expect("its span was exported");
    let told = said(&refusal.attributes);
    let expected = [
        ("http.response.status_code", "400"),
        ("torq.gate", "header"),
        ("torq.outcome", "refused"),
        ("torq.provenance", "contract"),
        ("torq.request", "1"),
    ];
    for (key, value) in expected {
        assert_eq!(told[key], value, "{key}: {told:?}");
    }
    assert!(
        told.contains_key("torq.reason") && !told.contains_key("torq.executions"),
        "{told:?}"
    );

    let started = of_route("async");
    let told = said(&started.attributes);
    assert_eq!(started.name, "POST /v1/webhooks/{integration}/workflows/{workflow}");
    assert_eq!(
        (hex(&started.trace_id), hex(&started.parent_span_id)),
        (TRACE.to_owned(), CALLER.to_owned())
    );
    assert_eq!(
        (
            told["http.response.status_code"].as_str(),
            told["torq.outcome"].as_str()
        ),
        ("200", "accepted")
    );
    assert_eq!(told["torq.executions"], "1 of them");
    assert_eq!(told["http.request.method"], "POST");
    assert!(told["url.path"].starts_with("/v1/webhooks/"), "{told:?}");

    let waited = of_route("sync");
    let told = said(&waited.attributes);
    assert_eq!(
        (
            told["http.response.status_code"].as_str(),
            told["torq.seconds"].as_str()
        ),
        ("201", "50")
    );
    let holding = spans
        .iter()
        .find(|span| span.name == "held")
        .expect("its span was exported");
    assert_eq!(
        (&holding.trace_id, &holding.parent_span_id),
        (&waited.trace_id, &waited.span_id)
    );
    assert!(holding.start_time_unix_nano >= waited.start_time_unix_nano);
    assert!(holding.end_time_unix_nano <= waited.end_time_unix_nano);
}

#[test]
fn nothing_is_exported_that_nobody_asked_for() {
    let collector = Collector::start();
    let served = Traced::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
        ("OTEL_TRACES_EXPORTER", "none"),
    ]);
    assert!(rest(&mut served.call(("respond", ""), "", "{}")).starts_with("HTTP/1.1 200"));
    served.terminate();
    assert!(collector.received().is_empty());
}

/// A collector that is away costs callers nothing, and the end a few seconds at most.
#[test]
fn a_collector_that_is_away_changes_no_answer() {
    let away = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", away.local_addr().expect("it has one"));
    drop(away);
    let served = Traced::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]);
    for _ in 0..100 {
        assert!(rest(&mut served.call(("vendor", ""), "", "{}")).starts_with("HTTP/1.1 "));
    }
    served.terminate();
}

#[test]
fn a_protocol_that_is_not_spoken_is_refused_before_anything_is_served() {
    let refused = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
        .envs([
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ])
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("http/protobuf"), "{told}");
}
