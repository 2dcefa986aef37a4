//! The cases as tests: the harness lists what the program lists, and what keeps it from reading them fails.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use crate::cli::cargo;

/// Runs the harness the way a user does.
fn harness(arguments: &[&str], profile: Option<&str>) -> Output {
    let mut command = cargo();
    command.args([
        "test",
        "--quiet",
        "--offline",
        "--package",
        "torq-conformance",
        "--test",
        "conformance",
    ]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    command.arg("--").args(arguments);
    match profile {
        Some(profile) => command.env("TORQ_CONFORMANCE_PROFILE", profile),
        None => command.env_remove("TORQ_CONFORMANCE_PROFILE"),
    };
    command.output().expect("cargo is there")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_harness_lists_exactly_the_cases_that_the_program_lists() {
    let listed = text(&harness(&["--list"], None).stdout);
    let tests: BTreeSet<_> = listed.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    let program = Command::new(env!("CARGO_BIN_EXE_torq-conformance"))
        .arg("list")
        .output();
    let listed = text(&program.expect("it runs").stdout);
    let cases: BTreeSet<_> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(!cases.is_empty());
    assert_eq!(tests, cases);
}

#[test]
fn a_profile_that_cannot_be_read_is_a_failing_test_and_not_an_empty_list() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile.yaml");
    std::fs::write(&profile, "profil: misspelt\n").expect("it is written");
    let output = harness(&[], Some(&profile.display().to_string()));
    let said = text(&output.stdout);
    assert!(!output.status.success());
    assert!(
        said.contains("the-cases-can-be-read") && said.contains("did you mean `profile`?"),
        "{said}"
    );
}
