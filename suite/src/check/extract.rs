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
    use serde_json_path::JsonPath;

    use super::*;
    use crate::attempt::{Payload, RequestWritten};
    use crate::spec::model::Pattern;

    #[test]
    fn the_first_uuid_is_found_anywhere_in_a_text() {
        let id = "c9a0769f-b8a3-4000-8000-b57c138b5523";
        assert_eq!(first_uuid(&format!("{{\"x\":\"{id}\"}}")), Some(id));
        assert_eq!(first_uuid(&format!("é {id}")), Some(id));
        assert_eq!(first_uuid(&format!("ab{id}")), None);
        assert_eq!(first_uuid("c9a0769fb8a340008000b57c138b5523"), None);
    }

    fn answer(body: &str) -> Answer {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Answer {
            status: 418,
            headers: vec![header("X-A", "1"), header("x-b", "2"), header("x-a", "3")],
            body: Payload::whole(body.to_owned()),
            request_written: RequestWritten::Whole,
        }
    }

    #[test]
    fn each_way_takes_what_it_names_or_nothing() {
        let id = "c9a0769f-b8a3-4000-8000-b57c138b5523";
        let json = format!(r#"{{"z":1,"a":["x",2],"id":"{id}"}}"#);
        let path = |text: &str| JsonPath::parse(text).expect("it is a path");
        let pattern = |text: &str| Pattern {
            regex: regex::Regex::new(text).expect("it is one"),
        };
        let header = |name: &str| Extract::Header(name.to_owned());
        for (from, body, expected) in [
            (Extract::Status, "", Some("418")),
            (Extract::FirstUuid, json.as_str(), Some(id)),
            (Extract::FirstUuid, "{}", None),
            (Extract::Json(path("$.a")), &json, Some("x, 2")),
            (Extract::Json(path("$.a[*]")), &json, Some("x")),
            (Extract::Json(path("$.b")), &json, None),
            (Extract::Json(path("$")), "<html>", None),
            (header("X-a"), "", Some("1, 3")),
            (header("X-C"), "", None),
            (Extract::Body(pattern("id=(.)(.)")), "id=xyz", Some("x")),
            (Extract::Body(pattern("id=.")), "id=xyz", None),
            (Extract::Body(pattern("no=(.)")), "id=xyz", None),
            (Extract::Keys(path("$")), &json, Some("a, id, z")),
            (Extract::Keys(path("$.a")), &json, None),
            (Extract::Keys(path("$")), "<html>", None),
        ] {
            let taken = extract(&from, &answer(body)).map(|value| fact_text(&value));
            assert_eq!(taken.as_deref(), expected, "{from:?} {body}");
        }
    }
}
