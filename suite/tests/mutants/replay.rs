//! A case judged again by the answers of an earlier run, some of them changed.
//!
//! Makes up what a caller would have got; every step is judged as a run judges it, by `judging`. Unlike `judge_again`, which is told
//! nothing of the deployment and makes nothing up, it knows whose answers these are: of a poll that ends earlier the mock would
//! have been sent afterwards what it was sent then, and what is asked with an id that it never gave leads to nothing.

use std::time::Duration;

use torq_conformance::attempt::{Exchange, Took};
use torq_conformance::check;
use torq_conformance::expression::{EvalError, Values};
use torq_conformance::judging::{self, Heard};
use torq_conformance::run::{CaseRun, StepRun};
use torq_conformance::spec::model::{Action, Awaited, Capture, Case, Poll, Step};
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
        if let Err(error) = replay.step((number, step), &mut run) {
            run.trouble = Some(error.into());
            break;
        }
        if run.steps.last().is_some_and(|step| !step.findings.is_clean()) {
            break;
        }
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
        let exchanges = match &step.action {
            Action::Poll(poll) => self.polled(number, poll)?,
            Action::Await {
                label,
                expected: Awaited::StillOpen,
            } => self.come_early(number, label),
            Action::Send(..)
            | Action::Raw(..)
            | Action::Burst(_)
            | Action::Elapse(_)
            | Action::Await {
                expected: Awaited::Answer,
                ..
            } => self.exchanges(number),
        };
        let judged = judging::judge_step(step, &exchanges, &mut self.values)?;
        if let Some(last) = exchanges.last() {
            self.lose(&step.capture, last, (number, exchanges.len() - 1));
        }
        run.facts.extend(judged.facts);
        run.steps.push(StepRun {
            number,
            title: String::new(),
            at: step.at.clone(),
            exchanges: Vec::new(),
            window: None,
            limit: None,
            findings: judged.findings,
        });
        Ok(())
    }

    /// What a poll gets before it ends; at the latest it ends where it ended then.
    fn polled(&self, number: usize, poll: &Poll) -> Result<Vec<Exchange>, EvalError> {
        let mut exchanges = Vec::new();
        for (index, recorded) in self.recorded(number).iter().enumerate() {
            let exchange = self.exchange((number, index), recorded);
            let heard = judging::heard(poll, &exchange, &self.values)?;
            exchanges.push(exchange);
            if heard != Heard::NotYet {
                break;
            }
        }
        Ok(exchanges)
    }

    /// The answer of a call that should not have been answered yet, when it comes sooner than it did.
    fn come_early(&self, number: usize, label: &str) -> Vec<Exchange> {
        let awaits =
            |step: &Step| matches!(&step.action, Action::Await { label: it, expected: Awaited::Answer } if it == label);
        let later = (1..)
            .zip(&self.case.steps)
            .find(|(later, step)| *later > number && awaits(step));
        let Some((later, _)) = later else {
            return Vec::new();
        };
        let recorded = self.recorded(later).iter().enumerate();
        let sooner = recorded.filter_map(|(index, recorded)| {
            let exchange = self.exchange((later, index), recorded);
            (by(exchange.took) < by(recorded.took)).then_some(exchange)
        });
        sooner.collect()
    }

    /// Notes the values that an answer gave then and gives no longer.
    fn lose(&mut self, captures: &[Capture], exchange: &Exchange, (number, index): (usize, usize)) {
        let recorded = self.recorded(number).get(index).cloned();
        for capture in captures {
            let take = |exchange: &Exchange| check::extract(&capture.extract, exchange.answer()?);
            let (found, before) = (take(exchange), recorded.as_ref().and_then(take));
            if found != before {
                // Short texts stand in too many requests to tell by.
                self.gone
                    .extend(before.map(|it| alteration::text_of(&it)).filter(|it| it.len() >= 16));
            }
        }
    }
}

const fn by(took: Took) -> Duration {
    match took {
        Took::Between { by, .. } => by,
        Took::Measured { complete, .. } => complete,
    }
}
