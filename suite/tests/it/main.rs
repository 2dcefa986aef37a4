//! The suite as its users see it: what it detects, what it says, and how it exits.

mod action;
mod authoring;
mod bench;
mod catalogue;
mod cli;
mod deployments;
mod detects;
mod doctor;
mod documents;
mod evidence;
mod explained;
#[path = "../shared/faulty.rs"]
mod faulty;
mod gates;
mod harness;
mod judged_again;
mod learned;
mod loading;
mod messages;
mod network;
mod open_questions;
mod openapi;
mod payload_limit;
mod planned;
mod published;
mod rejudged;
mod relays;
mod rough_network;
mod second;
mod secrets;
mod servers;
mod stored;
mod templates;
mod watching;
