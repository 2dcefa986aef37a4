//! What happened on the wire: requests sent, answers received, and when. Plain data.
//!
//! Nothing here judges. `run` collects it, `check` compares it, `report` writes it, and because it is
//! complete a stored run can be judged again.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// One request and what became of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was sent.
    pub request: Sent,
    /// What came back, or why nothing did.
    pub outcome: Outcome,
    /// When the request left: of bursts on a clock moved by hand since the case began, otherwise since the run began.
    pub sent_at: Duration,
    /// When its fate was known, on the same clock.
    pub settled_at: Duration,
    /// How long the answer took on the target's clock.
    pub took: Took,
}

/// A request as it was written.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers in the order written.
    pub headers: Vec<(String, String)>,
    /// The body; of generated ones at most the first bytes are kept.
    pub body: Payload,
}

/// A body, kept whole while it is small.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    /// The bytes kept.
    pub kept: Bytes,
    /// The size of the whole, in bytes.
    pub size: u64,
    /// SHA-256 of the whole, lower hex, when not all of it was kept.
    pub digest: Option<String>,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A complete answer.
    Answered(Answer),
    /// No complete answer.
    Unanswered(Unanswered),
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in the order received.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Payload,
    /// Whether all of the request had been written when the answer began.
    pub request_written: RequestWritten,
}

/// How much of a request had been written when its answer began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestWritten {
    /// All of it.
    Whole,
    /// Only a part: the server answered early.
    Part,
}

/// Why there is no answer. None of these says that the deployment is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The connection was refused, or its name or certificate did not hold.
    NoConnection(String),
    /// The connection ended before a complete answer.
    ConnectionLost(String),
    /// Nothing came within the patience of the step.
    OutOfPatience,
    /// The answer began in time and did not end: the server or the network between is slow, and nobody here can tell which.
    Unfinished {
        /// From sending to the first byte.
        began: Duration,
        /// From sending to when we gave up.
        gave_up: Duration,
    },
    /// What came is not HTTP.
    NotHttp(String),
}

/// How long an answer took on the target's clock, as well as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Took {
    /// A clock that is moved by hand: later than `after` and not later than `by`.
    Between {
        /// The clock's reading just before the move that brought the answer, since sending.
        after: Duration,
        /// Its reading once the answer was there, since sending.
        by: Duration,
    },
    /// A clock that runs by itself, measured here: the first byte and the last.
    Measured {
        /// From the end of the request to the first byte of the answer.
        first_byte: Duration,
        /// From the end of the request to the last byte of the answer.
        complete: Duration,
        /// The part of it the network may explain: a round trip as measured in this run.
        latency: Duration,
    },
}

impl Exchange {
    /// The answer, when there is one.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answered(answer) => Some(answer),
            Outcome::Unanswered(_) => None,
        }
    }
}

impl Payload {
    /// All of a body.
    #[must_use]
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        let kept = bytes.into();
        Self {
            size: kept.len() as u64,
            kept,
            digest: None,
        }
    }

    /// At most the first bytes of a body, with a digest of all of it when something is left out.
    #[must_use]
    pub fn capped(bytes: Bytes) -> Self {
        const KEPT: usize = 4 << 10;
        Self::whole(bytes).kept_up_to(KEPT)
    }

    /// The same with at most so many bytes; the digest is that of all that is kept here.
    #[must_use]
    pub fn kept_up_to(&self, most: usize) -> Self {
        if self.kept.len() <= most {
            return self.clone();
        }
        let digest = || data_encoding::HEXLOWER.encode(&Sha256::digest(&self.kept));
        Self {
            kept: self.kept.slice(..most),
            size: self.size,
            digest: Some(self.digest.clone().unwrap_or_else(digest)),
        }
    }

    /// As text, invalid UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }

    /// As JSON, when it is some.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.kept).ok()
    }
}

impl Answer {
    /// All values of a header, its name in any letter case.
    pub fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}
