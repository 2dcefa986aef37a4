//! HTTP on a bare socket, as much of it as a server needs: one request, one answer, and the connection is closed.
//!
//! Knows nothing of the API. Names of headers are sent in lower case, bodies in chunks, and everybody may read them.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// How much of a body that is too large is read away, so that the answer is not lost with the connection.
const DRAINED: usize = 16 << 20;

/// A request.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    /// As much of it as may be sent.
    pub(super) body: Vec<u8>,
    /// Whether there was more.
    pub(super) over_limit: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The values of a header.
    pub(super) fn header<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let same = self
            .headers
            .iter()
            .filter(|(given, _)| given.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_str())
    }

    /// Reads one, and at most so many bytes of its body; nothing when there is none.
    pub(super) fn read(stream: &TcpStream, limit: usize) -> io::Result<Option<Self>> {
        let mut reader = BufReader::new(stream);
        let mut request = Self::default();
        let first = line(&mut reader)?;
        let mut words = first.split(' ');
        let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
            return Ok(None);
        };
        if !version.starts_with("HTTP/1.") {
            return Ok(None);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        (request.method, request.path, request.query) = (method.to_owned(), path.to_owned(), query.to_owned());
        loop {
            let header = line(&mut reader)?;
            let Some((name, value)) = header.split_once(':') else {
                break;
            };
            request.headers.push((name.to_owned(), value.trim().to_owned()));
        }
        if request.header("expect").next().is_some() {
            let mut stream = stream;
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.read_body(&mut reader, limit)?;
        Ok(Some(request))
    }

    fn read_body(&mut self, reader: &mut BufReader<&TcpStream>, limit: usize) -> io::Result<()> {
        if self
            .header("transfer-encoding")
            .any(|coding| coding.contains("chunked"))
        {
            loop {
                let size = line(reader)?;
                let size = size.split(';').next().unwrap_or_default().trim();
                let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
                self.take(reader, size, limit)?;
                line(reader)?;
                if size == 0 {
                    return Ok(());
                }
            }
        }
        let length = self.header("content-length").next().and_then(|text| text.parse().ok());
        self.take(reader, length.unwrap_or_default(), limit)
    }

    /// Reads a part of the body.
    fn take(&mut self, reader: &mut BufReader<&TcpStream>, size: usize, limit: usize) -> io::Result<()> {
        let mut part = Vec::new();
        reader.take(size.min(DRAINED) as u64).read_to_end(&mut part)?;
        self.over_limit |= self.body.len() + size > limit;
        if !self.over_limit {
            self.body.extend(part);
        }
        Ok(())
    }
}

/// A line without its end.
fn line(reader: &mut BufReader<&TcpStream>) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(1 << 16).read_until(b'\n', &mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

impl Answer {
    /// An answer of a type.
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    /// Sends it; whoever asked with HEAD gets no body.
    pub(super) fn write(&self, mut stream: &TcpStream, method: &str) -> io::Result<()> {
        let bodiless = method == "HEAD" || matches!(self.status, 204 | 304);
        let mut head = format!("HTTP/1.1 {} -\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{}: {value}\r\n", name.to_ascii_lowercase()));
        }
        if !self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("access-control-allow-origin"))
        {
            head.push_str("access-control-allow-origin: *\r\n");
        }
        if !bodiless {
            head.push_str("transfer-encoding: chunked\r\n");
        }
        head.push_str("\r\n");
        let mut text = head.into_bytes();
        if !bodiless {
            for chunk in self.body.chunks(1000) {
                text.extend(format!("{:X}\r\n", chunk.len()).into_bytes());
                text.extend(chunk);
                text.extend(b"\r\n");
            }
            text.extend(b"0\r\n\r\n");
        }
        stream.write_all(&text)?;
        stream.flush()
    }
}
