//! The server inside somebody's tests: started in one line, asked in types, and held to what was expected of it.
//!
//! A view of one [`Server`] and its default sandbox. Whatever can be done here can be done over the control surface too.

mod builder;
mod excerpt;
mod expectation;
mod parts;
mod places;

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::app::{Release, ResetScope};
use crate::clock::{Move, Moved};
use crate::execution::{ExecutionView, Status};
use crate::ids::ExecutionId;
use crate::journal::{JournalQuery, ReceivedRequest};
use crate::retention::{Budget, Usage};
use crate::sandbox::World;
use crate::server::Server;
use crate::timestamp::Timestamp;

pub use builder::{BuildError, MockServerBuilder};
pub use expectation::{Expectation, Guard, Requests};
pub use parts::{Integration, Workflow, Workspace};

/// A mock server for one test: on loopback, on free ports, on a manual clock.
///
/// It stops when it is dropped, and panics then if an [expectation](Self::expect) is not met.
///
/// ```
/// use torq_mock_server::{MockServer, Requests};
///
/// # async fn send(_: String) {}
/// # let runtime = tokio::runtime::Runtime::new().unwrap();
/// # runtime.block_on(async {
/// let server = MockServer::start().await;
/// server.expect(Requests::refused().never());
/// server.expect(Requests::to_workflow("respond").at_most(1));
///
/// // Point the client under test here, and let it do its work.
/// send(server.async_url("respond")).await;
/// # });
/// ```
///
/// Time stands still until it is told to move, so a time-out of 50 s takes no time:
///
/// ```no_run
/// # use std::time::Duration;
/// # use torq_mock_server::{MockServer, Status};
/// # async fn client_under_test(url: String) -> String { url }
/// # async fn test() {
/// let server = MockServer::start().await;
/// let calling = tokio::spawn(client_under_test(server.sync_url("slow")));
/// server.wait_for_held(1).await;
/// server.advance(Duration::from_secs(50)).await;
///
/// let id = calling.await.unwrap();
/// server.advance(Duration::from_secs(10)).await;
/// let execution = server.wait_for_execution(id, Status::Success).await;
/// assert_eq!(execution.output.unwrap()["done"], true);
/// # }
/// ```
#[derive(Debug)]
pub struct MockServer {
    server: Server,
    world: Arc<World>,
    base_url: String,
    patience: Duration,
    expectations: Mutex<Vec<Expectation>>,
}

impl MockServer {
    /// Starts a server with the built-in configuration: the workflows that `torq-mock config` shows.
    ///
    /// # Panics
    /// When no port on loopback can be had.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Another configuration, clock, seed or limit.
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    fn of(server: Server, world: Arc<World>, patience: Duration) -> Self {
        let base_url = server.base_url().unwrap_or_default();
        Self {
            server,
            world,
            base_url,
            patience,
            expectations: Mutex::default(),
        }
    }

    /// The time on the server's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Moves the clock through everything that is due, in due order, and returns when each due answer has left.
    ///
    /// # Panics
    /// When the clock runs by itself.
    pub async fn advance(&self, by: Duration) -> Moved {
        let wanted = Move {
            by,
            when_held: 0,
            until_answered: None,
            timeout: self.patience,
        };
        match self.world.advance(wanted).await {
            Ok(moved) => moved,
            Err(error) => panic!("the clock did not move: {error}"),
        }
    }

    /// Waits until so many calls are held, as a synchronous call is while its workflow runs.
    ///
    /// # Panics
    /// When they are not after the server's patience (5 s unless the builder was told otherwise).
    pub async fn wait_for_held(&self, calls: usize) {
        let held = self.world.clock.wait_held(calls, self.patience).await;
        if held < calls {
            self.fail(&format!("{held} of {calls} calls are held after {:?}", self.patience));
        }
    }

    /// Waits until so many requests have come since the journal was last emptied, and gives what is remembered of them.
    ///
    /// # Panics
    /// When fewer have come after the server's patience.
    pub async fn wait_for_requests(&self, requests: u64) -> Vec<ReceivedRequest> {
        let received = || self.world.received();
        if !self.world.until(self.patience, |_| received() >= requests).await {
            let (received, patience) = (received(), self.patience);
            self.fail(&format!(
                "{received} of {requests} requests have come after {patience:?}"
            ));
        }
        self.received_requests()
    }

    /// Waits until an execution has a status, and gives the execution.
    ///
    /// # Panics
    /// When it has not after the server's patience, or `id` is no execution's id.
    pub async fn wait_for_execution(&self, id: impl Display, status: Status) -> ExecutionView {
        let id = execution_id(&id);
        let look = || self.world.app().view(id, self.now());
        let reached = |_: &World| look().is_some_and(|execution| execution.status == status);
        let matched = self.world.until(self.patience, reached).await;
        match look() {
            Some(execution) if matched => execution,
            Some(execution) => self.fail(&format!(
                "the execution {id} is {} and not {status} after {:?}",
                execution.status, self.patience
            )),
            None => self.fail(&format!("no execution {id} is remembered")),
        }
    }

    /// Every remembered request, oldest first.
    #[must_use]
    pub fn received_requests(&self) -> Vec<ReceivedRequest> {
        self.world.app().journal(&JournalQuery::default()).requests
    }

    /// Every remembered execution, in the order they came.
    #[must_use]
    pub fn executions(&self) -> Vec<ExecutionView> {
        self.world.app().views(self.now())
    }

    /// How much the server may remember, and how much it does.
    #[must_use]
    pub fn memory(&self) -> (Budget, Usage) {
        self.world.app().memory()
    }

    /// Lets go of an execution that waits at a `hold`.
    ///
    /// # Panics
    /// When it does not wait at one, or `id` is no execution's id.
    pub fn release(&self, id: impl Display, how: Release) {
        let id = execution_id(&id);
        if let Err(error) = self.world.release(id, how) {
            self.fail(&format!("the execution {id} cannot be released: {error}"));
        }
    }

    /// Forgets requests and executions, and draws ids from the beginning again. Expectations stay.
    pub fn reset(&self) {
        self.world.reset(ResetScope::Everything);
    }

    /// Expects something of all requests until the server is dropped, which panics if it is not so.
    pub fn expect(&self, expectation: Expectation) {
        expectation.check_names(&self.world.app());
        self.lock().push(expectation);
    }

    /// Expects something of the requests that come from now on, until the guard is dropped, which panics if it is not so.
    pub fn expect_scoped(&self, expectation: Expectation) -> Guard<'_> {
        expectation.check_names(&self.world.app());
        Guard::new(self, expectation)
    }

    /// Checks what was expected so far.
    ///
    /// # Panics
    /// When something is not so; the message shows the journal.
    pub fn verify(&self) {
        if let Some(complaint) = self.complaint() {
            panic!("{complaint}");
        }
    }

    /// Stops: held calls are answered as if their time were up. Checks what was expected.
    ///
    /// # Panics
    /// When an expectation is not met.
    pub async fn shutdown(self) {
        self.server.finish().await;
    }

    fn complaint(&self) -> Option<String> {
        let page = self.world.app().journal(&JournalQuery::default());
        let expectations = self.lock();
        let unmet: Vec<_> = expectations
            .iter()
            .filter_map(|it| it.complaint(&page, 0, &self.world.app()))
            .collect();
        let total = expectations.len();
        (!unmet.is_empty()).then(|| excerpt::of_unmet(&unmet, total, &page))
    }

    fn fail(&self, message: &str) -> ! {
        let page = self.world.app().journal(&JournalQuery::default());
        panic!("torq-mock: {message}\n\n{}", excerpt::of_journal(&page));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Expectation>> {
        self.expectations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        // The first panic says more than a second one would.
        if !std::thread::panicking() {
            self.verify();
        }
    }
}

fn execution_id(id: &dyn Display) -> ExecutionId {
    let text = id.to_string();
    ExecutionId::parse(&text).unwrap_or_else(|| panic!("`{text}` is no execution's id"))
}
