//! What `explain` says a case sends, held against what a run of the case does send: byte for byte, over real sockets.
//!
//! Every case runs on a sandbox of the mock behind a listener that passes everything on and keeps a copy.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};
use regex::bytes::Regex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use torq_conformance::plan::Estimate;
use torq_conformance::profile::{Network, Profile, Urls};
use torq_conformance::run::{
    Client, Counts, Draws, Effect, Pace, Pacing, Purpose, Rehearsed, Setting, Surroundings, Written, rehearse, run_case,
};
use torq_conformance::spec::model::{Case, Fixtures};
use torq_conformance::spec::{self, Source};
use torq_conformance::target::{Embedded, Target};

/// Bodies beyond this may be answered before they are read, and then are not written to their end.
const LARGE: usize = 16 << 10;

/// What was written to each connection.
type Connections = Arc<Mutex<Vec<Vec<u8>>>>;

/// Passes connections on to `to` and keeps what comes in.
async fn listen_in(to: String) -> (String, Connections) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let connections = Connections::default();
    let kept = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pass_on(stream, to.clone(), kept.clone()));
        }
    });
    (url, connections)
}

async fn pass_on(stream: TcpStream, to: String, kept: Connections) {
    let Ok(upstream) = TcpStream::connect(to).await else {
        return;
    };
    for socket in [&stream, &upstream] {
        socket.set_nodelay(true).expect("it is a socket");
    }
    let (mut from_client, mut to_client) = stream.into_split();
    let (mut from_server, mut to_server) = upstream.into_split();
    let number = {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(Vec::new());
        kept.len() - 1
    };
    let answers = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
        kept.lock().unwrap_or_else(PoisonError::into_inner)[number].extend_from_slice(&buffer[..count]);
        if to_server.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    drop(to_server);
    let _ = answers.await;
}

/// The requests of a connection; what is left over at its end is one as well.
fn requests(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let end = end_of_request(bytes).unwrap_or(bytes.len()).min(bytes.len());
        found.push(bytes[..end].to_vec());
        bytes = &bytes[end..];
    }
    found
}

fn end_of_request(bytes: &[u8]) -> Option<usize> {
    let find = |from: usize, what: &[u8]| {
        let mut windows = bytes[from..].windows(what.len());
        windows
            .position(|window| window == what)
            .map(|at| from + at + what.len())
    };
    let head = find(0, b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    if text.contains("\r\ntransfer-encoding:") {
        return find(head, b"0\r\n\r\n");
    }
    let length = text
        .split("\r\ncontent-length:")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    Some(head + length.and_then(|it| it.trim().parse::<usize>().ok()).unwrap_or(0))
}

/// The bytes as a pattern, with anything in the place of placeholders, and any length where one is in the body.
fn pattern(written: &Written) -> String {
    let text = String::from_utf8_lossy(&written.bytes).into_owned();
    let in_body = |body: &str| written.placeholders.iter().any(|it| body.contains(&it.text));
    let any_length = text.split_once("\r\n\r\n").is_some_and(|(_, body)| in_body(body));
    let mut pattern = regex::escape(&text);
    for placeholder in &written.placeholders {
        pattern = pattern.replace(&regex::escape(&placeholder.text), r"[!-~]+");
    }
    if any_length {
        let length = regex::Regex::new("content\\\\-length: [0-9]+").expect("it is a pattern");
        pattern = length.replace(&pattern, r"content\-length: [0-9]+").into_owned();
    }
    pattern
}

/// Whether these bytes are what was explained, with anything in the place of placeholders.
fn is_explained_by(sent: &[u8], written: &Written) -> bool {
    if written.placeholders.is_empty() {
        return sent == &written.bytes[..]
            || (written.bytes.len() > LARGE
                && sent.windows(4).any(|it| it == b"\r\n\r\n")
                && written.bytes.starts_with(sent));
    }
    let pattern = pattern(written);
    let pattern = Regex::new(&format!("^(?s-u:{pattern})$")).expect("what is escaped is a pattern");
    pattern.is_match(sent)
}

/// Everything that was explained and not sent so often, or sent and not explained.
fn differences(explained: &[Rehearsed<'_>], sent: &[Vec<u8>]) -> Vec<String> {
    let mut expected: BTreeMap<String, (&Written, usize, usize)> = BTreeMap::new();
    let mut differences = Vec::new();
    for step in explained {
        let requests = match &step.requests {
            Ok(requests) => requests,
            Err(reason) => {
                differences.push(format!("not explained: {reason}"));
                continue;
            }
        };
        for written in requests {
            let (least, most) = match (&step.pacing, written.purpose) {
                // Asked for again when half of its life is over.
                (_, Purpose::Token) => (1, usize::MAX / 4),
                (Pacing::Once, Purpose::Step) => (1, 1),
                (Pacing::Burst { count, .. }, Purpose::Step) => {
                    let count = usize::try_from(*count).expect("a burst is no larger");
                    (count, count)
                }
                (Pacing::Poll { .. }, Purpose::Step) => (1, usize::MAX / 4),
            };
            let known = expected.entry(pattern(written)).or_insert((written, 0, 0));
            known.1 += least;
            known.2 += most;
        }
    }
    for (written, least, most) in expected.values() {
        let count = sent.iter().filter(|sent| is_explained_by(sent, written)).count();
        if count < *least || count > *most {
            let text = String::from_utf8_lossy(&written.bytes[..written.bytes.len().min(400)]).into_owned();
            differences.push(format!("explained, and sent {count} times, not {least}:\n{text}"));
        }
    }
    for request in sent {
        if !expected.values().any(|(written, ..)| is_explained_by(request, written)) {
            let text = String::from_utf8_lossy(&request[..request.len().min(400)]).into_owned();
            differences.push(format!("sent and not explained:\n{text}"));
        }
    }
    differences
}

/// What an estimate has wrong about what was sent.
fn misjudged(estimate: &Estimate, explained: &[Rehearsed<'_>], sent: &[Vec<u8>]) -> Option<String> {
    let (requests, bytes) = (sent.len() as u64, sent.iter().map(|it| it.len() as u64).sum::<u64>());
    // What stands for an id or a token is not as long as one, and servers may answer before a large body is all there.
    let slack = 64 * requests;
    let at_least = bytes + slack >= estimate.bytes.least || estimate.largest_body > LARGE as u64;
    let fits = (estimate.requests.least..=estimate.requests.most).contains(&requests)
        && (captures_a_body(explained) || (at_least && bytes <= estimate.bytes.most + slack));
    (!fits).then(|| format!("{requests} requests and {bytes} bytes were sent, which is not {estimate:?}"))
}

/// Whether some body is made of what an earlier answer brought, so that only a run knows its size.
fn captures_a_body(explained: &[Rehearsed<'_>]) -> bool {
    let written = explained.iter().flat_map(|step| step.requests.iter().flatten());
    let mut bodies = written.filter_map(|it| {
        let text = String::from_utf8_lossy(&it.bytes).into_owned();
        let body = text.split_once("\r\n\r\n")?.1.to_owned();
        Some((body, &it.placeholders))
    });
    bodies.any(|(body, placeholders)| placeholders.iter().any(|it| body.contains(&it.text)))
}

/// What of a case was not explained as it was sent.
async fn check(case: &Case, (target, fixtures): (&Target, &Fixtures), client: &Client) -> Vec<String> {
    let mut stage = target.stage().await.expect("a sandbox is made");
    let (control, sandbox) = stage.clock.clone().expect("its clock is moved by hand");
    let now = control.now(&sandbox).await.expect("it tells the time") / 1_000_000_000;
    let mut profile = Profile::clone(&stage.profile);
    let to = profile.urls.hooks.trim_start_matches("http://").to_owned();
    let (url, connections) = listen_in(to).await;
    profile.urls = Urls {
        hooks: url.clone(),
        api: url.clone(),
        auth: url,
    };
    stage.profile = Arc::new(profile.clone());
    let surroundings = Surroundings {
        client,
        pace: &Pace::unlimited(),
        latency: Duration::ZERO,
        began: Instant::now(),
    };
    let run = run_case(case, &stage, surroundings).await;
    stage.clear().await;
    let setting = Setting {
        profile: &profile,
        fixtures,
        now,
    };
    let explained = rehearse(case, setting, client).await;
    let sent: Vec<_> = {
        let connections = connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.iter().flat_map(|bytes| requests(bytes)).collect()
    };
    let mut found = differences(&explained, &sent);
    found.extend(misjudged(&Estimate::of(case, &explained), &explained, &sent));
    let clean = run.trouble.is_none() && run.steps.iter().all(|step| step.findings.is_clean());
    if !clean {
        found.push(format!("it did not get to its end: {:?}", run.trouble));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_byte_a_case_sends_is_the_byte_that_was_explained() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let fixtures = &loaded.specs.fixtures;
    let client = Client::new(&Network::default()).expect("a client is made");
    let mock = Embedded::start().await.expect("it starts");
    let target = mock.target(client.http(), (&fixtures.file, &fixtures.text));
    let checked = stream::iter(&loaded.specs.cases).map(|case| {
        let (target, client) = ((&target, fixtures), &client);
        async move { (case.id.as_str(), check(case, target, client).await) }
    });
    let checked: Vec<_> = checked.buffer_unordered(8).collect().await;
    mock.shut_down().await;
    assert!(checked.len() > 500);
    let wrong = checked.iter().filter(|(_, differences)| !differences.is_empty());
    let wrong: Vec<_> = wrong.map(|(id, found)| format!("{id}\n{}", found.join("\n"))).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        checked.len(),
        wrong[..wrong.len().min(5)].join("\n\n")
    );
}

#[test]
fn another_byte_is_noticed() {
    let explained = Written {
        purpose: Purpose::Step,
        url: String::new(),
        bytes: (&b"GET /-captured-id- HTTP/1.1\r\nA: b\r\n\r\n"[..]).into(),
        placeholders: vec![torq_conformance::run::Placeholder {
            text: "-captured-id-".to_owned(),
            shown: "${id}".to_owned(),
        }],
        effect: Effect {
            counts: Counts::Execution,
            starts: 1,
            workspace: None,
            draws: Draws::Nothing,
        },
    };
    assert!(is_explained_by(b"GET /17 HTTP/1.1\r\nA: b\r\n\r\n", &explained));
    for other in [
        "GET /17 HTTP/1.1\r\na: b\r\n\r\n",
        "GET /1 7 HTTP/1.1\r\nA: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n\r\n",
    ] {
        assert!(!is_explained_by(other.as_bytes(), &explained), "{other}");
    }
}
