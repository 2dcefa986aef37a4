//! What a workflow is written in, and what that comes to for one event.
//!
//! Pure: no clock, no state, no HTTP.

pub(crate) mod condition;
pub(crate) mod script;
pub(crate) mod step;
pub(crate) mod template;
