//! An answer read from bytes as they come: its head, and its body however that ends.
//!
//! Reads what HTTP/1.1 has every client read, as the ordinary client does, and calls nothing else an answer; judges nothing.

use bytes::{Bytes, BytesMut};
use httparse::{ParserConfig, Status};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::attempt::Unanswered;

/// The largest answer head, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// How many headers an answer may have; the ordinary client takes as many.
const MAX_HEADERS: usize = 100;
/// The largest answer body, in bytes.
pub(crate) const MAX_BODY: usize = 32 << 20;

/// Bytes that have arrived and are not yet understood.
#[derive(Default)]
pub(super) struct Incoming {
    buffer: BytesMut,
}

/// What stands before a body.
struct Head {
    /// The minor version of HTTP/1.
    version: u8,
    status: u16,
    headers: Vec<(String, String)>,
    /// Its bytes.
    length: usize,
}

fn no_http(what: impl Into<String>) -> Unanswered {
    Unanswered::NotHttp(what.into())
}

impl Incoming {
    /// Reads at least one byte more.
    pub(super) async fn read_more(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<(), Unanswered> {
        let lost = |reason: String| Unanswered::ConnectionLost(reason);
        match reader.read_buf(&mut self.buffer).await {
            Ok(0) if self.buffer.is_empty() => Err(lost("it ended without a byte".to_owned())),
            Ok(0) => Err(lost("it ended in the middle of the answer".to_owned())),
            Ok(_) => Ok(()),
            Err(error) => Err(lost(error.to_string())),
        }
    }

    /// The answer that follows; `no_body` when it has none, whatever it declares.
    pub(super) async fn answer(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        no_body: bool,
    ) -> Result<(u16, Vec<(String, String)>, Bytes), Unanswered> {
        let head = self.head(reader).await?;
        let Head { status, headers, .. } = &head;
        let body = if no_body || matches!(status, 101 | 204 | 304) {
            Bytes::new()
        } else if let Some(coding) = last_coding(headers) {
            if head.version == 0 {
                return Err(no_http("HTTP/1.0 with a Transfer-Encoding"));
            }
            if coding.eq_ignore_ascii_case("chunked") {
                self.chunked(reader).await?
            } else {
                self.until_close(reader).await?
            }
        } else if let Some(length) = declared_length(headers)? {
            while self.buffer.len() < length {
                self.read_more(reader).await?;
            }
            self.buffer.split_to(length).freeze()
        } else {
            self.until_close(reader).await?
        };
        Ok((head.status, head.headers, body))
    }

    /// The head of the answer; those of interim answers precede it.
    async fn head(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<Head, Unanswered> {
        loop {
            match parse_head(&self.buffer)? {
                Some(head) => {
                    let _ = self.buffer.split_to(head.length);
                    // After 101 nothing else follows that would be HTTP/1.1.
                    if head.status == 101 || !(100..200).contains(&head.status) {
                        return Ok(head);
                    }
                    if self.buffer.is_empty() {
                        self.read_more(reader).await?;
                    }
                }
                None if self.buffer.len() > MAX_HEAD => return Err(no_http("an endless answer head")),
                None => self.read_more(reader).await?,
            }
        }
    }

    async fn chunked(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<Bytes, Unanswered> {
        let mut body = BytesMut::new();
        loop {
            let (start, size) = loop {
                match httparse::parse_chunk_size(&self.buffer) {
                    Ok(Status::Complete(found)) => break found,
                    Ok(Status::Partial) if self.buffer.len() > MAX_HEAD => {
                        return Err(no_http("an endless chunk size"));
                    }
                    Ok(Status::Partial) => self.read_more(reader).await?,
                    Err(_) => return Err(no_http("a chunk size that is no number")),
                }
            };
            let size = usize::try_from(size).ok().filter(|size| body.len() + size <= MAX_BODY);
            let size = size.ok_or_else(|| no_http("an endless answer"))?;
            let _ = self.buffer.split_to(start);
            if size == 0 {
                self.trailer(reader).await?;
                return Ok(body.freeze());
            }
            while self.buffer.len() < size + 2 {
                self.read_more(reader).await?;
            }
            body.extend_from_slice(&self.buffer.split_to(size));
            if *self.buffer.split_to(2) != *b"\r\n" {
                return Err(no_http("a chunk that is longer than its size"));
            }
        }
    }

    /// Reads what may follow the last chunk, which says nothing of the answer.
    async fn trailer(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<(), Unanswered> {
        loop {
            let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
            match httparse::parse_headers(&self.buffer, &mut lines) {
                Ok(Status::Complete(_)) => return Ok(()),
                Ok(Status::Partial) if self.buffer.len() > MAX_HEAD => return Err(no_http("an endless trailer")),
                Ok(Status::Partial) => self.read_more(reader).await?,
                Err(error) => return Err(no_http(format!("a trailer that is none: {error}"))),
            }
        }
    }

    async fn until_close(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Result<Bytes, Unanswered> {
        loop {
            match reader.read_buf(&mut self.buffer).await {
                Ok(0) => return Ok(self.buffer.split().freeze()),
                Ok(_) if self.buffer.len() > MAX_BODY => return Err(no_http("an endless answer")),
                Ok(_) => {}
                Err(error) => return Err(Unanswered::ConnectionLost(error.to_string())),
            }
        }
    }
}

/// What the body was put into last, which is how it ends.
fn last_coding(headers: &[(String, String)]) -> Option<&str> {
    let lines = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
    let codings = lines.flat_map(|(_, value)| value.split(',').map(str::trim));
    codings.last()
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
        let length: Option<usize> = text.parse().ok().filter(|_| digits);
        let length = length.ok_or_else(|| no_http("a Content-Length that is no length"))?;
        if declared.replace(length).is_some_and(|other| other != length) {
            return Err(no_http("two lengths for one body"));
        }
    }
    if declared.is_some_and(|length| length > MAX_BODY) {
        return Err(no_http("an endless answer"));
    }
    Ok(declared)
}

fn parse_head(bytes: &[u8]) -> Result<Option<Head>, Unanswered> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let mut parser = ParserConfig::default();
    // Nobody may send folded lines any more, and every client has to read them (RFC 9112, section 5.2).
    parser.allow_obsolete_multiline_headers_in_responses(true);
    match parser.parse_response(&mut response, bytes) {
        Ok(Status::Complete(length)) => {
            let lines = response.headers.iter();
            let lines = lines.map(|it| (it.name.to_owned(), unfolded(&String::from_utf8_lossy(it.value))));
            Ok(Some(Head {
                version: response.version.unwrap_or_default(),
                status: response.code.unwrap_or_default(),
                headers: lines.collect(),
                length,
            }))
        }
        Ok(Status::Partial) => Ok(None),
        Err(error) => Err(no_http(format!("what came is no HTTP answer: {error}"))),
    }
}

/// A value on one line.
fn unfolded(value: &str) -> String {
    let lines = value.split('\n').map(|line| line.trim_matches([' ', '\t', '\r']));
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}
