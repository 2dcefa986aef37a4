//! The schema of reports is made from the types they are read into, so that the two cannot say different things.
//!
//! `INSTA_UPDATE=always` writes it anew after a change of the types.

use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::SPECS;
use crate::evidence::Evidence;
use crate::schema::Format;

fn generated() -> String {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Evidence>();
    let mut schema = serde_json::to_value(schema).expect("it is JSON");
    schema["title"] = Json::from("Report");
    for definition in schema["$defs"]
        .as_object_mut()
        .expect("it has definitions")
        .values_mut()
    {
        let choices = definition.get_mut("oneOf").and_then(Json::as_array_mut);
        for choice in choices.into_iter().flatten() {
            describe_keys_of(choice);
        }
    }
    format!("{schema:#}\n")
}

/// The key that says which of several forms a value has is explained by what that form is.
fn describe_keys_of(choice: &mut Json) {
    let meaning = choice["description"].clone();
    let properties = choice.get_mut("properties").and_then(Json::as_object_mut);
    for property in properties.into_iter().flat_map(|it| it.values_mut()) {
        if let Some(property) = property.as_object_mut() {
            property.entry("description").or_insert_with(|| meaning.clone());
        }
    }
}

#[test]
fn the_schema_of_reports_describes_their_types() {
    let generated = generated();
    if std::env::var_os("INSTA_UPDATE").is_some_and(|it| it == "always") {
        let file = Path::new(SPECS).join("schema").join(Format::Report.file_name());
        std::fs::write(file, &generated).expect("it can be written");
    } else {
        assert_eq!(
            Format::Report.text(),
            generated,
            "the types changed: run this test with INSTA_UPDATE=always and read what it changes in the schema"
        );
    }
}

#[test]
fn every_key_of_a_report_is_described_and_no_other_is_taken() {
    let schema: Json = serde_json::from_str(Format::Report.text()).expect("it is JSON");
    let mut objects = vec![("Report", &schema)];
    let definitions = schema["$defs"].as_object().expect("it has definitions");
    objects.extend(definitions.iter().map(|(name, schema)| (name.as_str(), schema)));
    let mut described = 0;
    for (name, schema) in objects {
        // Tallies and the ways to write a choice describe themselves.
        let Some(properties) = schema["properties"].as_object().filter(|_| name != "Tally") else {
            continue;
        };
        assert_eq!(
            schema["additionalProperties"],
            Json::Bool(false),
            "{name} takes any key"
        );
        for (key, property) in properties {
            assert!(property["description"].is_string(), "{name}.{key} is not described");
            described += 1;
        }
    }
    assert!(described > 80, "{described}");
}
