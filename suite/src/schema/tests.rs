//! Schemas and parsers agree: on every key, on every word, and on what they take and refuse.
//!
//! Every mapping of every file that comes with the specs is changed in every way of `agreement`, and parser and schema
//! are asked about each result. `everything/` has a place for each key that those files have no use for.

mod agreement;
mod files;
mod places;
mod report;

use std::fs;
use std::path::{Path, PathBuf};

use located_yaml::{Document, Problems};
use serde_json::{Value as Json, json};

use super::Format;
use crate::profile::{Environment, Profile};
use crate::spec::model::Fixtures;
use crate::spec::{self, Source};
use crate::target::Embedded;
use agreement::{Agreement, Language};

const SPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs");
const EVERYTHING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema/everything");

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files.extend(yaml_files(&path));
        } else if path.extension().is_some_and(|it| it == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The value of a YAML file.
fn value(file: &Path) -> Json {
    let text = fs::read_to_string(file).expect("it can be read");
    let document = Document::parse("it.yaml", &text).expect("it is YAML");
    document
        .root()
        .json(&mut Problems::default())
        .expect("it has a JSON form")
}

#[track_caller]
fn agree(agreement: Agreement<'_>) {
    let disagreements = agreement.finish();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

fn everything(name: &str) -> PathBuf {
    Path::new(EVERYTHING).join(name)
}

/// What `read` finds wrong with a text, its syntax included.
fn problems(text: &str, read: impl FnOnce(&Document, &mut Problems)) -> Problems {
    let mut problems = Problems::default();
    match Document::parse("specs/cases/section/it.yaml", text) {
        Ok(document) => read(&document, &mut problems),
        Err(syntax) => problems = syntax,
    }
    problems
}

fn mock_problems(text: &str) -> Problems {
    Embedded::check("it.yaml", text).err().unwrap_or_default()
}

#[test]
fn requirements_have_the_form_their_schema_describes() {
    let language = Language {
        format: Format::Requirements,
        problems: &|text| problems(text, spec::form::of_requirements),
        meaning: &[],
        unseen: &[],
    };
    let mut agreement = Agreement::new(&language);
    for file in yaml_files(&Path::new(SPECS).join("requirements")) {
        agreement.check(&value(&file));
    }
    agree(agreement);
}

/// A parser of requirements that knows the key `owner`, calls no grade `vendor`, and does without a title.
fn other_parser(text: &str) -> Problems {
    let mut changed = Problems::default();
    for mut problem in problems(text, spec::form::of_requirements) {
        let hint = problem.hint.as_ref();
        problem.hint = hint.map(|hint| hint.replace("id, grade,", "id, owner, grade,").replace(", vendor", ""));
        if problem.message != "unknown key `owner`" && problem.message != "the key `title` is missing" {
            changed.push(problem);
        }
    }
    changed
}

#[test]
fn a_parser_that_knows_another_language_disagrees_with_the_schema() {
    let language = Language {
        format: Format::Requirements,
        problems: &other_parser,
        meaning: &[],
        unseen: &[],
    };
    let mut agreement = Agreement::new(&language);
    agreement.check(&json!({
        "section": "it",
        "title": "It",
        "requirements": [
            { "id": "IT", "grade": "open", "source": { "page": "none", "section": "none" }, "statement": "It is so." },
        ],
    }));
    let disagreements = agreement.finish().join("\n");
    for part in [
        "only the parser knows [\"owner\"], only the schema []",
        "the schema refuses and the parser takes requirements.schema.json# without `title`",
        r#"the parser knows the words {"documented", "observed", "open"}, the schema {"documented", "#,
        "requirements.schema.json#/$defs/requirement: no file has the key `untested`",
    ] {
        assert!(disagreements.contains(part), "{part} is missing in\n{disagreements}");
    }
}

/// The files of cases, each cut into files of one case.
fn single_cases(file: &Path) -> Vec<Json> {
    let whole = value(file);
    let cases = whole["cases"].as_array().expect("it has cases");
    let single = |case: &Json| json!({ "suite": "it", "about": whole["about"], "cases": [case] });
    cases.iter().map(single).collect()
}

#[test]
fn cases_have_the_form_their_schema_describes() {
    let fixtures: Fixtures = spec::load(&Source::Embedded)
        .expect("they are in the binary")
        .specs
        .fixtures;
    let language = Language {
        format: Format::Cases,
        problems: &|text| problems(text, |document, found| spec::form::of_cases(document, &fixtures, found)),
        meaning: &CASE_MEANING,
        unseen: &[],
    };
    let mut agreement = Agreement::new(&language);
    let files = yaml_files(&Path::new(SPECS).join("cases"));
    for file in files.into_iter().chain([everything("cases.yaml")]) {
        for case in single_cases(&file) {
            agreement.check(&case);
        }
    }
    agree(agreement);
}

/// What the parser says about names, calls and values, which no schema knows.
const CASE_MEANING: [&str; 19] = [
    "a suite has the name of its file",
    "is no id of a case",
    "is no name of a row",
    "the id would end in",
    "the fixtures have no",
    "is not shared into",
    "has no client",
    "no background call",
    "a background call",
    "nobody awaits",
    "is kept and never used",
    "written as a number",
    "is no JSON path",
    "exactly one group",
    "${each.",
    "nothing is called",
    "expected a value, found",
    "is no quantity",
    "is probed twice",
];

#[test]
fn probes_have_the_form_their_schema_describes() {
    let fixtures: Fixtures = spec::load(&Source::Embedded)
        .expect("they are in the binary")
        .specs
        .fixtures;
    let language = Language {
        format: Format::Probes,
        problems: &|text| {
            problems(text, |document, found| {
                spec::form::of_probes(document, &fixtures, found)
            })
        },
        meaning: &CASE_MEANING,
        // What a step may be is shown by the cases.
        unseen: &["cases.schema.json"],
    };
    let mut agreement = Agreement::new(&language);
    let whole = value(&Path::new(SPECS).join("probes.yaml"));
    for probe in whole["probes"].as_array().expect("it has probes") {
        agreement.check(&json!({ "probes": [probe] }));
    }
    agree(agreement);
}

#[test]
fn fixtures_have_the_form_their_schema_describes() {
    let language = Language {
        format: Format::Fixtures,
        problems: &|text| {
            let mut problems = problems(text, spec::form::of_fixtures);
            problems.extend(mock_problems(text));
            problems
        },
        meaning: &MOCK_MEANING,
        unseen: &["configuration.schema.json"],
    };
    let mut agreement = Agreement::new(&language);
    agreement.check(&value(&Path::new(SPECS).join("fixtures.yaml")));
    agree(agreement);
}

#[test]
fn faults_have_the_form_their_schema_describes() {
    let language = Language {
        format: Format::Faults,
        problems: &|text| {
            let mut found = problems(text, spec::form::of_faults);
            let document = Document::parse("it.yaml", text).expect("JSON is YAML");
            let whole = document.root().json(&mut Problems::default()).unwrap_or_default();
            let faults = whole["faults"].as_array().into_iter().flatten();
            // What a fault sets is the mock's to read.
            for behaviour in faults.filter_map(|fault| fault.get("behaviour")) {
                found.extend(mock_problems(&json!({ "behaviour": behaviour }).to_string()));
            }
            found
        },
        meaning: &[],
        unseen: &["configuration.schema.json"],
    };
    let mut agreement = Agreement::new(&language);
    let whole = value(&Path::new(SPECS).join("faults.yaml"));
    for fault in whole["faults"].as_array().expect("it has faults") {
        agreement.check(&json!({ "faults": [fault] }));
    }
    agree(agreement);
}

#[test]
fn the_kill_matrix_has_the_form_its_schema_describes() {
    let language = Language {
        format: Format::KillMatrix,
        problems: &|text| problems(text, spec::form::of_kills),
        meaning: &[],
        unseen: &[],
    };
    let mut agreement = Agreement::new(&language);
    let whole = value(&Path::new(SPECS).join("kill-matrix.yaml"));
    for (fault, kills) in whole["kills"].as_object().expect("it has kills") {
        agreement.check(&json!({ "kills": { fault.as_str(): kills } }));
    }
    agree(agreement);
}

#[test]
fn survivors_have_the_form_their_schema_describes() {
    let language = Language {
        format: Format::Survivors,
        problems: &|text| problems(text, spec::form::of_survivors),
        meaning: &["cannot be noticed"],
        unseen: &[],
    };
    let mut agreement = Agreement::new(&language);
    agreement.check(&value(&Path::new(SPECS).join("survivors.yaml")));
    agree(agreement);
}

#[test]
fn knobs_have_the_form_their_schema_describes() {
    let language = Language {
        format: Format::Knobs,
        problems: &|text| problems(text, spec::form::of_knobs),
        meaning: &[],
        unseen: &[],
    };
    let mut agreement = Agreement::new(&language);
    let whole = value(&Path::new(SPECS).join("knobs.yaml"));
    for (knob, told) in whole["knobs"].as_object().expect("it has knobs") {
        agreement.check(&json!({ "knobs": { knob.as_str(): told } }));
    }
    agree(agreement);
}

#[test]
fn configurations_have_the_form_their_schema_describes() {
    let language = Language {
        format: Format::Configuration,
        problems: &|text| mock_problems(text),
        meaning: &MOCK_MEANING,
        // The mock's own tests compare every knob with the schema.
        unseen: &["/properties/behaviour/properties"],
    };
    let mut agreement = Agreement::new(&language);
    for file in [Path::new(SPECS).join("fixtures.yaml"), everything("configuration.yaml")] {
        agreement.check(&value(&file));
    }
    agree(agreement);
}

/// What the mock says about names, ids and paths, which no schema knows.
const MOCK_MEANING: [&str; 8] = [
    "there is no fault",
    "is named twice",
    "there is no workspace",
    "there is no integration",
    "is in the list twice",
    "has this id already",
    "is no RFC 9535 path",
    "the workflow is made in",
];

#[test]
fn profiles_have_the_form_their_schema_describes() {
    let language = Language {
        format: Format::Profile,
        problems: &|text| {
            let names = text.split("${env:").skip(1).filter_map(|it| it.split('}').next());
            let environment: Environment = names.map(|name| (name.to_owned(), "http://it".to_owned())).collect();
            Profile::parse("it.yaml", text, &environment).err().unwrap_or_default()
        },
        meaning: &[
            "this profile has no",
            // Times have to fit each other.
            "cannot be judged with a tolerance of",
            "is over before a synchronous call has to be answered",
        ],
        unseen: &[],
    };
    let mut agreement = Agreement::new(&language);
    for file in yaml_files(&Path::new(SPECS).join("profiles"))
        .into_iter()
        .chain([everything("profile.yaml")])
    {
        agreement.check(&value(&file));
    }
    agree(agreement);
}
