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
         admission: { order: [event, method] }, urls: { methods: [PUT] }, events: { empty_body: 'null' } }",
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

/// The part of the schema of configurations that is about `behaviour`.
fn schema() -> serde_json::Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/schema/configuration.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    schema["properties"]["behaviour"]["properties"].clone()
}

#[test]
fn the_schema_for_editors_has_every_knob_with_its_words_and_default() {
    let schema = schema();
    let words_of = |property: &serde_json::Value| -> Option<Vec<String>> {
        let words = property["enum"].as_array()?.iter();
        Some(words.map(|word| word.as_str().unwrap_or_default().to_owned()).collect())
    };
    for (name, _, knobs) in Behaviour::default().sections() {
        let properties = schema[name]["properties"].as_object().expect("a section");
        let names: Vec<_> = knobs.iter().map(|knob| knob.name).collect();
        assert_eq!(
            properties.keys().map(String::as_str).collect::<Vec<_>>(),
            names,
            "{name}"
        );
        for knob in knobs {
            let property = &properties[knob.name];
            let document = Document::parse("value.yaml", &knob.value).expect("well-formed YAML");
            let value = document.root().json(&mut Problems::default());
            assert_eq!(property.get("default"), value.as_ref(), "{name}.{}", knob.name);
            let words = knob.accepts.contains(" | ").then(|| knob.accepts.split(" | "));
            let words = words.map(|words| words.map(str::to_owned).collect());
            assert_eq!(words_of(property), words, "{name}.{}", knob.name);
        }
    }
    let sections: Vec<_> = Behaviour::default()
        .sections()
        .iter()
        .map(|(name, _, _)| *name)
        .collect();
    let described: Vec<_> = schema
        .as_object()
        .expect("sections")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(described, sections);
}
