//! The reference mock of Torq's webhook-trigger, executions and token endpoints.

pub mod app;
pub mod behaviour;
pub mod config;
pub mod edge;
pub mod inbound;
pub mod reply;

mod admission;
mod catalog;
mod event;
mod execution;
mod grant;
mod quota;
mod retrieval;
mod route;
mod secret;
mod store;
mod trigger;
mod workflow;

pub mod activity;
pub mod gate;
pub mod ids;
pub mod journal;
pub mod rejection;
pub mod timestamp;
pub mod tokens;
