//! Whether the parts of evidence agree with each other.
//!
//! Pure: evidence in, a sentence for every contradiction out, each with the place it is about.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evidence::{Case, Evidence};
use crate::verdict::Verdict;

/// What no evidence may say, complete or not.
pub(super) fn contradictions(evidence: &Evidence) -> Vec<String> {
    let mut found = Vec::new();
    let cases = evidence.cases.iter().map(|case| case.id.as_str());
    found.extend(twice("cases", cases));
    let requirements = evidence.requirements.iter().map(|it| it.id.as_str());
    found.extend(twice("requirements", requirements));
    for (index, case) in evidence.cases.iter().enumerate() {
        let place = format!("cases[{index}] ({})", case.id);
        for id in case.requirements.iter().filter(|id| evidence.requirement(id).is_none()) {
            found.push(format!(
                "{place}: it cites the requirement {id}, which is not among the requirements"
            ));
        }
        found.extend(against_findings(case).map(|why| format!("{place}: {why}")));
    }
    for (index, requirement) in evidence.requirements.iter().enumerate() {
        let place = format!("requirements[{index}] ({})", requirement.id);
        for citation in &requirement.cases {
            match evidence.case(&citation.case) {
                None => found.push(format!(
                    "{place}: it is cited by the case {}, which is not among the cases",
                    citation.case
                )),
                Some(case) if case.verdict != citation.verdict => found.push(format!(
                    "{place}: it says that {} is {}, and the case itself says {}",
                    case.id, citation.verdict, case.verdict
                )),
                Some(_) => {}
            }
        }
    }
    if let Some(shard) = &evidence.shard
        && !(1..=shard.of).contains(&shard.number)
    {
        found.push(format!("shard: there is no shard {} of {}", shard.number, shard.of));
    }
    found
}

/// What is told of all cases and does not follow from them; and what a run that reached its end has to have.
pub(super) fn false_conclusions(evidence: &Evidence) -> Vec<String> {
    let mut derived = evidence.clone();
    derived.derive();
    let mut found = Vec::new();
    compare(&mut found, "tally", (&evidence.tally, &derived.tally));
    compare(&mut found, "conformance", (&evidence.conformance, &derived.conformance));
    compare(&mut found, "coverage", (&evidence.coverage, &derived.coverage));
    compare(
        &mut found,
        "intermittent",
        (&evidence.intermittent, &derived.intermittent),
    );
    compare(&mut found, "facts", (&evidence.facts, &derived.facts));
    compare(&mut found, "exit_code", (&evidence.exit_code, &derived.exit_code));
    for (index, (told, derived)) in evidence.requirements.iter().zip(&derived.requirements).enumerate() {
        let place = format!("requirements[{index}] ({}).cases", told.id);
        compare(&mut found, &place, (&told.cases, &derived.cases));
    }
    let (here, left_out) = (evidence.cases.len(), evidence.left_out.len());
    if evidence.planned.cases != here + left_out {
        let planned = evidence.planned.cases;
        found.push(format!(
            "planned.cases: {planned} were planned, and there are {here} cases and {left_out} left out"
        ));
    }
    if evidence.finished.is_none() {
        found.push("finished: the run is complete, and the time it ended is missing".to_owned());
    }
    found
}

fn compare<T: PartialEq + Serialize>(found: &mut Vec<String>, place: &str, (told, derived): (&T, &T)) {
    if told != derived {
        let text = |it: &T| serde_json::to_string(it).unwrap_or_default();
        let (told, derived) = (text(told), text(derived));
        found.push(format!(
            "{place}: the file says {told}, and its cases come to {derived}"
        ));
    }
}

fn twice<'e>(list: &str, ids: impl Iterator<Item = &'e str>) -> Vec<String> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, id) in ids.enumerate() {
        if let Some(first) = first.get(id) {
            found.push(format!(
                "{list}[{index}]: {id} is there twice, first as {list}[{first}]"
            ));
        } else {
            first.insert(id, index);
        }
    }
    found
}

/// Why a verdict cannot be right, given what was found.
fn against_findings(case: &Case) -> Option<String> {
    let differs = case.steps.iter().any(|step| !step.mismatches.is_empty());
    let doubts = case.steps.iter().any(|step| !step.doubts.is_empty());
    let (word, ended) = (case.verdict, case.trouble.is_some());
    match case.verdict {
        Verdict::Passed | Verdict::UnexpectedPass | Verdict::Recorded if differs => {
            Some(format!("it is {word}, and one of its steps differs"))
        }
        Verdict::Passed | Verdict::UnexpectedPass | Verdict::Recorded if doubts || ended => {
            Some(format!("it is {word}, and something of it could not be told"))
        }
        Verdict::Failed | Verdict::Deviates | Verdict::Exempt if !differs && !ended => {
            Some(format!("it is {word}, and nothing of it differs"))
        }
        Verdict::Passed
        | Verdict::UnexpectedPass
        | Verdict::Recorded
        | Verdict::Failed
        | Verdict::Deviates
        | Verdict::Exempt
        | Verdict::Inconclusive
        | Verdict::Unavailable
        | Verdict::HarnessError => None,
    }
}
