//! Every word of the language has a server that is wrong by it: none can be added without one.
//!
//! Reads the schema of the cases and the sources beside this file; runs nothing.

use serde_json::Value as Json;

/// Where the servers are.
const SOURCES: [&str; 11] = [
    include_str!("bodies.rs"),
    include_str!("bursts.rs"),
    include_str!("connections.rs"),
    include_str!("forms.rs"),
    include_str!("framing.rs"),
    include_str!("headers.rs"),
    include_str!("polls.rs"),
    include_str!("requests.rs"),
    include_str!("statuses.rs"),
    include_str!("times.rs"),
    include_str!("values.rs"),
];

/// What says how an answer is judged, and how it comes about.
const DEFINITIONS: [&str; 12] = [
    "step",
    "request",
    "raw",
    "burst",
    "poll",
    "generated",
    "expectation",
    "burstExpectation",
    "window",
    "limit",
    "matcher",
    "capture",
];

/// Words that are tried elsewhere, and where.
const ELSEWHERE: [(&str, &str); 5] = [
    (
        "trigger",
        "needs fixtures: each fault of the mock is a server that is wrong to one",
    ),
    ("retrieve", "needs fixtures, as well"),
    ("execution", "needs fixtures, as well"),
    ("workspace", "needs fixtures, as well"),
    ("name", "is for reports"),
];

fn schema() -> Json {
    let text = include_str!("../../../../specs/schema/cases.schema.json");
    serde_json::from_str(text).expect("the schema is JSON")
}

/// What stands in quotes in the sources, which is where cases are.
fn written() -> String {
    let quoted = SOURCES.iter().flat_map(|source| {
        let parts = source.split('"').skip(1).step_by(2);
        parts.map(|part| part.trim_end_matches('\\'))
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_word_of_the_language_has_a_server_that_is_wrong_by_it() {
    let (schema, written) = (schema(), written());
    let mut wrong = Vec::new();
    for definition in DEFINITIONS {
        let words = schema["$defs"][definition]["properties"].as_object();
        for word in words.expect("it has properties").keys() {
            let is_tried = [" ", "\n"].iter().any(|end| written.contains(&format!("{word}:{end}")));
            let is_elsewhere = ELSEWHERE.iter().any(|(known, _)| known == word);
            match (is_tried, is_elsewhere) {
                (false, false) => wrong.push(format!("no server is wrong by `{word}` of a {definition}")),
                (true, true) => wrong.push(format!("`{word}` of a {definition} is tried here")),
                (true, false) | (false, true) => {}
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_kind_of_value_has_a_value_that_is_none() {
    let (schema, written) = (schema(), written());
    let kinds = schema["$defs"]["matcher"]["properties"]["is"]["anyOf"].as_array();
    let kinds = kinds.expect("there are kinds").iter().flat_map(|kind| {
        let several = kind["enum"].as_array().into_iter().flatten();
        several.chain(kind.get("const")).filter_map(Json::as_str)
    });
    let kinds: Vec<_> = kinds.collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    for kind in kinds {
        assert!(written.contains(&format!("is: {kind} }}")), "no value is no {kind}");
    }
}
