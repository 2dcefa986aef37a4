//! The pages say what is so: the README's section per knob and the configuration reference are written from the types and the schema,
//! and the cookbook's commands are run.
//!
//! `UPDATE_DOCS=1 cargo test -p torq-mock-server --test docs` writes the two again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use torq_mock_server::behaviour::{Grade, KnobEntry};
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::{Server, Settings};

const WRITTEN: &str = "a String takes everything that is written";

/// Stands above what a test has written; everything behind it is.
const MARK: &str =
    "<!-- What follows is written by a test: UPDATE_DOCS=1 cargo test -p torq-mock-server --test docs -->\n";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Asserts that what stands behind the mark in a page is what it is written from, or writes it.
fn is_in_step(name: &str, text: &str) {
    let path = page(name);
    let found = std::fs::read_to_string(&path).expect("the page is there");
    let (before, mut found) = found.split_once(MARK).expect("the page has the mark");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{MARK}{text}")).expect("the page can be written");
        found = text;
    }
    let differs = found.lines().zip(text.lines()).find(|(found, wanted)| found != wanted);
    assert!(
        found == text,
        "{name} is out of step, first at {differs:?}; write it again: UPDATE_DOCS=1 cargo test -p torq-mock-server --test docs"
    );
}

/// Why a knob has its default.
fn why(grade: Grade) -> &'static str {
    match grade {
        Grade::Documented => {
            "documented: the article on trigger integrations says so, and a deployment that differs does not conform"
        }
        Grade::Vendor => "vendor: another public page of Torq says so",
        Grade::Observed => "observed: several independent clients show it",
        Grade::Open => "open: nobody publishes it, so the default is a choice; set it to what your deployment does",
    }
}

fn knob_section(text: &mut String, knob: &KnobEntry) {
    let KnobEntry {
        section,
        name,
        grade,
        about,
        accepts,
        default,
        ..
    } = knob;
    write!(
        text,
        "\n### {section}.{name}\n\n{about}\n\n- Default: `{default}`\n- Takes: {}\n- Why: {}\n- Change it: `behaviour: {{ {section}: {{ {name}: … }} }}`\n",
        accepts.replace('|', "or"),
        why(*grade)
    )
    .expect(WRITTEN);
}

#[test]
fn every_knob_has_its_section() {
    let config = Config::built_in(None);
    let mut text = String::new();
    let knobs = config.behaviour().knobs();
    for knob in &knobs {
        knob_section(&mut text, knob);
    }
    assert_eq!(text.matches("\n### ").count(), knobs.len());
    is_in_step("README.md", &text);
}

/// What a key takes, in a few words.
fn takes(schema: &Value) -> String {
    let listed = |values: &Vec<Value>| {
        let words: Vec<_> = values.iter().map(|value| format!("`{}`", plain(value))).collect();
        words.join(", ")
    };
    if let Some(target) = schema["$ref"].as_str().and_then(|place| place.rsplit('/').next()) {
        return format!("[{target}](#{})", target.to_lowercase());
    }
    if let Some(values) = schema["enum"].as_array() {
        return listed(values);
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let consts: Vec<Value> = choices
            .iter()
            .filter_map(|choice| choice.get("const").cloned())
            .collect();
        if consts.len() == choices.len() {
            return listed(&consts);
        }
        let kinds: Vec<_> = choices.iter().map(takes).collect();
        return kinds.join(" or ");
    }
    let kinds: Vec<_> = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .filter(|kind| *kind != "null")
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return "anything".to_owned(),
    };
    let inner = |key: &str| schema.get(key).filter(|it| it.is_object()).map(takes);
    match (kinds.as_slice(), inner("items"), inner("additionalProperties")) {
        (["array"], Some(items), _) => format!("a list of {items}"),
        (["object"], _, Some(members)) => format!("a mapping of names to {members}"),
        (["object"], ..) => "a mapping".to_owned(),
        (kinds, ..) => kinds.join(" or "),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What something is, which has to be said of everything.
fn described<'s>(name: &str, schema: &'s Value) -> &'s str {
    let about = schema["description"].as_str().unwrap_or_default();
    assert!(!about.trim().is_empty(), "the schema does not say what `{name}` is");
    about
}

/// A table of an object's keys, and of the objects in them, one level after the other.
fn keys(text: &mut String, (prefix, schema): (&str, &Value)) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let required: Vec<_> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, property) in properties {
        // The knobs have a page of their own.
        if prefix.is_empty() && name == "behaviour" {
            text.push_str("| `behaviour` | knobs | [every knob](../README.md#every-knob) | |\n");
            continue;
        }
        let path = format!("{prefix}{name}");
        let default = property
            .get("default")
            .map_or_else(String::new, |value| format!("`{}`", plain(value)));
        let default = if required.contains(&name.as_str()) {
            "required".to_owned()
        } else {
            default
        };
        let about = described(&path, property);
        let row = format!(
            "| `{path}` | {} | {} | {default} |\n",
            takes(property).replace('|', "or"),
            about.replace('|', "or")
        );
        text.push_str(&row);
        for (inner, suffix) in [
            (property, "."),
            (&property["items"], "[]."),
            (&property["additionalProperties"], ".*."),
        ] {
            keys(text, (&format!("{path}{suffix}"), inner));
        }
    }
}

#[test]
fn every_key_of_a_configuration_is_listed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/schema/configuration.schema.json");
    let schema = std::fs::read_to_string(path).expect("the schema is there");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let mut text = String::new();
    let table = "\n| key | takes | what it is | default |\n|---|---|---|---|\n";
    text.push_str(table);
    keys(&mut text, ("", &schema));
    for (name, definition) in schema["$defs"].as_object().expect("definitions") {
        write!(text, "\n## {name}\n\n{}\n", described(name, definition)).expect(WRITTEN);
        if definition["properties"].is_object() {
            text.push_str(table);
            keys(&mut text, ("", definition));
        } else {
            write!(text, "\nTakes {}.\n", takes(definition)).expect(WRITTEN);
        }
    }
    is_in_step("docs/configuration.md", &text);
}

/// The commands of a page, in the order in which they are shown.
fn commands(text: &str) -> Vec<&str> {
    text.split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_of_the_cookbook_do_what_it_says() {
    let server = Server::start(Settings {
        clock: Some(ClockMode::Manual),
        ..Settings::default()
    });
    let server = server.await.expect("it starts");
    let (control, base) = (server.control_url(), server.base_url().expect("a default sandbox"));
    let text = std::fs::read_to_string(page("docs/cookbook.md")).expect("the cookbook is there");
    let commands = commands(&text);
    assert!(commands.len() > 5, "{}", commands.len());
    for command in commands {
        let script = command
            .replace("http://127.0.0.1:7081", &control)
            .replace("http://127.0.0.1:7080", &base);
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &script]);
        let output = tokio::task::spawn_blocking(move || bash.output())
            .await
            .expect("it ends");
        let output = output.expect("there is a bash");
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "{command}\n{said}");
    }
    server.shutdown().await;
}
