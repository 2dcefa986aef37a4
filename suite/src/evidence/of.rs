//! The one way from a run to its evidence.
//!
//! Copies what was seen; decides nothing. What follows from the cases is derived by `figures`.

use std::collections::BTreeMap;

use super::{
    Bounds, Case, Clock, Doubt, Evidence, Exchange, Limit, Measure, Mismatch, MismatchKind, PayloadSearch, Place,
    Planned, Repeats, Requirement, SCHEMA, Score, Shard, Source, StaleExemption, Step, Suite, Target, Trouble,
    TroubleKind, Twin, Value,
};
use crate::check::{self, Part};
use crate::exemption::{Stale, fingerprint};
use crate::expression;
use crate::plan;
use crate::profile::ClockKind;
use crate::report::{Finished, Outcome};
use crate::run::{self, CaseRun, StepRun};
use crate::spec::model::{self, Specs};
use crate::verdict::Strictness;

impl Evidence {
    /// Of a run that has reached its end.
    #[must_use]
    pub fn of(outcome: &Outcome<'_>, strictness: Strictness) -> Self {
        let mut evidence = Self {
            complete: true,
            finished: Some(outcome.times.1.clone()),
            seconds: outcome.seconds,
            ended_early: outcome.ended_early.map(|reason| reason.to_string()),
            stale_exemptions: outcome.stale.iter().map(StaleExemption::from).collect(),
            payload_search: outcome.payload_search.as_ref().map(PayloadSearch::from),
            cases: outcome.cases.iter().map(|it| Case::of(it, outcome.specs)).collect(),
            ..Self::begun(outcome, strictness)
        };
        evidence.derive();
        evidence
    }

    /// What is known of a run when it begins; no case has ended.
    #[must_use]
    pub fn begun(outcome: &Outcome<'_>, strictness: Strictness) -> Self {
        let must = outcome.planned.iter().filter(|case| case.level == model::Level::Must);
        Self {
            schema: SCHEMA,
            complete: false,
            suite: Suite::from(outcome.specs),
            target: Target {
                name: outcome.target.clone(),
                clock: match outcome.clock {
                    ClockKind::Manual => Clock::Manual,
                    ClockKind::System => Clock::System,
                },
            },
            started: outcome.times.0.clone(),
            finished: None,
            seconds: 0.0,
            jobs: outcome.jobs,
            repeat: outcome.repeat,
            filters: outcome.filters.clone(),
            shard: outcome.part.map(Shard::from),
            planned: Planned {
                cases: outcome.planned.len(),
                must: must.count(),
            },
            left_out: outcome.left_out.iter().map(|case| case.id.clone()).collect(),
            ended_early: None,
            baseline: None,
            conformance_claim: outcome.overridden.is_empty(),
            overridden_limits: outcome.overridden.iter().map(|&limit| limit.to_owned()).collect(),
            strict: strictness == Strictness::Strict,
            exit_code: None,
            conformance: super::Conformance::default(),
            coverage: super::Coverage::default(),
            tally: super::Tallies::default(),
            intermittent: Vec::new(),
            stale_exemptions: Vec::new(),
            facts: BTreeMap::new(),
            payload_search: None,
            requirements: outcome.specs.requirements.iter().map(Requirement::from).collect(),
            cases: Vec::new(),
        }
    }
}

impl Case {
    /// Of a case that has ended.
    #[must_use]
    pub fn of(finished: &Finished<'_>, specs: &Specs) -> Self {
        let (case, run) = (finished.case, &finished.run);
        Self {
            id: case.id.clone(),
            title: case.title.clone(),
            section: case.section.clone(),
            suite: case.suite.clone(),
            level: case.level,
            requirements: case.requirements.clone(),
            twin: case.twin.as_ref().map(|twin| Twin {
                case: twin.case.clone(),
                differs: twin.differs.clone(),
            }),
            at: Place::from(&case.at),
            verdict: finished.judgement.verdict,
            reason: finished.judgement.reason.clone(),
            fingerprint: fingerprint(run),
            repeats: finished.repeats.stability().map(|stability| Repeats {
                stability,
                verdicts: finished.repeats.tally(),
            }),
            seconds: run.took.as_secs_f64(),
            trouble: run.trouble.as_ref().map(Trouble::from),
            values: values(run, case),
            facts: run.facts.iter().cloned().collect(),
            steps: run.steps.iter().map(|it| step(it, specs)).collect(),
        }
    }
}

/// This program with these specs.
impl From<&Specs> for Suite {
    fn from(specs: &Specs) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            specs: specs.digest.clone(),
            power: power(&specs.power),
        }
    }
}

/// What was measured of these specs, and nothing of what was not.
fn power(power: &model::Power) -> Vec<Score> {
    let faults = if power.kills.is_empty() { 0 } else { power.faults.len() };
    let scores = [
        Score {
            measure: Measure::Faults,
            noticed: power.noticed(),
            of: faults,
            immaterial: 0,
        },
        of_changes(Measure::Assertions, &power.assertions),
        of_changes(Measure::Answers, &power.answers),
    ];
    let is_measured = |score: &Score| match score.measure {
        Measure::Faults => score.of > 0,
        Measure::Assertions | Measure::Answers => score.of > 0 && power.basis.is_measured(),
    };
    scores.into_iter().filter(is_measured).collect()
}

fn of_changes(measure: Measure, score: &model::Score) -> Score {
    Score {
        measure,
        noticed: score.noticed,
        of: score.of,
        immaterial: score.uncounted(),
    }
}

/// What the names stood for that a case may use; of the fixtures only its own.
fn values(run: &CaseRun, case: &model::Case) -> BTreeMap<String, Value> {
    let fixtures = &case.fixtures;
    let concerns = |name: &str| match name.split_once('.') {
        Some(("workspaces", rest)) => is_about(rest, &fixtures.workspaces),
        Some(("integrations", rest)) => is_about(rest, &fixtures.integrations),
        Some(("workflows", rest)) => is_about(rest, &fixtures.workflows),
        Some(_) | None => true,
    };
    let named = run.given.iter().filter(|(name, _)| concerns(name));
    named
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect()
}

fn is_about(rest: &str, names: &[String]) -> bool {
    names.iter().any(|name| rest.strip_prefix(name.as_str()) == Some(".id"))
}

fn step(step: &StepRun, specs: &Specs) -> Step {
    let findings = &step.findings;
    Step {
        number: step.number,
        title: step.title.clone(),
        at: Place::from(&step.at),
        yaml: specs.excerpt(&step.at),
        exchanges: step.exchanges.iter().map(Exchange::from).collect(),
        window: step.window.map(|window| Bounds {
            after: window.after,
            before: window.before,
        }),
        limit: step.limit.map(|limit| Limit {
            at_most: limit.at_most,
            per: limit.per,
            refused: limit.refused,
        }),
        mismatches: findings.mismatches.iter().map(Mismatch::from).collect(),
        doubts: findings.doubts.iter().map(Doubt::from).collect(),
        notes: findings.notes.clone(),
    }
}

impl From<&model::Requirement> for Requirement {
    fn from(requirement: &model::Requirement) -> Self {
        Self {
            id: requirement.id.clone(),
            section: requirement.section.clone(),
            grade: requirement.grade,
            source: Source {
                page: requirement.page.clone(),
                section: requirement.place.clone(),
            },
            statement: requirement.statement.clone(),
            untested: requirement.untested.clone(),
            cases: Vec::new(),
        }
    }
}

impl From<plan::Part> for Shard {
    fn from(part: plan::Part) -> Self {
        Self {
            number: part.shard.number(),
            of: part.shard.of(),
            elsewhere: part.elsewhere,
            must_elsewhere: part.must_elsewhere,
        }
    }
}

impl From<&Stale> for StaleExemption {
    fn from(stale: &Stale) -> Self {
        Self {
            names: stale.names.clone(),
            why: stale.why.clone(),
            at: Place::from(&stale.at),
        }
    }
}

impl From<&CaseRun> for PayloadSearch {
    fn from(search: &CaseRun) -> Self {
        let exchanges = search.steps.iter().flat_map(|step| &step.exchanges);
        Self {
            limit: search.payload_limit(),
            reason: search.trouble.as_ref().map(ToString::to_string),
            exchanges: exchanges.map(Exchange::from).collect(),
        }
    }
}

impl From<&run::Trouble> for Trouble {
    fn from(trouble: &run::Trouble) -> Self {
        let kind = match trouble {
            run::Trouble::Missing(_) => TroubleKind::Missing,
            run::Trouble::NoToken(_) | run::Trouble::CouldNotTell(_) => TroubleKind::CouldNotTell,
            run::Trouble::PayloadLimitUnknown => TroubleKind::PayloadLimitUnknown,
            run::Trouble::NotRun(_) => TroubleKind::NotRun,
            run::Trouble::Harness(_) => TroubleKind::Harness,
        };
        Self {
            kind,
            reason: trouble.to_string(),
        }
    }
}

impl From<&expression::Value> for Value {
    fn from(value: &expression::Value) -> Self {
        match value {
            expression::Value::Duration(duration) => Self::Seconds(*duration),
            expression::Value::Json(json) => Self::Json(json.clone()),
        }
    }
}

impl From<&check::Mismatch> for Mismatch {
    fn from(mismatch: &check::Mismatch) -> Self {
        let (answer, part) = match &mismatch.part {
            Part::Nth(number, inner) => (Some(*number), &**inner),
            part => (None, part),
        };
        Self {
            kind: kind(part),
            part: mismatch.part.to_string(),
            answer,
            expected: mismatch.expected.clone(),
            found: mismatch.found.clone(),
            at: Place::from(&mismatch.at),
        }
    }
}

fn kind(part: &Part) -> MismatchKind {
    match part {
        Part::Status => MismatchKind::Status,
        Part::Header(_) => MismatchKind::Header,
        Part::Body => MismatchKind::Body,
        Part::Json(_) => MismatchKind::Json,
        Part::Time => MismatchKind::Time,
        Part::Burst => MismatchKind::Burst,
        Part::Nth(_, inner) => kind(inner),
        Part::Capture(_) => MismatchKind::Capture,
        Part::Answer => MismatchKind::Answer,
    }
}

impl From<&check::Doubt> for Doubt {
    fn from(doubt: &check::Doubt) -> Self {
        Self {
            reason: doubt.reason.clone(),
            at: Place::from(&doubt.at),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use located_yaml::Location;

    use super::*;

    /// What `power` makes of a known power, as measure, noticed, all.
    fn scores(known: &model::Power) -> Vec<(Measure, usize, usize)> {
        let scores = power(known).into_iter();
        scores.map(|it| (it.measure, it.noticed, it.of)).collect()
    }

    #[test]
    fn a_score_is_told_of_what_was_measured_and_of_nothing_else() {
        let fault = |name: &str| model::Fault {
            name: name.to_owned(),
            about: "wrong".to_owned(),
            violates: vec![],
            at: Location::start_of("faults.yaml"),
        };
        let mut known = model::Power {
            faults: vec![fault("late"), fault("early")],
            ..model::Power::default()
        };
        assert_eq!(scores(&known), [], "there are faults, and nobody tried them");
        let kills = model::Kills {
            facts: ["delay".to_owned()].into(),
            ..model::Kills::default()
        };
        known.kills = BTreeMap::from([("late".to_owned(), kills)]);
        (known.assertions.noticed, known.assertions.of) = (3, 4);
        assert_eq!(scores(&known), [(Measure::Faults, 1, 2), (Measure::Assertions, 3, 4)]);
        (known.answers.noticed, known.answers.of) = (0, 5);
        let reason = |count| model::Survivors {
            like: vec!["*".to_owned()],
            count,
            because: "Nobody publishes it.".to_owned(),
            at: Location::start_of("survivors.yaml"),
        };
        known.answers.immaterial = vec![reason(7), reason(2)];
        known.answers.survivors = vec![reason(5)];
        assert_eq!(scores(&known)[2], (Measure::Answers, 0, 5));
        assert_eq!(power(&known)[2].immaterial, 9);
        known.basis.present = "of other cases".to_owned();
        assert_eq!(
            scores(&known),
            [(Measure::Faults, 1, 2)],
            "the others are of other cases"
        );
    }
}
