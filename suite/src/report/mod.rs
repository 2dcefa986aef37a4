//! What a run came to, as views: terminal, JSON and JUnit.
//!
//! Renders; runs nothing and judges nothing.

mod failure;
mod json;
mod junit;
mod summary;
mod wire;

use std::collections::BTreeMap;

pub use failure::explain_failure;
pub use json::to_json;
pub use junit::to_junit;
pub(crate) use summary::style;
pub use summary::summary;

use crate::exemption::Stale;
use crate::plan::Part;
use crate::run::{CaseRun, Trouble};
use crate::spec::model::{Case, Level, Specs};
use crate::verdict::{Judgement, Repeats, Stability, Tally, Verdict};

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
    /// How the payload limit was looked for, when the profile does not name it and a case needed it.
    pub payload_search: Option<CaseRun>,
    /// The part of a whole it was, when it was one.
    pub part: Option<Part>,
    /// The cases that a budget left out.
    pub left_out: Vec<&'s Case>,
    /// How often each case was to be run.
    pub repeat: u16,
    /// Exemptions that name nothing or hold no longer.
    pub stale: Vec<Stale>,
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
    /// What each of its runs came to.
    pub repeats: Repeats,
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

    /// How many MUST cases there are, those of other shards and beyond a budget included: the denominator of both figures.
    #[must_use]
    pub fn must_cases(&self) -> usize {
        let left_out = self.left_out.iter().filter(|case| case.level == Level::Must);
        self.tally(Level::Must).total() + self.part.map_or(0, |part| part.must_elsewhere) + left_out.count()
    }

    /// The cases whose runs did not agree.
    pub fn intermittent(&self) -> impl Iterator<Item = &Finished<'_>> {
        let differs = |it: &&Finished<'_>| it.repeats.stability() == Some(Stability::Intermittent);
        self.cases.iter().filter(differs)
    }

    /// All facts by name, sorted.
    #[must_use]
    pub fn facts(&self) -> BTreeMap<&str, &str> {
        let facts = self.cases.iter().map(|it| &it.run).chain(&self.payload_search);
        let facts = facts.flat_map(|run| &run.facts);
        facts.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The cases a reader has to look at.
    pub fn troubled(&self) -> impl Iterator<Item = &Finished<'_>> {
        self.cases.iter().filter(|it| match it.judgement.verdict {
            Verdict::Failed | Verdict::Deviates | Verdict::HarnessError => true,
            Verdict::Inconclusive | Verdict::UnexpectedPass => true,
            Verdict::Passed | Verdict::Unavailable | Verdict::Exempt | Verdict::Recorded => false,
        })
    }
}
