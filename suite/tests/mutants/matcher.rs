//! The single assertions inside a matcher, and what each of them is loosened to.
//!
//! Makes other matchers; compares nothing.

use regex::Regex;
use serde_json::{Value as Json, json};
use torq_conformance::spec::model::{Kind, Matcher, Pattern, Template};

/// One assertion of a matcher: the matcher is all of them together.
pub(crate) struct Leaf {
    /// Which of several, such as ` all[1]`; empty for the only one.
    pub(crate) label: String,
    /// This one alone.
    pub(crate) alone: Matcher,
    /// The matcher without it; nothing when it is all there is.
    pub(crate) without: Option<Matcher>,
    /// The matcher with this one asking for less, and what it asks for then.
    pub(crate) loosened: Vec<(String, Matcher)>,
}

/// The assertions of a matcher.
pub(crate) fn leaves(matcher: &Matcher) -> Vec<Leaf> {
    let Matcher::All(parts) = matcher else {
        return vec![Leaf {
            label: String::new(),
            alone: matcher.clone(),
            without: None,
            loosened: loosened(matcher),
        }];
    };
    let mut leaves = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let with = |part: Matcher| {
            let mut parts = parts.clone();
            parts[index] = part;
            Matcher::All(parts)
        };
        let mut others = parts.clone();
        others.remove(index);
        let less = loosened(part).into_iter();
        leaves.push(Leaf {
            label: format!(" all[{index}]"),
            alone: part.clone(),
            without: (!others.is_empty()).then_some(Matcher::All(others)),
            loosened: less.map(|(to, part)| (to, with(part))).collect(),
        });
    }
    leaves
}

/// A matcher of the status by its first digit, when the status is given as a number.
pub(crate) fn class_of(status: &Matcher) -> Option<(String, Matcher)> {
    let Matcher::Equals(Template::Scalar(status)) = status else {
        return None;
    };
    let class = status.as_u64()? / 100;
    let any: Vec<_> = (class * 100..class * 100 + 100)
        .map(|status| Matcher::Equals(Template::Scalar(Json::from(status))))
        .collect();
    Some((format!("any {class}xx"), Matcher::AnyOf(any)))
}

/// What asks for less than a matcher, and still for something.
fn loosened(matcher: &Matcher) -> Vec<(String, Matcher)> {
    let is = |kind: Kind, words: &str| vec![(words.to_owned(), Matcher::Is(kind))];
    match matcher {
        Matcher::Equals(template) => of_equals(template),
        Matcher::Exact(template) => {
            let mut less = without_a_key(template);
            // Of what has no object in it there is no subset but itself.
            if has_an_object(template) {
                less.push(("a subset".to_owned(), Matcher::Subset(template.clone())));
            }
            less
        }
        Matcher::Subset(template) => without_a_key(template),
        Matcher::Pattern(pattern) => without_an_anchor(pattern),
        Matcher::Is(Kind::Uuid | Kind::Timestamp) => is(Kind::String, "a string"),
        Matcher::Is(Kind::Integer) => is(Kind::Number, "a number"),
        Matcher::Is(Kind::String | Kind::Number | Kind::Boolean | Kind::Array | Kind::Object | Kind::Null) => {
            is(Kind::Present, "anything there")
        }
        Matcher::Range {
            at_least: Some(low),
            at_most: Some(high),
        } => {
            let range = |at_least, at_most| Matcher::Range { at_least, at_most };
            vec![
                ("no lower end".to_owned(), range(None, Some(high.clone()))),
                ("no upper end".to_owned(), range(Some(low.clone()), None)),
            ]
        }
        Matcher::Each(inner) => {
            let mut less = vec![("some".to_owned(), Matcher::Some(inner.clone()))];
            less.extend(inside(inner, Matcher::Each));
            less
        }
        Matcher::Some(inner) => inside(inner, Matcher::Some),
        Matcher::Length(inner) => inside(inner, Matcher::Length),
        // The first asks for less with every choice it has; to take one away would ask for more.
        Matcher::AnyOf(_)
        | Matcher::All(_)
        | Matcher::Not(_)
        | Matcher::Contains(_)
        | Matcher::Range { .. }
        | Matcher::Is(Kind::Absent | Kind::Present) => Vec::new(),
    }
}

fn inside(inner: &Matcher, around: impl Fn(Box<Matcher>) -> Matcher) -> Vec<(String, Matcher)> {
    let less = loosened(inner).into_iter();
    less.map(|(to, inner)| (to, around(Box::new(inner)))).collect()
}

fn of_equals(template: &Template) -> Vec<(String, Matcher)> {
    let kind = |kind, words: &str| vec![(words.to_owned(), Matcher::Is(kind))];
    match template {
        Template::Scalar(Json::Bool(_)) => kind(Kind::Boolean, "true or false"),
        Template::Scalar(Json::Number(_)) => kind(Kind::Number, "a number"),
        Template::Scalar(Json::String(_)) | Template::Text(_) => {
            vec![("text that contains it".to_owned(), Matcher::Contains(template.clone()))]
        }
        Template::Array(_) => kind(Kind::Array, "an array"),
        Template::Object(_) => kind(Kind::Object, "an object"),
        Template::Scalar(_) | Template::Match(_) => Vec::new(),
    }
}

fn has_an_object(template: &Template) -> bool {
    match template {
        Template::Object(_) => true,
        Template::Array(items) => items.iter().any(has_an_object),
        Template::Scalar(_) | Template::Text(_) | Template::Match(_) => false,
    }
}

/// One key less of a document that has several.
fn without_a_key(template: &Template) -> Vec<(String, Matcher)> {
    let Template::Object(entries) = template else {
        return Vec::new();
    };
    let without = |index: usize| {
        let mut entries = entries.clone();
        let (key, _) = entries.remove(index);
        (
            format!("nothing about {}", json!(key)),
            Matcher::Subset(Template::Object(entries)),
        )
    };
    match entries.len() {
        0 | 1 => Vec::new(),
        count => (0..count).map(without).collect(),
    }
}

fn without_an_anchor(pattern: &Pattern) -> Vec<(String, Matcher)> {
    let written = pattern.regex.as_str();
    let without = |words: &str, pattern: Option<&str>| {
        let regex = pattern.and_then(|pattern| Regex::new(pattern).ok())?;
        Some((words.to_owned(), Matcher::Pattern(Pattern { regex })))
    };
    let end = written.strip_suffix('$').filter(|rest| !rest.ends_with('\\'));
    let start = without("any beginning", written.strip_prefix('^'));
    start.into_iter().chain(without("any end", end)).collect()
}
