//! Gate: the trigger condition accepts the event (contract section 4).
//!
//! Takes away the workflows whose condition does not; turns the event away when none is left. What each URL answers to that is
//! decided where answers are.

use crate::admission::Candidate;
use crate::behaviour::rate::RejectedEvent;
use crate::gate::Gate;
use crate::rejection::{Refusal, Rejection};

impl Candidate<'_> {
    pub(super) fn check_condition(&mut self) -> Result<(), Rejection> {
        let event = self.event()?.clone();
        let (quotas, catalog, now) = (self.quotas, self.catalog(), self.now);
        let rejected_event = self.behaviour().rate.rejected_event;
        let runs = self.runs()?;
        let before = runs.len();
        let first = runs
            .first()
            .and_then(|run| catalog[run.workflow].definition.condition.as_ref());
        runs.retain(|run| {
            let condition = catalog[run.workflow].definition.condition.as_ref();
            let accepts = condition.is_none_or(|condition| condition.accepts(event.document()));
            if !accepts && rejected_event == RejectedEvent::Counted {
                quotas.count_rejected(run.workflow, now);
            }
            accepts
        });
        if before > 0 && runs.is_empty() {
            let reason = "the trigger condition rejects the event";
            let condition = first.map_or_else(String::new, |condition| condition.to_string());
            let found = first.map_or_else(String::new, |condition| condition.found_in(event.document()));
            self.turned_away =
                Some(Rejection::new(Gate::Condition, Refusal::ConditionRejected, reason).comparing(condition, found));
        }
        Ok(())
    }
}
