//! Wrong bodies, as text and as JSON, and values that are not there to be kept.

use super::{Row, check};
use crate::bench::judge;
use crate::servers::{Play, always, says};

fn row(expect: &str, right: &str, wrong: &str, sentences: &'static [&'static str]) -> Row {
    Row::of(expect, always(says(right)), always(says(wrong)), sentences)
}

#[test]
pub(super) fn a_text_that_differs_is_found_by_every_kind_of_matcher() {
    check(vec![
        row(
            "body: hello",
            "hello",
            "hello ",
            &["body: expected \"hello\", found \"hello \""],
        ),
        row(
            "body: { contains: in progress }",
            "it is in progress",
            "it is done",
            &["body: expected text containing \"in progress\", found \"it is done\""],
        ),
        row(
            "body: { pattern: \"^\\\\d+$\" }",
            "42",
            "x42",
            &["body: expected a text that matches the pattern ^\\d+$, found \"x42\""],
        ),
        row("body: \"\"", "", "{}", &["body: expected \"\", found \"{}\""]),
        row(
            "body: { length: { at_most: 3 } }",
            "abc",
            "abcd",
            &["body: expected length at most 3, found length 4 (\"abcd\")"],
        ),
        row(
            "body: { not: \"\" }",
            "a",
            "",
            &["body: expected anything but \"\", found \"\""],
        ),
    ]);
}

#[test]
pub(super) fn a_json_value_that_differs_is_found_with_its_place() {
    check(vec![
        row(
            "json: { $.a: 1 }",
            r#"{"a":1.0}"#,
            r#"{"a":2}"#,
            &["body at $.a: expected 1, found 2"],
        ),
        row(
            "json: { $.a: \"1\" }",
            r#"{"a":"1"}"#,
            r#"{"a":1}"#,
            &["body at $.a: expected \"1\", found 1"],
        ),
        row(
            "json: { $.a: 1 }",
            r#"{"a":1}"#,
            "{}",
            &["body at $.a: expected 1, found nothing"],
        ),
        row(
            "json: { $.a: 1 }",
            r#"{"a":1}"#,
            "a: 1",
            &["body: expected JSON, found \"a: 1\""],
        ),
        row(
            "json: { $: { exact: { a: [1, { b: 2 }] } } }",
            r#"{"a":[1,{"b":2}]}"#,
            r#"{"a":[1,{"b":3,"c":4}]}"#,
            &[
                "body at $.a[1].b: expected 2, found 3",
                "body at $.a[1].c: expected nothing, found 4",
            ],
        ),
        row(
            "json: { $: { subset: { a: { b: 2 } } } }",
            r#"{"a":{"b":2,"c":3},"d":4}"#,
            r#"{"a":{"c":3}}"#,
            &["body at $.a.b: expected 2, found nothing"],
        ),
        row(
            "json: { \"$.list[1]\": b }",
            r#"{"list":["a","b"]}"#,
            r#"{"list":["b","a"]}"#,
            &["body at $.list[1]: expected \"b\", found \"a\""],
        ),
        row(
            "json: { $..id: 7 }",
            r#"{"a":{"id":7},"b":[{"id":7}]}"#,
            r#"{"a":{"id":7},"b":[{"id":8}]}"#,
            &["body at $.b[0].id: expected 7, found 8"],
        ),
        row(
            "json: { \"$.items[*]\": { some: 3 } }",
            r#"{"items":[1,3]}"#,
            r#"{"items":[1,2]}"#,
            &["body at $.items[*]: expected at least one that is 3, found [1,2]"],
        ),
        row(
            "json: { $.list: { each: { is: string } } }",
            r#"{"list":["a"]}"#,
            r#"{"list":["a",1]}"#,
            &["body at $.list[1]: expected a string, found 1"],
        ),
        row(
            "json: { $.list: { length: 2 } }",
            r#"{"list":[1,2]}"#,
            r#"{"list":[1]}"#,
            &["body at $.list: expected length 2, found length 1 ([1])"],
        ),
    ]);
}

#[test]
pub(super) fn a_kind_of_value_is_told_from_every_other() {
    let kind = |kind: &str, right: &str, wrong: &str, says| {
        let in_object = |value: &str| format!("{{\"a\":{value}}}");
        row(
            &format!("json: {{ $.a: {kind} }}"),
            &in_object(right),
            &in_object(wrong),
            says,
        )
    };
    check(vec![
        kind(
            "{ is: uuid }",
            r#""c9a0769f-b8a3-4000-8000-b57c138b5523""#,
            r#""c9a0769fb8a340008000b57c138b5523""#,
            &["body at $.a: expected a UUID (8-4-4-4-12), found \"c9a0769fb8a340008000b57c138b5523\""],
        ),
        kind(
            "{ is: timestamp }",
            r#""2026-11-24T03:19:50.000001Z""#,
            r#""24.11.2026""#,
            &["body at $.a: expected an RFC 3339 time, found \"24.11.2026\""],
        ),
        kind(
            "{ is: number }",
            "1.5",
            "\"1.5\"",
            &["body at $.a: expected a number, found \"1.5\""],
        ),
        kind(
            "{ is: integer }",
            "1",
            "1.5",
            &["body at $.a: expected a whole number, found 1.5"],
        ),
        kind(
            "{ is: boolean }",
            "false",
            "0",
            &["body at $.a: expected true or false, found 0"],
        ),
        kind(
            "{ is: array }",
            "[]",
            "{}",
            &["body at $.a: expected an array, found {}"],
        ),
        kind(
            "{ is: object }",
            "{}",
            "[]",
            &["body at $.a: expected an object, found []"],
        ),
        kind("{ is: null }", "null", "0", &["body at $.a: expected null, found 0"]),
        kind(
            "{ at_least: 3, at_most: 4 }",
            "3",
            "4.5",
            &["body at $.a: expected between 3 and 4, found 4.5"],
        ),
        kind(
            "{ pattern: \"^SUCC\" }",
            "\"SUCCESS\"",
            "\"FAILED\"",
            &["body at $.a: expected a text that matches the pattern ^SUCC, found \"FAILED\""],
        ),
        kind(
            "{ any_of: [SUCCESS, { is: null }] }",
            "null",
            "\"FAILED\"",
            &["body at $.a: expected one of: \"SUCCESS\", null, found \"FAILED\""],
        ),
        kind(
            "{ not: FAILED }",
            "\"SUCCESS\"",
            "\"FAILED\"",
            &["body at $.a: expected anything but \"FAILED\", found \"FAILED\""],
        ),
    ]);
    check(vec![
        row(
            "json: { $.a: { is: absent } }",
            "{}",
            r#"{"a":null}"#,
            &["body at $.a: expected nothing, found null"],
        ),
        row(
            "json: { $.a: { is: present } }",
            r#"{"a":null}"#,
            "{}",
            &["body at $.a: expected anything at all, found nothing"],
        ),
    ]);
}

#[test]
pub(super) fn a_value_that_is_not_there_to_be_kept_is_a_difference() {
    let keeping = |source: &str| {
        format!(
            "- request: {{ surface: hooks, path: /probe }}\n  capture: {{ kept: {source} }}\n- request: {{ surface: hooks, path: \"/${{kept}}\" }}"
        )
    };
    let row = |source: &str, right: &str, wrong: &str| {
        let sentences: &[&str] = &["value `kept`: expected a value in the answer, found none"];
        Row::steps(&keeping(source), always(says(right)), always(says(wrong)), sentences)
    };
    check(vec![
        row(
            "{ first: uuid }",
            "at c9a0769f-b8a3-4000-8000-b57c138b5523.",
            "at c9a0769f.",
        ),
        row("{ json: $.a.b }", r#"{"a":{"b":1}}"#, r#"{"a":1}"#),
        row("{ body: \"status: (\\\\w+)\" }", "status: fine", "status:"),
        row("{ keys: $.a }", r#"{"a":{}}"#, r#"{"a":[]}"#),
    ]);
    let headers = |name: &str| always(says("").append_header(name, "1"));
    check(vec![Row::steps(
        &keeping("{ header: Retry-After }"),
        headers("retry-after"),
        headers("retry-before"),
        &["value `kept`: expected a value in the answer, found none"],
    )]);
}

#[tokio::test]
pub(super) async fn a_value_that_is_kept_is_sent_and_compared_later() {
    let steps = "- request: { surface: hooks, path: /probe }
  capture: { number: { json: $.number }, missing: { json: $.nothing, otherwise: \"${2 + 3}\" } }
- request: { surface: hooks, path: /probe }
  expect: { json: { $.number: \"${number + 1}\", $.spare: \"${missing}\" } }";
    let answers = |second: &str| Play::Answers(vec![says(r#"{"number":1}"#), says(second)]);
    let right = judge(steps, answers(r#"{"number":2,"spare":5}"#)).await;
    assert_eq!(right.sentences, [""; 0], "{}", right.story);
    let wrong = judge(steps, answers(r#"{"number":1,"spare":6}"#)).await;
    assert_eq!(
        wrong.sentences,
        [
            "body at $.number: expected 2, found 1",
            "body at $.spare: expected 5, found 6"
        ]
    );
}
