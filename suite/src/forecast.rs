//! What a run would cost, found out by rehearsing every case of it; nothing is sent to the target.
//!
//! Rehearses and adds up; which cases a budget chooses is `plan`'s business, and showing it the command line's.

use futures_util::stream::{self, StreamExt as _};

use crate::plan::{Budget, Estimate, Plan, Range, Schedule};
use crate::profile::Profile;
use crate::run::{self, Client, Setting, Trouble};
use crate::spec::model::Case;

/// How many cases are rehearsed side by side.
const AT_ONCE: usize = 16;

/// What the cases of a plan cost.
#[derive(Debug)]
pub struct Forecast<'s> {
    /// Each case with what all its runs cost, in the order of the plan.
    pub cases: Vec<(&'s Case, Estimate)>,
    /// The search for a payload limit that a case needs and the profile does not name.
    pub payload_search: Option<Range>,
}

impl<'s> Forecast<'s> {
    /// Of every case that a plan has run.
    pub async fn of(plan: &Plan<'s>, setting: Setting<'_>, client: &Client) -> Self {
        let repeat = u64::from(plan.repeat.max(1));
        let estimates = stream::iter(plan.cases.clone()).map(|case| async move {
            let (estimate, search) = of_case(case, setting, client).await;
            (case, estimate.times(repeat), search)
        });
        let estimates: Vec<_> = estimates.buffered(AT_ONCE).collect().await;
        let searched = estimates.iter().any(|(_, _, search)| *search == Search::Needed);
        Self {
            cases: estimates
                .into_iter()
                .map(|(case, estimate, _)| (case, estimate))
                .collect(),
            payload_search: searched.then(|| run::payload_search_requests(setting.profile)),
        }
    }

    /// Leaves out of a plan, and of this, what a budget does not reach.
    pub fn keep_within(&mut self, budget: Budget, (plan, schedule): (&mut Plan<'s>, &Schedule)) {
        budget.choose(plan, &self.cases, schedule);
        let kept = |case: &Case| plan.cases.iter().any(|it| it.id == case.id);
        self.cases.retain(|(case, _)| kept(case));
    }

    /// All cases together.
    #[must_use]
    pub fn total(&self) -> Estimate {
        let mut total = Estimate::default();
        for (_, estimate) in &self.cases {
            total.add(estimate);
        }
        total
    }
}

/// Whether a case needs a limit that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    Needed,
    NotNeeded,
}

async fn of_case(case: &Case, setting: Setting<'_>, client: &Client) -> (Estimate, Search) {
    let rehearsed = run::rehearse(case, setting, client).await;
    let unknown = |step: &run::Rehearsed<'_>| matches!(step.requests, Err(Trouble::PayloadLimitUnknown));
    let estimate = Estimate::of(case, &rehearsed);
    if !rehearsed.iter().any(unknown) {
        return (estimate, Search::NotNeeded);
    }
    // It is begun, and once the limit is found it is run again; the bodies are as large as the limit may turn out to be.
    let mut profile = Profile::clone(setting.profile);
    profile.limits.payload = Some(run::largest_payload_limit(setting.profile));
    let found = Setting {
        profile: &profile,
        ..setting
    };
    let mut whole = Estimate::of(case, &run::rehearse(case, found, client).await);
    let begun = Estimate {
        ends_early: None,
        ..estimate
    };
    whole.add(&begun);
    (whole, Search::Needed)
}
