//! What a test expects of the requests that come: which ones, and how many.
//!
//! Reads the journal and nothing else; what was forgotten there makes an answer "cannot tell", never "no".

use std::fmt;

use super::{MockServer, excerpt};
use crate::app::App;
use crate::gate::Gate;
use crate::journal::{JournalOutcome, JournalPage, JournalQuery, ReceivedRequest};
use crate::route::{Endpoint, Route, Target, TriggerUrl};

/// Which requests are meant: all of them, narrowed down.
///
/// ```
/// # use torq_mock_server::{Endpoint, Gate, Requests};
/// Requests::all().at_least(1);
/// Requests::to_workflow("respond").accepted().exactly(2);
/// Requests::to(Endpoint::Token).at_most(1);
/// Requests::refused().never();
/// Requests::refused_by(Gate::Rate).answered(429).between(1, 3);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Requests {
    narrowed: Vec<Narrowing>,
}

#[derive(Clone, Debug)]
enum Narrowing {
    Workflow(String),
    Integration(String),
    Endpoint(Endpoint),
    Outcome(JournalOutcome),
    Gate(Gate),
    Answered(u16),
}

/// How many of some requests are expected.
#[derive(Clone, Debug)]
#[must_use]
pub struct Expectation {
    requests: Requests,
    least: u64,
    most: Option<u64>,
}

impl Requests {
    /// Every request.
    pub fn all() -> Self {
        Self::default()
    }

    /// Those to the Asynchronous and the Synchronous URL of a workflow, by its name in the configuration.
    pub fn to_workflow(name: impl Into<String>) -> Self {
        Self::all().and(Narrowing::Workflow(name.into()))
    }

    /// Those to any trigger URL of an integration, by its name in the configuration.
    pub fn to_integration(name: impl Into<String>) -> Self {
        Self::all().and(Narrowing::Integration(name.into()))
    }

    /// Those to an endpoint.
    pub fn to(endpoint: Endpoint) -> Self {
        Self::all().and(Narrowing::Endpoint(endpoint))
    }

    /// Those that were refused.
    pub fn refused() -> Self {
        Self::all().and(Narrowing::Outcome(JournalOutcome::Refused))
    }

    /// Those that this gate refused.
    pub fn refused_by(gate: Gate) -> Self {
        Self::all().and(Narrowing::Gate(gate))
    }

    /// Of these, those that no gate refused.
    pub fn accepted(self) -> Self {
        self.and(Narrowing::Outcome(JournalOutcome::Accepted))
    }

    /// Of these, those that were answered with this status.
    pub fn answered(self, status: u16) -> Self {
        self.and(Narrowing::Answered(status))
    }

    /// Expects this many.
    pub fn exactly(self, requests: u64) -> Expectation {
        self.between(requests, requests)
    }

    /// Expects this many or more.
    pub fn at_least(self, requests: u64) -> Expectation {
        Expectation {
            requests: self,
            least: requests,
            most: None,
        }
    }

    /// Expects this many or fewer.
    pub fn at_most(self, requests: u64) -> Expectation {
        self.between(0, requests)
    }

    /// Expects at least `least` and at most `most`.
    pub fn between(self, least: u64, most: u64) -> Expectation {
        Expectation {
            requests: self,
            least,
            most: Some(most),
        }
    }

    /// Expects none.
    pub fn never(self) -> Expectation {
        self.exactly(0)
    }

    fn and(mut self, narrowing: Narrowing) -> Self {
        self.narrowed.push(narrowing);
        self
    }

    fn include(&self, request: &ReceivedRequest, app: &App) -> bool {
        let path = request.path.split('?').next().unwrap_or_default();
        let route = Route::of(path, &app.in_force().behaviour().urls);
        self.narrowed.iter().all(|narrowing| match narrowing {
            Narrowing::Workflow(name) => matches!(
                &route,
                Route::Trigger(TriggerUrl { target: Target::OneWorkflow { workflow, .. }, .. })
                    if app.config().is_workflow(workflow, name)
            ),
            Narrowing::Integration(name) => matches!(
                &route,
                Route::Trigger(TriggerUrl { integration, .. }) if app.config().is_integration(integration, name)
            ),
            Narrowing::Endpoint(endpoint) => request.endpoint == *endpoint,
            Narrowing::Outcome(outcome) => request.outcome() == *outcome,
            Narrowing::Gate(gate) => request.refusal.as_ref().is_some_and(|refusal| refusal.gate == *gate),
            Narrowing::Answered(status) => request.status() == Some(*status),
        })
    }
}

impl Expectation {
    /// What is not as expected, of the requests from number `from` on.
    pub(super) fn complaint(&self, page: &JournalPage, from: u64, app: &App) -> Option<String> {
        let received = self.count(page, from, app);
        let forgotten = page.evicted.saturating_sub(from);
        let too_few = received < self.least;
        let too_many = self.most.is_some_and(|most| received > most);
        if forgotten > 0 && !too_many && (too_few || self.most.is_some()) {
            return Some(format!(
                "expected {self}, but cannot tell: {forgotten} of the requests are no longer remembered"
            ));
        }
        (too_few || too_many).then(|| format!("expected {self}, received {received}"))
    }

    fn count(&self, page: &JournalPage, from: u64, app: &App) -> u64 {
        let meant = page.requests.iter().filter(|request| request.number >= from);
        meant.filter(|request| self.requests.include(request, app)).count() as u64
    }

    /// # Panics
    /// When it names a workflow or an integration that the configuration does not have: it could never be met.
    pub(super) fn check_names(&self, app: &App) {
        for narrowing in &self.requests.narrowed {
            match narrowing {
                Narrowing::Workflow(name) => drop(app.config().workflow_named(name)),
                Narrowing::Integration(name) => drop(app.config().integration_named(name)),
                Narrowing::Endpoint(_) | Narrowing::Outcome(_) | Narrowing::Gate(_) | Narrowing::Answered(_) => {}
            }
        }
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("requests")?;
        for (position, narrowing) in self.narrowed.iter().enumerate() {
            f.write_str(if position == 0 { " " } else { ", " })?;
            match narrowing {
                Narrowing::Workflow(name) => write!(f, "to the workflow `{name}`")?,
                Narrowing::Integration(name) => write!(f, "to the integration `{name}`")?,
                Narrowing::Endpoint(endpoint) => write!(f, "to the endpoint `{endpoint}`")?,
                Narrowing::Outcome(outcome) => write!(f, "that were {}", outcome.word())?,
                Narrowing::Gate(gate) => write!(f, "that the gate `{gate}` refused")?,
                Narrowing::Answered(status) => write!(f, "answered {status}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests = &self.requests;
        match (self.least, self.most) {
            (0, Some(0)) => write!(f, "no {requests}"),
            (least, Some(most)) if least == most => write!(f, "exactly {least} {requests}"),
            (0, Some(most)) => write!(f, "at most {most} {requests}"),
            (least, Some(most)) => write!(f, "{least} to {most} {requests}"),
            (least, None) => write!(f, "at least {least} {requests}"),
        }
    }
}

/// Expects something until it is dropped; panics then if it is not so, unless the thread panics already.
#[derive(Debug)]
#[must_use = "a guard that is dropped at once has seen nothing"]
pub struct Guard<'s> {
    server: &'s MockServer,
    expectation: Expectation,
    /// How many requests had ever come when it began.
    before: u64,
}

impl<'s> Guard<'s> {
    pub(super) fn new(server: &'s MockServer, expectation: Expectation) -> Self {
        let app = server.world.app();
        Self {
            server,
            expectation,
            before: app.emptied_at() + app.received(),
        }
    }

    /// The number of the first request it is about; a journal that was emptied since counts from 0 again.
    fn from(&self, app: &App) -> u64 {
        self.before.saturating_sub(app.emptied_at())
    }

    /// Waits until it is so.
    ///
    /// # Panics
    /// When it is not after the server's patience.
    pub async fn satisfied(&self) {
        // Whether it is so is told by whoever looks last.
        let _ = self
            .server
            .world
            .until(self.server.patience, |_| self.complaint().is_none())
            .await;
        self.verify();
    }

    /// The requests it is about, those that are remembered.
    #[must_use]
    pub fn received_requests(&self) -> Vec<ReceivedRequest> {
        let app = self.server.world.app();
        let (from, page) = (self.from(&app), app.journal(&JournalQuery::default()));
        let meant =
            |request: &ReceivedRequest| request.number >= from && self.expectation.requests.include(request, &app);
        page.requests.into_iter().filter(meant).collect()
    }

    fn complaint(&self) -> Option<(String, JournalPage)> {
        let app = self.server.world.app();
        let (from, page) = (self.from(&app), app.journal(&JournalQuery::default()));
        let complaint = self.expectation.complaint(&page, from, &app);
        complaint.map(|complaint| (complaint, page))
    }

    fn verify(&self) {
        if let Some((complaint, page)) = self.complaint() {
            panic!("{}", excerpt::of_unmet(&[complaint], 1, &page));
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.verify();
        }
    }
}
