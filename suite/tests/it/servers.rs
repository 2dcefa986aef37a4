//! Servers that play a part: right in every way, or wrong in just one.
//!
//! Ordinary answers come from wiremock; what no HTTP library would do is done on a bare socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// What a server does.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// Gives these answers in order, the last one for ever.
    Answers(Vec<ResponseTemplate>),
    /// Treats connections like this in order, the last way for ever.
    Connections(Vec<Turn>),
}

/// What happens on one connection.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// Reads the whole request, writes this, and closes.
    Says(String),
    /// Writes this as soon as it has read the head, then reads on until the caller is done.
    Interrupts(String),
    /// Reads the head and closes.
    HangsUp,
    /// Reads the whole request, and writes this once another connection was opened.
    HoldsUntilNext(String),
    /// Writes one answer when the request is exactly this text, and another one otherwise.
    Wants(&'static str),
    /// Reads the head, and answers with the status that ends its path (`/500`), or hangs up when that is no number.
    DoesAsAsked,
    /// Reads until the caller is gone.
    Keeps,
    /// Reads the whole request, and writes this a few bytes at a time.
    Trickles(String),
    /// Reads the whole request, writes this, and resets the connection.
    Resets(String),
    /// Reads the whole request, writes the beginning of an answer, and keeps the rest to itself until the caller is gone.
    Stalls(String),
    /// Reads the whole request, writes the beginning of an answer, and then the same over and over until the caller is gone.
    Floods(String, &'static str),
    /// Reads the whole request, and answers 200 with it as the body.
    Echoes,
}

/// An answer with a status and nothing else.
pub(crate) fn answer(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

/// An answer of 200 with a text.
pub(crate) fn says(body: &str) -> ResponseTemplate {
    answer(200).set_body_string(body)
}

/// The same answer, always.
pub(crate) fn always(answer: ResponseTemplate) -> Play {
    Play::Answers(vec![answer])
}

/// Statuses in order, the last one for ever.
pub(crate) fn statuses(statuses: &[u16]) -> Play {
    Play::Answers(statuses.iter().copied().map(answer).collect())
}

/// The same on every connection.
pub(crate) fn on_every_connection(turn: Turn) -> Play {
    Play::Connections(vec![turn])
}

/// An answer as its bytes; the connection closes after it.
pub(crate) fn bytes(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// A port that nobody listens on, and nobody else can take meanwhile; and its URL.
pub(crate) fn nobody() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().expect("a socket is made");
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(any_port).expect("a port is free");
    let url = format!("http://{}", socket.local_addr().expect("it is bound"));
    (socket, url)
}

/// A running server.
#[derive(Debug)]
pub(crate) enum Server {
    /// Of whole answers.
    Http(MockServer),
    /// Of bytes.
    Socket {
        /// Where.
        url: String,
        /// Accepts until it is dropped.
        accepting: JoinHandle<()>,
    },
}

impl Server {
    pub(crate) async fn start(play: Play) -> Self {
        match play {
            Play::Answers(answers) => {
                let server = MockServer::start().await;
                let in_order = InOrder(answers, AtomicUsize::new(0));
                Mock::given(any()).respond_with(in_order).mount(&server).await;
                Self::Http(server)
            }
            Play::Connections(turns) => {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
                let address = listener.local_addr().expect("it is bound");
                let accepting = tokio::spawn(accept(listener, turns));
                let url = format!("http://{address}");
                Self::Socket { url, accepting }
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Http(server) => server.uri(),
            Self::Socket { url, .. } => url.clone(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Self::Socket { accepting, .. } = self {
            accepting.abort();
        }
    }
}

struct InOrder(Vec<ResponseTemplate>, AtomicUsize);

impl Respond for InOrder {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let index = self.1.fetch_add(1, Ordering::SeqCst).min(self.0.len() - 1);
        self.0[index].clone()
    }
}

async fn accept(listener: TcpListener, turns: Vec<Turn>) {
    let opened = Arc::new(watch::Sender::new(0));
    for number in 0.. {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        opened.send_modify(|count| *count += 1);
        let turn = turns[number.min(turns.len() - 1)].clone();
        tokio::spawn(serve(stream, turn, (number + 1, opened.subscribe())));
    }
}

/// One connection; what goes wrong on it is the caller's to see.
async fn serve(mut stream: TcpStream, turn: Turn, (number, mut opened): (usize, watch::Receiver<usize>)) {
    let _ = match turn {
        Turn::Says(answer) => {
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await
        }
        Turn::Trickles(answer) => {
            read_request(&mut stream).await;
            for drop in answer.as_bytes().chunks(3) {
                if stream.write_all(drop).await.is_err() {
                    break;
                }
                tokio::time::sleep(ms(2)).await;
            }
            Ok(())
        }
        Turn::Resets(beginning) => {
            read_request(&mut stream).await;
            let written = stream.write_all(beginning.as_bytes()).await;
            // What is closed without lingering is reset.
            let _ = stream.set_zero_linger();
            written
        }
        Turn::Interrupts(answer) => {
            read_until(&mut stream, "\r\n\r\n").await;
            let written = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
            drain(&mut stream).await;
            written
        }
        Turn::HangsUp => {
            read_until(&mut stream, "\r\n\r\n").await;
            Ok(())
        }
        Turn::HoldsUntilNext(answer) => {
            read_request(&mut stream).await;
            let _ = opened.wait_for(|count| *count > number).await;
            stream.write_all(answer.as_bytes()).await
        }
        Turn::Wants(text) => {
            let mut found = vec![0; text.len()];
            let complete = stream.read_exact(&mut found).await.is_ok();
            let answer = if complete && found == text.as_bytes() {
                "200 OK"
            } else {
                "400 Bad Request"
            };
            stream.write_all(bytes(answer).as_bytes()).await
        }
        Turn::Stalls(beginning) => {
            read_request(&mut stream).await;
            let written = stream.write_all(beginning.as_bytes()).await;
            drain(&mut stream).await;
            written
        }
        Turn::Floods(beginning, more) => {
            read_request(&mut stream).await;
            let mut written = stream.write_all(beginning.as_bytes()).await;
            let block = more.repeat((64 << 10) / more.len());
            // Whoever takes more than this will take anything.
            for _ in 0..1024 {
                if written.is_ok() {
                    written = stream.write_all(block.as_bytes()).await;
                }
            }
            written
        }
        Turn::Echoes => {
            let request = read_request(&mut stream).await;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", request.len());
            let _ = stream.write_all(head.as_bytes()).await;
            stream.write_all(&request).await
        }
        Turn::DoesAsAsked => {
            let head = read_until(&mut stream, "\r\n\r\n").await;
            let head = String::from_utf8_lossy(&head);
            let path = head.split(' ').nth(1).unwrap_or_default();
            match path.rsplit('/').next().map(str::parse::<u16>) {
                Some(Ok(status)) => stream.write_all(bytes(&format!("{status} As Asked")).as_bytes()).await,
                _ => Ok(()),
            }
        }
        Turn::Keeps => {
            drain(&mut stream).await;
            Ok(())
        }
    };
}

/// Reads a head and the body it declares, or in chunks to the last one.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = read_until(stream, "\r\n\r\n").await;
    let text = String::from_utf8_lossy(&read).to_ascii_lowercase();
    let (head, start) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    if head.contains("\r\ntransfer-encoding:") {
        if !start.ends_with("0\r\n\r\n") {
            read.extend(read_until(stream, "0\r\n\r\n").await);
        }
        return read;
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse::<usize>().ok())
        .unwrap_or_default();
    let mut rest = vec![0; length.saturating_sub(start.len())];
    let _ = stream.read_exact(&mut rest).await;
    read.extend(rest);
    read
}

async fn read_until(stream: &mut TcpStream, end: &str) -> Vec<u8> {
    let mut read = Vec::new();
    while !read.windows(end.len()).any(|it| it == end.as_bytes()) {
        match stream.read_buf(&mut read).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    read
}

async fn drain(stream: &mut TcpStream) {
    let mut buffer = vec![0; 16 << 10];
    while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// A time in milliseconds.
pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
