//! Whether the specs as a whole hang together: ids, citations, levels, twins and coverage.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Problem, Problems, did_you_mean};

use super::model::{Level, Requirement, Specs};

/// Decides every case's level and reports what does not hang together.
pub(super) fn lint(specs: &mut Specs, problems: &mut Problems) {
    let requirements: BTreeMap<String, Requirement> = specs
        .requirements
        .iter()
        .map(|it| (it.id.clone(), it.clone()))
        .collect();
    if requirements.len() < specs.requirements.len() {
        let mut seen = BTreeSet::new();
        for requirement in specs.requirements.iter().filter(|it| !seen.insert(it.id.clone())) {
            let message = format!("the requirement `{}` is given twice", requirement.id);
            problems.push(Problem::new(requirement.at.clone(), message));
        }
    }
    for case in &mut specs.cases {
        let mut levels = BTreeSet::new();
        for id in &case.requirements {
            match requirements.get(id) {
                Some(requirement) => {
                    levels.insert(requirement.grade.level());
                }
                None => {
                    let hint = did_you_mean(id, requirements.keys().map(String::as_str));
                    let problem = Problem::new(case.at.clone(), format!("there is no requirement `{id}`"));
                    problems.push(problem.maybe_hint(hint));
                }
            }
        }
        if levels.len() > 1 {
            let words: Vec<_> = levels.iter().map(|level| level.word()).collect();
            let message = format!("this case cites requirements of different levels: {}", words.join(", "));
            problems.push(Problem::new(case.at.clone(), message).hint("make a case for each level"));
        }
        if case.requirements.is_empty() {
            problems.push(Problem::new(case.at.clone(), "this case cites no requirement"));
        }
        case.level = levels.first().copied().unwrap_or(Level::Recorded);
        let place = format!("{}.{}.", case.section, case.suite);
        if !case.id.starts_with(&place) {
            let problem = Problem::new(
                case.at.clone(),
                format!("the id `{}` does not say where it stands", case.id),
            );
            problems.push(problem.hint(format!("ids here begin with `{place}`")));
        }
    }
    twins(specs, problems);
    coverage(specs, problems);
}

fn twins(specs: &Specs, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for case in &specs.cases {
        if !seen.insert(case.id.as_str()) {
            problems.push(Problem::new(
                case.at.clone(),
                format!("the case `{}` is given twice", case.id),
            ));
        }
    }
    for case in &specs.cases {
        let Some(twin) = &case.twin else { continue };
        match specs.cases.iter().find(|it| it.id == twin.case) {
            Some(found) if found.twin.is_some() => {
                let message = format!("the twin `{}` is itself a negative case", twin.case);
                problems.push(Problem::new(case.at.clone(), message));
            }
            Some(_) => {}
            None => {
                let hint = did_you_mean(&twin.case, specs.cases.iter().map(|it| it.id.as_str()));
                let problem = Problem::new(
                    case.at.clone(),
                    format!("there is no case `{}` to be its twin", twin.case),
                );
                problems.push(problem.maybe_hint(hint));
            }
        }
    }
}

fn coverage(specs: &Specs, problems: &mut Problems) {
    let cited: BTreeSet<&str> = specs
        .cases
        .iter()
        .flat_map(|case| &case.requirements)
        .map(String::as_str)
        .collect();
    for requirement in &specs.requirements {
        match (&requirement.untested, cited.contains(requirement.id.as_str())) {
            (None, false) => {
                let message = format!("no case covers `{}`", requirement.id);
                let problem = Problem::new(requirement.at.clone(), message);
                problems.push(problem.hint("write one, or say why none can: `untested: REASON`"));
            }
            (Some(_), true) => {
                let message = format!("`{}` is marked untested, and a case covers it", requirement.id);
                problems.push(Problem::new(requirement.at.clone(), message));
            }
            (None, true) | (Some(_), false) => {}
        }
    }
}
