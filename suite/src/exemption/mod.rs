//! Failures that are known and excused: which, why, by whom and until when.
//!
//! Pure: reads no file and no clock. What an exemption excuses is one failure, not a case for ever.

mod fingerprint;
mod lower;
mod template;

use std::collections::BTreeMap;

use jiff::civil::Date;
use located_yaml::{Document, Location, Problems, did_you_mean};

pub use fingerprint::fingerprint;
pub use template::template;

use crate::run::CaseRun;
use crate::spec::model::{Case, Specs};
use crate::verdict::{Judgement, Verdict};

/// The exemptions of a run, on the day of that run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exemptions {
    all: Vec<Exemption>,
    today: Date,
}

/// One excuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// Whose failure it excuses.
    pub whose: Whose,
    /// Why, for the report.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// The failures it excuses.
    pub fingerprints: Vec<String>,
    /// Where it is written.
    pub at: Location,
}

/// Whose failures an exemption excuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// One case's, by its id.
    Case(String),
    /// Those of every case that cites a requirement.
    Requirement(String),
}

/// An exemption that has to go or to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The case or requirement it names.
    pub names: String,
    /// What is wrong with it.
    pub why: String,
    /// Where it is written.
    pub at: Location,
}

impl Exemptions {
    /// Reads a file of exemptions.
    ///
    /// # Errors
    /// Every problem of the file, with its position.
    pub fn parse(file: &str, text: &str, today: Date) -> Result<Self, Problems> {
        let all = lower::exemptions(&Document::parse(file, text)?)?;
        Ok(Self { all, today })
    }

    /// Excuses a failure that is exempt, and says of any other failure of an exempt case why it is not.
    #[must_use]
    pub fn excuse(&self, case: &Case, run: &CaseRun, mut judgement: Judgement) -> Judgement {
        if !matches!(judgement.verdict, Verdict::Failed | Verdict::Deviates) {
            return judgement;
        }
        let failure = fingerprint(run).unwrap_or_default();
        let mut remarks = Vec::new();
        for it in self.all.iter().filter(|it| it.concerns(case)) {
            if it.has_expired(self.today) {
                remarks.push(format!("its exemption expired on {} ({})", it.expires, it.at));
            } else if it.fingerprints.contains(&failure) {
                let (expires, owner, reason) = (it.expires, &it.owner, &it.reason);
                return Judgement {
                    verdict: Verdict::Exempt,
                    reason: Some(format!("exempt until {expires} ({owner}): {reason}")),
                };
            } else {
                let known = it.fingerprints.join(", ");
                let remark = format!(
                    "another failure than the one that is exempt: {failure}, not {known} ({})",
                    it.at
                );
                remarks.push(remark);
            }
        }
        let said = judgement.reason.take();
        let all: Vec<_> = said.into_iter().chain(remarks).collect();
        judgement.reason = (!all.is_empty()).then(|| all.join("; "));
        judgement
    }

    /// Turns a pass that was not expected into a verdict of its own; twins have been considered.
    pub fn notice_passes(&self, specs: &Specs, judgements: &mut BTreeMap<String, Judgement>) {
        for it in self.all.iter().filter(|it| !it.has_expired(self.today)) {
            let concerned: Vec<_> = specs.cases.iter().filter(|case| it.concerns(case)).collect();
            let passes = |case: &&Case| {
                let verdict = judgements.get(&case.id).map(|judgement| judgement.verdict);
                matches!(verdict, Some(Verdict::Passed | Verdict::UnexpectedPass))
            };
            // Of a requirement, one case that still fails is enough of a reason.
            if concerned.iter().all(passes) {
                let reason = format!("passes although it is exempt ({}); take the exemption out", it.at);
                judgements.extend(concerned.iter().map(|case| {
                    let judgement = Judgement {
                        verdict: Verdict::UnexpectedPass,
                        reason: Some(reason.clone()),
                    };
                    (case.id.clone(), judgement)
                }));
            }
        }
    }

    /// Exemptions that name nothing or hold no longer.
    #[must_use]
    pub fn stale(&self, specs: &Specs) -> Vec<Stale> {
        let stale = self.all.iter().filter_map(|it| {
            let why = if !specs.cases.iter().any(|case| it.concerns(case)) {
                it.whose.unknown(specs)
            } else if it.has_expired(self.today) {
                format!("expired on {}", it.expires)
            } else {
                return None;
            };
            Some(Stale {
                names: it.whose.id().to_owned(),
                why,
                at: it.at.clone(),
            })
        });
        stale.collect()
    }
}

impl Exemption {
    fn concerns(&self, case: &Case) -> bool {
        match &self.whose {
            Whose::Case(id) => case.id == *id,
            Whose::Requirement(id) => case.requirements.contains(id),
        }
    }

    fn has_expired(&self, today: Date) -> bool {
        self.expires < today
    }
}

impl Whose {
    /// The id of the case or requirement.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Case(id) | Self::Requirement(id) => id,
        }
    }

    fn unknown(&self, specs: &Specs) -> String {
        let (kind, near) = match self {
            Self::Case(id) => (
                "such case",
                did_you_mean(id, specs.cases.iter().map(|case| case.id.as_str())),
            ),
            Self::Requirement(id) => (
                "case that cites this requirement",
                did_you_mean(id, specs.requirements.iter().map(|it| it.id.as_str())),
            ),
        };
        let near = near.map_or_else(String::new, |near| format!("; {near}"));
        format!("there is no {kind}{near}")
    }
}

#[cfg(test)]
mod tests;
