//! Stored runs judged again: with the same specs nothing changes, with others just what they change, and what cannot be told is
//! not made up.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use torq_conformance::evidence::{self, Evidence, SCHEMA};
use torq_conformance::plan::plan;
use torq_conformance::profile::Network;
use torq_conformance::progress::Silent;
use torq_conformance::rejudge::rejudge;
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Source};
use torq_conformance::target::Embedded;
use torq_conformance::verdict::{Strictness, Verdict};
use torq_conformance::{Run, conduct};

use crate::bench::{profile, specs_of_cases};
use crate::cli::{Ended, torq_conformance};
use crate::faulty;
use crate::servers::{Server, statuses};

/// Of the faults of the mock every so manyth is tried.
const EVERY: usize = 31;

/// What the program stores of a run and reads back.
fn stored(evidence: &Evidence) -> Evidence {
    let text = serde_json::to_string(evidence).expect("evidence is JSON");
    evidence::read("report.json", &text).expect("it holds together")
}

#[test]
fn with_the_same_specs_a_run_comes_to_just_what_it_came_to_whatever_is_wrong_with_the_deployment() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let specs = &loaded.specs;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let faults = specs
        .power
        .faults
        .iter()
        .step_by(EVERY)
        .map(|it| Some(it.name.as_str()));
    let faults: Vec<Option<&str>> = std::iter::once(None).chain(faults).collect();
    let complaints = runtime.expect("a runtime starts").block_on(async {
        let mock = Embedded::start().await.expect("it starts");
        let client = Client::new(&Network::default()).expect("a client is made");
        let mut complaints = Vec::new();
        for fault in faults {
            let configuration = faulty::configuration(&specs.fixtures, fault);
            let fault = fault.unwrap_or("no fault");
            let target = mock
                .target(client.http(), (&specs.fixtures.file, &configuration))
                .recycling();
            let run = Run::new(
                specs,
                plan(specs, &[], None).expect("nothing is filtered"),
                (&target, &client),
            );
            let outcome = conduct(run, &Silent).await;
            let before = stored(&Evidence::of(&outcome, Strictness::Lenient));
            target.close().await;
            let rejudged = rejudge(&before, specs);
            let gaps = &rejudged.not_judged_again;
            if !gaps.is_empty() {
                complaints.push(format!("{fault}: not judged again: {gaps:#?}"));
            }
            for (old, new) in before.cases.iter().zip(&rejudged.evidence.cases) {
                if old != new {
                    complaints.push(format!("{fault}: {old:#?}\nis judged again as\n{new:#?}"));
                }
            }
            if rejudged.evidence != before {
                complaints.push(format!("{fault}: what is derived from the cases differs"));
            }
            if rejudged.code(&before) != 0 {
                complaints.push(format!("{fault}: it ends with {}", rejudged.code(&before)));
            }
        }
        mock.shut_down().await;
        complaints
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// Cases that ran once against a server that is gone, and the specs they are judged by.
struct Recorded {
    folder: TempDir,
}

impl Recorded {
    /// Runs these cases against a server that gives these statuses in order.
    fn of(cases: &[(&str, &str)], answers: &[u16]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let server = runtime.block_on(Server::start(statuses(answers)));
        let folder = specs_of_cases("documented", cases);
        let profile_file = folder.path().join("profile.yaml");
        fs::write(&profile_file, profile(&server.url())).expect("a file is written");
        let out = folder.path().join("run");
        let specs = text(folder.path());
        let arguments = ["run", "--specs", specs, "--profile", text(&profile_file), "--jobs", "1"];
        let ended = torq_conformance(&[&arguments[..], &["--out", text(&out)]].concat());
        assert!(ended.code < 2, "{}", ended.stderr);
        Self { folder }
    }

    fn file(&self) -> String {
        text(&self.folder.path().join("run/report.json")).to_owned()
    }

    fn before(&self) -> Evidence {
        let text = fs::read_to_string(self.file()).expect("it is written");
        evidence::read("report.json", &text).expect("it can be read")
    }

    /// Judges the run again by other cases.
    fn by(&self, cases: &[(&str, &str)], more: &[&str]) -> Ended {
        let specs = specs_of_cases("documented", cases);
        let file = self.file();
        torq_conformance(&[&["rejudge", file.as_str(), "--specs", text(specs.path())], more].concat())
    }

    /// The same, as evidence.
    fn after(&self, cases: &[(&str, &str)]) -> (Ended, Evidence) {
        let out = self.folder.path().join("rejudged");
        let ended = self.by(cases, &["--out", text(&out)]);
        let json = fs::read_to_string(out.join("report.json"));
        let json = json.unwrap_or_else(|_| panic!("nothing was written: {}{}", ended.stdout, ended.stderr));
        let evidence = evidence::read("report.json", &json).expect("what is written can be read");
        (ended, evidence)
    }
}

fn wants(status: &str) -> String {
    format!("- request: {{ surface: hooks, path: /probe }}\n  expect: {{ status: {status} }}")
}

/// What the cases came to, by the last part of their ids.
fn verdicts(evidence: &Evidence) -> Vec<(&str, Verdict)> {
    let cases = evidence.cases.iter();
    cases
        .map(|it| (it.id.rsplit('.').next().unwrap_or_default(), it.verdict))
        .collect()
}

#[test]
fn a_changed_expectation_changes_just_its_case() {
    use Verdict::{Failed, Passed};
    let (ok, loose) = (wants("200"), wants("{ any_of: [200, 500] }"));
    let recorded = Recorded::of(&[("a", &ok), ("b", &ok), ("c", &ok)], &[200, 500, 200]);
    assert_eq!(
        verdicts(&recorded.before()),
        [("a", Passed), ("b", Failed), ("c", Passed)]
    );
    for (what, [a, b, c], verdict, code, told) in [
        (
            "nothing",
            [&ok, &ok, &ok],
            [Passed, Failed, Passed],
            0,
            "0 cases and 0 facts changed",
        ),
        (
            "tightened",
            [&ok, &ok, &wants("201")],
            [Passed, Failed, Failed],
            1,
            "diverges  probe.probe.c: passed → failed\n          status: expected 201, found 200",
        ),
        (
            "loosened",
            [&ok, &loose, &ok],
            [Passed, Passed, Passed],
            0,
            "fixed     probe.probe.b: failed → passed",
        ),
        (
            "both",
            [&wants("204"), &loose, &ok],
            [Failed, Passed, Passed],
            1,
            "2 cases and 0 facts changed; 1 new divergences, 0 known ones",
        ),
    ] {
        let (ended, evidence) = recorded.after(&[("a", a), ("b", b), ("c", c)]);
        assert_eq!(ended.code, code, "{what}: {}{}", ended.stdout, ended.stderr);
        assert!(
            ended.stdout.contains(told),
            "{what}: {told} is missing in\n{}",
            ended.stdout
        );
        assert_eq!(
            verdicts(&evidence).into_iter().map(|(_, it)| it).collect::<Vec<_>>(),
            verdict,
            "{what}"
        );
        let before = recorded.before();
        let changed = before
            .cases
            .iter()
            .zip(&evidence.cases)
            .filter(|(old, new)| old.verdict != new.verdict);
        for (_, new) in changed {
            assert!(ended.stdout.contains(&new.id), "{what}");
        }
    }
}

#[test]
fn what_the_recorded_answers_do_not_bear_is_not_judged() {
    let ok = wants("200");
    let elsewhere = "- request: { surface: hooks, path: /elsewhere }\n  expect: { status: 200 }";
    let further = format!("{ok}\n{ok}");
    let recorded = Recorded::of(&[("a", &ok), ("b", &ok)], &[200, 500]);
    for (what, cases, came_to, told) in [
        (
            "another request",
            &[("a", elsewhere), ("b", ok.as_str())][..],
            &[("a", Verdict::Inconclusive), ("b", Verdict::Failed)][..],
            "not judged again  probe.probe.a: step 1 does something else now than what was recorded of it",
        ),
        (
            "a step more",
            &[("a", &further), ("b", &ok)],
            &[("a", Verdict::Inconclusive), ("b", Verdict::Failed)],
            "not judged again  probe.probe.a: nothing was recorded of step 2, which the case comes to now",
        ),
        (
            "a step more after one that fails",
            &[("a", &ok), ("b", &further)],
            &[("a", Verdict::Passed), ("b", Verdict::Failed)],
            "2 cases judged again by what was recorded, 0 not",
        ),
        (
            "a new case",
            &[("a", &ok), ("b", &ok), ("c", &ok)],
            &[
                ("a", Verdict::Passed),
                ("b", Verdict::Failed),
                ("c", Verdict::Inconclusive),
            ],
            "not judged again  probe.probe.c: nothing was recorded of it: these specs have it",
        ),
        (
            "a case less",
            &[("a", &ok)],
            &[("a", Verdict::Passed)],
            "unknown case      probe.probe.b: these specs do not have it",
        ),
    ] {
        let (ended, evidence) = recorded.after(cases);
        assert_eq!(verdicts(&evidence), came_to, "{what}");
        assert!(
            ended.stdout.contains(told),
            "{what}: {told} is missing in\n{}",
            ended.stdout
        );
        let lost = came_to.iter().any(|(_, verdict)| *verdict == Verdict::Inconclusive);
        assert_eq!(ended.code, if lost { 4 } else { 0 }, "{what}\n{}", ended.stdout);
    }
}

#[test]
fn what_was_judged_again_is_shown_in_every_format() {
    let ok = wants("200");
    let recorded = Recorded::of(&[("a", &ok), ("b", &ok)], &[200, 200]);
    let changed = [("a", wants("201")), ("b", ok)];
    let changed = changed.each_ref().map(|(name, steps)| (*name, steps.as_str()));
    let (ended, evidence) = recorded.after(&changed);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    assert_eq!((evidence.exit_code, evidence.conformance.passed), (Some(1), 1));
    let folder = recorded.folder.path().join("rejudged");
    for name in ["report.html", "junit.xml", "report.sarif", "summary.md", "badge.svg"] {
        assert!(folder.join(name).exists(), "{name}");
    }
    let json = recorded.by(&changed, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("it prints JSON");
    assert_eq!(json["judged_again"], 2);
    assert_eq!(
        json["difference"]["new_divergences"],
        serde_json::json!(["probe.probe.a"])
    );
    let markdown = recorded.by(&changed, &["--format", "markdown"]);
    for part in ["| diverges | probe.probe.a | passed | failed |", "### Judged again"] {
        assert!(
            markdown.stdout.contains(part),
            "{part} is missing in\n{}",
            markdown.stdout
        );
    }
}

#[test]
fn a_file_that_is_no_evidence_is_refused_and_an_unfinished_one_is_judged_as_far_as_it_goes() {
    let ok = wants("200");
    let recorded = Recorded::of(&[("a", &ok), ("b", &ok)], &[200, 200]);
    let whole = fs::read_to_string(recorded.file()).expect("it is written");
    let cases = [("a", ok.as_str()), ("b", ok.as_str())];
    for (what, text, told) in [
        (
            "cut off",
            whole[..whole.len() / 2].to_owned(),
            "the file ends in the middle",
        ),
        (
            "of another version",
            whole.replacen(&format!("\"schema\": {SCHEMA}"), "\"schema\": 9", 1),
            "this is version 9 of the format",
        ),
        (
            "changed by hand",
            whole.replacen("\"verdict\": \"passed\"", "\"verdict\": \"failed\"", 1),
            "nothing can be concluded from it",
        ),
    ] {
        fs::write(recorded.file(), text).expect("a file is written");
        let ended = recorded.by(&cases, &[]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{what}");
        assert!(
            ended.stderr.contains(told),
            "{what}: {told} is missing in\n{}",
            ended.stderr
        );
    }
    let mut unfinished: serde_json::Value = serde_json::from_str(&whole).expect("it is JSON");
    unfinished["complete"] = false.into();
    unfinished["finished"] = serde_json::Value::Null;
    unfinished["cases"].as_array_mut().expect("a list").pop();
    for requirement in unfinished["requirements"].as_array_mut().expect("a list") {
        requirement["cases"] = serde_json::json!([]);
    }
    fs::write(recorded.file(), unfinished.to_string()).expect("a file is written");
    let ended = recorded.by(&cases, &[]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("1 case judged again by what was recorded, 0 not"),
        "{}",
        ended.stdout
    );
    let nowhere = torq_conformance(&["rejudge", "nowhere.json"]);
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere.stderr.contains("cannot read nowhere.json"),
        "{}",
        nowhere.stderr
    );
}
