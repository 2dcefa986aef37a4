//! The mock inside this process. The only file that names the mock's crate: everything else speaks to it over the wire.

use located_yaml::Problems;
use thiserror::Error;
use torq_mock_server::config::Config;
use torq_mock_server::{Server, Settings, StartError};

use super::{ControlClient, Target};

/// A running mock; it stops when it is shut down.
#[derive(Debug)]
pub struct Embedded(Server);

/// Why the mock does not start.
#[derive(Debug, Error)]
#[error("the embedded mock does not start")]
pub struct EmbeddedError(#[from] StartError);

impl Embedded {
    /// Starts the mock on ports of the system's choice.
    ///
    /// # Errors
    /// When it cannot listen on loopback.
    pub async fn start() -> Result<Self, EmbeddedError> {
        Ok(Self(Server::start(Settings::default()).await?))
    }

    /// Whether the mock can be given a configuration; `file` is what the problems call it.
    ///
    /// # Errors
    /// Every problem of the configuration, with its place.
    pub fn check(file: &str, text: &str) -> Result<(), Problems> {
        Config::load(file, text, None).map(|_| ())
    }

    /// Where its control surface is.
    #[must_use]
    pub fn control_url(&self) -> String {
        self.0.control_url()
    }

    /// A sandbox of its own for every case, made from the configuration `(file, text)`.
    #[must_use]
    pub fn target(&self, http: &reqwest::Client, fixtures: (&str, &str)) -> Target {
        let control = ControlClient::new(http.clone(), &self.control_url(), None);
        Target::sandboxes("the embedded mock".to_owned(), control, fixtures)
    }

    /// Stops it, answering what is held.
    pub async fn shut_down(self) {
        self.0.shutdown().await;
    }
}
