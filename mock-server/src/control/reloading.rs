//! The configuration of the default sandbox, read again while the server runs.
//!
//! A configuration is read and checked before anything changes; one that is wrong changes nothing and is remembered.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use thiserror::Error;

use super::Control;
use crate::app::App;
use crate::config::Config;
use crate::sandbox::Happening;
use crate::server::DEFAULT_SANDBOX;

/// Where a configuration comes from, so that it can be read again.
#[derive(Clone)]
pub struct Source {
    name: String,
    read: Arc<dyn Fn() -> Result<Config, String> + Send + Sync>,
}

impl Source {
    /// A source of this name; `read` gives its configuration, or what is wrong with it.
    pub fn new(name: impl Into<String>, read: impl Fn() -> Result<Config, String> + Send + Sync + 'static) -> Self {
        Self {
            name: name.into(),
            read: Arc::new(read),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

/// Why a configuration was not served.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReloadError {
    /// There is no file to read again.
    #[error("this server was started without a configuration file; there is nothing to read again")]
    NoSource,
    /// What was read cannot be served; the old configuration still is.
    #[error("{0}")]
    Wrong(String),
}

impl ReloadError {
    pub(super) const fn status(&self) -> u16 {
        match self {
            Self::NoSource => 409,
            Self::Wrong(_) => 422,
        }
    }
}

/// What has been read again so far.
#[derive(Debug, Default)]
pub(super) struct Reloading {
    source: Option<Source>,
    past: Mutex<Past>,
}

#[derive(Debug, Default)]
struct Past {
    /// How many times another configuration was served.
    served: u64,
    /// What was wrong the last time, if something was.
    wrong: Option<String>,
}

impl Reloading {
    pub(super) fn of(source: Option<Source>) -> Self {
        Self {
            source,
            past: Mutex::default(),
        }
    }

    pub(super) fn describe(&self) -> Value {
        let past = self.past();
        json!({
            "file": self.source.as_ref().map(|source| &source.name),
            "reloads": past.served,
            "wrong": past.wrong,
        })
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Control {
    /// Reads the configuration again, and serves it in place of the old one: executions, journal and ids begin anew, the
    /// clock, the port and open connections stay. What is held is answered under the configuration it came under.
    pub(crate) fn reload(&self) -> Result<(), ReloadError> {
        let reloading = self.reloading();
        let source = reloading.source.as_ref().ok_or(ReloadError::NoSource)?;
        // Held from reading to serving, so that of two reloads the later one wins.
        let mut past = reloading.past();
        match (source.read)() {
            Ok(config) => {
                if let Some(sandbox) = self.registry().get(DEFAULT_SANDBOX) {
                    let budget = sandbox.world.app().memory().0;
                    sandbox.world.serve(App::new(Arc::new(config), budget));
                    sandbox.world.feed.tell(Happening::Reset);
                }
                past.served += 1;
                past.wrong = None;
                tracing::info!(
                    file = source.name,
                    reloads = past.served,
                    "another configuration is served"
                );
                Ok(())
            }
            Err(message) => {
                past.wrong = Some(message.clone());
                tracing::warn!(
                    file = source.name,
                    "the configuration is wrong; the old one is still served"
                );
                Err(ReloadError::Wrong(message))
            }
        }
    }
}
