//! The list of faults is right, and faults go together or not.

use std::collections::HashSet;

use super::*;
use crate::behaviour::Grade;

#[test]
fn every_fault_can_be_read_and_breaks_a_published_rule() {
    let text = include_str!("../../../specs/faults.yaml");
    let faults = catalogue::read("specs/faults.yaml", text).expect("the list is right");
    assert_eq!(faults, catalogue());
    let names: HashSet<_> = faults.iter().map(|fault| &fault.name).collect();
    assert_eq!(names.len(), faults.len(), "two faults have one name");
    for fault in &faults {
        let mut behaviour = Behaviour::default();
        let problems = fault.apply(&mut behaviour);
        assert!(problems.is_empty(), "{}: {problems}", fault.name);
        assert!(
            !fault.violates.is_empty() && fault.about.ends_with('.'),
            "{}",
            fault.name
        );
        let set: HashSet<_> = fault.knobs.iter().map(|(knob, _)| knob.as_str()).collect();
        for knob in behaviour.knobs() {
            let name = format!("{}.{}", knob.section, knob.name);
            assert_eq!(knob.is_faulty(), set.contains(name.as_str()), "{}: {name}", fault.name);
            assert!(
                knob.grade != Grade::Open || !set.contains(name.as_str()),
                "{}: {name}",
                fault.name
            );
        }
    }
}

#[test]
fn every_word_of_a_published_rule_but_the_right_one_is_a_fault_of_its_own() {
    let set: HashSet<_> = catalogue().iter().flat_map(|fault| &fault.knobs).collect();
    let mut unused = Vec::new();
    for knob in Behaviour::default().knobs() {
        if knob.grade == Grade::Open || !knob.accepts.contains(" | ") {
            continue;
        }
        for word in knob
            .accepts
            .split(" | ")
            .filter(|word| *word != knob.default.trim_matches('\''))
        {
            let pair = (format!("{}.{}", knob.section, knob.name), word.to_owned());
            if !set.contains(&pair) {
                unused.push(pair);
            }
        }
    }
    assert_eq!(unused, Vec::<(String, String)>::new(), "no fault sets these");
}

#[test]
fn names_are_checked_and_conflicts_are_found() {
    let message = |names: &[&str]| Faults::named(names).expect_err("it is refused").to_string();
    for (names, said) in [
        (
            &["fallback-at-45"] as &[&str],
            "there is no fault `fallback-at-45`; did you mean `fallback-at-45s`?",
        ),
        (&["qqqq"], "there is no fault `qqqq`; `torq-mock faults` lists them"),
        (&["draft-runs", "draft-runs"], "the fault `draft-runs` is named twice"),
        (
            &["draft-runs", "fallback-with-200", "fallback-with-504"],
            "the faults `fallback-with-200` and `fallback-with-504` both set `answers.in_progress`; a server can have one of \
             them at a time",
        ),
    ] {
        assert_eq!(message(names), said);
    }
    let faults = Faults::named(["draft-runs", "fallback-with-200"]).expect("they go together");
    assert_eq!(faults.to_string(), "draft-runs, fallback-with-200");
}

#[test]
fn a_fault_leaves_everything_else_as_a_configuration_has_it() {
    let document = Document::parse("own.yaml", "{ rate: { limit: 3 }, running: { sync_timeout: 2s } }").expect("YAML");
    let mut own = Behaviour::default();
    own.read(document.root(), &mut Problems::default());
    let changed = Faults::named(["draft-runs"]).expect("it is known").on(&own);
    assert_eq!(
        (changed.rate, changed.running.sync_timeout),
        (own.rate, own.running.sync_timeout)
    );
    assert_ne!(changed.running.revision, own.running.revision);
}
