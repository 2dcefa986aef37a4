//! A value together with the place it stands at.
//!
//! What it is and where; `readers` and `fields` take it apart.

use std::borrow::Cow;

use serde_yaml::Value;

use crate::positions::{Content, Spot};
use crate::{Document, Location, Problem};

/// One value of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    document: &'a Document,
    value: &'a Value,
    place: Option<usize>,
}

impl<'a> Node<'a> {
    pub(crate) fn new(document: &'a Document, value: &'a Value, place: Option<usize>) -> Self {
        Self { document, value, place }
    }

    /// Where the value stands: a scalar's text, a flow collection's brackets, a block collection's first line.
    #[must_use]
    pub fn location(&self) -> Location {
        let file = self.document.name();
        match self.spot() {
            Some(spot) => Location {
                file,
                line: spot.line,
                column: spot.column,
                length: spot.length,
            },
            None => Location {
                file,
                line: 1,
                column: 1,
                length: 0,
            },
        }
    }

    /// The value as `serde_yaml` understands it.
    #[must_use]
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The document it belongs to.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// Whether it is null, or nothing was written.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// Whether it has keys.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        self.value.is_mapping()
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.value.is_sequence()
    }

    /// Whether it is a text.
    #[must_use]
    pub fn is_string(&self) -> bool {
        self.value.is_string()
    }

    /// Whether it is a mapping with `key` among its keys: for a look ahead.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.children().iter().any(|(name, _)| name.key_text() == Some(key))
    }

    /// A problem with this value.
    #[must_use]
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.location(), message)
    }

    /// What it is, for a message: "a mapping", "the number 3".
    #[must_use]
    pub fn description(&self) -> String {
        let written = self.scalar().unwrap_or_default();
        match self.value {
            Value::Null => "nothing".into(),
            Value::Bool(_) => format!("the boolean {written}"),
            Value::Number(_) => format!("the number {written}"),
            Value::String(_) if written.chars().count() <= 40 => format!("the text {written:?}"),
            Value::String(_) => "a text".into(),
            Value::Sequence(_) => "a sequence".into(),
            Value::Mapping(_) => "a mapping".into(),
            Value::Tagged(_) => "a tagged value".into(),
        }
    }

    /// The text of a scalar as the parser read it, before it was given a type; of one put in its place, its value.
    pub(crate) fn scalar(&self) -> Option<Cow<'a, str>> {
        match (self.value, &self.spot()?.content) {
            (Value::String(text), _) => Some(text.into()),
            (Value::Number(number), _) if self.document.is_rewritten() => Some(number.to_string().into()),
            (Value::Bool(value), _) if self.document.is_rewritten() => Some(value.to_string().into()),
            (Value::Sequence(_) | Value::Mapping(_), _) | (_, Content::Sequence(_) | Content::Mapping(_)) => None,
            (_, Content::Scalar(text)) => Some(Cow::Borrowed(text)),
        }
    }

    /// The text of a key as it was written.
    pub(crate) fn key_text(&self) -> Option<&'a str> {
        match (self.value, &self.spot()?.content) {
            (Value::String(text), _) => Some(text),
            (_, Content::Scalar(text)) => Some(text),
            (_, Content::Sequence(_) | Content::Mapping(_)) => None,
        }
    }

    /// The items of a sequence.
    pub(crate) fn elements(&self) -> Option<Vec<Self>> {
        let Value::Sequence(values) = self.value else {
            return None;
        };
        let places: &[usize] = match &self.spot()?.content {
            Content::Sequence(places) => places,
            // Put in the place of a scalar: everything in it stands there.
            Content::Scalar(_) | Content::Mapping(_) => &[],
        };
        let place = |index: usize| places.get(index).copied().or(self.place);
        Some(
            values
                .iter()
                .enumerate()
                .map(|(index, value)| self.sibling(value, place(index)))
                .collect(),
        )
    }

    /// Keys and values of a mapping; none for anything else.
    pub(crate) fn children(&self) -> Vec<(Self, Self)> {
        let (Value::Mapping(values), Some(spot)) = (self.value, self.spot()) else {
            return Vec::new();
        };
        let places: &[(usize, usize)] = match &spot.content {
            Content::Mapping(places) => places,
            Content::Scalar(_) | Content::Sequence(_) => &[],
        };
        let pairs = values.iter().enumerate();
        pairs
            .map(|(index, (key, value))| {
                let at = places.get(index);
                let key = self.sibling(key, at.map(|at| at.0).or(self.place));
                (key, self.sibling(value, at.map(|at| at.1).or(self.place)))
            })
            .collect()
    }

    fn sibling(&self, value: &'a Value, place: Option<usize>) -> Self {
        Self {
            document: self.document,
            value,
            place,
        }
    }

    fn spot(&self) -> Option<&'a Spot> {
        self.place.map(|index| self.document.positions().spot(index))
    }
}
