//! Gate: the rate limit has something left (contract section 8).
//!
//! Only asks; what is started takes its share when it starts, so that a request refused later costs nothing.

use crate::admission::Candidate;
use crate::behaviour::rate::{PartlyRefused, Rate};
use crate::gate::Gate;
use crate::quota::Exhausted;
use crate::rejection::{Refusal, Rejection};
use crate::timestamp::Timestamp;

impl Candidate<'_> {
    pub(super) fn check_rate(&mut self) -> Result<(), Rejection> {
        let (quotas, now) = (self.quotas, self.now);
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
        let rate = &self.behaviour().rate;
        match (first_exhausted, rate.partly_refused) {
            (None, _) => Ok(()),
            (Some(_), PartlyRefused::StartsTheOthers) if granted > 0 => Ok(()),
            (Some(exhausted), PartlyRefused::StartsTheOthers | PartlyRefused::StartsNothing) => {
                Err(rate_limited(exhausted, rate, now))
            }
        }
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
        format!("at most {limit} in {:?}", rate.window),
        format!("one more before {}", exhausted.until),
    )
}
