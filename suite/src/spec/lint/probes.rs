//! Whether every fixture is proved by a probe, so that `doctor` passes over none.

use located_yaml::{Location, Problem, Problems};

use super::super::model::{FixtureKind, Specs};

/// Complains about fixtures nobody probes; specs without any probe are left alone.
pub(super) fn cover_the_fixtures(specs: &Specs, problems: &mut Problems) {
    if specs.probes.is_empty() {
        return;
    }
    let probed = |kind: FixtureKind, name: &str| specs.probes.iter().any(|it| it.kind == kind && it.name == name);
    let fixtures = &specs.fixtures;
    let by_a_workflow = |integration: &str| {
        let mut workflows = fixtures.workflows.values();
        workflows.any(|it| it.integration == integration)
    };
    let mut complain = |kind: FixtureKind, name: &str, at: &Location| {
        let problem = Problem::new(at.clone(), format!("no probe proves the {} `{name}`", kind.word()));
        problems.push(problem.hint("say in `probes.yaml` what `doctor` is to ask"));
    };
    for (name, it) in &fixtures.workspaces {
        if !it.clients.is_empty() && !probed(FixtureKind::Workspace, name) {
            complain(FixtureKind::Workspace, name, &it.at);
        }
    }
    for (name, it) in &fixtures.integrations {
        let demanding = it.has_headers || it.has_hmac;
        if (demanding || !by_a_workflow(name)) && !probed(FixtureKind::Integration, name) {
            complain(FixtureKind::Integration, name, &it.at);
        }
    }
    for (name, it) in &fixtures.workflows {
        if !probed(FixtureKind::Workflow, name) {
            complain(FixtureKind::Workflow, name, &it.at);
        }
    }
}
