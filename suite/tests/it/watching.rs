//! `run --watch` on the built binary, over a copy of the specs: what it runs after which save, and how it ends.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;

use crate::bench::{copy, profile, specs_of_one_case};
use crate::cli::torq_conformance;
use crate::servers::{Server, statuses};

/// How long a line may take that has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program while it watches.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(specs: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_torq-conformance"))
            .args(["run", "--watch", "--specs"])
            .arg(specs)
            .args(more)
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("it is piped");
        let (teller, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if teller.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Everything it says until it waits for the next save.
    fn said(&self) -> String {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("{error} after\n{said}"));
            if line.starts_with("watching ") {
                return said;
            }
            said.push_str(&line);
            said.push('\n');
        }
    }

    /// The code it ends with when somebody presses Ctrl-C.
    fn interrupt(mut self) -> i32 {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-INT", &id]).status();
        assert!(status.expect("there is a `kill`").success());
        let status = self.child.wait().expect("it ends");
        status.code().expect("it ends by itself")
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // Only for tests that fail: it has ended otherwise.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn specs() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder is made");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs"), folder.path());
    folder
}

/// Saves as editors do: a new file, renamed over the old one.
#[track_caller]
fn save(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).expect("it is there");
    assert!(text.contains(from), "{from} is not in {}", file.display());
    let new = file.with_extension("yaml.new");
    fs::write(&new, text.replacen(from, to, 1)).expect("a file is written");
    fs::rename(&new, file).expect("it is renamed");
}

#[track_caller]
fn assert_parts(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
}

#[test]
fn a_save_runs_what_it_affects_and_says_why() {
    let specs = specs();
    let cases = specs.path().join("cases/running/sync-fallback.yaml");
    let watching = Watching::start(specs.path(), &["--filter", "running.sync-fallback.*"]);
    assert_parts(&watching.said(), &["everything, to begin with", " passed"]);

    let title = "title: the id handed out at the time-out works like an asynchronous one";
    save(&cases, title, "title: the id of the time-out is an ordinary one");
    let said = watching.said();
    assert_parts(
        &said,
        &[
            "saved cases/running/sync-fallback.yaml",
            "1 case to run",
            "running.sync-fallback.pollable  changed",
            "1 passed",
            "s since the save",
        ],
    );

    // A mistake is shown with its place, and the next save is waited for.
    save(&cases, "steps:", "stepps:");
    let said = watching.said();
    assert_parts(
        &said,
        &["sync-fallback.yaml:", "did you mean `steps`?", "^", "nothing was run"],
    );
    save(&cases, "stepps:", "steps:");
    assert_parts(&watching.said(), &["no case to run"]);

    // What the answer has to be is judged anew.
    save(
        &cases,
        "body: { contains: finished-after-the-fallback } }",
        "body: { contains: never-said } }",
    );
    assert_parts(
        &watching.said(),
        &["failed: running.sync-fallback.pollable", "1 failed"],
    );
    assert_eq!(watching.interrupt(), 0);
}

#[test]
fn requirements_and_fixtures_run_what_has_to_do_with_them() {
    let specs = specs();
    let watching = Watching::start(specs.path(), &["--filter", "running.sync-fallback.*"]);
    watching.said();
    let requirements = specs.path().join("requirements/04-running.yaml");
    save(
        &requirements,
        "The execution goes on after the answer",
        "An execution goes on after the answer",
    );
    assert_parts(
        &watching.said(),
        &[
            "saved requirements/04-running.yaml",
            "cites SYNC-FALLBACK-POLLABLE, which changed",
        ],
    );

    let fixtures = specs.path().join("fixtures.yaml");
    save(&fixtures, "\n  slow:\n    build: ", "\n  slow:\n    build: \u{20}");
    assert_parts(&watching.said(), &["no case to run"]);
    assert_eq!(watching.interrupt(), 0);
}

#[test]
fn a_saved_profile_runs_everything() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let server = runtime.block_on(Server::start(statuses(&[200])));
    let specs = specs_of_one_case("- request: { surface: hooks, path: /probe }\n  expect: { status: 200 }");
    let elsewhere = tempfile::tempdir().expect("a folder is made");
    let file = elsewhere.path().join("profile.yaml");
    fs::write(&file, profile(&server.url())).expect("a file is written");
    let watching = Watching::start(specs.path(), &["--profile", &file.display().to_string()]);
    assert_parts(&watching.said(), &["1 case: everything, to begin with", "1 passed"]);
    save(&file, "tolerance: 500ms", "tolerance: 400ms");
    assert_parts(&watching.said(), &["1 case: the profile changed", "1 passed"]);
    save(&file, "tolerance:", "tolerence:");
    assert_parts(&watching.said(), &["did you mean `tolerance`?", "nothing was run"]);
    save(&file, "tolerence:", "tolerance:");
    watching.said();
    assert_eq!(watching.interrupt(), 0);
}

#[test]
fn built_in_specs_cannot_be_watched() {
    // The tests of a crate run in its folder, which has no specs in it.
    let ended = torq_conformance(&["run", "--watch"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert_parts(&ended.stderr, &["nothing to watch", "--specs DIR"]);
}
