//! Forms as events: a text for each key, an array where a key is repeated.
//!
//! Knows nothing of content types; `event` decides that a body is a form.

use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::behaviour::events::RepeatedKey;

/// Reads `a=1&b=2`, of a body or a query.
pub(super) fn decode(text: &str, repeated: RepeatedKey) -> Map<String, Value> {
    let mut members = Map::new();
    for (key, value) in form_urlencoded::parse(text.as_bytes()) {
        let value = Value::from(value.into_owned());
        match members.entry(key.into_owned()) {
            Entry::Vacant(vacant) => {
                vacant.insert(value);
            }
            Entry::Occupied(mut occupied) => match (repeated, occupied.get_mut()) {
                (RepeatedKey::First, _) => {}
                (RepeatedKey::Last, present) => *present = value,
                (RepeatedKey::Array, Value::Array(values)) => values.push(value),
                (RepeatedKey::Array, present) => *present = Value::Array(vec![present.take(), value]),
            },
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_an_object_of_texts() {
        for (body, repeated, event) in [
            (
                "a=1&b=two+words",
                RepeatedKey::Array,
                json!({"a": "1", "b": "two words"}),
            ),
            ("a=1&a=2&a=3", RepeatedKey::Array, json!({"a": ["1", "2", "3"]})),
            ("a=1&a=2", RepeatedKey::First, json!({"a": "1"})),
            ("a=1&a=2", RepeatedKey::Last, json!({"a": "2"})),
            (
                "a=%7B%22x%22%3A1%7D&%C3%A9=",
                RepeatedKey::Array,
                json!({"a": "{\"x\":1}", "é": ""}),
            ),
            ("alone", RepeatedKey::Array, json!({"alone": ""})),
            ("&&", RepeatedKey::Array, json!({})),
        ] {
            assert_eq!(Value::Object(decode(body, repeated)), event, "{body}");
        }
    }
}
