//! Evidence made fit to be kept beside code: what differs between two runs of the same deployment is taken out.
//!
//! Pure. Times of the machine, ids and ports have stand-ins that keep their form; what was sent, what came back, the times of
//! the target's clock and what it all came to stay as they are.

use std::collections::HashMap;
use std::time::Duration;

use regex::{Captures, Regex};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{Case, Clock, Evidence, Exchange, Outcome, Step, Written};

/// When every published run begins and ends.
const WHEN: &str = "2026-01-01T00:00:00Z";
/// The port of every address on loopback.
const PORT: &str = "$1:7080";

/// Why a run cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// It did not reach its end.
    #[error("this run did not reach its end; publish one that did")]
    Incomplete,
    /// What it measured is never the same twice.
    #[error(
        "this run measured times on a clock that runs by itself, and they are never the same twice; \
         publish a run on a clock that is moved by hand"
    )]
    Measured,
}

impl Evidence {
    /// The same run without what the next one cannot have the same.
    ///
    /// # Errors
    /// When that is not all that would be left out.
    pub fn published(&self) -> Result<Self, Unfit> {
        if !self.complete {
            return Err(Unfit::Incomplete);
        }
        if self.target.clock == Clock::System {
            return Err(Unfit::Measured);
        }
        let names = Fleeting::default();
        let mut evidence = self.clone();
        WHEN.clone_into(&mut evidence.started);
        evidence.finished = Some(WHEN.to_owned());
        evidence.seconds = 0.0;
        evidence.jobs = 1;
        evidence.cases = self.cases.iter().map(|case| published(case, &names)).collect();
        if let Some(search) = &mut evidence.payload_search {
            search.exchanges.iter_mut().for_each(forget_when);
            *search = names.replace(search, &mut StandIns::default());
        }
        evidence.derive();
        Ok(evidence)
    }
}

/// Each case is played in a world of its own, so that the ids of one say nothing about those of another.
fn published(case: &Case, names: &Fleeting) -> Case {
    let mut case = case.clone();
    case.seconds = 0.0;
    for step in &mut case.steps {
        step.exchanges.iter_mut().for_each(forget_how_far);
        if !is_burst(step) {
            step.exchanges.iter_mut().for_each(forget_when);
        }
    }
    let mut stand_ins = StandIns::default();
    // What came one after the other says which id is which; the answers of a burst come in any order.
    for step in case.steps.iter().filter(|step| !is_burst(step)) {
        names.meet(&text(&step.exchanges), &mut stand_ins);
    }
    // Differences name answers by their number, so that theirs stay where they are.
    let free = |step: &&mut Step| is_burst(step) && step.mismatches.is_empty();
    for step in case.steps.iter_mut().filter(free) {
        let seen = |it: &Exchange| (it.sent_at, it.settled_at, names.known(&text(it), &stand_ins));
        step.exchanges.sort_by_cached_key(seen);
        names.meet(&text(&step.exchanges), &mut stand_ins);
    }
    names.replace(&case, &mut stand_ins)
}

/// Whether its requests were sent side by side; on a clock that is moved by hand its times are those of that clock.
fn is_burst(step: &Step) -> bool {
    let written: Option<serde_yaml::Mapping> = serde_yaml::from_str(&step.yaml).ok();
    step.limit.is_some() || written.is_some_and(|keys| keys.contains_key("burst"))
}

/// Times since the run began are those of the machine.
const fn forget_when(exchange: &mut Exchange) {
    exchange.sent_at = Duration::ZERO;
    exchange.settled_at = Duration::ZERO;
}

/// How much of a request had left when an early answer began is chance.
const fn forget_how_far(exchange: &mut Exchange) {
    if let Outcome::Answered(answer) = &mut exchange.outcome {
        answer.request_written = Written::Whole;
    }
}

/// Ids by the number of their first appearance.
type StandIns = HashMap<String, usize>;

/// What of a text is another in the next run.
struct Fleeting {
    ids: Regex,
    ports: Regex,
}

impl Default for Fleeting {
    fn default() -> Self {
        let pattern = |pattern| Regex::new(pattern).expect("it is written in this file");
        Self {
            ids: pattern(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
            ports: pattern(r"(\b127\.0\.0\.1|\blocalhost|\[::1\]):\d{2,5}\b"),
        }
    }
}

impl Fleeting {
    /// Numbers the ids of a text that have no number yet.
    fn meet(&self, text: &str, stand_ins: &mut StandIns) {
        for id in self.ids.find_iter(text) {
            let next = stand_ins.len() + 1;
            stand_ins.entry(id.as_str().to_ascii_lowercase()).or_insert(next);
        }
    }

    /// A text with stand-ins for what has a number, and the same word for everything that has none.
    fn known(&self, text: &str, stand_ins: &StandIns) -> String {
        let text = self.ports.replace_all(text, PORT);
        let name = |id: &Captures<'_>| match stand_ins.get(&id[0].to_ascii_lowercase()) {
            Some(number) => stand_in(*number),
            None => "?".to_owned(),
        };
        self.ids.replace_all(&text, name).into_owned()
    }

    /// The same with stand-ins. They have the form of what they stand for, and are as they are inside JSON.
    fn replace<T: Serialize + DeserializeOwned>(&self, it: &T, stand_ins: &mut StandIns) -> T {
        let text = text(it);
        self.meet(&text, stand_ins);
        serde_json::from_str(&self.known(&text, stand_ins)).expect("only texts were replaced")
    }
}

fn stand_in(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn text(it: &impl Serialize) -> String {
    serde_json::to_string(it).expect("its keys are texts and its numbers are finite")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::generated::evidence;
    use super::*;

    const ONE: &str = "e9740a34-6d6b-41f6-b773-74b85c0c0c7a";
    const OTHER: &str = "44250c47-3764-4b8d-9139-6e9d523a40a0";

    #[test]
    fn the_same_id_has_the_same_stand_in_everywhere_and_ports_have_one() {
        let (first, second) = (stand_in(1), stand_in(2));
        let upper = OTHER.to_uppercase();
        let text = vec![
            format!("http://127.0.0.1:40291/{ONE}/{upper}"),
            format!("[::1]:80 \"{OTHER}\" localhost:34567 {ONE}"),
            "127.0.0.1, 10.0.0.1:40291 and 12:30".to_owned(),
        ];
        let expected = vec![
            format!("http://127.0.0.1:7080/{first}/{second}"),
            format!("[::1]:7080 \"{second}\" localhost:7080 {first}"),
            "127.0.0.1, 10.0.0.1:40291 and 12:30".to_owned(),
        ];
        assert_eq!(Fleeting::default().replace(&text, &mut StandIns::new()), expected);
    }

    /// A complete run on a clock that is moved by hand, as `published` takes it.
    fn fit(mut evidence: Evidence) -> Evidence {
        evidence.target.clock = Clock::Manual;
        evidence.complete = true;
        evidence.finished = Some(WHEN.to_owned());
        evidence.derive();
        evidence
    }

    #[test]
    fn what_is_cut_off_or_measured_is_not_published() {
        proptest!(ProptestConfig::with_cases(16), |(evidence in evidence())| {
            let fit = fit(evidence);
            prop_assert!(fit.published().is_ok());
            prop_assert_eq!(Evidence { complete: false, ..fit.clone() }.published(), Err(Unfit::Incomplete));
            let mut measured = fit;
            measured.target.clock = Clock::System;
            prop_assert_eq!(measured.published(), Err(Unfit::Measured));
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_published_run_came_to_the_same_and_is_the_same_when_published_again(evidence in evidence()) {
            let evidence = fit(evidence);
            let published = evidence.published().expect("it is fit");
            prop_assert_eq!(&published.published().expect("it still is"), &published);
            prop_assert_eq!(&published.tally, &evidence.tally);
            prop_assert_eq!(published.exit_code, evidence.exit_code);
            let count = |evidence: &Evidence| evidence.cases.iter().flat_map(|case| &case.steps).map(|step| step.exchanges.len()).sum::<usize>();
            prop_assert_eq!(count(&published), count(&evidence));
        }

        #[test]
        fn the_order_in_which_a_burst_was_answered_is_not_published(evidence in evidence(), turn in 1..5_usize) {
            let mut evidence = fit(evidence);
            for step in evidence.cases.iter_mut().flat_map(|case| &mut case.steps) {
                step.mismatches.clear();
                "burst: { count: 9 }".clone_into(&mut step.yaml);
            }
            let mut turned = evidence.clone();
            for step in turned.cases.iter_mut().flat_map(|case| &mut case.steps) {
                let turn = turn % step.exchanges.len().max(1);
                step.exchanges.rotate_left(turn);
            }
            prop_assert_eq!(evidence.published(), turned.published());
        }
    }
}
