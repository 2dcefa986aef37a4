//! The configuration of a sandbox: seed, clock, behaviour and what exists in it.
//!
//! Reads and checks; it starts nothing and draws ids only from the seed.

use crate::behaviour::Behaviour;
use crate::behaviour::knob::words;
use crate::catalog::Catalog;
use crate::ids::Seed;

/// A sandbox's configuration, checked.
#[derive(Debug)]
pub struct Config {
    /// Where ids and secrets come from.
    pub(crate) seed: Seed,
    /// Which clock drives it.
    pub(crate) clock: ClockMode,
    /// How it behaves.
    pub(crate) behaviour: Behaviour,
    /// What exists in it.
    pub(crate) catalog: Catalog,
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
    /// Where ids and secrets come from.
    #[must_use]
    pub const fn seed(&self) -> Seed {
        self.seed
    }

    /// Which clock drives it.
    #[must_use]
    pub const fn clock(&self) -> ClockMode {
        self.clock
    }

    /// How it behaves.
    #[must_use]
    pub const fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }
}
