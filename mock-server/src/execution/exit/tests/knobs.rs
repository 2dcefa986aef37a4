//! Every value of a knob of the Exit operator, and what it makes of an output.

use serde_json::json;

use super::*;

/// The names and values of an answer's headers, its content type last.
fn headers_of(output: &Output, exit: &Exit) -> Vec<String> {
    let answer = answer(output, exit, 200).expect("usable parameters");
    let mut lines: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().expect("a text")))
        .collect();
    lines.extend(answer.content_type.map(|it| it.to_str().expect("a text").to_owned()));
    lines
}

#[test]
fn which_status_is_honoured_is_one_decision() {
    for (rule, of_number, of_text, of_success) in [
        (StatusUse::Honoured, 404, 404, 202),
        (StatusUse::TextIgnored, 404, 200, 202),
        (StatusUse::NumberIgnored, 200, 404, 200),
        (StatusUse::SuccessOnly, 200, 200, 202),
        (StatusUse::Ignored, 200, 200, 200),
    ] {
        let exit = Exit {
            status: rule,
            ..Exit::default()
        };
        let status = |value: Value| answered(&parameters(json!({"status": value})), &exit).map(|(status, ..)| status);
        let found = [json!(404), json!("404"), json!(202)].map(status);
        assert_eq!(found, [Ok(of_number), Ok(of_text), Ok(of_success)], "{rule:?}");
    }
    for (status, is_sent) in [(199, false), (200, true), (299, true), (300, false)] {
        let exit = Exit {
            status: StatusUse::SuccessOnly,
            invalid_status: Unusable::Ignored,
            ..Exit::default()
        };
        let output = parameters(json!({"status": status}));
        let expected = if is_sent { status } else { 250 };
        assert_eq!(answer(&output, &exit, 250).map(|it| it.status), Ok(expected));
    }
}

#[test]
fn which_headers_are_sent_is_one_decision() {
    let value = |status: u16| json!({"status": status, "headers": {"X-A": "1", "X-B": "2"}});
    for (rule, of_success, of_failure) in [
        (
            HeadersUse::Added,
            &["x-a: 1", "x-b: 2", JSON][..],
            &["x-a: 1", "x-b: 2", JSON][..],
        ),
        (HeadersUse::Replacing, &["x-a: 1", "x-b: 2"], &["x-a: 1", "x-b: 2"]),
        (HeadersUse::FirstOnly, &["x-a: 1", JSON], &["x-a: 1", JSON]),
        (HeadersUse::SuccessOnly, &["x-a: 1", "x-b: 2", JSON], &[JSON]),
        (HeadersUse::Ignored, &[JSON], &[JSON]),
    ] {
        let exit = Exit {
            headers: rule,
            ..Exit::default()
        };
        assert_eq!(headers_of(&parameters(value(202)), &exit), of_success, "{rule:?}");
        assert_eq!(headers_of(&parameters(value(404)), &exit), of_failure, "{rule:?}");
        assert_eq!(headers_of(&parameters(json!({})), &exit), [JSON], "{rule:?}");
    }
}

#[test]
fn what_becomes_of_a_content_type_is_one_decision() {
    let output = parameters(json!({"headers": {"X-A": "1", "Content-Type": "text/csv; header=absent"}}));
    let csv = "text/csv; header=absent";
    for (rule, expected) in [
        (ContentTypeUse::Replaces, &["x-a: 1", csv][..]),
        (
            ContentTypeUse::BesideDefault,
            &["x-a: 1", "content-type: text/csv; header=absent", JSON],
        ),
        (ContentTypeUse::Ignored, &["x-a: 1", JSON]),
    ] {
        let exit = Exit {
            content_type: rule,
            ..Exit::default()
        };
        assert_eq!(headers_of(&output, &exit), expected, "{rule:?}");
    }
    let dropped = Exit {
        type_parameters: ContentTypeParameters::Dropped,
        ..Exit::default()
    };
    assert_eq!(headers_of(&output, &dropped), ["x-a: 1", "text/csv"]);
}

#[test]
fn how_a_body_is_written_is_one_decision() {
    let long = "é".repeat(5_000);
    let cut = "é".repeat(4_096);
    for (rule, of_text, of_json, of_long) in [
        (BodyForm::AsItIs, " text\n", r#"{"x":1}"#, long.clone()),
        (
            BodyForm::Wrapped,
            r#"{"body":" text\n"}"#,
            r#"{"body":{"x":1}}"#,
            format!("{{\"body\":\"{long}\"}}"),
        ),
        (
            BodyForm::Quoted,
            r#"" text\n""#,
            r#""{\"x\":1}""#,
            format!("\"{long}\""),
        ),
        (BodyForm::Trimmed, "text", r#"{"x":1}"#, long.clone()),
        (BodyForm::CutOff, " text\n", r#"{"x":1}"#, cut),
    ] {
        let exit = Exit {
            body: rule,
            ..Exit::default()
        };
        let body = |value: Value| answered(&parameters(json!({"body": value})), &exit).map(|(_, _, body)| body);
        assert_eq!(body(json!(" text\n")).as_deref(), Ok(of_text), "{rule:?}");
        assert_eq!(body(json!({"x": 1})).as_deref(), Ok(of_json), "{rule:?}");
        assert_eq!(body(json!(long)), Ok(of_long), "{rule:?}");
    }
}

#[test]
fn how_parameters_and_json_are_written_are_two_decisions() {
    let value = || json!({"n": 1, "t": "x", "l": [1], "status": 200});
    for (rule, expected) in [
        (ParametersForm::AsTheyAre, r#"{"n":1,"t":"x","l":[1]}"#),
        (ParametersForm::Wrapped, r#"{"output":{"n":1,"t":"x","l":[1]}}"#),
        (ParametersForm::Texts, r#"{"n":"1","t":"x","l":"[1]"}"#),
    ] {
        let exit = Exit {
            parameters: rule,
            ..Exit::default()
        };
        let body = answered(&parameters(value()), &exit).map(|(_, _, body)| body);
        assert_eq!(body.as_deref(), Ok(expected), "{rule:?}");
    }
    for (rule, of_object, of_list) in [
        (JsonForm::AsItIs, r#"{"n":1}"#, "[1]"),
        (JsonForm::Wrapped, r#"{"output":{"n":1}}"#, r#"{"output":[1]}"#),
        (JsonForm::Quoted, r#""{\"n\":1}""#, r#""[1]""#),
    ] {
        let exit = Exit {
            json: rule,
            ..Exit::default()
        };
        let body = |value: Value| answered(&output(OutputForm::Json, value), &exit).map(|(_, _, body)| body);
        assert_eq!(
            body(json!({"n": 1, "status": 200})).as_deref(),
            Ok(of_object),
            "{rule:?}"
        );
        assert_eq!(body(json!([1])).as_deref(), Ok(of_list), "{rule:?}");
    }
}

#[test]
fn what_is_retrieved_of_a_synchronous_execution_is_one_decision() {
    let with_body = json!({"body": {"x": 1}, "a": 1});
    let without = json!({"a": 1, "status": 200});
    for (rule, expected) in [
        (RetrievedOutput::Parameters, with_body.clone()),
        (RetrievedOutput::Body, json!({"x": 1})),
    ] {
        let exit = Exit {
            retrieved_output: rule,
            ..Exit::default()
        };
        assert_eq!(retrieved(&parameters(with_body.clone()), &exit), expected, "{rule:?}");
        assert_eq!(retrieved(&parameters(without.clone()), &exit), without, "{rule:?}");
    }
}

#[test]
fn what_the_names_do_to_an_asynchronous_execution_is_one_decision() {
    let all = json!({"body": "x", "status": 201, "headers": {"X-A": "1"}, "a": 1});
    let without_body = json!({"status": 201, "headers": {"X-A": "1"}, "a": 1});
    let rest = json!({"a": 1});
    for (rule, of_all, of_the_others) in [
        (AsyncNames::Ordinary, &all, &without_body),
        (AsyncNames::ShapeTheOutput, &json!("x"), &without_body),
        (AsyncNames::LeftOut, &rest, &rest),
    ] {
        let exit = Exit {
            async_names: rule,
            ..Exit::default()
        };
        assert_eq!(retrieved_async(&parameters(all.clone()), &exit), *of_all, "{rule:?}");
        assert_eq!(
            retrieved_async(&parameters(without_body.clone()), &exit),
            *of_the_others,
            "{rule:?}"
        );
        let list = output(OutputForm::Json, json!([1]));
        assert_eq!(retrieved_async(&list, &exit), json!([1]), "{rule:?}");
    }
}

#[test]
fn every_header_that_frames_a_message_is_the_servers_own() {
    for name in [
        "Connection",
        "Content-Length",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings",
    ] {
        let output = parameters(json!({"headers": {name: "1", "X-A": "1"}}));
        assert_eq!(headers_of(&output, &Exit::default()), ["x-a: 1", JSON], "{name}");
        let strict = Exit {
            framing_headers: Unusable::InternalError,
            ..Exit::default()
        };
        assert!(answer(&output, &strict, 200).is_err(), "{name}");
    }
    let strict = Exit {
        framing_headers: Unusable::InternalError,
        ..Exit::default()
    };
    let harmless = parameters(json!({"headers": {"X-A": "1"}}));
    assert_eq!(headers_of(&harmless, &strict), ["x-a: 1", JSON]);
}
