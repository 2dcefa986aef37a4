//! Refusals and the positive cases that give them a meaning.

use located_yaml::{Problem, Problems, did_you_mean};

use crate::spec::model::{Action, Case, Expectation, Level, Matcher, Specs, Template};

/// The statuses that refuse a request as it was made.
const REFUSALS: std::ops::RangeInclusive<u64> = 400..=499;

/// Every twin is there.
pub(super) fn exist(specs: &Specs, problems: &mut Problems) {
    for case in &specs.cases {
        let Some(twin) = &case.twin else { continue };
        if !specs.cases.iter().any(|it| it.id == twin.case) {
            let hint = did_you_mean(&twin.case, specs.cases.iter().map(|it| it.id.as_str()));
            let message = format!("there is no case `{}` to be its twin", twin.case);
            let hint = hint.unwrap_or_else(|| "`torq-conformance list` prints the cases there are".to_owned());
            problems.push(Problem::new(twin.at.clone(), message).hint(hint));
        }
    }
}

/// No twin is itself a refusal.
pub(super) fn are_positive(specs: &Specs, problems: &mut Problems) {
    for case in &specs.cases {
        let Some(twin) = &case.twin else { continue };
        let found = specs.cases.iter().find(|it| it.id == twin.case);
        if found.is_some_and(|it| it.twin.is_some() || only_refuses(it)) {
            let message = format!("the twin `{}` is itself a negative case", twin.case);
            let problem = Problem::new(twin.at.clone(), message);
            problems.push(problem.hint("a twin differs in one dimension, and succeeds"));
        }
    }
}

/// Every judged case that expects nothing but refusals names its twin.
pub(super) fn belong_to_refusals(specs: &Specs, problems: &mut Problems) {
    let judged = specs.cases.iter().filter(|case| case.level != Level::Recorded);
    for case in judged.filter(|case| case.twin.is_none() && only_refuses(case)) {
        let problem = Problem::new(
            case.at.clone(),
            "this case expects nothing but refusals, and has no twin",
        );
        problems
            .push(problem.hint("name the case that differs in one dimension and succeeds: `twin: ID`, `differs: …`"));
    }
}

/// Whether a case expects refusals, and no answer that is none.
fn only_refuses(case: &Case) -> bool {
    let polls = case.steps.iter().filter_map(|step| match &step.action {
        Action::Poll(poll) => Some(&poll.until),
        Action::Send(..) | Action::Raw(..) | Action::Burst(_) | Action::Elapse(_) | Action::Await { .. } => None,
    });
    let expected = case.steps.iter().filter_map(|step| step.expect.as_ref());
    let mut judged = expected.chain(polls).peekable();
    judged.peek().is_some() && judged.all(refuses)
}

/// A status that refuses, and nothing else: an answer whose body or headers are known shows by them who gave it.
fn refuses(expectation: &Expectation) -> bool {
    if !(expectation.headers.is_empty() && expectation.body.is_none() && expectation.json.is_empty()) {
        return false;
    }
    let status = expectation.status.as_ref().is_some_and(|it| refuses_status(&it.value));
    let any_of = &expectation.any_of;
    status || (!any_of.is_empty() && any_of.iter().all(refuses))
}

fn refuses_status(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Equals(Template::Scalar(status)) => status.as_u64().is_some_and(|it| REFUSALS.contains(&it)),
        Matcher::AnyOf(choices) => choices.iter().all(refuses_status),
        Matcher::All(all) => all.iter().any(refuses_status),
        Matcher::Equals(_)
        | Matcher::Not(_)
        | Matcher::Is(_)
        | Matcher::Pattern(_)
        | Matcher::Contains(_)
        | Matcher::Range { .. }
        | Matcher::Exact(_)
        | Matcher::Subset(_)
        | Matcher::Length(_)
        | Matcher::Each(_)
        | Matcher::Some(_) => false,
    }
}
