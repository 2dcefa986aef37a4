//! What the suite is known to notice: faults, which cases each of them fails, and what is lost without anybody noticing.
//!
//! Plain data of `faults.yaml`, `kill-matrix.yaml` and `survivors.yaml`; that it is true is found out by programs of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use located_yaml::Location;

use super::Case;
use crate::glob;

/// Everything that is known about what the suite notices.
#[derive(Clone, Debug, Default)]
pub struct Power {
    /// In file order.
    pub faults: Vec<Fault>,
    /// What the cases make of each fault, by its name.
    pub kills: BTreeMap<String, Kills>,
    /// Of the assertions of the cases, each dropped, negated and loosened by itself.
    pub assertions: Score,
    /// Of the fields of the mock's answers, each changed by itself.
    pub answers: Score,
    /// What these two scores were measured of, and what there is.
    pub basis: Basis,
}

/// Digests of what the scores of assertions and answers rest on: requirements, cases, fixtures and faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// Of what was measured.
    pub measured: String,
    /// Of what was read.
    pub present: String,
}

impl Basis {
    /// Whether the scores are those of what was read.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.measured == self.present
    }
}

/// How many of many small changes are noticed, and which need not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// How many are noticed.
    pub noticed: usize,
    /// How many there are, those that are immaterial not counted.
    pub of: usize,
    /// Those that nobody notices and that make no difference anybody could be held to: what nobody publishes, or what comes
    /// to the same.
    pub immaterial: Vec<Survivors>,
    /// All others that nobody notices, and why that has to do.
    pub survivors: Vec<Survivors>,
}

/// Changes that nobody notices, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivors {
    /// What they are called; `*` stands for any run of characters.
    pub like: Vec<String>,
    /// How many there are; one that several reasons cover is counted at the first.
    pub count: usize,
    /// Why nobody need notice them, in a sentence.
    pub because: String,
    /// Where they are written.
    pub at: Location,
}

impl Score {
    /// The share of what is noticed; nothing before anything was measured.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        (self.of > 0).then(|| self.noticed as f64 * 100.0 / self.of as f64)
    }

    /// How many are immaterial, and for that not counted.
    #[must_use]
    pub fn uncounted(&self) -> usize {
        self.immaterial.iter().map(|reason| reason.count).sum()
    }
}

/// Such as `9921 of 10083, 98.4 %`; the last digit is cut off, so that nothing is called complete that is not.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.percent() {
            None => f.write_str("not measured"),
            Some(percent) => write!(
                f,
                "{} of {}, {:.1} %",
                self.noticed,
                self.of,
                (percent * 10.0).floor() / 10.0
            ),
        }
    }
}

impl Survivors {
    /// Whether it is about a change of this name.
    #[must_use]
    pub fn cover(&self, name: &str) -> bool {
        self.like.iter().any(|like| glob::matches(like, name))
    }
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

    /// The faults with which a case records other facts, each with the names of these.
    pub fn retold_by<'p>(&'p self, case: &'p Case) -> impl Iterator<Item = (&'p Fault, Vec<&'p str>)> {
        self.faults.iter().filter_map(|fault| {
            let kills = self.kills.get(&fault.name)?;
            let names = case.facts().map(|fact| fact.name.as_str());
            let facts: Vec<_> = names.filter(|name| kills.facts.contains(*name)).collect();
            (!facts.is_empty()).then_some((fault, facts))
        })
    }

    /// How many of the faults are noticed.
    #[must_use]
    pub fn noticed(&self) -> usize {
        let noticed = |fault: &&Fault| self.kills.get(&fault.name).is_some_and(Kills::is_noticed);
        self.faults.iter().filter(noticed).count()
    }
}
