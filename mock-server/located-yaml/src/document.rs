//! One file: its name, its text, its value and the places of its nodes.
//!
//! Reads no file by itself: whoever calls brings the text.

use std::sync::Arc;

use serde_yaml::Value;

use crate::positions::{Content, Positions};
use crate::{Location, Node, Problem, Problems};

/// The most bytes a file may have: 4 MiB. The largest file of this project has less than a tenth of a mebibyte.
pub const MAX_BYTES: usize = 4 << 20;

/// A file that is well-formed YAML with exactly one value (an empty file holds null).
#[derive(Debug)]
pub struct Document {
    file: Arc<str>,
    text: Arc<str>,
    value: Value,
    positions: Arc<Positions>,
    rewritten: bool,
}

impl Document {
    /// Parses `text`; `file` is what the problems call it.
    ///
    /// # Errors
    /// Every problem with the text itself: not YAML, a key given twice, a key that is no text, a tag, a second document,
    /// nesting or aliases beyond reason, too many bytes.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_BYTES {
            let problem = Problem::new(Location::start_of(file), format!("more than {MAX_BYTES} bytes"));
            return Err(problem.into());
        }
        let positions = Positions::of(file, text)?;
        let value = serde_yaml::from_str(text).map_err(|error| Problems::from(refusal(file, &error)))?;
        let document = Self {
            file: file.into(),
            text: text.into(),
            value,
            positions: Arc::new(positions),
            rewritten: false,
        };
        match document.disagreement() {
            Some(location) => {
                let problem = Problem::new(location, "this can be read in more than one way");
                Err(problem
                    .hint("write it more plainly: quote texts, indent with spaces")
                    .into())
            }
            None => Ok(document),
        }
    }

    /// The file's name as given to [`Document::parse`].
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The text that was parsed, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value of the whole file.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        Node::new(self, &self.value, self.positions.root())
    }

    /// The same file with another value: what replaces a scalar stands where that scalar stood.
    ///
    /// `replace` is asked about every text, keys included, and answers `None` to keep it.
    #[must_use]
    pub fn rewritten(&self, replace: &dyn Fn(&str) -> Option<Value>) -> Self {
        Self {
            file: self.file.clone(),
            text: self.text.clone(),
            value: rewrite(&self.value, replace),
            positions: self.positions.clone(),
            rewritten: true,
        }
    }

    pub(crate) fn is_rewritten(&self) -> bool {
        self.rewritten
    }

    pub(crate) fn positions(&self) -> &Positions {
        &self.positions
    }

    pub(crate) fn name(&self) -> Arc<str> {
        self.file.clone()
    }

    pub(crate) fn shared_text(&self) -> Arc<str> {
        self.text.clone()
    }

    /// The first place where the value and the positions are not the same tree.
    fn disagreement(&self) -> Option<Location> {
        let mut pairs = vec![(&self.value, self.positions.root())];
        while let Some((value, place)) = pairs.pop() {
            let agree = match (value, place.map(|index| &self.positions.spot(index).content)) {
                (Value::Sequence(values), Some(Content::Sequence(places))) => {
                    pairs.extend(values.iter().zip(places.iter().map(|place| Some(*place))));
                    values.len() == places.len()
                }
                (Value::Mapping(values), Some(Content::Mapping(places))) => {
                    for ((key, value), (key_place, value_place)) in values.iter().zip(places) {
                        pairs.extend([(key, Some(*key_place)), (value, Some(*value_place))]);
                    }
                    values.len() == places.len()
                }
                (Value::String(text), Some(Content::Scalar(written))) => text.as_str() == &**written,
                (Value::Null | Value::Bool(_) | Value::Number(_), Some(Content::Scalar(_))) => true,
                (Value::Null, None) => true,
                _ => false,
            };
            if !agree {
                return Some(Node::new(self, value, place).location());
            }
        }
        None
    }
}

fn rewrite(value: &Value, replace: &dyn Fn(&str) -> Option<Value>) -> Value {
    match value {
        Value::String(text) => replace(text).unwrap_or_else(|| value.clone()),
        Value::Sequence(values) => Value::Sequence(values.iter().map(|value| rewrite(value, replace)).collect()),
        Value::Mapping(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| (rewrite(key, replace), rewrite(value, replace)));
            Value::Mapping(pairs.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Tagged(_) => value.clone(),
    }
}

fn refusal(file: &str, error: &serde_yaml::Error) -> Problem {
    let mut place = Location::start_of(file);
    if let Some(at) = error.location() {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (place.line, place.column, place.length) = (narrow(at.line()), narrow(at.column()), 1);
    }
    let text = error.to_string();
    // The message ends with the place, which the problem shows by itself.
    let message = text.split(" at line ").next().unwrap_or(&text);
    Problem::new(place, message)
}
