//! The fixtures file, as far as cases and the build guide need it.
//!
//! Its format is the mock's configuration; everything that is not named here is the mock's to check.

use std::collections::BTreeMap;

use located_yaml::{Document, Key, Node, Problems, did_you_mean, parse_duration};

use crate::spec::model::{FixtureWait, Fixtures, IntegrationFixture, Publication, WorkflowFixture, WorkspaceFixture};

/// The fixtures of one file.
pub(crate) fn fixtures(document: &Document, problems: &mut Problems) -> Fixtures {
    let mut fixtures = Fixtures {
        text: document.text().to_owned(),
        file: document.file().to_owned(),
        ..Fixtures::default()
    };
    for (key, node) in document.root().entries(problems).unwrap_or_default() {
        match key.text {
            "workspaces" => fixtures.workspaces = named(node, problems, workspace),
            "integrations" => fixtures.integrations = named(node, problems, integration),
            "workflows" => fixtures.workflows = named(node, problems, workflow),
            _ => {}
        }
    }
    references(&fixtures, problems);
    fixtures
}

fn named<T>(
    node: Node<'_>,
    problems: &mut Problems,
    read: impl Fn(&Key<'_>, Node<'_>, &mut Problems) -> Option<T>,
) -> BTreeMap<String, T> {
    if node.is_null() {
        // The mock takes an empty section for one without entries, too.
        return BTreeMap::new();
    }
    let entries = node.entries(problems).unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|(name, node)| Some((name.text.to_owned(), read(&name, node, problems)?)))
        .collect()
}

fn workspace(name: &Key<'_>, node: Node<'_>, problems: &mut Problems) -> Option<WorkspaceFixture> {
    let clients = match field(node, "clients").filter(|node| !node.is_null()) {
        Some(node) => node
            .entries(problems)?
            .into_iter()
            .map(|(name, _)| name.text.to_owned())
            .collect(),
        None => Vec::new(),
    };
    Some(WorkspaceFixture {
        build: build(node, problems)?,
        clients,
        at: name.location.clone(),
    })
}

fn integration(name: &Key<'_>, node: Node<'_>, problems: &mut Problems) -> Option<IntegrationFixture> {
    let headers = field(node, "headers");
    let hmac = field(node, "hmac").filter(|node| !node.is_null());
    let several = headers.and_then(|node| node.value().as_sequence().map(|items| items.len() > 1));
    let open = match (several, hmac.and_then(|node| field(node, "timestamp_header"))) {
        (Some(true), _) => Some("it demands several headers"),
        (_, Some(header)) if !header.is_null() => Some("it has the time of signing signed"),
        _ => None,
    };
    Some(IntegrationFixture {
        build: build(node, problems)?,
        workspace: text(node, "workspace", problems)?,
        has_headers: headers.is_some(),
        has_hmac: hmac.is_some(),
        open,
        at: name.location.clone(),
    })
}

fn workflow(name: &Key<'_>, node: Node<'_>, problems: &mut Problems) -> Option<WorkflowFixture> {
    let shared_with = match field(node, "shared_with") {
        Some(node) => {
            let items = node.items(problems)?;
            items
                .into_iter()
                .filter_map(|node| Some(node.string(problems)?.to_owned()))
                .collect()
        }
        None => Vec::new(),
    };
    let switched_off = field(node, "enabled").is_some_and(|node| node.value().as_bool() == Some(false));
    let has = |name: &str| field(node, name).is_some();
    Some(WorkflowFixture {
        build: build(node, problems)?,
        integration: text(node, "integration", problems)?,
        shared_with,
        publication: match (switched_off, has("published"), has("previous")) {
            (true, _, _) => Publication::SwitchedOff,
            (false, false, _) => Publication::Never,
            (false, true, true) => Publication::Revised,
            (false, true, false) => Publication::Published,
        },
        waits: field(node, "published").map(waits).unwrap_or_default(),
        open: switched_off.then_some("its triggers are switched off"),
        at: name.location.clone(),
    })
}

/// The Wait operators among the steps; whether they are right is the mock's to check.
fn waits(steps: Node<'_>) -> Vec<FixtureWait> {
    let steps = steps.items(&mut Problems::default()).unwrap_or_default();
    let texts = steps
        .into_iter()
        .filter_map(|step| field(step, "wait")?.value().as_str().map(str::to_owned));
    let waits = texts.filter_map(|text| {
        let of_event = text
            .strip_prefix("{{ $.event.")
            .and_then(|rest| rest.strip_suffix(" }}"));
        match of_event {
            Some(key) => Some(FixtureWait::AsTheEventSays(key.to_owned())),
            None => parse_duration(&text).ok().map(FixtureWait::For),
        }
    });
    waits.collect()
}

fn build(node: Node<'_>, problems: &mut Problems) -> Option<String> {
    match field(node, "build") {
        Some(text) => Some(text.string(problems)?.trim().to_owned()),
        None => {
            let problem = node.problem("the key `build` is missing");
            problems.push(problem.hint("say in a sentence how a person makes this in a real workspace"));
            None
        }
    }
}

fn text(node: Node<'_>, key: &str, problems: &mut Problems) -> Option<String> {
    match field(node, key) {
        Some(node) => Some(node.string(problems)?.to_owned()),
        None => {
            problems.push(node.problem(format!("the key `{key}` is missing")));
            None
        }
    }
}

/// One field of a mapping whose other fields are not ours to check.
fn field<'a>(node: Node<'a>, key: &str) -> Option<Node<'a>> {
    let entries = node.entries(&mut Problems::default())?;
    entries
        .into_iter()
        .find(|(name, _)| name.text == key)
        .map(|(_, node)| node)
}

fn references(fixtures: &Fixtures, problems: &mut Problems) {
    let complain = |owner: &located_yaml::Location, kind: &str, name: &str, known: Vec<&str>| {
        let problem = located_yaml::Problem::new(owner.clone(), format!("there is no {kind} `{name}`"));
        problem.maybe_hint(did_you_mean(name, known.iter().copied()))
    };
    for integration in fixtures.integrations.values() {
        if !fixtures.workspaces.contains_key(&integration.workspace) {
            let known = fixtures.workspaces.keys().map(String::as_str).collect();
            problems.push(complain(&integration.at, "workspace", &integration.workspace, known));
        }
    }
    for workflow in fixtures.workflows.values() {
        if !fixtures.integrations.contains_key(&workflow.integration) {
            let known = fixtures.integrations.keys().map(String::as_str).collect();
            problems.push(complain(&workflow.at, "integration", &workflow.integration, known));
        }
        for workspace in workflow
            .shared_with
            .iter()
            .filter(|name| !fixtures.workspaces.contains_key(*name))
        {
            let known = fixtures.workspaces.keys().map(String::as_str).collect();
            problems.push(complain(&workflow.at, "workspace", workspace, known));
        }
    }
}
