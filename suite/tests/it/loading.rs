//! Typical mistakes in specs, and what is said of each.
//!
//! Every file in `tests/data/bad` stands beside its message. A case file joins the small specs in `tests/data/base`; a file
//! of requirements or fixtures takes the place of theirs.

use std::fs;
use std::path::Path;

use located_yaml::Paint;
use torq_conformance::spec::{self, Source};
use torq_conformance::verdict::Verdict;

use crate::bench::{copy, load, run_against_mock};

/// What is said of a folder of specs, with `specs` for its name.
fn said(folder: &Path) -> String {
    let loaded = spec::load(&Source::Folder(folder.to_owned())).expect("the folder can be read");
    let said = loaded.problems.render(&loaded.sources, Paint::Plain);
    said.replace(folder.to_str().expect("temporary folders have plain names"), "specs")
}

/// Where a file belongs, by its name.
fn place_of(name: &str) -> String {
    if name.starts_with("requirements") {
        "requirements/probe.yaml".to_owned()
    } else if name.starts_with("fixtures") {
        "fixtures.yaml".to_owned()
    } else {
        format!("cases/probe/{name}.yaml")
    }
}

#[test]
fn the_specs_that_mistakes_are_measured_against_are_right() {
    assert_eq!(said(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/base")), "");
}

#[test]
fn every_mistake_is_explained_with_its_place() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let bad = data.join("bad");
    let entries = fs::read_dir(&bad).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
        .collect();
    files.sort();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&bad);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for file in &files {
        let name = file.file_stem().and_then(|it| it.to_str()).expect("a plain name");
        let folder = tempfile::tempdir().expect("a folder is made");
        copy(&data.join("base"), folder.path());
        fs::copy(file, folder.path().join(place_of(name))).expect("a file is copied");
        let said = said(folder.path());
        assert_ne!(said, "", "{name} is no mistake");
        settings.bind(|| insta::assert_snapshot!(name, said));
    }
}

#[test]
fn the_examples_of_the_language_are_right_and_hold_on_the_mock() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let readme = fs::read_to_string(specs.join("README.md")).expect("it is there");
    let blocks = readme
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let examples: Vec<_> = blocks.filter(|block| block.starts_with("suite: example\n")).collect();
    assert!(examples.len() > 3, "{}", examples.len());
    for example in examples {
        let folder = tempfile::tempdir().expect("a folder is made");
        copy(&specs, folder.path());
        let id = example
            .split_once("- id: ")
            .map(|(_, rest)| rest)
            .expect("it has a case");
        let section = id.split('.').next().expect("an id has a section");
        fs::write(folder.path().join(format!("cases/{section}/example.yaml")), example).expect("a file is written");
        assert_eq!(said(folder.path()), "", "{example}");
        let loaded = load(folder.path());
        let filter = format!("{section}.example.*");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let seen = runtime
            .expect("a runtime starts")
            .block_on(run_against_mock(&loaded, &filter, "  {}"));
        assert!(!seen.verdicts.is_empty());
        for (case, verdict) in seen.verdicts {
            assert!(
                matches!(verdict, Verdict::Passed | Verdict::Recorded),
                "{case}: {verdict}"
            );
        }
    }
}
