//! HTTP/1.1 written and read byte by byte, for what an ordinary client would not send or would tidy up.
//!
//! Reads while it writes: a server may answer and close before it has read the body, and that answer must not be lost. What an
//! answer is made of, `incoming` knows.

mod incoming;

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;

use incoming::Incoming;
pub(super) use incoming::MAX_BODY;

use super::connect::{Connector, NoConnection};
use super::request::Prepared;
use super::values::host;
use crate::attempt::{Answer, Payload, RequestWritten, Unanswered};
use crate::spec::model::{AfterWriting, Framing};

/// An answer with the moments that matter.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// The answer.
    pub answer: Answer,
    /// When all of the request had been written, or the answer began, whichever was first.
    pub written: Instant,
    /// The first byte.
    pub first_byte: Instant,
    /// The last byte.
    pub complete: Instant,
}

/// Whether an answer has begun; set once, while somebody else waits for its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Begun(Arc<OnceLock<Instant>>);

impl Begun {
    /// The first byte is here.
    pub(crate) fn now(&self) -> Instant {
        *self.0.get_or_init(Instant::now)
    }

    /// When the first byte was here.
    pub(crate) fn at(&self) -> Option<Instant> {
        self.0.get().copied()
    }
}

/// What is written on a connection.
struct Writing {
    pieces: Vec<Bytes>,
    after: AfterWriting,
    /// The answer has no body, whatever it declares.
    no_body: bool,
}

/// Writes requests and reads answers, a connection for each.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    connector: Connector,
}

impl Wire {
    /// Over these connections.
    #[must_use]
    pub(crate) const fn new(connector: Connector) -> Self {
        Self { connector }
    }

    /// Sends a prepared request and reads its answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn send(&self, prepared: &Prepared, begun: &Begun) -> Result<Arrived, Unanswered> {
        let path = path_of(&prepared.url);
        let mut head = format!(
            "{} {path} HTTP/1.1\r\nHost: {}\r\n",
            prepared.method,
            host(&prepared.url)
        );
        for (name, value) in &prepared.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = prepared.body.clone();
        match (&body, prepared.framing) {
            (Some(body), Framing::Declared) => head.push_str(&format!("Content-Length: {}\r\n", body.len())),
            (Some(_), Framing::Chunked) => head.push_str("Transfer-Encoding: chunked\r\n"),
            (None, _) => {}
        }
        head.push_str("Connection: close\r\n\r\n");
        let mut bytes = vec![Bytes::from(head)];
        match (body, prepared.framing) {
            (Some(body), Framing::Declared) => bytes.push(body),
            (Some(body), Framing::Chunked) => bytes.extend(chunks(&body)),
            (None, _) => {}
        }
        let writing = Writing {
            pieces: bytes,
            after: AfterWriting::KeepOpen,
            no_body: prepared.method == "HEAD",
        };
        self.exchange(&prepared.url, writing, begun).await
    }

    /// Writes bytes as they are and reads whatever answer comes.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn send_raw(
        &self,
        url: &str,
        (bytes, after): (Bytes, AfterWriting),
        begun: &Begun,
    ) -> Result<Arrived, Unanswered> {
        let writing = Writing {
            pieces: vec![bytes],
            after,
            no_body: false,
        };
        self.exchange(url, writing, begun).await
    }

    async fn exchange(&self, url: &str, message: Writing, begun: &Begun) -> Result<Arrived, Unanswered> {
        let Writing { pieces, after, no_body } = message;
        let stream = self.connector.open(url).await;
        let stream = stream.map_err(|error| Unanswered::NoConnection(error.to_string()))?;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let writing = async {
            for piece in pieces {
                writer.write_all(&piece).await?;
            }
            writer.flush().await?;
            if after == AfterWriting::HalfClose {
                writer.shutdown().await?;
            }
            Ok::<_, io::Error>(Instant::now())
        };
        let mut incoming = Incoming::default();
        tokio::pin!(writing);
        let mut written = None;
        // Until the answer begins, both directions; a failed write alone is no verdict, the answer may be on its way.
        loop {
            tokio::select! {
                result = &mut writing, if written.is_none() => written = Some(result),
                read = incoming.read_more(&mut reader) => {
                    read?;
                    break;
                }
            }
        }
        let first_byte = begun.now();
        let request_written = match &written {
            Some(Ok(_)) => RequestWritten::Whole,
            Some(Err(_)) | None => RequestWritten::Part,
        };
        let (status, headers, body) = incoming.answer(&mut reader, no_body).await?;
        let answer = Answer {
            status,
            headers,
            body: Payload::whole(body),
            request_written,
        };
        let written = written.and_then(Result::ok).unwrap_or(first_byte);
        Ok(Arrived {
            answer,
            written: written.min(first_byte),
            first_byte,
            complete: Instant::now(),
        })
    }

    /// Opens a connection and closes it again; tells how long that took.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn reach(&self, url: &str) -> Result<Duration, NoConnection> {
        let before = Instant::now();
        self.connector.open(url).await?;
        Ok(before.elapsed())
    }
}

/// The path of a URL, and its query.
pub(super) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |start| &rest[start..])
}

fn chunks(body: &Bytes) -> Vec<Bytes> {
    const SIZE: usize = 16 << 10;
    let mut out = Vec::new();
    for chunk in body.chunks(SIZE) {
        out.push(Bytes::from(format!("{:x}\r\n", chunk.len())));
        out.push(body.slice_ref(chunk));
        out.push(Bytes::from_static(b"\r\n"));
    }
    out.push(Bytes::from_static(b"0\r\n\r\n"));
    out
}
