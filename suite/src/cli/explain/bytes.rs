//! The bytes of a request as lines for people: secrets and placeholders by name, long bodies cut short with a digest.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::redaction::Redaction;
use crate::run::{Placeholder, Written};

/// How many bytes of a body are shown.
const SHOWN: usize = 1024;

/// The head line by line, an empty line, and the body.
pub(super) fn lines(written: &Written, redaction: &Redaction) -> Vec<String> {
    let readable = |text: &str| readable(text, &written.placeholders, redaction);
    let split = written.bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = written.bytes.split_at(split.map_or(written.bytes.len(), |at| at + 4));
    let head = String::from_utf8_lossy(head);
    let mut lines: Vec<String> = head.trim_end_matches("\r\n").split("\r\n").map(readable).collect();
    if split.is_some() {
        lines.push(String::new());
    }
    let shown = &body[..body.len().min(SHOWN)];
    let text = escaped(&String::from_utf8_lossy(shown));
    if !shown.is_empty() {
        lines.extend(readable(&text).split('\n').map(str::to_owned));
    }
    if body.len() > SHOWN {
        let digest = HEXLOWER.encode(&Sha256::digest(body));
        lines.push(format!("… {} bytes in all, SHA-256 {digest}", body.len()));
    }
    let in_body = |it: &Placeholder| body.windows(it.text.len()).any(|window| window == it.text.as_bytes());
    if written.placeholders.iter().any(in_body) {
        lines.push("(the length is that of the placeholder)".to_owned());
    }
    lines
}

/// A text with placeholders and secrets by name.
pub(super) fn readable(text: &str, placeholders: &[Placeholder], redaction: &Redaction) -> String {
    let mut text = text.to_owned();
    for placeholder in placeholders {
        text = text.replace(&placeholder.text, &placeholder.shown);
    }
    redaction.text(&text).unwrap_or(text)
}

/// Line ends of the body stay line ends where they are plain; everything else that would not be seen is spelt out.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '\n' => out.push('\n'),
            '\r' => out.push_str("\\r"),
            it if it.is_control() => out.extend(it.escape_default()),
            it => out.push(it),
        }
    }
    out
}
