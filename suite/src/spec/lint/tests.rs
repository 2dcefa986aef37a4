//! The rules on specs as wholes: what each finds, and what comes near and is none of its business.

use std::path::Path;
use std::{fs, io};

use crate::spec::{Source, load};

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/base");

/// Line and message of every problem of the small specs with these cases added, wherever it is.
fn said(requirements: &str, cases: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder is made");
    let write = |name: &str, text: &str| -> io::Result<()> {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        fs::write(path, text)
    };
    let read = |name: &str| fs::read_to_string(Path::new(BASE).join(name));
    for name in ["requirements/probe.yaml", "fixtures.yaml", "cases/probe/good.yaml"] {
        write(name, &read(name).expect("it is there")).expect("a file is written");
    }
    let more = format!("section: probe\ntitle: More\nrequirements:\n{requirements}");
    if !requirements.is_empty() {
        write("requirements/more.yaml", &more).expect("a file is written");
    }
    let cases = format!("suite: more\nabout: More.\ncases:\n{cases}");
    write("cases/probe/more.yaml", &cases).expect("a file is written");
    let loaded = load(&Source::Folder(folder.path().to_owned())).expect("it can be read");
    let problems = loaded.problems.iter();
    problems
        .map(|it| format!("{}: {}", it.location.line, it.message))
        .collect()
}

/// A case that cites these requirements and has these further lines.
fn case(name: &str, requirements: &str, lines: &[&str]) -> String {
    let mut text = format!("  - id: probe.more.{name}\n    title: it is so\n    requirements: [{requirements}]\n");
    for line in lines {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

const ANSWERED: &str = "steps: [{ trigger: { mode: sync, workflow: slow }, expect: { status: 200 } }]";
const REFUSED: &str = "steps: [{ trigger: { mode: sync, workflow: slow }, expect: { status: 400 } }]";

#[test]
fn a_refusal_needs_a_twin_unless_its_answer_shows_who_gave_it() {
    let needs_one = "4: this case expects nothing but refusals, and has no twin";
    let judged = |expect: &str| {
        let steps = format!("steps: [{{ trigger: {{ mode: sync, workflow: slow }}, expect: {{ {expect} }} }}]");
        said("", &case("it", "PROBE-ANSWER", &[&steps]))
    };
    for refusal in [
        "status: 400",
        "status: { any_of: [401, 404] }",
        "status: { all: [404, { not: 410 }] }",
        "any_of: [{ status: 400 }, { status: 404 }]",
    ] {
        assert_eq!(judged(refusal), [needs_one], "{refusal}");
    }
    for other in [
        "status: 200",
        "status: { any_of: [200, 404] }",
        "status: { not: 404 }",
        "status: 500",
        "status: 404, body: own words",
        "status: 404, headers: { X-Note: own }",
        "status: 404, json: { $.own: true }",
        "answered: { before: 1s }",
    ] {
        assert_eq!(judged(other), [""; 0], "{other}");
    }
}

#[test]
fn a_case_that_also_expects_success_needs_no_twin() {
    let steps = [
        "steps:",
        "  - trigger: { mode: sync, workflow: slow }",
        "    expect: { status: 200 }",
        "  - trigger: { mode: sync, workflow: slow }",
        "    expect: { status: 404 }",
    ];
    assert_eq!(said("", &case("it", "PROBE-ANSWER", &steps)), [""; 0]);
    let burst = "steps: [{ burst: { count: 3, within: 1s, trigger: { mode: async, workflow: slow } }, \
                 expect: { answers: { \"429\": { at_least: 1 } } } }]";
    assert_eq!(said("", &case("it", "PROBE-ANSWER", &[burst])), [""; 0]);
    assert_eq!(
        said("", &case("it", "PROBE-COLOUR", &[REFUSED])),
        [""; 0],
        "nobody is judged by an open question"
    );
}

#[test]
fn a_twin_is_there_and_succeeds() {
    let with_twin = |twin: &str| {
        case(
            "it",
            "PROBE-ANSWER",
            &[&format!("twin: {twin}"), "differs: secret", REFUSED],
        )
    };
    let other = |lines: &[&str]| case("other", "PROBE-ANSWER", lines);
    let negative = &other(&["twin: probe.good.answer", "differs: secret", REFUSED]);
    for (cases, expected) in [
        (with_twin("probe.good.answer"), &[][..]),
        (
            with_twin("probe.good.nothing"),
            &["7: there is no case `probe.good.nothing` to be its twin"],
        ),
        (
            with_twin("probe.more.it"),
            &["7: the twin `probe.more.it` is itself a negative case"],
        ),
        (
            with_twin("probe.more.other") + negative,
            &["7: the twin `probe.more.other` is itself a negative case"],
        ),
        (with_twin("probe.more.other") + &other(&[ANSWERED]), &[]),
    ] {
        assert_eq!(said("", &cases), expected, "{cases}");
    }
}

#[test]
fn a_case_rests_on_requirements_of_one_level() {
    let row = |id: &str, grade: &str| {
        format!("  - {{ id: {id}, grade: {grade}, source: {{ page: a, section: b }}, statement: c }}\n")
    };
    let rows = row("VENDOR", "vendor") + &row("OBSERVED", "observed");
    let both = case("a", "VENDOR", &[ANSWERED]) + &case("b", "OBSERVED, PROBE-COLOUR", &[ANSWERED]);
    assert_eq!(said(&rows, &both), [""; 0]);
    for (cited, message) in [
        (
            "PROBE-ANSWER, VENDOR",
            "`PROBE-ANSWER` is MUST (documented), `VENDOR` is SHOULD (vendor)",
        ),
        (
            "PROBE-ANSWER, OBSERVED",
            "`PROBE-ANSWER` is MUST (documented), `OBSERVED` is recorded (observed)",
        ),
        (
            "PROBE-COLOUR, VENDOR",
            "`PROBE-COLOUR` is recorded (open), `VENDOR` is SHOULD (vendor)",
        ),
    ] {
        let expected = format!("4: this case rests on different levels: {message}");
        let mixed = case("it", cited, &[ANSWERED]);
        assert_eq!(
            said(&rows, &(both.clone() + &mixed)),
            [expected.replace("4:", "14:")],
            "{cited}"
        );
    }
}

#[test]
fn every_requirement_is_covered_or_says_why_not() {
    let row = |more: &str| {
        format!("  - {{ id: MORE, grade: open, source: {{ page: a, section: b }}, statement: c{more} }}\n")
    };
    let cited = case("it", "MORE", &[ANSWERED]);
    let uncited = case("it", "PROBE-ANSWER", &[ANSWERED]);
    for (requirements, cases, expected) in [
        (row(""), &cited, &[][..]),
        (row(", untested: nobody can see it"), &uncited, &[]),
        (row(""), &uncited, &["4: no case covers `MORE`"]),
        (
            row(", untested: nobody can see it"),
            &cited,
            &["4: `MORE` is marked untested, and a case covers it"],
        ),
    ] {
        assert_eq!(said(&requirements, cases), expected, "{requirements}");
    }
}

#[test]
fn a_fact_is_recorded_once() {
    let fact = |name: &str| {
        format!(
            "steps: [{{ trigger: {{ mode: sync, workflow: slow }}, observe: {{ {name}: {{ value: {{ status: true }} }} }} }}]"
        )
    };
    let twice = [
        "steps:",
        "  - trigger: { mode: sync, workflow: slow }",
        "    observe: { more-shape: { value: { status: true } } }",
        "  - trigger: { mode: sync, workflow: slow }",
        "    observe: { more-shape: { value: { status: true } } }",
    ];
    assert_eq!(said("", &case("it", "PROBE-COLOUR", &[&fact("more-shape")])), [""; 0]);
    assert_eq!(
        said("", &case("it", "PROBE-COLOUR", &[&fact("probe-colour")])),
        ["7: the fact `probe-colour` is recorded by `probe.good.colour` already"]
    );
    assert_eq!(
        said("", &case("it", "PROBE-COLOUR", &twice)),
        ["11: the fact `more-shape` is recorded by `probe.more.it` already"]
    );
}

#[test]
fn what_is_missing_is_not_missed_where_something_could_not_be_read() {
    let unreadable = case(
        "it",
        "PROBE-ANSWERS",
        &["twin: probe.good.answers", "differs: secret", "steps: [{ elpase: 1s }]"],
    );
    assert_eq!(
        said("", &unreadable),
        [
            "6: there is no requirement `PROBE-ANSWERS`",
            "9: this step does nothing",
            "9: unknown key `elpase`"
        ]
    );
}
