//! A JSON document with one place in it changed.
//!
//! Knows documents only: nothing of answers, nothing of cases.

use std::fmt;

use serde_json::{Number, Value as Json, json};

use crate::alteration::{Grain, TextChange};

/// A place in a document; a list's elements are one place, or one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Key(String),
    Index(usize),
    Every,
}

/// What is changed at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LeafChange {
    /// It is missing.
    Missing,
    /// A value of another type.
    OtherType,
    /// Another value of the same type.
    Other,
    /// Another text.
    Text(TextChange),
    /// A number that is larger or smaller by so much.
    By(i64),
    /// A number with a fraction.
    Fraction,
    /// An object has a key more.
    OneKeyMore,
    /// A list has an element more.
    OneMore,
    /// A list has an element less.
    OneLess,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Key(key) => write!(f, ".{key}"),
            Segment::Index(index) => write!(f, "[{index}]"),
            Segment::Every => f.write_str("[*]"),
        })
    }
}

impl fmt::Display for LeafChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::OtherType => "another type",
            Self::Other | Self::Text(TextChange::Other) => "another value",
            Self::Text(TextChange::Prefixed) => "more before it",
            Self::Text(TextChange::Suffixed) => "more after it",
            Self::Text(TextChange::CaseChanged) => "other letter case",
            Self::Text(TextChange::Empty) => "empty",
            Self::By(by) => return write!(f, "{by:+}"),
            Self::Fraction => "a fraction",
            Self::OneKeyMore => "a key more",
            Self::OneMore => "an element more",
            Self::OneLess => "an element less",
        })
    }
}

/// Every change of a document.
pub(crate) fn changes(document: &Json, grain: Grain) -> Vec<(Path, LeafChange)> {
    let mut all = Vec::new();
    collect(document, &Path::default(), grain, &mut all);
    all.sort();
    all.dedup();
    all
}

fn collect(value: &Json, at: &Path, grain: Grain, all: &mut Vec<(Path, LeafChange)>) {
    let below = |segment| {
        let mut path = at.clone();
        path.0.push(segment);
        path
    };
    let mut changes = Vec::new();
    let is_leaf = match value {
        Json::Object(entries) => {
            for (key, value) in entries {
                collect(value, &below(Segment::Key(key.clone())), grain, all);
            }
            if grain == Grain::Fine {
                changes.push(LeafChange::OneKeyMore);
            }
            entries.is_empty()
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(value, &below(Segment::Every), grain, all);
                if grain == Grain::Fine {
                    collect(value, &below(Segment::Index(index)), grain, all);
                }
            }
            if grain == Grain::Fine {
                changes.extend([LeafChange::OneMore, LeafChange::OneLess]);
            }
            items.is_empty()
        }
        Json::String(_) if grain == Grain::Fine => {
            changes.extend(TextChange::FINE.map(LeafChange::Text));
            true
        }
        Json::Number(_) if grain == Grain::Fine => {
            changes.extend([-1, 1_000_000, -1_000_000].map(LeafChange::By));
            changes.push(LeafChange::Fraction);
            true
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
    };
    if is_leaf || grain == Grain::Fine {
        if !at.0.is_empty() {
            changes.push(LeafChange::Missing);
        }
        changes.extend([LeafChange::OtherType, LeafChange::Other]);
    }
    all.extend(changes.into_iter().map(|change| (at.clone(), change)));
}

impl Path {
    /// Changes what is there; whether there was something.
    pub(crate) fn change(&self, document: &mut Json, change: &LeafChange) -> bool {
        apply(&self.0, document, change)
    }
}

fn apply(path: &[Segment], value: &mut Json, change: &LeafChange) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return change.of(value);
    };
    let is_removed = rest.is_empty() && *change == LeafChange::Missing;
    match (first, value) {
        (Segment::Key(key), Json::Object(entries)) if is_removed => entries.shift_remove(key).is_some(),
        (Segment::Key(key), Json::Object(entries)) => {
            entries.get_mut(key).is_some_and(|value| apply(rest, value, change))
        }
        (Segment::Every, Json::Array(items)) if is_removed => {
            let there = !items.is_empty();
            items.clear();
            there
        }
        (Segment::Every, Json::Array(items)) => {
            // Not `any`: every one of them is to be changed.
            let changed = items.iter_mut().map(|value| apply(rest, value, change));
            changed.fold(false, |before, this| before | this)
        }
        (Segment::Index(index), Json::Array(items)) if is_removed => {
            let there = *index < items.len();
            if there {
                items.remove(*index);
            }
            there
        }
        (Segment::Index(index), Json::Array(items)) => {
            items.get_mut(*index).is_some_and(|value| apply(rest, value, change))
        }
        (Segment::Key(_) | Segment::Every | Segment::Index(_), _) => false,
    }
}

impl LeafChange {
    fn of(&self, value: &mut Json) -> bool {
        let changed = match (self, &*value) {
            (Self::Other, Json::String(text)) => Some(Json::from(TextChange::Other.of(text))),
            (Self::Text(change), Json::String(text)) => Some(Json::from(change.of(text))),
            (Self::Other, Json::Number(number)) => plus(number, 1),
            (Self::By(by), Json::Number(number)) => plus(number, *by),
            (Self::Fraction, Json::Number(number)) => {
                let half = number.as_f64().and_then(|number| Number::from_f64(number + 0.5));
                half.map(Json::Number)
            }
            (Self::Other, Json::Bool(it)) => Some(Json::from(!it)),
            (Self::Other, Json::Null) => Some(Json::from(false)),
            (Self::Other, Json::Array(_)) => Some(json!(["other"])),
            (Self::Other, Json::Object(_)) => Some(json!({ "other": "other" })),
            (Self::OtherType, Json::Number(number)) => Some(Json::from(number.to_string())),
            (Self::OtherType, Json::Bool(it)) => Some(Json::from(it.to_string())),
            (Self::OtherType, Json::String(_) | Json::Null | Json::Array(_)) => Some(json!({ "value": &*value })),
            (Self::OtherType, Json::Object(_)) => Some(json!([&*value])),
            (Self::OneKeyMore, Json::Object(entries)) => {
                let mut entries = entries.clone();
                entries.insert("one_key_more".to_owned(), Json::from("other"));
                Some(Json::Object(entries))
            }
            (Self::OneMore, Json::Array(items)) => {
                let mut items = items.clone();
                items.push(items.last().cloned().unwrap_or_else(|| Json::from("other")));
                Some(Json::Array(items))
            }
            (Self::OneLess, Json::Array(items)) => {
                let fewer = items.len().checked_sub(1);
                fewer.map(|fewer| Json::from(&items[..fewer]))
            }
            (
                Self::Missing
                | Self::Text(_)
                | Self::By(_)
                | Self::Fraction
                | Self::OneKeyMore
                | Self::OneMore
                | Self::OneLess,
                _,
            ) => None,
        };
        match changed {
            Some(changed) => *value = changed,
            None => return false,
        }
        true
    }
}

fn plus(number: &Number, more: i64) -> Option<Json> {
    match number.as_i64() {
        Some(whole) => Some(Json::from(whole.saturating_add(more))),
        None => Number::from_f64(number.as_f64()? + more as f64).map(Json::Number),
    }
}
