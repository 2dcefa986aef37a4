//! The built binary: what it answers to its users, and with which exit code it ends.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use regex::Regex;
use tempfile::TempDir;

use torq_conformance::spec::{self, Source};

use crate::bench::{profile, specs_of_grade, specs_of_one_case};
use crate::servers::{Play, Server, Turn, nobody, on_every_connection, statuses};

const PROBE: &str = "- request: { surface: hooks, path: /probe }\n  expect: { status: 200 }";

/// What a run of the binary came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Cargo as a user calls it: what it tells a test of its own package would make build scripts run again.
pub(crate) fn cargo() -> std::process::Command {
    let of_this_package = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|it| name.starts_with(it))
            || ["CARGO_CRATE_NAME", "CARGO_BIN_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&name)
    };
    let mut command = std::process::Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(of_this_package) {
            command.env_remove(name);
        }
    }
    command
}

pub(crate) fn torq_conformance(arguments: &[&str]) -> Ended {
    torq_conformance_in(Path::new("."), arguments)
}

/// The same, beside the files of a folder.
pub(crate) fn torq_conformance_in(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torq-conformance"));
    let output = command
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env_remove("TORQ_CONFORMANCE_PROFILE")
        .env_remove("COLUMNS")
        .output()
        .expect("the program starts");
    Ended {
        code: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("it writes text"),
        stderr: String::from_utf8(output.stderr).expect("it writes text"),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// One case of this grade against a server that plays this part.
struct Probe {
    specs: TempDir,
    profile: std::path::PathBuf,
    out: std::path::PathBuf,
    _server: Server,
    _runtime: tokio::runtime::Runtime,
}

impl Probe {
    fn of(grade: &str, play: Play) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let server = runtime.block_on(Server::start(play));
        let specs = specs_of_grade(grade, PROBE);
        let profile_file = specs.path().join("profile.yaml");
        fs::write(&profile_file, profile(&server.url())).expect("a file is written");
        Self {
            profile: profile_file,
            out: specs.path().join("out"),
            specs,
            _server: server,
            _runtime: runtime,
        }
    }

    fn run(&self, more: &[&str]) -> Ended {
        let specs = text(self.specs.path());
        let arguments = [
            "run",
            "--specs",
            specs,
            "--profile",
            text(&self.profile),
            "--out",
            text(&self.out),
        ];
        torq_conformance(&[&arguments, more].concat())
    }
}

#[test]
fn the_exit_code_says_what_a_run_came_to() {
    let hangs_up = || on_every_connection(Turn::HangsUp);
    for (grade, play, arguments, code, word) in [
        ("documented", statuses(&[200]), &[][..], 0, "1 passed"),
        ("documented", statuses(&[500]), &[], 1, "1 failed"),
        ("documented", hangs_up(), &[], 4, "1 inconclusive"),
        ("vendor", statuses(&[500]), &[], 0, "1 deviates"),
        ("vendor", statuses(&[500]), &["--strict"], 1, "1 deviates"),
        ("vendor", hangs_up(), &["--strict"], 0, "1 inconclusive"),
        ("open", statuses(&[200]), &["--strict"], 0, "1 recorded"),
        ("open", statuses(&[500]), &["--strict"], 0, "1 inconclusive"),
    ] {
        let ended = Probe::of(grade, play).run(arguments);
        assert_eq!(
            ended.code, code,
            "{grade} {arguments:?}\n{}{}",
            ended.stdout, ended.stderr
        );
        assert!(ended.stdout.contains(word), "{grade} {arguments:?}\n{}", ended.stdout);
    }
}

#[test]
fn a_failure_tells_the_whole_story() {
    let ended = Probe::of("documented", statuses(&[500])).run(&[]);
    for part in [
        "failed: probe.probe.it",
        "MUST PROBE: The server does what it should.",
        "expected: 200",
        "found:    500",
        "curl -i -X GET 'http://127.0.0.1:",
        "cases/probe/probe.yaml:9",
        "torq-conformance explain probe.probe.it",
        "does not hold  PROBE: The server does what it should.",
        "requirements  0 of 1 seen to hold",
    ] {
        assert!(ended.stdout.contains(part), "{part} is missing in\n{}", ended.stdout);
    }
}

#[test]
fn what_cannot_be_told_is_no_failure_of_its_requirement() {
    let ended = Probe::of("documented", on_every_connection(Turn::HangsUp)).run(&[]);
    assert_eq!(ended.code, 4, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("could not be told  PROBE:"), "{}", ended.stdout);
}

#[test]
fn a_run_whose_time_is_up_reports_what_it_has() {
    let probe = Probe::of("documented", on_every_connection(Turn::Keeps));
    let ended = probe.run(&["--timeout", "200ms"]);
    assert_eq!(ended.code, 4, "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("ended early   the run's time of 200ms was up"),
        "{}",
        ended.stdout
    );
    assert!(probe.out.join("report.json").exists() && probe.out.join("junit.xml").exists());
}

#[test]
fn a_quiet_run_says_everything_by_its_exit_code() {
    let ended = Probe::of("documented", statuses(&[500])).run(&["--format", "quiet"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
}

#[test]
fn a_run_in_json_prints_what_it_writes() {
    let probe = Probe::of("documented", statuses(&[200]));
    let ended = probe.run(&["--format", "json"]);
    let printed: serde_json::Value = serde_json::from_str(&ended.stdout).expect("it prints JSON");
    let written = fs::read(probe.out.join("report.json")).expect("it is written");
    let written: serde_json::Value = serde_json::from_slice(&written).expect("it is JSON");
    assert_eq!(printed, written);
    assert_eq!(printed["cases"][0]["verdict"], "passed");
}

#[test]
fn the_counts_of_every_report_agree() {
    let out = tempfile::tempdir().expect("a folder is made");
    let ended = torq_conformance(&["run", "--filter", "urls.methods.*", "--out", text(out.path())]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let count = |pattern: &str, text: &str| -> usize {
        let pattern = Regex::new(pattern).expect("it is a pattern");
        // The last one: the line that counts the cases stands at the end.
        let found = pattern
            .captures_iter(text)
            .last()
            .unwrap_or_else(|| panic!("{pattern} in {text}"));
        found[1].parse().expect("it is a number")
    };
    let (passed, recorded) = (
        count(r"(\d+) passed", &ended.stdout),
        count(r"(\d+) recorded", &ended.stdout),
    );
    let json = fs::read(out.path().join("report.json")).expect("it is written");
    let json: serde_json::Value = serde_json::from_slice(&json).expect("it is JSON");
    let cases = json["cases"].as_array().expect("a list");
    let of = |verdict: &str| cases.iter().filter(|case| case["verdict"] == verdict).count();
    assert_eq!((of("passed"), of("recorded")), (passed, recorded));
    assert_eq!(cases.len(), passed + recorded);
    let junit = fs::read_to_string(out.path().join("junit.xml")).expect("it is written");
    assert_eq!(count(r#"<testsuites [^>]*tests="(\d+)""#, &junit), cases.len());
    assert_eq!(count(r#"<testsuites [^>]*failures="(\d+)""#, &junit), 0);
    assert_eq!(junit.matches("<testcase ").count(), cases.len());
}

#[test]
fn what_is_wrong_with_a_profile_is_shown_before_anything_is_sent() {
    let probe = Probe::of("documented", statuses(&[200]));
    fs::write(
        &probe.profile,
        "profile: probed\nurl: { hooks: \"http://127.0.0.1:1\" }\n",
    )
    .expect("a file is written");
    let ended = probe.run(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    for part in ["profile.yaml:2:1", "did you mean `urls`?", "^^^"] {
        assert!(ended.stderr.contains(part), "{part} is missing in\n{}", ended.stderr);
    }
    fs::remove_file(&probe.profile).expect("it is there");
    let ended = probe.run(&[]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("profile.yaml"), "{}", ended.stderr);
}

#[test]
fn what_is_wrong_with_specs_is_shown_before_anything_is_sent() {
    let specs = specs_of_one_case("- requst: { surface: hooks, path: /probe }");
    let folder = ["--specs", text(specs.path())];
    for command in [&["lint"][..], &["list"], &["run"]] {
        for arguments in [[command, &folder].concat(), [&folder, command].concat()] {
            let ended = torq_conformance(&arguments);
            assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
            for part in ["cases/probe/probe.yaml:8:9", "did you mean `request`?"] {
                assert!(ended.stderr.contains(part), "{part} is missing in\n{}", ended.stderr);
            }
        }
    }
    let ended = torq_conformance(&["lint", "--specs", text(&specs.path().join("nowhere"))]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("nowhere"), "{}", ended.stderr);
}

#[test]
fn slips_of_the_pen_on_the_command_line_are_explained() {
    for (arguments, part) in [
        (&["run", "--filter", "urls.method.*"][..], "matches no case"),
        (&["run", "--filter", "section:url"], "matches no case"),
        (&["run", "--filtre", "urls.*"], "--filter"),
        (&["rnu"], "rnu"),
        (&["--jobs", "3", "list"], "'--jobs <N>' belongs to `run`"),
        (
            &["explain", "urls.methods.async.gte"],
            "did you mean `urls.methods.async.get`?",
        ),
    ] {
        let ended = torq_conformance(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ended.stderr.contains(part), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn every_listed_case_can_be_explained() {
    let listed = torq_conformance(&["list"]);
    assert_eq!(listed.code, 0);
    let ids: Vec<_> = listed
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(ids.len() > 500, "{}", ids.len());
    assert!(ids.contains(&"running.sync-fallback.outlives"));
    let explained = torq_conformance(&["explain", ids[0]]);
    assert_eq!(explained.code, 0);
    assert!(explained.stdout.contains(ids[0]), "{}", explained.stdout);
}

#[test]
fn a_case_is_explained_with_its_requirements_twin_and_place() {
    let ended = torq_conformance(&["explain", "authentication.header.missing.async"]);
    for part in ["HEADER-REFUSED", "twin", "specs/cases/authentication/header.yaml:"] {
        assert!(ended.stdout.contains(part), "{part} is missing in\n{}", ended.stdout);
    }
}

#[test]
fn cases_requirements_and_faults_tell_of_each_other() {
    let of = |id: &str| torq_conformance(&["explain", id]).stdout;
    let edge = "running.sync-fallback.at-the-limit";
    let case = of(edge);
    assert!(
        case.contains("fails with ") && case.contains("\n  fallback-at-the-edge\n"),
        "{case}"
    );
    let recorded = of("retrieval.execution.times-while-running");
    assert!(
        recorded.contains("records other facts with ") && recorded.contains("\n  times-run-backwards\n"),
        "{recorded}"
    );
    let requirement = of("SYNC-FALLBACK-EDGE");
    assert!(
        requirement.contains("broken by 1 fault of the mock\n  fallback-at-the-edge\n"),
        "{requirement}"
    );
    let fault = of("fallback-at-the-edge");
    for part in [
        "breaks\n  SYNC-FALLBACK-EDGE\n",
        "cases that fail\n  running.sync-fallback.at-the-limit\n",
        "--fault fallback-at-the-edge",
    ] {
        assert!(fault.contains(part), "{part:?} is not in\n{fault}");
    }
}

#[test]
fn requirements_are_listed_with_their_cases() {
    let ended = torq_conformance(&["list", "--requirements"]);
    assert_eq!(ended.code, 0);
    for part in [
        "SYNC-FALLBACK-STATUS (documented",
        "running.sync-fallback.outlives",
        "untested: ",
    ] {
        assert!(ended.stdout.contains(part), "{part} is missing");
    }
}

#[test]
fn the_built_in_specs_hang_together() {
    let ended = torq_conformance(&["lint"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert!(ended.stdout.contains("hang together"), "{}", ended.stdout);
}

#[test]
fn a_deployment_that_is_not_there_is_told_before_anything_is_judged() {
    let (_port, url) = nobody();
    let probe = Probe::of("documented", statuses(&[200]));
    fs::write(&probe.profile, profile(&url)).expect("a file is written");
    let ended = probe.run(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (3, ""), "{}", ended.stderr);
    let address = url.trim_start_matches("http://");
    assert!(ended.stderr.contains(address), "{}", ended.stderr);
    assert!(!probe.out.exists(), "nothing was judged, so nothing is reported");
}

#[test]
fn filters_that_agree_on_no_case_are_no_empty_run() {
    let ended = torq_conformance(&["run", "--filter", "section:urls", "--filter", "retrieval.*"]);
    assert_eq!(ended.code, 2, "{}", ended.stdout);
    assert!(
        ended.stderr.contains("no case matches all of the filters"),
        "{}",
        ended.stderr
    );
}

#[test]
fn help_shows_every_command_and_flag_with_examples() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help-run", &["run", "--help"]),
        ("help-list", &["list", "--help"]),
        ("help-explain", &["explain", "--help"]),
        ("help-openapi", &["openapi", "--help"]),
        ("help-report", &["report", "--help"]),
        ("help-diff", &["diff", "--help"]),
        ("help-merge", &["merge", "--help"]),
        ("help-rejudge", &["rejudge", "--help"]),
    ] {
        let ended = torq_conformance(arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(name, ended.stdout);
    }
}

#[test]
fn the_build_guide_has_a_section_for_every_fixture() {
    let ended = torq_conformance(&["fixtures"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let guide = ended.stdout;
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let fixtures = &loaded.specs.fixtures;
    let names = fixtures.workspaces.keys().map(|name| format!("### workspace `{name}`"));
    let names = names.chain(
        fixtures
            .integrations
            .keys()
            .map(|name| format!("### integration `{name}`")),
    );
    let names = names.chain(fixtures.workflows.keys().map(|name| format!("### workflow `{name}`")));
    for heading in names {
        assert_eq!(guide.matches(&format!("{heading}\n")).count(), 1, "{heading}");
    }
    let section = |heading: &str| {
        guide
            .split("\n### ")
            .find(|it| it.starts_with(heading))
            .unwrap_or_default()
    };
    insta::assert_snapshot!(section("workflow `shared`"));
    assert!(section("workflow `draft`").contains("**never** publish it"));
    assert!(section("workflow `revised`").contains("publish it twice"));
    assert!(section("workflow `switched-off`").contains("then switch it off"));
}
