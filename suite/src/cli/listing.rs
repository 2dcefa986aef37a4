//! The build guide of the fixtures, as Markdown: what a person does in a real workspace, in an order in which it can be done.
//!
//! Every sentence about a fixture is the fixtures' own; what they are configured as is shown beside it, as it is written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::spec::model::{Case, FixtureUse, IntegrationFixture, Publication, Specs, WorkflowFixture, WorkspaceFixture};

const WRITTEN: &str = "a String takes everything that is written";

const INTRODUCTION: &str = "\
# Building the fixtures

Everything the cases call, in an order in which it can be built: workspaces, the integrations in them, the workflows behind those.
Tick a box when its section is done and note the id; a profile (`specs/profiles/`) takes the ids under the names used here, and
secrets by way of the environment.

- The block under a workflow is what the reference mock runs for it. `{{ $.event.key }}` is the value of that key of the event.
- A workflow says behind which integration it belongs. Put no other there: a plain Webhook URL starts all of them.
- What cannot be built is declared under `unavailable` in the profile, with the reason; its cases then lower the coverage and fail nothing.

When it is done, `torq-conformance doctor --profile FILE` tells what is missing or different.
";

/// How a person builds what the cases need, one section per fixture.
pub(super) fn fixtures(specs: &Specs) -> String {
    let fixtures = &specs.fixtures;
    let guide = Guide { specs };
    let mut out = INTRODUCTION.to_owned();
    contents(&mut out, specs);
    out.push_str("\n## Workspaces\n");
    for (name, it) in &fixtures.workspaces {
        guide.workspace(&mut out, (name, it));
    }
    out.push_str("\n## Integrations\n");
    for (name, it) in &fixtures.integrations {
        guide.integration(&mut out, (name, it));
    }
    out.push_str("\n## Workflows\n");
    for (name, it) in behind(&fixtures.workflows) {
        guide.workflow(&mut out, (name, it));
    }
    out
}

/// One line per kind, for whoever wants to know how much it is.
fn contents(out: &mut String, specs: &Specs) {
    let fixtures = &specs.fixtures;
    writeln!(
        out,
        "\n{} workspaces, {} integrations, {} workflows, for {} cases.",
        fixtures.workspaces.len(),
        fixtures.integrations.len(),
        fixtures.workflows.len(),
        specs.cases.len()
    )
    .expect(WRITTEN);
}

/// The workflows by integration, so that a person finishes with one before beginning the next.
fn behind(workflows: &BTreeMap<String, WorkflowFixture>) -> Vec<(&String, &WorkflowFixture)> {
    let mut sorted: Vec<_> = workflows.iter().collect();
    sorted.sort_by_key(|(name, it)| (&it.integration, *name));
    sorted
}

struct Guide<'s> {
    specs: &'s Specs,
}

impl Guide<'_> {
    fn workspace(&self, out: &mut String, (name, it): (&String, &WorkspaceFixture)) {
        let clients: Vec<_> = it.clients.iter().map(|client| format!("`{client}`")).collect();
        self.head(out, ("workspace", name), |uses| &uses.workspaces);
        writeln!(out, "- API keys: {}\n\n{}", clients.join(", "), it.build.trim()).expect(WRITTEN);
    }

    fn integration(&self, out: &mut String, (name, it): (&String, &IntegrationFixture)) {
        let asks = match (it.has_headers, it.has_hmac) {
            (false, false) => "nothing",
            (true, false) => "a header secret",
            (false, true) => "a signature",
            (true, true) => "a header secret and a signature",
        };
        self.head(out, ("integration", name), |uses| &uses.integrations);
        writeln!(out, "- workspace: `{}`\n- asks its callers for: {asks}", it.workspace).expect(WRITTEN);
        writeln!(out, "\n{}", it.build.trim()).expect(WRITTEN);
    }

    fn workflow(&self, out: &mut String, (name, it): (&String, &WorkflowFixture)) {
        let publish = match it.publication {
            Publication::Published => "publish it",
            Publication::Revised => "publish it twice and leave a draft, as described",
            Publication::SwitchedOff => "publish it, then switch it off",
            Publication::Never => "**never** publish it",
        };
        self.head(out, ("workflow", name), |uses| &uses.workflows);
        writeln!(
            out,
            "- trigger: the integration `{}`\n- publication: {publish}",
            it.integration
        )
        .expect(WRITTEN);
        if !it.shared_with.is_empty() {
            writeln!(out, "- share it with: `{}`", it.shared_with.join("`, `")).expect(WRITTEN);
        }
        writeln!(out, "\n{}\n\n```yaml\n{}```", it.build.trim(), self.configured(it)).expect(WRITTEN);
    }

    fn head(&self, out: &mut String, (kind, name): (&str, &String), names: fn(&FixtureUse) -> &[String]) {
        let uses = |case: &&Case| names(&case.fixtures).contains(name);
        let used = self.specs.cases.iter().filter(uses).count();
        let noun = if used == 1 { "case" } else { "cases" };
        writeln!(out, "\n### {kind} `{name}`\n\n- [ ] built (needed by {used} {noun})").expect(WRITTEN);
    }

    /// A workflow as the mock has it, without the sentence that is told already and without the workflows that follow.
    fn configured(&self, it: &WorkflowFixture) -> String {
        let excerpt = self.specs.excerpt(&it.at);
        let mut lines = excerpt.lines();
        let mut out = format!("{}\n", lines.next().unwrap_or_default());
        let mut told = false;
        for line in lines.take_while(|line| line.is_empty() || line.starts_with(' ')) {
            let key = line.trim_start();
            if line.len() - key.len() == 2 {
                told = key.starts_with("build:");
            }
            if !told && !key.is_empty() && !key.starts_with('#') {
                out.push_str(line);
                out.push('\n');
            }
        }
        out
    }
}
