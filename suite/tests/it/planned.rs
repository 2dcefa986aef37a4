//! `plan` on the built binary: what it says before anything is sent, and that `run` keeps to the budget it shows.
//!
//! That estimates hold what is sent is shown request by request in `explained`.

use std::fs;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::bench::profile;
use crate::cli::{Ended, torq_conformance};

/// A profile of a deployment nobody can reach, which nobody has to.
fn elsewhere(consent: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder is made");
    let file = folder.path().join("profile.yaml");
    let text = profile("https://deployment.invalid").replace("payload: 300000", "payload: unknown");
    fs::write(&file, format!("{text}{consent}")).expect("a file is written");
    let file = file.to_str().expect("temporary folders have plain names").to_owned();
    (folder, file)
}

fn json(ended: &Ended) -> Json {
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).expect("it is JSON")
}

fn ids(list: &Json) -> Vec<&str> {
    let entries = list.as_array().expect("a list").iter();
    entries
        .map(|entry| entry.as_str().or_else(|| entry["id"].as_str()).expect("an id"))
        .collect()
}

#[test]
fn a_plan_says_what_a_run_would_cost() {
    let ended = torq_conformance(&["plan", "--filter", "running.sync-fallback.*", "--jobs", "4"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn what_consent_is_missing_and_what_needs_another_clock_is_said() {
    let (_folder, file) = elsewhere("");
    let ended = torq_conformance(&[
        "plan",
        "--profile",
        &file,
        "--filter",
        "answers.rate-limit.* or answers.payload-*",
        "--jobs",
        "8",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    insta::assert_snapshot!(ended.stdout);
}

#[test]
fn a_payload_limit_that_has_to_be_looked_for_is_counted() {
    let (_folder, file) = elsewhere("consent: { payloads_up_to: 100000 }\n");
    let planned = json(&torq_conformance(&[
        "plan",
        "--profile",
        &file,
        "--filter",
        "answers.payload-limit.*",
        "--format",
        "json",
    ]));
    let search = &planned["payload_search_requests"];
    assert!(
        search["least"].as_u64() >= Some(2) && search["most"].as_u64() > search["least"].as_u64(),
        "{planned:#}"
    );
    // The profile has none of the workflows, so nothing could be judged.
    let cases = planned["cases"].as_array().expect("a list");
    assert!(cases.iter().all(|case| {
        case["ends_early"]
            .as_str()
            .is_some_and(|why| why.contains("the profile has no"))
    }));
}

#[test]
fn a_run_keeps_to_the_budget_that_the_plan_shows() {
    let out = tempfile::tempdir().expect("a folder is made");
    let out = out.path().to_str().expect("temporary folders have plain names");
    let budget = ["--filter", "urls.*", "--max-requests", "60", "--jobs", "4"];
    let planned = json(&torq_conformance(
        &[&["plan", "--format", "json"], &budget[..]].concat(),
    ));
    let ended = torq_conformance(&[&["run", "--out", out], &budget[..]].concat());
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("left out; the figures count their MUST cases"),
        "{}",
        ended.stdout
    );
    let report = fs::read_to_string(format!("{out}/report.json")).expect("it is written");
    let report: Json = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(ids(&report["cases"]), ids(&planned["cases"]));
    assert_eq!(ids(&report["left_out"]), ids(&planned["left_out"]));
    assert!(!ids(&planned["left_out"]).is_empty() && !ids(&planned["cases"]).is_empty());
    assert!(planned["requests"]["most"].as_u64() <= Some(60), "{planned:#}");
    let judged = report["coverage"]["judged"].as_u64();
    assert!(judged < report["coverage"]["of"].as_u64(), "{}", report["coverage"]);
}

#[test]
fn a_plan_of_nothing_is_refused() {
    let ended = torq_conformance(&["plan", "--filter", "nothing.*"]);
    assert_eq!(ended.code, 2);
}

#[test]
fn a_fixture_that_a_profile_lacks_is_named_wherever_a_case_needs_it() {
    let (_folder, file) = elsewhere("consent: { bursts: true, payloads_up_to: 2000000 }\n");
    let planned = json(&torq_conformance(&["plan", "--profile", &file, "--format", "json"]));
    let cases = planned["cases"].as_array().expect("a list");
    let early: Vec<&str> = cases.iter().filter_map(|case| case["ends_early"].as_str()).collect();
    assert!(early.len() > 400, "{}", early.len());
    let strange: Vec<_> = early.iter().filter(|why| !why.contains("the profile has no")).collect();
    assert!(strange.is_empty(), "{strange:?}");
}
