//! An answer as the journal keeps it: its head and the beginning of its body, without secrets.
//!
//! Only a copy. How an answer came about is not its business.

use bytes::Bytes;
use http::HeaderMap;

use crate::journal::record::{ReceivedBody, SentAnswer};
use crate::journal::redaction::{REDACTED, Redaction};

/// Bytes of an answer's body that are kept.
const MAX_BODY: usize = 16 * 1024;

/// An answer that was given, to be filed.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a Bytes,
    /// Whether the body itself is a secret.
    pub confidence: Confidence,
}

/// Whether a body may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// It may, unless a secret of the configuration is found in it.
    Open,
    /// It carries a token.
    Secret,
}

/// What is kept of it.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Headers as lines, then the beginning of the body.
    text: Box<[u8]>,
    head_length: u32,
    body_length: usize,
    shown: Confidence,
}

impl Kept {
    /// What may be kept of an answer.
    pub(crate) fn of(sent: &Sent<'_>, redaction: &Redaction) -> Self {
        let headers = sent.headers.iter();
        let headers: usize = headers.map(|(name, value)| name.as_str().len() + value.len() + 3).sum();
        let mut text = Vec::with_capacity(headers + sent.body.len().min(MAX_BODY));
        for (name, value) in sent.headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.extend_from_slice(b": ");
            if redaction.is_in(value.as_bytes()) {
                text.extend_from_slice(REDACTED.as_bytes());
            } else {
                text.extend_from_slice(value.as_bytes());
            }
            text.push(b'\n');
        }
        // Heads are far shorter than 4 GiB; a longer one would only be shown cut off.
        let head_length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let shown = if sent.confidence == Confidence::Secret || redaction.is_in(sent.body) {
            Confidence::Secret
        } else {
            text.extend_from_slice(&sent.body[..sent.body.len().min(MAX_BODY)]);
            Confidence::Open
        };
        Self {
            text: text.into_boxed_slice(),
            head_length,
            body_length: sent.body.len(),
            shown,
        }
    }

    /// Roughly the memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len()
    }

    /// The answer as others see it.
    pub(crate) fn record(&self) -> SentAnswer {
        let (head, body) = self.text.split_at(self.head_length as usize);
        SentAnswer {
            headers: lines(head),
            body: match self.shown {
                Confidence::Open => ReceivedBody::Kept {
                    text: String::from_utf8_lossy(body).into_owned(),
                    bytes: self.body_length,
                    cut_off: self.body_length > MAX_BODY,
                },
                Confidence::Secret => ReceivedBody::Redacted {
                    bytes: self.body_length,
                },
            },
        }
    }
}

/// Headers that were written as lines.
pub(crate) fn lines(head: &[u8]) -> Vec<(String, String)> {
    head.split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            line.split_once(": ").map(|(name, value)| (name.into(), value.into()))
        })
        .collect()
}
