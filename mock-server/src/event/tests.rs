//! Which decoding wins, as tables.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;

use super::*;
use crate::inbound::Body;

fn inbound(content_type: &str, body: &[u8]) -> Inbound {
    let mut headers = HeaderMap::new();
    if !content_type.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).expect("a good value"));
    }
    Inbound {
        method: Method::POST,
        path: "/".to_owned(),
        query: None,
        headers,
        body: Body::Complete(Bytes::copy_from_slice(body)),
    }
}

fn decode(content_type: &str, body: &[u8], events: &Events) -> Option<Value> {
    let event = Event::decode(
        &inbound(content_type, body),
        EventMode::Default,
        events,
        QueryUse::RawMode,
    )
    .ok()?;
    Some(event.document()["event"].clone())
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn the_content_type_and_the_body_decide_together() {
    let table: &[(&str, &[u8], Option<Value>)] = &[
        ("application/json", br#"{"a":1}"#, Some(json!({"a": 1}))),
        ("Application/JSON; charset=utf-8", br#"{"a":1}"#, Some(json!({"a": 1}))),
        ("application/json", b"[1]", Some(json!([1]))),
        ("application/json", b"7", Some(json!(7))),
        ("application/json", b"{", None),
        ("application/json", b"\xff", None),
        ("application/json", b"", Some(json!({}))),
        (FORM, br#"{"body": [1,2,3]}"#, Some(json!({"body": [1, 2, 3]}))),
        (FORM, b"a=1", Some(json!({"a": "1"}))),
        (FORM, b"a=\xff", None),
        ("text/xml", b"<a>1</a>", Some(json!({"a": "1"}))),
        ("application/xml", b"<a>1</a>", Some(json!({"a": "1"}))),
        ("application/xml", br#"{"a":1}"#, Some(json!({"a": 1}))),
        ("application/xml", b"<a>", None),
        ("text/plain", br#"{"a":1}"#, None),
        ("text/plain", b"", Some(json!({}))),
        ("", br#"{"a":1}"#, Some(json!({"a": 1}))),
        ("", b"a=1", None),
    ];
    for (content_type, body, event) in table {
        assert_eq!(
            &decode(content_type, body, &Events::default()),
            event,
            "{content_type} {body:?}"
        );
    }
}

#[test]
fn knobs_change_what_is_taken() {
    let declared = Events {
        decoding: Decoding::DeclaredType,
        ..Events::default()
    };
    assert_eq!(
        decode(FORM, b"{}", &declared),
        Some(json!({})),
        "as the documented curl call"
    );
    assert_eq!(decode("text/xml", b"{}", &declared), None);
    let form = Events {
        json_under_form_type: JsonUnderForm::Form,
        ..Events::default()
    };
    assert_eq!(decode(FORM, b"{}", &form), Some(json!({"{}": ""})));
    let refused = Events {
        json_under_form_type: JsonUnderForm::Refused,
        ..Events::default()
    };
    assert_eq!(decode(FORM, b"{}", &refused), None);
    assert_eq!(decode(FORM, b"a=1", &refused), Some(json!({"a": "1"})));
    let as_json = Events {
        unrecognised_type: UnrecognisedType::Json,
        ..Events::default()
    };
    assert_eq!(decode("text/plain", b"[1]", &as_json), Some(json!([1])));
    assert_eq!(decode("text/plain", b"[", &as_json), None);
    let as_text = Events {
        unrecognised_type: UnrecognisedType::Text,
        ..Events::default()
    };
    assert_eq!(decode("text/plain", b"[1]", &as_text), Some(json!("[1]")));
    let lenient = Events {
        invalid_body: InvalidBody::Text,
        ..Events::default()
    };
    assert_eq!(decode("application/json", b"{", &lenient), Some(json!("{")));
    assert_eq!(decode("application/json", b"\xff", &lenient), None);
    let strict = Events {
        empty_body: EmptyBody::Refused,
        missing_type: MissingType::Unrecognised,
        ..Events::default()
    };
    assert_eq!(decode("application/json", b"", &strict), None);
    assert_eq!(decode("", b"{}", &strict), None);
    let null = Events {
        empty_body: EmptyBody::Null,
        ..Events::default()
    };
    assert_eq!(decode("", b"", &null), Some(json!(null)));
}

#[test]
fn json_that_is_nested_too_deep_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(decode("application/json", deep.as_bytes(), &Events::default()), None);
    assert_eq!(decode("application/xml", deep.as_bytes(), &Events::default()), None);
}
