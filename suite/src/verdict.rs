//! What a case comes to, and what a run comes to.
//!
//! Pure: from what was seen and found to one word each, and to two figures whose denominators nothing can shrink.

mod repeats;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use repeats::{Repeats, Stability};

use crate::run::{CaseRun, Trouble};
use crate::spec::model::{Case, Level};

/// What a case comes to: a difference, a doubt and a mistake of the suite are never confused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Verdict {
    /// Everything held.
    Passed,
    /// A MUST that differs.
    Failed,
    /// A SHOULD that differs.
    Deviates,
    /// The run could not tell.
    Inconclusive,
    /// Declared missing in the profile.
    Unavailable,
    /// It differs just as an exemption says.
    Exempt,
    /// Everything held, though an exemption says that it does not.
    UnexpectedPass,
    /// Open behaviour, recorded as facts.
    Recorded,
    /// The suite's own mistake.
    HarnessError,
}

impl Verdict {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Passed,
        Self::Failed,
        Self::Deviates,
        Self::Inconclusive,
        Self::Unavailable,
        Self::Exempt,
        Self::UnexpectedPass,
        Self::Recorded,
        Self::HarnessError,
    ];

    /// The word used everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Deviates => "deviates",
            Self::Inconclusive => "inconclusive",
            Self::Unavailable => "unavailable",
            Self::Exempt => "exempt",
            Self::UnexpectedPass => "unexpected-pass",
            Self::Recorded => "recorded",
            Self::HarnessError => "harness-error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A verdict and why, where the findings do not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The word.
    pub verdict: Verdict,
    /// A reason besides the findings: what is missing, which twin did not pass.
    pub reason: Option<String>,
}

/// What one case comes to, its twin not yet considered.
#[must_use]
pub fn judge(case: &Case, run: &CaseRun) -> Judgement {
    let differs = |level: Level| match level {
        Level::Must => Verdict::Failed,
        Level::Should => Verdict::Deviates,
        // What sets the scene of a recorded case is no requirement: without it nothing can be told.
        Level::Recorded => Verdict::Inconclusive,
    };
    let (verdict, reason) = match &run.trouble {
        Some(Trouble::Harness(reason)) => (Verdict::HarnessError, Some(reason.clone())),
        _ if run.steps.iter().any(|step| !step.findings.mismatches.is_empty()) => (differs(case.level), None),
        Some(missing @ Trouble::Missing(_)) => (differs(case.level), Some(missing.to_string())),
        Some(not_run @ Trouble::NotRun(_)) => (Verdict::Inconclusive, Some(not_run.to_string())),
        Some(unknown @ Trouble::PayloadLimitUnknown) => (Verdict::Inconclusive, Some(unknown.to_string())),
        Some(no_token @ Trouble::NoToken(_)) => (Verdict::Inconclusive, Some(no_token.to_string())),
        Some(Trouble::CouldNotTell(reason)) => (Verdict::Inconclusive, Some(reason.clone())),
        None if run.steps.iter().any(|step| !step.findings.doubts.is_empty()) => (Verdict::Inconclusive, None),
        None if case.level == Level::Recorded => (Verdict::Recorded, None),
        None => (Verdict::Passed, None),
    };
    Judgement { verdict, reason }
}

/// Takes back every negative verdict whose positive twin did not succeed in the same run.
pub fn consider_twins<'c>(cases: impl Iterator<Item = &'c Case>, judgements: &mut BTreeMap<String, Judgement>) {
    let mut taken_back = Vec::new();
    for case in cases {
        let Some(twin) = &case.twin else { continue };
        let passed = judgements.get(&case.id).is_some_and(|it| it.verdict == Verdict::Passed);
        let of_twin = judgements.get(&twin.case).map(|it| it.verdict);
        if passed && !matches!(of_twin, Some(Verdict::Passed | Verdict::Recorded)) {
            let came_to = of_twin.map_or("did not run", Verdict::word);
            let reason = format!(
                "its positive twin {} ({came_to}) differs only in the {}; without it a refusal proves nothing",
                twin.case, twin.differs
            );
            taken_back.push((case.id.clone(), reason));
        }
    }
    for (id, reason) in taken_back {
        judgements.insert(
            id,
            Judgement {
                verdict: Verdict::Inconclusive,
                reason: Some(reason),
            },
        );
    }
}

/// How many cases came to what; written with every verdict, read with those that are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Verdict, usize>", into = "BTreeMap<Verdict, usize>")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tally(BTreeMap<Verdict, usize>);

impl From<BTreeMap<Verdict, usize>> for Tally {
    fn from(mut counts: BTreeMap<Verdict, usize>) -> Self {
        counts.retain(|_, count| *count > 0);
        Self(counts)
    }
}

impl From<Tally> for BTreeMap<Verdict, usize> {
    fn from(tally: Tally) -> Self {
        Verdict::ALL
            .into_iter()
            .map(|verdict| (verdict, tally.count(verdict)))
            .collect()
    }
}

impl Tally {
    /// Counts one.
    pub fn add(&mut self, verdict: Verdict) {
        *self.0.entry(verdict).or_default() += 1;
    }

    /// How many came to `verdict`.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.0.get(&verdict).copied().unwrap_or_default()
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// Such as `2 passed, 1 failed`, in the order of reports.
    #[must_use]
    pub fn counts(&self) -> String {
        let counts = Verdict::ALL.iter().map(|verdict| (self.count(*verdict), verdict));
        let counts: Vec<_> = counts
            .filter(|(count, _)| *count > 0)
            .map(|(count, verdict)| format!("{count} {verdict}"))
            .collect();
        counts.join(", ")
    }

    /// How many held, expected or not: an exemption changes neither figure.
    #[must_use]
    pub fn held(&self) -> usize {
        self.count(Verdict::Passed) + self.count(Verdict::UnexpectedPass)
    }

    /// How many were judged: everything but could-not-tell, declared-missing and our own mistakes.
    #[must_use]
    pub fn judged(&self) -> usize {
        let differ = [Verdict::Failed, Verdict::Deviates, Verdict::Exempt];
        self.held() + differ.into_iter().map(|verdict| self.count(verdict)).sum::<usize>()
    }
}

/// Whether a SHOULD that differs fails the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// It is shown.
    #[default]
    Lenient,
    /// It fails the run (`--strict`).
    Strict,
}

/// The exit codes of `torq-conformance`.
pub mod exit {
    /// The deployment conforms.
    pub const CONFORMS: u8 = 0;
    /// The deployment diverges.
    pub const DIVERGES: u8 = 1;
    /// The command line, a profile or the specs are wrong; nothing was sent.
    pub const USAGE: u8 = 2;
    /// The deployment could not be reached; nothing was judged.
    pub const ENVIRONMENT: u8 = 3;
    /// Nothing failed, but a MUST could not be judged.
    pub const INCONCLUSIVE: u8 = 4;
    /// A fault of the suite itself.
    pub const HARNESS: u8 = 5;
    /// An exemption is stale: it names nothing, has expired, or the case passes.
    pub const STALE: u8 = 6;
}

/// The exit code of a run that reached its end: 5 before 1 before 6 before 4 before 0.
#[must_use]
pub fn exit_code(verdicts: impl Iterator<Item = (Level, Verdict)>, strictness: Strictness) -> u8 {
    let code = |(level, verdict): (Level, Verdict)| match verdict {
        Verdict::HarnessError => exit::HARNESS,
        Verdict::Failed => exit::DIVERGES,
        Verdict::Deviates if strictness == Strictness::Strict => exit::DIVERGES,
        Verdict::UnexpectedPass => exit::STALE,
        Verdict::Inconclusive if level == Level::Must => exit::INCONCLUSIVE,
        Verdict::Passed
        | Verdict::Deviates
        | Verdict::Inconclusive
        | Verdict::Unavailable
        | Verdict::Exempt
        | Verdict::Recorded => exit::CONFORMS,
    };
    verdicts.map(code).fold(exit::CONFORMS, graver)
}

/// Which of two exit codes of a run is told.
#[must_use]
pub fn graver(one: u8, other: u8) -> u8 {
    let rank = |code: u8| match code {
        exit::HARNESS => 4,
        exit::DIVERGES => 3,
        exit::STALE => 2,
        exit::INCONCLUSIVE => 1,
        _ => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

#[cfg(test)]
mod tests;
