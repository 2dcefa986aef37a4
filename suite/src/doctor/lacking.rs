//! What a profile does not name although the cases need it. Found before anything is sent.

use super::{Ailment, Finding, Fixture};
use crate::profile::{Missing, Profile};
use crate::spec::model::{FixtureKind, Specs};

/// Everything that is neither in the profile nor declared unavailable.
pub(super) fn findings(specs: &Specs, profile: &Profile) -> Vec<Finding> {
    let (fixtures, mut found) = (&specs.fixtures, Vec::new());
    let declared = |name: &str| {
        let named = |it: &Missing| matches!(it, Missing::Fixture(declared) if declared == name);
        profile.unavailable.iter().any(|it| named(&it.what))
    };
    let mut lacks = |kind: FixtureKind, name: &str, (what, key): (String, String)| {
        let fixture = Fixture {
            kind,
            name: name.to_owned(),
        };
        found.push(Finding {
            ailment: Ailment::Missing,
            build: fixture.build(fixtures),
            fixture,
            what,
            seen: Vec::new(),
            advice: format!(
                "add `{key}` to the profile, or declare `{{ fixture: {name}, reason: … }}` under `unavailable`"
            ),
        });
    };
    let whole = |kind: &str, name: &str| ("the profile does not name it".to_owned(), format!("{kind}.{name}"));
    for (name, fixture) in fixtures.workspaces.iter().filter(|(name, _)| !declared(name)) {
        let Some(known) = profile.workspaces.get(name) else {
            lacks(FixtureKind::Workspace, name, whole("workspaces", name));
            continue;
        };
        for client in &fixture.clients {
            if !known.clients.iter().any(|(it, _)| it == client) {
                let what = format!("the profile has no client `{client}` of it");
                lacks(
                    FixtureKind::Workspace,
                    name,
                    (what, format!("workspaces.{name}.clients.{client}")),
                );
            }
        }
    }
    for (name, fixture) in fixtures.integrations.iter().filter(|(name, _)| !declared(name)) {
        let Some(known) = profile.integrations.get(name) else {
            lacks(FixtureKind::Integration, name, whole("integrations", name));
            continue;
        };
        if fixture.has_headers && known.headers.is_empty() {
            let what = "the profile names no authentication header of it".to_owned();
            lacks(
                FixtureKind::Integration,
                name,
                (what, format!("integrations.{name}.headers")),
            );
        }
        if fixture.has_hmac && known.hmac.is_none() {
            let what = "the profile does not say how it wants requests signed".to_owned();
            lacks(
                FixtureKind::Integration,
                name,
                (what, format!("integrations.{name}.hmac")),
            );
        }
    }
    for (name, fixture) in fixtures.workflows.iter() {
        if declared(name) || declared(&fixture.integration) {
            continue;
        }
        let Some(known) = profile.workflows.get(name) else {
            lacks(FixtureKind::Workflow, name, whole("workflows", name));
            continue;
        };
        if known.integration != fixture.integration {
            let (here, wanted) = (&known.integration, &fixture.integration);
            let what = format!("the profile says that `{here}` triggers it; the cases need it behind `{wanted}`");
            lacks(
                FixtureKind::Workflow,
                name,
                (what, format!("workflows.{name}.integration")),
            );
        }
        for workspace in fixture.shared_with.iter().filter(|it| !declared(it)) {
            if !known.shared_into.contains_key(workspace) {
                let what = format!("the profile does not say which id it has in the workspace `{workspace}`");
                lacks(
                    FixtureKind::Workflow,
                    name,
                    (what, format!("workflows.{name}.in.{workspace}")),
                );
            }
        }
    }
    found
}
