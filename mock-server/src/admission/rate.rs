//! Gate: the rate limit has something left (contract section 8).
//!
//! Only asks; what is started takes its share when it starts, so that a request refused later costs nothing.

use located_yaml::write_duration;

use crate::admission::{Candidate, Counting};
use crate::behaviour::rate::{LimitedUrls, PartlyRefused, Rate, RefusedCall};
use crate::gate::Gate;
use crate::quota::Exhausted;
use crate::rejection::{Advice, Refusal, Rejection};
use crate::route::{AnswerTime, Target};
use crate::timestamp::Timestamp;

impl Candidate<'_> {
    pub(super) fn check_rate(&mut self) -> Result<(), Rejection> {
        let (quotas, now, rate) = (self.quotas, self.now, &self.behaviour().rate);
        if !is_limited(&self.url.target, rate.limited_urls) {
            self.counting = Counting::Unlimited;
            return Ok(());
        }
        let runs = self.runs()?;
        let mut granted = 0;
        let mut first_exhausted: Option<Exhausted> = None;
        for run in runs.iter() {
            match quotas.check(run.workflow, now) {
                Ok(()) => granted += 1,
                Err(exhausted) => {
                    first_exhausted = Some(
                        first_exhausted
                            .filter(|first| first.until <= exhausted.until)
                            .unwrap_or(exhausted),
                    );
                }
            }
        }
        let refused = match (first_exhausted, rate.partly_refused) {
            (None, _) => return Ok(()),
            (Some(_), PartlyRefused::StartsTheOthers) if granted > 0 => return Ok(()),
            (Some(exhausted), PartlyRefused::StartsTheOthers | PartlyRefused::StartsNothing) => {
                rate_limited(exhausted, rate, now)
            }
        };
        match rate.refused_call {
            RefusedCall::StartsNothing => Err(refused),
            RefusedCall::Starts => {
                self.counting = Counting::Refused(refused);
                Ok(())
            }
        }
    }
}

fn is_limited(target: &Target<'_>, rule: LimitedUrls) -> bool {
    match (target, rule) {
        (_, LimitedUrls::Every) | (Target::EveryWorkflow, _) => true,
        (Target::OneWorkflow { answer, .. }, LimitedUrls::NotSync) => *answer != AnswerTime::Sync,
        (Target::OneWorkflow { answer, .. }, LimitedUrls::NotAsync) => *answer != AnswerTime::Async,
    }
}

/// The refusal for a quota that is used up.
pub(crate) fn rate_limited(exhausted: Exhausted, rate: &Rate, now: Timestamp) -> Rejection {
    let limit = rate.limit.number().map_or(u32::MAX, Into::into);
    let refusal = Refusal::RateLimited {
        retry_in: exhausted.until.since(now),
    };
    Rejection::new(
        Gate::Rate,
        refusal,
        "as many executions as the limit allows were started",
    )
    .comparing(
        format!(
            "at most {limit} executions in {} for each {}",
            write_duration(rate.window),
            rate.scope.word()
        ),
        format!("one more before {}", exhausted.until),
    )
    .advising(Some(Advice::new(
        "too-fast",
        "wait as long as `Retry-After` says before the next call",
    )))
}
