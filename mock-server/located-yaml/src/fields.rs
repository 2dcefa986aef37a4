//! Mappings taken apart: those with known keys, and those whose keys are the author's.
//!
//! Which keys are known is the caller's knowledge.

use crate::{Location, Node, Problem, Problems, did_you_mean};

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// As it was written, without quotes.
    pub text: &'a str,
    /// Where it stands.
    pub location: Location,
}

impl Key<'_> {
    /// A problem with this key.
    #[must_use]
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.location.clone(), message)
    }
}

/// A mapping whose unknown keys have been reported.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    node: Node<'a>,
    entries: Vec<(Key<'a>, Node<'a>)>,
}

impl<'a> Fields<'a> {
    /// The value of `key`; its absence is a problem.
    pub fn required(&self, key: &str, problems: &mut Problems) -> Option<Node<'a>> {
        let found = self.optional(key);
        if found.is_none() {
            problems.push(self.node.problem(format!("the key `{key}` is missing")));
        }
        found
    }

    /// The value of `key`, when it is there.
    #[must_use]
    pub fn optional(&self, key: &str) -> Option<Node<'a>> {
        self.entries
            .iter()
            .find(|(name, _)| name.text == key)
            .map(|(_, value)| *value)
    }

    /// The key itself, when it is there.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<&Key<'a>> {
        self.entries.iter().map(|(name, _)| name).find(|name| name.text == key)
    }

    /// Keys and values in the order of the file, unknown ones included.
    pub fn iter(&self) -> impl Iterator<Item = &(Key<'a>, Node<'a>)> {
        self.entries.iter()
    }

    /// Where the mapping stands.
    #[must_use]
    pub fn location(&self) -> Location {
        self.node.location()
    }

    /// The mapping.
    #[must_use]
    pub fn node(&self) -> Node<'a> {
        self.node
    }
}

impl<'a> Node<'a> {
    /// A mapping with some of the `known` keys. Anything but a mapping is a problem, and so is every other key.
    pub fn fields(&self, known: &[&str], problems: &mut Problems) -> Option<Fields<'a>> {
        let entries = self.entries(problems)?;
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.text)) {
            let hint = did_you_mean(key.text, known.iter().copied());
            problems.push(key.problem(format!("unknown key `{}`", key.text)).maybe_hint(hint));
        }
        Some(Fields { node: *self, entries })
    }

    /// A mapping whose keys are the author's. Anything but a mapping is a problem.
    pub fn entries(&self, problems: &mut Problems) -> Option<Vec<(Key<'a>, Self)>> {
        if !self.is_mapping() {
            problems.push(self.problem(format!("expected a mapping, found {}", self.description())));
            return None;
        }
        let named = |(key, value): (Self, Self)| {
            let text = key.key_text()?;
            Some((
                Key {
                    text,
                    location: key.location(),
                },
                value,
            ))
        };
        Some(self.children().into_iter().filter_map(named).collect())
    }
}
