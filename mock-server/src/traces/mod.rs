//! What a tracing system is told of a request: a span from its arrival to its answer, and one while it is held.
//!
//! Tells and decides nothing. What a span says is what the journal says, from which secrets have been taken out. Without the
//! feature `otlp` there is nobody to tell, and a span is nothing at all.

#[cfg(not(feature = "otlp"))]
mod absent;
#[cfg(feature = "otlp")]
mod courier;
// Its tests need nothing of what the feature brings along.
#[cfg(any(feature = "otlp", test))]
#[cfg_attr(
    not(feature = "otlp"),
    expect(unreachable_pub, reason = "what it says is made public with the feature")
)]
mod environment;
#[cfg(feature = "otlp")]
mod otlp;

#[cfg(not(feature = "otlp"))]
pub(crate) use absent::Span;
#[cfg(not(feature = "otlp"))]
pub use absent::{Traces, TracesError};

#[cfg(feature = "otlp")]
pub use environment::TracesError;
#[cfg(feature = "otlp")]
pub(crate) use otlp::Span;
#[cfg(feature = "otlp")]
pub use otlp::Traces;
