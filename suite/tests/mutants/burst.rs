//! The assertions about all answers of a burst together, each changed by itself.
//!
//! Makes other expectations; judges nothing.

use located_yaml::Location;
use serde_json::Value as Json;
use torq_conformance::expression::{Expression, Operator, Value};
use torq_conformance::spec::model::{BurstLimit, Expectation, Located, Matcher};

use crate::assertion::{Changed, How, Weight, of_expectation};

/// A status that no limiter refuses with.
const NO_STATUS: u16 = 599;

/// What is asked of all answers of a burst together.
pub(crate) fn of_burst(whole: &Expectation) -> Vec<Changed<Expectation>> {
    let mut all = Vec::new();
    let mut add = |part: &str, at: &Location, how, change: &dyn Fn(&mut Expectation)| {
        let mut value = whole.clone();
        change(&mut value);
        let (part, at) = (part.to_owned(), at.clone());
        all.push(Changed { part, at, how, value });
    };
    let any = || Matcher::Range {
        at_least: None,
        at_most: None,
    };
    let not = |it: &Matcher| Matcher::Not(Box::new(it.clone()));
    if let Some(answers) = &whole.answers {
        for (index, (status, count)) in answers.value.by_status.iter().enumerate() {
            let put = |it: Matcher| {
                move |into: &mut Expectation| {
                    let entry = into.answers.as_mut().map(|it| &mut it.value.by_status[index].1);
                    entry.into_iter().for_each(|entry| entry.clone_from(&it));
                }
            };
            let part = format!("answers {status}");
            add(&part, &answers.at, How::Dropped, &put(any()));
            add(&part, &answers.at, How::Negated(Weight::Decisive), &put(not(count)));
        }
        if let Some(other) = &answers.value.other {
            let put = |it: Option<Matcher>| {
                move |into: &mut Expectation| {
                    into.answers
                        .iter_mut()
                        .for_each(|answers| answers.value.other.clone_from(&it))
                }
            };
            add("answers other", &answers.at, How::Dropped, &put(None));
            add(
                "answers other",
                &answers.at,
                How::Negated(Weight::Decisive),
                &put(Some(not(other))),
            );
        }
    }
    if let Some(limit) = &whole.limit {
        let put = |value: BurstLimit| {
            let at = limit.at.clone();
            move |into: &mut Expectation| {
                into.limit = Some(Located {
                    value: value.clone(),
                    at: at.clone(),
                });
            }
        };
        let twice = Expression::Literal(Value::Json(Json::from(2)));
        let twice = Expression::Binary(
            Box::new(limit.value.at_most.clone()),
            Operator::Multiply,
            Box::new(twice),
        );
        let twice = BurstLimit {
            at_most: twice,
            ..limit.value.clone()
        };
        let another = BurstLimit {
            refused: NO_STATUS,
            ..limit.value.clone()
        };
        add("limit", &limit.at, How::Dropped, &|it| it.limit = None);
        add(
            "limit",
            &limit.at,
            How::Loosened("twice as many".to_owned()),
            &put(twice),
        );
        add("limit", &limit.at, How::Negated(Weight::Decisive), &put(another));
    }
    for (index, (status, each)) in whole.each.iter().enumerate() {
        for changed in of_expectation(each) {
            let around = |it| {
                let mut whole = whole.clone();
                whole.each[index].1 = it;
                whole
            };
            let part = status.map_or_else(|| "each ".to_owned(), |status| format!("each {status} "));
            all.push(changed.around(&part, around));
        }
    }
    all
}
