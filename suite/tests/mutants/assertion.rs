//! The single assertions of a case, and the case with one of them dropped, negated or loosened.
//!
//! Makes other cases; judges nothing.

use located_yaml::Location;
use torq_conformance::expression::Expression;
use torq_conformance::spec::model::{
    Action, Awaited, Case, Expectation, FactSource, Located, Matcher, Step, Text, TextPart, Window,
};

use crate::burst;
use crate::matcher::{self, Leaf};

/// A case with one assertion changed.
pub(crate) struct Mutant {
    /// The changed case.
    pub(crate) case: Case,
    /// Which assertion of which case, and what became of it: what the list of survivors calls it.
    pub(crate) name: String,
    /// The number of the step it belongs to.
    pub(crate) step: usize,
    /// Where the assertion is written.
    pub(crate) at: Location,
    /// What became of it.
    pub(crate) how: How,
}

/// What becomes of an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Nothing is asked any more.
    Dropped,
    /// The opposite is asked.
    Negated(Weight),
    /// Less is asked, such as `a number` where it was one number.
    Loosened(String),
}

/// Whether a case can pass when an assertion does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It cannot, so that the right mock fails its opposite.
    Decisive,
    /// It belongs to one of several choices, which another mock would take.
    OfAChoice,
}

/// A value with one change.
pub(crate) struct Changed<T> {
    pub(crate) part: String,
    pub(crate) at: Location,
    pub(crate) how: How,
    pub(crate) value: T,
}

impl<T> Changed<T> {
    pub(crate) fn around<U>(self, part: &str, around: impl FnOnce(T) -> U) -> Changed<U> {
        Changed {
            part: format!("{part}{}", self.part),
            at: self.at,
            how: self.how,
            value: around(self.value),
        }
    }

    /// The same, inside something that is one of several choices.
    fn of_a_choice(mut self) -> Self {
        if let How::Negated(weight) = &mut self.how {
            *weight = Weight::OfAChoice;
        }
        self
    }
}

/// Every case that differs from `case` in one assertion.
pub(crate) fn mutants(case: &Case) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (index, step) in case.steps.iter().chain(&case.finally).enumerate() {
        for changed in of_step(step) {
            let mut case = case.clone();
            let to = case.steps.iter_mut().chain(&mut case.finally).nth(index);
            if let Some(to) = to {
                *to = changed.value;
            }
            let how = match &changed.how {
                How::Dropped => "dropped".to_owned(),
                How::Negated(_) => "negated".to_owned(),
                How::Loosened(to) => format!("loosened to {to}"),
            };
            mutants.push(Mutant {
                name: format!("{}, step {}, {}: {how}", case.id, index + 1, changed.part),
                case,
                step: index + 1,
                at: changed.at,
                how: changed.how,
            });
        }
    }
    mutants
}

fn of_step(step: &Step) -> Vec<Changed<Step>> {
    let with = |change: &dyn Fn(&mut Step)| {
        let mut step = step.clone();
        change(&mut step);
        step
    };
    let mut all = Vec::new();
    for changed in step.expect.iter().flat_map(of_expectation) {
        all.push(changed.around("", |it| with(&|step| step.expect = Some(it.clone()))));
    }
    if let Action::Poll(poll) = &step.action {
        let with_poll = |change: &dyn Fn(&mut torq_conformance::spec::model::Poll)| {
            let mut poll = poll.clone();
            change(&mut poll);
            with(&|step| step.action = Action::Poll(poll.clone()))
        };
        for changed in of_expectation(&poll.until) {
            all.push(changed.around("until ", |it| with_poll(&|poll| poll.until = it.clone())));
        }
        for changed in poll.stop_when.iter().flat_map(of_expectation) {
            let around = |it: Expectation| with_poll(&|poll| poll.stop_when = (!is_empty(&it)).then(|| it.clone()));
            all.push(changed.around("stop_when ", around));
        }
    }
    if let Action::Await {
        expected: Awaited::StillOpen,
        ..
    } = &step.action
    {
        all.push(Changed {
            part: "still_open".to_owned(),
            at: step.at.clone(),
            how: How::Dropped,
            value: with(&|step| step.action = Action::Elapse(Expression::duration(std::time::Duration::ZERO))),
        });
    }
    for (index, capture) in step.capture.iter().enumerate() {
        if capture.otherwise.is_none() {
            all.push(Changed {
                part: format!("capture {}", capture.name),
                at: capture.at.clone(),
                how: How::Dropped,
                value: with(&|step| step.capture[index].otherwise = Some(no_value())),
            });
        }
    }
    for (index, fact) in step.observe.iter().enumerate() {
        let FactSource::Choices(choices) = &fact.source else {
            continue;
        };
        for (choice, (name, expectation)) in choices.iter().enumerate() {
            for changed in of_expectation(expectation) {
                let part = format!("fact {} choice {name} ", fact.name);
                let around = |it: Expectation| {
                    let mut choices = choices.clone();
                    choices[choice].1 = it;
                    with(&|step| step.observe[index].source = FactSource::Choices(choices.clone()))
                };
                all.push(changed.of_a_choice().around(&part, around));
            }
        }
    }
    all
}

/// What stands for a value that an answer does not have and that nobody misses; it names nothing.
fn no_value() -> Text {
    Text {
        parts: vec![TextPart::Literal("no-value".to_owned())],
    }
}

fn is_empty(it: &Expectation) -> bool {
    let one_answer = it.status.is_none() && it.headers.is_empty() && it.body.is_none() && it.json.is_empty();
    one_answer
        && it.answered.is_none()
        && it.any_of.is_empty()
        && it.not.is_none()
        && it.answers.is_none()
        && it.limit.is_none()
        && it.each.is_empty()
}

/// An assertion of an expectation: it alone, the rest, and the whole with it loosened.
struct Single {
    part: String,
    at: Location,
    alone: Expectation,
    without: Expectation,
    loosened: Vec<(String, Expectation)>,
}

/// Every expectation that differs from `whole` in one assertion.
pub(crate) fn of_expectation(whole: &Expectation) -> Vec<Changed<Expectation>> {
    let mut all = Vec::new();
    for single in singles(whole) {
        let changed = |how, value| Changed {
            part: single.part.clone(),
            at: single.at.clone(),
            how,
            value,
        };
        all.push(changed(How::Dropped, single.without.clone()));
        // The rest holds and this does not.
        let mut negated = Expectation::anything(whole.at.clone());
        negated.not = Some(Box::new(single.alone.clone()));
        if !is_empty(&single.without) {
            negated.any_of.push(single.without.clone());
        }
        all.push(changed(How::Negated(Weight::Decisive), negated));
        for (to, value) in &single.loosened {
            all.push(changed(How::Loosened(to.clone()), value.clone()));
        }
    }
    for (index, choice) in whole.any_of.iter().enumerate() {
        for changed in of_expectation(choice) {
            let around = |it| {
                let mut whole = whole.clone();
                whole.any_of[index] = it;
                whole
            };
            all.push(changed.of_a_choice().around(&format!("any_of[{index}] "), around));
        }
    }
    for changed in whole.not.iter().flat_map(|not| of_expectation(not)) {
        let around = |it| {
            let mut whole = whole.clone();
            whole.not = Some(Box::new(it));
            whole
        };
        all.push(changed.of_a_choice().around("not ", around));
    }
    all.extend(burst::of_burst(whole));
    all
}

fn singles(whole: &Expectation) -> Vec<Single> {
    let mut singles = Vec::new();
    // A part of the expectation that is a matcher: how to put another one, or none, into an expectation.
    let mut add = |(part, at, matcher): (String, &Location, &Matcher),
                   more: Option<(String, Matcher)>,
                   put: &dyn Fn(&mut Expectation, Option<Matcher>)| {
        let with = |matcher: Option<Matcher>| {
            let mut whole = whole.clone();
            put(&mut whole, matcher);
            whole
        };
        for Leaf {
            label,
            alone,
            without,
            mut loosened,
        } in matcher::leaves(matcher)
        {
            if let Some(more) = more.clone() {
                loosened = vec![more];
            }
            // Alone: the part as it stands in an expectation without all others.
            let mut only = Expectation::anything(whole.at.clone());
            put(&mut only, Some(alone));
            singles.push(Single {
                part: format!("{part}{label}"),
                at: at.clone(),
                alone: only,
                without: with(without),
                loosened: loosened.into_iter().map(|(to, it)| (to, with(Some(it)))).collect(),
            });
        }
    };
    let located = |value: Matcher, at: &Location| Located { value, at: at.clone() };
    if let Some(status) = &whole.status {
        add(
            ("status".to_owned(), &status.at, &status.value),
            matcher::class_of(&status.value),
            &|into, it| into.status = it.map(|it| located(it, &status.at)),
        );
    }
    for (name, header) in &whole.headers {
        add(
            (format!("header {name}"), &header.at, &header.value),
            None,
            &|into, it| {
                into.headers.retain(|(other, _)| other != name);
                into.headers
                    .extend(it.map(|it| (name.clone(), located(it, &header.at))));
            },
        );
    }
    if let Some(body) = &whole.body {
        add(("body".to_owned(), &body.at, &body.value), None, &|into, it| {
            into.body = it.map(|it| located(it, &body.at));
        });
    }
    for check in &whole.json {
        add(
            (format!("json {}", check.text), &check.at, &check.matcher),
            None,
            &|into, it| {
                into.json.retain(|other| other.text != check.text);
                into.json.extend(it.map(|matcher| {
                    let mut check = check.clone();
                    check.matcher = matcher;
                    check
                }));
            },
        );
    }
    singles.extend(of_window(whole));
    let mut group = |part: &str, at: &Location, take: &dyn Fn(&mut Expectation)| {
        let mut without = whole.clone();
        take(&mut without);
        let mut alone = Expectation::anything(whole.at.clone());
        match part {
            "not" => alone.not.clone_from(&whole.not),
            _ => alone.any_of.clone_from(&whole.any_of),
        }
        singles.push(Single {
            part: part.to_owned(),
            at: at.clone(),
            alone,
            without,
            loosened: Vec::new(),
        });
    };
    if let Some(choice) = whole.any_of.first() {
        group("any_of", &choice.at, &|it| it.any_of.clear());
    }
    if let Some(not) = &whole.not {
        group("not", &not.at, &|it| it.not = None);
    }
    singles
}

/// The ends of a time window.
fn of_window(whole: &Expectation) -> Vec<Single> {
    let Some(window) = &whole.answered else {
        return Vec::new();
    };
    let Window { after, before } = &window.value;
    let with = |mut into: Expectation, (after, before): (Option<Expression>, Option<Expression>)| {
        let is_open = after.is_none() && before.is_none();
        into.answered = (!is_open).then(|| Located {
            value: Window { after, before },
            at: window.at.clone(),
        });
        into
    };
    let ends = [
        ("answered after", (after.clone(), None), (None, before.clone())),
        ("answered before", (None, before.clone()), (after.clone(), None)),
    ];
    let there = ends
        .into_iter()
        .filter(|(_, alone, _)| alone.0.is_some() || alone.1.is_some());
    there
        .map(|(part, alone, without)| Single {
            part: part.to_owned(),
            at: window.at.clone(),
            alone: with(Expectation::anything(whole.at.clone()), alone),
            without: with(whole.clone(), without),
            loosened: Vec::new(),
        })
        .collect()
}
