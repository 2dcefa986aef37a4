//! Values in JSON by the matchers that look into them, and what of an answer is kept.

use super::{Row, check};
use crate::bench::judge;
use crate::servers::{Play, always, answer, says, statuses};

fn row(matcher: &str, right: &str, wrong: &str, sentences: &'static [&'static str]) -> Row {
    let expect = format!("json: {{ $.a: {matcher} }}");
    let with = |value: &str| always(says(&format!("{{\"a\":{value}}}")));
    Row::of(&expect, with(right), with(wrong), sentences)
}

#[test]
pub(super) fn times_are_compared_as_times_and_not_as_text() {
    let window = "{ at_least: '\"2026-01-01T00:00:00Z\"', at_most: '\"2026-01-01T01:00:00Z\"' }";
    let says: &[&str] = &["body at $.a: expected between 2026-01-01T00:00:00Z and 2026-01-01T01:00:00Z, found *"];
    check(vec![
        row(
            window,
            "\"2026-01-01T00:30:00.5Z\"",
            "\"2025-12-31T23:59:59.999999Z\"",
            says,
        ),
        // An hour ahead of UTC.
        row(
            window,
            "\"2026-01-01T01:30:00+01:00\"",
            "\"2026-01-01T00:30:00-01:00\"",
            says,
        ),
        row(window, "\"2026-01-01T00:00:00Z\"", "\"soon\"", says),
        row(window, "\"2026-01-01T01:00:00Z\"", "null", says),
    ]);
}

#[test]
pub(super) fn documents_are_compared_element_by_element() {
    check(vec![
        row(
            "{ subset: [1, { b: 2 }] }",
            "[1,{\"b\":2,\"c\":3}]",
            "[1,{\"b\":3}]",
            &["body at $.a[1].b: expected 2, found 3"],
        ),
        row(
            "{ subset: [1] }",
            "[1]",
            "[1,2]",
            &["body at $.a: expected [1], found [1,2]"],
        ),
        row(
            "{ subset: { id: { $match: { is: uuid } } } }",
            "{\"id\":\"c9a0769f-b8a3-4000-8000-b57c138b5523\"}",
            "{\"id\":\"none\"}",
            &["body at $.a.id: expected a UUID (8-4-4-4-12), found \"none\""],
        ),
        row(
            "{ exact: [1, 2] }",
            "[1,2]",
            "[1,2,3]",
            &["body at $.a: expected [1,2], found [1,2,3]"],
        ),
        row(
            "{ exact: {} }",
            "{}",
            "{\"b\":null}",
            &["body at $.a.b: expected nothing, found null"],
        ),
        row(
            "{ equals: [1] }",
            "[1]",
            "[2]",
            &["body at $.a: expected [1], found [2]"],
        ),
    ]);
}

#[test]
pub(super) fn elements_are_counted_and_looked_at() {
    check(vec![
        row(
            "{ some: { at_least: 3 } }",
            "[1,3]",
            "[1,2]",
            &["body at $.a: expected at least one that is at least 3, found [1,2]"],
        ),
        row(
            "{ each: { all: [{ is: integer }, { not: 2 }] } }",
            "[1,3]",
            "[1,2]",
            &["body at $.a[1]: expected anything but 2, found 2"],
        ),
        row(
            "{ length: { at_least: 1, at_most: 1 } }",
            "{\"b\":1}",
            "{}",
            &["body at $.a: expected length between 1 and 1, found length 0 ({})"],
        ),
        row(
            "{ length: 1 }",
            "\"\u{e9}\"",
            "\"ab\"",
            &["body at $.a: expected length 1, found length 2 (\"ab\")"],
        ),
        row(
            "{ length: 1 }",
            "[0]",
            "1",
            &["body at $.a: expected something with a length, found 1"],
        ),
        row("{ each: 1 }", "[]", "1", &["body at $.a: expected a list, found 1"]),
        row(
            "{ contains: b }",
            "\"abc\"",
            "\"ac\"",
            &["body at $.a: expected text containing \"b\", found \"ac\""],
        ),
        row(
            "{ is: string }",
            "\"1\"",
            "1",
            &["body at $.a: expected a string, found 1"],
        ),
    ]);
}

#[tokio::test]
pub(super) async fn every_part_of_an_answer_can_be_kept_and_asked_with() {
    for (source, kept) in [
        ("{ status: true }", "202"),
        ("{ header: X-Note }", "a, b"),
        ("{ first: uuid }", "c9a0769f-b8a3-4000-8000-b57c138b5523"),
        ("{ json: $.id }", "c9a0769f-b8a3-4000-8000-b57c138b5523"),
        ("{ body: '\"(.)\":7' }", "z"),
        ("{ json: $.none, otherwise: spare }", "spare"),
    ] {
        let steps = format!(
            "- request: {{ surface: hooks, path: /probe }}
  capture: {{ kept: {source} }}
- request: {{ surface: hooks, path: /probe }}
  expect: {{ body: \"kept: ${{kept}}\" }}"
        );
        let body = r#"{"id":"c9a0769f-b8a3-4000-8000-b57c138b5523","z":7}"#;
        let first = answer(202).append_header("X-Note", "a").append_header("X-Note", "b");
        let first = first.set_body_string(body);
        let right = judge(
            &steps,
            Play::Answers(vec![first.clone(), says(&format!("kept: {kept}"))]),
        )
        .await;
        assert_eq!(right.sentences, [""; 0], "{source}: {}", right.story);
        let wrong = judge(&steps, Play::Answers(vec![first, says("another")])).await;
        assert_eq!(
            wrong.sentences,
            [format!("body: expected \"kept: {kept}\", found \"another\"")]
        );
    }
}

#[tokio::test]
pub(super) async fn a_fact_is_what_was_seen_whatever_it_is() {
    let steps = "- request: { surface: hooks, path: /probe }
  observe:
    probe-id: { value: { json: $.id } }
    probe-keys: { value: { keys: $ } }
    probe-header: { value: { header: X-Note } }
    probe-word: { value: { body: 'a(.)' } }
    probe-uuid: { value: { first: uuid } }";
    let facts = |seen: Vec<(String, String)>| seen.into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    let full = r#"{"id":"c9a0769f-b8a3-4000-8000-b57c138b5523","ab":1}"#;
    let seen = judge(steps, always(says(full).append_header("X-Note", "n"))).await;
    let id = "c9a0769f-b8a3-4000-8000-b57c138b5523";
    assert_eq!(facts(seen.facts), [id, "ab, id", "n", "0", id]);
    let seen = judge(steps, statuses(&[500])).await;
    assert_eq!(facts(seen.facts), ["none"; 5]);
}
