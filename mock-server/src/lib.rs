//! The reference mock of Torq's webhook-trigger, executions and token endpoints.
//!
//! ```text
//! connection -> edge::request -> route -> admission (gates, one visible list) -> event -> trigger
//!            -> execution (state = f(script, started_at, now)) -> Reply | Wait -> edge::response
//! ```
//!
//! `App::handle` tells the story. Only `edge` and `control` know HTTP frameworks, only `clock` reads time, only `edge`
//! knows statuses and JSON shapes, and every decision they follow is a value of `Behaviour`.

pub mod blocking;
pub mod server;
pub mod testing;

mod control;
pub mod profile;
mod sandbox;

pub mod clock;

pub mod app;
pub mod behaviour;
pub mod config;
pub mod edge;
pub mod fault;
pub mod inbound;
pub mod reply;
pub mod route;

mod absence;
mod admission;
mod bearer;
mod catalog;
mod event;
mod execution;
mod grant;
mod latency;
mod limits;
mod meters;
mod mistakes;
pub mod naming;
mod nearest;
mod quota;
mod retention;
mod retrieval;
mod secret;
mod store;
mod traces;
mod trigger;
mod workflow;

pub mod activity;
pub mod gate;
pub mod ids;
pub mod journal;
pub mod packed;
pub mod rejection;
pub mod timestamp;
pub mod tokens;

pub use app::Release;
pub use config::ClockMode;
pub use control::{ReloadError, Saved, Source};
pub use edge::tls::{Tls, TlsError};
pub use execution::{ExecutionView, Status};
pub use gate::Gate;
pub use ids::ExecutionId;
pub use journal::{AnswerNote, GivenAnswer, JournalOutcome, Provenance, ReceivedBody, ReceivedRequest, RefusalNote};
pub use latency::{Latency, LatencyError};
pub use limits::Limits;
pub use naming::{PublicHost, PublicHostError};
pub use retention::{Budget, BudgetError, Usage};
pub use route::Endpoint;
pub use sandbox::{Ports, PortsError};
pub use server::{Server, Settings, StartError};
pub use testing::{
    BuildError, Expectation, Guard, Integration, MockServer, MockServerBuilder, Requests, Workflow, Workspace,
};
pub use timestamp::Timestamp;
pub use traces::{Traces, TracesError};
