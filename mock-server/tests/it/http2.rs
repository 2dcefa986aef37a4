//! HTTP/2 without negotiation, as gateways speak it behind their own TLS.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use torq_mock_server::{ClockMode, Limits, Settings};

use crate::client::within;
use crate::support::Mock;

struct Caller {
    base_url: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Caller {
    async fn connect(mock: &Mock) -> Self {
        Self::to(mock.data).await
    }

    async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let shaken = handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (sender, connection) = shaken.expect("the server speaks HTTP/2");
        tokio::spawn(connection);
        Self {
            base_url: format!("http://{address}"),
            sender,
        }
    }

    /// Sends a JSON body; the answer's status and document are to be awaited.
    fn post(&self, path: &str, body: impl Into<Bytes>) -> impl Future<Output = (u16, Value)> + Send + 'static {
        let request = http::Request::post(format!("{}{path}", self.base_url))
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .expect("the request is complete");
        let mut sender = self.sender.clone();
        async move {
            within("an answer", async {
                let response = sender.send_request(request).await.expect("an answer");
                let status = response.status().as_u16();
                let body = response
                    .into_body()
                    .collect()
                    .await
                    .expect("the whole answer")
                    .to_bytes();
                (status, serde_json::from_slice(&body).expect("a JSON document"))
            })
            .await
        }
    }
}

#[tokio::test]
async fn the_control_surface_knows_its_name_from_the_authority() {
    let mock = Mock::start().await;
    let mut caller = Caller::to(mock.control).await;
    let advance = r#"{"advance": "50s"}"#;
    assert_eq!(caller.post("/clock", advance).await.0, 200);
    caller.base_url = "http://evil.example".to_owned();
    assert_eq!(caller.post("/clock", advance).await.0, 403);
}

#[tokio::test]
async fn the_three_trigger_urls_answer_on_one_connection() {
    let mock = Mock::start().await;
    let caller = Caller::connect(&mock).await;
    let path = mock.path("vendor");
    let (webhook, _) = path.split_once("/workflows/").expect("an extended URL");

    assert_eq!(caller.post(webhook, "{}").await, (200, json!({ "status": "ok" })));
    let (status, started) = caller.post(&path, "{}").await;
    assert_eq!((status, &started["status"]), (200, &json!("ok")));
    assert!(started["execution_id"].is_string(), "{started}");
    let echoed = caller.post(&format!("{path}/sync"), r#"{"key": 1}"#).await;
    assert_eq!(echoed, (200, json!({ "event": { "key": 1 } })));
    assert_eq!(mock.executions().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_on_one_connection_are_held_and_answered_each_at_its_time() {
    let mock = Mock::start().await;
    let caller = Caller::connect(&mock).await;
    let path = mock.sync_path("slow");
    let calls: Vec<_> = [20, 60, 10]
        .into_iter()
        .map(|seconds| tokio::spawn(caller.post(&path, json!({ "seconds": seconds }).to_string())))
        .collect();
    let moved = mock.advance("50s", 3).await;
    assert_eq!(
        (&moved["answered"], &moved["unsettled"]),
        (&json!(3), &json!(0)),
        "{moved}"
    );
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.expect("it is answered").0);
    }
    assert_eq!(statuses, [200, 201, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_and_the_connection_goes_on() {
    let mock = Mock::start().await;
    let caller = Caller::connect(&mock).await;
    let path = mock.path("vendor");
    for _ in 0..10 {
        let (status, refusal) = caller.post(&path, vec![b' '; 3 << 20]).await;
        assert_eq!(status, 413, "{refusal}");
        assert_eq!(caller.post(&path, "{}").await.0, 200);
    }
}

/// A reset of its stream is how an HTTP/2 caller leaves; the execution goes on without it.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_gives_up_is_in_the_journal_and_its_execution_goes_on() {
    let mock = Mock::start().await;
    let caller = Caller::connect(&mock).await;
    let call = tokio::spawn(caller.post(&mock.sync_path("slow"), r#"{"seconds": 20}"#));
    mock.advance("0s", 1).await;
    call.abort();
    within("the journal knows", async {
        loop {
            let entry = mock.journal().await.remove(0);
            if entry["answer"]["caller_gone"] == true {
                break;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    mock.advance("20s", 0).await;
    let execution = mock.executions().await.remove(0);
    assert_eq!(execution["status"], "SUCCESS", "{execution}");
}

/// As many requests at once as are taken of one connection, and one more: it is told before it is read, and may try again.
#[tokio::test]
async fn more_requests_at_once_than_a_connection_may_have_are_refused_one_by_one() {
    let limits = Limits {
        streams: 2,
        ..Limits::default()
    };
    let mock = Mock::serving(Settings {
        limits,
        clock: Some(ClockMode::Manual),
        ..Settings::default()
    })
    .await;
    let mut connection = RawConnection::open(&mock).await;
    let path = mock.sync_path("held");
    for stream in [1, 3] {
        connection.post(stream, &path).await;
    }
    mock.advance("0s", 2).await;
    connection.post(5, &path).await;
    assert_eq!(connection.refused_stream().await, (5, REFUSED_STREAM));
    let waited = mock.ask("/wait?held=3&timeout=100ms").await.json();
    assert_eq!(waited, json!({ "matched": false, "held": 2 }));
    assert_eq!(mock.journal().await.len(), 2, "it was not read");
    // Once the others have their answers there is room for one more.
    mock.advance("50s", 2).await;
    connection.post(7, &path).await;
    mock.advance("0s", 1).await;
}

/// RFC 9113, section 7: the request was not processed and can be sent again.
const REFUSED_STREAM: u32 = 7;

/// A caller who writes frames by hand and heeds no settings.
struct RawConnection(TcpStream);

impl RawConnection {
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const SETTINGS: u8 = 4;
    const END_STREAM_AND_HEADERS: u8 = 5;

    async fn open(mock: &Mock) -> Self {
        let mut stream = TcpStream::connect(mock.data).await.expect("the server listens");
        stream
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .await
            .expect("it reads");
        let mut connection = Self(stream);
        connection.send((Self::SETTINGS, 0), 0, &[]).await;
        connection
    }

    async fn send(&mut self, (kind, flags): (u8, u8), stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("a small frame").to_be_bytes();
        let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.0.write_all(&[&head, payload].concat()).await.expect("it reads");
    }

    /// A request without a body, its headers as literals that nobody indexes.
    async fn post(&mut self, stream: u32, path: &str) {
        let mut block = Vec::new();
        for (name, value) in [
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", "localhost"),
            (":path", path),
        ] {
            block.push(0);
            for text in [name, value] {
                // A length that does not fit in seven bits continues in the next octet.
                match u8::try_from(text.len()).expect("a short text") {
                    short @ ..127 => block.push(short),
                    long => block.extend([127, long - 127]),
                }
                block.extend_from_slice(text.as_bytes());
            }
        }
        self.send((Self::HEADERS, Self::END_STREAM_AND_HEADERS), stream, &block)
            .await;
    }

    /// Reads frames up to the one that refuses a request; tells which and with what code.
    async fn refused_stream(&mut self) -> (u32, u32) {
        let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        within("a refusal", async {
            loop {
                let mut head = [0; 9];
                self.0.read_exact(&mut head).await.expect("a frame");
                let mut payload = vec![0; number(&head[..3]) as usize];
                self.0.read_exact(&mut payload).await.expect("a whole frame");
                if head[3] == Self::RST_STREAM {
                    return (number(&head[5..]), number(&payload));
                }
            }
        })
        .await
    }
}
