//! What a request would have come to without the faults that are switched on, so that the journal can tell whose doing an
//! answer was.
//!
//! Looks and changes nothing; asked only while there are faults. What a fault did earlier, to a quota or an execution,
//! is not undone for it.

use serde_json::Value;

use super::in_force::InForce;
use super::{App, Decided};
use crate::admission::{self, Admitted, Course, Quotas};
use crate::catalog::{Permission, WorkflowKey};
use crate::config::Config;
use crate::ids::RevisionId;
use crate::inbound::Inbound;
use crate::quota::Exhausted;
use crate::rejection::{Refusal, Rejection};
use crate::retrieval;
use crate::route::{Route, TriggerUrl};
use crate::timestamp::Timestamp;

/// What admission came to, for comparison.
#[derive(Debug, PartialEq)]
pub(super) enum Admission {
    /// These runs see this event.
    Runs(Vec<(WorkflowKey, RevisionId, Course)>, Value),
    /// The caller is refused.
    Refused(Refusal),
}

impl Admission {
    fn of(admitted: &Result<Admitted<'_>, Rejection>) -> Self {
        match admitted {
            Ok(admitted) => {
                let runs = admitted.runs.iter();
                let runs = runs.map(|run| (run.workflow, run.revision.id, run.course)).collect();
                Self::Runs(runs, admitted.event.document().clone())
            }
            Err(rejection) => Self::Refused(rejection.refusal.clone()),
        }
    }
}

/// Asks the quotas and counts nothing.
struct Asking<'a>(&'a App);

impl Quotas for Asking<'_> {
    fn check(&self, workflow: WorkflowKey, now: Timestamp) -> Result<(), Exhausted> {
        self.0.check(workflow, now)
    }

    fn count_rejected(&self, _: WorkflowKey, _: Timestamp) {}
}

impl App {
    /// Whether admission would have come to something else.
    pub(super) fn admits_otherwise(
        &self,
        admitted: &Result<Admitted<'_>, Rejection>,
        (url, inbound, in_force): (&TriggerUrl<'_>, &Inbound, &InForce),
        now: Timestamp,
    ) -> bool {
        let Some(intended) = &in_force.intended else {
            return false;
        };
        let refused_for_rate = matches!(
            admitted,
            Err(Rejection {
                refusal: Refusal::RateLimited { .. },
                ..
            })
        );
        if refused_for_rate && intended.behaviour.rate != in_force.config.behaviour.rate {
            return true;
        }
        let asking = Asking(self);
        let other = admission::admit(intended, (url, inbound), &asking, now);
        Admission::of(&other) != Admission::of(admitted)
    }

    /// Whether retrieving would have shown something else. Asked before it is shown, as that may be what changes it.
    pub(super) fn shows_otherwise(&self, id: &str, (inbound, in_force): (&Inbound, &InForce), now: Timestamp) -> bool {
        let Some(intended) = &in_force.intended else {
            return false;
        };
        let mut state = self.lock();
        let mut look = |config: &Config| {
            let reader = retrieval::identify(&state, config, (inbound, Permission::Executions), now);
            let view = reader.and_then(|reader| reader.look(&mut state, config, id, now));
            view.map(|view| view.told(&config.behaviour.executions, now))
                .map_err(|rejection| rejection.refusal)
        };
        look(intended) != look(&in_force.config)
    }

    /// Whether a request leads elsewhere.
    pub(super) fn leads_elsewhere(route: &Route<'_>, inbound: &Inbound, in_force: &InForce) -> bool {
        let intended = in_force.intended();
        intended.is_some_and(|intended| Route::of(&inbound.path, &intended.urls) != *route)
    }

    /// Whether what was begun would be answered at another time or with something else.
    pub(super) fn answers_otherwise(decided: &Decided, other: Option<&Decided>) -> bool {
        other.is_some_and(|other| std::mem::discriminant(other) != std::mem::discriminant(decided))
    }
}
