//! What can be done with runs that are over: comparing two, holding a new one against an old one, joining shards.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use torq_conformance::evidence::{self, Evidence};

use crate::bench::{profile, specs_of_cases};
use crate::cli::{Ended, torq_conformance};
use crate::servers::{Server, statuses};

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

fn stored(folder: &Path) -> Evidence {
    let text = fs::read_to_string(folder.join("report.json")).expect("it is written");
    evidence::read("report.json", &text).expect("it can be read")
}

/// Runs cases against the embedded mock.
fn run(folder: &Path, more: &[&str]) -> Ended {
    torq_conformance(&[&["run", "--format", "quiet", "--out", text(folder)], more].concat())
}

#[test]
fn two_runs_of_the_same_deployment_do_not_differ() {
    let out = tempfile::tempdir().expect("a folder is made");
    let [one, two] = ["one", "two"].map(|name| out.path().join(name));
    for folder in [&one, &two] {
        let ended = run(folder, &[]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
    }
    let files = [&one, &two].map(|folder| folder.join("report.json"));
    let ended = torq_conformance(&["diff", text(&files[0]), text(&files[1]), "--format", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let difference: serde_json::Value = serde_json::from_str(&ended.stdout).expect("it prints JSON");
    for list in ["new_divergences", "known_divergences", "cases", "facts"] {
        assert_eq!(difference[list], serde_json::json!([]), "{list}");
    }
    let told = torq_conformance(&["diff", text(&files[0]), text(&files[1])]);
    assert!(
        told.stdout.contains("0 cases and 0 facts changed; 0 new divergences"),
        "{}",
        told.stdout
    );
}

/// A server whose two cases can be made to fail, each in more than one way.
struct Probe {
    specs: TempDir,
}

impl Probe {
    /// Runs against a server that gives these statuses in order.
    fn run(&self, name: &str, answers: &[u16], more: &[&str]) -> Ended {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let server = runtime.block_on(Server::start(statuses(answers)));
        let profile_file = self.specs.path().join("profile.yaml");
        fs::write(&profile_file, profile(&server.url())).expect("a file is written");
        let (specs, out) = (text(self.specs.path()), self.specs.path().join(name));
        let arguments = [
            "run",
            "--specs",
            specs,
            "--profile",
            text(&profile_file),
            "--jobs",
            "1",
            "--out",
            text(&out),
        ];
        torq_conformance(&[&arguments, more].concat())
    }

    fn file(&self, name: &str) -> String {
        text(&self.specs.path().join(name).join("report.json")).to_owned()
    }
}

#[test]
fn a_baseline_excuses_what_diverged_then_and_nothing_else() {
    let wants = "- request: { surface: hooks, path: /probe }\n  expect: { status: 200 }";
    let probe = Probe {
        specs: specs_of_cases("documented", &[("a", wants), ("b", wants)]),
    };
    assert_eq!(probe.run("before", &[500, 200], &[]).code, 1);
    let before = probe.file("before");
    let against = ["--baseline", before.as_str()];
    let same = probe.run("same", &[500, 200], &against);
    assert_eq!(same.code, 0, "{}{}", same.stdout, same.stderr);
    for part in [
        "failed: probe.probe.a",
        "since the baseline",
        "0 new divergences, 1 known ones",
    ] {
        assert!(same.stdout.contains(part), "{part} is missing in\n{}", same.stdout);
    }
    let evidence = stored(&probe.specs.path().join("same"));
    assert_eq!(evidence.baseline.expect("it is named").known, ["probe.probe.a"]);
    assert_eq!((evidence.exit_code, evidence.conformance.passed), (Some(0), 1));
    for (name, answers, told) in [
        (
            "another-case",
            &[500, 404][..],
            "diverges  probe.probe.b: passed → failed",
        ),
        ("another-way", &[404, 200], "diverges  probe.probe.a: failed → failed"),
    ] {
        let ended = probe.run(name, answers, &against);
        assert_eq!(ended.code, 1, "{name}\n{}", ended.stdout);
        assert!(ended.stdout.contains(told), "{told} is missing in\n{}", ended.stdout);
        let diff = torq_conformance(&["diff", &before, &probe.file(name)]);
        assert_eq!(diff.code, 1);
        assert!(diff.stdout.contains(told), "{}", diff.stdout);
    }
    let fixed = probe.run("fixed", &[200], &against);
    assert_eq!(fixed.code, 0);
    assert!(
        fixed.stdout.contains("fixed     probe.probe.a: failed → passed"),
        "{}",
        fixed.stdout
    );
    let markdown = torq_conformance(&["diff", &before, &probe.file("fixed"), "--format", "markdown"]);
    assert!(
        markdown.stdout.contains("| fixed | probe.probe.a | failed | passed |"),
        "{}",
        markdown.stdout
    );
    let nowhere = probe.run("nowhere", &[200], &["--baseline", "nowhere.json"]);
    assert_eq!(nowhere.code, 2);
    assert!(!probe.specs.path().join("nowhere").exists(), "nothing was sent");
}

/// What the shards of a run and the whole of it have to agree on.
fn counts(evidence: &Evidence) -> impl PartialEq + std::fmt::Debug + use<> {
    let verdicts = evidence.cases.iter().map(|case| (case.id.clone(), case.verdict));
    (
        (evidence.tally.clone(), evidence.conformance, evidence.coverage),
        (evidence.requirements.clone(), evidence.facts.clone()),
        (evidence.planned, evidence.exit_code, verdicts.collect::<Vec<_>>()),
    )
}

#[test]
fn merged_shards_come_to_what_the_whole_run_comes_to() {
    let out = tempfile::tempdir().expect("a folder is made");
    let filter = ["--filter", "section:urls or section:running"];
    let folder = |name: &str| out.path().join(name);
    let shards = ["1/3", "2/3", "3/3"].map(|shard| {
        let folder = folder(&shard.replace('/', "-"));
        let ended = run(&folder, &[&filter[..], &["--shard", shard]].concat());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        text(&folder.join("report.json")).to_owned()
    });
    assert_eq!(run(&folder("whole"), &filter).code, 0);
    let merged = folder("merged");
    let merge = |files: &[&str]| torq_conformance(&[&["merge", "--out", text(&merged)], files].concat());
    let [one, two, three] = [0, 1, 2].map(|index| shards[index].as_str());
    let whole = text(&folder("whole").join("report.json")).to_owned();
    for (files, part) in [
        (&[one, three][..], "shards are missing: 2/3"),
        (&[one, two, two], "this is shard 2/3, and so is"),
        (&[one, two, three, &whole], "this is a whole run and no shard"),
    ] {
        let ended = merge(files);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{files:?}");
        assert!(ended.stderr.contains(part), "{part} is missing in\n{}", ended.stderr);
        assert!(!merged.exists(), "nothing is written");
    }
    let lost = merge(&[one, two]);
    assert!(lost.stderr.contains("which the specs have"), "{}", lost.stderr);
    // In any order.
    let ended = merge(&[three, one, two]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(counts(&stored(&merged)), counts(&stored(&folder("whole"))));
    assert!(merged.join("junit.xml").exists());
}
