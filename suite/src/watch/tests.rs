//! Which saves run which cases again, as a table.

use std::fs;
use std::path::Path;

use crate::spec::model::Specs;
use crate::spec::{self, Source};

use super::affected;

const FILES: [(&str, &str); 3] = [
    (
        "requirements/probe.yaml",
        "section: probe
title: Probing
requirements:
  - { id: ANSWER, grade: documented, source: { page: A, section: B }, statement: It is answered. }
  - { id: REFUSAL, grade: documented, source: { page: A, section: C }, statement: It is refused. }
",
    ),
    (
        "fixtures.yaml",
        "seed: 1
workspaces:
  main: { build: Any. }
  other: { build: Another. }
integrations:
  open: { build: Generic., workspace: main }
  many: { build: Generic., workspace: other }
workflows:
  echo: { build: Answers., integration: open }
  one: { build: Runs., integration: many, output: 1 }
",
    ),
    (
        "cases/probe/it.yaml",
        "suite: it
about: Probes.
cases:
  - id: probe.it.right
    title: it is answered
    requirements: [ANSWER]
    steps:
      - trigger: { mode: sync, workflow: echo, json: { note: right } }
        expect: { status: 200 }
  - id: probe.it.wrong
    title: it is refused
    requirements: [REFUSAL]
    twin: probe.it.right
    differs: method
    steps:
      - trigger: { mode: sync, workflow: echo, method: PUT, json: { note: wrong } }
        expect: { status: 405 }
  - id: probe.it.all
    title: all are started
    requirements: [ANSWER]
    steps:
      - trigger: { mode: webhook, integration: many, json: { note: all } }
        expect: { status: 200 }
",
    ),
];

fn specs(edit: (&str, &str)) -> Specs {
    let folder = tempfile::tempdir().expect("a folder is made");
    for (name, text) in FILES {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder is made");
        fs::write(path, text.replace(edit.0, edit.1)).expect("a file is written");
    }
    spec::load(&Source::Folder(folder.path().to_owned()))
        .expect("the folder can be read")
        .specs
}

#[track_caller]
fn check(edit: (&str, &str), expected: &[(&str, &str)]) {
    let (before, after) = (specs(("", "")), specs(edit));
    assert_eq!((before.cases.len(), before.requirements.len()), (3, 2));
    let found = affected(&before, &after);
    let found: Vec<_> = found.iter().map(|(id, why)| (id.as_str(), why.to_string())).collect();
    let expected: Vec<_> = expected.iter().map(|(id, why)| (*id, (*why).to_owned())).collect();
    assert_eq!(found, expected, "{edit:?}");
}

#[test]
fn what_means_the_same_runs_nothing() {
    check(("", ""), &[]);
    check(("about: Probes.\n", "about: Probes. # a remark\n\n\n"), &[]);
    check(("{ note: all }", "{note:   all}"), &[]);
}

#[test]
fn a_changed_case_runs_with_what_its_verdict_is_about() {
    check(("note: all", "note: every"), &[("probe.it.all", "changed")]);
    check(
        ("status: 405", "status: 400"),
        &[
            ("probe.it.right", "twin of probe.it.wrong"),
            ("probe.it.wrong", "changed"),
        ],
    );
    check(
        ("note: right", "note: other"),
        &[
            ("probe.it.right", "changed"),
            ("probe.it.wrong", "its twin is probe.it.right"),
        ],
    );
    check(("probe.it.all", "probe.it.every"), &[("probe.it.every", "new")]);
}

#[test]
fn a_changed_requirement_runs_what_cites_it() {
    check(
        ("It is refused.", "It is turned away."),
        &[
            ("probe.it.right", "twin of probe.it.wrong"),
            ("probe.it.wrong", "cites REFUSAL, which changed"),
        ],
    );
    check(
        ("It is answered.", "There is an answer."),
        &[
            ("probe.it.all", "cites ANSWER, which changed"),
            ("probe.it.right", "cites ANSWER, which changed"),
            ("probe.it.wrong", "its twin is probe.it.right"),
        ],
    );
}

#[test]
fn a_changed_fixture_runs_what_uses_it() {
    for (edit, name) in [
        (("output: 1", "output: 2"), "workflow one"),
        (
            ("many: { build: Generic.", "many: { build: Special."),
            "integration many",
        ),
        (
            ("other: { build: Another.", "other: { build: One more."),
            "workspace other",
        ),
    ] {
        check(edit, &[("probe.it.all", &format!("uses {name}, which changed"))]);
    }
    check(
        ("build: Answers.", "build: Responds."),
        &[
            ("probe.it.right", "uses workflow echo, which changed"),
            ("probe.it.wrong", "uses workflow echo, which changed"),
        ],
    );
    check(
        ("seed: 1", "seed: 2"),
        &[
            ("probe.it.all", "the fixtures changed"),
            ("probe.it.right", "the fixtures changed"),
            ("probe.it.wrong", "the fixtures changed"),
        ],
    );
}
