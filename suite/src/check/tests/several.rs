//! What is said of the answers of a burst, and what is recorded of open behaviour.

use super::*;
use crate::spec::model::{Answers, Extract};

fn judged_burst(expectation: &Expectation, exchanges: &[Exchange]) -> Vec<String> {
    said(&check_burst(expectation, exchanges, &Values::default()).expect("no names are used"))
}

fn limit(at_most: u64) -> BurstLimit {
    BurstLimit {
        at_most: Expression::Literal(Value::Json(at_most.into())),
        per: seconds(1),
        refused: 429,
    }
}

#[test]
fn the_answers_of_a_burst_are_judged_together_and_one_by_one() {
    let exchanges = [
        with_status(200),
        with_status(429),
        with_status(200),
        unanswered(),
        unanswered(),
    ];
    let lost = "? the connection closed before an answer: reset";
    assert_eq!(judged_burst(&anything(), &exchanges), [lost], "once is enough");
    let each = |status: Option<u16>, inner| Expectation {
        each: vec![(status, inner)],
        ..anything()
    };
    assert_eq!(
        judged_burst(&each(None, status(200)), &exchanges),
        ["answer 2: status: 200 | 429", lost]
    );
    assert_eq!(
        judged_burst(&each(Some(200), status(201)), &exchanges),
        ["answer 1: status: 201 | 200", "answer 3: status: 201 | 200", lost]
    );
    let counted = Expectation {
        answers: Some(located(Answers {
            by_status: vec![(200, equals(5))],
            other: None,
        })),
        ..anything()
    };
    assert_eq!(
        judged_burst(&counted, &exchanges),
        ["answers of the burst: 5 × 200 | 2 × 200", lost]
    );
    let limited = Expectation {
        limit: Some(located(limit(1))),
        ..anything()
    };
    let many = [(); 20].map(|()| with_status(200));
    assert_eq!(judged_burst(&limited, &exchanges[..3]), [""; 0]);
    assert_eq!(judged_burst(&limited, &many).len(), 1);
}

#[test]
fn a_fact_is_what_one_answer_or_a_burst_shows() {
    let fact = |source| Fact {
        name: "fact".to_owned(),
        source,
        at: place(),
    };
    let choices = fact(FactSource::Choices(vec![
        ("fine".to_owned(), status(200)),
        ("missing".to_owned(), status(404)),
    ]));
    let value = fact(FactSource::Value(Extract::Header("x-a".to_owned())));
    let limiter = fact(FactSource::Limiter(limit(1)));
    let one = |fact: &Fact, exchange: &Exchange| observe(fact, exchange, &Values::default()).expect("no names");
    let many =
        |fact: &Fact, exchanges: &[Exchange]| observe_burst(fact, exchanges, &Values::default()).expect("no names");
    let it = answer(404, &[("X-A", "1")], "");
    for (fact, exchange, expected) in [
        (&choices, &it, Some("missing")),
        (&choices, &with_status(500), Some("other (status 500)")),
        (&choices, &unanswered(), None),
        (&value, &it, Some("1")),
        (&value, &with_status(200), Some("none")),
        (&limiter, &it, None),
    ] {
        assert_eq!(one(fact, exchange).as_deref(), expected);
    }
    let fine = [with_status(200), with_status(404)];
    let shown = [with_status(200), with_status(429)];
    assert_eq!(many(&choices, &fine).as_deref(), Some("fine"));
    assert_eq!(many(&choices, &[unanswered()]).as_deref(), Some("other"));
    assert_eq!(
        many(&value, &[with_status(200), it]).as_deref(),
        Some("1"),
        "the last one speaks"
    );
    assert_eq!(many(&value, &[]), None);
    assert_eq!(many(&limiter, &[with_status(200)]).as_deref(), Some("not-seen"));
    assert!(
        many(&limiter, &shown).is_some_and(|it| it.contains("bucket")),
        "{shown:?}"
    );
}
