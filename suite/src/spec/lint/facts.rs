//! Names of facts: each is what one case makes of one open question.

use std::collections::BTreeMap;

use located_yaml::{Problem, Problems};

use crate::spec::model::{Case, Specs};

/// No fact is recorded twice, by two cases or by one.
pub(super) fn names(specs: &Specs, problems: &mut Problems) {
    let mut recorded_by: BTreeMap<&str, &Case> = BTreeMap::new();
    for case in &specs.cases {
        let steps = case.steps.iter().chain(&case.finally);
        for fact in steps.flat_map(|step| &step.observe) {
            if let Some(other) = recorded_by.insert(&fact.name, case) {
                let message = format!("the fact `{}` is recorded by `{}` already", fact.name, other.id);
                problems.push(Problem::new(fact.at.clone(), message).hint("one of the two values would be lost"));
            }
        }
    }
}
