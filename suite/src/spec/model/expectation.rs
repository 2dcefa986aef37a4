//! What an answer has to be: matchers, JSON checks, time windows, burst distributions, captures and facts.
//!
//! Describes only; `check` compares.

use located_yaml::Location;
use regex::Regex;
use serde_json_path::JsonPath;

use super::Template;
use crate::expression::Expression;

/// A value and where it is written, so that a mismatch can point at the assertion.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub at: Location,
}

/// Everything an answer has to satisfy; all parts must hold.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// On the status code, as a number.
    pub status: Option<Located<Matcher>>,
    /// On headers by name (any letter case).
    pub headers: Vec<(String, Located<Matcher>)>,
    /// On the body as text.
    pub body: Option<Located<Matcher>>,
    /// On parts of the body as JSON.
    pub json: Vec<JsonCheck>,
    /// On when the answer came.
    pub answered: Option<Located<Window>>,
    /// At least one of these must hold.
    pub any_of: Vec<Self>,
    /// This must not hold.
    pub not: Option<Box<Self>>,
    /// Of a burst: how many answers by status.
    pub answers: Option<Located<Answers>>,
    /// Of a burst: the limit that must be seen at work.
    pub limit: Option<Located<BurstLimit>>,
    /// Of a burst: what every answer must satisfy, or every answer with a status.
    pub each: Vec<(Option<u16>, Self)>,
    /// Where it is written.
    pub at: Location,
}

impl Expectation {
    /// One that every answer meets.
    #[must_use]
    pub const fn anything(at: Location) -> Self {
        Self {
            status: None,
            headers: Vec::new(),
            body: None,
            json: Vec::new(),
            answered: None,
            any_of: Vec::new(),
            not: None,
            answers: None,
            limit: None,
            each: Vec::new(),
            at,
        }
    }
}

/// One path of the body and what is found there.
#[derive(Clone, Debug)]
pub struct JsonCheck {
    /// The path as written.
    pub text: String,
    /// The path, parsed (RFC 9535).
    pub path: JsonPath,
    /// What must be there.
    pub matcher: Matcher,
    /// Where it is written.
    pub at: Location,
}

/// A description of one value.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// Equal to this; numbers by value.
    Equals(Template),
    /// At least one of these holds.
    AnyOf(Vec<Self>),
    /// All of these hold.
    All(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// Of this kind.
    Is(Kind),
    /// The text has a match of this pattern.
    Pattern(Pattern),
    /// The text contains this text.
    Contains(Template),
    /// A number or timestamp in this range, ends included.
    Range {
        /// Lower end.
        at_least: Option<Expression>,
        /// Upper end.
        at_most: Option<Expression>,
    },
    /// The same document, nothing more.
    Exact(Template),
    /// At least this document: objects may have more keys, arrays are compared element by element.
    Subset(Template),
    /// The number of characters, elements or keys.
    Length(Box<Self>),
    /// Every element (or every value of a repeated header).
    Each(Box<Self>),
    /// At least one element (or value of a repeated header, or node of a path).
    Some(Box<Self>),
}

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A UUID in the 8-4-4-4-12 form.
    Uuid,
    /// An RFC 3339 time.
    Timestamp,
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// A JSON number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
    /// `null`.
    Null,
    /// Not there at all.
    Absent,
    /// There, whatever it is.
    Present,
}

/// A regular expression that remembers how it was written.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Compiled.
    pub regex: Regex,
}

/// When an answer has to come, since the request was sent, on the target's clock.
#[derive(Clone, Debug)]
pub struct Window {
    /// Not before this, a duration.
    pub after: Option<Expression>,
    /// Not after this, a duration.
    pub before: Option<Expression>,
}

/// How many answers of a burst have which status.
#[derive(Clone, Debug)]
pub struct Answers {
    /// By status.
    pub by_status: Vec<(u16, Matcher)>,
    /// All other answers together; absent: any number.
    pub other: Option<Matcher>,
}

/// A rate limit that a burst must show at work.
#[derive(Clone, Debug)]
pub struct BurstLimit {
    /// How many may be accepted.
    pub at_most: Expression,
    /// Per this duration.
    pub per: Expression,
    /// The status of a refusal.
    pub refused: u16,
}

/// How a value is taken out of an answer.
#[derive(Clone, Debug)]
pub enum Extract {
    /// The first UUID anywhere in the body.
    FirstUuid,
    /// The node at a path.
    Json(JsonPath),
    /// A header's value, repeated ones joined by a comma and a space.
    Header(String),
    /// The first group of a pattern in the body.
    Body(Pattern),
    /// The status code.
    Status,
    /// The sorted keys of the object at a path.
    Keys(JsonPath),
}

/// A named fact about open behaviour.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Unique over all cases.
    pub name: String,
    /// Where its value comes from.
    pub source: FactSource,
    /// Where it is written.
    pub at: Location,
}

/// Where a fact's value comes from.
#[derive(Clone, Debug)]
pub enum FactSource {
    /// The name of the first expectation that holds.
    Choices(Vec<(String, Expectation)>),
    /// The value itself.
    Value(Extract),
    /// Of a burst: the kinds of limiter that explain it.
    Limiter(BurstLimit),
}
