//! What is said of an answer, and of none.

mod several;

use std::time::Duration;

use serde_json::json;
use serde_json_path::JsonPath;

use super::*;
use crate::attempt::{Payload, RequestWritten, Took};
use crate::expression::{Expression, Value};
use crate::spec::model::{JsonCheck, Kind, Template};
use crate::testing::{self, place};

fn located<T>(value: T) -> Located<T> {
    Located { value, at: place() }
}

pub(super) fn equals(value: impl Into<Json>) -> Matcher {
    Matcher::Equals(Template::Scalar(value.into()))
}

fn anything() -> Expectation {
    Expectation::anything(place())
}

fn status(status: u16) -> Expectation {
    Expectation {
        status: Some(located(equals(status))),
        ..anything()
    }
}

fn header(name: &str, matcher: Matcher) -> Expectation {
    Expectation {
        headers: vec![(name.to_owned(), located(matcher))],
        ..anything()
    }
}

fn body(text: &str) -> Expectation {
    Expectation {
        body: Some(located(equals(text))),
        ..anything()
    }
}

fn at_path(path: &str, matcher: Matcher) -> Expectation {
    let check = JsonCheck {
        text: path.to_owned(),
        path: JsonPath::parse(path).expect("it is a path"),
        matcher,
        at: place(),
    };
    Expectation {
        json: vec![check],
        ..anything()
    }
}

fn seconds(seconds: u64) -> Expression {
    Expression::Literal(Value::Duration(Duration::from_secs(seconds)))
}

fn within(after: u64, before: u64) -> Expectation {
    Expectation {
        answered: Some(located(Window {
            after: Some(seconds(after)),
            before: Some(seconds(before)),
        })),
        ..anything()
    }
}

pub(super) fn exchange(outcome: Outcome) -> Exchange {
    Exchange {
        settled_at: Duration::from_secs(3),
        took: Took::Between {
            after: Duration::from_secs(2),
            by: Duration::from_secs(3),
        },
        ..testing::exchange(outcome)
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    exchange(Outcome::Answered(Answer {
        status,
        headers: headers.collect(),
        body: Payload::whole(body.to_owned()),
        request_written: RequestWritten::Whole,
    }))
}

pub(super) fn with_status(status: u16) -> Exchange {
    answer(status, &[], "")
}

pub(super) fn unanswered() -> Exchange {
    exchange(Outcome::Unanswered(Unanswered::ConnectionLost("reset".to_owned())))
}

/// Each difference as `part: expected | found`, each doubt after a `?`.
pub(super) fn said(findings: &Findings) -> Vec<String> {
    let differences = findings.mismatches.iter();
    let differences = differences.map(|it| format!("{}: {} | {}", it.part, it.expected, it.found));
    let doubts = findings.doubts.iter().map(|it| format!("? {}", it.reason));
    differences.chain(doubts).collect()
}

#[track_caller]
fn judged(expectation: &Expectation, exchange: &Exchange) -> Vec<String> {
    said(&check(expectation, exchange, &Values::default()).expect("no names are used"))
}

#[test]
fn every_part_of_an_answer_is_compared_by_itself() {
    let it = answer(200, &[("X-A", "1")], r#"{"a":1}"#);
    for (expectation, expected) in [
        (anything(), ""),
        (status(200), ""),
        (status(201), "status: 201 | 200"),
        (header("x-a", equals("1")), ""),
        (header("X-B", equals("1")), "header X-B: \"1\" | nothing"),
        (body(r#"{"a":1}"#), ""),
        (body("{}"), "body: \"{}\" | \"{\\\"a\\\":1}\""),
        (at_path("$.a", equals(1)), ""),
        (at_path("$.a", equals(2)), "body at $.a: 2 | 1"),
        (within(3, 3), ""),
        (
            within(4, 5),
            "time of the answer: not before 4s | 3s or earlier, 1s too early",
        ),
        (
            within(0, 2),
            "time of the answer: not after 2s | later than 2s, 0s too late or more",
        ),
    ] {
        assert_eq!(judged(&expectation, &it).join("; "), expected, "{expectation:?}");
    }
    let all = Expectation {
        status: status(201).status,
        headers: header("X-B", equals("1")).headers,
        body: body("x").body,
        json: at_path("$.a", equals(2)).json,
        answered: within(4, 5).answered,
        ..anything()
    };
    assert_eq!(judged(&all, &it).len(), 5, "all are told, not the first alone");
}

#[test]
fn no_answer_is_a_difference_only_where_the_deployment_is_to_blame() {
    let unfinished = Unanswered::Unfinished {
        began: Duration::from_secs(1),
        gave_up: Duration::from_secs(9),
    };
    for (why, part, expected) in [
        (
            Unanswered::OutOfPatience,
            true,
            ": an answer in the time allowed | no answer",
        ),
        (Unanswered::NotHttp("SSH".to_owned()), false, ": an HTTP answer | SSH"),
        (
            unfinished,
            false,
            "? the answer began after 1s and had not ended after 9s",
        ),
        (
            Unanswered::NoConnection("refused".to_owned()),
            false,
            "? no connection: refused",
        ),
        (
            Unanswered::ConnectionLost("reset".to_owned()),
            false,
            "? the connection closed before an answer: reset",
        ),
    ] {
        let exchange = exchange(Outcome::Unanswered(why));
        let with_part = |part: &str| match expected.strip_prefix(':') {
            Some(rest) => format!("{part}:{rest}"),
            None => expected.to_owned(),
        };
        assert_eq!(judged(&status(200), &exchange), [with_part("answer")]);
        let when = if part { "time of the answer" } else { "answer" };
        assert_eq!(judged(&within(0, 9), &exchange), [with_part(when)]);
        assert_eq!(said(&check_answered(&exchange, &place())), [with_part("answer")]);
    }
    assert!(check_answered(&with_status(500), &place()).is_clean());
}

#[test]
fn a_repeated_header_is_one_text_or_many_as_it_is_asked_for() {
    let it = answer(200, &[("vary", "a"), ("x-a", "1"), ("Vary", "b")], "");
    let each = |value: &str| Matcher::Each(Box::new(equals(value)));
    let some = |value: &str| Matcher::Some(Box::new(equals(value)));
    for (matcher, expected) in [
        (equals("a, b"), ""),
        (some("b"), ""),
        (some("c"), "header Vary: at least one that is \"c\" | [\"a\",\"b\"]"),
        (each("a"), "header Vary: \"a\" | \"b\""),
        (Matcher::Is(Kind::Absent), "header Vary: nothing | \"a, b\""),
    ] {
        assert_eq!(
            judged(&header("Vary", matcher.clone()), &it).join("; "),
            expected,
            "{matcher:?}"
        );
    }
    assert_eq!(judged(&header("X-B", Matcher::Is(Kind::Absent)), &it), [""; 0]);
    assert_eq!(judged(&header("X-B", each("a")), &it), ["header X-B: a list | nothing"]);
    assert_eq!(
        judged(&header("X-B", some("a")), &it),
        ["header X-B: at least one that is \"a\" | nothing"]
    );
}

#[test]
fn every_node_of_a_path_is_compared_at_its_place() {
    let it = answer(
        200,
        &[],
        r#"{"l":[{"n":1},{"n":2},{"n":3}],"a b":{"c-d":[0]},"one":[{"n":1}]}"#,
    );
    let some = |value: i64| Matcher::Some(Box::new(equals(value)));
    for (path, matcher, expected) in [
        (
            "$.l[*].n",
            equals(2),
            "body at $.l[0].n: 2 | 1; body at $.l[2].n: 2 | 3",
        ),
        ("$.l[*].n", some(2), ""),
        (
            "$.l[*].n",
            some(4),
            "body at $.l[*].n: at least one that is 4 | [1,2,3]",
        ),
        ("$.one[*].n", some(1), ""),
        ("$.one[*].n", some(2), "body at $.one[0].n: at least one that is 2 | 1"),
        (
            "$.none[*]",
            some(2),
            "body at $.none[*]: at least one that is 2 | nothing",
        ),
        ("$.none", equals(2), "body at $.none: 2 | nothing"),
        ("$.none", Matcher::Is(Kind::Absent), ""),
        ("$['a b']['c-d'][0]", equals(1), "body at $['a b']['c-d'][0]: 1 | 0"),
        (
            "$.l[0]",
            Matcher::Exact(Template::Scalar(json!({"n": 2}))),
            "body at $.l[0].n: 2 | 1",
        ),
    ] {
        assert_eq!(judged(&at_path(path, matcher), &it).join("; "), expected, "{path}");
    }
    let html = answer(200, &[], "<html>");
    assert_eq!(judged(&at_path("$.a", equals(1)), &html), ["body: JSON | \"<html>\""]);
}

#[test]
fn places_are_written_as_people_write_them() {
    for (normalised, expected) in [
        ("$", "$"),
        ("$['a']", "$.a"),
        ("$['a'][0]['b_1']", "$.a[0].b_1"),
        ("$['']", "$['']"),
        ("$['a-b']['c']", "$['a-b'].c"),
        ("$['a", "$['a"),
    ] {
        assert_eq!(super::place(normalised), expected);
    }
}

#[test]
fn one_choice_is_enough_and_the_nearest_is_told() {
    let any_of = |choices: Vec<Expectation>| Expectation {
        any_of: choices,
        ..anything()
    };
    let two_off = Expectation {
        body: body("x").body,
        ..status(400)
    };
    let it = with_status(200);
    assert_eq!(judged(&any_of(vec![status(404), status(200)]), &it), [""; 0]);
    assert_eq!(
        judged(&any_of(vec![two_off.clone(), status(404)]), &it),
        ["status: 404 | 200"]
    );
    assert_eq!(
        judged(&any_of(vec![status(404), status(405), two_off]), &it),
        ["status: 404 | 200"],
        "the first of those that are as near"
    );
    let not = |inner: Expectation| Expectation {
        not: Some(Box::new(inner)),
        ..anything()
    };
    assert_eq!(judged(&not(status(404)), &it), [""; 0]);
    assert_eq!(
        judged(&not(status(200)), &it),
        ["answer: not what is described here | just that"]
    );
}

#[test]
fn a_remark_on_a_choice_that_held_is_kept() {
    let late = Exchange {
        took: Took::Measured {
            first_byte: Duration::from_millis(1_950),
            complete: Duration::from_millis(1_950),
            latency: Duration::ZERO,
        },
        ..with_status(200)
    };
    let expectation = Expectation {
        any_of: vec![status(404), within(0, 2)],
        ..anything()
    };
    let findings = check(&expectation, &late, &Values::default()).expect("no names are used");
    assert!(findings.is_clean());
    assert_eq!(findings.notes.len(), 1, "{findings:?}");
}
