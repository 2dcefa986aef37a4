//! Schemas and the files of the repository: those that are right, those that are not, and those that name a schema.

use std::fs;
use std::path::Path;

use located_yaml::{Document, Problems};
use serde_json::Value as Json;

use super::places::Schemas;
use super::{SPECS, value, yaml_files};
use crate::schema::Format;

/// The parser's complaints that are about form: each begins like this.
const OF_FORM: [&str; 6] = [
    "unknown key",
    "unknown value",
    "the key `",
    "expected a mapping",
    "expected a sequence",
    "expected a text",
];

#[test]
fn what_is_refused_for_its_form_is_underlined_in_editors_too() {
    let mut schemas = Schemas::new();
    let mut refused = 0;
    for file in yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bad")) {
        let text = fs::read_to_string(&file).expect("it can be read");
        let said = fs::read_to_string(file.with_extension("snap")).expect("its message stands beside it");
        let complaints = said.lines().filter_map(|line| line.strip_prefix("error: "));
        let of_form = complaints
            .clone()
            .any(|it| OF_FORM.iter().any(|start| it.starts_with(start)));
        let name = file.file_stem().and_then(|it| it.to_str()).expect("a plain name");
        let form = match name.split('-').next() {
            Some("requirements") => "requirements.schema.json#",
            Some("fixtures") => "fixtures.schema.json#",
            _ => "cases.schema.json#",
        };
        // What is no YAML has no form.
        let document = Document::parse(name, &text);
        let Some(value) = document.ok().and_then(|it| it.root().json(&mut Problems::default())) else {
            continue;
        };
        if of_form {
            assert!(!schemas.takes(form, &value), "{name}");
            refused += 1;
        }
    }
    assert!(refused > 8, "{refused}");
}

#[test]
fn what_is_right_is_never_underlined() {
    let mut schemas = Schemas::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (format, file) in [
        (Format::Requirements, "tests/data/base/requirements/probe.yaml"),
        (Format::Cases, "tests/data/base/cases/probe/good.yaml"),
        (Format::Fixtures, "tests/data/base/fixtures.yaml"),
        (Format::Configuration, "../mock-server/src/config/default.yaml"),
    ] {
        let root = format!("{}#", format.file_name());
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert_eq!(schemas.objections(&root, &value(&file)), [""; 0], "{}", file.display());
    }
    let examples = |document: &str, start: &str| -> Vec<Json> {
        let text = fs::read_to_string(root.join("..").join(document)).expect("it is there");
        let blocks = text
            .split("```yaml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next());
        let wanted = blocks.filter(|block| block.starts_with(start));
        let parsed = wanted.map(|block| Document::parse(document, block).expect("it is YAML"));
        parsed
            .filter_map(|it| it.root().json(&mut Problems::default()))
            .collect()
    };
    for (form, document, start) in [
        ("cases.schema.json#", "specs/README.md", "suite: "),
        ("configuration.schema.json#", "mock-server/README.md", "seed: "),
    ] {
        let examples = examples(document, start);
        assert!(!examples.is_empty(), "{document}");
        for example in examples {
            assert_eq!(schemas.objections(form, &example), [""; 0], "{document}: {example}");
        }
    }
}

#[test]
fn every_file_of_the_specs_names_its_schema() {
    for file in yaml_files(Path::new(SPECS)) {
        let text = fs::read_to_string(&file).expect("it can be read");
        let inside = file.strip_prefix(SPECS).expect("it lies there");
        let (format, up) = match inside.components().next().and_then(|it| it.as_os_str().to_str()) {
            Some("fixtures.yaml") => (Format::Fixtures, "schema"),
            Some("probes.yaml") => (Format::Probes, "schema"),
            Some("faults.yaml") => (Format::Faults, "schema"),
            Some("kill-matrix.yaml") => (Format::KillMatrix, "schema"),
            Some("survivors.yaml") => (Format::Survivors, "schema"),
            Some("knobs.yaml") => (Format::Knobs, "schema"),
            Some("requirements") => (Format::Requirements, "../schema"),
            Some("profiles") => (Format::Profile, "../schema"),
            Some("cases") => (Format::Cases, "../../schema"),
            // A format without a schema of ours, such as an OpenAPI document.
            _ => continue,
        };
        assert_eq!(
            text.lines().next(),
            Some(format.modeline(up).as_str()),
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_key_is_explained() {
    fn unexplained(schema: &Json, name: &str, found: &mut Vec<String>) {
        let Some(object) = schema.as_object() else { return };
        for (key, inner) in object.get("properties").and_then(Json::as_object).into_iter().flatten() {
            let explained = inner.get("description").is_some() || inner.get("$ref").is_some();
            // `false` and refinements of what is explained elsewhere say nothing of their own.
            if inner.is_object() && object.contains_key("additionalProperties") && !explained {
                found.push(format!("{name}/{key}"));
            }
        }
        for (key, inner) in object {
            unexplained(inner, &format!("{name}/{key}"), found);
            for (index, inner) in inner.as_array().into_iter().flatten().enumerate() {
                unexplained(inner, &format!("{name}/{key}/{index}"), found);
            }
        }
    }
    let mut found = Vec::new();
    for format in Format::ALL {
        let schema = serde_json::from_str(format.text()).expect("it is JSON");
        jsonschema::meta::validate(&schema).expect("it is a schema");
        unexplained(&schema, format.file_name(), &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}
