//! Conditions on an event: of a trigger, and of a `when` step.
//!
//! Pure: looks at one document and says yes or no.

use std::fmt;

use serde_json::Value;
use serde_json_path::JsonPath;

/// Something an event can meet or not.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// What a path finds passes a test.
    Path(JsonPath, Test),
    /// Every one is met.
    All(Vec<Self>),
    /// At least one is met.
    Any(Vec<Self>),
    /// It is not met.
    Not(Box<Self>),
}

/// A test of what a path finds.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// Something is found.
    Present,
    /// Nothing is found.
    Absent,
    /// A found value equals this one; numbers by value.
    Equals(Value),
    /// A found text holds this text, or a found array this item.
    Contains(Value),
}

impl Condition {
    /// True when the document meets it.
    pub(crate) fn accepts(&self, document: &Value) -> bool {
        match self {
            Self::Path(path, test) => test.passes(&path.query(document).all()),
            Self::All(conditions) => conditions.iter().all(|condition| condition.accepts(document)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.accepts(document)),
            Self::Not(condition) => !condition.accepts(document),
        }
    }
}

impl Condition {
    /// What its paths find in a document, in words, for somebody who wonders why it is not met.
    pub(crate) fn found_in(&self, document: &Value) -> String {
        let mut found = Vec::new();
        self.look(document, &mut found);
        found.dedup();
        found.join(", ")
    }

    fn look(&self, document: &Value, found: &mut Vec<String>) {
        /// Bytes of a value that is shown. A longer one is not cut: the part could be that of a secret, and unrecognisable.
        const SHOWN: usize = 80;
        match self {
            Self::Path(path, _) => {
                let values = path.query(document).all();
                let shown = match values.as_slice() {
                    [] => "nothing".to_owned(),
                    [value, ..] => {
                        let text = value.to_string();
                        if text.len() > SHOWN {
                            format!("a value of {} bytes", text.len())
                        } else {
                            text
                        }
                    }
                };
                found.push(format!("{path} is {shown}"));
            }
            Self::All(conditions) | Self::Any(conditions) => {
                for condition in conditions {
                    condition.look(document, found);
                }
            }
            Self::Not(condition) => condition.look(document, found),
        }
    }
}

/// As a sentence part: `$.event.kind equals "alert"`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, conditions: &[Self], word: &str| {
            for (position, condition) in conditions.iter().enumerate() {
                if position > 0 {
                    write!(f, " {word} ")?;
                }
                match condition {
                    Self::All(_) | Self::Any(_) => write!(f, "({condition})")?,
                    Self::Path(..) | Self::Not(_) => write!(f, "{condition}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::Path(path, Test::Present) => write!(f, "{path} is present"),
            Self::Path(path, Test::Absent) => write!(f, "{path} is absent"),
            Self::Path(path, Test::Equals(value)) => write!(f, "{path} equals {value}"),
            Self::Path(path, Test::Contains(value)) => write!(f, "{path} contains {value}"),
            Self::All(conditions) => list(f, conditions, "and"),
            Self::Any(conditions) => list(f, conditions, "or"),
            Self::Not(condition) => write!(f, "not ({condition})"),
        }
    }
}

impl Test {
    fn passes(&self, nodes: &[&Value]) -> bool {
        match self {
            Self::Present => !nodes.is_empty(),
            Self::Absent => nodes.is_empty(),
            Self::Equals(wanted) => nodes.iter().any(|node| equal(node, wanted)),
            Self::Contains(wanted) => nodes.iter().any(|node| contains(node, wanted)),
        }
    }
}

fn contains(node: &Value, wanted: &Value) -> bool {
    match (node, wanted) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(items), _) => items.iter().any(|item| equal(item, wanted)),
        (Value::Object(members), Value::String(name)) => members.contains_key(name),
        (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_), _) => false,
    }
}

/// JSON equality with 1 equal to 1.0, as a sender may write either.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, member)| right.get(name).is_some_and(|other| equal(member, other)))
        }
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(path: &str, test: Test) -> Condition {
        Condition::Path(JsonPath::parse(path).expect("a good path"), test)
    }

    #[test]
    fn a_condition_looks_at_what_its_path_finds() {
        let document = json!({"event": {"kind": "alert", "n": 1, "tags": ["a", "b"], "none": null}});
        for (condition, accepts) in [
            (path("$.event.kind", Test::Equals(json!("alert"))), true),
            (path("$.event.kind", Test::Equals(json!("Alert"))), false),
            (path("$.event.n", Test::Equals(json!(1.0))), true),
            (path("$.event.n", Test::Equals(json!("1"))), false),
            (path("$.event.tags", Test::Equals(json!(["a", "b"]))), true),
            (path("$.event.tags[*]", Test::Equals(json!("b"))), true),
            (path("$.event.tags", Test::Contains(json!("b"))), true),
            (path("$.event.tags", Test::Contains(json!("c"))), false),
            (path("$.event.kind", Test::Contains(json!("ler"))), true),
            (path("$.event", Test::Contains(json!("kind"))), true),
            (path("$.event.none", Test::Present), true),
            (path("$.event.missing", Test::Present), false),
            (path("$.event.missing", Test::Absent), true),
            (path("$.event.missing", Test::Equals(json!(null))), false),
        ] {
            assert_eq!(condition.accepts(&document), accepts, "{condition:?}");
        }
    }

    #[test]
    fn conditions_combine() {
        let document = json!({"event": {"a": 1}});
        let yes = || path("$.event.a", Test::Present);
        let no = || path("$.event.b", Test::Present);
        for (condition, accepts) in [
            (Condition::All(vec![yes(), yes()]), true),
            (Condition::All(vec![yes(), no()]), false),
            (Condition::All(vec![]), true),
            (Condition::Any(vec![no(), yes()]), true),
            (Condition::Any(vec![]), false),
            (Condition::Not(Box::new(no())), true),
        ] {
            assert_eq!(condition.accepts(&document), accepts, "{condition:?}");
        }
    }
}
