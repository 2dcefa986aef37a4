//! Requests as their bytes, and answers as text: as little of HTTP as tests of a process need.
//!
//! One connection a request, in the clear.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Sends a request with further header lines, each ended by `\r\n`, and leaves the answer to be read until its end.
#[must_use]
pub fn send((method, url): (&str, &str), headers: &str, body: &str) -> TcpStream {
    let (host, path) = parts(url);
    let mut stream = TcpStream::connect(host).expect("it listens");
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .expect("it reads");
    stream
}

/// Sends a request and reads its whole answer.
#[must_use]
pub fn exchange(method: &str, url: &str, body: &str) -> String {
    let mut answer = String::new();
    let mut stream = send((method, url), "", body);
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// What follows the head of an answer.
#[must_use]
pub fn body_of(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Host and path of a URL.
fn parts(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("http://").expect("a URL in the clear");
    match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (url, host, path) in [
            ("http://127.0.0.1:1", "127.0.0.1:1", "/"),
            ("http://127.0.0.1:1/", "127.0.0.1:1", "/"),
            ("http://[::1]:1/a/b?c=/d", "[::1]:1", "/a/b?c=/d"),
        ] {
            assert_eq!(parts(url), (host, path));
        }
        assert_eq!(body_of("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}\r\n\r\n"), "{}\r\n\r\n");
        assert_eq!(body_of("nothing"), "");
    }
}
