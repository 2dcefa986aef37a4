//! What connections may cost a server: how many, how long, how much at once. Its own protection, not the contract's.
//!
//! Only values. A deployment's limits, such as the payload limit, are knobs of `behaviour`.

use std::time::Duration;

/// What connections may cost. The defaults are far above what a careful client needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one sandbox at once; more wait in the socket's queue.
    pub connections: usize,
    /// Connections of the control surface at once.
    pub control_connections: usize,
    /// How long a request head, or a TLS handshake, may take.
    pub head: Duration,
    /// How long a body may take to arrive; then the request is refused with 408.
    pub body: Duration,
    /// How long an answer may go unread before its connection is given up.
    pub unread: Duration,
    /// Synchronous calls of one sandbox held at once; those beyond are answered as if their time were up.
    pub held: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 50_000,
            control_connections: 1_000,
            head: Duration::from_secs(30),
            body: Duration::from_secs(60),
            unread: Duration::from_secs(60),
            held: 50_000,
        }
    }
}
