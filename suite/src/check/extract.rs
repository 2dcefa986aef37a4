//! Values taken out of an answer: captures and facts.

use serde_json::Value as Json;

use super::matching::{is_uuid, text_of};
use crate::attempt::Answer;
use crate::spec::model::Extract;

/// The value, or nothing when the answer has none there.
#[must_use]
pub fn extract(from: &Extract, answer: &Answer) -> Option<Json> {
    match from {
        Extract::FirstUuid => first_uuid(&answer.body.text()).map(Json::from),
        Extract::Json(path) => path.query(&answer.body.json()?).first().cloned(),
        Extract::Header(name) => {
            let values: Vec<_> = answer.header(name).collect();
            (!values.is_empty()).then(|| Json::from(values.join(", ")))
        }
        Extract::Body(pattern) => {
            let text = answer.body.text();
            Some(Json::from(pattern.regex.captures(&text)?.get(1)?.as_str()))
        }
        Extract::Status => Some(Json::from(answer.status)),
        Extract::Keys(path) => {
            let json = answer.body.json()?;
            let nodes = path.query(&json);
            let mut keys: Vec<_> = nodes.first()?.as_object()?.keys().cloned().collect();
            keys.sort();
            Some(Json::from(keys))
        }
    }
}

/// A fact's value as one line.
#[must_use]
pub fn fact_text(value: &Json) -> String {
    match value {
        Json::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(", "),
        other => text_of(other),
    }
}

fn first_uuid(text: &str) -> Option<&str> {
    let starts = text.char_indices().map(|(index, _)| index);
    starts
        .filter(|start| !text[..*start].ends_with(|c: char| c.is_ascii_hexdigit()))
        .find_map(|start| text.get(start..start + 36).filter(|candidate| is_uuid(candidate)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_uuid_is_found_anywhere_in_a_text() {
        let id = "c9a0769f-b8a3-4000-8000-b57c138b5523";
        assert_eq!(first_uuid(&format!("{{\"x\":\"{id}\"}}")), Some(id));
        assert_eq!(first_uuid(&format!("é {id}")), Some(id));
        assert_eq!(first_uuid(&format!("ab{id}")), None);
        assert_eq!(first_uuid("c9a0769fb8a340008000b57c138b5523"), None);
    }
}
