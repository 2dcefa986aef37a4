//! Two programs and a bad line between them: the suite judges a mock over a network that delays, jitters, trickles and resets.
//!
//! The mock conforms, so every verdict but `inconclusive` and the good ones would be wrong; one that does not must never pass.

use std::collections::BTreeMap;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value as Json, json};
use served::{Serve, Served};
use torq_conformance::spec::{self, Source};

use crate::cli::{cargo, torq_conformance};
use crate::relays::{Relay, Weather};

/// The mock as a program of its own; its log is kept in a file.
pub(crate) struct Mock {
    /// Until this is dropped.
    _served: Served,
    pub(crate) profile: Json,
    pub(crate) log: PathBuf,
}

impl Mock {
    /// Serves the fixtures on this clock, its behaviour changed as this YAML says.
    pub(crate) fn start(folder: &Path, clock: &str, behaviour: &str) -> Self {
        let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
        let configuration = folder.join("configuration.yaml");
        let text = format!("{}\nbehaviour:\n{behaviour}\n", loaded.specs.fixtures.text);
        fs::write(&configuration, text).expect("a file is written");
        let log = folder.join("log");
        let file = configuration.to_str().expect("temporary folders have plain names");
        let served = Serve::new(torq_mock())
            .with(&["--log", "json", "--clock", clock, "--config", file])
            .log_to(fs::File::create(&log).expect("a file is made"))
            .start();
        let profile = served.profile();
        Self {
            _served: served,
            profile,
            log,
        }
    }

    fn address(&self) -> SocketAddr {
        let url = self.profile["urls"]["hooks"].as_str().expect("it is a URL");
        url.trim_start_matches("http://").parse().expect("it is numeric")
    }
}

/// The other program of the workspace, built the way this one was.
fn torq_mock() -> PathBuf {
    let mut build = cargo();
    // The whole workspace with a test, as `cargo test` builds it: with fewer packages their dependencies have fewer features,
    // and all of them would be built once more.
    build.args([
        "build",
        "--quiet",
        "--workspace",
        "--bin",
        "torq-mock",
        "--test",
        "deploy",
    ]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(built.expect("cargo starts").success(), "torq-mock cannot be built");
    Path::new(env!("CARGO_BIN_EXE_torq-conformance")).with_file_name(format!("torq-mock{EXE_SUFFIX}"))
}

fn in_time<F: Future>(test: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(test)
}

/// Verdicts by case.
type Verdicts = BTreeMap<String, String>;

/// The fallback of every run here, ours and the profile's: as short as this weather lets anybody judge.
const SYNC_TIMEOUT: &str = "6s";

/// What the cases of `filter` come to over this weather, and how many connections it reset.
fn run(behaviour: &str, weather: Weather, filter: &str) -> (Verdicts, usize) {
    let folder = tempfile::tempdir().expect("a folder is made");
    let mock = Mock::start(folder.path(), "system", behaviour);
    in_time(async {
        let relay = Relay::rough(weather, mock.address()).await;
        let url = format!("http://{}", relay.address);
        let mut profile = mock.profile.clone();
        profile["urls"] = json!({ "hooks": url, "api": url, "auth": url });
        profile["limits"]["sync_timeout"] = SYNC_TIMEOUT.into();
        // As at a real deployment: no control surface, and somebody else's clock.
        profile.as_object_mut().expect("it is an object").remove("control");
        let text = |name: &str| {
            let path = folder.path().join(name);
            path.to_str().expect("temporary folders have plain names").to_owned()
        };
        let (profile_file, out) = (text("profile.yaml"), text("out"));
        fs::write(&profile_file, profile.to_string()).expect("a file is written");
        let arguments = [
            "run",
            "--profile",
            &profile_file,
            "--out",
            &out,
            "--format",
            "json",
            "--filter",
            filter,
        ];
        let ended = tokio::task::block_in_place(|| torq_conformance(&arguments));
        let report: Json =
            serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr));
        let word = |case: &Json, key: &str| case[key].as_str().expect("it is text").to_owned();
        let cases = report["cases"].as_array().expect("there are cases").iter();
        let verdicts = cases.map(|case| (word(case, "id"), word(case, "verdict"))).collect();
        (verdicts, relay.seen().len())
    })
}

fn count(verdicts: &Verdicts, wanted: &str) -> usize {
    verdicts.values().filter(|verdict| *verdict == wanted).count()
}

/// Nothing but the truth: the mock conforms, so whatever is told about it is good, or not told.
#[track_caller]
fn assert_nothing_wrong(verdicts: &Verdicts) {
    let right = ["passed", "recorded", "unavailable", "inconclusive"];
    let wrong: Vec<_> = verdicts
        .iter()
        .filter(|(_, verdict)| !right.contains(&verdict.as_str()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

const SLOW: Weather = Weather {
    seed: 1,
    latency: Duration::from_millis(20),
    jitter: Duration::from_millis(60),
    resets: 0,
    slow: 100,
};

#[test]
fn latency_jitter_and_slow_reads_make_no_wrong_verdict_and_few_doubts() {
    let (verdicts, _) = run("  running: { sync_timeout: 6s }", SLOW, "running.s*");
    assert_nothing_wrong(&verdicts);
    assert!(count(&verdicts, "passed") > 5, "{verdicts:?}");
    assert_eq!(count(&verdicts, "inconclusive"), 0, "nothing was lost: {verdicts:?}");
}

const RESETS: Weather = Weather { resets: 150, ..SLOW };

#[test]
fn resets_make_no_wrong_verdict_but_inconclusive_ones() {
    let (verdicts, lost) = run("  running: { sync_timeout: 6s }", RESETS, "authentication.*");
    assert!(lost > 0, "this weather resets connections");
    assert_nothing_wrong(&verdicts);
    assert!(count(&verdicts, "inconclusive") > 0, "{verdicts:?}");
    assert!(count(&verdicts, "passed") > 0, "{verdicts:?}");
}

#[test]
fn resets_in_the_middle_of_a_burst_are_no_answers_of_the_deployment() {
    let (verdicts, lost) = run(
        "  running: { sync_timeout: 6s }",
        RESETS,
        "answers.rate-limit.at-the-limit.*",
    );
    assert!(lost > 0, "this weather resets connections");
    assert_nothing_wrong(&verdicts);
    assert!(count(&verdicts, "inconclusive") > 0, "{verdicts:?}");
}

#[test]
fn no_weather_hides_a_fallback_that_comes_too_early() {
    let (verdicts, _) = run("  running: { sync_timeout: 4s }", SLOW, "running.sync-fallback.*");
    assert!(count(&verdicts, "failed") > 0, "{verdicts:?}");
    assert_eq!(verdicts["running.sync-fallback.outlives"], "failed");
}
