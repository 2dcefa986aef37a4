//! The server as its callers meet it: real sockets, one module per topic.
//!
//! Nothing here looks inside the server; what happened is read from the sockets and asked of the control surface.

mod bad_input;
mod bounds;
mod client;
mod clients;
mod control;
mod dashboard;
mod determinism;
mod documentation;
mod events;
mod exchange;
mod fallback;
mod faults;
mod hang_up;
mod http2;
mod journal;
mod limits;
mod naming;
mod openapi;
mod payload;
mod running;
mod sandboxes;
mod shutdown;
mod support;
mod test_server;
