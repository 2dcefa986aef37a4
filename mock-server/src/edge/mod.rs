//! Where HTTP is: connections, what a request is read from, and what a reply is written as.

pub(crate) mod body;
pub(crate) mod delivery;
pub(crate) mod listener;
pub(crate) mod request;
pub mod response;
pub(crate) mod room;
pub(crate) mod service;
pub mod tls;
mod wire;
