//! One request as the journal keeps it: small, and without secrets.
//!
//! Made once, from the request and what was decided; only the answer is filed later.

use http::Method;

use crate::gate::Gate;
use crate::ids::ExecutionId;
use crate::inbound::{Body, Inbound};
use crate::journal::record::{GivenAnswer, Provenance, ReceivedBody, ReceivedRequest, RefusalNote};
use crate::journal::redaction::{Kept, REDACTED, Redaction};
use crate::journal::{AnswerNote, JournalOutcome};
use crate::rejection::Rejection;
use crate::route::Endpoint;
use crate::timestamp::Timestamp;

/// Bytes of a body that are kept.
const MAX_BODY: usize = 64 * 1024;

/// The executions a request started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Started {
    /// None.
    #[default]
    Nothing,
    /// One, as nearly always.
    One(ExecutionId),
    /// Those of a plain Webhook URL.
    Many(Box<[ExecutionId]>),
}

impl Started {
    /// The ids.
    pub(crate) fn ids(&self) -> &[ExecutionId] {
        match self {
            Self::Nothing => &[],
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
        }
    }
}

impl From<Vec<ExecutionId>> for Started {
    fn from(ids: Vec<ExecutionId>) -> Self {
        match ids.as_slice() {
            [] => Self::Nothing,
            [id] => Self::One(*id),
            [_, _, ..] => Self::Many(ids.into_boxed_slice()),
        }
    }
}

/// What was decided about a request.
#[derive(Debug)]
pub(crate) struct Decision {
    /// The endpoint.
    pub(crate) endpoint: Endpoint,
    /// The refusal, if it was one.
    pub(crate) rejection: Option<Rejection>,
    /// What it started.
    pub(crate) started: Started,
    /// Where the decision came from.
    pub(crate) provenance: Provenance,
}

/// One request.
#[derive(Debug)]
pub(crate) struct Entry {
    at: Timestamp,
    /// Nothing if there was no head.
    method: Option<Method>,
    /// Path and query, then the headers as lines, then the beginning of the body, in one piece to save memory.
    text: Box<[u8]>,
    path_length: u32,
    head_length: u32,
    body: BodyNote,
    decision: Decision,
    /// What became of its answer and when; nothing while it is being held.
    answer: Option<(AnswerNote, Timestamp)>,
}

/// What is known of a body besides its bytes.
#[derive(Clone, Copy, Debug)]
enum BodyNote {
    Complete { length: usize },
    OverLimit { declared: Option<u64> },
    Redacted { length: usize },
}

impl Entry {
    /// The entry for a request and what was decided about it.
    pub(crate) fn new(inbound: &Inbound, mut decision: Decision, redaction: &Redaction, at: Timestamp) -> Self {
        decision.rejection = decision.rejection.map(|rejection| redaction.rejection(rejection));
        let mut text = Vec::with_capacity(256);
        write_target(&mut text, inbound, redaction);
        let path_length = length(&text);
        write_headers(&mut text, inbound, redaction);
        let head_length = length(&text) - path_length;
        let body = match &inbound.body {
            Body::OverLimit { declared } => BodyNote::OverLimit { declared: *declared },
            Body::Complete(bytes) => {
                let kept = &bytes[..bytes.len().min(MAX_BODY)];
                if redaction.is_in(kept) {
                    BodyNote::Redacted { length: bytes.len() }
                } else {
                    text.extend_from_slice(kept);
                    BodyNote::Complete { length: bytes.len() }
                }
            }
        };
        let method = Some(inbound.method.clone());
        Self {
            at,
            method,
            text: text.into_boxed_slice(),
            path_length,
            head_length,
            body,
            decision,
            answer: None,
        }
    }

    /// The entry for something that had no head that could be read.
    pub(crate) fn headless(decision: Decision, at: Timestamp) -> Self {
        Self {
            at,
            method: None,
            text: Box::default(),
            path_length: 0,
            head_length: 0,
            body: BodyNote::Complete { length: 0 },
            decision,
            answer: None,
        }
    }

    /// Files what became of its answer.
    pub(crate) fn answer(&mut self, note: AnswerNote, now: Timestamp) {
        self.answer = Some((note, now));
    }

    /// The call was refused after it had been held.
    pub(crate) fn refuse(&mut self, rejection: Rejection, redaction: &Redaction) {
        self.decision.rejection = Some(redaction.rejection(rejection));
    }

    /// Roughly the memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.text.len() + size_of_val(self.decision.started.ids())
    }

    /// The gate that refused it.
    pub(crate) fn gate(&self) -> Option<Gate> {
        self.decision.rejection.as_ref().map(|rejection| rejection.gate)
    }

    /// Whether it was refused.
    pub(crate) fn outcome(&self) -> JournalOutcome {
        match self.decision.rejection {
            Some(_) => JournalOutcome::Refused,
            None => JournalOutcome::Accepted,
        }
    }

    /// The entry as others see it; `number` is its place since the journal was last emptied.
    pub(crate) fn record(&self, number: u64) -> ReceivedRequest {
        let (path, rest) = self.text.split_at(self.path_length as usize);
        let (head, body) = rest.split_at(self.head_length as usize);
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let headers = head
            .split(|byte| *byte == b'\n')
            .filter_map(|line| {
                text(line)
                    .split_once(": ")
                    .map(|(name, value)| (name.into(), value.into()))
            })
            .collect();
        let rejection = self.decision.rejection.as_ref();
        ReceivedRequest {
            number,
            at: self.at,
            method: self.method.as_ref().map(ToString::to_string),
            path: text(path),
            headers,
            body: match self.body {
                BodyNote::Complete { length } => ReceivedBody::Kept {
                    text: text(body),
                    bytes: length,
                    cut_off: length > MAX_BODY,
                },
                BodyNote::Redacted { length } => ReceivedBody::Redacted { bytes: length },
                BodyNote::OverLimit { declared } => ReceivedBody::OverLimit { declared },
            },
            endpoint: self.decision.endpoint,
            refusal: rejection.map(RefusalNote::of),
            provenance: self.decision.provenance,
            executions: self.decision.started.ids().to_vec(),
            answer: self.answer.map(|(note, at)| GivenAnswer { at, note }),
        }
    }
}

fn write_target(text: &mut Vec<u8>, inbound: &Inbound, redaction: &Redaction) {
    text.extend_from_slice(redaction.target(&inbound.path).as_bytes());
    if let Some(query) = &inbound.query {
        text.push(b'?');
        text.extend_from_slice(redaction.target(query).as_bytes());
    }
}

fn write_headers(text: &mut Vec<u8>, inbound: &Inbound, redaction: &Redaction) {
    for (name, value) in &inbound.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        match redaction.header(name, value.as_bytes()) {
            Kept::AsItIs(value) => text.extend_from_slice(value),
            Kept::SchemeOnly(scheme) => {
                text.extend_from_slice(scheme);
                text.push(b' ');
                text.extend_from_slice(REDACTED.as_bytes());
            }
            Kept::Nothing => text.extend_from_slice(REDACTED.as_bytes()),
        }
        text.push(b'\n');
    }
}

/// Heads are far shorter than 4 GiB; a longer one would only be shown cut off.
fn length(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}
