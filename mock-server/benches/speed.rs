//! What the mock costs over a bare hyper server: asynchronous triggers per second, and memory per held synchronous call.
//!
//! `cargo bench -p torq-mock-server`. Both servers run in processes of their own, with the same runtime and the same hyper
//! settings, and with the allocator of `torq-mock`; this process is the client of both, in turns, so that a busy machine slows both
//! alike. Only the ratios mean anything.

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use mimalloc::MiMalloc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use torq_mock_server::config::Config;
use torq_mock_server::{Server as Mock, Settings};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Connections that send one request after the other.
const CONNECTIONS: usize = 32;
/// How long one turn of one server takes.
const TURN: Duration = Duration::from_millis(1_500);
/// Turns of each server; the first is for warming up.
const TURNS: usize = 8;
/// Synchronous calls held at once.
const HELD: usize = 10_000;

/// No limit is in the way; the rest of the path is as always.
const CONFIGURATION: &str = "
clock: manual
behaviour:
  rate: { limit: unlimited }
workspaces: { main: {} }
integrations:
  guarded:
    workspace: main
    headers: [{ name: X-Torq-Token, secret: not-much-of-a-secret }]
workflows:
  quick:
    integration: guarded
    published: [{ exit: { json: { event: \"{{ $.event }}\" } } }]
  held:
    integration: guarded
    published: [{ hold: until the end }]
";

const BODY: &str = r#"{"alert":"disk full","host":"db-1","severity":3,"labels":["a","b"]}"#;

fn main() {
    let role = std::env::args().nth(1).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    match role.as_str() {
        "serve-mock" => runtime.block_on(serve_mock()),
        "serve-bare" => runtime.block_on(serve_bare()),
        _ => runtime.block_on(compare()),
    }
}

async fn compare() {
    let mut out = anstream::stdout();
    let mut say = |line: String| writeln!(out, "{line}").expect("standard output is open");
    let (mock, bare) = (Server::start("serve-mock"), Server::start("serve-bare"));
    say(format!(
        "asynchronous triggers, {CONNECTIONS} connections, median of {} turns each",
        TURNS - 1
    ));
    let (mut mock_turns, mut bare_turns) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let bare_turn = turn_of(&bare).await;
        let mock_turn = turn_of(&mock).await;
        if turn > 0 {
            bare_turns.push(bare_turn);
            mock_turns.push(mock_turn);
        }
    }
    let (bare_rate, mock_rate) = (median(&bare_turns, |it| it.rate), median(&mock_turns, |it| it.rate));
    let (bare_cpu, mock_cpu) = (median(&bare_turns, |it| it.cpu), median(&mock_turns, |it| it.cpu));
    say(format!(
        "  bare hyper {bare_rate:>10.0} /s   {:>6.1} µs of its processor time each",
        bare_cpu * 1e6
    ));
    say(format!(
        "  mock       {mock_rate:>10.0} /s   {:>6.1} µs of its processor time each",
        mock_cpu * 1e6
    ));
    say(verdict("ratio", mock_rate / bare_rate, Aim::AtLeast(0.8)));

    say(format!("\nmemory per held synchronous call, {HELD} held"));
    drop((mock, bare));
    // Fresh ones, since what the others remember would hide what a call adds.
    let bare_bytes = bytes_per_held_call(&Server::start("serve-bare")).await;
    let mock_bytes = bytes_per_held_call(&Server::start("serve-mock")).await;
    match (bare_bytes, mock_bytes) {
        (Some(bare_bytes), Some(mock_bytes)) => {
            say(format!("  bare hyper {bare_bytes:>10.0} bytes"));
            say(format!("  mock       {mock_bytes:>10.0} bytes"));
            say(verdict("ratio", mock_bytes / bare_bytes, Aim::AtMost(1.25)));
        }
        _ => say("  not measured: this machine has no /proc/PID/status".to_owned()),
    }
}

#[derive(Clone, Copy)]
enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

fn verdict(name: &str, value: f64, aim: Aim) -> String {
    let (words, reached) = match aim {
        Aim::AtLeast(bound) => (format!("{bound} or more"), value >= bound),
        Aim::AtMost(bound) => (format!("{bound} or less"), value <= bound),
    };
    let reached = if reached { "reached" } else { "missed" };
    format!("  {name:<10} {value:>10.2}      aim: {words} ({reached})")
}

/// A server in a process of its own; it ends when its standard input does.
struct Server {
    process: Child,
    _stdin: ChildStdin,
    address: SocketAddr,
    /// The path and headers of a request, one for each use.
    quick: String,
    held: String,
}

impl Server {
    fn start(role: &str) -> Self {
        let own = std::env::current_exe().expect("this program has a path");
        let mut process = Command::new(own)
            .arg(role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdin = process.stdin.take().expect("it was piped");
        let mut lines = BufReader::new(process.stdout.take().expect("it was piped")).lines();
        let mut line = || lines.next().expect("three lines").expect("they are text");
        let address = line().parse().expect("an address");
        let (quick, held) = (line(), line());
        Self {
            process,
            _stdin: stdin,
            address,
            quick: request(&quick),
            held: request(&held),
        }
    }

    /// Processor time used so far, in seconds, where the system tells.
    fn processor_seconds(&self) -> Option<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        let fields: Vec<_> = text.rsplit_once(") ")?.1.split(' ').collect();
        let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
        // The unit of these fields has been a hundredth of a second on every Linux for decades.
        Some(ticks / 100.0)
    }

    /// Resident memory in bytes, where the system tells.
    fn resident_bytes(&self) -> Option<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kibibytes * 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn request(path: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Torq-Token: \
         not-much-of-a-secret\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    )
}

/// One server's turn.
struct Turn {
    rate: f64,
    /// Processor seconds of the server per request.
    cpu: f64,
}

async fn turn_of(server: &Server) -> Turn {
    let before = server.processor_seconds().unwrap_or_default();
    let began = Instant::now();
    let lanes = (0..CONNECTIONS).map(|_| tokio::spawn(lane(server.address, server.quick.clone(), began + TURN)));
    let mut requests = 0;
    for lane in lanes.collect::<Vec<_>>() {
        requests += lane.await.expect("a lane does not panic");
    }
    let requests = f64::from(requests);
    Turn {
        rate: requests / began.elapsed().as_secs_f64(),
        cpu: (server.processor_seconds().unwrap_or_default() - before) / requests,
    }
}

/// One request after the other until `end`; answers of one server all have the same length.
async fn lane(address: SocketAddr, request: String, end: Instant) -> u32 {
    let mut stream = connect(address).await;
    let mut buffer = vec![0; 4096];
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let length = stream.read(&mut buffer).await.expect("it answers");
    let first = String::from_utf8_lossy(&buffer[..length]);
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    let mut requests = 1;
    while Instant::now() < end {
        stream.write_all(request.as_bytes()).await.expect("it reads");
        stream.read_exact(&mut buffer[..length]).await.expect("it answers");
        requests += 1;
    }
    requests
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a TCP stream can do that");
    stream
}

/// How much the server grows by one more held call.
async fn bytes_per_held_call(server: &Server) -> Option<f64> {
    let before = server.resident_bytes()?;
    let mut open = Vec::with_capacity(HELD);
    for _ in 0..HELD {
        let mut stream = connect(server.address).await;
        stream.write_all(server.held.as_bytes()).await.expect("it reads");
        open.push(stream);
    }
    // Once the last call is held all are, or soon will be: memory that no longer grows says so.
    let mut resident = server.resident_bytes()?;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = server.resident_bytes()?;
        if now <= resident {
            break;
        }
        resident = now;
    }
    Some((resident - before) / HELD as f64)
}

fn median(turns: &[Turn], value: impl Fn(&Turn) -> f64) -> f64 {
    let mut values: Vec<_> = turns.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn serve_mock() {
    let config = Config::load("benchmark", CONFIGURATION, None).expect("the configuration is right");
    let server = Mock::start(Settings {
        config: Some(config),
        ..Settings::default()
    });
    let server = server.await.expect("it listens");
    let profile = server.profile().expect("the sandbox is there");
    let text = |value: &serde_json::Value| value.as_str().expect("it is text").to_owned();
    let hook = format!(
        "/v1/webhooks/{}/workflows",
        text(&profile["integrations"]["guarded"]["id"])
    );
    let quick = format!("{hook}/{}", text(&profile["workflows"]["quick"]["id"]));
    let held = format!("{hook}/{}/sync", text(&profile["workflows"]["held"]["id"]));
    let base_url = server.base_url().expect("the sandbox is there");
    announce(base_url.trim_start_matches("http://"), &quick, &held);
    until_told_to_stop().await;
}

/// The listener of the mock's edge without the mock: the body is read, and a constant answered, or nothing at all.
async fn serve_bare() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has one").to_string();
    announce(&address, "/quick", "/held");
    let accepting = async {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a TCP stream can do that");
            tokio::spawn(async move {
                let mut builder = Builder::new(TokioExecutor::new());
                builder
                    .http1()
                    .timer(TokioTimer::new())
                    .header_read_timeout(Duration::from_secs(30))
                    .half_close(true)
                    .auto_date_header(false);
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service_fn(constant))
                    .await;
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = until_told_to_stop() => {}
    }
}

async fn constant(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let held = request.uri().path() == "/held";
    let body = request
        .into_body()
        .collect()
        .await
        .map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    if held {
        std::future::pending::<()>().await;
    }
    drop(body);
    let answer = r#"{"execution_id":"abfc4b5b-07d0-4d72-b338-73df2546c5eb","status":"ok"}"#;
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("date", "Thu, 01 Jan 2026 00:00:00 GMT")
        .body(Full::new(Bytes::from_static(answer.as_bytes())));
    Ok(response.expect("its parts are valid"))
}

fn announce(address: &str, quick: &str, held: &str) {
    let mut out = std::io::stdout();
    write!(out, "{address}\n{quick}\n{held}\n").expect("somebody reads");
    out.flush().expect("somebody reads");
}

/// Returns when whoever started this process closes its standard input.
async fn until_told_to_stop() {
    let waiting = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = waiting.await;
}
