//! What is derived from the cases of a run: tallies, the two figures, and how each requirement did.
//!
//! Pure; the same cases always come to the same figures, whatever file they were read from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Case, Citation, Evidence, Measure, Requirement, Score};
use crate::spec::model::Level;
use crate::verdict::{self, Strictness, Tally, Verdict, exit};

/// MUST cases that passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Conformance {
    /// How many passed.
    pub passed: usize,
    /// Of how many, those of other shards included.
    pub of: usize,
}

/// MUST cases that were judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Coverage {
    /// How many were judged.
    pub judged: usize,
    /// Of how many, those of other shards included.
    pub of: usize,
}

/// Verdicts counted by level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tallies {
    /// Of MUST cases.
    pub must: Tally,
    /// Of SHOULD cases.
    pub should: Tally,
    /// Of cases about open behaviour.
    pub recorded: Tally,
}

/// How a requirement did, all cases that cite it considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Cases were judged or recorded, and nothing speaks against it.
    Holds,
    /// A case says that it does not hold.
    Broken,
    /// A case could not tell, or was missing.
    Unclear,
    /// No case of this run cites it.
    NotAsked,
}

impl Score {
    /// In words, such as `187 of 187 faults of the mock noticed`.
    #[must_use]
    pub fn words(&self) -> String {
        let what = match self.measure {
            Measure::Faults => "faults of the mock",
            Measure::Assertions => "changes to an assertion",
            Measure::Answers => "changes to an answer of the mock",
        };
        format!("{} of {} {what} noticed", self.noticed, self.of)
    }

    /// What the figures do not count, such as `; 369 more are immaterial and not counted`; empty when they count everything.
    #[must_use]
    pub fn uncounted(&self) -> String {
        match self.immaterial {
            0 => String::new(),
            1 => "; 1 more is immaterial and not counted".to_owned(),
            more => format!("; {more} more are immaterial and not counted"),
        }
    }
}

impl Requirement {
    /// How it did.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let mut standing = Standing::NotAsked;
        for citation in &self.cases {
            standing = match (citation.verdict, standing) {
                (Verdict::Failed | Verdict::Deviates | Verdict::Exempt, _) | (_, Standing::Broken) => Standing::Broken,
                (Verdict::Inconclusive | Verdict::HarnessError, _) | (_, Standing::Unclear) => Standing::Unclear,
                (Verdict::Passed | Verdict::UnexpectedPass | Verdict::Recorded, _)
                | (Verdict::Unavailable, Standing::Holds) => Standing::Holds,
                (Verdict::Unavailable, Standing::NotAsked) => Standing::NotAsked,
            };
        }
        standing
    }
}

impl Tallies {
    /// Of cases.
    #[must_use]
    pub fn of(cases: &[Case]) -> Self {
        let mut tallies = Self::default();
        for case in cases {
            let tally = match case.level {
                Level::Must => &mut tallies.must,
                Level::Should => &mut tallies.should,
                Level::Recorded => &mut tallies.recorded,
            };
            tally.add(case.verdict);
        }
        tallies
    }

    /// How many cases came to `verdict`, whatever their level.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        [&self.must, &self.should, &self.recorded]
            .into_iter()
            .map(|tally| tally.count(verdict))
            .sum()
    }
}

impl Evidence {
    /// The case of this id.
    #[must_use]
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id)
    }

    /// The requirement of this id.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == id)
    }

    /// Counts the verdicts of some cases.
    #[must_use]
    pub fn tally(&self, section: &str, level: Level) -> Tally {
        let mut tally = Tally::default();
        let cases = self.cases.iter();
        for case in cases.filter(|case| case.section == section && case.level == level) {
            tally.add(case.verdict);
        }
        tally
    }

    /// The cases a reader has to look at.
    pub fn troubled(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.is_troubled())
    }

    /// Derives everything that follows from the cases: tallies, figures, facts, what cites which requirement, intermittent
    /// cases, and for a run that reached its end the exit code.
    pub fn derive(&mut self) {
        self.tally = Tallies::of(&self.cases);
        let must = &self.tally.must;
        let of = self.planned.must + self.shard.as_ref().map_or(0, |shard| shard.must_elsewhere);
        self.conformance = Conformance {
            passed: must.held(),
            of,
        };
        self.coverage = Coverage {
            judged: must.judged(),
            of,
        };
        let intermittent = self.cases.iter().filter(|case| case.is_intermittent());
        self.intermittent = intermittent.map(|case| case.id.clone()).collect();
        self.facts = self.facts_of_cases();
        for requirement in &mut self.requirements {
            let citing = self
                .cases
                .iter()
                .filter(|case| case.requirements.contains(&requirement.id));
            let citations = citing.map(|case| Citation {
                case: case.id.clone(),
                verdict: case.verdict,
            });
            requirement.cases = citations.collect();
        }
        self.exit_code = self.complete.then(|| self.code_of_cases());
    }

    fn facts_of_cases(&self) -> BTreeMap<String, String> {
        let facts = self.cases.iter().flat_map(|case| case.facts.clone());
        let limit = self.payload_search.as_ref().and_then(|search| search.limit);
        facts
            .chain(limit.map(|limit| (crate::run::PAYLOAD_LIMIT.to_owned(), limit.to_string())))
            .collect()
    }

    /// The exit code that the cases and the exemptions come to.
    fn code_of_cases(&self) -> u8 {
        let strictness = if self.strict {
            Strictness::Strict
        } else {
            Strictness::Lenient
        };
        let known = |case: &&Case| self.baseline.as_ref().is_some_and(|it| it.known.contains(&case.id));
        let verdicts = self.cases.iter().filter(|case| !known(case));
        let verdicts = verdicts.map(|case| (case.level, case.verdict));
        let of_exemptions = if self.stale_exemptions.is_empty() {
            exit::CONFORMS
        } else {
            exit::STALE
        };
        verdict::graver(verdict::exit_code(verdicts, strictness), of_exemptions)
    }
}
