//! The formats that programs read: each held to the rules of its readers, and to the same counts as all others.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value as Json;
use torq_conformance::evidence::Evidence;
use torq_conformance::report::{Format, render};
use torq_conformance::verdict::Verdict;

use crate::hostile::hostile;
use crate::runs::{conforming, diverging};

fn json(evidence: &Evidence, format: Format) -> Json {
    serde_json::from_str(&render(evidence, format)).expect("it is JSON")
}

fn count(evidence: &Evidence, verdict: Verdict) -> usize {
    evidence.cases.iter().filter(|case| case.verdict == verdict).count()
}

/// The same run, some of its cases come to something else.
pub(crate) fn every_verdict(mut evidence: Evidence) -> Evidence {
    for (case, verdict) in evidence.cases.iter_mut().zip(Verdict::ALL.into_iter().cycle()) {
        case.verdict = verdict;
    }
    evidence.derive();
    evidence
}

#[test]
fn sarif_follows_its_schema_and_points_at_the_assertion() {
    let schema: Json = serde_json::from_str(include_str!("../data/sarif.schema.json")).expect("it is JSON");
    let schema = jsonschema::options().should_validate_formats(true).build(&schema);
    let schema = schema.expect("it is a schema");
    let runs = [diverging(), conforming()];
    for evidence in runs.iter().cloned().chain(
        runs.iter()
            .cloned()
            .flat_map(|it| [every_verdict(it.clone()), hostile(it)]),
    ) {
        let log = json(&evidence, Format::Sarif);
        let problems: Vec<_> = schema
            .iter_errors(&log)
            .map(|it| format!("{}: {it}", it.instance_path()))
            .collect();
        assert_eq!(problems, Vec::<String>::new());
    }
    let evidence = &runs[0];
    let log = json(evidence, Format::Sarif);
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("they are listed");
    assert_eq!(results.len(), evidence.troubled().count());
    let case = evidence.case("running.sync-fallback.outlives").expect("it ran");
    let result = results
        .iter()
        .find(|it| it["properties"]["case"] == case.id)
        .expect("it failed");
    let at = &case
        .steps
        .iter()
        .flat_map(|step| &step.mismatches)
        .next()
        .expect("it differs")
        .at;
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["region"]["startLine"], at.line);
    assert_eq!(physical["region"]["startColumn"], at.column);
    assert!(
        physical["artifactLocation"]["uri"]
            .as_str()
            .is_some_and(|it| it.ends_with("cases/running/sync-fallback.yaml"))
    );
    let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], case.requirements[0]);
    assert!(
        rule["help"]["text"]
            .as_str()
            .is_some_and(|it| it.contains("Documented in: sync-async-triggers"))
    );
    // The schema does refuse what is wrong.
    for (place, key, value) in [
        ("/runs/0/results/0", "level", serde_json::json!("grave")),
        ("/runs/0/results/0", "kind", "pass".into()),
        ("/runs/0/results/0", "unheard-of", "x".into()),
        (
            "/runs/0/results/0/locations/0/physicalLocation/region",
            "startLine",
            0.into(),
        ),
        ("/runs/0/invocations/0", "startTimeUtc", "yesterday".into()),
        ("/runs/0/tool", "driver", Json::Null),
    ] {
        let mut log = log.clone();
        log.pointer_mut(place).expect("it is there")[key] = value;
        assert!(!schema.is_valid(&log), "{place}/{key}");
    }
}

#[test]
fn what_the_formats_count_is_the_same() {
    for evidence in [diverging(), conforming(), every_verdict(diverging())] {
        let all = evidence.cases.len();
        let of = |verdict| count(&evidence, verdict);
        let counts: BTreeMap<_, _> = Verdict::ALL
            .into_iter()
            .map(|verdict| (verdict.word(), of(verdict)))
            .collect();
        let html = render(&evidence, Format::Html);
        for (word, count) in &counts {
            let rows = html.matches(&format!("data-verdict=\"{word}\"")).count();
            assert_eq!(rows, *count, "HTML, {word}");
        }
        let stories = html
            .split_once("id=\"stories\">")
            .and_then(|(_, it)| it.split_once("</script>"))
            .expect("they are there")
            .0;
        assert_eq!(stories.lines().count(), all);
        let markdown = render(&evidence, Format::Markdown);
        let listed: Vec<_> = Verdict::ALL
            .iter()
            .filter(|it| of(**it) > 0)
            .map(|it| format!("{} {it}", of(*it)))
            .collect();
        assert!(
            markdown.contains(&format!("\n{all} cases: {}\n", listed.join(", "))),
            "{markdown}"
        );
        let sarif = json(&evidence, Format::Sarif);
        let run = &sarif["runs"][0];
        assert_eq!(run["properties"]["cases"], serde_json::json!(counts));
        let of_kind = |word: &str| {
            run["results"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|it| it["properties"]["verdict"] == word)
                .count()
        };
        for verdict in [
            Verdict::Failed,
            Verdict::Deviates,
            Verdict::Inconclusive,
            Verdict::UnexpectedPass,
            Verdict::Exempt,
        ] {
            assert_eq!(of_kind(verdict.word()), of(verdict), "SARIF, {verdict}");
        }
        let faults = run["invocations"][0]["toolExecutionNotifications"]
            .as_array()
            .map(Vec::len);
        assert_eq!(faults, Some(of(Verdict::HarnessError)));
        let junit = render(&evidence, Format::Junit);
        let elements = |name: &str| junit.matches(&format!("<{name}")).count();
        assert_eq!(elements("testcase "), all);
        assert_eq!(elements("failure "), of(Verdict::Failed) + of(Verdict::UnexpectedPass));
        assert_eq!(
            elements("error "),
            of(Verdict::Inconclusive) + of(Verdict::HarnessError)
        );
        assert_eq!(
            elements("skipped"),
            of(Verdict::Deviates) + of(Verdict::Unavailable) + of(Verdict::Exempt)
        );
        let badge = json(&evidence, Format::BadgeJson);
        let figure = &evidence.conformance;
        let tenths = figure.passed * 1000 / figure.of;
        let percent = if tenths == 1000 {
            "100 %".to_owned()
        } else {
            format!("{}.{} %", tenths / 10, tenths % 10)
        };
        assert_eq!(badge["message"], format!("{percent} of a part"));
        assert!(render(&evidence, Format::Badge).contains(&format!(">{percent} of a part</text>")));
    }
}

#[test]
fn a_summary_has_a_bound_and_hostile_text_is_no_markup_in_it() {
    let mut evidence = hostile(diverging());
    let cases = evidence.cases.clone();
    evidence.cases = cases.iter().cycle().take(2000).cloned().collect();
    evidence.derive();
    let markdown = render(&evidence, Format::Markdown);
    assert!(
        markdown.len() < 300_000,
        "{} bytes; GitHub takes a million",
        markdown.len()
    );
    let mut fence = None;
    for line in markdown.lines() {
        let ticks = line.chars().take_while(|it| *it == '`').count();
        fence = match fence {
            None if ticks >= 3 => Some(ticks),
            Some(open) if ticks == open && line.len() == open => None,
            None => {
                assert!(!line.contains("<script") && !line.contains("<img"), "{line}");
                None
            }
            inside => inside,
        };
    }
    assert_eq!(fence, None);
}

#[test]
fn annotations_are_one_a_line_and_few() {
    let evidence = hostile(diverging());
    let annotations = render(&evidence, Format::Github);
    assert!(
        annotations.lines().all(|it| it.starts_with("::error file=")
            || it.starts_with("::warning file=")
            || it.starts_with("::notice "))
    );
    assert_eq!(annotations.lines().filter(|it| it.starts_with("::error ")).count(), 10);
    let more = count(&evidence, Verdict::Failed) - 10;
    assert!(
        annotations.contains(&format!("::notice title={more} more::")),
        "{annotations}"
    );
    assert_eq!(render(&conforming(), Format::Github), "");
}

#[test]
fn a_run_in_github_actions_annotates_and_adds_to_the_summary() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let summary = folder.path().join("summary");
    fs::write(&summary, "before\n").expect("it can be written");
    let run = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torq-conformance"));
        command
            .args(["run", "--filter", "urls.ids.*", "--format", format, "--out"])
            .arg(folder.path().join("out"));
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", &summary);
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    run("human");
    let text = fs::read_to_string(&summary).expect("it is there");
    assert!(text.starts_with("before\n# ✅ Conforms\n"), "{text}");
    for format in Format::ALL {
        let Some(file) = format.file_name() else { continue };
        let written = fs::read_to_string(folder.path().join("out").join(file));
        assert!(written.is_ok_and(|it| it.len() > 50), "{file}");
    }
    // Whoever reads JSON from standard output gets nothing else.
    let output = run("json");
    assert!(serde_json::from_slice::<Json>(&output.stdout).is_ok());
}
