//! Every knob can be written and read back, and is documented.

use std::collections::HashSet;

use located_yaml::{Document, Problems};

use super::*;

fn read(yaml: &str) -> (Behaviour, Problems) {
    let document = Document::parse("behaviour.yaml", yaml).expect("well-formed YAML");
    let mut problems = Problems::default();
    let fields = document
        .root()
        .fields(&["behaviour"], &mut problems)
        .expect("a mapping");
    let mut behaviour = Behaviour::default();
    behaviour.read(
        fields.required("behaviour", &mut problems).expect("the section"),
        &mut problems,
    );
    (behaviour, problems)
}

#[test]
fn what_is_printed_can_be_read() {
    let printed = Behaviour::default().to_yaml();
    let (behaviour, problems) = read(&printed);
    assert!(problems.is_empty(), "{problems:?}\n{printed}");
    assert_eq!(behaviour, Behaviour::default());
}

#[test]
fn an_override_is_printed_and_read_as_well() {
    let (behaviour, problems) = read(
        "behaviour: { running: { sync_timeout: 2s, async_body: \"it's {execution_id}\" }, rate: { limit: unlimited }, \
         admission: { order: [event, method] }, urls: { methods: [PUT] } }",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let (again, _) = read(&behaviour.to_yaml());
    assert_eq!(again, behaviour);
    assert_ne!(behaviour, Behaviour::default());
}

#[test]
fn every_knob_says_what_it_decides() {
    let knobs = Behaviour::default().knobs();
    let names: HashSet<_> = knobs.iter().map(|knob| (knob.section, knob.name)).collect();
    assert_eq!(names.len(), knobs.len());
    for knob in &knobs {
        assert!(knob.about.ends_with('.') && knob.about.len() > 10, "{knob:?}");
        assert!(!knob.accepts.is_empty() && !knob.value.is_empty(), "{knob:?}");
    }
}

#[test]
fn the_printed_configuration_is_reviewed() {
    insta::assert_snapshot!(Behaviour::default().to_yaml());
}
