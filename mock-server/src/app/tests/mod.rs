//! The whole sandbox by plain calls: a request and a time in, an answer out.

mod world;

mod answers;
mod authentication;
mod control;
mod events;
mod gates;
mod laws;
mod mistakes;
mod order;
mod rate;
mod reach;
mod retrieval;
mod running;
mod shared;
mod sync;
