//! What whoever runs the server looks at: probes, counts, the configuration served anew, and TLS.

use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use torq_mock_server::config::Config;
use torq_mock_server::{Server, Settings, Source, Tls};

use crate::client::{exchange, json_request, request, within};
use crate::clients;
use crate::support::{Mock, path_in};

#[tokio::test]
async fn probes_need_no_token_and_everything_else_does() {
    let mock = Mock::serving(Settings {
        control_token: Some("a-token-for-control".to_owned()),
        ..Settings::default()
    })
    .await;
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/metrics", 401), ("/reload", 401)] {
        assert_eq!(mock.ask(path).await.status, status, "{path}");
    }
    assert_eq!(mock.ask("/readyz").await.json(), json!({ "status": "ready" }));
}

#[tokio::test]
async fn a_server_that_stops_is_not_ready_while_it_finishes() {
    let mock = Mock::start().await;
    // A request in the middle keeps the sandbox busy, and with it the control surface open for a moment.
    let mut unfinished = crate::client::Connection::open(mock.data).await;
    unfinished
        .send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
        .await;
    let mut asking = crate::client::Connection::open(mock.control).await;
    asking.send(&request("GET", "/readyz", &[], b"")).await;
    assert_eq!(asking.answer().await.status, 200);
    mock.ask("/wait?held=0").await;
    let control = mock.control;
    let stopping = tokio::spawn(mock.server.shutdown());
    loop {
        let answer = exchange(control, &request("GET", "/readyz", &[], b"")).await;
        if answer.status == 503 {
            assert_eq!(answer.json(), json!({ "status": "stopping" }));
            break;
        }
    }
    within("the end", stopping).await.expect("it ends");
}

#[tokio::test]
async fn what_happens_is_counted_and_no_secret_is() {
    let mock = Mock::start().await;
    let secret = mock.profile["integrations"]["guarded"]["headers"][0]["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    mock.post(&mock.path("respond"), &json!({ "leak": secret })).await;
    mock.post(&mock.path("guarded"), &json!({})).await;
    exchange(mock.data, &request("GET", &format!("/{secret}"), &[], b"")).await;
    exchange(mock.data, b"rubbish\r\n\r\n").await;
    let _held = mock.call(&mock.sync_path("held"), &json!({})).await;
    mock.ask("/wait?held=1").await;
    let metrics = mock.ask("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .is_some_and(|it| it.starts_with("application/openmetrics-text"))
    );
    let text = metrics.text();
    for line in [
        r#"torq_mock_requests_total{route="async",answer="200",gate="none",provenance="contract"} 1"#,
        r#"torq_mock_requests_total{route="async",answer="400",gate="header",provenance="contract"} 1"#,
        r#"torq_mock_requests_total{route="unknown",answer="404",gate="path",provenance="contract"} 1"#,
        r#"torq_mock_requests_total{route="unknown",answer="automatic",gate="connection",provenance="self-protection"} 1"#,
        "torq_mock_held_calls 1",
        "torq_mock_sandboxes 1",
        r#"torq_mock_executions{status="ON_HOLD"} 1"#,
        r#"torq_mock_executions{status="SUCCESS"} 1"#,
        "# EOF",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    for line in [
        "# UNIT torq_mock_memory_bytes bytes",
        &format!(r#"torq_mock_build_info{{version="{}"}} 1"#, env!("CARGO_PKG_VERSION")),
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    let samples = |name: &str| text.lines().filter(|it| it.starts_with(name)).collect::<Vec<_>>();
    for name in [
        "torq_mock_requests_total{",
        "torq_mock_executions{",
        "torq_mock_memory_bytes{",
    ] {
        assert!(samples(name).len() > 1 && samples(name).is_sorted(), "{name}\n{text}");
    }
    let journal = text
        .lines()
        .find(|it| it.starts_with(r#"torq_mock_memory_bytes{kind="journal"}"#));
    let bytes = journal.and_then(|it| it.rsplit(' ').next()?.parse::<u64>().ok());
    assert!(bytes.is_some_and(|bytes| bytes > 500), "{text}");
    assert!(!text.contains(&secret));
}

const ONE: &str = "workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\n\
                   workflows: { one: { integration: i, published: [] } }\n";
const TWO: &str = "workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\n\
                   workflows: { two: { integration: i, published: [ { hold: a } ] } }\n";

/// A server whose configuration can be changed.
async fn changeable() -> (Mock, Arc<Mutex<String>>) {
    let text = Arc::new(Mutex::new(ONE.to_owned()));
    let read = {
        let text = text.clone();
        move || Ok(text.lock().expect("nobody panicked").clone())
    };
    let load = |text: &str| Config::load("mine.yaml", text, None).map_err(|it| it.to_string());
    let mock = Mock::serving(Settings {
        config: load(ONE).ok(),
        source: Some(Source::new("mine.yaml", ONE, read, load)),
        ..Settings::default()
    });
    (mock.await, text)
}

#[tokio::test]
async fn another_configuration_is_served_on_the_same_port_once_it_is_right() {
    let (mock, text) = changeable().await;
    let one = mock.path("one");
    assert_eq!(mock.post(&one, &json!({})).await.status, 200);

    *text.lock().expect("nobody panicked") = "workflow: {}\n".to_owned();
    let refused = mock.tell("/reload", &json!({})).await;
    assert_eq!(refused.status, 422);
    let refused = refused.json();
    let wrong = refused["wrong"].as_str().unwrap_or_default();
    assert!(wrong.contains("did you mean `workflows`?"), "{refused}");
    assert!(
        refused["error"]
            .as_str()
            .is_some_and(|it| it.contains("the old one is served on"))
    );
    assert_eq!(
        mock.post(&one, &json!({})).await.status,
        200,
        "the old one is still served"
    );
    assert_eq!(mock.journal().await.len(), 2);
    let told = mock.ask("/reload").await.json();
    assert_eq!((&told["file"], &told["reloads"]), (&json!("mine.yaml"), &json!(0)));
    assert!(told["wrong"].is_string(), "{told}");

    *text.lock().expect("nobody panicked") = TWO.to_owned();
    let served = mock.tell("/reload", &json!({})).await;
    assert_eq!((served.status, &served.json()["reloads"]), (200, &json!(1)));
    assert_eq!(served.json()["wrong"], json!(null));
    assert_eq!(mock.journal().await.len(), 0);
    let two = path_in(&mock.ask("/sandboxes/default").await.json()["profile"], "two");
    let started = exchange(mock.data, &json_request("POST", &two, &json!({}))).await;
    assert_eq!(started.status, 200, "{}", started.text());
    assert_eq!(mock.post(&one, &json!({})).await.status, 404);
}

#[tokio::test]
async fn what_is_waited_for_is_counted_since_the_journal_was_last_emptied() {
    let (mock, _) = changeable().await;
    let path = mock.path("one");
    for emptied in ["/reset?scope=journal", "/reset", "/reload"] {
        for _ in 0..2 {
            assert_eq!(mock.post(&path, &json!({})).await.status, 200, "{emptied}");
        }
        let seen = mock.ask("/wait?requests=2").await.json();
        assert_eq!(seen, json!({ "matched": true, "requests": 2 }), "{emptied}");
        assert_eq!(mock.tell(emptied, &json!({})).await.status, 200);
        let none = mock.ask("/wait?requests=1&timeout=10ms").await.json();
        assert_eq!(none, json!({ "matched": false, "requests": 0 }), "{emptied}");
    }
}

#[tokio::test]
async fn a_call_is_answered_under_the_configuration_it_came_under() {
    let (mock, text) = changeable().await;
    *text.lock().expect("nobody panicked") = TWO.to_owned();
    assert_eq!(mock.tell("/reload", &json!({})).await.status, 200);
    let two = path_in(&mock.ask("/sandboxes/default").await.json()["profile"], "two");
    let mut held = mock.call(&format!("{two}/sync"), &json!({})).await;
    mock.ask("/wait?held=1").await;
    *text.lock().expect("nobody panicked") = ONE.to_owned();
    assert_eq!(mock.tell("/reload", &json!({})).await.status, 200);
    within("the end", mock.server.shutdown()).await;
    assert_eq!(held.answer().await.status, 201);
}

#[tokio::test]
async fn without_a_file_there_is_nothing_to_read_again() {
    let mock = Mock::start().await;
    assert_eq!(mock.tell("/reload", &json!({})).await.status, 409);
    assert_eq!(mock.ask("/reload").await.json()["file"], json!(null));
}

/// A connection over TLS under a name, which is trusted as far as `authority` goes.
async fn connect(
    server: &Server,
    (name, authority): (&str, &str),
    protocol: &str,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(authority.as_bytes()).expect("a certificate");
    roots.add(certificate).expect("it is an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("there are some")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let base_url = server.base_url().expect("it is there");
    let place = base_url.strip_prefix("https://").expect("an https URL");
    let stream = TcpStream::connect(place).await?;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test]
async fn a_client_that_insists_on_https_and_a_hooks_host_is_served() {
    let tls = Tls::self_signed(&["hooks.torq.test".to_owned()]).expect("a certificate");
    let authority = tls.authority().expect("one was made").to_owned();
    let server = Server::start(Settings {
        tls: Some(tls.clone()),
        ..Settings::default()
    });
    let server = server.await.expect("it listens");
    for name in ["hooks.torq.test", "localhost", "127.0.0.1"] {
        let mut stream = connect(&server, (name, &authority), "http/1.1").await.expect(name);
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await
            .expect("it reads");
        let mut answer = String::new();
        within("an answer", stream.read_to_string(&mut answer))
            .await
            .expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    let second = connect(&server, ("hooks.torq.test", &authority), "h2")
        .await
        .expect("HTTP/2");
    assert_eq!(second.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));

    let stranger = connect(&server, ("hooks.other.test", &authority), "h2").await;
    assert!(stranger.is_err(), "a name that is not in the certificate");
    let other = Tls::self_signed(&[]).expect("a certificate");
    assert_ne!(other.fingerprint(), tls.fingerprint());
    let distrusted = connect(&server, ("localhost", other.authority().expect("one was made")), "h2").await;
    assert!(distrusted.is_err(), "an authority that is not trusted");
    let clear = server.base_url().expect("it is there").replace("https://", "");
    let mut plain = TcpStream::connect(clear).await.expect("it listens");
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .expect("it reads");
    let mut rest = Vec::new();
    // Whether it is closed or reset, no HTTP comes back.
    let _ = within("the end", plain.read_to_end(&mut rest)).await;
    assert!(!rest.starts_with(b"HTTP"));
    drop(second);
    within("the end", server.shutdown()).await;
}

/// What strict clients demand of a certificate, written for the standard library of Python.
const STRICT: &str = "
import socket, ssl, sys
host, port = sys.argv[1].rsplit(':', 1)
trust = ssl.create_default_context(cafile=sys.argv[2])
trust.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
with socket.create_connection((host, int(port))) as plain:
    with trust.wrap_socket(plain, server_hostname='hooks.torq.test') as secure:
        found = secure.getpeercert()
        seconds = ssl.cert_time_to_seconds(found['notAfter']) - ssl.cert_time_to_seconds(found['notBefore'])
        print(dict(pair[0] for pair in found['subject'])['commonName'], 0 < seconds <= 825 * 86400)
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_verifies_strictly_is_served() {
    let Some(python) = clients::interpreter("python3", "the strict client") else {
        return;
    };
    let tls = Tls::self_signed(&["hooks.torq.test".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, tls.authority().expect("one was made")).expect("it is written");
    let server = Server::start(Settings {
        tls: Some(tls),
        ..Settings::default()
    });
    let server = server.await.expect("it listens");
    let place = server.base_url().expect("it is there").replace("https://", "");
    let asked = tokio::task::spawn_blocking(move || {
        let mut python = std::process::Command::new(python);
        python.args(["-c", STRICT, &place]).arg(authority).output()
    });
    let told = asked.await.expect("it ends").expect("it starts");
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert_eq!(
        said.trim(),
        "hooks.torq.test True",
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
}

#[test]
fn a_certificate_that_is_given_has_to_fit_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["hooks.torq.test".to_owned()]).expect("a certificate");
    let other = rcgen::KeyPair::generate().expect("a key");
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("it is written");
        path
    };
    let certificate = file("cert.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());
    let wrong = file("other.pem", other.serialize_pem());
    let served = Tls::from_files(&certificate, &key).expect("they fit");
    assert_eq!((served.authority(), served.fingerprint().len()), (None, 64));
    let told = |certificate, key| Tls::from_files(certificate, key).expect_err("it is wrong").to_string();
    assert!(told(&certificate, &wrong).contains("cannot be used"));
    assert!(told(&certificate, &certificate).contains("private key"));
    assert!(told(&folder.path().join("none.pem"), &key).contains("none.pem"));
}
