//! One case in the evidence: what it is, what was done step by step, and what it came to.
//!
//! Plain data; `of` fills it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::exchange::Exchange;
use super::{LevelWord, Place, seconds};
use crate::spec::model::Level;
use crate::verdict::{Stability, Tally, Verdict};

/// One case and everything that was seen of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Case {
    /// Its stable id.
    pub id: String,
    /// What it checks, in a sentence.
    pub title: String,
    /// The section of the API it is about.
    pub section: String,
    /// The suite it belongs to.
    pub suite: String,
    /// How much its requirements weigh.
    #[serde(with = "LevelWord")]
    pub level: Level,
    /// The requirements it checks, by id.
    pub requirements: Vec<String>,
    /// For a negative case: what had to succeed in the same run.
    pub twin: Option<Twin>,
    /// Where it is written.
    pub at: Place,
    /// What it came to.
    pub verdict: Verdict,
    /// A reason besides the findings: what is missing, which twin did not pass.
    pub reason: Option<String>,
    /// What makes this failure the same failure in the next run; null when nothing differed.
    pub fingerprint: Option<String>,
    /// What each run of it came to, when there were several; the worst of them is told here.
    pub repeats: Option<Repeats>,
    /// How long it took on the machine that ran it, in seconds.
    pub seconds: f64,
    /// Why it ended without a finding, when it did.
    pub trouble: Option<Trouble>,
    /// What the names that its expectations may use stood for.
    pub values: BTreeMap<String, Value>,
    /// Open behaviour it recorded, by the name of the fact.
    pub facts: BTreeMap<String, String>,
    /// In order; steps after one that ended the case are missing.
    pub steps: Vec<Step>,
}

/// The positive counterpart of a negative case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Twin {
    /// The id of the case that had to pass.
    pub case: String,
    /// The one dimension in which the two differ.
    pub differs: String,
}

/// What several runs of one case came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Repeats {
    /// Whether they agree.
    pub stability: Stability,
    /// How many came to what.
    pub verdicts: Tally,
}

/// Why a case ended without a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Trouble {
    /// What kind of reason it is.
    pub kind: TroubleKind,
    /// The reason in words.
    pub reason: String,
}

/// Kinds of reasons for a case to end without a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum TroubleKind {
    /// The profile lacks something and does not say so.
    Missing,
    /// Something the case needs could not be had.
    CouldNotTell,
    /// The case is about the payload limit, which nobody has found out.
    PayloadLimitUnknown,
    /// The run ended before the case did.
    NotRun,
    /// A mistake of the suite, or of a mock's control surface.
    Harness,
}

/// What a name stood for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Value {
    /// A duration, in seconds.
    Seconds(
        #[serde(with = "seconds")]
        #[cfg_attr(test, schemars(with = "f64"))]
        Duration,
    ),
    /// Anything JSON can say.
    Json(Json),
}

/// One step and everything that was seen of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Step {
    /// Which step of the case it is, from 1; those of `finally` are counted on.
    pub number: usize,
    /// What was done, in words.
    pub title: String,
    /// Where it is written.
    pub at: Place,
    /// The step as it is written in the specs.
    pub yaml: String,
    /// What was sent and what came back; several for bursts and polls.
    pub exchanges: Vec<Exchange>,
    /// Of a step with a time window: when its answer had to come, on the target's clock.
    pub window: Option<Bounds>,
    /// Of a burst against a rate limit: the limit.
    pub limit: Option<Limit>,
    /// Where the deployment differs.
    pub mismatches: Vec<Mismatch>,
    /// What could not be told.
    pub doubts: Vec<Doubt>,
    /// What holds, but only just, or something else a reader should know.
    pub notes: Vec<String>,
}

/// When an answer had to come, since its request was sent. The exchange's `took` says when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bounds {
    /// Not before this, in seconds.
    #[serde(with = "seconds::optional")]
    #[cfg_attr(test, schemars(with = "Option<f64>"))]
    pub after: Option<Duration>,
    /// Not after this, in seconds.
    #[serde(with = "seconds::optional")]
    #[cfg_attr(test, schemars(with = "Option<f64>"))]
    pub before: Option<Duration>,
}

/// A rate limit that a burst had to show at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Limit {
    /// How many may be accepted.
    pub at_most: usize,
    /// In how many seconds.
    #[serde(with = "seconds")]
    #[cfg_attr(test, schemars(with = "f64"))]
    pub per: Duration,
    /// The status of a refusal.
    pub refused: u16,
}

/// One difference between what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Mismatch {
    /// What kind of part differs.
    pub kind: MismatchKind,
    /// Which part, in words.
    pub part: String,
    /// Of a burst: which of its answers, from 1, when it is about one.
    pub answer: Option<usize>,
    /// What was expected, in words.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The assertion.
    pub at: Place,
}

/// Kinds of parts that can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum MismatchKind {
    /// The status code.
    Status,
    /// A header.
    Header,
    /// The body as text.
    Body,
    /// A place in the body as JSON.
    Json,
    /// When the answer came.
    Time,
    /// The answers of a burst together.
    Burst,
    /// A value that another step needs.
    Capture,
    /// Whether there is an answer.
    Answer,
}

/// A reason why something could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Doubt {
    /// Why.
    pub reason: String,
    /// The assertion.
    pub at: Place,
}

impl Case {
    /// Whether the run ended before the case did.
    #[must_use]
    pub fn was_not_run(&self) -> bool {
        self.trouble
            .as_ref()
            .is_some_and(|trouble| trouble.kind == TroubleKind::NotRun)
    }

    /// Whether its runs did not agree.
    #[must_use]
    pub fn is_intermittent(&self) -> bool {
        self.repeats
            .as_ref()
            .is_some_and(|repeats| repeats.stability == Stability::Intermittent)
    }

    /// Whether a reader has to look at it.
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        match self.verdict {
            Verdict::Failed | Verdict::Deviates | Verdict::HarnessError => true,
            Verdict::Inconclusive | Verdict::UnexpectedPass => true,
            Verdict::Passed | Verdict::Unavailable | Verdict::Exempt | Verdict::Recorded => false,
        }
    }
}

impl Step {
    /// Whether everything held and could be told.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.mismatches.is_empty() && self.doubts.is_empty()
    }
}
