//! The composite action for GitHub: it names only options that `run` has and inputs that it declares.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::Value as Json;

use crate::cli::torq_conformance;

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parsed(file: &str) -> Json {
    serde_yaml::from_str(&text(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn found(pattern: &str, text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("it is a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn every_option_of_the_action_is_one_of_run() {
    let script = text("actions/conformance/action.yml");
    let help = torq_conformance(&["run", "--help"]).stdout;
    // Those of cargo stand on the line that builds.
    let of_run: String = script.lines().filter(|line| !line.contains("cargo build")).collect();
    let options = found(r"[( ](--[a-z-]+)", &of_run);
    assert!(options.len() > 5, "{options:?}");
    for option in options {
        assert!(
            help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
            "{option} is not in `run --help`"
        );
    }
}

#[test]
fn the_action_uses_the_inputs_it_declares_and_no_others() {
    let action = parsed("actions/conformance/action.yml");
    let declared: BTreeSet<String> = action["inputs"].as_object().expect("a table").keys().cloned().collect();
    assert_eq!(
        found(r"inputs\.([a-z-]+)", &text("actions/conformance/action.yml")),
        declared
    );
    for step in action["runs"]["steps"].as_array().expect("a list") {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(
            !script.contains("${{"),
            "an input inside a script can be a command:\n{script}"
        );
    }
}

#[test]
fn the_workflow_of_this_repository_runs_its_ci() {
    let workflow = parsed("workflows/ci.yml");
    assert_eq!(workflow["jobs"]["everything"]["steps"][1]["run"], "bash .ci/run");
}
