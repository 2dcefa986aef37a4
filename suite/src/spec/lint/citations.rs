//! Which requirements a case rests on, and where it says it stands.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Problem, Problems, did_you_mean};

use crate::spec::model::{Case, Level, Requirement, Specs};

/// Every requirement has an id of its own.
pub(super) fn requirement_ids(specs: &Specs, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for requirement in specs.requirements.iter().filter(|it| !seen.insert(&it.id)) {
        let message = format!("the requirement `{}` is given twice", requirement.id);
        problems.push(Problem::new(requirement.at.clone(), message));
    }
}

/// Every case has an id of its own that says where the case stands.
pub(super) fn case_ids(specs: &Specs, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for case in &specs.cases {
        if !seen.insert(&case.id) {
            let message = format!("the case `{}` is given twice", case.id);
            problems.push(Problem::new(case.at.clone(), message));
        }
        let place = format!("{}.{}.", case.section, case.suite);
        if !case.id.starts_with(&place) {
            let message = format!("the id `{}` does not say where it stands", case.id);
            let problem = Problem::new(case.at.clone(), message);
            problems.push(problem.hint(format!("ids here begin with `{place}`")));
        }
    }
}

/// Every requirement that a case cites is there.
pub(super) fn exist(specs: &Specs, problems: &mut Problems) {
    let known: BTreeSet<&str> = specs.requirements.iter().map(|it| it.id.as_str()).collect();
    for case in &specs.cases {
        for id in case.requirements.iter().filter(|id| !known.contains(id.as_str())) {
            let hint = did_you_mean(id, known.iter().copied());
            let problem = Problem::new(case.at.clone(), format!("there is no requirement `{id}`"));
            problems.push(problem.maybe_hint(hint));
        }
    }
}

/// Every case cites requirements that share a level, which becomes the level of the case.
pub(super) fn decide_levels(specs: &mut Specs, problems: &mut Problems) {
    let known = specs.requirements.iter().map(|it| (it.id.as_str(), it));
    let known: BTreeMap<&str, &Requirement> = known.collect();
    for case in &mut specs.cases {
        if case.requirements.is_empty() {
            problems.push(Problem::new(case.at.clone(), "this case cites no requirement"));
        }
        let cited = case.requirements.iter();
        let cited: Vec<_> = cited.filter_map(|id| known.get(id.as_str()).copied()).collect();
        problems.extend(one_level(case, &cited));
        let levels = cited.iter().map(|it| it.grade.level());
        case.level = levels.min().unwrap_or(Level::Recorded);
    }
}

fn one_level(case: &Case, cited: &[&Requirement]) -> Option<Problem> {
    let first = cited.first()?;
    let other = cited.iter().find(|it| it.grade.level() != first.grade.level())?;
    let in_words = |it: &Requirement| format!("`{}` is {} ({})", it.id, it.grade.level(), it.grade);
    let message = format!(
        "this case rests on different levels: {}, {}",
        in_words(first),
        in_words(other)
    );
    Some(Problem::new(case.at.clone(), message).hint("make a case for each level"))
}
