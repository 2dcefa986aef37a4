//! Running a plan: cases side by side, each on a stage of its own, and what was seen of them.
//!
//! Collects facts and prints nothing.

mod case;
mod client;
mod clockwork;
mod connect;
mod pace;
mod payload;
mod rehearsal;
mod request;
mod session;
mod sign;
mod tokens;
mod values;
mod wire;

pub use case::{CaseRun, StepRun, Surroundings, Trouble, run as run_case, title};
pub use client::{Client, ClientError};
pub use connect::NoConnection;
pub use pace::{Counts, Pace};
pub use payload::{
    FACT as PAYLOAD_LIMIT, find as find_payload_limit, largest_limit as largest_payload_limit,
    search_requests as payload_search_requests,
};
pub use rehearsal::{
    Draws, Effect, Pacing, Placeholder, Purpose, Rehearsed, Setting, Waits, Written, nearly_secrets, rehearse,
};
pub(crate) use request::workspace_of;
pub use tokens::NoToken;
