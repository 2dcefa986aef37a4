//! From the facts of a run to a mock that makes the same choices, and to a profile that says what was measured.
//!
//! Pure: facts, a profile and the table of knobs in (`specs/knobs.yaml`), texts out. Running the cases is `conduct`'s business.

mod knobs;
mod order;
mod profile;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

pub use profile::completed;

use crate::profile::Profile;
use crate::report::Outcome;
use crate::spec::model::{Case, Knob, Specs};

const WRITTEN: &str = "a String takes everything that is written";

/// Facts by name, and what they come to.
pub type Facts = BTreeMap<String, String>;

/// What a deployment was found to do, as a configuration of the mock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// Each knob that was told, with its value as YAML and what told it.
    pub knobs: Vec<Setting>,
    /// Each knob that was not, and why.
    pub untold: Vec<(String, Untold)>,
}

/// A knob with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its section in `behaviour`.
    pub section: String,
    /// Its name there.
    pub name: String,
    /// Its value, as YAML on one line.
    pub value: String,
    /// The facts, or the place of the profile, that told it.
    pub told_by: String,
}

/// Why nothing tells a knob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untold {
    /// The run brought no such fact.
    NotSeen(String),
    /// The fact came to something no value of the knob brings about.
    NoSuchValue {
        /// The fact.
        fact: String,
        /// What it came to.
        value: String,
    },
}

impl fmt::Display for Untold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSeen(fact) => write!(f, "`{fact}` was not seen"),
            Self::NoSuchValue { fact, value } => write!(f, "`{fact}` is `{value}`, which the mock cannot do"),
        }
    }
}

/// Whether a case tells something a mock could be set to.
#[must_use]
pub fn teaches(case: &Case) -> bool {
    case.steps
        .iter()
        .chain(&case.finally)
        .any(|step| !step.observe.is_empty())
}

/// Everything a run recorded, the payload limit it looked for included.
#[must_use]
pub fn facts(outcome: &Outcome<'_>) -> Facts {
    let runs = outcome.cases.iter().map(|it| &it.run).chain(&outcome.payload_search);
    runs.flat_map(|run| run.facts.iter().cloned()).collect()
}

/// What the facts of a run say about each knob of the table.
#[must_use]
pub fn learn(table: &[Knob], facts: &Facts, profile: &Profile) -> Learned {
    let (mut settings, mut untold) = (Vec::new(), Vec::new());
    for knob in table {
        match knobs::value(&knob.told, facts, profile) {
            Ok((value, told_by)) => settings.push(Setting {
                section: knob.section.clone(),
                name: knob.name.clone(),
                value,
                told_by,
            }),
            Err(why) => untold.push((format!("{}.{}", knob.section, knob.name), why)),
        }
    }
    Learned {
        knobs: settings,
        untold,
    }
}

impl Learned {
    /// A configuration of the mock: the fixtures, and a `behaviour` with everything that was learned.
    #[must_use]
    pub fn configuration(&self, specs: &Specs, target: &str) -> String {
        let mut out = format!(
            "# What {} was found to do where nobody publishes what is right, and the fixtures of the suite.\n# \
             `torq-mock serve --config FILE` does the same.\n",
            target.replace(['\n', '\r'], " ")
        );
        // The first line of the fixtures names their schema by a path that does not lead anywhere from here.
        let fixtures = specs.fixtures.text.lines();
        for line in fixtures.skip_while(|line| line.starts_with("# yaml-language-server")) {
            writeln!(out, "{line}").expect(WRITTEN);
        }
        out.push_str("\nbehaviour:\n");
        let mut section = "";
        for it in &self.knobs {
            if it.section != section {
                section = &it.section;
                writeln!(out, "  {section}:").expect(WRITTEN);
            }
            writeln!(out, "    # {}\n    {}: {}", it.told_by, it.name, it.value).expect(WRITTEN);
        }
        if !self.untold.is_empty() {
            out.push_str("\n# As the mock has it by default, since nothing told:\n");
        }
        for (knob, why) in &self.untold {
            writeln!(out, "#   {knob}: {why}").expect(WRITTEN);
        }
        out
    }
}

/// All facts as a YAML mapping, for comparing releases.
#[must_use]
pub fn as_yaml(facts: &Facts) -> String {
    facts
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", quoted(value)))
        .collect()
}

/// A text as a YAML scalar on one line.
fn quoted(text: &str) -> String {
    // JSON's way of writing a text is one of YAML's.
    serde_json::Value::from(text).to_string()
}
