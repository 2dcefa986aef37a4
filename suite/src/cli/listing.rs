//! The build guide of the fixtures, as text.

use std::fmt::Write as _;

use crate::spec::model::{Case, FixtureUse, Specs};

const WRITTEN: &str = "a String takes everything that is written";

/// How a person builds what the cases need, in the order in which it can be built.
pub(super) fn fixtures(specs: &Specs) -> String {
    let fixtures = &specs.fixtures;
    let mut out = String::new();
    let mut write = |name: &str, detail: String, build: &str, used: usize| {
        let noun = if used == 1 { "case" } else { "cases" };
        writeln!(out, "{name} ({detail}{used} {noun})\n    {build}").expect(WRITTEN);
    };
    let used = |names: fn(&FixtureUse) -> &[String], name: &String| {
        let uses = |case: &&Case| names(&case.fixtures).contains(name);
        specs.cases.iter().filter(uses).count()
    };
    for (name, it) in &fixtures.workspaces {
        let used = used(|uses| &uses.workspaces, name);
        write(&format!("workspace {name}"), String::new(), &it.build, used);
    }
    for (name, it) in &fixtures.integrations {
        let used = used(|uses| &uses.integrations, name);
        write(
            &format!("integration {name}"),
            format!("in {}, ", it.workspace),
            &it.build,
            used,
        );
    }
    for (name, it) in &fixtures.workflows {
        let used = used(|uses| &uses.workflows, name);
        let shared = it.shared_with.join(", ");
        let shared = if shared.is_empty() {
            shared
        } else {
            format!("shared with {shared}, ")
        };
        let detail = format!("started by {}, {shared}", it.integration);
        write(&format!("workflow {name}"), detail, &it.build, used);
    }
    out
}
