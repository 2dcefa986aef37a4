//! What the specs hold, as text: cases, requirements, and one case explained.

use std::fmt::Write as _;

use crate::spec::model::{Case, FixtureUse, Specs};

const WRITTEN: &str = "a String takes everything that is written";

/// One line per case.
pub(super) fn cases(specs: &Specs) -> String {
    let mut out = String::new();
    for case in &specs.cases {
        writeln!(out, "{:<60} {:<9} {}", case.id, case.level.word(), case.title).expect(WRITTEN);
    }
    out
}

/// Every requirement with its statement and the cases that cite it.
pub(super) fn requirements(specs: &Specs) -> String {
    let mut out = String::new();
    for requirement in &specs.requirements {
        let citing = specs
            .cases
            .iter()
            .filter(|case| case.requirements.contains(&requirement.id));
        let cases: Vec<_> = citing.map(|case| case.id.as_str()).collect();
        let covered = match (&requirement.untested, cases.len()) {
            (Some(reason), _) => format!("untested: {reason}"),
            (None, 1) => "1 case".to_owned(),
            (None, count) => format!("{count} cases"),
        };
        let (id, grade, statement) = (&requirement.id, requirement.grade, &requirement.statement);
        writeln!(out, "{id} ({grade}, {covered})\n    {statement}").expect(WRITTEN);
        for case in cases {
            writeln!(out, "    - {case}").expect(WRITTEN);
        }
    }
    out
}

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

/// What a case checks, why, and in which steps.
///
/// # Errors
/// When there is no such case, with the id that may have been meant.
pub(super) fn explanation(specs: &Specs, id: &str) -> Result<String, String> {
    let Some(case) = specs.cases.iter().find(|case| case.id == id) else {
        let near = located_yaml::did_you_mean(id, specs.cases.iter().map(|case| case.id.as_str()));
        let near = near.map_or_else(String::new, |near| format!("; {near}"));
        return Err(format!("there is no case `{id}`{near}"));
    };
    let mut out = format!("{}\n  {}\n  {}\n\n", case.id, case.title, case.at);
    for it in specs
        .requirements
        .iter()
        .filter(|it| case.requirements.contains(&it.id))
    {
        writeln!(
            out,
            "{} {} ({})\n  {}\n  source: {}, {}",
            it.grade.level(),
            it.id,
            it.grade,
            it.statement,
            it.page,
            it.place
        )
        .expect(WRITTEN);
    }
    if let Some(twin) = &case.twin {
        let (twin, differs) = (&twin.case, &twin.differs);
        writeln!(out, "\nits positive twin is {twin}; they differ in the {differs}").expect(WRITTEN);
    }
    out.push_str("\nsteps\n");
    for (index, step) in case.steps.iter().enumerate() {
        writeln!(out, "  {}. {} ({})", index + 1, crate::run::title(step), step.at).expect(WRITTEN);
    }
    Ok(out)
}
