//! How outputs shape answers, as tables.

mod knobs;

use serde_json::json;

use super::*;

fn output(form: OutputForm, value: impl Into<Value>) -> Output {
    Output::new(form, &value.into())
}

fn parameters(value: Value) -> Output {
    output(OutputForm::Parameters, value)
}

fn answered(output: &Output, exit: &Exit) -> Result<(u16, String, String), String> {
    let answer = answer(output, exit, 200).map_err(|error| error.to_string())?;
    let content_type = answer.content_type.expect("there is one");
    let content_type = content_type.to_str().expect("a text").to_owned();
    Ok((
        answer.status,
        content_type,
        String::from_utf8(answer.body.into()).expect("a text"),
    ))
}

#[track_caller]
fn check(value: Value, expected: (u16, &str, &str)) {
    let (status, content_type, body) = expected;
    let shown = value.to_string();
    let answered = answered(&parameters(value), &Exit::default());
    assert_eq!(
        answered,
        Ok((status, content_type.to_owned(), body.to_owned())),
        "{shown}"
    );
}

const JSON: &str = "application/json";

#[test]
fn without_special_names_the_body_is_the_parameters() {
    check(json!({}), (200, JSON, "{}"));
    check(json!({"a": 1, "b": "x"}), (200, JSON, r#"{"a":1,"b":"x"}"#));
    check(json!({"a": 1, "status": 202, "headers": {}}), (202, JSON, r#"{"a":1}"#));
}

#[test]
fn the_body_parameter_is_the_body_alone() {
    check(json!({"body": "text", "a": 1}), (200, JSON, "text"));
    check(json!({"body": "", "a": 1}), (200, JSON, ""));
    check(json!({"body": {"x": [1]}}), (200, JSON, r#"{"x":[1]}"#));
    check(json!({"body": 7}), (200, JSON, "7"));
    check(json!({"body": false}), (200, JSON, "false"));
    check(json!({"body": null}), (200, JSON, "null"));
}

#[test]
fn the_status_is_a_number_or_a_text() {
    for (status, read) in [
        (json!(200), Some(200)),
        (json!("404"), Some(404)),
        (json!(418.0), Some(418)),
        (json!(599), Some(599)),
        (json!(""), Some(200)),
        (json!(999), None),
        (json!(600), None),
        (json!(199), None),
        (json!(100), None),
        (json!(0), None),
        (json!(-200), None),
        (json!(200.5), None),
        (json!("abc"), None),
        (json!("+200"), None),
        (json!(" 200"), None),
        (json!(null), None),
        (json!([200]), None),
        (json!("99999999999999999999"), None),
    ] {
        let output = parameters(json!({"status": status, "body": "x"}));
        match (answered(&output, &Exit::default()), read) {
            (Ok((status, ..)), Some(read)) => assert_eq!(status, read),
            (Err(message), None) => assert!(message.starts_with("the output parameter `status` is "), "{message}"),
            (answered, _) => panic!("{status}: {answered:?}"),
        }
        let lenient = Exit {
            invalid_status: Unusable::Ignored,
            ..Exit::default()
        };
        assert_eq!(
            answered(&output, &lenient).map(|(status, ..)| status),
            Ok(read.unwrap_or(200))
        );
    }
}

#[test]
fn headers_are_added_and_framing_ones_dropped() {
    let value = json!({"headers": {
        "X-A": "1", "x-b": "2", "Content-Length": "99", "TRANSFER-ENCODING": "chunked", "Connection": "close",
        "content-TYPE": "text/csv; charset=utf-8",
    }});
    let output = parameters(value);
    let given = answer(&output, &Exit::default(), 200).expect("usable headers");
    let names: Vec<_> = given
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    assert_eq!(names, [("x-a", "1"), ("x-b", "2")]);
    assert_eq!(given.content_type.expect("there is one"), "text/csv; charset=utf-8");
    let strict = Exit {
        framing_headers: Unusable::InternalError,
        ..Exit::default()
    };
    let message = answered(&output, &strict).expect_err("framing headers");
    assert_eq!(
        message,
        "the output parameter `headers` sets `content-length`, which frames the message"
    );
}

#[test]
fn headers_that_are_none_are_refused_by_name() {
    for (headers, problem) in [
        (json!("X-A: 1"), "is no JSON object"),
        (json!([]), "is no JSON object"),
        (json!(null), "is no JSON object"),
        (json!({"X-A": 1}), "gives `X-A` a value that is no text"),
        (json!({"X A": "1"}), "has in `X A` what no HTTP header can hold"),
        (
            json!({"X-A": "1\r\nX-B: 2"}),
            "has in `X-A` what no HTTP header can hold",
        ),
    ] {
        let output = parameters(json!({"headers": headers, "body": "x"}));
        let message = answered(&output, &Exit::default()).expect_err("unusable headers");
        assert_eq!(message, format!("the output parameter `headers` {problem}"));
        let lenient = Exit {
            invalid_headers: Unusable::Ignored,
            ..Exit::default()
        };
        assert_eq!(answered(&output, &lenient), Ok((200, JSON.to_owned(), "x".to_owned())));
    }
}

#[test]
fn five_content_types_are_supported() {
    for (set, by_default) in [
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("text/plain", "text/plain"),
        ("Text/HTML; charset=utf-8", "Text/HTML; charset=utf-8"),
        ("text/xml", "text/xml"),
        ("application/xml", "application/json"),
        ("image/png", "application/json"),
        ("", "application/json"),
    ] {
        let output = parameters(json!({"headers": {"Content-Type": set}, "body": "x"}));
        let of = |exit: &Exit| answered(&output, exit).map(|(_, content_type, _)| content_type);
        assert_eq!(of(&Exit::default()), Ok(by_default.to_owned()), "{set}");
        let obedient = Exit {
            other_content_type: OtherContentType::Sent,
            ..Exit::default()
        };
        assert_eq!(of(&obedient), Ok(set.to_owned()));
        let strict = Exit {
            other_content_type: OtherContentType::InternalError,
            ..Exit::default()
        };
        assert_eq!(of(&strict).is_ok(), set == by_default, "{set}");
    }
}

#[test]
fn a_status_without_place_for_a_body_has_none() {
    for status in [204, 304] {
        let output = parameters(json!({"status": status, "body": "x"}));
        assert_eq!(
            answered(&output, &Exit::default()).map(|(_, _, body)| body),
            Ok(String::new())
        );
        let strict = Exit {
            body_without_place: Unusable::InternalError,
            ..Exit::default()
        };
        assert!(answered(&output, &strict).is_err());
        assert!(answered(&parameters(json!({"status": status, "body": ""})), &strict).is_ok());
    }
}

#[test]
fn json_mode_knows_the_names_unless_they_are_ordinary() {
    let object = json!({"status": 201, "body": "x", "a": 1});
    let output_of = |value| output(OutputForm::Json, value);
    assert_eq!(
        answered(&output_of(object.clone()), &Exit::default()),
        Ok((201, JSON.to_owned(), "x".to_owned()))
    );
    let ordinary = Exit {
        json_mode: JsonMode::Ordinary,
        ..Exit::default()
    };
    assert_eq!(
        answered(&output_of(object.clone()), &ordinary),
        Ok((200, JSON.to_owned(), object.to_string()))
    );
    for value in [json!([1]), json!("text"), json!(null)] {
        let answered = answered(&output_of(value.clone()), &Exit::default());
        assert_eq!(answered, Ok((200, JSON.to_owned(), value.to_string())));
    }
}

#[test]
fn what_stays_in_the_default_body_is_a_knob() {
    let output = parameters(json!({"status": 200, "headers": {}, "a": 1}));
    let kept = Exit {
        special_names: SpecialNames::Kept,
        ..Exit::default()
    };
    assert_eq!(
        answered(&output, &kept).map(|(_, _, body)| body),
        Ok(r#"{"status":200,"headers":{},"a":1}"#.to_owned())
    );
    let beside = Exit {
        beside_body: BesideBody::Kept,
        ..Exit::default()
    };
    let with_body = parameters(json!({"body": "x", "a": 1}));
    assert_eq!(
        answered(&with_body, &beside).map(|(_, _, body)| body),
        Ok(r#"{"body":"x","a":1}"#.to_owned())
    );
}
