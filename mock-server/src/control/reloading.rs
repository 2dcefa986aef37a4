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

/// Gives the text of a configuration, or why it cannot be read.
type Read = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;
/// Makes a configuration of its text, or says what is wrong with it.
type Load = Arc<dyn Fn(&str) -> Result<Config, String> + Send + Sync>;

/// Where a configuration comes from, so that it can be read again.
#[derive(Clone)]
pub struct Source {
    name: String,
    text: String,
    read: Read,
    load: Load,
}

impl Source {
    /// A source of this name, whose `text` is what is served at first; `read` gives its text later on, and `load` makes a
    /// configuration of it or says what is wrong with it.
    pub fn new(
        name: impl Into<String>,
        text: impl Into<String>,
        read: impl Fn() -> Result<String, String> + Send + Sync + 'static,
        load: impl Fn(&str) -> Result<Config, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            read: Arc::new(read),
            load: Arc::new(load),
        }
    }
}

/// Says which source, and nothing of what is in it.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

/// What became of a file that may have been saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It says something else and is served.
    Anew,
    /// It says what is served already, after it said something wrong.
    AsServed,
    /// It says what it said the last time, so nothing was done.
    Unchanged,
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
#[derive(Debug)]
pub(super) struct Reloading {
    source: Option<Source>,
    past: Mutex<Past>,
}

#[derive(Default)]
struct Past {
    /// How many times it was read again.
    reads: u64,
    /// How many times another configuration was served.
    served: u64,
    /// What was wrong the last time, if something was.
    wrong: Option<String>,
    /// The text that is served.
    text: String,
    /// The text that was wrong the last time.
    wrong_text: Option<String>,
}

/// Texts may hold secrets.
impl fmt::Debug for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Past")
            .field("reads", &self.reads)
            .field("served", &self.served)
            .finish_non_exhaustive()
    }
}

impl Reloading {
    pub(super) fn of(source: Option<Source>) -> Self {
        let text = source.as_ref().map(|source| source.text.clone()).unwrap_or_default();
        Self {
            source,
            past: Mutex::new(Past {
                text,
                ..Past::default()
            }),
        }
    }

    pub(super) fn describe(&self) -> Value {
        let past = self.past();
        json!({
            "file": self.source.as_ref().map(|source| &source.name),
            "reads": past.reads,
            "reloads": past.served,
            "wrong": past.wrong,
        })
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    /// What is found without a look at what it means: that it says what it said before.
    fn known(&mut self, text: &str) -> Option<Saved> {
        if self.text == text {
            self.wrong_text = None;
            let was_wrong = self.wrong.take().is_some();
            return Some(if was_wrong { Saved::AsServed } else { Saved::Unchanged });
        }
        (self.wrong_text.as_deref() == Some(text)).then_some(Saved::Unchanged)
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
        past.reads += 1;
        match (source.read)() {
            Ok(text) => self.serve_text(source, text, &mut past),
            Err(message) => Err(wrong(source, message, &mut past)),
        }
    }

    /// The same for a file that may have been saved: nothing happens unless it says something else.
    pub(crate) fn reload_if_changed(&self) -> Result<Saved, ReloadError> {
        let reloading = self.reloading();
        let source = reloading.source.as_ref().ok_or(ReloadError::NoSource)?;
        let mut past = reloading.past();
        past.reads += 1;
        match (source.read)() {
            Ok(text) => {
                if let Some(known) = past.known(&text) {
                    if known == Saved::AsServed {
                        tracing::info!(file = source.name, "the configuration is again the one that is served");
                    }
                    return Ok(known);
                }
                self.serve_text(source, text, &mut past).map(|()| Saved::Anew)
            }
            Err(message) if past.wrong.as_ref() == Some(&message) => Ok(Saved::Unchanged),
            Err(message) => Err(wrong(source, message, &mut past)),
        }
    }

    fn serve_text(&self, source: &Source, text: String, past: &mut Past) -> Result<(), ReloadError> {
        let config = match (source.load)(&text) {
            Ok(config) => config,
            Err(message) => {
                past.wrong_text = Some(text);
                return Err(wrong(source, message, past));
            }
        };
        if let Some(sandbox) = self.registry().get(DEFAULT_SANDBOX) {
            let budget = sandbox.world.app().memory().0;
            sandbox.world.serve(App::new(Arc::new(config), budget));
            sandbox.world.feed.tell(Happening::Reset);
        }
        past.served += 1;
        past.text = text;
        (past.wrong, past.wrong_text) = (None, None);
        tracing::info!(
            file = source.name,
            reloads = past.served,
            "the configuration was read again and is served; executions and journal begin anew"
        );
        Ok(())
    }
}

/// Remembers and tells what is wrong.
fn wrong(source: &Source, message: String, past: &mut Past) -> ReloadError {
    past.wrong = Some(message.clone());
    tracing::warn!(
        file = source.name,
        problem = %message,
        "the configuration was read again and is wrong; the old one is served on"
    );
    ReloadError::Wrong(message)
}
