//! The configuration of a sandbox: seed, clock, behaviour and what exists in it.
//!
//! Reads and checks, and reports every problem at once. It starts nothing, and draws ids and secrets from the seed only.

mod conditions;
mod integrations;
mod reader;
pub(crate) mod steps;
mod workflows;
mod workspaces;

use std::sync::{Arc, OnceLock};

use located_yaml::{Document, Problems};

use crate::behaviour::Behaviour;
use crate::behaviour::knob::words;
use crate::catalog::{Catalog, Origin};
use crate::config::reader::Reader;
use crate::fault::Faults;
use crate::ids::Seed;
use crate::journal::redaction::Redaction;

/// A sandbox's configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where ids and secrets come from.
    pub(crate) seed: Seed,
    /// Which clock drives it.
    pub(crate) clock: ClockMode,
    /// How it behaves, its faults not considered.
    pub(crate) behaviour: Behaviour,
    /// The faults it begins with.
    pub(crate) faults: Faults,
    /// What exists in it.
    pub(crate) catalog: Arc<Catalog>,
    /// What it was read from: the file's name and its text.
    source: Arc<(String, String)>,
    /// Every secret in it, for the journal to leave out; found when it is first served, and shared by every clone.
    redaction: Arc<OnceLock<Redaction>>,
}

/// Which clock drives a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockMode {
    /// The machine's.
    System,
    /// One that stands still until it is advanced over the control surface.
    Manual,
}

words!(ClockMode { System = "system", Manual = "manual" });

impl Config {
    /// The name under which problems of the built-in configuration would be reported.
    pub const BUILT_IN_NAME: &str = "default.yaml";

    /// The text of the configuration that is used when none is given.
    pub const BUILT_IN: &str = include_str!("default.yaml");

    /// Reads a configuration. A seed given here takes the place of the one in the file.
    ///
    /// # Errors
    /// Every problem of the file, each with its place.
    pub fn load(file: &str, text: &str, seed: Option<Seed>) -> Result<Self, Problems> {
        let document = Document::parse(file, text)?;
        let mut problems = Problems::default();
        let config = Reader::read(document.root(), seed, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            source: Arc::new((file.to_owned(), text.to_owned())),
            ..config
        })
    }

    /// The configuration that is used when none is given.
    ///
    /// # Panics
    /// Never: that it can be read is tested.
    #[must_use]
    pub fn built_in(seed: Option<Seed>) -> Self {
        Self::load(Self::BUILT_IN_NAME, Self::BUILT_IN, seed).expect("the built-in configuration is checked by a test")
    }

    /// Where ids and secrets come from.
    #[must_use]
    pub const fn seed(&self) -> Seed {
        self.seed
    }

    /// The file's name and the text it was read from.
    pub(crate) fn source(&self) -> (&str, &str) {
        (&self.source.0, &self.source.1)
    }

    /// Which clock drives it.
    #[must_use]
    pub const fn clock(&self) -> ClockMode {
        self.clock
    }

    /// Knows every secret in it. Shared by all sandboxes of one configuration.
    pub(crate) fn redaction(&self) -> &Redaction {
        self.redaction.get_or_init(|| Redaction::of(&self.catalog))
    }

    /// How it behaves.
    #[must_use]
    pub const fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// The faults it begins with.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The same, beginning with other faults.
    #[must_use]
    pub fn with_faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// The same, with these faults in its behaviour.
    pub(crate) fn under(&self, faults: &Faults) -> Self {
        Self {
            behaviour: faults.on(&self.behaviour),
            ..self.clone()
        }
    }

    /// How many integrations there are.
    #[must_use]
    pub fn integration_count(&self) -> usize {
        self.catalog.integrations().len()
    }

    /// How many workflows there are, each counted once however widely it is shared.
    #[must_use]
    pub fn workflow_count(&self) -> usize {
        let own = |workflow: &&crate::catalog::Workflow| workflow.origin == Origin::Own;
        self.catalog.workflows().iter().filter(own).count()
    }
}

#[cfg(test)]
mod tests;
