//! Gate: the trigger condition accepts the event (contract section 4).
//!
//! Takes away the workflows whose condition does not; turns the event away when none is left. What each URL answers to that is
//! decided where answers are.

use crate::admission::{Candidate, Course};
use crate::behaviour::rate::RejectedEvent;
use crate::behaviour::running::{ConditionUse, FanOut, RejectedLeaves};
use crate::event::Event;
use crate::gate::Gate;
use crate::rejection::{Advice, Refusal, Rejection};
use crate::route::{AnswerTime, Target};
use crate::workflow::condition::Condition;

impl Candidate<'_> {
    pub(super) fn check_condition(&mut self) -> Result<(), Rejection> {
        let event = self.event()?.clone();
        let (quotas, catalog, now) = (self.quotas, self.catalog(), self.now);
        let rejected_event = self.behaviour().rate.rejected_event;
        let (running, target) = (&self.behaviour().running, &self.url.target);
        let runs = self.runs()?;
        let before = runs.len();
        let first = runs
            .first()
            .and_then(|run| catalog[run.workflow].definition.condition.as_ref());
        runs.retain_mut(|run| {
            let condition = catalog[run.workflow].definition.condition.as_ref();
            let accepts = condition.is_none_or(|it| accepts(it, &event, (running.condition, target)));
            if !accepts && rejected_event == RejectedEvent::Counted {
                quotas.count_rejected(run.workflow, now);
            }
            match (accepts, running.rejected_event) {
                (true, _) => true,
                (false, RejectedLeaves::Nothing) => false,
                (false, RejectedLeaves::StoppedExecution) => {
                    run.course = Course::Stopped;
                    true
                }
            }
        });
        if running.fan_out == FanOut::AllOrNothing && *target == Target::EveryWorkflow && runs.len() < before {
            runs.clear();
        }
        if before > 0 && runs.is_empty() {
            let reason = "the trigger condition rejects the event";
            let condition = first.map_or_else(String::new, |condition| condition.to_string());
            let found = first.map_or_else(String::new, |condition| condition.found_in(event.document()));
            let rejection = Rejection::new(Gate::Condition, Refusal::ConditionRejected, reason)
                .comparing(condition, found)
                .advising(Some(Advice::new(
                    "condition-not-met",
                    "send an event that meets it; an asynchronous caller is given an id all the same, under which nothing is found",
                )));
            self.turned_away = Some(rejection);
        }
        Ok(())
    }
}

fn accepts(condition: &Condition, event: &Event, (rule, target): (ConditionUse, &Target<'_>)) -> bool {
    let is_met = || condition.accepts(event.document());
    match (rule, target) {
        (ConditionUse::Ignored, _)
        | (ConditionUse::IgnoredOnPlain, Target::EveryWorkflow)
        | (
            ConditionUse::IgnoredOnSync,
            Target::OneWorkflow {
                answer: AnswerTime::Sync,
                ..
            },
        ) => true,
        (ConditionUse::Inverted, _) => !is_met(),
        (ConditionUse::Enforced | ConditionUse::IgnoredOnPlain | ConditionUse::IgnoredOnSync, _) => is_met(),
    }
}
