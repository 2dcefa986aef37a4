//! One request in our own words, as the core sees it.
//!
//! Knows no HTTP framework: `edge::request` makes it, everything behind it only reads it.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request whose head has been read and whose body has been read as far as the payload limit allows.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// The method as sent; unknown ones are kept, refusing them is the route's business.
    pub method: Method,
    /// The path exactly as sent, still percent-encoded.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// The headers in the order they came, repeated ones kept.
    pub headers: HeaderMap,
    /// The body, or why there is none.
    pub body: Body,
}

/// What the edge could read of a body.
#[derive(Clone, Debug)]
pub enum Body {
    /// The whole body; within the limit.
    Complete(Bytes),
    /// More than the payload limit was declared or sent; nothing beyond the limit was kept.
    OverLimit {
        /// What `Content-Length` announced, in bytes, when it was that which gave it away.
        declared: Option<u64>,
    },
}

impl Body {
    /// The bytes that were kept: empty when the body was over the limit.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Complete(bytes) => bytes,
            Self::OverLimit { .. } => &[],
        }
    }
}
