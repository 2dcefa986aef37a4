//! A conformance suite for Torq's webhook-trigger API.

pub mod attempt;
pub mod check;
pub mod expression;
pub mod profile;
pub mod report;
pub mod run;
pub mod spec;
pub mod target;
pub mod verdict;
