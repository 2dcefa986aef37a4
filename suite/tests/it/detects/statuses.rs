//! Wrong statuses.

use super::{Row, check};
use crate::servers::statuses;

#[test]
pub(super) fn a_status_that_differs_is_found_by_every_kind_of_matcher() {
    let row = |expect: &str, right, wrong, says| Row::of(expect, statuses(&[right]), statuses(&[wrong]), says);
    check(vec![
        row("status: 200", 200, 201, &["status: expected 200, found 201"]),
        row(
            "status: { any_of: [200, 201] }",
            201,
            202,
            &["status: expected one of: 200, 201, found 202"],
        ),
        row(
            "status: { at_least: 200, at_most: 299 }",
            299,
            300,
            &["status: expected between 200 and 299, found 300"],
        ),
        row(
            "status: { at_least: 500 }",
            500,
            499,
            &["status: expected at least 500, found 499"],
        ),
        row(
            "status: { at_most: 399 }",
            399,
            400,
            &["status: expected at most 399, found 400"],
        ),
        row(
            "status: { not: 404 }",
            200,
            404,
            &["status: expected anything but 404, found 404"],
        ),
        row(
            "status: { not: { any_of: [401, 403] } }",
            400,
            403,
            &["status: expected anything but 401 or 403, found 403"],
        ),
        row(
            "status: { all: [{ at_least: 200 }, { not: 204 }] }",
            200,
            204,
            &["status: expected anything but 204, found 204"],
        ),
        row(
            "status: { pattern: \"^4\" }",
            418,
            500,
            &["status: expected a text that matches the pattern ^4, found 500"],
        ),
    ]);
}

#[test]
pub(super) fn alternatives_and_negations_of_whole_answers_are_judged_as_wholes() {
    let row = |expect: &str, right, wrong, says| Row::of(expect, statuses(&[right]), statuses(&[wrong]), says);
    check(vec![
        row(
            "any_of: [{ status: 200 }, { status: 404 }]",
            404,
            500,
            &["status: expected 200, found 500"],
        ),
        row(
            "not: { status: 500 }",
            200,
            500,
            &["answer: expected not what is described here, found just that"],
        ),
    ]);
}

#[test]
pub(super) fn a_redirection_is_seen_and_not_followed() {
    use crate::servers::{Play, answer};
    let redirecting = Play::Answers(vec![answer(302).append_header("Location", "/elsewhere"), answer(200)]);
    check(vec![Row::of(
        "status: 302",
        redirecting,
        statuses(&[200]),
        &["status: expected 302, found 200"],
    )]);
}
