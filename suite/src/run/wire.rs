//! HTTP/1.1 written and read byte by byte, for what an ordinary client would not send or would tidy up.
//!
//! Reads while it writes: a server may answer and close before it has read the body, and that answer must not be lost.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::connect::{Connector, NoConnection};
use super::request::Prepared;
use super::values::host;
use crate::attempt::{Answer, Payload, RequestWritten, Unanswered};
use crate::spec::model::{AfterWriting, Framing};

/// The largest answer head, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// The largest answer body, in bytes.
const MAX_BODY: usize = 32 << 20;

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

/// Bytes that have arrived and are not yet understood.
#[derive(Default)]
struct Incoming {
    buffer: BytesMut,
}

impl Incoming {
    /// Reads at least one byte more.
    async fn read_more(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<(), Unanswered> {
        let lost = |reason: String| Unanswered::ConnectionLost(reason);
        match reader.read_buf(&mut self.buffer).await {
            Ok(0) if self.buffer.is_empty() => Err(lost("it ended without a byte".to_owned())),
            Ok(0) => Err(lost("it ended in the middle of the answer".to_owned())),
            Ok(_) => Ok(()),
            Err(error) => Err(lost(error.to_string())),
        }
    }

    async fn answer(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        no_body: bool,
    ) -> Result<(u16, Vec<(String, String)>, Bytes), Unanswered> {
        let (status, headers) = loop {
            match parse_head(&self.buffer)? {
                // Interim answers precede the real one.
                Some((status, _, length)) if (100..200).contains(&status) => {
                    let _ = self.buffer.split_to(length);
                    if self.buffer.is_empty() {
                        self.read_more(reader).await?;
                    }
                }
                Some((status, headers, length)) => {
                    let _ = self.buffer.split_to(length);
                    break (status, headers);
                }
                None if self.buffer.len() > MAX_HEAD => {
                    return Err(Unanswered::NotHttp("an endless answer head".to_owned()));
                }
                None => self.read_more(reader).await?,
            }
        };
        if no_body || status == 204 || status == 304 {
            return Ok((status, headers, Bytes::new()));
        }
        let value = |name: &str| {
            headers
                .iter()
                .find(|(it, _)| it.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let body = if value("transfer-encoding").is_some_and(|it| it.to_ascii_lowercase().contains("chunked")) {
            self.chunked(reader).await?
        } else if let Some(length) = declared_length(&headers)? {
            while self.buffer.len() < length {
                self.read_more(reader).await?;
            }
            self.buffer.split_to(length).freeze()
        } else {
            self.until_close(reader).await?
        };
        Ok((status, headers, body))
    }

    async fn chunked(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<Bytes, Unanswered> {
        let mut body = BytesMut::new();
        loop {
            let (start, size) = loop {
                match httparse::parse_chunk_size(&self.buffer) {
                    Ok(httparse::Status::Complete(found)) => break found,
                    Ok(httparse::Status::Partial) => self.read_more(reader).await?,
                    Err(_) => return Err(Unanswered::NotHttp("a chunk size that is no number".to_owned())),
                }
            };
            let size = usize::try_from(size).ok().filter(|size| body.len() + size <= MAX_BODY);
            let size = size.ok_or_else(|| Unanswered::NotHttp("an endless answer".to_owned()))?;
            let _ = self.buffer.split_to(start);
            while self.buffer.len() < size + 2 {
                self.read_more(reader).await?;
            }
            body.extend_from_slice(&self.buffer.split_to(size));
            let _ = self.buffer.split_to(2);
            if size == 0 {
                return Ok(body.freeze());
            }
        }
    }

    async fn until_close(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<Bytes, Unanswered> {
        loop {
            match reader.read_buf(&mut self.buffer).await {
                Ok(0) => return Ok(self.buffer.split().freeze()),
                Ok(_) if self.buffer.len() > MAX_BODY => {
                    return Err(Unanswered::NotHttp("an endless answer".to_owned()));
                }
                Ok(_) => {}
                Err(error) => return Err(Unanswered::ConnectionLost(error.to_string())),
            }
        }
    }
}

/// The length a head declares. Whoever declares several has to mean the same (RFC 9112, section 6.3).
fn declared_length(headers: &[(String, String)]) -> Result<Option<usize>, Unanswered> {
    let given = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let given = given.flat_map(|(_, value)| value.split(',').map(str::trim));
    let mut declared = None;
    for text in given {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let length = text.parse().ok().filter(|length| digits && *length <= MAX_BODY);
        let length = length.ok_or_else(|| Unanswered::NotHttp("a Content-Length that is no length".to_owned()))?;
        if declared.replace(length).is_some_and(|other| other != length) {
            return Err(Unanswered::NotHttp("two lengths for one body".to_owned()));
        }
    }
    Ok(declared)
}

type Head = (u16, Vec<(String, String)>, usize);

fn parse_head(bytes: &[u8]) -> Result<Option<Head>, Unanswered> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => {
            let lines = response.headers.iter();
            let lines = lines.map(|it| (it.name.to_owned(), String::from_utf8_lossy(it.value).into_owned()));
            Ok(Some((response.code.unwrap_or_default(), lines.collect(), length)))
        }
        Ok(httparse::Status::Partial) => Ok(None),
        Err(error) => Err(Unanswered::NotHttp(format!("what came is no HTTP answer: {error}"))),
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
