//! What changed from one run to another: verdicts, answers, facts, figures and times.
//!
//! Pure: two pieces of evidence in, every change out. What differs between any two runs of the same deployment (ids, times,
//! ports) is no change; whether a change is bad news is said of divergences only.

mod answers;
mod markdown;
mod reference;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

pub(crate) use markdown::cell;
pub use markdown::to_markdown;
pub use text::to_text;

use crate::evidence::{Case, Evidence};
use crate::verdict::Verdict;

/// Everything that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The run before.
    pub before: Run,
    /// The run after.
    pub after: Run,
    /// Cases that diverge now and did not, or not in this way, by id.
    pub new_divergences: Vec<String>,
    /// Cases that diverge just as they did, by id.
    pub known_divergences: Vec<String>,
    /// Cases whose verdict, failure or answers changed, in the order of their ids.
    pub cases: Vec<CaseChange>,
    /// Facts that changed, by name.
    pub facts: Vec<FactChange>,
    /// Cases that take at least twice or at most half as long on a clock that runs by itself.
    pub times: Vec<TimeChange>,
}

/// What is said of each of the two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// When it began, RFC 3339.
    pub started: String,
    /// The digest of its specs.
    pub specs: String,
    /// Whether it reached its end.
    pub complete: bool,
    /// How many cases it has.
    pub cases: usize,
    /// MUST cases that passed.
    pub passed: usize,
    /// MUST cases that were judged.
    pub judged: usize,
    /// All MUST cases.
    pub must: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// One case that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseChange {
    /// Its id.
    pub id: String,
    /// What kind of news this is.
    pub news: News,
    /// What it came to before; null when it was not there.
    pub before: Option<Verdict>,
    /// What it comes to now; null when it is no longer there.
    pub after: Option<Verdict>,
    /// What differs now, in words: the first difference or the reason.
    pub why: Option<String>,
    /// How its answers changed.
    pub answers: Vec<String>,
}

/// Kinds of news about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// It diverges, and did not before, or diverged in another way.
    Diverges,
    /// It diverged and holds now.
    Fixed,
    /// It could be judged before and cannot now.
    Lost,
    /// It can be judged now and could not before.
    Gained,
    /// It was not there before.
    Added,
    /// It is no longer there.
    Removed,
    /// Its verdict is another word, or its answers are others, with none of the above.
    Changed,
}

impl News {
    /// The word used in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Diverges => "diverges",
            Self::Fixed => "fixed",
            Self::Lost => "lost",
            Self::Gained => "gained",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One fact that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactChange {
    /// Its name.
    pub name: String,
    /// Its value before; null when it was not recorded.
    pub before: Option<String>,
    /// Its value now; null when it is not recorded.
    pub after: Option<String>,
}

/// One case that takes another time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeChange {
    /// Its id.
    pub id: String,
    /// How long it took before, in seconds.
    pub before: f64,
    /// How long it takes now, in seconds.
    pub after: f64,
}

/// The least change of a case's time that is told, in seconds.
const NOTABLE: f64 = 0.5;

/// Compares two runs.
#[must_use]
pub fn compare(before: &Evidence, after: &Evidence) -> Difference {
    let ids: BTreeSet<&str> = before
        .cases
        .iter()
        .chain(&after.cases)
        .map(|case| case.id.as_str())
        .collect();
    let (mut cases, mut times) = (Vec::new(), Vec::new());
    let (mut new_divergences, mut known_divergences) = (Vec::new(), Vec::new());
    for id in ids {
        let (old, new) = (before.case(id), after.case(id));
        match new {
            Some(new) if diverges(new, after) && is_known(old, new) => known_divergences.push(id.to_owned()),
            Some(new) if diverges(new, after) => new_divergences.push(id.to_owned()),
            Some(_) | None => {}
        }
        cases.extend(change((old, new), after));
        if let (Some(old), Some(new)) = (old, new) {
            times.extend(time(old, new));
        }
    }
    let names: BTreeSet<&String> = before.facts.keys().chain(after.facts.keys()).collect();
    let facts = names.into_iter().filter(|name| {
        let same = |evidence: &Evidence| evidence.facts.get(*name).map(|value| reference::lasting(value));
        same(before) != same(after)
    });
    Difference {
        before: Run::of(before),
        after: Run::of(after),
        new_divergences,
        known_divergences,
        cases,
        facts: facts
            .map(|name| FactChange {
                name: name.clone(),
                before: before.facts.get(name).cloned(),
                after: after.facts.get(name).cloned(),
            })
            .collect(),
        times,
    }
}

impl Run {
    fn of(evidence: &Evidence) -> Self {
        Self {
            started: evidence.started.clone(),
            specs: evidence.suite.specs.clone(),
            complete: evidence.complete,
            cases: evidence.cases.len(),
            passed: evidence.conformance.passed,
            judged: evidence.coverage.judged,
            must: evidence.conformance.of,
            seconds: evidence.seconds,
        }
    }
}

/// Whether a case says that the deployment is wrong, in a way that fails its run.
fn diverges(case: &Case, evidence: &Evidence) -> bool {
    match case.verdict {
        Verdict::Failed => true,
        Verdict::Deviates => evidence.strict,
        Verdict::Passed
        | Verdict::Inconclusive
        | Verdict::Unavailable
        | Verdict::Exempt
        | Verdict::UnexpectedPass
        | Verdict::Recorded
        | Verdict::HarnessError => false,
    }
}

/// Whether a divergence is the one there was: the same failure, excused or not.
fn is_known(before: Option<&Case>, after: &Case) -> bool {
    before.is_some_and(|before| {
        let differed = matches!(before.verdict, Verdict::Failed | Verdict::Deviates | Verdict::Exempt);
        differed && before.fingerprint == after.fingerprint
    })
}

fn change((before, after): (Option<&Case>, Option<&Case>), run: &Evidence) -> Option<CaseChange> {
    let answers = match (before, after) {
        (Some(before), Some(after)) => answers::changes(before, after),
        _ => Vec::new(),
    };
    let news = match (before, after) {
        (None, None) => return None,
        (_, Some(new)) if diverges(new, run) && !is_known(before, new) => News::Diverges,
        (None, Some(_)) => News::Added,
        (Some(_), None) => News::Removed,
        (Some(old), Some(new)) => match (standing(old.verdict), standing(new.verdict)) {
            (Standing::Differs, Standing::Holds) => News::Fixed,
            (Standing::Holds | Standing::Differs, Standing::Untold) => News::Lost,
            (Standing::Untold, Standing::Holds | Standing::Differs) => News::Gained,
            _ if old.verdict != new.verdict || old.fingerprint != new.fingerprint || !answers.is_empty() => {
                News::Changed
            }
            _ => return None,
        },
    };
    Some(CaseChange {
        id: after.or(before).map(|case| case.id.clone()).unwrap_or_default(),
        news,
        before: before.map(|case| case.verdict),
        after: after.map(|case| case.verdict),
        why: after.and_then(why),
        answers,
    })
}

/// What a verdict says of the deployment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Holds,
    Differs,
    Untold,
}

const fn standing(verdict: Verdict) -> Standing {
    match verdict {
        Verdict::Passed | Verdict::UnexpectedPass | Verdict::Recorded => Standing::Holds,
        Verdict::Failed | Verdict::Deviates | Verdict::Exempt => Standing::Differs,
        Verdict::Inconclusive | Verdict::Unavailable | Verdict::HarnessError => Standing::Untold,
    }
}

/// The first difference of a case, or why it could not be told.
fn why(case: &Case) -> Option<String> {
    let mismatch = case.steps.iter().flat_map(|step| &step.mismatches).next();
    let doubt = case.steps.iter().flat_map(|step| &step.doubts).next();
    mismatch
        .map(|it| format!("{}: expected {}, found {}", it.part, it.expected, it.found))
        .or_else(|| case.reason.clone())
        .or_else(|| doubt.map(|it| it.reason.clone()))
}

fn time(before: &Case, after: &Case) -> Option<TimeChange> {
    let (old, new) = (before.seconds, after.seconds);
    let notable = (new - old).abs() >= NOTABLE && (new >= 2.0 * old || old >= 2.0 * new);
    notable.then(|| TimeChange {
        id: after.id.clone(),
        before: old,
        after: new,
    })
}

#[cfg(test)]
mod tests;
