//! The specs as they are meant: requirements, cases and their steps, valid by construction.
//!
//! Knows no YAML and no serde: `spec::lower` makes these values, everything behind it only reads them.

mod action;
mod excerpt;
mod expectation;
mod knob;
mod power;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use located_yaml::{Location, Sources};

pub use action::{
    Action, AfterWriting, Awaited, Background, Basic, Body, Burst, ContentType, Destination, Framing, HeaderLine,
    IdRef, Mode, Poll, RawBytes, SecretUse, Send, SignatureUse, SurfaceName, Token, WorkflowRef, WrongSecret,
    WrongSignature,
};
pub use expectation::{
    Answers, BurstLimit, Expectation, Extract, Fact, FactSource, JsonCheck, Kind, Located, Matcher, Pattern, Window,
};
pub use power::{Fault, Kills, Power, Score, Survivors};

pub use knob::{Knob, ProfilePlace, Told};

use crate::expression::Expression;

/// Everything that was read from one specs folder.
#[derive(Debug, Default)]
pub struct Specs {
    /// In file order.
    pub requirements: Vec<Requirement>,
    /// In file order, `for_each` already expanded.
    pub cases: Vec<Case>,
    /// The fixtures by logical name.
    pub fixtures: Fixtures,
    /// What proves the fixtures, in file order.
    pub probes: Vec<Probe>,
    /// How facts become the mock's configuration, in file order.
    pub knobs: Vec<Knob>,
    /// What the suite is known to notice.
    pub power: Power,
    /// SHA-256 over all files, lower hex; identifies the specs in a report.
    pub digest: String,
    /// The files as they are written.
    pub texts: Sources,
}

impl Specs {
    /// What is written at a place: a block of YAML, its indentation taken away.
    #[must_use]
    pub fn excerpt(&self, at: &Location) -> String {
        let text = self.texts.get(&at.file).unwrap_or_default();
        excerpt::excerpt(text, at)
    }
}

/// How well a behaviour is attested; it decides what a deployment may be failed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// The project's source article states it.
    Documented,
    /// Another public page of the vendor states it.
    Vendor,
    /// Partner samples or several independent clients show it.
    Observed,
    /// Nobody publishes it.
    Open,
}

/// The weight of a requirement in a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A deployment that differs is non-conformant.
    Must,
    /// A deployment that differs `deviates`; it fails under `--strict` only.
    Should,
    /// Recorded as a fact, never judged.
    Recorded,
}

impl Grade {
    /// The level that follows from the grade.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Documented => Level::Must,
            Self::Vendor => Level::Should,
            Self::Observed | Self::Open => Level::Recorded,
        }
    }

    /// The word used in YAML and reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Vendor => "vendor",
            Self::Observed => "observed",
            Self::Open => "open",
        }
    }
}

impl Level {
    /// The word used in reports: MUST, SHOULD or recorded.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::Recorded => "recorded",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One statement about the API, with where it is documented.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Stable, such as `SYNC-FALLBACK-STATUS`.
    pub id: String,
    /// The section it belongs to, such as `running`: the name of its cases' folder.
    pub section: String,
    /// The section's title for people.
    pub section_title: String,
    /// How well it is attested.
    pub grade: Grade,
    /// The page that states it.
    pub page: String,
    /// The section of that page.
    pub place: String,
    /// One sentence of ours.
    pub statement: String,
    /// Why no case covers it, when none can.
    pub untested: Option<String>,
    /// Where it is written.
    pub at: Location,
}

/// One named check of the API.
#[derive(Clone, Debug)]
pub struct Case {
    /// `<section>.<file>.<name>`, and `.<row>` when it came from `for_each`.
    pub id: String,
    /// A sentence.
    pub title: String,
    /// The section, such as `running`.
    pub section: String,
    /// The file's `suite`.
    pub suite: String,
    /// The file's `about`.
    pub about: String,
    /// Ids of the requirements it checks; at least one, all of one level.
    pub requirements: Vec<String>,
    /// Where each of them is named, in the same order.
    pub cited_at: Vec<Location>,
    /// The level its requirements share.
    pub level: Level,
    /// For a negative case: what must succeed in the same run.
    pub twin: Option<Twin>,
    /// What it asks of a deployment beyond its fixtures.
    pub needs: Vec<Need>,
    /// Free labels for filters.
    pub tags: Vec<String>,
    /// The fixtures its steps name: integrations, workflows and workspaces.
    pub fixtures: FixtureUse,
    /// The row of `for_each`, as `each.*`; empty without one.
    pub each: BTreeMap<String, serde_json::Value>,
    /// In order; the first one that fails ends the case.
    pub steps: Vec<Step>,
    /// Run whatever happened before.
    pub finally: Vec<Step>,
    /// Where the case starts in its file.
    pub at: Location,
}

impl Case {
    /// The facts it records.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        let steps = self.steps.iter().chain(&self.finally);
        steps.flat_map(|step| &step.observe)
    }
}

/// The positive counterpart of a negative case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The id of the case that must pass.
    pub case: String,
    /// The one dimension in which the two differ.
    pub differs: String,
    /// Where it is named.
    pub at: Location,
}

/// What shows whether a fixture is there, and is what the cases need.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The kind of fixture.
    pub kind: FixtureKind,
    /// Its logical name.
    pub name: String,
    /// The steps, as a case that cites nothing.
    pub case: Case,
}

/// A kind of fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FixtureKind {
    /// A workspace.
    Workspace,
    /// A trigger integration.
    Integration,
    /// A workflow.
    Workflow,
}

impl FixtureKind {
    /// The word used everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Integration => "integration",
            Self::Workflow => "workflow",
        }
    }
}

/// What a case needs of a deployment beyond its fixtures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Only a clock that can be moved can judge it.
    ManualClock,
    /// It uses up the rate quota, so nothing else may run beside it; intrusive off loopback.
    Quota,
    /// It sends bodies around the payload limit; intrusive off loopback.
    LargePayload,
}

/// The fixtures a case uses, by logical name, sorted and unique.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixtureUse {
    /// Workspaces whose API clients it uses.
    pub workspaces: Vec<String>,
    /// Integrations.
    pub integrations: Vec<String>,
    /// Workflows.
    pub workflows: Vec<String>,
}

/// One step of a case.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to call it in reports; the action's own words when absent.
    pub name: Option<String>,
    /// What is done.
    pub action: Action,
    /// What the answer has to be. Absent: only that there is one.
    pub expect: Option<Expectation>,
    /// Values kept for later steps.
    pub capture: Vec<Capture>,
    /// Facts recorded about open behaviour.
    pub observe: Vec<Fact>,
    /// How long to wait for the answer on the target's clock, as a duration. Absent: the synchronous time-out and the tolerance.
    pub patience: Option<Expression>,
    /// Where it is written.
    pub at: Location,
}

impl Step {
    /// The one status its answer has to have, when it names one.
    #[must_use]
    pub fn expected_status(&self) -> Option<u16> {
        let status = self.expect.as_ref()?.status.as_ref()?;
        match &status.value {
            Matcher::Equals(Template::Scalar(status)) => u16::try_from(status.as_u64()?).ok(),
            _ => None,
        }
    }
}

/// A value kept for later steps.
#[derive(Clone, Debug)]
pub struct Capture {
    /// What later steps call it.
    pub name: String,
    /// Where it comes from.
    pub extract: Extract,
    /// What it is when there is nothing to take it from; absent: that is a mismatch.
    pub otherwise: Option<Text>,
    /// Where it is written.
    pub at: Location,
}

/// What `fixtures.yaml` offers, as far as the suite needs to know it.
#[derive(Clone, Debug, Default)]
pub struct Fixtures {
    /// The file as it is, in the mock's configuration format: what a sandbox is made from.
    pub text: String,
    /// The file's name for messages.
    pub file: String,
    /// Workspaces by name.
    pub workspaces: BTreeMap<String, WorkspaceFixture>,
    /// Integrations by name.
    pub integrations: BTreeMap<String, IntegrationFixture>,
    /// Workflows by name.
    pub workflows: BTreeMap<String, WorkflowFixture>,
}

/// A workspace of the fixtures.
#[derive(Clone, Debug)]
pub struct WorkspaceFixture {
    /// How a person builds it.
    pub build: String,
    /// Names of its API clients.
    pub clients: Vec<String>,
    /// Where it is written.
    pub at: Location,
}

/// A trigger integration of the fixtures.
#[derive(Clone, Debug)]
pub struct IntegrationFixture {
    /// How a person builds it.
    pub build: String,
    /// The workspace it lives in.
    pub workspace: String,
    /// True when it demands at least one authentication header.
    pub has_headers: bool,
    /// True when it demands an HMAC signature.
    pub has_hmac: bool,
    /// Why nobody publishes what a call of it does, for those that are so; a clause about it.
    pub open: Option<&'static str>,
    /// Where it is written.
    pub at: Location,
}

/// A workflow of the fixtures.
#[derive(Clone, Debug)]
pub struct WorkflowFixture {
    /// How a person builds it.
    pub build: String,
    /// The integration that triggers it.
    pub integration: String,
    /// Workspaces it is shared into.
    pub shared_with: Vec<String>,
    /// How it stands in its workspace.
    pub publication: Publication,
    /// What its published version waits for, in order.
    pub waits: Vec<FixtureWait>,
    /// Why nobody publishes what a call of it does, for those that are so; a clause about it.
    pub open: Option<&'static str>,
    /// Where it is written.
    pub at: Location,
}

/// How a workflow stands in its workspace once it is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// Published as it is.
    Published,
    /// Published twice, and changed since without being published again.
    Revised,
    /// Published, then switched off.
    SwitchedOff,
    /// Saved and never published.
    Never,
}

/// A Wait operator of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixtureWait {
    /// Always for so long.
    For(Duration),
    /// As many seconds as this key of the event says.
    AsTheEventSays(String),
}

/// Text with expressions in it; a text that is one expression keeps that expression's type.
#[derive(Clone, Debug)]
pub struct Text {
    /// Literal text and expressions in order.
    pub parts: Vec<TextPart>,
}

/// A piece of a [`Text`].
#[derive(Clone, Debug)]
pub enum TextPart {
    /// As written.
    Literal(String),
    /// `${…}`.
    Expression(Expression),
}

/// A JSON document with expressions in its texts.
#[derive(Clone, Debug)]
pub enum Template {
    /// Null, a boolean, a number: as written.
    Scalar(serde_json::Value),
    /// A text, perhaps with expressions.
    Text(Text),
    /// A list.
    Array(Vec<Self>),
    /// An object, in the order written.
    Object(Vec<(String, Self)>),
    /// `{$match: M}` inside `subset`: a value described instead of given.
    Match(Box<Matcher>),
}
