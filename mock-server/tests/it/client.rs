//! A client that writes bytes as they are, and answers taken apart.
//!
//! Expects nothing of its own, except that whatever is awaited comes within a generous bound.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Nothing that is awaited takes this long on any machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that has to come.
pub(crate) async fn within<F: Future>(what: &str, coming: F) -> F::Output {
    tokio::time::timeout(PATIENCE, coming)
        .await
        .unwrap_or_else(|_| panic!("{what}: nothing within {PATIENCE:?}"))
}

/// A request as it goes over the wire.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    [text.as_bytes(), body].concat()
}

/// A request with a JSON body.
pub(crate) fn json_request(method: &str, path: &str, body: &Value) -> Vec<u8> {
    let headers = [("Content-Type", "application/json")];
    request(method, path, &headers, body.to_string().as_bytes())
}

/// Sends bytes over a connection of their own and reads one answer.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut connection = Connection::open(address).await;
    connection.send(bytes).await;
    connection.answer().await
}

/// A client's connection: bytes out, answers in.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    /// Read and not yet made an answer.
    read: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = within("connecting", TcpStream::connect(address)).await;
        Self {
            stream: stream.expect("the server listens"),
            read: Vec::new(),
        }
    }

    /// Writes bytes that the server has to take.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        within("writing", self.stream.write_all(bytes))
            .await
            .expect("the connection is open");
    }

    /// Writes as many bytes as the server takes, and says that this is all.
    pub(crate) async fn throw(&mut self, bytes: &[u8]) {
        // A server that has read enough may close at any time.
        let _ = within("writing", self.stream.write_all(bytes)).await;
        let _ = self.stream.shutdown().await;
    }

    /// Says that nothing more will be written.
    pub(crate) async fn half_close(&mut self) {
        self.stream.shutdown().await.expect("the connection is open");
    }

    /// Breaks the connection off, as a process that is killed does.
    pub(crate) fn break_off(self) {
        self.stream.set_zero_linger().expect("the socket is open");
    }

    /// Everything that comes until the connection closes, as text.
    pub(crate) async fn rest(mut self) -> String {
        within("the end", self.stream.read_to_end(&mut self.read))
            .await
            .expect("the connection is not reset");
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// Whether nothing has come, now.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.read.is_empty()
            && matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        within("an answer", self.answer_if_any())
            .await
            .expect("an answer before the connection closes")
    }

    /// The next answer, or `None` if the connection closes or breaks first.
    pub(crate) async fn answer_if_any(&mut self) -> Option<Answer> {
        loop {
            if let Some((answer, length)) = Answer::parse(&self.read) {
                self.read.drain(..length);
                return Some(answer);
            }
            match within("reading", self.stream.read_buf(&mut self.read)).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

/// An answer, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The answer at the beginning of some bytes and its length, if all of it is there.
    fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("an answer begins with its status");
        let mut answer = Self {
            status,
            head,
            body: Vec::new(),
        };
        let length = answer.header("content-length").unwrap_or("0").parse::<usize>();
        let total = end + 4 + length.expect("a length is a number");
        answer.body = bytes.get(end + 4..total)?.to_vec();
        Some((answer, total))
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines
            .filter(|(written, _)| written.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}
