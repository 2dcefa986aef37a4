//! Writing specs with the built binary's help: new cases, schemas for editors, and what lint says of fixtures.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use torq_conformance::verdict::Verdict;

use crate::bench::{copy, load, run_against_mock};
use crate::cli::{Ended, torq_conformance, torq_conformance_in};

/// A copy of the specs to write to.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder is made");
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs"),
            &folder.path().join("specs"),
        );
        Self { folder }
    }

    /// Runs the binary beside the folder `specs`.
    fn run(&self, arguments: &[&str]) -> Ended {
        torq_conformance_in(self.folder.path(), arguments)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).expect("it is there")
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).expect("a file is written");
    }
}

/// What the new cases come to against a mock with this behaviour.
fn verdicts(desk: &Desk, behaviour: &str) -> Vec<(String, Verdict)> {
    let loaded = load(&desk.folder.path().join("specs"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let seen = runtime
        .expect("a runtime starts")
        .block_on(run_against_mock(&loaded, "urls.example.*", behaviour));
    seen.verdicts
}

#[test]
fn a_new_case_and_its_twin_are_right_at_once_and_can_both_fail() {
    let desk = Desk::new();
    let ended = desk.run(&["new", "urls.example.first", "--requirement", "ASYNC-URL"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("new", ended.stdout);
    insta::assert_snapshot!("new-file", desk.read("specs/cases/urls/example.yaml"));
    let lint = desk.run(&["lint", "--specs", "specs"]);
    assert_eq!((lint.code, lint.stderr.as_str()), (0, ""));
    let of = |behaviour: &str| -> Vec<Verdict> {
        let verdicts = verdicts(&desk, behaviour).into_iter();
        verdicts.map(|(_, verdict)| verdict).collect()
    };
    use Verdict::{Failed, Inconclusive, Passed};
    assert_eq!(of("  {}"), [Passed, Passed]);
    assert_eq!(
        of("  answers: { workflow_not_found: 400 Workflow not found }"),
        [Passed, Failed]
    );
    assert_eq!(of("  running: { async_body: '{}' }"), [Failed, Inconclusive]);
}

#[test]
fn the_grade_of_the_requirement_decides_what_kind_of_case_is_written() {
    for (requirement, expected) in [
        ("WEBHOOK-URL-FAN-OUT", &[Verdict::Passed, Verdict::Passed][..]),
        ("METHODS", &[Verdict::Passed, Verdict::Passed]),
        ("TRAILING-SLASH", &[Verdict::Recorded]),
    ] {
        let desk = Desk::new();
        let ended = desk.run(&["new", "urls.example.graded", "--requirement", requirement]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{requirement}");
        let seen: Vec<_> = verdicts(&desk, "  {}")
            .into_iter()
            .map(|(_, verdict)| verdict)
            .collect();
        assert_eq!(seen, expected, "{requirement}");
    }
}

#[test]
fn a_case_is_added_to_the_file_it_belongs_to_and_nothing_else_changes() {
    let desk = Desk::new();
    let file = "specs/cases/urls/spelling.yaml";
    for (name, ending) in [("one", "\n"), ("two", ""), ("three", "\n# The end.\n")] {
        let before = format!("{}{ending}", desk.read(file).trim_end());
        desk.write(file, &before);
        let id = format!("urls.spelling.{name}");
        let ended = desk.run(&["new", &id, "--requirement", "ASYNC-URL"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        assert!(
            ended.stdout.starts_with(&format!("added to the end of {file}\n")),
            "{}",
            ended.stdout
        );
        let after = desk.read(file);
        assert!(
            after.starts_with(&before) && after.contains(&format!("id: {id}\n")),
            "{after}"
        );
    }
    let lint = desk.run(&["lint", "--specs", "specs"]);
    assert_eq!((lint.code, lint.stderr.as_str()), (0, ""));
}

#[test]
fn what_a_new_case_leaves_to_be_decided_is_said_with_its_place() {
    let desk = Desk::new();
    let ended = desk.run(&["new", "urls.example.first"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let place = "specs/cases/urls/example.yaml:5:9: this case cites no requirement";
    assert!(ended.stdout.contains(place), "{}", ended.stdout);
    // What is not in order already is no obstacle, and not told again.
    let more = desk.run(&["new", "urls.example.second", "--requirement", "ASYNC-URL"]);
    assert_eq!((more.code, more.stderr.as_str()), (0, ""));
    assert!(!more.stdout.contains("cites no requirement"), "{}", more.stdout);
}

#[test]
fn what_cannot_be_written_is_explained_and_nothing_is_changed() {
    let desk = Desk::new();
    desk.write("specs/cases/urls/flow.yaml", "suite: flow\nabout: Flow.\ncases: []\n");
    let taken = "the case `urls.trigger-urls.async.generic` is there already: specs/cases/urls/trigger-urls.yaml:";
    for (arguments, part) in [
        (&["new", "urls.spelling"][..], "is no id of a case"),
        (&["new", "urls.spelling."], "is no id of a case"),
        (&["new", "urls.Spelling.it"], "is no id of a case"),
        (&["new", "../up.spelling.it"], "is no id of a case"),
        (&["new", "url.spelling.it"], "did you mean `urls`?"),
        (
            &["new", "urls.spelling.it", "--requirement", "ASYNC-URI"],
            "did you mean `ASYNC-URL`?",
        ),
        (
            &["new", "urls.spelling.it", "--requirement", "ZEBRA"],
            "list --requirements",
        ),
        (&["new", "urls.trigger-urls.async"], taken),
        (
            &["new", "urls.flow.it"],
            "put this under its `cases` by hand\n\n  - id: urls.flow.it\n",
        ),
        (
            &["new", "urls.spelling.it", "--specs", "nowhere"],
            "cannot read nowhere",
        ),
        (&["new"], "<ID>"),
    ] {
        let ended = desk.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ended.stderr.contains(part), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(
        desk.read("specs/cases/urls/flow.yaml"),
        "suite: flow\nabout: Flow.\ncases: []\n"
    );
    fs::rename(desk.folder.path().join("specs"), desk.folder.path().join("other")).expect("it is moved");
    let ended = desk.run(&["new", "urls.spelling.it"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("there is no folder `specs` here"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("`--specs DIR`"), "{}", ended.stderr);
    let elsewhere = desk.run(&[
        "new",
        "urls.spelling.it",
        "--specs",
        "other",
        "--requirement",
        "ASYNC-URL",
    ]);
    assert_eq!((elsewhere.code, elsewhere.stderr.as_str()), (0, ""));
}

#[test]
fn the_schemas_can_be_printed_and_laid_beside_specs_of_ones_own() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/schema");
    for format in ["requirements", "cases", "fixtures", "configuration", "profile"] {
        let ended = torq_conformance(&["schema", format]);
        let written = fs::read_to_string(specs.join(format!("{format}.schema.json"))).expect("it is there");
        assert_eq!((ended.code, ended.stdout), (0, written));
    }
    let desk = Desk::new();
    let schema = desk.folder.path().join("specs/schema");
    fs::remove_dir_all(&schema).expect("it is there");
    let ended = desk.run(&["new", "urls.example.first", "--requirement", "ASYNC-URL"]);
    assert!(
        ended.stdout.contains("torq-conformance schema --out specs/schema"),
        "{}",
        ended.stdout
    );
    let ended = desk.run(&["schema", "fixtures", "--out", "specs/schema"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_eq!(
        fs::read_dir(&schema).expect("it is there").count(),
        2,
        "one refers to the other"
    );
    let ended = desk.run(&["schema", "--out", "specs/schema"]);
    assert_eq!((ended.code, ended.stdout.lines().count()), (0, 11));
    let case = desk.read("specs/cases/urls/example.yaml");
    let modeline = case.lines().next().and_then(|line| line.split_once("$schema="));
    let (_, named) = modeline.expect("its first line names the schema");
    assert!(
        desk.folder.path().join("specs/cases/urls").join(named).exists(),
        "{named}"
    );
    let nothing = desk.run(&["schema"]);
    assert_eq!(nothing.code, 2);
}

#[test]
fn lint_asks_the_mock_about_the_fixtures() {
    let desk = Desk::new();
    let fixtures = desk.read("specs/fixtures.yaml");
    desk.write(
        "specs/fixtures.yaml",
        &fixtures.replacen("concurrency:", "concurency:", 1),
    );
    let ended = desk.run(&["lint", "--specs", "specs"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    for part in ["specs/fixtures.yaml:", "did you mean `concurrency`?", "^^^"] {
        assert!(ended.stderr.contains(part), "{part} is missing in\n{}", ended.stderr);
    }
}

#[test]
fn help_shows_how_specs_are_written() {
    for (name, arguments) in [("help-new", ["new", "--help"]), ("help-schema", ["schema", "--help"])] {
        let ended = torq_conformance(&arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(name, ended.stdout);
    }
}
