//! The suite as its users see it: what it detects, what it says, and how it exits.

mod authoring;
mod bench;
mod catalogue;
mod cli;
mod deployments;
mod detects;
mod doctor;
mod documents;
mod explained;
mod gates;
mod harness;
mod learned;
mod loading;
mod messages;
mod network;
mod open_questions;
mod openapi;
mod payload_limit;
mod planned;
mod relays;
mod rough_network;
mod second;
mod secrets;
mod servers;
mod templates;
mod watching;
