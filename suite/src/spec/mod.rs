//! The specs: how they are read and what they mean.

pub mod model;
