//! Probes: steps in the language of the cases, each list of them about one fixture.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Document, Node, Problems};

use super::Context;
use crate::spec::model::{Case, FixtureKind, Fixtures, Level, Probe};

/// The kinds of fixtures by the keys that name one.
const KINDS: [FixtureKind; 3] = [FixtureKind::Workspace, FixtureKind::Integration, FixtureKind::Workflow];

/// The probes of one file.
pub(crate) fn probes(document: &Document, fixtures: &Fixtures, problems: &mut Problems) -> Vec<Probe> {
    let Some(fields) = document.root().fields(&["probes"], problems) else {
        return Vec::new();
    };
    let nodes = fields
        .required("probes", problems)
        .and_then(|node| node.items(problems))
        .unwrap_or_default();
    let mut probes = Vec::new();
    let mut known = BTreeSet::new();
    for node in nodes {
        let mut context = Context::new(fixtures);
        let probe = context.probe(node);
        problems.extend(context.problems);
        let Some(probe) = probe else { continue };
        if known.insert((probe.kind, probe.name.clone())) {
            probes.push(probe);
        } else {
            let (kind, name) = (probe.kind.word(), &probe.name);
            let problem = node.problem(format!("the {kind} `{name}` is probed twice"));
            problems.push(problem.hint("a probe may have several steps"));
        }
    }
    probes
}

impl Context<'_> {
    fn probe(&mut self, node: Node<'_>) -> Option<Probe> {
        let fields = node.fields(&["workspace", "integration", "workflow", "steps"], &mut self.problems)?;
        let mut named = Vec::new();
        for kind in KINDS {
            if let Some(node) = fields.optional(kind.word())
                && let Some(name) = node.string(&mut self.problems)
            {
                match kind {
                    FixtureKind::Workspace => self.use_workspace(node, name),
                    FixtureKind::Integration => self.use_integration(node, name),
                    FixtureKind::Workflow => self.use_workflow(node, name),
                }
                named.push((kind, name.to_owned()));
            }
        }
        let steps = fields.required("steps", &mut self.problems);
        let steps = self.steps(steps?);
        self.refuse_leftovers();
        if named.len() != 1 {
            self.push(node.problem("name exactly one of `workspace`, `integration` and `workflow`"));
            return None;
        }
        let (kind, name) = named.remove(0);
        let case = Case {
            id: format!("probe.{}.{name}", kind.word()),
            title: format!("the {} `{name}` is what the cases need", kind.word()),
            section: "probe".to_owned(),
            suite: kind.word().to_owned(),
            about: String::new(),
            requirements: Vec::new(),
            cited_at: Vec::new(),
            // What differs is wrong, whoever says so.
            level: Level::Must,
            twin: None,
            needs: self.needs.iter().copied().collect(),
            tags: Vec::new(),
            fixtures: self.fixtures_used(),
            each: BTreeMap::new(),
            steps,
            finally: Vec::new(),
            at: node.location(),
        };
        Some(Probe { kind, name, case })
    }
}
