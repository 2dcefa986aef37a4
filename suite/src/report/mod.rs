//! What a run came to, as views: terminal, JSON and JUnit.
//!
//! Renders; runs nothing and judges nothing.

mod failure;
mod json;
mod junit;
mod summary;

use std::collections::BTreeMap;

pub use failure::explain_failure;
pub use json::to_json;
pub use junit::to_junit;
pub(crate) use summary::style;
pub use summary::summary;

use crate::run::{CaseRun, Trouble};
use crate::spec::model::{Case, Level, Specs};
use crate::verdict::{Judgement, Tally, Verdict};

/// A finished run: everything the views show.
#[derive(Debug)]
pub struct Outcome<'s> {
    /// The specs it ran.
    pub specs: &'s Specs,
    /// What reports call the target.
    pub target: String,
    /// `manual` or `system`.
    pub clock: &'static str,
    /// Documented limits the profile overrides; any of them takes away the conformance claim.
    pub overridden: Vec<&'static str>,
    /// When it began and ended, RFC 3339.
    pub times: (String, String),
    /// How long it took, in seconds.
    pub seconds: f64,
    /// In the order of the plan.
    pub cases: Vec<Finished<'s>>,
}

/// One case with what was seen and what it came to.
#[derive(Debug)]
pub struct Finished<'s> {
    /// The case.
    pub case: &'s Case,
    /// What was seen.
    pub run: CaseRun,
    /// What it came to.
    pub judgement: Judgement,
}

impl Finished<'_> {
    /// Whether the run ended before the case did.
    #[must_use]
    pub const fn was_not_run(&self) -> bool {
        matches!(self.run.trouble, Some(Trouble::NotRun(_)))
    }
}

impl Outcome<'_> {
    /// Counts the cases of a level.
    #[must_use]
    pub fn tally(&self, level: Level) -> Tally {
        let mut tally = Tally::default();
        for finished in self.cases.iter().filter(|it| it.case.level == level) {
            tally.add(finished.judgement.verdict);
        }
        tally
    }

    /// All facts by name, sorted.
    #[must_use]
    pub fn facts(&self) -> BTreeMap<&str, &str> {
        let facts = self.cases.iter().flat_map(|it| &it.run.facts);
        facts.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The cases a reader has to look at.
    pub fn troubled(&self) -> impl Iterator<Item = &Finished<'_>> {
        self.cases.iter().filter(|it| match it.judgement.verdict {
            Verdict::Failed | Verdict::Deviates | Verdict::HarnessError => true,
            Verdict::Inconclusive => true,
            Verdict::Passed | Verdict::Unavailable | Verdict::Recorded => false,
        })
    }
}
