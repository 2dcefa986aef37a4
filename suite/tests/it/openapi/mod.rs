//! The OpenAPI document: it is one, it agrees with the catalogue and with the mock, and so does every answer of every case.

mod answers;
mod document;
mod live;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use torq_conformance::spec::model::Grade;
use torq_conformance::spec::{self, Loaded, Source};
use torq_mock_server::behaviour::Behaviour;
use torq_mock_server::route;

use crate::cli::torq_conformance;
use document::{Document, TEXT};

/// What the document says beyond OpenAPI.
const EXTENSIONS: [&str; 4] = ["x-requirements", "x-grade", "x-other-methods", "x-other-paths"];

fn document() -> Document {
    Document::of(TEXT)
}

fn catalogue() -> Loaded {
    spec::load(&Source::Embedded).expect("the specs are in the binary")
}

/// Calls back with every object of a tree and its pointer.
fn walk(pointer: &str, value: &Json, visit: &mut impl FnMut(&str, &serde_json::Map<String, Json>)) {
    match value {
        Json::Object(members) => {
            visit(pointer, members);
            for (key, member) in members {
                walk(&format!("{pointer}/{key}"), member, visit);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(&format!("{pointer}/{index}"), item, visit);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// What a parser that knows OpenAPI 3.1 made nothing of: keys and values of `given` that `kept` lacks.
fn lost(pointer: &str, given: &Json, kept: &Json, found: &mut Vec<String>) {
    match (given, kept) {
        (Json::Object(given), Json::Object(kept)) => {
            for (key, value) in given {
                let place = format!("{pointer}/{key}");
                match kept.get(key) {
                    // The parser does not keep extensions everywhere where OpenAPI allows them.
                    None if EXTENSIONS.contains(&key.as_str()) => {}
                    Some(kept) => lost(&place, value, kept, found),
                    None => found.push(place),
                }
            }
        }
        (Json::Array(given), Json::Array(kept)) if given.len() == kept.len() => {
            for (index, (given, kept)) in given.iter().zip(kept).enumerate() {
                lost(&format!("{pointer}/{index}"), given, kept, found);
            }
        }
        _ if given == kept => {}
        _ => found.push(pointer.to_owned()),
    }
}

/// What reading a document as OpenAPI 3.1 loses; an error when it is none.
fn lost_as_openapi(document: &Document) -> Result<Vec<String>, serde_json::Error> {
    let read = oas3::from_json(document.root().to_string())?;
    let kept = serde_json::to_value(&read)?;
    let mut found = Vec::new();
    lost("#", document.root(), &kept, &mut found);
    Ok(found)
}

#[test]
fn it_is_openapi_3_1_and_says_nothing_that_openapi_does_not_know() {
    let lost = lost_as_openapi(&document()).expect("it is OpenAPI");
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    walk("", document().root(), &mut |pointer, object| {
        let mut extensions = object.keys().filter(|key| key.starts_with("x-"));
        let unknown = extensions.find(|key| !EXTENSIONS.contains(&key.as_str()));
        assert_eq!(unknown, None, "#{pointer}: the preface does not explain it");
    });
}

#[test]
fn the_program_prints_it_in_both_forms() {
    assert_eq!(torq_conformance(&["openapi"]).stdout, TEXT);
    let printed = torq_conformance(&["openapi", "--format", "json"]).stdout;
    let printed: Json = serde_json::from_str(&printed).expect("it prints JSON");
    assert_eq!(&printed, document().root());
}

#[test]
fn a_misspelt_key_is_found() {
    for (right, wrong, place) in [
        (
            "operationId: triggerWorkflow\n",
            "operationID: triggerWorkflow\n",
            "/post/operationID",
        ),
        ("    Started:\n      description", "    Started:\n      descripton", ""),
        ("required: true\n", "requird: true\n", "/requird"),
    ] {
        let altered = TEXT.replacen(right, wrong, 1);
        assert_ne!(altered, TEXT, "{right} is not in the document");
        match lost_as_openapi(&Document::of(&altered)) {
            Ok(lost) => assert!(lost.iter().any(|it| it.ends_with(place)), "{place}: {lost:?}"),
            Err(error) => assert!(place.is_empty(), "{place}: {error}"),
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_everything_there_is_is_referred_to() {
    let document = document();
    let mut referred = BTreeSet::new();
    let mut broken = Vec::new();
    walk("", document.root(), &mut |pointer, object| {
        if let Some(Json::String(reference)) = object.get("$ref") {
            let target = reference.strip_prefix('#').unwrap_or_default();
            if document.at(target).is_none() {
                broken.push(format!("#{pointer} refers to {reference}, which is not there"));
            }
            referred.insert(target.to_owned());
        }
        for scheme in object.get("security").and_then(Json::as_array).into_iter().flatten() {
            let names = scheme.as_object().into_iter().flatten().map(|(name, _)| name);
            referred.extend(names.map(|name| format!("/components/securitySchemes/{name}")));
        }
    });
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let kinds = document.at("/components").expect("there are components");
    for (kind, parts) in document.members(&kinds) {
        for name in parts.value.as_object().into_iter().flatten().map(|(name, _)| name) {
            let pointer = format!("/components/{kind}/{name}");
            assert!(referred.contains(&pointer), "nothing refers to #{pointer}");
        }
    }
}

#[test]
fn its_paths_and_methods_are_those_of_the_mock() {
    let document = document();
    let mut described: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (method, path, _) in document.operations() {
        described.entry(path).or_default().insert(method.to_ascii_uppercase());
    }
    let listed = route::list(&Behaviour::default()).into_iter();
    let listed = listed.map(|it| (it.path, it.methods.iter().map(ToString::to_string).collect()));
    assert_eq!(described, listed.collect());
}

#[test]
fn every_requirement_is_cited_and_only_those_there_are() {
    let (document, loaded) = (document(), catalogue());
    let mut cited = BTreeSet::new();
    walk("", document.root(), &mut |_, object| {
        let ids = object
            .get("x-requirements")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        cited.extend(ids.filter_map(Json::as_str).map(str::to_owned));
    });
    let known: BTreeSet<_> = loaded.specs.requirements.iter().map(|it| it.id.clone()).collect();
    let unknown: Vec<_> = cited.difference(&known).collect();
    let missing: Vec<_> = known.difference(&cited).collect();
    assert!(unknown.is_empty(), "there are no such requirements: {unknown:?}");
    assert!(missing.is_empty(), "the document says nothing of {missing:?}");
}

#[test]
fn what_it_says_is_graded_as_well_as_the_best_attested_requirement_behind_it() {
    let (document, loaded) = (document(), catalogue());
    let grades: BTreeMap<&str, Grade> = loaded
        .specs
        .requirements
        .iter()
        .map(|it| (it.id.as_str(), it.grade))
        .collect();
    let mut complaints = Vec::new();
    walk("", document.root(), &mut |pointer, object| {
        let ids = object
            .get("x-requirements")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        let best = ids.filter_map(|id| grades.get(id.as_str()?)).min();
        let said = object.get("x-grade").and_then(Json::as_str);
        if said != best.map(|grade| grade.word()) {
            complaints.push(format!("#{pointer} says {said:?}; its requirements are {best:?}"));
        }
    });
    let answers = document.operations().into_iter().flat_map(|(_, _, operation)| {
        let responses = document.member(&operation, "responses").expect("there are some");
        let own = [operation];
        own.into_iter()
            .chain(document.members(&responses).into_iter().map(|(_, it)| it))
            .collect::<Vec<_>>()
    });
    for place in answers.filter(|place| place.value.get("x-grade").is_none()) {
        complaints.push(format!("#{} has no grade", place.pointer));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_example_is_one_of_what_it_stands_beside() {
    let document = document();
    let (mut complaints, mut examples) = (Vec::new(), 0);
    walk("", document.root(), &mut |pointer, object| {
        let escape = |key: &str| key.replace("application/", "application~1").replace("text/", "text~1");
        let Some(schema) = object
            .get("schema")
            .and_then(|_| document.at(&format!("{}/schema", escape(pointer))))
        else {
            return;
        };
        let beside = object.get("examples").and_then(Json::as_object).into_iter().flatten();
        let inside = schema
            .value
            .get("examples")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        for value in beside.map(|(_, example)| &example["value"]).chain(inside) {
            examples += 1;
            complaints.extend(document.disagreements(&schema.pointer, value));
        }
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(examples > 30, "only {examples} examples were looked at");
}
