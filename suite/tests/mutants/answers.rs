//! Every field of the mock's answers changed by itself: which changes does no case notice?
//!
//! An answer is told from others by what was asked and its status. Judged by replay; nothing is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use torq_conformance::attempt::Exchange;
use torq_conformance::expression::{Value, Values};

use crate::Recorded;
use crate::alteration::{self, Change, Grain};
use crate::replay::replay;
use crate::survivors::{Of, Survivor, Tried};
use crate::{cores, parallel};

/// Which answer is changed, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Perturbation {
    /// Such as `sync 200`.
    answer: String,
    change: Change,
}

/// Tries every change.
pub(crate) fn unnoticed(recorded: &[Recorded<'_>]) -> Tried {
    let kinds: Vec<Kinds> = recorded.iter().map(kinds).collect();
    let mut all: BTreeMap<Perturbation, BTreeSet<usize>> = BTreeMap::new();
    for (number, one) in recorded.iter().enumerate() {
        for step in &one.run.steps {
            for (index, exchange) in step.exchanges.iter().enumerate() {
                for change in alteration::changes(exchange, Grain::Coarse) {
                    let answer = kinds[number][&(step.number, index)].clone();
                    let of = all.entry(Perturbation { answer, change }).or_default();
                    of.insert(number);
                }
            }
        }
    }
    let all: Vec<_> = all.into_iter().collect();
    let noticed = parallel::map(&all, cores(), |(it, cases)| {
        cases
            .iter()
            .any(|number| it.is_noticed_by(&recorded[*number], &kinds[*number]))
    });
    let unnoticed = all.iter().zip(noticed).filter(|(_, noticed)| !noticed);
    let survivors = unnoticed.map(|((it, _), _)| Survivor {
        name: format!("{}, {}", it.answer, it.change),
        place: None,
    });
    Tried {
        of: Of::Answers,
        count: all.len(),
        survivors: survivors.collect(),
    }
}

impl Perturbation {
    fn is_noticed_by(&self, one: &Recorded<'_>, kinds: &Kinds) -> bool {
        let altered = |place: (usize, usize), exchange: &Exchange| {
            let is_meant = kinds.get(&place) == Some(&self.answer);
            is_meant
                .then(|| self.change.of(exchange, patience(&one.run.given)))
                .flatten()
        };
        replay(one.case, &one.run, &altered).notices(&one.came)
    }
}

/// What each answer of a case is, by the number of its step and of the exchange in it.
type Kinds = BTreeMap<(usize, usize), String>;

fn kinds(one: &Recorded<'_>) -> Kinds {
    let mut kinds = Kinds::new();
    for step in &one.run.steps {
        for (index, exchange) in step.exchanges.iter().enumerate() {
            kinds.insert((step.number, index), kind(exchange));
        }
    }
    kinds
}

/// How long a step waits for its answer when it does not say.
pub(crate) fn patience(values: &Values) -> Duration {
    let of = |name| match values.get(name) {
        Some(Value::Duration(duration)) => *duration,
        Some(Value::Json(_)) | None => Duration::ZERO,
    };
    of("limits.sync_timeout") + of("tolerance") * 2
}

/// What was asked, and what status came.
fn kind(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let status = exchange.answer().map_or(0, |answer| answer.status);
    let rest = request
        .url
        .split_once("://")
        .map_or(request.url.as_str(), |(_, rest)| rest);
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let asked = match path.split('/').collect::<Vec<_>>().as_slice() {
        ["v1", "webhooks", _] => "webhook",
        ["v1", "webhooks", _, "workflows", _] => "async",
        ["v1", "webhooks", _, "workflows", _, "sync"] => "sync",
        ["v1", "auth", "token"] => "token",
        ["public", "v1alpha", "executions", ..] => "execution",
        ["public", "v1alpha", "activity_logs"] => "activity-log",
        _ => "elsewhere",
    };
    let body = exchange.answer().and_then(|answer| answer.body.json());
    let is_of_its_own = body.is_some_and(|it| it.get("message").is_some() || it.get("execution_id").is_some());
    if asked == "sync" && status != 200 && !is_of_its_own {
        // An Exit operator asked for this status.
        return "sync customised".to_owned();
    }
    format!("{asked} {status}")
}
