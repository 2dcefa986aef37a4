//! Whether one value is as a matcher describes it.
//!
//! Pure: a value, a matcher and the values of the case's names in, a list of differences out, each with its place.

use serde_json::Value as Json;

use super::excerpt::{self, shown};
use crate::expression::{EvalError, Value, Values};
use crate::spec::model::{Kind, Matcher, Template};

/// One difference inside a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Where inside the value, as the tail of a JSON path; empty for the value itself.
    pub(super) place: String,
    /// What was expected, in words.
    pub(super) expected: String,
    /// What is there.
    pub(super) found: String,
}

/// Compares; `None` for `found` means that there is nothing.
///
/// # Errors
/// When an expression in the matcher has no value.
pub(super) fn matches(matcher: &Matcher, found: Option<&Json>, values: &Values) -> Result<Vec<Difference>, EvalError> {
    let one = |expected: String| {
        Ok(vec![Difference {
            place: String::new(),
            expected,
            found: shown(found),
        }])
    };
    let holds = |holds: bool, expected: &dyn Fn() -> String| if holds { Ok(Vec::new()) } else { one(expected()) };
    match matcher {
        Matcher::Equals(template) => {
            let wanted = template.eval(values)?;
            Ok(match found {
                Some(found) if equal(&wanted, found) => Vec::new(),
                _ => vec![Difference::between(&wanted, found)],
            })
        }
        Matcher::AnyOf(choices) => {
            let mut nearest = Vec::new();
            for choice in choices {
                if matches(choice, found, values)?.is_empty() {
                    return Ok(Vec::new());
                }
                nearest.push(describe(choice, values)?);
            }
            one(format!("one of: {}", nearest.join(", ")))
        }
        Matcher::All(all) => {
            let mut differences = Vec::new();
            for matcher in all {
                differences.extend(matches(matcher, found, values)?);
            }
            Ok(differences)
        }
        Matcher::Not(inner) => {
            let description = describe(inner, values)?;
            holds(!matches(inner, found, values)?.is_empty(), &|| {
                format!("anything but {description}")
            })
        }
        Matcher::Is(kind) => holds(is(*kind, found), &|| kind_in_words(*kind).to_owned()),
        Matcher::Pattern(pattern) => {
            let text = found.map(text_of);
            holds(text.is_some_and(|text| pattern.regex.is_match(&text)), &|| {
                format!("a text that matches the pattern {}", pattern.regex.as_str())
            })
        }
        Matcher::Contains(template) => {
            let wanted = text_of(&template.eval(values)?);
            let text = found.map(text_of);
            holds(text.is_some_and(|text| text.contains(&wanted)), &|| {
                format!("text containing {wanted:?}")
            })
        }
        Matcher::Range { at_least, at_most } => {
            let at_least = at_least.as_ref().map(|end| end.eval(values)).transpose()?;
            let at_most = at_most.as_ref().map(|end| end.eval(values)).transpose()?;
            holds(in_range(found, at_least.as_ref(), at_most.as_ref()), &|| {
                range_in_words(at_least.as_ref(), at_most.as_ref())
            })
        }
        Matcher::Exact(template) => {
            let wanted = template.eval(values)?;
            Ok(found.map_or_else(|| missing(&wanted), |found| compare(&wanted, found)))
        }
        Matcher::Subset(template) => subset(template, found, values, ""),
        Matcher::Length(inner) => {
            let length = found.and_then(|found| match found {
                Json::String(text) => Some(text.chars().count()),
                Json::Array(items) => Some(items.len()),
                Json::Object(entries) => Some(entries.len()),
                Json::Null | Json::Bool(_) | Json::Number(_) => None,
            });
            let Some(length) = length else {
                return one("something with a length".to_owned());
            };
            let mut differences = matches(inner, Some(&Json::from(length)), values)?;
            for difference in &mut differences {
                difference.expected = format!("length {}", difference.expected);
                difference.found = format!("length {} ({})", difference.found, shown(found));
            }
            Ok(differences)
        }
        Matcher::Each(inner) => {
            let Some(Json::Array(items)) = found else {
                return one("a list".to_owned());
            };
            let mut differences = Vec::new();
            for (index, item) in items.iter().enumerate() {
                for mut difference in matches(inner, Some(item), values)? {
                    difference.place = format!("[{index}]{}", difference.place);
                    differences.push(difference);
                }
            }
            Ok(differences)
        }
        Matcher::Some(inner) => {
            let description = describe(inner, values)?;
            let items: Vec<&Json> = match found {
                Some(Json::Array(items)) => items.iter().collect(),
                Some(other) => vec![other],
                None => Vec::new(),
            };
            for item in items {
                if matches(inner, Some(item), values)?.is_empty() {
                    return Ok(Vec::new());
                }
            }
            one(format!("at least one that is {description}"))
        }
    }
}

impl Template {
    /// The document with its expressions replaced by their values.
    ///
    /// # Errors
    /// When an expression in it has no value.
    pub fn eval(&self, values: &Values) -> Result<Json, EvalError> {
        Ok(match self {
            Self::Scalar(value) => value.clone(),
            Self::Text(text) => text.eval(values)?.to_json(),
            Self::Array(items) => Json::Array(items.iter().map(|item| item.eval(values)).collect::<Result<_, _>>()?),
            Self::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), value.eval(values)?)));
                Json::Object(entries.collect::<Result<_, EvalError>>()?)
            }
            Self::Match(matcher) => Json::from(format!("({})", describe(matcher, values)?)),
        })
    }
}

/// Equality as JSON means it: numbers by value, objects in any order.
pub(super) fn equal(wanted: &Json, found: &Json) -> bool {
    match (wanted, found) {
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_f64() == b.as_f64(),
        },
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => wanted == found,
    }
}

fn compare(wanted: &Json, found: &Json) -> Vec<Difference> {
    match (wanted, found) {
        (Json::Object(wanted), Json::Object(found)) => {
            let mut differences = Vec::new();
            for (key, wanted) in wanted {
                let inner = found
                    .get(key)
                    .map_or_else(|| missing(wanted), |found| compare(wanted, found));
                differences.extend(inner.into_iter().map(|it| it.below(&segment(key))));
            }
            for (key, extra) in found.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
                let found = shown(Some(extra));
                differences.push(Difference {
                    place: segment(key),
                    expected: "nothing".into(),
                    found,
                });
            }
            differences
        }
        (Json::Array(wanted), Json::Array(found)) if wanted.len() == found.len() => {
            let pairs = wanted.iter().zip(found).enumerate();
            pairs
                .flat_map(|(index, (wanted, found))| {
                    compare(wanted, found)
                        .into_iter()
                        .map(move |it| it.below(&format!("[{index}]")))
                })
                .collect()
        }
        _ if equal(wanted, found) => Vec::new(),
        _ => vec![Difference::between(wanted, Some(found))],
    }
}

fn subset(
    template: &Template,
    found: Option<&Json>,
    values: &Values,
    place: &str,
) -> Result<Vec<Difference>, EvalError> {
    let below = |differences: Vec<Difference>| differences.into_iter().map(|it| it.below(place)).collect();
    match (template, found) {
        (Template::Match(matcher), _) => Ok(below(matches(matcher, found, values)?)),
        (Template::Object(entries), Some(Json::Object(object))) => {
            let mut differences = Vec::new();
            for (key, template) in entries {
                differences.extend(subset(
                    template,
                    object.get(key),
                    values,
                    &format!("{place}{}", segment(key)),
                )?);
            }
            Ok(differences)
        }
        (Template::Array(items), Some(Json::Array(array))) if items.len() == array.len() => {
            let mut differences = Vec::new();
            for (index, (template, found)) in items.iter().zip(array).enumerate() {
                differences.extend(subset(template, Some(found), values, &format!("{place}[{index}]"))?);
            }
            Ok(differences)
        }
        (Template::Scalar(_) | Template::Text(_) | Template::Array(_) | Template::Object(_), _) => {
            let wanted = template.eval(values)?;
            Ok(match found {
                Some(found) if equal(&wanted, found) => Vec::new(),
                _ => vec![Difference::between(&wanted, found).below(place)],
            })
        }
    }
}

impl Difference {
    fn between(wanted: &Json, found: Option<&Json>) -> Self {
        let (expected, found) = excerpt::both(wanted, found);
        Self {
            place: String::new(),
            expected,
            found,
        }
    }

    fn below(mut self, prefix: &str) -> Self {
        self.place.insert_str(0, prefix);
        self
    }
}

fn missing(wanted: &Json) -> Vec<Difference> {
    vec![Difference {
        place: String::new(),
        expected: shown(Some(wanted)),
        found: shown(None),
    }]
}

fn segment(key: &str) -> String {
    let plain =
        key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !key.starts_with(|c: char| c.is_ascii_digit());
    if plain && !key.is_empty() {
        format!(".{key}")
    } else {
        format!("[{key:?}]")
    }
}

fn is(kind: Kind, found: Option<&Json>) -> bool {
    let text = || found.and_then(Json::as_str);
    match kind {
        Kind::Uuid => text().is_some_and(is_uuid),
        Kind::Timestamp => text().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        Kind::String => found.is_some_and(Json::is_string),
        Kind::Number => found.is_some_and(Json::is_number),
        Kind::Integer => found.is_some_and(|found| found.is_i64() || found.is_u64()),
        Kind::Boolean => found.is_some_and(Json::is_boolean),
        Kind::Array => found.is_some_and(Json::is_array),
        Kind::Object => found.is_some_and(Json::is_object),
        Kind::Null => found.is_some_and(Json::is_null),
        Kind::Absent => found.is_none(),
        Kind::Present => found.is_some(),
    }
}

/// A UUID in the 8-4-4-4-12 form, and in no other.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.as_bytes()[8] == b'-' && uuid::Uuid::try_parse(text).is_ok()
}

fn in_range(found: Option<&Json>, at_least: Option<&Value>, at_most: Option<&Value>) -> bool {
    match found {
        Some(Json::Number(number)) => {
            let Some(number) = number.as_f64() else { return false };
            let bound = |end: Option<&Value>| end.map(|end| end.to_json().as_f64());
            let above = bound(at_least).is_none_or(|end| end.is_some_and(|end| number >= end));
            above && bound(at_most).is_none_or(|end| end.is_some_and(|end| number <= end))
        }
        Some(Json::String(text)) => {
            let Ok(time) = text.parse::<jiff::Timestamp>() else {
                return false;
            };
            let bound = |end: Option<&Value>| end.map(|end| end.to_text().parse::<jiff::Timestamp>().ok());
            let above = bound(at_least).is_none_or(|end| end.is_some_and(|end| time >= end));
            above && bound(at_most).is_none_or(|end| end.is_some_and(|end| time <= end))
        }
        Some(Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_)) | None => false,
    }
}

fn range_in_words(at_least: Option<&Value>, at_most: Option<&Value>) -> String {
    match (at_least.map(Value::to_text), at_most.map(Value::to_text)) {
        (Some(low), Some(high)) => format!("between {low} and {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => "anything".to_owned(),
    }
}

const fn kind_in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Uuid => "a UUID (8-4-4-4-12)",
        Kind::Timestamp => "an RFC 3339 time",
        Kind::String => "a string",
        Kind::Number => "a number",
        Kind::Integer => "a whole number",
        Kind::Boolean => "true or false",
        Kind::Array => "an array",
        Kind::Object => "an object",
        Kind::Null => "null",
        Kind::Absent => "nothing",
        Kind::Present => "anything at all",
    }
}

/// What a matcher asks for, in words.
///
/// # Errors
/// When an expression in it has no value.
pub(crate) fn describe(matcher: &Matcher, values: &Values) -> Result<String, EvalError> {
    let list = |matchers: &[Matcher], word: &str| -> Result<String, EvalError> {
        let parts: Result<Vec<_>, _> = matchers.iter().map(|matcher| describe(matcher, values)).collect();
        Ok(parts?.join(word))
    };
    Ok(match matcher {
        Matcher::Equals(template) => shown(Some(&template.eval(values)?)),
        Matcher::Exact(template) => format!("exactly {}", shown(Some(&template.eval(values)?))),
        Matcher::Subset(template) => format!("at least {}", shown(Some(&template.eval(values)?))),
        Matcher::AnyOf(choices) => list(choices, " or ")?,
        Matcher::All(all) => list(all, " and ")?,
        Matcher::Not(inner) => format!("not {}", describe(inner, values)?),
        Matcher::Is(kind) => kind_in_words(*kind).to_owned(),
        Matcher::Pattern(pattern) => format!("a text that matches the pattern {}", pattern.regex.as_str()),
        Matcher::Contains(template) => format!("text containing {:?}", text_of(&template.eval(values)?)),
        Matcher::Range { at_least, at_most } => {
            let end =
                |end: &Option<crate::expression::Expression>| end.as_ref().map(|end| end.eval(values)).transpose();
            range_in_words(end(at_least)?.as_ref(), end(at_most)?.as_ref())
        }
        Matcher::Length(inner) => format!("length {}", describe(inner, values)?),
        Matcher::Each(inner) => format!("each {}", describe(inner, values)?),
        Matcher::Some(inner) => format!("some {}", describe(inner, values)?),
    })
}

/// A string bare, everything else as JSON.
pub(super) fn text_of(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
