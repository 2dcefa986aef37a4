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

fn text(value: &str) -> Option<Expression> {
    Some(Expression::Literal(Value::Json(Json::from(value))))
}

fn holds(matcher: &Matcher, found: &Json) -> bool {
    matches(matcher, Some(found), &Values::default()).is_ok_and(|it| it.is_empty())
}

#[test]
fn every_kind_is_that_kind_and_no_other() {
    let id = json!("c9a0769f-b8a3-4000-8000-b57c138b5523");
    let time = json!("2026-01-01T00:00:00Z");
    let (text, whole, part) = (json!("x"), json!(u64::MAX), json!(1.5));
    let (yes, list, object, null) = (json!(true), json!([]), json!({}), json!(null));
    let all = [&id, &time, &text, &whole, &part, &yes, &list, &object, &null];
    for (kind, of_it, words) in [
        (Kind::Uuid, &[&id][..], "a UUID (8-4-4-4-12)"),
        (Kind::Timestamp, &[&time], "an RFC 3339 time"),
        (Kind::String, &[&id, &time, &text], "a string"),
        (Kind::Number, &[&whole, &part], "a number"),
        (Kind::Integer, &[&whole], "a whole number"),
        (Kind::Boolean, &[&yes], "true or false"),
        (Kind::Array, &[&list], "an array"),
        (Kind::Object, &[&object], "an object"),
        (Kind::Null, &[&null], "null"),
        (Kind::Absent, &[], "nothing"),
        (Kind::Present, &all, "anything at all"),
    ] {
        let matcher = Matcher::Is(kind);
        for value in all {
            assert_eq!(holds(&matcher, value), of_it.contains(&value), "{kind:?} {value}");
        }
        assert_eq!(describe(&matcher, &Values::default()).as_deref(), Ok(words));
    }
    assert!(holds(&Matcher::Is(Kind::Integer), &json!(-1)));
}

#[test]
fn a_uuid_has_one_form() {
    let id = "c9a0769f-b8a3-4000-8000-b57c138b5523";
    assert!(is_uuid(id) && is_uuid(&id.to_uppercase()));
    for wrong in [
        "",
        &id[..35],
        &format!("{id}0"),
        &id.replace('-', ""),
        "c9a0769fb8a34000-8000-b57c138b5523----",
        "c9a0769f-b8a3-4000-8000-b57c138b552g",
        "{9a0769fb8a340008000b57c138b552345}a",
    ] {
        assert!(!is_uuid(wrong), "{wrong}");
    }
}

#[test]
fn the_ends_of_a_range_belong_to_it() {
    let range = |at_least, at_most| Matcher::Range { at_least, at_most };
    let (low, high) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
    for (matcher, inside, outside, words) in [
        (
            range(number(2), number(4)),
            vec![json!(2), json!(3.5), json!(4)],
            vec![json!(1), json!(5), json!("3"), json!(null), json!([3])],
            "between 2 and 4",
        ),
        (
            range(number(2), None),
            vec![json!(2), json!(99)],
            vec![json!(1)],
            "at least 2",
        ),
        (
            range(None, number(4)),
            vec![json!(4), json!(-9)],
            vec![json!(5)],
            "at most 4",
        ),
        (range(None, None), vec![json!(4)], vec![json!("x")], "anything"),
        (
            range(text(low), text(high)),
            vec![json!(low), json!("2026-01-01T12:00:00+01:00"), json!(high)],
            vec![json!("2025-12-31T23:59:59Z"), json!("2026-01-02T00:00:01Z"), json!(3)],
            "between 2026-01-01T00:00:00Z and 2026-01-02T00:00:00Z",
        ),
        (
            range(text(low), None),
            vec![json!(high)],
            vec![json!("2025-01-01T00:00:00Z")],
            "at least 2026-01-01T00:00:00Z",
        ),
        (
            range(None, text(high)),
            vec![json!(low)],
            vec![json!("2027-01-01T00:00:00Z")],
            "at most 2026-01-02T00:00:00Z",
        ),
    ] {
        for value in inside {
            assert!(holds(&matcher, &value), "{words}: {value}");
        }
        for value in outside {
            check(&matcher, &value, &format!(": {words} but {value}"));
        }
        assert_eq!(describe(&matcher, &Values::default()).as_deref(), Ok(words));
    }
}

#[test]
fn matchers_of_lists_and_lengths_say_what_they_looked_at() {
    let x = || Box::new(equals(json!("x")));
    check(&Matcher::Each(x()), &json!(["x", "x"]), "");
    check(&Matcher::Each(x()), &json!("x"), ": a list but \"x\"");
    check(&Matcher::Some(x()), &json!("x"), "");
    check(&Matcher::Some(x()), &json!([]), ": at least one that is \"x\" but []");
    let length = |wanted: i64| Matcher::Length(Box::new(equals(json!(wanted))));
    check(&length(3), &json!("äöü"), "");
    check(&length(1), &json!({"a": 1}), "");
    check(&length(1), &json!(7), ": something with a length but 7");
    check(&Matcher::Not(x()), &json!("y"), "");
    let all = Matcher::All(vec![Matcher::Is(Kind::String), length(2)]);
    check(&all, &json!("ab"), "");
    check(&all, &json!([1]), ": a string but [1]; : length 2 but length 1 ([1])");
    let contains = Matcher::Contains(Template::Scalar(json!(1)));
    check(&contains, &json!([2, 1]), "");
    check(&contains, &json!({"a": 2}), ": text containing \"1\" but {\"a\":2}");
}

#[test]
fn documents_are_compared_element_by_element() {
    let exact = |value: Json| Matcher::Exact(Template::Scalar(value));
    check(&exact(json!([1, 2])), &json!([1]), ": [1,2] but [1]");
    check(&exact(json!([1, {"a": 2}])), &json!([1, {"a": 3}]), "[1].a: 2 but 3");
    check(&exact(json!({"a": null})), &json!({}), ".a: null but nothing");
    check(&exact(json!(1)), &json!(1.0), "");
    check(&exact(json!({"a": 1})), &json!([1]), ": {\"a\":1} but [1]");
    let scalar = |value: i64| Template::Scalar(json!(value));
    let subset = Matcher::Subset(Template::Object(vec![(
        "l".to_owned(),
        Template::Array(vec![
            scalar(1),
            Template::Object(vec![("0a".to_owned(), scalar(2)), ("_b".to_owned(), scalar(3))]),
        ]),
    )]));
    check(
        &subset,
        &json!({"l": [1, {"0a": 2, "_b": 3, "more": 4}], "more": 5}),
        "",
    );
    check(
        &subset,
        &json!({"l": [9, {"0a": 8}]}),
        ".l[0]: 1 but 9; .l[1][\"0a\"]: 2 but 8; .l[1]._b: 3 but nothing",
    );
    check(&subset, &json!({"l": [1]}), ".l: [1,{\"0a\":2,\"_b\":3}] but [1]");
    check(&subset, &json!([]), ": {\"l\":[1,{\"0a\":2,\"_b\":3}]} but []");
    let described = Matcher::Subset(Template::Array(vec![Template::Match(Box::new(Matcher::Is(
        Kind::Uuid,
    )))]));
    check(&described, &json!(["x"]), "[0]: a UUID (8-4-4-4-12) but \"x\"");
    check(&described, &json!([]), ": [\"(a UUID (8-4-4-4-12))\"] but []");
}

#[test]
fn numbers_are_equal_by_value_and_lists_by_all_their_elements() {
    for (one, other, expected) in [
        (json!(1), json!(1.0), true),
        (json!(1), json!(2), false),
        (json!(u64::MAX), json!(u64::MAX), true),
        (json!(0.5), json!(0.25), false),
        // Alike as floating-point numbers only.
        (json!(i64::MAX), json!(i64::MAX - 1), false),
        (json!([1, 2]), json!([1.0, 2.0]), true),
        (json!([1, 2]), json!([1]), false),
        (json!([1]), json!([1, 2]), false),
        (json!([1, 2]), json!([2, 2]), false),
        (json!({"a": 1}), json!({"a": 1.0}), true),
        (json!({"a": 1}), json!({"b": 1}), false),
        (json!({"a": 1}), json!({"a": 1, "b": 1}), false),
        (json!({"a": 1, "b": 1}), json!({"a": 1}), false),
        (json!("1"), json!(1), false),
        (json!(null), json!(false), false),
    ] {
        assert_eq!(equal(&one, &other), expected, "{one} {other}");
    }
}

#[test]
fn matchers_are_described_in_words() {
    let one = || Template::Scalar(json!(1));
    let is_one = || Box::new(equals(json!(1)));
    for (matcher, words) in [
        (equals(json!("x")), "\"x\""),
        (Matcher::Exact(one()), "exactly 1"),
        (Matcher::Subset(one()), "at least 1"),
        (Matcher::AnyOf(vec![equals(json!(1)), equals(json!(2))]), "1 or 2"),
        (Matcher::All(vec![equals(json!(1)), equals(json!(2))]), "1 and 2"),
        (Matcher::Not(is_one()), "not 1"),
        (Matcher::Contains(one()), "text containing \"1\""),
        (Matcher::Length(is_one()), "length 1"),
        (Matcher::Each(is_one()), "each 1"),
        (Matcher::Some(is_one()), "some 1"),
    ] {
        assert_eq!(describe(&matcher, &Values::default()).as_deref(), Ok(words));
    }
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
