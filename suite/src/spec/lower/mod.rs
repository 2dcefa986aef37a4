//! From the YAML of the specs to the model, collecting every problem on the way.
//!
//! Checks form and names. Whether the specs as a whole hang together is `lint`'s business.

mod action;
mod body;
mod case;
mod credentials;
mod expectation;
mod fixture;
mod knob;
mod limit;
mod matcher;
mod name;
mod power;
mod probe;
mod repetition;
mod requirement;
mod step;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Location, Problem, Problems, did_you_mean};

pub(super) use case::cases;
pub(super) use fixture::fixtures;
pub(super) use knob::knobs;
#[cfg(test)]
pub(super) use power::Measured;
pub(super) use power::{faults, kills, survivors};
pub(super) use probe::probes;
pub(super) use requirement::requirements;

use super::model::{FixtureUse, Fixtures, Need};
use crate::expression::Scope;
use located_yaml::Node;

/// What the lowering of one case knows and finds out.
struct Context<'s> {
    fixtures: &'s Fixtures,
    /// Names that mean something at the present place; grows with every capture.
    scope: Scope,
    /// Labels of background steps nobody has awaited yet, and where they stand.
    open_calls: BTreeMap<String, Location>,
    /// Captures that may find nothing and that nobody has used yet, and where they stand.
    optional_captures: BTreeMap<String, Location>,
    workspaces: BTreeSet<String>,
    integrations: BTreeSet<String>,
    workflows: BTreeSet<String>,
    needs: BTreeSet<Need>,
    problems: Problems,
}

impl<'s> Context<'s> {
    fn new(fixtures: &'s Fixtures) -> Self {
        let mut scope = Scope::default();
        for name in [
            "limits.sync_timeout",
            "limits.payload",
            "limits.executions_per_second",
            "limits.api_requests_per_second",
            "tolerance",
            "hosts.hooks",
            "hosts.api",
            "hosts.auth",
            "random.uuid",
        ] {
            scope.add(name);
        }
        for name in fixtures.workspaces.keys() {
            scope.add(format!("workspaces.{name}.id"));
        }
        for name in fixtures.integrations.keys() {
            scope.add(format!("integrations.{name}.id"));
        }
        for name in fixtures.workflows.keys() {
            scope.add(format!("workflows.{name}.id"));
        }
        Self {
            fixtures,
            scope,
            open_calls: BTreeMap::new(),
            optional_captures: BTreeMap::new(),
            workspaces: BTreeSet::new(),
            integrations: BTreeSet::new(),
            workflows: BTreeSet::new(),
            needs: BTreeSet::new(),
            problems: Problems::default(),
        }
    }

    fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn fixtures_used(&self) -> FixtureUse {
        FixtureUse {
            workspaces: self.workspaces.iter().cloned().collect(),
            integrations: self.integrations.iter().cloned().collect(),
            workflows: self.workflows.iter().cloned().collect(),
        }
    }

    /// Notes that the case uses a workspace, refusing unknown ones.
    fn use_workspace(&mut self, node: Node<'_>, name: &str) {
        if self.fixtures.workspaces.contains_key(name) {
            self.workspaces.insert(name.to_owned());
        } else {
            self.unknown_fixture(node, "workspace", name);
        }
    }

    /// Notes that the case uses an integration (and its workspace).
    fn use_integration(&mut self, node: Node<'_>, name: &str) {
        match self.fixtures.integrations.get(name) {
            Some(_) => {
                self.integrations.insert(name.to_owned());
            }
            None => self.unknown_fixture(node, "integration", name),
        }
    }

    /// Notes that the case uses a workflow and the integration behind it.
    fn use_workflow(&mut self, node: Node<'_>, name: &str) {
        match self.fixtures.workflows.get(name) {
            Some(workflow) => {
                self.workflows.insert(name.to_owned());
                self.integrations.insert(workflow.integration.clone());
            }
            None => self.unknown_fixture(node, "workflow", name),
        }
    }

    /// Notes the fixtures that names such as `workflows.respond.id` stand for, and that a capture is of use.
    fn use_name(&mut self, name: &str) {
        self.optional_captures.remove(name);
        let mut parts = name.split('.');
        match (parts.next(), parts.next()) {
            (Some("workflows"), Some(workflow)) => {
                self.workflows.insert(workflow.to_owned());
            }
            (Some("integrations"), Some(integration)) => {
                self.integrations.insert(integration.to_owned());
            }
            (Some("workspaces"), Some(workspace)) => {
                self.workspaces.insert(workspace.to_owned());
            }
            _ => {}
        }
    }

    fn unknown_fixture(&mut self, node: Node<'_>, kind: &str, name: &str) {
        let known: Vec<&str> = match kind {
            "workspace" => self.fixtures.workspaces.keys().map(String::as_str).collect(),
            "integration" => self.fixtures.integrations.keys().map(String::as_str).collect(),
            _ => self.fixtures.workflows.keys().map(String::as_str).collect(),
        };
        let hint = did_you_mean(name, known.iter().copied())
            .unwrap_or_else(|| format!("the fixtures have the {kind}s {}", known.join(", ")));
        self.push(node.problem(format!("the fixtures have no {kind} `{name}`")).hint(hint));
    }
}
