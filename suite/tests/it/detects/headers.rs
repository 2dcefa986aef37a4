//! Wrong headers.

use wiremock::ResponseTemplate;

use super::{Row, check};
use crate::servers::{always, answer};

fn with(values: &[&str]) -> ResponseTemplate {
    let answer = answer(200);
    values
        .iter()
        .fold(answer, |answer, value| answer.append_header("X-Note", *value))
}

#[test]
pub(super) fn a_header_that_differs_is_found_by_every_kind_of_matcher() {
    let row = |matcher: &str, right: &[&str], wrong: &[&str], says| {
        let expect = format!("headers: {{ X-Note: {matcher} }}");
        Row::of(&expect, always(with(right)), always(with(wrong)), says)
    };
    check(vec![
        row(
            "{ is: present }",
            &["a"],
            &[],
            &["header X-Note: expected anything at all, found nothing"],
        ),
        row(
            "{ is: absent }",
            &[],
            &["a"],
            &["header X-Note: expected nothing, found \"a\""],
        ),
        row("a", &["a"], &["A"], &["header X-Note: expected \"a\", found \"A\""]),
        row("a", &["a"], &[], &["header X-Note: expected \"a\", found nothing"]),
        row(
            "{ pattern: \"^[0-9]+$\" }",
            &["17"],
            &["soon"],
            &["header X-Note: expected a text that matches the pattern ^[0-9]+$, found \"soon\""],
        ),
        row(
            "{ contains: json }",
            &["application/json"],
            &["text/html"],
            &["header X-Note: expected text containing \"json\", found \"text/html\""],
        ),
        row(
            "\"a, b\"",
            &["a", "b"],
            &["b", "a"],
            &["header X-Note: expected \"a, b\", found \"b, a\""],
        ),
        row(
            "a",
            &["a"],
            &["a", "a"],
            &["header X-Note: expected \"a\", found \"a, a\""],
        ),
        row(
            "{ each: { any_of: [a, b] } }",
            &["a", "b"],
            &["a", "c"],
            &["header X-Note: expected one of: \"a\", \"b\", found \"c\""],
        ),
        row(
            "{ some: b }",
            &["a", "b"],
            &["a", "c"],
            &["header X-Note: expected at least one that is \"b\", found [\"a\",\"c\"]"],
        ),
        row(
            "{ length: 3 }",
            &["abc"],
            &["ab"],
            &["header X-Note: expected length 3, found length 2 (\"ab\")"],
        ),
        row(
            "{ not: a }",
            &["b"],
            &["a"],
            &["header X-Note: expected anything but \"a\", found \"a\""],
        ),
    ]);
}

#[test]
pub(super) fn the_letter_case_of_a_header_name_makes_no_difference() {
    check(vec![Row::of(
        "headers: { x-nOTE: a }",
        always(with(&["a"])),
        always(with(&["b"])),
        &["header x-nOTE: expected \"a\", found \"b\""],
    )]);
}
