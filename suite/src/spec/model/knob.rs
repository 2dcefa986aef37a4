//! How facts about open behaviour become the mock's configuration: the table that `learn` reads.
//!
//! Describes only; `learn` applies it.

use std::collections::BTreeMap;

/// One open knob of the mock and how it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Its section in `behaviour`.
    pub section: String,
    /// Its name there.
    pub name: String,
    /// What tells it.
    pub told: Told,
}

/// What tells a knob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Facts whose values, one after the other, stand for a value of the knob.
    ByWords {
        /// All of them have to be known.
        facts: Vec<String>,
        /// Will do when they are not.
        or: Option<String>,
        /// The knob's value by what the facts come to; a star at the end stands for any rest.
        values: BTreeMap<String, String>,
    },
    /// A fact that is the status of a refusal.
    ByStatus {
        /// The fact.
        fact: String,
        /// Will do when that one names no refusal.
        or: Option<String>,
        /// What stands after the status.
        phrase: String,
    },
    /// A fact that lists the keys of a body.
    ByKeys {
        /// The fact.
        fact: String,
        /// The fact that says which key holds the execution's id.
        id: Option<String>,
        /// The text under each key; `*` stands for any other.
        texts: BTreeMap<String, String>,
    },
    /// Facts that say which of two gates comes first.
    ByOrder {
        /// The gates in the order that is changed as little as may be.
        gates: Vec<String>,
        /// By fact, and by what it comes to: the gate that comes first, and the other one.
        pairs: BTreeMap<String, BTreeMap<String, (String, String)>>,
    },
    /// The profile, in this place.
    ByProfile(ProfilePlace),
}

/// A place of a profile that tells a knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfilePlace {
    /// The algorithm of the signature.
    HmacAlgorithm,
    /// The header that carries it.
    HmacHeader,
    /// How its bytes are written.
    HmacEncoding,
    /// What stands before them.
    HmacPrefix,
    /// The largest event body.
    PayloadLimit,
}
