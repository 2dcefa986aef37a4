//! The server as its callers meet it: real sockets, one module per topic.
//!
//! Nothing here looks inside the server; what happened is read from the sockets and asked of the control surface.

mod bad_input;
mod fallback;
mod hang_up;
mod payload;
mod support;
