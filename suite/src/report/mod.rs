//! What a run came to, as views of its evidence, one module for each.
//!
//! Renders; runs nothing, judges nothing, and knows of a run no more than its evidence says.

mod annotations;
mod badge;
mod failure;
mod headline;
mod html;
mod json;
mod junit;
mod markdown;
mod render;
mod sarif;
mod summary;
mod terminal;
mod told;
mod wire;

pub use annotations::to_annotations;
pub use badge::{to_badge, to_badge_json};
pub use failure::explain_failure;
pub use html::to_html;
pub use json::to_json;
pub use junit::to_junit;
pub use markdown::to_markdown;
pub use render::{Format, render};
pub use sarif::to_sarif;
pub(crate) use summary::style;
pub use summary::summary;
pub use terminal::to_terminal;

use crate::exemption::Stale;
use crate::plan::Part;
use crate::profile::ClockKind;
use crate::run::CaseRun;
use crate::spec::model::{Case, Specs};
use crate::stop::StopReason;
use crate::verdict::{Judgement, Repeats};

/// A finished run: what its evidence is made from.
#[derive(Debug)]
pub struct Outcome<'s> {
    /// The specs it ran.
    pub specs: &'s Specs,
    /// What reports call the target.
    pub target: String,
    /// Who moves its clock.
    pub clock: ClockKind,
    /// Documented limits the profile overrides; any of them takes away the conformance claim.
    pub overridden: Vec<&'static str>,
    /// When it began and ended, RFC 3339.
    pub times: (String, String),
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Those that have ended, in the order of the plan.
    pub cases: Vec<Finished<'s>>,
    /// All cases that were asked for, those that are unavailable or left out among them.
    pub planned: Vec<&'s Case>,
    /// How the payload limit was looked for, when the profile does not name it and a case needed it.
    pub payload_search: Option<CaseRun>,
    /// The part of a whole it was, when it was one.
    pub part: Option<Part>,
    /// The cases that a budget left out.
    pub left_out: Vec<&'s Case>,
    /// How often each case was to be run.
    pub repeat: u16,
    /// How many cases ran side by side.
    pub jobs: usize,
    /// The filters that chose the cases.
    pub filters: Vec<String>,
    /// Why it ended before its last case, when it did.
    pub ended_early: Option<StopReason>,
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

impl<'s> Finished<'s> {
    /// A case of which nothing was seen.
    #[must_use]
    pub fn unseen(case: &'s Case, judgement: Judgement) -> Self {
        Self {
            case,
            run: CaseRun::default(),
            judgement,
            repeats: Repeats::default(),
        }
    }
}

#[cfg(test)]
mod tests;
