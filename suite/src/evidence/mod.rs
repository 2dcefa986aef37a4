//! The evidence of a run: everything that was sent, received and found, as it is stored in `report.json`.
//!
//! Plain data with a stable form. Runs nothing, judges nothing and renders nothing; every view of a run is made from it alone.

mod case;
mod exchange;
mod figures;
#[cfg(test)]
pub(crate) mod generated;
mod merge;
mod of;
mod published;
mod read;
mod seconds;
mod stream;

use std::collections::BTreeMap;
use std::fmt;

use located_yaml::Location;
use serde::{Deserialize, Serialize};

pub use case::{Bounds, Case, Doubt, Limit, Mismatch, MismatchKind, Repeats, Step, Trouble, TroubleKind, Twin, Value};
pub use exchange::{Answer, Body, Exchange, Outcome, Request, Took, Unanswered, UnansweredKind, Written};
pub use figures::{Conformance, Coverage, Standing, Tallies};
pub use merge::merge;
pub use published::Unfit;
pub use read::{ReadError, read};
pub use stream::Stream;

use crate::spec::model::{Grade, Level};
use crate::verdict::Verdict;

/// The version of this format.
pub const SCHEMA: u32 = 5;

/// One run, from who was asked to what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The version of this format.
    pub schema: u32,
    /// Whether the run reached its end. If not, only the cases listed had ended when this was written, and what is derived
    /// from all of them (tally, figures, facts, cases of requirements, exit code) is still empty.
    pub complete: bool,
    /// What judged.
    pub suite: Suite,
    /// What was judged.
    pub target: Target,
    /// When the run began, RFC 3339.
    pub started: String,
    /// When it ended, RFC 3339; null while it has not.
    pub finished: Option<String>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How many cases ran side by side.
    pub jobs: usize,
    /// How often each case was to be run.
    pub repeat: u16,
    /// The filters that chose the cases; all of them had to hold.
    pub filters: Vec<String>,
    /// The part of the cases this is, when it is one.
    pub shard: Option<Shard>,
    /// How many cases were asked for: those declared unavailable and those a budget left out are among them.
    pub planned: Planned,
    /// The cases that a budget left out (`--budget`, `--max-requests`), by id; the figures count them.
    pub left_out: Vec<String>,
    /// Why the run ended before its last case, when it did.
    pub ended_early: Option<String>,
    /// The earlier run whose divergences do not fail this one, when there is one (`--baseline`).
    pub baseline: Option<Baseline>,
    /// Whether the figures say something about the documented API: false when the profile overrides a documented limit.
    pub conformance_claim: bool,
    /// The documented limits that the profile overrides.
    pub overridden_limits: Vec<String>,
    /// Whether a SHOULD that differs fails the run (`--strict`).
    pub strict: bool,
    /// The code the run ended with; null while it has not.
    pub exit_code: Option<u8>,
    /// MUST cases that passed, of all MUST cases.
    pub conformance: Conformance,
    /// MUST cases that were judged, of all MUST cases.
    pub coverage: Coverage,
    /// Verdicts counted by level.
    pub tally: Tallies,
    /// Cases whose runs did not agree, by id.
    pub intermittent: Vec<String>,
    /// Exemptions that name nothing or hold no longer.
    pub stale_exemptions: Vec<StaleExemption>,
    /// Open behaviour of the deployment, by the name of the fact.
    pub facts: BTreeMap<String, String>,
    /// How the payload limit was looked for, when the profile does not name it and a case needed it.
    pub payload_search: Option<PayloadSearch>,
    /// Every requirement, whether or not a case of this run cites it, in the order of the specs.
    pub requirements: Vec<Requirement>,
    /// Every case of the run, in the order of their ids.
    pub cases: Vec<Case>,
}

/// What judged: the program and the specs it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Suite {
    /// The version of the program.
    pub version: String,
    /// SHA-256 over all requirements, cases and fixtures, lower hex.
    pub specs: String,
    /// How much of what is made wrong on purpose these specs notice; empty when that was not measured.
    pub power: Vec<Score>,
}

/// How much of one kind of wrong these specs notice. It says how far a run that found nothing can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Score {
    /// What was made wrong.
    pub measure: Measure,
    /// How many were noticed.
    pub noticed: usize,
    /// Of how many.
    pub of: usize,
    /// How many more were made wrong in a way that nobody could be held to, which is why they are not counted.
    pub immaterial: usize,
}

/// What can be made wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Measure {
    /// The mock, by one named fault at a time.
    Faults,
    /// The cases, by one assertion at a time that is dropped, negated or loosened.
    Assertions,
    /// What the mock answers, by one field at a time.
    Answers,
}

/// What was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Target {
    /// The name of the profile, or of the mock.
    pub name: String,
    /// Who moves its clock.
    pub clock: Clock,
}

/// Who moves a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Clock {
    /// It stands still until it is told to move, so that times are exact.
    Manual,
    /// It runs by itself, so that times are measured.
    System,
}

/// Which part of the cases a run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Shard {
    /// Its number, from 1.
    pub number: u64,
    /// How many there are.
    pub of: u64,
    /// How many cases the others have.
    pub elsewhere: usize,
    /// How many of those are MUST cases.
    pub must_elsewhere: usize,
}

/// How many cases a run consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Planned {
    /// All of them.
    pub cases: usize,
    /// The MUST cases among them.
    pub must: usize,
}

/// An earlier run whose divergences do not fail this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Baseline {
    /// The file it was read from.
    pub file: String,
    /// When that run began, RFC 3339.
    pub started: String,
    /// Cases that diverge just as they did then, by id.
    pub known: Vec<String>,
}

/// An exemption that has to go or to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StaleExemption {
    /// The case or requirement it names.
    pub names: String,
    /// What is wrong with it.
    pub why: String,
    /// Where it is written.
    pub at: Place,
}

/// How an unknown payload limit was looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PayloadSearch {
    /// The limit in bytes, when it was found.
    pub limit: Option<u64>,
    /// Why there is none.
    pub reason: Option<String>,
    /// Everything that was sent to find it.
    pub exchanges: Vec<Exchange>,
}

/// A sentence that a deployment has to live up to, and the cases that checked it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Requirement {
    /// Its stable id.
    pub id: String,
    /// The section of the API it is about.
    pub section: String,
    /// How well it is attested.
    #[serde(with = "GradeWord")]
    pub grade: Grade,
    /// Where it is documented.
    pub source: Source,
    /// The requirement in one sentence.
    pub statement: String,
    /// Why no case covers it, when none can.
    pub untested: Option<String>,
    /// The cases of this run that cite it, and what they came to.
    pub cases: Vec<Citation>,
}

/// Where a requirement is documented.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Source {
    /// The page.
    pub page: String,
    /// The section of that page.
    pub section: String,
}

/// A case that cites a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Citation {
    /// Its id.
    pub case: String,
    /// What it came to.
    pub verdict: Verdict,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place {
    /// The file, as the specs name it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<&Location> for Place {
    fn from(at: &Location) -> Self {
        Self {
            file: at.file.to_string(),
            line: at.line,
            column: at.column,
        }
    }
}

/// `file:line:column`, as editors and terminals recognise it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// `K/N`, as on the command line.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// How a level is written.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Level", rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum LevelWord {
    /// A deployment that differs is non-conformant.
    Must,
    /// A deployment that differs deviates.
    Should,
    /// Noted as a fact, never judged.
    Recorded,
}

/// How a grade is written.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Grade", rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum GradeWord {
    /// The source article states it.
    Documented,
    /// Another public page of the vendor states it.
    Vendor,
    /// Partner samples or several independent clients show it.
    Observed,
    /// Nobody publishes it.
    Open,
}
