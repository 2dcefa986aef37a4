//! Where HTTP is: what a request is read from and what a reply is written as.

pub mod response;
mod wire;
