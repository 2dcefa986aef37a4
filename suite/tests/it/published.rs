//! What is published of a run: the same bytes for every run that behaves the same, and drift that is told in words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::cli::{Ended, torq_conformance};

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn run(folder: &Path, more: &[&str]) {
    let ended = torq_conformance(&[&["run", "--format", "quiet", "--out", text(folder)], more].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

fn publish(report: &Path, folder: &Path, more: &[&str]) -> Ended {
    torq_conformance(&[&["publish", text(report), "--out", text(folder)], more].concat())
}

/// Every file by its name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder)
        .expect("it is there")
        .map(|entry| entry.expect("it is listed").path());
    entries
        .map(|path| {
            (
                path.file_name().expect("it has a name").display().to_string(),
                fs::read(&path).expect("it is read"),
            )
        })
        .collect()
}

#[test]
fn two_runs_publish_the_same_bytes_however_many_cases_ran_side_by_side() {
    let out = tempfile::tempdir().expect("a folder is made");
    let published = ["1", "16"].map(|jobs| {
        let (ran, kept) = (out.path().join(jobs), out.path().join(format!("kept-{jobs}")));
        run(&ran, &["--jobs", jobs]);
        let ended = publish(&ran.join("report.json"), &kept, &[]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let ended = publish(&ran.join("report.json"), &kept, &["--check"]);
        assert!(
            ended.code == 0 && ended.stdout.contains("is up to date"),
            "{}",
            ended.stderr
        );
        files(&kept)
    });
    let [one, other] = &published;
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in one {
        assert!(other[name] == *bytes, "{name} differs");
    }
    let size: usize = one.values().map(Vec::len).sum();
    assert!(size < 3 << 20, "{size} bytes are too many to keep beside code");
}

#[test]
fn every_format_that_is_kept_is_made_from_the_evidence_that_is_kept() {
    let out = tempfile::tempdir().expect("a folder is made");
    let (ran, kept) = (out.path().join("ran"), out.path().join("kept"));
    run(&ran, &["--filter", "urls.* or answers.rate-limit.*"]);
    assert_eq!(publish(&ran.join("report.json"), &kept, &[]).code, 0);
    let evidence = kept.join("report.json.gz");
    for (format, name) in [
        ("human", "terminal.txt"),
        ("junit", "junit.xml"),
        ("html", "report.html"),
        ("markdown", "summary.md"),
        ("sarif", "report.sarif"),
        ("badge", "badge.svg"),
        ("badge-json", "badge.json"),
    ] {
        let shown = torq_conformance(&["report", text(&evidence), "--format", format]);
        assert_eq!(shown.code, 0, "{}", shown.stderr);
        assert_eq!(shown.stdout.into_bytes(), files(&kept)[name], "{name}");
    }
    // It is evidence like any other: what was published is published already, and does not differ from what ran.
    assert_eq!(publish(&evidence, &kept, &["--check"]).code, 0);
    let ended = torq_conformance(&["diff", text(&ran.join("report.json")), text(&evidence)]);
    assert!(ended.stdout.contains("0 cases and 0 facts changed"), "{}", ended.stdout);
}

#[test]
fn drift_is_told_with_the_files_the_answers_and_what_to_do() {
    let out = tempfile::tempdir().expect("a folder is made");
    let (ran, kept) = (out.path().join("ran"), out.path().join("kept"));
    run(&ran, &["--filter", "urls.ids.*"]);
    let report = ran.join("report.json");
    let missing = publish(&report, &kept, &["--check"]);
    assert!(
        missing.code == 1 && missing.stderr.contains("report.json.gz"),
        "{}",
        missing.stderr
    );
    assert!(!kept.exists(), "a check writes nothing");
    assert_eq!(publish(&report, &kept, &[]).code, 0);

    let mut evidence: Json =
        serde_json::from_str(&fs::read_to_string(&report).expect("it is written")).expect("it is JSON");
    let case = &mut evidence["cases"][0];
    let id = case["id"].as_str().expect("it has one").to_owned();
    case["steps"][0]["exchanges"][0]["outcome"]["answered"]["status"] = 218.into();
    fs::write(&report, evidence.to_string()).expect("it is written");
    let drifted = publish(&report, &kept, &["--check"]);
    assert_eq!(drifted.code, 1);
    for part in [
        "report.html",
        "report.json.gz",
        &format!("changed   {id}"),
        "→ 218",
        "run the same without --check",
    ] {
        assert!(drifted.stderr.contains(part), "{part} is not in {}", drifted.stderr);
    }
    assert!(
        !drifted.stderr.contains("badge.svg"),
        "what is the same is not listed: {}",
        drifted.stderr
    );
    assert_eq!(publish(&report, &kept, &[]).code, 0);
    assert_eq!(publish(&report, &kept, &["--check"]).code, 0);
}

#[test]
fn what_cannot_be_the_same_twice_is_not_published() {
    let out = tempfile::tempdir().expect("a folder is made");
    run(out.path(), &["--filter", "urls.ids.*"]);
    let report = out.path().join("report.json");
    let written: Json = serde_json::from_str(&fs::read_to_string(&report).expect("it is written")).expect("it is JSON");
    let mut measured = written.clone();
    measured["target"]["clock"] = "system".into();
    for (evidence, why) in [
        (measured.to_string(), "a clock that runs by itself"),
        ("{".to_owned(), "the file ends in the middle"),
    ] {
        fs::write(&report, evidence).expect("it is written");
        let ended = publish(&report, &out.path().join("kept"), &[]);
        assert!(ended.code == 2 && ended.stderr.contains(why), "{}", ended.stderr);
    }
    assert!(!out.path().join("kept").exists());
}
