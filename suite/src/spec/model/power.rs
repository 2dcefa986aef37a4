//! What the suite is known to notice: faults, and which cases each of them fails.
//!
//! Plain data of `faults.yaml` and `kill-matrix.yaml`; that it is true is tested by running every case with every fault.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::Location;

/// Everything that is known about what the suite notices.
#[derive(Clone, Debug, Default)]
pub struct Power {
    /// In file order.
    pub faults: Vec<Fault>,
    /// What the cases make of each fault, by its name.
    pub kills: BTreeMap<String, Kills>,
}

/// A deliberate single defect of the mock.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its name.
    pub name: String,
    /// What is wrong, in a sentence.
    pub about: String,
    /// The ids of the requirements it breaks.
    pub violates: Vec<String>,
    /// Where it is written.
    pub at: Location,
}

/// Everything that comes out otherwise than without a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kills {
    /// Cases that fail.
    pub failed: BTreeSet<String>,
    /// Cases of vendor requirements that differ.
    pub deviates: BTreeSet<String>,
    /// Cases that cannot tell any more, mostly because their twin fails.
    pub inconclusive: BTreeSet<String>,
    /// Facts with another value.
    pub facts: BTreeSet<String>,
}

impl Kills {
    /// Whether anything tells the fault from a server that is right.
    #[must_use]
    pub fn is_noticed(&self) -> bool {
        !(self.failed.is_empty() && self.deviates.is_empty() && self.facts.is_empty())
    }

    /// Whether a case is failed by it.
    #[must_use]
    pub fn fails(&self, case: &str) -> bool {
        self.failed.contains(case) || self.deviates.contains(case)
    }
}

impl Power {
    /// The faults that fail a case.
    pub fn killed_by<'p>(&'p self, case: &'p str) -> impl Iterator<Item = &'p Fault> {
        let fails = |fault: &&Fault| self.kills.get(&fault.name).is_some_and(|kills| kills.fails(case));
        self.faults.iter().filter(fails)
    }

    /// How many of the faults are noticed.
    #[must_use]
    pub fn noticed(&self) -> usize {
        let noticed = |fault: &&Fault| self.kills.get(&fault.name).is_some_and(Kills::is_noticed);
        self.faults.iter().filter(noticed).count()
    }
}
