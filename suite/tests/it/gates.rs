//! What gates a release, on the built binary: exit codes and which of them wins, exemptions, shards and repetitions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::bench::{profile, specs_of_cases};
use crate::cli::{Ended, torq_conformance};
use crate::servers::{Play, Server, Turn, on_every_connection, statuses};

/// A case for each thing that a run can come to.
const CASES: [(&str, &str); 5] = [
    (
        "holds",
        "- request: { surface: hooks, path: /200 }\n  expect: { status: 200 }",
    ),
    (
        "differs",
        "- request: { surface: hooks, path: /500 }\n  expect: { status: 200 }",
    ),
    (
        "differs-as-well",
        "- request: { surface: hooks, path: /404 }\n  expect: { status: 200 }",
    ),
    (
        "is-lost",
        "- request: { surface: hooks, path: /hangs-up }\n  expect: { status: 200 }",
    ),
    (
        "is-our-mistake",
        "- burst: { count: 10001, within: 1s, request: { surface: hooks, path: /200 } }\n  expect: { each: { status: 200 } }",
    ),
];

/// Specs, a server and a profile of it.
struct Gate {
    folder: TempDir,
    _server: Server,
    _runtime: tokio::runtime::Runtime,
}

impl Gate {
    fn of(cases: &[(&str, &str)], play: Play) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let server = runtime.block_on(Server::start(play));
        let folder = specs_of_cases("documented", cases);
        let gate = Self {
            folder,
            _server: server,
            _runtime: runtime,
        };
        gate.write("profile.yaml", &profile(&gate._server.url()));
        gate
    }

    /// Those of the cases above that have these names.
    fn with(names: &[&str]) -> Self {
        let cases: Vec<_> = CASES.into_iter().filter(|(name, _)| names.contains(name)).collect();
        assert_eq!(cases.len(), names.len(), "{names:?}");
        Self::of(&cases, on_every_connection(Turn::DoesAsAsked))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file is written");
    }

    fn run(&self, more: &[&str]) -> Ended {
        let [specs, profile, out] = ["", "profile.yaml", "out"].map(|name| self.path(name));
        let text = |path: &Path| path.to_str().expect("temporary folders have plain names").to_owned();
        let (specs, profile, out) = (text(&specs), text(&profile), text(&out));
        let arguments = ["run", "--specs", &specs, "--profile", &profile, "--out", &out];
        torq_conformance(&[&arguments, more].concat())
    }

    /// The same with exemptions from a file.
    fn run_exempting(&self, exemptions: &str) -> Ended {
        self.write("exemptions.yaml", exemptions);
        let file = self.path("exemptions.yaml");
        self.run(&["--exemptions", file.to_str().expect("it is a plain name")])
    }

    /// The report of the last run.
    fn report(&self) -> Json {
        let text = fs::read(self.path("out/report.json")).expect("it is written");
        serde_json::from_slice(&text).expect("it is JSON")
    }

    fn verdict(&self, name: &str) -> Json {
        let report = self.report();
        let cases = report["cases"].as_array().expect("there are cases");
        let case = cases
            .iter()
            .find(|case| case["id"] == format!("probe.probe.{name}").as_str());
        case.expect("it is reported")["verdict"].clone()
    }

    /// The exemptions that the program writes of what fails, all of them filled in.
    fn filled_in(&self) -> String {
        let file = self.path("written.yaml");
        let ended = self.run(&["--write-exemptions", file.to_str().expect("it is a plain name")]);
        assert!(ended.stderr.contains("is written"), "{}", ended.stderr);
        let written = fs::read_to_string(&file).expect("it is written");
        fs::remove_file(&file).expect("it is there");
        written
            .replace("reason: \"\"", "reason: the vendor knows")
            .replace("owner: \"\"", "owner: qa")
    }
}

#[track_caller]
fn assert_code(ended: &Ended, code: i32, about: &str) {
    assert_eq!(ended.code, code, "{about}\n{}{}", ended.stdout, ended.stderr);
}

/// An exemption of a case that names a failure nobody has seen.
fn exemption(case: &str) -> String {
    format!(
        "exemptions:\n  - {{ case: probe.probe.{case}, reason: known, owner: qa, expires: 2999-01-01, fingerprint: fp-0123456789abcdef }}\n"
    )
}

#[test]
fn the_gravest_of_all_that_a_run_came_to_is_its_exit_code() {
    for (names, code) in [
        (&["holds"][..], 0),
        (&["holds", "is-lost"], 4),
        (&["holds", "is-lost", "differs"], 1),
        (&["holds", "is-lost", "differs", "is-our-mistake"], 5),
        (&["is-lost", "is-our-mistake"], 5),
    ] {
        assert_code(&Gate::with(names).run(&[]), code, &format!("{names:?}"));
    }
    for (names, code) in [
        (&["holds"][..], 6),
        (&["holds", "is-lost"], 6),
        (&["holds", "is-lost", "differs"], 1),
        (&["holds", "is-lost", "differs", "is-our-mistake"], 5),
    ] {
        let ended = Gate::with(names).run_exempting(&exemption("holds"));
        assert_code(&ended, code, &format!("{names:?} with a stale exemption"));
    }
}

#[test]
fn a_failure_that_is_exempt_fails_no_run_and_raises_no_figure() {
    let gate = Gate::with(&["holds", "differs", "differs-as-well"]);
    let ended = gate.run_exempting(&gate.filled_in());
    assert_code(&ended, 0, "both failures are known");
    assert!(ended.stdout.contains("2 exempt"), "{}", ended.stdout);
    assert!(ended.stdout.contains("the vendor knows"), "{}", ended.stdout);
    assert_eq!(gate.verdict("differs"), "exempt");
    assert_eq!(
        gate.report()["conformance"],
        serde_json::json!({ "passed": 1, "of": 3 })
    );
}

#[test]
fn what_is_written_is_refused_until_a_person_has_filled_it_in() {
    let gate = Gate::with(&["differs"]);
    let blank = gate
        .filled_in()
        .replace("the vendor knows", "\"\"")
        .replace("owner: qa", "owner: ");
    let ended = gate.run_exempting(&blank);
    assert_code(&ended, 2, "nobody has said why");
    for part in [
        "exemptions.yaml:7:13",
        "this is not filled in",
        "say why this failure is excused",
        "name a person",
    ] {
        assert!(ended.stderr.contains(part), "{part} is missing in\n{}", ended.stderr);
    }
}

#[test]
fn a_file_of_exemptions_is_never_written_over() {
    let gate = Gate::with(&["differs"]);
    gate.write("mine.yaml", "exemptions: []\n");
    let mine = gate.path("mine.yaml");
    let ended = gate.run(&["--write-exemptions", mine.to_str().expect("it is a plain name")]);
    assert_code(&ended, 2, "it is there already");
    assert_eq!(fs::read_to_string(mine).expect("it is still there"), "exemptions: []\n");
}

#[test]
fn another_failure_of_an_exempt_case_is_no_excuse() {
    let gate = Gate::with(&["differs"]);
    let ended = gate.run_exempting(&exemption("differs"));
    assert_code(&ended, 1, "it fails for another reason");
    assert!(ended.stdout.contains("another failure than the one that is exempt"));
}

#[test]
fn exemptions_end() {
    let gate = Gate::with(&["holds", "differs"]);
    let known = gate.filled_in();
    let (before, after) = known.split_once("expires: ").expect("it says until when");
    let expired = format!("{before}expires: 2020-01-01{}", &after["2020-01-01".len()..]);
    let ended = gate.run_exempting(&expired);
    assert_code(&ended, 1, "nobody excuses it any more");
    assert!(ended.stdout.contains("expired on 2020-01-01"), "{}", ended.stdout);

    let ended = Gate::with(&["holds"]).run_exempting(&exemption("hodls"));
    assert_code(&ended, 6, "there is no such case");
    assert!(
        ended.stdout.contains("did you mean `probe.probe.holds`?"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_case_that_passes_again_has_its_exemption_taken_out() {
    let gate = Gate::with(&["holds"]);
    let ended = gate.run_exempting(&exemption("holds"));
    assert_code(&ended, 6, "it passes");
    assert_eq!(gate.verdict("holds"), "unexpected-pass");
    assert!(ended.stdout.contains("take the exemption out"), "{}", ended.stdout);
}

#[test]
fn repeating_never_turns_red_to_green_and_names_what_comes_and_goes() {
    let probe = [(
        "it",
        "- request: { surface: hooks, path: /probe }\n  expect: { status: 200 }",
    )];
    // The first is for the one who looks whether the deployment is there.
    for (answers, code, word) in [
        (&[200][..], 0, "deterministic"),
        (&[200, 200, 500, 200], 1, "intermittent"),
        (&[200, 500, 200, 200], 1, "intermittent"),
    ] {
        let gate = Gate::of(&probe, statuses(answers));
        let ended = gate.run(&["--repeat", "3"]);
        assert_code(&ended, code, &format!("{answers:?}"));
        let report = gate.report();
        assert_eq!(report["cases"][0]["repeats"]["stability"], word, "{report:#}");
    }
}

#[test]
fn shards_are_all_cases_once_with_their_twins() {
    let out = tempfile::tempdir().expect("a folder is made");
    let out = out.path().to_str().expect("it is a plain name");
    let ids = |more: &[&str]| -> Vec<String> {
        let arguments = [
            "run",
            "--filter",
            "authentication.header*",
            "--format",
            "json",
            "--out",
            out,
        ];
        let ended = torq_conformance(&[&arguments, more].concat());
        let report: Json = serde_json::from_str(&ended.stdout).expect("it prints JSON");
        let cases = report["cases"].as_array().expect("there are cases").iter();
        cases
            .map(|case| case["id"].as_str().expect("a name").to_owned())
            .collect()
    };
    let all = ids(&[]);
    let parts = ["1/3", "2/3", "3/3"].map(|shard| ids(&["--shard", shard]));
    assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), all.len());
    let together: BTreeSet<_> = parts.iter().flatten().collect();
    assert_eq!(together, all.iter().collect());
    assert!(parts.iter().all(|part| !part.is_empty()), "{parts:?}");
}
