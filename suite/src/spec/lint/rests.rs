//! What a judged case rests on besides the requirements it cites: its twin, its fixtures, what it observes.
//!
//! Whoever reads the failure of a judged case has to find the rule; nothing on the way to it may be an open question.

use std::collections::BTreeMap;

use located_yaml::{Problem, Problems};

use crate::spec::model::{Case, Level, Specs};

/// No judged case has a twin that is attested less well: if the twin does not hold, the case is not judged either.
pub(super) fn on_twins(specs: &Specs, problems: &mut Problems) {
    let known: BTreeMap<&str, &Case> = specs.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    for case in judged(specs) {
        let Some(twin) = &case.twin else { continue };
        let Some(found) = known.get(twin.case.as_str()).filter(|it| it.level > case.level) else {
            continue;
        };
        let message = format!(
            "this {} case rests on its twin `{}`, which is {}",
            case.level, twin.case, found.level
        );
        let hint = match case.level {
            Level::Must => "name a twin whose requirements are documented",
            Level::Should | Level::Recorded => "name a twin whose requirements are published",
        };
        problems.push(Problem::new(twin.at.clone(), message).hint(hint));
    }
}

/// No judged case calls a fixture of which nobody publishes what a call does.
pub(super) fn on_fixtures(specs: &Specs, problems: &mut Problems) {
    for case in judged(specs) {
        let workflows = case.fixtures.workflows.iter().filter_map(|name| {
            let fixture = specs.fixtures.workflows.get(name)?;
            Some(("workflow", name, fixture.open?))
        });
        let integrations = case.fixtures.integrations.iter().filter_map(|name| {
            let fixture = specs.fixtures.integrations.get(name)?;
            Some(("integration", name, fixture.open?))
        });
        for (kind, name, why) in workflows.chain(integrations) {
            let message = format!(
                "this {} case rests on the {kind} `{name}`, and what it does is open: {why}",
                case.level
            );
            let problem = Problem::new(case.at.clone(), message);
            problems.push(problem.hint("use another fixture, or cite an open requirement and `observe` what happens"));
        }
    }
}

/// No judged case records facts: they are about what is open, and what a case expects is not.
pub(super) fn on_observations(specs: &Specs, problems: &mut Problems) {
    for case in judged(specs) {
        let steps = case.steps.iter().chain(&case.finally);
        for fact in steps.flat_map(|step| &step.observe) {
            let message = format!(
                "the fact `{}` is about something open, and this case is {}",
                fact.name, case.level
            );
            let problem = Problem::new(fact.at.clone(), message);
            problems.push(problem.hint("observe it in a case of its own that cites the open requirement"));
        }
    }
}

fn judged(specs: &Specs) -> impl Iterator<Item = &Case> {
    specs.cases.iter().filter(|case| case.level != Level::Recorded)
}
