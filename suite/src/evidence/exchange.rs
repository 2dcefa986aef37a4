//! One request and what became of it, as the evidence stores it.
//!
//! Headers and bodies are as they were on the wire, secrets replaced by their names in brackets.

use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::seconds;
use crate::attempt::{self, Payload};

/// The most bytes of a body that are stored; of a larger one the rest is known by its digest only.
const MOST_STORED: usize = 64 << 10;

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// What came back, or why nothing did.
    pub outcome: Outcome,
    /// When the request left, in seconds: of bursts on a clock moved by hand by that clock since the case began, otherwise
    /// since the run began.
    #[serde(with = "seconds")]
    #[cfg_attr(test, schemars(with = "f64"))]
    pub sent_at: Duration,
    /// When its fate was known, in seconds on the same clock.
    #[serde(with = "seconds")]
    #[cfg_attr(test, schemars(with = "f64"))]
    pub settled_at: Duration,
    /// How long the answer took on the target's clock.
    pub took: Took,
}

/// A request as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Request {
    /// The method; `raw` for bytes that were written to the socket as they are.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers in the order written.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// A body, stored whole while it is small.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Body {
    /// What was stored of it, as text; invalid UTF-8 is replaced.
    pub text: String,
    /// What was stored of it, in Base64, when it is no UTF-8.
    pub base64: Option<String>,
    /// The size of the whole, in bytes.
    pub size: u64,
    /// SHA-256 of the whole, lower hex, when not all of it was stored.
    pub sha256: Option<String>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Outcome {
    /// A complete answer.
    Answered(Answer),
    /// No complete answer.
    Unanswered(Unanswered),
}

/// A complete answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers in the order received.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// How much of the request had been written when the answer began.
    pub request_written: Written,
}

/// How much of a request had been written when its answer began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Written {
    /// All of it.
    Whole,
    /// Only a part: the server answered early.
    Part,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unanswered {
    /// What kind of reason it is.
    pub kind: UnansweredKind,
    /// The reason in words; empty where the kind says it all.
    pub reason: String,
    /// Of an answer that did not end: from sending to its first byte, in seconds.
    #[serde(with = "seconds::optional")]
    #[cfg_attr(test, schemars(with = "Option<f64>"))]
    pub began: Option<Duration>,
    /// Of an answer that did not end: from sending to when it was given up, in seconds.
    #[serde(with = "seconds::optional")]
    #[cfg_attr(test, schemars(with = "Option<f64>"))]
    pub gave_up: Option<Duration>,
}

/// Kinds of reasons for having no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum UnansweredKind {
    /// The connection was refused, or its name or certificate did not hold.
    NoConnection,
    /// The connection ended before a complete answer.
    ConnectionLost,
    /// Nothing came within the patience of the step.
    OutOfPatience,
    /// The answer began in time and did not end.
    Unfinished,
    /// What came is not HTTP.
    NotHttp,
}

/// How long an answer took on the target's clock, as well as it can be known; all in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "clock", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Took {
    /// A clock that is moved by hand: later than `after` and not later than `by`.
    Manual {
        /// The clock's reading just before the move that brought the answer, since sending.
        #[serde(with = "seconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        after: Duration,
        /// Its reading once the answer was there, since sending.
        #[serde(with = "seconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        by: Duration,
    },
    /// A clock that runs by itself.
    System {
        /// From the end of the request to the first byte of the answer.
        #[serde(with = "seconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        first_byte: Duration,
        /// From the end of the request to the last byte of the answer.
        #[serde(with = "seconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        complete: Duration,
        /// The part of it the network may explain: a round trip as measured in this run.
        #[serde(with = "seconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
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

impl Body {
    /// Whether all of it was stored.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.sha256.is_none()
    }
}

impl From<&attempt::Exchange> for Exchange {
    fn from(exchange: &attempt::Exchange) -> Self {
        let request = &exchange.request;
        Self {
            request: Request {
                method: request.method.clone(),
                url: request.url.clone(),
                headers: request.headers.clone(),
                body: Body::from(&request.body),
            },
            outcome: match &exchange.outcome {
                attempt::Outcome::Answered(answer) => Outcome::Answered(Answer {
                    status: answer.status,
                    headers: answer.headers.clone(),
                    body: Body::from(&answer.body),
                    request_written: match answer.request_written {
                        attempt::RequestWritten::Whole => Written::Whole,
                        attempt::RequestWritten::Part => Written::Part,
                    },
                }),
                attempt::Outcome::Unanswered(why) => Outcome::Unanswered(Unanswered::from(why)),
            },
            sent_at: exchange.sent_at,
            settled_at: exchange.settled_at,
            took: match exchange.took {
                attempt::Took::Between { after, by } => Took::Manual { after, by },
                attempt::Took::Measured {
                    first_byte,
                    complete,
                    latency,
                } => Took::System {
                    first_byte,
                    complete,
                    latency,
                },
            },
        }
    }
}

impl From<&attempt::Unanswered> for Unanswered {
    fn from(why: &attempt::Unanswered) -> Self {
        let of = |kind, reason: &str| Self {
            kind,
            reason: reason.to_owned(),
            began: None,
            gave_up: None,
        };
        match why {
            attempt::Unanswered::NoConnection(reason) => of(UnansweredKind::NoConnection, reason),
            attempt::Unanswered::ConnectionLost(reason) => of(UnansweredKind::ConnectionLost, reason),
            attempt::Unanswered::OutOfPatience => of(UnansweredKind::OutOfPatience, ""),
            attempt::Unanswered::Unfinished { began, gave_up } => Self {
                began: Some(*began),
                gave_up: Some(*gave_up),
                ..of(UnansweredKind::Unfinished, "")
            },
            attempt::Unanswered::NotHttp(what) => of(UnansweredKind::NotHttp, what),
        }
    }
}

impl From<&Payload> for Body {
    fn from(payload: &Payload) -> Self {
        let stored = payload.kept_up_to(MOST_STORED);
        let exact = std::str::from_utf8(&stored.kept).is_ok();
        Self {
            text: stored.text(),
            base64: (!exact).then(|| BASE64.encode(&stored.kept)),
            size: stored.size,
            sha256: stored.digest,
        }
    }
}

impl From<&Body> for Payload {
    fn from(body: &Body) -> Self {
        let bytes = body.base64.as_ref().and_then(|it| BASE64.decode(it.as_bytes()).ok());
        Self {
            kept: bytes.map_or_else(|| Bytes::from(body.text.clone()), Bytes::from),
            size: body.size,
            digest: body.sha256.clone(),
        }
    }
}
