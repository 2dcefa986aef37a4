//! What connections may cost a server: how many, how long, how much at once. Its own protection, not the contract's.
//!
//! Only values. A deployment's limits, such as the payload limit, are knobs of `behaviour`.

use std::time::Duration;

/// What connections may cost. The defaults are far above what a careful client needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one sandbox at once; more wait in the socket's queue.
    pub connections: usize,
    /// Connections of all sandboxes of a server at once; more wait in their sockets' queues.
    pub all_connections: usize,
    /// Connections of the control surface at once.
    pub control_connections: usize,
    /// Requests at once on one HTTP/2 connection; further ones are refused before they are read (`REFUSED_STREAM`).
    pub streams: u32,
    /// How long a request head, or a TLS handshake, may take.
    pub head: Duration,
    /// How long a body may take to arrive; then the request is refused with 408.
    pub body: Duration,
    /// Bytes of bodies over 64 KiB that are read at once, of all sandboxes of a server together; more wait for room.
    pub body_room: usize,
    /// Bodies over 64 KiB that the control surface reads at once; more wait for their turn.
    pub control_bodies: usize,
    /// How long a body waits for room before it is read; then the request is refused with 503.
    pub turn: Duration,
    /// How long an answer may go unread before its connection is given up.
    pub unread: Duration,
    /// After how long a reader of events who has nothing to be told hears that the server is still there.
    pub silence: Duration,
    /// Synchronous calls of one sandbox held at once; those beyond are answered as if their time were up.
    pub held: usize,
    /// The same of all sandboxes of a server together.
    pub all_held: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 50_000,
            all_connections: 100_000,
            control_connections: 1_000,
            streams: 200,
            head: Duration::from_secs(30),
            body: Duration::from_secs(60),
            body_room: 256 << 20,
            control_bodies: 8,
            turn: Duration::from_secs(60),
            unread: Duration::from_secs(60),
            silence: Duration::from_secs(15),
            held: 50_000,
            all_held: 100_000,
        }
    }
}
