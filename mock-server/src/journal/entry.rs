//! One request as the journal keeps it: small, and without secrets.
//!
//! Made once, from the request and what was decided; only the answer is filed later.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::gate::Gate;
use crate::ids::ExecutionId;
use crate::inbound::{Body, Inbound};
use crate::journal::query::Answered;
use crate::journal::record::{GivenAnswer, Provenance, ReceivedBody, ReceivedRequest, RefusalNote};
use crate::journal::redaction::{Kept, REDACTED, Redaction};
use crate::journal::withheld::Withheld;
use crate::journal::{AnswerNote, JournalKey, JournalOutcome, NotKept, sent};
use crate::meters::Counted;
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
    /// When it came by the machine's clock.
    real_at: Option<Timestamp>,
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
    /// The answer itself, if one was written.
    sent: Option<Box<sent::Kept>>,
    /// What the text does not show.
    withheld: Option<Box<Withheld>>,
    /// The request it repeats.
    replay_of: Option<JournalKey>,
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
        let (mut text, mut withheld) = (Vec::with_capacity(room_for(inbound)), Withheld::default());
        write_target(&mut text, inbound, redaction);
        if is_withheld(inbound, redaction) {
            let query = inbound.query.as_deref().map(Into::into);
            withheld.target = Some((inbound.path.as_str().into(), query));
        }
        let path_length = length(&text);
        write_headers(&mut text, (inbound, &mut withheld), redaction);
        let head_length = length(&text) - path_length;
        let body = match &inbound.body {
            Body::OverLimit { declared } => BodyNote::OverLimit { declared: *declared },
            Body::Complete(bytes) => {
                let kept = &bytes[..bytes.len().min(MAX_BODY)];
                if redaction.hides_body(decision.endpoint, kept) {
                    withheld.body = (bytes.len() <= MAX_BODY).then(|| Box::from(&bytes[..]));
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
            real_at: None,
            method,
            text: text.into_boxed_slice(),
            path_length,
            head_length,
            body,
            decision,
            answer: None,
            sent: None,
            withheld: withheld.boxed(),
            replay_of: None,
        }
    }

    /// The entry for something that had no head that could be read.
    pub(crate) fn headless(decision: Decision, at: Timestamp) -> Self {
        Self {
            at,
            real_at: None,
            method: None,
            text: Box::default(),
            path_length: 0,
            head_length: 0,
            body: BodyNote::Complete { length: 0 },
            decision,
            answer: None,
            sent: None,
            withheld: None,
            replay_of: None,
        }
    }

    /// Files when it came by the machine's clock.
    pub(crate) fn came_at(&mut self, real: Timestamp) {
        self.real_at = Some(real);
    }

    /// Files which request it repeats.
    pub(crate) fn repeats(&mut self, original: JournalKey) {
        self.replay_of = Some(original);
    }

    /// Files the answer itself.
    pub(crate) fn keep(&mut self, sent: Box<sent::Kept>) {
        self.sent = Some(sent);
    }

    /// The request again, secrets included: not to be shown. `None` when not all of it was kept.
    pub(crate) fn original(&self) -> Result<Inbound, NotKept> {
        let method = self.method.clone().ok_or(NotKept::NoHead)?;
        let (target, rest) = self.text.split_at(self.path_length as usize);
        let (head, body) = rest.split_at(self.head_length as usize);
        let withheld = self.withheld.as_deref();
        let body = match (self.body, withheld.and_then(|withheld| withheld.body.clone())) {
            (BodyNote::OverLimit { .. }, _) => return Err(NotKept::OverLimit),
            (BodyNote::Complete { length }, _) if length > body.len() => return Err(NotKept::LargeBody),
            (BodyNote::Complete { .. }, _) => Bytes::copy_from_slice(body),
            (BodyNote::Redacted { .. }, Some(body)) => Bytes::from(body),
            (BodyNote::Redacted { .. }, None) => return Err(NotKept::LargeBody),
        };
        let (path, query) = match withheld.and_then(|withheld| withheld.target.as_ref()) {
            Some((path, query)) => (path.to_string(), query.as_deref().map(str::to_owned)),
            None => {
                let target = String::from_utf8_lossy(target);
                match target.split_once('?') {
                    Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
                    None => (target.into_owned(), None),
                }
            }
        };
        let lines = head.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let mut headers = HeaderMap::new();
        for (place, line) in lines.enumerate() {
            let colon = line.iter().position(|byte| *byte == b':').ok_or(NotKept::NoHead)?;
            let hidden = withheld.and_then(|withheld| withheld.headers.iter().find(|(at, _)| *at == place));
            let value = match hidden {
                Some((_, value)) => &value[..],
                None => line.get(colon + 2..).unwrap_or_default(),
            };
            let value = HeaderValue::from_bytes(value).map_err(|_| NotKept::NoHead)?;
            let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| NotKept::NoHead)?;
            headers.append(name, value);
        }
        Ok(Inbound {
            method,
            path,
            query,
            headers,
            body: Body::Complete(body),
        })
    }

    /// Files what became of its answer.
    pub(crate) fn answer(&mut self, note: AnswerNote, now: Timestamp) {
        self.answer = Some((note, now));
    }

    /// The call was refused after it had been held.
    pub(crate) fn refuse(&mut self, rejection: Rejection, redaction: &Redaction) {
        self.decision.rejection = Some(redaction.rejection(rejection));
    }

    /// A fault made it come out as it did.
    pub(crate) fn blame_fault(&mut self) {
        self.decision.provenance = Provenance::InjectedFault;
    }

    /// Roughly the memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let sent = self.sent.as_ref().map_or(0, |sent| sent.bytes());
        let withheld = self.withheld.as_ref().map_or(0, |withheld| withheld.bytes());
        let refusal = self.decision.rejection.as_ref().map_or(0, Rejection::size);
        size_of::<Self>() + self.text.len() + size_of_val(self.decision.started.ids()) + refusal + sent + withheld
    }

    /// The gate that refused it.
    pub(crate) fn gate(&self) -> Option<Gate> {
        self.decision.rejection.as_ref().map(|rejection| rejection.gate)
    }

    /// The endpoint it asked for.
    pub(crate) const fn endpoint(&self) -> Endpoint {
        self.decision.endpoint
    }

    /// What is counted of it, once it has its answer.
    pub(crate) fn counted(&self) -> Option<Counted> {
        let (answer, _) = self.answer?;
        Some(Counted {
            endpoint: self.decision.endpoint,
            gate: self.gate(),
            provenance: self.decision.provenance,
            answer,
        })
    }

    /// Its method, if it had a head.
    pub(crate) fn method(&self) -> Option<&str> {
        self.method.as_ref().map(Method::as_str)
    }

    /// The status of its answer.
    pub(crate) fn status(&self) -> Option<u16> {
        match self.answer {
            Some((AnswerNote::Sent { status, .. }, _)) => Some(status),
            Some((AnswerNote::Automatic | AnswerNote::CallerGone, _)) | None => None,
        }
    }

    /// Whether it has its answer.
    pub(crate) const fn answered(&self) -> Answered {
        match self.answer {
            Some(_) => Answered::Yes,
            None => Answered::NotYet,
        }
    }

    /// Its path and query, as far as they are shown.
    pub(crate) fn target(&self) -> &[u8] {
        &self.text[..self.path_length as usize]
    }

    /// All that is shown of it: target, headers, body.
    pub(crate) const fn text(&self) -> &[u8] {
        &self.text
    }

    /// What it started.
    pub(crate) fn started(&self) -> &[ExecutionId] {
        self.decision.started.ids()
    }

    /// What it started, to keep.
    pub(crate) fn all_started(&self) -> Started {
        self.decision.started.clone()
    }

    /// The mistakes that explain its refusal.
    pub(crate) fn mistakes(&self) -> &[&'static str] {
        let advice = self.decision.rejection.as_ref().and_then(|it| it.advice.as_ref());
        advice.map_or(&[], |advice| &advice.mistakes)
    }

    /// The request it repeats.
    pub(crate) const fn replay_of(&self) -> Option<JournalKey> {
        self.replay_of
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
        let rejection = self.decision.rejection.as_ref();
        ReceivedRequest {
            number,
            at: self.at,
            real_at: self.real_at,
            integration: None,
            workflow: None,
            method: self.method.as_ref().map(ToString::to_string),
            path: text(path),
            headers: sent::lines(head),
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
            sent: self.sent.as_ref().map(|sent| sent.record()),
            replay_of: None,
        }
    }
}

/// What the text of a request takes, unless something in it is shown otherwise than it came.
fn room_for(inbound: &Inbound) -> usize {
    let query = inbound.query.as_ref().map_or(0, |query| query.len() + 1);
    let headers = inbound.headers.iter();
    let headers: usize = headers.map(|(name, value)| name.as_str().len() + value.len() + 3).sum();
    let body = match &inbound.body {
        Body::Complete(bytes) => bytes.len().min(MAX_BODY),
        Body::OverLimit { .. } => 0,
    };
    inbound.path.len() + query + headers + body
}

fn write_target(text: &mut Vec<u8>, inbound: &Inbound, redaction: &Redaction) {
    text.extend_from_slice(redaction.target(&inbound.path).as_bytes());
    if let Some(query) = &inbound.query {
        text.push(b'?');
        text.extend_from_slice(redaction.target(query).as_bytes());
    }
}

/// Whether the target is shown otherwise than it came.
fn is_withheld(inbound: &Inbound, redaction: &Redaction) -> bool {
    let hides = |part: &str| redaction.target(part) != part;
    hides(&inbound.path) || inbound.query.as_deref().is_some_and(hides)
}

fn write_headers(text: &mut Vec<u8>, (inbound, withheld): (&Inbound, &mut Withheld), redaction: &Redaction) {
    for (place, (name, value)) in inbound.headers.iter().enumerate() {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        match redaction.header(name, value.as_bytes()) {
            Kept::AsItIs(value) => text.extend_from_slice(value),
            Kept::SchemeOnly(scheme) => {
                withheld.headers.push((place, value.as_bytes().into()));
                text.extend_from_slice(scheme);
                text.push(b' ');
                text.extend_from_slice(REDACTED.as_bytes());
            }
            Kept::Nothing => {
                withheld.headers.push((place, value.as_bytes().into()));
                text.extend_from_slice(REDACTED.as_bytes());
            }
        }
        text.push(b'\n');
    }
}

/// Heads are far shorter than 4 GiB; a longer one would only be shown cut off.
fn length(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}
