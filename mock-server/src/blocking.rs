//! The server inside tests that are not asynchronous: the same, with a runtime of its own.
//!
//! Only waits; what there is to wait for is [`crate::MockServer`]'s.

use std::fmt::Display;
use std::ops::Deref;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::clock::Moved;
use crate::execution::{ExecutionView, Status};
use crate::journal::ReceivedRequest;
use crate::testing::{BuildError, MockServerBuilder};

/// A [`crate::MockServer`] for tests without a runtime. Everything that does not wait is that one's, through `Deref`.
///
/// ```
/// use torq_mock_server::blocking::MockServer;
/// use torq_mock_server::Requests;
///
/// let server = MockServer::start();
/// server.expect(Requests::refused().never());
/// let answer = std::net::TcpStream::connect(server.base_url().trim_start_matches("http://"));
/// assert!(answer.is_ok());
/// ```
#[derive(Debug)]
pub struct MockServer {
    /// Before the runtime, whose end would leave nobody to stop it.
    server: crate::MockServer,
    runtime: Runtime,
}

impl MockServer {
    /// Starts a server with the built-in configuration.
    ///
    /// # Panics
    /// When no port on loopback can be had, or from within an asynchronous test.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(crate::MockServer::builder())
    }

    /// Starts what a builder describes.
    ///
    /// # Panics
    /// When the configuration is wrong, no port can be had, or from within an asynchronous test.
    #[must_use]
    pub fn start_with(builder: MockServerBuilder) -> Self {
        match Self::try_start_with(builder) {
            Ok(server) => server,
            Err(error) => panic!("torq-mock does not start: {error}"),
        }
    }

    /// Starts what a builder describes, or says why not.
    ///
    /// # Errors
    /// When the configuration is wrong or no port can be had.
    ///
    /// # Panics
    /// When the system gives no thread, or from within an asynchronous test.
    pub fn try_start_with(builder: MockServerBuilder) -> Result<Self, BuildError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread can be had");
        let server = runtime.block_on(builder.try_start())?;
        Ok(Self { server, runtime })
    }

    /// See [`crate::MockServer::advance`].
    pub fn advance(&self, by: Duration) -> Moved {
        self.runtime.block_on(self.server.advance(by))
    }

    /// See [`crate::MockServer::wait_for_held`].
    pub fn wait_for_held(&self, calls: usize) {
        self.runtime.block_on(self.server.wait_for_held(calls));
    }

    /// See [`crate::MockServer::wait_for_requests`].
    pub fn wait_for_requests(&self, requests: u64) -> Vec<ReceivedRequest> {
        self.runtime.block_on(self.server.wait_for_requests(requests))
    }

    /// See [`crate::MockServer::wait_for_execution`].
    pub fn wait_for_execution(&self, id: impl Display, status: Status) -> ExecutionView {
        self.runtime.block_on(self.server.wait_for_execution(id, status))
    }
}

impl Deref for MockServer {
    type Target = crate::MockServer;

    fn deref(&self) -> &Self::Target {
        &self.server
    }
}
