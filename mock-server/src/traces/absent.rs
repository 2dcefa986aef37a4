//! Traces of a build that has none: the same words, and nothing behind them.
//!
//! Takes no room and no time.

use http::HeaderMap;
use thiserror::Error;

use crate::journal::ReceivedRequest;

/// Where spans go: nowhere, as this was built without the feature `otlp`.
#[derive(Clone, Debug, Default)]
pub struct Traces(());

/// Why there are no traces although somebody asked for them: without the feature `otlp` nobody can ask.
#[derive(Clone, Copy, Debug, Error)]
pub enum TracesError {}

impl Traces {
    /// Nowhere, whatever the environment says.
    ///
    /// # Errors
    /// Never; the same words with the feature can fail.
    pub const fn from_environment() -> Result<Self, TracesError> {
        Ok(Self(()))
    }

    /// Nothing waits to be sent.
    pub async fn finish(self) {}

    pub(crate) const fn begin(&self, _: &HeaderMap) -> Span {
        Span(())
    }
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Span(());

/// A call while it is held.
#[derive(Debug)]
pub(crate) struct Held(());

impl Span {
    pub(crate) const fn is_wanted(&self) -> bool {
        false
    }

    pub(crate) const fn end(&self, _: &str, _: &ReceivedRequest) {}

    pub(crate) const fn held(&self) -> Held {
        Held(())
    }
}
