//! Deliberate single defects, each a few values of `Behaviour` with a name and the requirements they break.
//!
//! The list itself is data that the suite reads as well; nothing here decides what a defect does. A fault only ever sets
//! knobs of published rules, so that it is never mistaken for another legal answer to an open question.

mod catalogue;

use std::fmt;

use located_yaml::{Document, Problems, did_you_mean};
use thiserror::Error;

use crate::behaviour::Behaviour;

pub use catalogue::catalogue;

/// A named defect.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its name, the one that is given to `--fault`.
    pub name: String,
    /// What the server does wrong, in a sentence.
    pub about: String,
    /// The ids of the requirements it breaks, the one it is about first.
    pub violates: Vec<String>,
    /// The knobs it sets, as `section.knob`, with their values as YAML.
    pub knobs: Vec<(String, String)>,
    /// The same as the `behaviour` of a configuration, on one line.
    change: String,
}

impl Fault {
    /// What to write under `behaviour` of a configuration for the same effect.
    #[must_use]
    pub fn change(&self) -> &str {
        &self.change
    }

    /// Sets its knobs, and says what is wrong with the change if it cannot be read.
    fn apply(&self, behaviour: &mut Behaviour) -> Problems {
        let mut problems = Problems::default();
        match Document::parse(&self.name, &self.change) {
            Ok(document) => behaviour.read(document.root(), &mut problems),
            Err(unreadable) => return unreadable,
        }
        problems
    }
}

/// Faults that can be had together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults(Vec<&'static Fault>);

/// Why some faults cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FaultError {
    /// There is none of this name.
    #[error("there is no fault `{name}`{}", hint(nearest.as_deref()))]
    Unknown {
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A fault is asked for twice.
    #[error("the fault `{0}` is named twice")]
    Twice(String),
    /// Two faults want the same knob.
    #[error("the faults `{first}` and `{second}` both set `{knob}`; a server can have one of them at a time")]
    Conflict {
        /// The one.
        first: String,
        /// The other.
        second: String,
        /// The knob.
        knob: String,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `torq-mock faults` lists them".to_owned(),
        |nearest| format!("; did you mean `{nearest}`?"),
    )
}

impl Faults {
    /// The faults of these names.
    ///
    /// # Errors
    /// The first name that is unknown, comes twice, or sets what another one sets.
    pub fn named<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for name in names {
            faults.add(name.as_ref())?;
        }
        Ok(faults)
    }

    /// Takes in one more.
    ///
    /// # Errors
    /// When it is unknown, there already, or sets what another one sets.
    pub fn add(&mut self, name: &str) -> Result<(), FaultError> {
        let known = catalogue().iter().find(|fault| fault.name == name);
        let fault = known.ok_or_else(|| FaultError::Unknown {
            name: name.to_owned(),
            nearest: located_yaml::nearest(name, catalogue().iter().map(|fault| fault.name.as_str()))
                .map(str::to_owned),
        })?;
        if self.0.contains(&fault) {
            return Err(FaultError::Twice(name.to_owned()));
        }
        for present in &self.0 {
            let shared = present
                .knobs
                .iter()
                .find(|(knob, _)| fault.knobs.iter().any(|(it, _)| it == knob));
            if let Some((knob, _)) = shared {
                return Err(FaultError::Conflict {
                    first: present.name.clone(),
                    second: fault.name.clone(),
                    knob: knob.clone(),
                });
            }
        }
        self.0.push(fault);
        Ok(())
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &'static Fault> {
        self.0.iter().copied()
    }

    /// A behaviour with all of them; what they do not set stays as it is.
    pub(crate) fn on(&self, behaviour: &Behaviour) -> Behaviour {
        let mut changed = behaviour.clone();
        for fault in &self.0 {
            // That every change can be read is tested.
            let _ = fault.apply(&mut changed);
        }
        changed
    }
}

/// Their names, as a list reads them.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|fault| fault.name.as_str()).collect();
        f.write_str(&names.join(", "))
    }
}

/// What is said of a name in a configuration that is no fault, or one too many.
pub(crate) fn explain(error: &FaultError) -> (String, Option<String>) {
    match error {
        FaultError::Unknown { name, .. } => (
            format!("there is no fault `{name}`"),
            did_you_mean(name, catalogue().iter().map(|fault| fault.name.as_str())),
        ),
        FaultError::Twice(_) | FaultError::Conflict { .. } => (error.to_string(), None),
    }
}

#[cfg(test)]
mod tests;
