//! One case, one server, one verdict: runs a few steps of YAML against a server that plays a part.
//!
//! Uses the suite as a program that embeds it would; judges nothing itself.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use torq_conformance::evidence::{Case, Evidence};
use torq_conformance::plan::plan;
use torq_conformance::profile::{Environment, Network, Profile};
use torq_conformance::progress::Silent;
use torq_conformance::report::{self, Finished, Outcome};
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::target::{Embedded, Target};
use torq_conformance::verdict::{Strictness, Verdict};
use torq_conformance::{Run, conduct};

use crate::servers::{Play, Server};

/// What a case came to, in the words of reports.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The word.
    pub(crate) verdict: Verdict,
    /// Differences, doubts, remarks and the reason, in this order.
    pub(crate) sentences: Vec<String>,
    /// Facts by name.
    pub(crate) facts: Vec<(String, String)>,
    /// The whole story as the terminal shows it.
    pub(crate) story: String,
}

/// What the cases of a run came to.
#[derive(Debug)]
pub(crate) struct RunSeen {
    /// By id.
    pub(crate) verdicts: Vec<(String, Verdict)>,
    /// By name.
    pub(crate) facts: Vec<(String, String)>,
    /// What is told of each, by id.
    pub(crate) stories: Vec<(String, String)>,
}

impl Seen {
    fn of(finished: &Finished<'_>, (case, evidence): (&Case, &Evidence)) -> Self {
        let mut sentences = Vec::new();
        let findings = || finished.run.steps.iter().map(|step| &step.findings);
        for it in findings().flat_map(|found| &found.mismatches) {
            sentences.push(format!("{}: expected {}, found {}", it.part, it.expected, it.found));
        }
        for doubt in findings().flat_map(|found| &found.doubts) {
            sentences.push(format!("could not tell: {}", doubt.reason));
        }
        for note in findings().flat_map(|found| &found.notes) {
            sentences.push(format!("note: {note}"));
        }
        sentences.extend(finished.judgement.reason.clone());
        Self {
            verdict: finished.judgement.verdict,
            sentences,
            facts: finished.run.facts.clone(),
            story: report::explain_failure(case, evidence),
        }
    }
}

thread_local! {
    /// The steps that a server was judged by on this thread, while somebody listens.
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Does something, and says what steps servers were judged by meanwhile.
pub(crate) fn listen<T>(does: impl FnOnce() -> T) -> (T, Vec<String>) {
    HEARD.set(Some(Vec::new()));
    let done = does();
    (done, HEARD.take().unwrap_or_default())
}

/// Tells whoever listens; whether anybody does.
pub(crate) fn hear(steps: &str) -> bool {
    HEARD.with_borrow_mut(|heard| {
        heard.iter_mut().for_each(|heard| heard.push(steps.to_owned()));
        heard.is_some()
    })
}

/// Judges a server by the steps of a case.
pub(crate) async fn judge(steps: &str, play: Play) -> Seen {
    let server = Server::start(play).await;
    judge_at(steps, &server.url()).await
}

/// Judges whatever answers at `url` by the steps of a case.
pub(crate) async fn judge_at(steps: &str, url: &str) -> Seen {
    hear(steps);
    // Facts are about what is open.
    let grade = if steps.contains("observe:") {
        "open"
    } else {
        "documented"
    };
    let folder = specs_of_grade(grade, steps);
    let loaded = load(folder.path());
    let specs = &loaded.specs;
    let profile = Profile::parse("profile.yaml", &profile(url), &Environment::default()).expect("the profile is right");
    let client = Client::new(&Network::default()).expect("a client is made");
    let target = Target::of_profile(profile.clone(), client.http());
    let plan = plan(specs, &[], Some(&profile)).expect("nothing is filtered");
    let run = Run {
        jobs: 1,
        ..Run::new(specs, plan, (&target, &client))
    };
    let outcome = conduct(run, &Silent).await;
    let evidence = Evidence::of(&outcome, Strictness::Lenient);
    let finished = outcome.cases.first().expect("there is one case");
    Seen::of(finished, (&evidence.cases[0], &evidence))
}

/// Runs built-in cases against the embedded mock, its behaviour changed as this YAML says.
pub(crate) async fn run_against_mock(loaded: &Loaded, filter: &str, behaviour: &str) -> RunSeen {
    read_against_mock(loaded, (filter, behaviour), |outcome| {
        let evidence = Evidence::of(outcome, Strictness::Lenient);
        let cases = evidence.cases.iter();
        RunSeen {
            stories: cases
                .clone()
                .map(|it| (it.id.clone(), report::explain_failure(it, &evidence)))
                .collect(),
            verdicts: cases.map(|it| (it.id.clone(), it.verdict)).collect(),
            facts: evidence.facts.into_iter().collect(),
        }
    })
    .await
}

/// The same, for whoever wants to see all of it.
pub(crate) async fn read_against_mock<T>(
    loaded: &Loaded,
    (filter, behaviour): (&str, &str),
    read: impl FnOnce(&Outcome<'_>) -> T,
) -> T {
    let specs = &loaded.specs;
    let client = Client::new(&Network::default()).expect("a client is made");
    let mock = Embedded::start().await.expect("it starts");
    let configuration = format!("{}\nbehaviour:\n{behaviour}\n", specs.fixtures.text);
    let target = mock.target(client.http(), (&specs.fixtures.file, &configuration));
    let plan = plan(specs, &[filter.to_owned()], None).expect("the filter matches");
    let run = Run {
        jobs: 8,
        ..Run::new(specs, plan, (&target, &client))
    };
    let outcome = conduct(run, &Silent).await;
    mock.shut_down().await;
    read(&outcome)
}

/// Copies a folder and all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder is made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file is copied");
        }
    }
}

/// Reads specs that have to be right.
#[track_caller]
pub(crate) fn load(folder: &Path) -> Loaded {
    let loaded = spec::load(&Source::Folder(folder.to_owned())).expect("the folder can be read");
    let problems = loaded.problems.render(&loaded.sources, located_yaml::Paint::Plain);
    assert_eq!(problems, "");
    loaded
}

/// A complete folder of specs with one MUST case that has these steps.
pub(crate) fn specs_of_one_case(steps: &str) -> TempDir {
    specs_of_grade("documented", steps)
}

/// The same with a requirement of another grade.
pub(crate) fn specs_of_grade(grade: &str, steps: &str) -> TempDir {
    specs_of_cases(grade, &[("it", steps)])
}

/// A complete folder of specs whose cases, `probe.probe.NAME`, have these steps and cite one requirement of this grade.
pub(crate) fn specs_of_cases(grade: &str, cases: &[(&str, &str)]) -> TempDir {
    let requirement = REQUIREMENT.replace("documented", grade);
    let mut suite = "suite: probe\nabout: A server is probed.\ncases:\n".to_owned();
    for (name, steps) in cases {
        suite.push_str(&format!("  - id: probe.probe.{name}\n"));
        suite.push_str("    title: the server does what it should\n    requirements: [PROBE]\n    steps:\n");
        suite.extend(steps.lines().map(|line| format!("      {line}\n")));
    }
    let folder = tempfile::tempdir().expect("a folder is made");
    for (name, text) in [
        ("requirements/probe.yaml", requirement.as_str()),
        ("fixtures.yaml", FIXTURES),
        ("cases/probe/probe.yaml", &suite),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
    folder
}

const REQUIREMENT: &str = "section: probe
title: Probing
requirements:
  - id: PROBE
    grade: documented
    source: { page: Nowhere, section: None }
    statement: The server does what it should.
";

/// Nothing: a probe needs no fixture.
const FIXTURES: &str = "workspaces: {}\n";

/// A deployment on this machine's clock, all of it at one URL.
pub(crate) fn profile(url: &str) -> String {
    format!(
        "profile: probed
urls: {{ hooks: \"{url}\", api: \"{url}\", auth: \"{url}\" }}
limits: {{ sync_timeout: 2500ms, payload: 300000 }}
tolerance: 500ms
"
    )
}
