//! The reference mock of Torq's webhook-trigger, executions and token endpoints.

pub mod timestamp;
