//! A value together with the place it stands at.
//!
//! What it is and where; `readers` and `fields` take it apart.

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
        self.children().iter().any(|(name, _)| name.scalar() == Some(key))
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

    /// The text of a scalar as the parser read it, before it was given a type.
    pub(crate) fn scalar(&self) -> Option<&'a str> {
        match &self.spot()?.content {
            Content::Scalar(text) => Some(text),
            Content::Sequence(_) | Content::Mapping(_) => None,
        }
    }

    /// The items of a sequence.
    pub(crate) fn elements(&self) -> Option<Vec<Self>> {
        match (self.value, &self.spot()?.content) {
            (Value::Sequence(values), Content::Sequence(places)) => {
                let nodes = values
                    .iter()
                    .zip(places)
                    .map(|(value, place)| self.sibling(value, *place));
                Some(nodes.collect())
            }
            _ => None,
        }
    }

    /// Keys and values of a mapping; none for anything else.
    pub(crate) fn children(&self) -> Vec<(Self, Self)> {
        match (self.value, self.spot().map(|spot| &spot.content)) {
            (Value::Mapping(values), Some(Content::Mapping(places))) => {
                let pairs = values.iter().zip(places);
                pairs
                    .map(|((key, value), at)| (self.sibling(key, at.0), self.sibling(value, at.1)))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn sibling(&self, value: &'a Value, place: usize) -> Self {
        Self {
            document: self.document,
            value,
            place: Some(place),
        }
    }

    fn spot(&self) -> Option<&'a Spot> {
        self.place.map(|index| self.document.positions().spot(index))
    }
}
