//! What was written and is used by nothing: fixtures no case needs, requirements no case covers.

use std::collections::BTreeSet;

use located_yaml::{Location, Problem, Problems};

use crate::spec::model::{Case, FixtureUse, Specs};

/// Every fixture is used: each one is work for whoever builds it in a real workspace.
pub(super) fn fixtures(specs: &Specs, problems: &mut Problems) {
    let used = |names: fn(&FixtureUse) -> &Vec<String>| -> BTreeSet<&str> {
        let cases = specs.cases.iter();
        cases
            .flat_map(|case| names(&case.fixtures))
            .map(String::as_str)
            .collect()
    };
    let workflows = used(|it| &it.workflows);
    let integrations = used(|it| &it.integrations);
    let mut workspaces = used(|it| &it.workspaces);
    let homes = specs.fixtures.integrations.values();
    workspaces.extend(homes.map(|it| it.workspace.as_str()));
    let shared = specs.fixtures.workflows.values();
    workspaces.extend(shared.flat_map(|it| &it.shared_with).map(String::as_str));
    let mut complain = |kind: &str, name: &str, at: &Location| {
        let problem = Problem::new(at.clone(), format!("no case uses the {kind} `{name}`"));
        problems.push(problem.hint("take it away: every fixture has to be built by a person"));
    };
    for (name, it) in &specs.fixtures.workflows {
        if !workflows.contains(name.as_str()) {
            complain("workflow", name, &it.at);
        }
    }
    for (name, it) in &specs.fixtures.integrations {
        if !integrations.contains(name.as_str()) {
            complain("integration", name, &it.at);
        }
    }
    for (name, it) in &specs.fixtures.workspaces {
        if !workspaces.contains(name.as_str()) {
            complain("workspace", name, &it.at);
        }
    }
}

/// Every requirement is covered by a case, or says why none can.
pub(super) fn requirements(specs: &Specs, problems: &mut Problems) {
    let cites = |case: &Case, id: &String| case.requirements.contains(id);
    for requirement in &specs.requirements {
        let covered = specs.cases.iter().any(|case| cites(case, &requirement.id));
        match (&requirement.untested, covered) {
            (None, false) => {
                let message = format!("no case covers `{}`", requirement.id);
                let problem = Problem::new(requirement.at.clone(), message);
                problems.push(problem.hint("write one, or say why none can: `untested: REASON`"));
            }
            (Some(_), true) => {
                let message = format!("`{}` is marked untested, and a case covers it", requirement.id);
                let problem = Problem::new(requirement.at.clone(), message);
                problems.push(problem.hint("take `untested` away"));
            }
            (None, true) | (Some(_), false) => {}
        }
    }
}
