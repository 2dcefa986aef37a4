//! The file of evidence while the program writes it: killed in the middle of a run, and shown again afterwards.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use torq_conformance::evidence::{self, Evidence};
use torq_conformance::verdict::Verdict;

use crate::bench::{profile, specs_of_cases};
use crate::cli::torq_conformance;
use crate::servers::{Server, Turn, on_every_connection};

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// Reads again and again until the evidence is as wanted.
fn wait_for(file: &Path, wanted: impl Fn(&Evidence) -> bool) -> Evidence {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let read = fs::read_to_string(file).map(|text| evidence::read("report.json", &text));
        match read {
            Ok(Ok(evidence)) if wanted(&evidence) => return evidence,
            _ if Instant::now() > deadline => panic!("{} never came to that", file.display()),
            _ => std::thread::yield_now(),
        }
    }
}

const GOOD: &str = "- request: { surface: hooks, path: /200 }\n  expect: { status: 200 }";
const BAD: &str = "- request: { surface: hooks, path: /500 }\n  expect: { status: 200 }";
const ENDLESS: &str = "- elapse: 10m\n- request: { surface: hooks, path: /200 }";

#[test]
fn a_run_that_is_killed_leaves_what_has_ended_and_says_that_it_is_incomplete() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let server = runtime.block_on(Server::start(on_every_connection(Turn::DoesAsAsked)));
    let specs = specs_of_cases("documented", &[("a", GOOD), ("b", BAD), ("c", ENDLESS)]);
    let profile_file = specs.path().join("profile.yaml");
    fs::write(&profile_file, profile(&server.url())).expect("a file is written");
    let out = specs.path().join("out");
    let (specs, profile_file) = (text(specs.path()), text(&profile_file));
    let mut running = Command::new(env!("CARGO_BIN_EXE_torq-conformance"))
        .args(["run", "--specs", specs, "--profile", profile_file, "--out", text(&out)])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let file = out.join("report.json");
    wait_for(&file, |evidence| evidence.cases.len() == 2);
    running.kill().expect("it is running");
    running.wait().expect("it has ended");

    let kept = fs::read_to_string(&file).expect("it is there");
    let kept = evidence::read("report.json", &kept).expect("it can be read");
    assert!(!kept.complete && kept.exit_code.is_none());
    let verdicts: Vec<_> = kept.cases.iter().map(|it| (it.id.as_str(), it.verdict)).collect();
    assert!(verdicts.contains(&("probe.probe.a", Verdict::Passed)), "{verdicts:?}");
    assert!(verdicts.contains(&("probe.probe.b", Verdict::Failed)), "{verdicts:?}");
    assert_eq!(
        (kept.planned.cases, kept.conformance.passed, kept.conformance.of),
        (3, 1, 3)
    );
    let shown = torq_conformance(&["report", text(&file)]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    for part in [
        "failed: probe.probe.b",
        "incomplete    the run did not reach its end: 2 of 3 cases had ended",
    ] {
        assert!(shown.stdout.contains(part), "{part} is missing in\n{}", shown.stdout);
    }
}

#[test]
fn a_stored_run_is_shown_again_as_it_was_shown() {
    let out = tempfile::tempdir().expect("a folder is made");
    let folder = text(out.path());
    let ran = torq_conformance(&["run", "--filter", "urls.methods.*", "--out", folder]);
    let file = out.path().join("report.json");
    let again = |format: &str| torq_conformance(&["report", text(&file), "--format", format]);
    let human = again("human");
    assert_eq!(human.code, 0, "{}", human.stderr);
    let end = format!("reports       {folder}/");
    let shown = ran.stdout.split(&end).next().expect("it ends with the files");
    assert_eq!(human.stdout, shown);
    let stored = |name: &str| fs::read_to_string(out.path().join(name)).expect("it is written");
    assert_eq!(again("json").stdout, stored("report.json"));
    assert_eq!(again("junit").stdout, stored("junit.xml"));
    let copy = out.path().join("copy.xml");
    let copied = torq_conformance(&["report", text(&file), "--format", "junit", "--out", text(&copy)]);
    assert_eq!((copied.code, copied.stdout.as_str()), (0, ""));
    assert_eq!(stored("copy.xml"), stored("junit.xml"));
}

#[test]
fn what_is_no_evidence_is_refused_with_its_place_and_a_way_out() {
    let folder = tempfile::tempdir().expect("a folder is made");
    let file = folder.path().join("report.json");
    for (content, part) in [
        ("{\n  \"schema\": 2,\n", "report.json:3:0: the file ends in the middle"),
        ("{ \"schema\": 1 }", "version 1 of the format"),
        ("[]", "report.json:1:"),
    ] {
        fs::write(&file, content).expect("a file is written");
        let ended = torq_conformance(&["report", text(&file)]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
        assert!(ended.stderr.contains(part), "{part} is missing in\n{}", ended.stderr);
    }
    let ended = torq_conformance(&["report", text(&folder.path().join("nowhere.json"))]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("a run writes its evidence to"),
        "{}",
        ended.stderr
    );
}
