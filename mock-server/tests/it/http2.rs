//! HTTP/2 without negotiation, as gateways speak it behind their own TLS.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::client::within;
use crate::support::Mock;

struct Caller {
    base_url: String,
    sender: SendRequest<Full<Bytes>>,
}

impl Caller {
    async fn connect(mock: &Mock) -> Self {
        let stream = TcpStream::connect(mock.data).await.expect("the server listens");
        let shaken = handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (sender, connection) = shaken.expect("the server speaks HTTP/2");
        tokio::spawn(connection);
        Self {
            base_url: format!("http://{}", mock.data),
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
