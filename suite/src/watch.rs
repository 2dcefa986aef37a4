//! What a change of the specs affects: the cases whose verdict it may change, and why.
//!
//! Pure: compares what was meant before with what is meant now. Where a thing is written does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use located_yaml::{Document, Problems};
use serde_json::{Map, Value as Json};

use crate::spec::model::{Case, Fixtures, Specs};

/// Why a case is run again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It was not there before.
    New,
    /// It is not what it was.
    Changed,
    /// It cites a requirement that is not what it was.
    Requirement(String),
    /// It uses a fixture that is not what it was, such as `workflow slow`.
    Fixture(String),
    /// Something that all fixtures share is not what it was.
    AllFixtures,
    /// A case that is run again needs it as its positive twin.
    TwinOf(String),
    /// Its positive twin is run again.
    RestsOn(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("new"),
            Self::Changed => f.write_str("changed"),
            Self::Requirement(id) => write!(f, "cites {id}, which changed"),
            Self::Fixture(name) => write!(f, "uses {name}, which changed"),
            Self::AllFixtures => f.write_str("the fixtures changed"),
            Self::TwinOf(id) => write!(f, "twin of {id}"),
            Self::RestsOn(id) => write!(f, "its twin is {id}"),
        }
    }
}

/// A part of the fixtures that changes by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Workspace(String),
    Integration(String),
    Workflow(String),
    /// Anything that is none of these: it may concern everybody.
    Rest,
}

/// The cases of `after` that the way from `before` to `after` affects, by id, each with the first reason that applies.
#[must_use]
pub fn affected(before: &Specs, after: &Specs) -> BTreeMap<String, Why> {
    let known: BTreeMap<_, _> = before.cases.iter().map(|it| (it.id.as_str(), it)).collect();
    let requirements = changed_requirements(before, after);
    let parts = changed_parts(&before.fixtures, &after.fixtures);
    let mut affected = BTreeMap::new();
    for case in &after.cases {
        let why = match known.get(case.id.as_str()) {
            None => Some(Why::New),
            Some(old) if meaning(old) != meaning(case) => Some(Why::Changed),
            Some(_) => None,
        };
        let cited = || case.requirements.iter().find(|id| requirements.contains(*id));
        let used = || {
            parts
                .iter()
                .find(|part| uses(case, part, [&after.fixtures, &before.fixtures]))
        };
        let why = why
            .or_else(|| cited().map(|id| Why::Requirement(id.clone())))
            .or_else(|| used().map(because_of));
        affected.extend(why.map(|why| (case.id.clone(), why)));
    }
    with_twins(affected, &after.cases)
}

/// A refusal says nothing without its twin, and something else once its twin is another.
fn with_twins(mut all: BTreeMap<String, Why>, cases: &[Case]) -> BTreeMap<String, Why> {
    let affected: BTreeSet<_> = all.keys().cloned().collect();
    for case in cases {
        let Some(twin) = &case.twin else { continue };
        if affected.contains(&twin.case) {
            all.entry(case.id.clone())
                .or_insert_with(|| Why::RestsOn(twin.case.clone()));
        }
    }
    let negative: Vec<_> = cases.iter().filter(|case| all.contains_key(&case.id)).collect();
    for case in negative {
        if let Some(twin) = &case.twin {
            all.entry(twin.case.clone())
                .or_insert_with(|| Why::TwinOf(case.id.clone()));
        }
    }
    all
}

fn because_of(part: &Part) -> Why {
    match part {
        Part::Workspace(name) => Why::Fixture(format!("workspace {name}")),
        Part::Integration(name) => Why::Fixture(format!("integration {name}")),
        Part::Workflow(name) => Why::Fixture(format!("workflow {name}")),
        Part::Rest => Why::AllFixtures,
    }
}

fn changed_requirements<'s>(before: &'s Specs, after: &'s Specs) -> BTreeSet<&'s String> {
    let known: BTreeMap<_, _> = before.requirements.iter().map(|it| (&it.id, meaning(it))).collect();
    let changed = after
        .requirements
        .iter()
        .filter(|it| known.get(&it.id) != Some(&meaning(it)));
    changed.map(|it| &it.id).collect()
}

/// The parts that are new, gone or different. The model knows only what cases need to know, so the file itself is compared.
fn changed_parts(before: &Fixtures, after: &Fixtures) -> BTreeSet<Part> {
    if before.text == after.text {
        return BTreeSet::new();
    }
    let (before, after) = (root(before), root(after));
    let mut parts = BTreeSet::new();
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys.into_iter().filter(|key| before.get(*key) != after.get(*key)) {
        let part: fn(String) -> Part = match key.as_str() {
            "workspaces" => Part::Workspace,
            "integrations" => Part::Integration,
            "workflows" => Part::Workflow,
            _ => {
                parts.insert(Part::Rest);
                continue;
            }
        };
        let nothing = Map::new();
        let old = before.get(key).and_then(Json::as_object).unwrap_or(&nothing);
        let new = after.get(key).and_then(Json::as_object).unwrap_or(&nothing);
        let differing = old
            .keys()
            .chain(new.keys())
            .filter(|name| old.get(*name) != new.get(*name));
        parts.extend(differing.map(|name| part(name.clone())));
    }
    parts
}

fn root(fixtures: &Fixtures) -> Map<String, Json> {
    let document = Document::parse(&fixtures.file, &fixtures.text);
    let json = document.ok().and_then(|it| it.root().json(&mut Problems::default()));
    match json {
        Some(Json::Object(root)) => root,
        Some(_) | None => Map::new(),
    }
}

/// Whether a case has to do with a part of the fixtures, as they are or, for what is gone, as they were.
fn uses(case: &Case, part: &Part, fixtures: [&Fixtures; 2]) -> bool {
    let used = &case.fixtures;
    let trigger_of = |workflow: &String| {
        let mut found = fixtures.iter().filter_map(|it| it.workflows.get(workflow));
        found.next().map(|it| &it.integration)
    };
    let home_of = |integration: &String| {
        let mut found = fixtures.iter().filter_map(|it| it.integrations.get(integration));
        found.next().map(|it| &it.workspace)
    };
    let triggers = || {
        used.integrations
            .iter()
            .chain(used.workflows.iter().filter_map(trigger_of))
    };
    match part {
        Part::Workspace(name) => used.workspaces.contains(name) || triggers().any(|it| home_of(it) == Some(name)),
        Part::Integration(name) => triggers().any(|it| it == name),
        Part::Workflow(name) => {
            // Who calls an integration and none of its workflows calls the plain URL, which starts them all.
            let by_plain_url = |integration: &String| {
                used.integrations.contains(integration)
                    && !used.workflows.iter().any(|it| trigger_of(it) == Some(integration))
            };
            used.workflows.contains(name) || trigger_of(name).is_some_and(by_plain_url)
        }
        Part::Rest => true,
    }
}

/// Everything that is meant, without where it is written. Patterns and paths know no equality, but print as they were written.
fn meaning(of: &impl fmt::Debug) -> String {
    const PLACE: &str = "Location {";
    let text = format!("{of:?}");
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(PLACE) {
        kept.push_str(&rest[..at]);
        let place = &rest[at..];
        rest = place.find('}').map_or("", |end| &place[end + 1..]);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests;
