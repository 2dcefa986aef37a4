//! Whether a trigger request may go on: the gates, asked in the order of one list.
//!
//! Starts nothing and keeps nothing. Only `admit` makes an `Admitted`, so an unauthenticated trigger does not compile.

mod condition;
mod decoding;
mod diagnosis;
mod header;
mod lookup;
mod payload;
pub(crate) mod rate;
mod signature;

use std::mem;

use crate::behaviour::Behaviour;
use crate::behaviour::rate::RefusedCall;
use crate::catalog::{Catalog, Integration, Revision, WorkflowKey};
use crate::config::Config;
use crate::event::Event;
use crate::gate::Gate;
use crate::inbound::Inbound;
use crate::quota::Exhausted;
use crate::rejection::{Refusal, Rejection};
use crate::route::TriggerUrl;
use crate::timestamp::Timestamp;

/// What a gate may ask about rates; answered by whoever keeps the quotas.
pub(crate) trait Quotas {
    /// Whether the workflow could start once more now.
    fn check(&self, workflow: WorkflowKey, now: Timestamp) -> Result<(), Exhausted>;

    /// Counts an event that the workflow's trigger condition rejected, where such events count.
    fn count_rejected(&self, workflow: WorkflowKey, now: Timestamp);
}

/// A trigger request that passed every gate.
#[derive(Debug)]
pub(crate) struct Admitted<'a> {
    /// Whose URL was called.
    pub(crate) integration: &'a Integration,
    /// What to start: one workflow, or those of the plain Webhook URL. May be empty there.
    pub(crate) runs: Vec<Run<'a>>,
    /// What they see.
    pub(crate) event: Event,
    /// Why no run is left, when that is because of the trigger condition. Not an error here, as the event is noted all
    /// the same.
    pub(crate) turned_away: Option<Rejection>,
    /// How the rate limit looks at what is started.
    pub(crate) counting: Counting,
}

/// How the rate limit looks at what a request starts.
#[derive(Clone, Debug)]
pub(crate) enum Counting {
    /// Each start takes its share.
    Limited,
    /// Nobody counts.
    Unlimited,
    /// The caller is refused, and what it asked for starts all the same.
    Refused(Rejection),
}

/// What an admitted run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// The steps of its revision.
    Steps,
    /// It is stopped before the first of them.
    Stopped,
}

/// A workflow with the revision that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    /// The workflow.
    pub(crate) workflow: WorkflowKey,
    /// The revision.
    pub(crate) revision: &'a Revision,
    /// What it does of it.
    pub(crate) course: Course,
}

/// A trigger request on its way through the gates.
///
/// What a gate needs from another one it asks for, and so brings that gate's refusal forward: an order that puts the
/// header before the look-up of the integration cannot compare headers without looking the integration up.
pub(crate) struct Candidate<'a> {
    config: &'a Config,
    url: &'a TriggerUrl<'a>,
    inbound: &'a Inbound,
    now: Timestamp,
    quotas: &'a dyn Quotas,
    integration: Option<&'a Integration>,
    runs: Option<Vec<Run<'a>>>,
    event: Option<Event>,
    turned_away: Option<Rejection>,
    counting: Counting,
}

/// Leads a request through the gates (contract section 8 for their order).
pub(crate) fn admit<'a>(
    config: &'a Config,
    (url, inbound): (&'a TriggerUrl<'a>, &'a Inbound),
    quotas: &'a dyn Quotas,
    now: Timestamp,
) -> Result<Admitted<'a>, Rejection> {
    let mut candidate = Candidate {
        config,
        url,
        inbound,
        now,
        quotas,
        integration: None,
        runs: None,
        event: None,
        turned_away: None,
        counting: Counting::Limited,
    };
    for gate in config.behaviour.admission.order.gates() {
        candidate.ask(*gate)?;
        if candidate.turned_away.is_some() {
            break;
        }
    }
    candidate.admitted()
}

impl<'a> Candidate<'a> {
    fn ask(&mut self, gate: Gate) -> Result<(), Rejection> {
        match gate {
            Gate::Method => self.check_method(),
            Gate::IntegrationId => self.integration_id().map(|_| ()),
            Gate::WorkflowId => self.workflow_id().map(|_| ()),
            Gate::Integration => self.integration().map(|_| ()),
            Gate::Header => {
                let proof = self.check_header();
                self.unless_it_starts(proof)
            }
            Gate::Payload => self.check_payload(),
            Gate::Signature => {
                let proof = self.check_signature();
                self.unless_it_starts(proof)
            }
            Gate::Workflow => self.runs().map(|_| ()),
            Gate::Rate => self.check_rate(),
            Gate::Event => self.event().map(|_| ()),
            Gate::Condition => self.check_condition(),
            // `GateOrder` holds gates of trigger requests only.
            Gate::Path
            | Gate::Output
            | Gate::Token
            | Gate::ApiRate
            | Gate::Role
            | Gate::Parameters
            | Gate::Execution
            | Gate::Grant
            | Gate::Client
            | Gate::Connection => Ok(()),
        }
    }

    fn admitted(mut self) -> Result<Admitted<'a>, Rejection> {
        let integration = self.integration()?;
        let event = self.event()?.clone();
        let mut runs = mem::take(self.runs()?);
        self.fan_out(&mut runs);
        Ok(Admitted {
            integration,
            runs,
            event,
            turned_away: self.turned_away,
            counting: self.counting,
        })
    }

    fn behaviour(&self) -> &'a Behaviour {
        &self.config.behaviour
    }

    fn catalog(&self) -> &'a Catalog {
        &self.config.catalog
    }

    /// A caller that could not prove itself goes on where what it asks for starts all the same, and is refused after that.
    fn unless_it_starts(&mut self, proof: Result<(), Rejection>) -> Result<(), Rejection> {
        match (proof, self.behaviour().authentication.refused_call) {
            (Err(rejection), RefusedCall::Starts) => {
                self.counting = Counting::Refused(rejection);
                Ok(())
            }
            (proof, RefusedCall::Starts | RefusedCall::StartsNothing) => proof,
        }
    }

    fn check_method(&self) -> Result<(), Rejection> {
        let methods = &self.behaviour().urls.methods;
        if methods.accept(&self.inbound.method) {
            return Ok(());
        }
        let refusal = Refusal::MethodNotAllowed {
            allow: methods.allow().into(),
        };
        Err(
            Rejection::new(Gate::Method, refusal, "trigger URLs do not take this method")
                .comparing(methods.allow(), self.inbound.method.as_str()),
        )
    }
}
