//! An answer with one field changed: the status, a header, a leaf of the JSON body, its bytes, or when it came.
//!
//! Makes other exchanges; judges nothing.

use std::fmt;
use std::time::Duration;

use serde_json::{Value as Json, json};
use torq_conformance::attempt::{Answer, Exchange, Outcome, Payload, Took, Unanswered};

use crate::json::{self, LeafChange, Path};

/// The statuses an answer may have instead of its own.
const STATUSES: [u16; 14] = [200, 201, 202, 204, 302, 303, 400, 401, 403, 404, 413, 429, 500, 503];
/// What HTTP itself needs to carry an answer; what is wrong with it is no other answer.
const CARRIER: [&str; 5] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "transfer-encoding",
];

/// One change of an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Another status.
    Status(u16),
    /// Another value of a header, by its name in lower case.
    Header(String, TextChange),
    /// The header is missing.
    NoHeader(String),
    /// A header more, with this value.
    OneHeaderMore(String, String),
    /// The answer says this as well: in a key more, or after the rest where it is no object.
    Says(String),
    /// Something in the JSON body.
    Json(Path, LeafChange),
    /// The body as bytes.
    Body(BodyChange),
    /// When it came.
    Time(When),
}

/// Another text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TextChange {
    /// Something else altogether, of the same kind.
    Other,
    /// The same with something before it.
    Prefixed,
    /// The same with something after it.
    Suffixed,
    /// Its letters in the other case.
    CaseChanged,
    /// The empty text.
    Empty,
}

/// Other bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BodyChange {
    /// None.
    Empty,
    /// Its first half.
    Cut,
    /// Something else.
    Other,
    /// The same with something before it.
    Prefixed,
    /// The same with something after it.
    Suffixed,
}

/// Another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    /// At once.
    AtOnce,
    /// Just before the caller runs out of patience.
    Late,
    /// Not at all.
    Never,
}

/// How finely changes are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grain {
    /// One other value of a field, and none: what a server that is wrong there would answer.
    Coarse,
    /// Every value that tells two assertions apart.
    Fine,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status: {status}"),
            Self::Header(name, TextChange::Other) => write!(f, "header {name}: another value"),
            Self::Header(name, TextChange::Prefixed) => write!(f, "header {name}: more before it"),
            Self::Header(name, TextChange::Suffixed) => write!(f, "header {name}: more after it"),
            Self::Header(name, TextChange::CaseChanged) => write!(f, "header {name}: other letter case"),
            Self::Header(name, TextChange::Empty) => write!(f, "header {name}: empty"),
            Self::OneHeaderMore(name, value) => write!(f, "header {name}: there, and {value}"),
            Self::Says(text) => write!(f, "body: says {text}"),
            Self::NoHeader(name) => write!(f, "header {name}: missing"),
            Self::Json(path, change) => write!(f, "json {path}: {change}"),
            Self::Body(BodyChange::Empty) => f.write_str("body: empty"),
            Self::Body(BodyChange::Cut) => f.write_str("body: cut in half"),
            Self::Body(BodyChange::Other) => f.write_str("body: another text"),
            Self::Body(BodyChange::Prefixed) => f.write_str("body: more before it"),
            Self::Body(BodyChange::Suffixed) => f.write_str("body: more after it"),
            Self::Time(When::AtOnce) => f.write_str("time: at once"),
            Self::Time(When::Late) => f.write_str("time: late"),
            Self::Time(When::Never) => f.write_str("time: never"),
        }
    }
}

/// Every change of an exchange that has an answer.
pub(crate) fn changes(exchange: &Exchange, grain: Grain) -> Vec<Change> {
    let Some(answer) = exchange.answer() else {
        return Vec::new();
    };
    let mut all: Vec<_> = STATUSES
        .into_iter()
        .filter(|status| *status != answer.status)
        .map(Change::Status)
        .collect();
    let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
    names.sort();
    names.dedup();
    for name in names.into_iter().filter(|name| !CARRIER.contains(&name.as_str())) {
        all.push(Change::NoHeader(name.clone()));
        all.push(Change::Header(name.clone(), TextChange::Other));
        if grain == Grain::Fine {
            for change in TextChange::FINE {
                all.push(Change::Header(name.clone(), change));
            }
        }
    }
    if let Some(body) = answer.body.json() {
        let leaves = json::changes(&body, grain).into_iter();
        all.extend(leaves.map(|(path, change)| Change::Json(path, change)));
    }
    if !answer.body.kept.is_empty() {
        all.extend([BodyChange::Empty, BodyChange::Cut, BodyChange::Other].map(Change::Body));
        if grain == Grain::Fine {
            all.extend([BodyChange::Prefixed, BodyChange::Suffixed].map(Change::Body));
        }
    }
    if let Took::Between { by, .. } = exchange.took
        && !by.is_zero()
    {
        all.push(Change::Time(When::AtOnce));
    }
    all.extend([When::Late, When::Never].map(Change::Time));
    all
}

impl Change {
    /// The exchange with this change; `None` when it has nothing to change.
    pub(crate) fn of(&self, exchange: &Exchange, patience: Duration) -> Option<Exchange> {
        let mut changed = exchange.clone();
        match self {
            Self::Time(when) => {
                exchange.answer()?;
                match when {
                    When::AtOnce => changed.took = between(Duration::ZERO, Duration::ZERO),
                    When::Late => changed.took = between(patience.saturating_sub(Duration::from_millis(1)), patience),
                    When::Never => changed.outcome = Outcome::Unanswered(Unanswered::OutOfPatience),
                }
            }
            Self::Status(_)
            | Self::Header(..)
            | Self::NoHeader(_)
            | Self::OneHeaderMore(..)
            | Self::Says(_)
            | Self::Json(..)
            | Self::Body(_) => {
                let Outcome::Answered(answer) = &mut changed.outcome else {
                    return None;
                };
                self.apply(answer)?;
            }
        }
        Some(changed)
    }

    fn apply(&self, answer: &mut Answer) -> Option<()> {
        match self {
            Self::Status(status) => {
                (answer.status != *status).then_some(())?;
                answer.status = *status;
            }
            Self::Header(name, change) => {
                let mut lines = answer
                    .headers
                    .iter_mut()
                    .filter(|(it, _)| it.eq_ignore_ascii_case(name))
                    .peekable();
                lines.peek()?;
                lines.for_each(|(_, value)| *value = change.of(value));
            }
            Self::NoHeader(name) => {
                let before = answer.headers.len();
                answer.headers.retain(|(it, _)| !it.eq_ignore_ascii_case(name));
                (answer.headers.len() < before).then_some(())?;
            }
            Self::OneHeaderMore(name, value) => {
                answer.header(name).next().is_none().then_some(())?;
                answer.headers.push((name.clone(), value.clone()));
            }
            Self::Says(text) => {
                answer.body = Payload::whole(match answer.body.json() {
                    Some(Json::Object(mut entries)) => {
                        entries.insert("one_key_more".to_owned(), Json::from(text.as_str()));
                        Json::Object(entries).to_string()
                    }
                    _ => format!("{} {text}", answer.body.text()),
                });
            }
            Self::Json(path, change) => {
                let mut body = answer.body.json()?;
                path.change(&mut body, change).then_some(())?;
                answer.body = Payload::whole(body.to_string());
            }
            Self::Body(change) => {
                let text = answer.body.text();
                answer.body = Payload::whole(match change {
                    BodyChange::Empty => String::new(),
                    BodyChange::Cut => text.chars().take(text.chars().count() / 2).collect(),
                    BodyChange::Other if text == "other" => "another".to_owned(),
                    BodyChange::Other => "other".to_owned(),
                    BodyChange::Prefixed => format!("~{text}"),
                    BodyChange::Suffixed => format!("{text}~"),
                });
            }
            Self::Time(_) => return None,
        }
        Some(())
    }
}

const fn between(after: Duration, by: Duration) -> Took {
    Took::Between { after, by }
}

impl TextChange {
    /// Those that only tell one assertion from another.
    pub(crate) const FINE: [Self; 4] = [Self::Prefixed, Self::Suffixed, Self::CaseChanged, Self::Empty];

    /// The changed text.
    pub(crate) fn of(self, text: &str) -> String {
        match self {
            Self::Other => other(text),
            Self::Prefixed => format!("~{text}"),
            Self::Suffixed => format!("{text}~"),
            Self::CaseChanged => {
                let upper = text.to_uppercase();
                if upper == text { text.to_lowercase() } else { upper }
            }
            Self::Empty => String::new(),
        }
    }
}

/// Another text of the same kind: an id for an id, a time for a time, a number for a number.
fn other(text: &str) -> String {
    if let Ok(id) = uuid::Uuid::try_parse(text) {
        return uuid::Uuid::from_u128(id.as_u128() ^ 0xffff).to_string();
    }
    if let Some(later) = text
        .parse::<jiff::Timestamp>()
        .ok()
        .and_then(|it| it.checked_add(DAY).ok())
    {
        return later.to_string();
    }
    if let Ok(number) = text.parse::<u32>() {
        return number.wrapping_add(1).to_string();
    }
    let other = if text.contains('/') { "text/x-other" } else { "other" };
    if text == other {
        format!("an{text}")
    } else {
        other.to_owned()
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An answer of a server that does not know what it is asked for.
pub(crate) fn unknown(exchange: &Exchange, status: u16) -> Exchange {
    let mut changed = exchange.clone();
    if let Outcome::Answered(answer) = &mut changed.outcome {
        answer.status = status;
        answer.body = Payload::whole(json!({ "status": "error" }).to_string());
    }
    changed
}

/// Whether a request has a text in it.
pub(crate) fn is_asked_with(exchange: &Exchange, text: &str) -> bool {
    let request = &exchange.request;
    request.url.contains(text) || request.headers.iter().any(|(_, value)| value.contains(text))
}

/// A captured value as requests carry it.
pub(crate) fn text_of(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
