//! What each matcher lets through and what it says otherwise.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::expression::Expression;
use crate::spec::model::{Pattern, Text};

fn equals(value: Json) -> Matcher {
    Matcher::Equals(Template::Scalar(value))
}

fn number(value: i64) -> Option<Expression> {
    Some(Expression::Literal(Value::Json(Json::from(value))))
}

/// What is said: nothing when it matches.
#[track_caller]
fn check(matcher: &Matcher, found: &Json, expected: &str) {
    let differences = matches(matcher, Some(found), &Values::default()).expect("no names are used");
    let said: Vec<_> = differences
        .iter()
        .map(|it| format!("{}: {} but {}", it.place, it.expected, it.found))
        .collect();
    assert_eq!(said.join("; "), expected);
}

#[test]
fn each_matcher_lets_the_right_through_and_names_the_wrong() {
    check(&equals(json!(1)), &json!(1.0), "");
    check(&equals(json!("1")), &json!(1), ": \"1\" but 1");
    check(&equals(json!({"a": 1, "b": 2})), &json!({"b": 2, "a": 1}), "");
    check(
        &Matcher::AnyOf(vec![equals(json!(400)), equals(json!(404))]),
        &json!(404),
        "",
    );
    check(
        &Matcher::AnyOf(vec![equals(json!(400)), equals(json!(404))]),
        &json!(500),
        ": one of: 400, 404 but 500",
    );
    check(
        &Matcher::Not(Box::new(equals(json!(1)))),
        &json!(1),
        ": anything but 1 but 1",
    );
    check(
        &Matcher::Is(Kind::Uuid),
        &json!("c9a0769f-b8a3-4000-8000-b57c138b5523"),
        "",
    );
    check(
        &Matcher::Is(Kind::Uuid),
        &json!("c9a0769fb8a340008000b57c138b5523"),
        ": a UUID (8-4-4-4-12) but \"c9a0769fb8a340008000b57c138b5523\"",
    );
    check(&Matcher::Is(Kind::Timestamp), &json!("2026-01-01T00:00:00.123456Z"), "");
    check(
        &Matcher::Is(Kind::Timestamp),
        &json!("yesterday"),
        ": an RFC 3339 time but \"yesterday\"",
    );
    check(&Matcher::Is(Kind::Integer), &json!(1.5), ": a whole number but 1.5");
    let pattern = Matcher::Pattern(Pattern {
        regex: regex::Regex::new("^a+$").expect("it is one"),
    });
    check(&pattern, &json!("aaa"), "");
    check(
        &pattern,
        &json!("b"),
        ": a text that matches the pattern ^a+$ but \"b\"",
    );
    let contains = Matcher::Contains(Template::Text(Text::literal("progress")));
    check(&contains, &json!("in progress"), "");
    check(&contains, &json!("done"), ": text containing \"progress\" but \"done\"");
    let range = Matcher::Range {
        at_least: number(200),
        at_most: number(299),
    };
    check(&range, &json!(299), "");
    check(&range, &json!(300), ": between 200 and 299 but 300");
    check(&Matcher::Length(Box::new(equals(json!(2)))), &json!([1, 2]), "");
    check(
        &Matcher::Length(Box::new(equals(json!(2)))),
        &json!("abc"),
        ": length 2 but length 3 (\"abc\")",
    );
    check(
        &Matcher::Each(Box::new(Matcher::Is(Kind::Number))),
        &json!([1, "x"]),
        "[1]: a number but \"x\"",
    );
    check(&Matcher::Some(Box::new(equals(json!("x")))), &json!([1, "x"]), "");
    check(
        &Matcher::Some(Box::new(equals(json!("y")))),
        &json!([1]),
        ": at least one that is \"y\" but [1]",
    );
}

#[test]
fn documents_differ_at_their_places() {
    let wanted = || Template::Scalar(json!({"a": {"b": [1, 2]}, "c": true}));
    check(
        &Matcher::Exact(wanted()),
        &json!({"a": {"b": [1, 3]}, "c": true, "d": 0}),
        ".a.b[1]: 2 but 3; .d: nothing but 0",
    );
    let subset = Matcher::Subset(Template::Object(vec![
        ("a".into(), Template::Match(Box::new(Matcher::Is(Kind::Object)))),
        ("e f".into(), Template::Scalar(json!(1))),
    ]));
    check(&subset, &json!({"a": {}, "z": 1}), "[\"e f\"]: 1 but nothing");
}

#[test]
fn nothing_is_only_absent() {
    let absent = |matcher: &Matcher| matches(matcher, None, &Values::default()).is_ok_and(|it| it.is_empty());
    assert!(absent(&Matcher::Is(Kind::Absent)));
    assert!(!absent(&Matcher::Is(Kind::Null)));
    assert!(!absent(&equals(Json::Null)));
    assert!(!absent(&Matcher::Exact(Template::Scalar(json!({})))));
}

fn documents() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        "[a-z ]{0,6}".prop_map(Json::from)
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4).prop_map(|map| map.into_iter().collect())
        ]
    })
}

proptest! {
    #[test]
    fn every_document_is_exactly_itself(document in documents()) {
        let matcher = Matcher::Exact(Template::Scalar(document.clone()));
        prop_assert_eq!(matches(&matcher, Some(&document), &Values::default()), Ok(Vec::new()));
    }

    #[test]
    fn another_document_is_never_exactly_it(one in documents(), other in documents()) {
        let matcher = Matcher::Exact(Template::Scalar(one.clone()));
        let differences = matches(&matcher, Some(&other), &Values::default()).expect("no names are used");
        prop_assert_eq!(differences.is_empty(), equal(&one, &other));
    }
}
