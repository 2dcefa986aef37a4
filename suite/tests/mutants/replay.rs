//! A case judged again by the answers of an earlier run, some of them changed.
//!
//! Pure. A case that asks less of a poll ends it sooner; what would have been sent after that is what was sent then.

use std::time::Duration;

use serde_json::Value as Json;
use torq_conformance::attempt::{Exchange, Took};
use torq_conformance::check::{self, Findings, Mismatch, Part};
use torq_conformance::expression::{EvalError, Value, Values};
use torq_conformance::run::{CaseRun, StepRun};
use torq_conformance::spec::model::{Action, Awaited, Background, Capture, Case, Poll, Step};
use torq_conformance::verdict::{self, Verdict};

use crate::alteration;

/// What a case comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    /// Its twin not considered.
    pub(crate) verdict: Verdict,
    /// By name.
    pub(crate) facts: Vec<(String, String)>,
}

impl Came {
    /// What a run of a case came to.
    pub(crate) fn of(case: &Case, run: &CaseRun) -> Self {
        Self {
            verdict: verdict::judge(case, run).verdict,
            facts: run.facts.clone(),
        }
    }

    /// Whether a server that makes this of a case is told from one that makes that of it.
    pub(crate) fn notices(&self, usual: &Self) -> bool {
        matches!(self.verdict, Verdict::Failed | Verdict::Deviates) || self.facts != usual.facts
    }
}

/// Answers other than those of the run: by the number of the step and of the exchange in it.
pub(crate) type Altered<'a> = &'a dyn Fn((usize, usize), &Exchange) -> Option<Exchange>;

/// Judges `case` by what was seen, as `altered` changes it.
pub(crate) fn replay(case: &Case, seen: &CaseRun, altered: Altered<'_>) -> Came {
    let mut replay = Replay {
        case,
        seen,
        altered,
        values: seen.given.clone(),
        gone: Vec::new(),
    };
    let mut run = CaseRun::default();
    let main = case.steps.len();
    for (number, step) in (1..).zip(&case.steps) {
        match replay.step((number, step), &mut run) {
            Err(error) => run.trouble = Some(error.into()),
            Ok(()) if run.steps.last().is_none_or(|it| it.findings.is_clean()) => continue,
            Ok(()) => {}
        }
        break;
    }
    for (number, step) in (main + 1..).zip(&case.finally) {
        if let Err(error) = replay.step((number, step), &mut run) {
            run.trouble.get_or_insert(error.into());
        }
    }
    Came::of(case, &run)
}

struct Replay<'a> {
    case: &'a Case,
    seen: &'a CaseRun,
    altered: Altered<'a>,
    values: Values,
    /// Values an earlier answer gave that it gives no longer: what is asked with them now is something unknown.
    gone: Vec<String>,
}

impl Replay<'_> {
    fn recorded(&self, number: usize) -> &[Exchange] {
        let step = self.seen.steps.iter().find(|it| it.number == number);
        step.map_or(&[], |step| step.exchanges.as_slice())
    }

    fn exchanges(&self, number: usize) -> Vec<Exchange> {
        let recorded = self.recorded(number).iter().enumerate();
        recorded.map(|(index, it)| self.exchange((number, index), it)).collect()
    }

    fn exchange(&self, place: (usize, usize), recorded: &Exchange) -> Exchange {
        let is_gone = self.gone.iter().any(|it| alteration::is_asked_with(recorded, it));
        if is_gone && recorded.request.url.contains("/executions/") {
            return alteration::unknown(recorded, 404);
        }
        if is_gone {
            return alteration::unknown(recorded, 401);
        }
        (self.altered)(place, recorded).unwrap_or_else(|| recorded.clone())
    }

    fn step(&mut self, (number, step): (usize, &Step), run: &mut CaseRun) -> Result<(), EvalError> {
        let (exchanges, mut findings) = match &step.action {
            Action::Elapse(_) | Action::Send(_, Background::Label(_)) | Action::Raw(_, Background::Label(_)) => {
                (Vec::new(), Findings::default())
            }
            Action::Send(_, Background::No)
            | Action::Raw(_, Background::No)
            | Action::Await {
                expected: Awaited::Answer,
                ..
            } => {
                let exchanges = self.exchanges(number);
                let findings = self.judge(step, &exchanges)?;
                (exchanges, findings)
            }
            Action::Await {
                label,
                expected: Awaited::StillOpen,
            } => (Vec::new(), self.still_open((number, step), label)),
            Action::Burst(_) => {
                let exchanges = self.exchanges(number);
                let findings = match &step.expect {
                    Some(expectation) => check::check_burst(expectation, &exchanges, &self.values)?,
                    None => self.judge(step, &exchanges)?,
                };
                (exchanges, findings)
            }
            Action::Poll(poll) => self.poll((number, step), poll)?,
        };
        if let Some(exchange) = exchanges.last() {
            if findings.is_clean() {
                let recorded = self.recorded(number).get(exchanges.len() - 1).cloned();
                self.capture(&step.capture, (exchange, recorded.as_ref()), &mut findings)?;
            }
            for fact in &step.observe {
                let seen = match step.action {
                    Action::Burst(_) => check::observe_burst(fact, &exchanges, &self.values)?,
                    Action::Send(..) | Action::Raw(..) | Action::Poll(_) | Action::Elapse(_) | Action::Await { .. } => {
                        check::observe(fact, exchange, &self.values)?
                    }
                };
                run.facts.extend(seen.map(|value| (fact.name.clone(), value)));
            }
        }
        run.steps.push(StepRun {
            number,
            title: String::new(),
            at: step.at.clone(),
            exchanges: Vec::new(),
            window: None,
            limit: None,
            findings,
        });
        Ok(())
    }

    fn judge(&self, step: &Step, exchanges: &[Exchange]) -> Result<Findings, EvalError> {
        let mut findings = Findings::default();
        for exchange in exchanges {
            findings.absorb(match &step.expect {
                Some(expectation) => check::check(expectation, exchange, &self.values)?,
                None => check::check_answered(exchange, &step.at),
            });
        }
        Ok(findings)
    }

    fn poll(&self, (number, step): (usize, &Step), poll: &Poll) -> Result<(Vec<Exchange>, Findings), EvalError> {
        let mut exchanges = Vec::new();
        let mut findings = Findings::default();
        for (index, recorded) in self.recorded(number).iter().enumerate() {
            let exchange = self.exchange((number, index), recorded);
            let hopeless = match &poll.stop_when {
                Some(stop) => exchange.answer().is_some() && check::check(stop, &exchange, &self.values)?.is_clean(),
                None => false,
            };
            findings = check::check(&poll.until, &exchange, &self.values)?;
            exchanges.push(exchange);
            if findings.is_clean() {
                let last = exchanges.len() - 1;
                let findings = self.judge(step, &exchanges[last..])?;
                return Ok((exchanges, findings));
            }
            if hopeless {
                break;
            }
        }
        Ok((exchanges, findings))
    }

    /// A call that is answered sooner than it was is no longer open.
    fn still_open(&self, (number, step): (usize, &Step), label: &str) -> Findings {
        let mut findings = Findings::default();
        let awaits =
            |step: &Step| matches!(&step.action, Action::Await { label: it, expected: Awaited::Answer } if it == label);
        let later = (1..)
            .zip(&self.case.steps)
            .find(|(later, step)| *later > number && awaits(step));
        let Some((later, _)) = later else { return findings };
        let sooner = self.recorded(later).iter().enumerate().any(|(index, recorded)| {
            let exchange = self.exchange((later, index), recorded);
            by(exchange.took) < by(recorded.took)
        });
        if sooner {
            findings.mismatches.push(Mismatch {
                part: Part::Time,
                expected: "no answer yet".to_owned(),
                found: "an answer".to_owned(),
                at: step.at.clone(),
            });
        }
        findings
    }

    fn capture(
        &mut self,
        captures: &[Capture],
        (exchange, recorded): (&Exchange, Option<&Exchange>),
        findings: &mut Findings,
    ) -> Result<(), EvalError> {
        for capture in captures {
            let take = |exchange: &Exchange| {
                let answer = exchange.answer()?;
                check::extract(&capture.extract, answer)
            };
            let (found, before) = (take(exchange), recorded.and_then(take));
            if found != before {
                // Short texts stand in too many requests to tell by.
                self.gone
                    .extend(before.map(|it| alteration::text_of(&it)).filter(|it| it.len() >= 16));
            }
            let value = match (found, &capture.otherwise) {
                (Some(value), _) => Value::Json(value),
                (None, Some(otherwise)) => otherwise.eval(&self.values)?,
                (None, None) => {
                    findings.mismatches.push(Mismatch {
                        part: Part::Capture(capture.name.clone()),
                        expected: "a value in the answer".to_owned(),
                        found: "none".to_owned(),
                        at: capture.at.clone(),
                    });
                    Value::Json(Json::Null)
                }
            };
            self.values.set(capture.name.clone(), value);
        }
        Ok(())
    }
}

const fn by(took: Took) -> Duration {
    match took {
        Took::Between { by, .. } => by,
        Took::Measured { complete, .. } => complete,
    }
}
