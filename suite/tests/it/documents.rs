//! What the repository's documents say about formats: nothing is missing.

use std::collections::BTreeSet;

use serde_json::Value;
use torq_conformance::schema::Format;

use crate::cli::torq_conformance;

fn words_in(document: &str) -> BTreeSet<&str> {
    document.split('`').skip(1).step_by(2).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .expect("it is an object")
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn every_key_of_a_report_is_explained() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../reports/README.md");
    let document = std::fs::read_to_string(path).expect("it is there");
    let words = words_in(&document);
    let out = tempfile::tempdir().expect("a folder");
    let out_path = out.path().display().to_string();
    let ended = torq_conformance(&[
        "run",
        "--format",
        "json",
        "--filter",
        "authentication.header.*",
        "--out",
        &out_path,
    ]);
    let report: Value = serde_json::from_str(&ended.stdout).expect("it prints JSON");
    let schema: Value = serde_json::from_str(Format::Report.text()).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let objections: Vec<_> = schema.iter_errors(&report).map(|it| it.to_string()).collect();
    assert!(objections.is_empty(), "{objections:?}");
    let case = &report["cases"][0];
    let step = &case["steps"][0];
    let exchange = &step["exchanges"][0];
    let places = [
        &report,
        case,
        step,
        exchange,
        &report["requirements"][0],
        &report["tally"],
    ];
    for key in places.into_iter().flat_map(keys) {
        assert!(words.contains(key), "reports/README.md does not explain `{key}`");
    }
    for verdict in keys(&report["tally"]["must"]) {
        assert!(
            words.contains(verdict),
            "reports/README.md does not explain `{verdict}`"
        );
    }
}
