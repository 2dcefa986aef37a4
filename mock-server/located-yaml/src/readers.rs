//! Values read as what a format expects in their place; anything else is a problem with its position.
//!
//! Ranges and meanings are the caller's knowledge.

use std::borrow::Cow;
use std::time::Duration;

use serde_yaml::Value;

use crate::{Node, Problems, did_you_mean, parse_duration};

impl<'a> Node<'a> {
    /// The items of a sequence.
    pub fn items(&self, problems: &mut Problems) -> Option<Vec<Self>> {
        let elements = self.elements();
        if elements.is_none() {
            self.expected("a sequence", problems);
        }
        elements
    }

    /// A text.
    pub fn string(&self, problems: &mut Problems) -> Option<&'a str> {
        if let Value::String(text) = self.value() {
            return Some(text);
        }
        let problem = self.problem(format!("expected a text, found {}", self.description()));
        let quoted = self
            .scalar()
            .filter(|text| !text.is_empty())
            .map(|text| format!("quote it: \"{text}\""));
        problems.push(problem.maybe_hint(quoted));
        None
    }

    /// A whole number.
    pub fn integer(&self, problems: &mut Problems) -> Option<i64> {
        self.or_expected(self.value().as_i64(), "a whole number", problems)
    }

    /// A number that is neither infinite nor undefined.
    pub fn number(&self, problems: &mut Problems) -> Option<f64> {
        let number = self.value().as_f64().filter(|number| number.is_finite());
        self.or_expected(number, "a number", problems)
    }

    /// `true` or `false`.
    pub fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        self.or_expected(self.value().as_bool(), "true or false", problems)
    }

    /// A text, a number or a boolean, as it was written.
    pub fn scalar_text(&self, problems: &mut Problems) -> Option<String> {
        let text = self.scalar().filter(|_| !self.is_null()).map(Cow::into_owned);
        self.or_expected(text, "a text, a number or a boolean", problems)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let Some(word) = self.scalar().filter(|_| !self.is_null()) else {
            self.expected("a word", problems);
            return None;
        };
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == word) {
            return Some(*value);
        }
        let hint = did_you_mean(&word, choices.iter().map(|(name, _)| *name));
        problems.push(self.problem(format!("unknown value `{word}`")).maybe_hint(hint));
        None
    }

    /// A length of time: `50s`, `250ms`, `1.5s`, `24h`, or a number of seconds.
    pub fn duration(&self, problems: &mut Problems) -> Option<Duration> {
        let parsed = match (self.value(), self.scalar()) {
            (Value::String(text), _) => parse_duration(text),
            (Value::Number(_), Some(written)) => parse_duration(&format!("{written}s")),
            _ => Err(format!("expected a duration, found {}", self.description())),
        };
        match parsed {
            Ok(duration) => Some(duration),
            Err(message) => {
                problems.push(
                    self.problem(message)
                        .hint("write 50s, 250ms, 1.5s or 24h, or a number of seconds"),
                );
                None
            }
        }
    }

    /// The value as JSON; integers stay integers, keys become texts as they were written.
    pub fn json(&self, problems: &mut Problems) -> Option<serde_json::Value> {
        match self.value() {
            Value::Null => Some(serde_json::Value::Null),
            Value::Bool(value) => Some((*value).into()),
            Value::String(text) => Some(text.as_str().into()),
            Value::Number(number) => {
                let exact = number
                    .as_i64()
                    .map(Into::into)
                    .or_else(|| number.as_u64().map(Into::into));
                let float = || number.as_f64().and_then(serde_json::Number::from_f64);
                let number = exact.or_else(float).map(serde_json::Value::Number);
                self.or_expected(number, "a number that JSON can express", problems)
            }
            Value::Sequence(_) => {
                // Every item is visited even after a bad one, so that all problems are found.
                let items: Vec<_> = self.items(problems)?.iter().map(|item| item.json(problems)).collect();
                items
                    .into_iter()
                    .collect::<Option<Vec<_>>>()
                    .map(serde_json::Value::Array)
            }
            Value::Mapping(_) => {
                let entries = self.entries(problems)?;
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| Some((key.text.to_owned(), value.json(problems)?)))
                    .collect();
                entries
                    .into_iter()
                    .collect::<Option<_>>()
                    .map(serde_json::Value::Object)
            }
            Value::Tagged(_) => self.or_expected(None, "a plain value", problems),
        }
    }

    fn or_expected<T>(&self, value: Option<T>, what: &str, problems: &mut Problems) -> Option<T> {
        if value.is_none() {
            self.expected(what, problems);
        }
        value
    }

    fn expected(&self, what: &str, problems: &mut Problems) {
        problems.push(self.problem(format!("expected {what}, found {}", self.description())));
    }
}
