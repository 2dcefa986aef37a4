//! Bodies at, over and short of the limit, and the 413 that has to reach a caller who is still writing.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::client::{Answer, Connection, exchange, json_request, request, within};
use crate::support::Mock;

const LIMIT: usize = 100_000;

const CONFIGURATION: &str = r#"
behaviour: { payload: { limit: 100000 }, rate: { limit: unlimited } }
workspaces: { main: {} }
integrations: { open: { workspace: main } }
workflows:
  sink: { integration: open, published: [ { exit: { json: { done: true } } } ] }
"#;

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A JSON text of exactly so many bytes.
fn json_of(length: usize) -> Vec<u8> {
    let mut body = vec![b'x'; length];
    body[0] = b'"';
    body[length - 1] = b'"';
    body
}

/// The head of a request whose body follows in chunks.
fn chunked_head(path: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat()
}

fn assert_too_large(answer: &Answer) {
    assert_eq!(answer.status, 413, "{}", answer.text());
    let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.starts_with("Payload is too large"), "{message}");
}

#[tokio::test]
async fn a_body_of_the_limit_is_accepted_and_one_byte_more_is_refused() {
    let mock = Mock::with(CONFIGURATION).await;
    let path = mock.path("sink");
    for (length, status) in [(LIMIT, 200), (LIMIT + 1, 413)] {
        let body = json_of(length);
        let declared = exchange(mock.data, &request("POST", &path, &[JSON], &body)).await;
        assert_eq!(declared.status, status, "declared {length}: {}", declared.text());
        let (first, second) = body.split_at(length / 2);
        let bytes = [
            chunked_head(&path).into_bytes(),
            chunk(first),
            chunk(second),
            chunk(b""),
        ]
        .concat();
        let chunked = exchange(mock.data, &bytes).await;
        assert_eq!(chunked.status, status, "chunked {length}: {}", chunked.text());
    }
    assert_eq!(mock.executions().await.len(), 2);
}

#[tokio::test]
async fn the_built_in_limit_is_the_one_the_profile_tells() {
    let mock = Mock::start().await;
    let profile = mock.server.profile().expect("the default sandbox is there");
    let limit = profile["limits"]["payload"].as_u64().expect("a number of bytes");
    let limit = usize::try_from(limit).expect("it fits");
    for (length, status) in [(limit, 200), (limit + 1, 413)] {
        let bytes = request("POST", &mock.path("respond"), &[JSON], &json_of(length));
        assert_eq!(exchange(mock.data, &bytes).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_refused_before_the_body() {
    let mock = Mock::with(CONFIGURATION).await;
    let whole = request("POST", &mock.path("sink"), &[JSON], &json_of(LIMIT + 1));
    let mut connection = Connection::open(mock.data).await;
    connection.send(&whole[..whole.len() - LIMIT - 1]).await;
    assert_too_large(&connection.answer().await);
}

#[tokio::test]
async fn chunks_are_refused_as_soon_as_they_pass_the_limit() {
    let mock = Mock::with(CONFIGURATION).await;
    let mut connection = Connection::open(mock.data).await;
    connection.send(chunked_head(&mock.path("sink")).as_bytes()).await;
    connection.send(&chunk(&json_of(LIMIT))).await;
    connection.send(b"1\r\nx").await;
    assert_too_large(&connection.answer().await);
    let journal = mock.journal().await;
    assert_eq!(
        (&journal[0]["gate"], &journal[0]["body"]["over_limit"]),
        (&json!("payload"), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_writes_everything_before_it_reads_always_gets_the_refusal() {
    let mock = Mock::with(CONFIGURATION).await;
    let path = mock.path("sink");
    let declared = request("POST", &path, &[JSON], &json_of(20 * LIMIT));
    let mut chunked = chunked_head(&path).into_bytes();
    for _ in 0..20 {
        chunked.extend(chunk(&json_of(LIMIT)));
    }
    chunked.extend(chunk(b""));
    for bytes in [declared, chunked] {
        for _ in 0..50 {
            assert_too_large(&exchange(mock.data, &bytes).await);
        }
    }
    assert!(mock.executions().await.is_empty());
    mock.answers_as_usual().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_reads_while_it_writes_gets_the_refusal_too() {
    let mock = Mock::with(CONFIGURATION).await;
    let bytes = request("POST", &mock.path("sink"), &[JSON], &json_of(50 * LIMIT));
    for _ in 0..10 {
        let mut connection = Connection::open(mock.data).await;
        let answer = {
            let (reading, mut writing) = connection.stream.split();
            let written = async {
                for piece in bytes.chunks(10_000) {
                    // Once it is refused, the connection may close at any time.
                    if writing.write_all(piece).await.is_err() {
                        break;
                    }
                }
            };
            let readable = async { reading.readable().await };
            let ((), readable) = within("the refusal", async { tokio::join!(written, readable) }).await;
            readable
        };
        answer.expect("the connection is not reset");
        assert_too_large(&connection.answer().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_asks_first_need_not_send_a_body_that_is_too_large() {
    let mock = Mock::with(CONFIGURATION).await;
    let headers = [JSON, ("Expect", "100-continue")];
    for (length, expected) in [(LIMIT, vec![100, 200]), (LIMIT + 1, vec![413])] {
        for _ in 0..20 {
            let body = json_of(length);
            let whole = request("POST", &mock.path("sink"), &headers, &body);
            let mut connection = Connection::open(mock.data).await;
            connection.send(&whole[..whole.len() - length]).await;
            let mut statuses = vec![connection.answer().await.status];
            if statuses == [100] {
                connection.send(&body).await;
                statuses.push(connection.answer().await.status);
            }
            assert_eq!(statuses, expected);
            connection.half_close().await;
            assert!(connection.answer_if_any().await.is_none());
        }
    }
}

#[tokio::test]
async fn a_body_shorter_than_declared_starts_nothing_and_the_journal_says_why() {
    let mock = Mock::with(CONFIGURATION).await;
    let whole = json_request("POST", &mock.path("sink"), &json!({ "key": "value" }));
    let mut connection = Connection::open(mock.data).await;
    connection.send(&whole[..whole.len() - 3]).await;
    connection.half_close().await;
    let answer = connection.answer_if_any().await;
    assert!(answer.is_none_or(|answer| answer.status == 400));
    assert!(mock.executions().await.is_empty());
    let journal = mock.journal().await;
    let [entry] = journal.as_slice() else {
        panic!("one request came: {journal:?}");
    };
    assert_eq!(
        (&entry["gate"], &entry["provenance"]),
        (&json!("connection"), &json!("self-protection"))
    );
    let reason = entry["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("before its declared length"), "{reason}");
    assert_eq!(mock.post(&mock.path("sink"), &json!({})).await.status, 200);
}
