//! Which requirements a case rests on, and where it says it stands.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Location, Problem, Problems, did_you_mean};

use crate::spec::model::{Case, Level, Requirement, Specs};

/// Every requirement has an id of its own.
pub(super) fn requirement_ids(specs: &Specs, problems: &mut Problems) {
    let mut seen = BTreeMap::new();
    for requirement in &specs.requirements {
        if let Some(first) = seen.insert(&requirement.id, &requirement.at) {
            let message = format!("the requirement `{}` is given twice", requirement.id);
            problems.push(Problem::new(requirement.at.clone(), message).hint(another(first)));
        }
    }
}

/// Every case has an id of its own that says where the case stands.
pub(super) fn case_ids(specs: &Specs, problems: &mut Problems) {
    let mut seen = BTreeMap::new();
    for case in &specs.cases {
        if let Some(first) = seen.insert(&case.id, &case.at) {
            let message = format!("the case `{}` is given twice", case.id);
            problems.push(Problem::new(case.at.clone(), message).hint(another(first)));
        }
        let place = format!("{}.{}.", case.section, case.suite);
        if !case.id.starts_with(&place) {
            let message = format!("the id `{}` does not say where it stands", case.id);
            let problem = Problem::new(case.at.clone(), message);
            problems.push(problem.hint(format!("ids here begin with `{place}`")));
        }
    }
}

fn another(first: &Location) -> String {
    format!("the other one is at {first}: give this one a name of its own")
}

/// Every requirement that a case cites is there.
pub(super) fn exist(specs: &Specs, problems: &mut Problems) {
    let known: BTreeSet<&str> = specs.requirements.iter().map(|it| it.id.as_str()).collect();
    for case in &specs.cases {
        for (id, at) in cited(case).filter(|(id, _)| !known.contains(id)) {
            let hint = did_you_mean(id, known.iter().copied());
            let hint =
                hint.unwrap_or_else(|| "cite a row of requirements/, or add one there with its source".to_owned());
            problems.push(Problem::new(at.clone(), format!("there is no requirement `{id}`")).hint(hint));
        }
    }
}

/// Every case cites requirements that share a level, which becomes the level of the case.
pub(super) fn decide_levels(specs: &mut Specs, problems: &mut Problems) {
    let known = specs.requirements.iter().map(|it| (it.id.as_str(), it));
    let known: BTreeMap<&str, &Requirement> = known.collect();
    for case in &mut specs.cases {
        if case.requirements.is_empty() {
            let problem = Problem::new(case.at.clone(), "this case cites no requirement");
            problems.push(problem.hint("name the rows it checks: `requirements: [SYNC-ANSWER]`"));
        }
        let cited = cited(case).filter_map(|(id, at)| Some((known.get(id).copied()?, at)));
        let cited: Vec<_> = cited.collect();
        problems.extend(one_level(&cited));
        let levels = cited.iter().map(|(it, _)| it.grade.level());
        case.level = levels.min().unwrap_or(Level::Recorded);
    }
}

/// What a case cites, and where.
fn cited(case: &Case) -> impl Iterator<Item = (&str, &Location)> {
    case.requirements.iter().map(String::as_str).zip(&case.cited_at)
}

/// Complains, at the first citation that is of another level than the one before it.
fn one_level(cited: &[(&Requirement, &Location)]) -> Option<Problem> {
    let (first, _) = cited.first()?;
    let (other, at) = cited.iter().find(|(it, _)| it.grade.level() != first.grade.level())?;
    let in_words = |it: &Requirement| format!("`{}` is {} ({})", it.id, it.grade.level(), it.grade);
    let message = format!(
        "this case rests on different levels: {}, {}",
        in_words(first),
        in_words(other)
    );
    Some(Problem::new((*at).clone(), message).hint("make a case for each level"))
}
