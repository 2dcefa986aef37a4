//! A case judged again by what was recorded of it, as a run would have judged it.
//!
//! Goes through the steps as a run does and takes from the recording what a run takes from the wire. Where the recording has
//! nothing that the case needs now, it says so and goes no further: what was not seen is never made up.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::worlds::{Told, Worlds};
use super::{Heard, Judged, blanks, demands, pauses};
use crate::attempt::Exchange;
use crate::check::Doubt;
use crate::expression::{EvalError, Value, Values};
use crate::run::{CaseRun, StepRun, Trouble, title};
use crate::spec::model::{Action, Case, Poll, Step};

/// What there is of a case to be judged again.
#[derive(Clone, Debug)]
pub struct Recording<'r> {
    /// What was seen of it, secrets already replaced by their names.
    pub run: &'r CaseRun,
    /// The steps, by number, that are written now as they were then, and whose names stand for the same: what was found of
    /// one counts where only the secret or the long body that it is about could tell again.
    pub unchanged: BTreeSet<usize>,
    /// The first step that does something else now than what was recorded of it, and in which way.
    pub departure: Option<(usize, String)>,
}

/// A case that was judged again.
#[derive(Clone, Debug)]
pub struct Again {
    /// What a run would have come to; as far as it could be judged.
    pub run: CaseRun,
    /// Why it could not be judged to its end, when it could not; the run says so as well, and is inconclusive or worse.
    pub gap: Option<Gap>,
}

/// Why a recording does not tell what a case comes to now.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Gap {
    /// The recording ends before a step that the case goes on to now.
    #[error("nothing was recorded of step {0}, which the case comes to now")]
    NotRecorded(usize),
    /// A step does something else.
    #[error("step {number} {way}")]
    Departure {
        /// Which.
        number: usize,
        /// What is another thing, in words that go on from the step.
        way: String,
    },
    /// A poll was satisfied by what does not satisfy it now.
    #[error("the poll of step {0} would have gone on asking")]
    PollGoesOn(usize),
    /// A poll asked on after what satisfies it now.
    #[error("the poll of step {0} would have ended earlier, and the steps after it would have been taken earlier")]
    PollEndsEarlier(usize),
    /// An expectation names a value that was not recorded.
    #[error("step {number} names `{name}`, whose value was not recorded")]
    NoValue {
        /// Which step.
        number: usize,
        /// The name.
        name: String,
    },
    /// An expectation is about a secret.
    #[error("what step {0} expects depends on a secret, of which only the name was recorded")]
    Secret(usize),
    /// An expectation is about a body whose end is missing.
    #[error("step {number} reads a body of {size} bytes, of which only the first {kept} were recorded")]
    LongBody {
        /// Which step.
        number: usize,
        /// Bytes that there are.
        kept: usize,
        /// Bytes that there were.
        size: u64,
    },
}

/// Judges a case by recorded exchanges: what a run comes to that sees just these.
#[must_use]
pub fn judge_again(case: &Case, recording: &Recording<'_>) -> Again {
    let given = given(case, recording.run);
    let steps = &recording.run.steps;
    let marks = blanks::marks(steps.iter().flat_map(|step| &step.exchanges));
    let mut replay = Replay {
        recording,
        recorded: steps.iter().map(|step| (step.number, step)).collect(),
        last: case.steps.len(),
        worlds: Worlds::of(&given, &marks),
        uncaptured: None,
        gap: None,
        run: CaseRun {
            given,
            took: recording.run.took,
            ..CaseRun::default()
        },
    };
    replay.go_through(case);
    Again {
        run: replay.run,
        gap: replay.gap,
    }
}

/// What the names stood for when the case began; its row is the present one.
fn given(case: &Case, run: &CaseRun) -> Values {
    let mut values = Values::default();
    for (name, value) in run.given.iter().filter(|(name, _)| !name.starts_with("each.")) {
        values.set(name, value.clone());
    }
    for (key, value) in &case.each {
        values.set(format!("each.{key}"), Value::Json(value.clone()));
    }
    values
}

/// What ends a step without its being judged.
enum Ends {
    /// The recording does not have it.
    Gap(Gap),
    /// What ended it then.
    Trouble(Trouble),
}

impl From<Gap> for Ends {
    fn from(gap: Gap) -> Self {
        Self::Gap(gap)
    }
}

struct Replay<'r> {
    recording: &'r Recording<'r>,
    recorded: BTreeMap<usize, &'r StepRun>,
    /// The number of the last step before `finally`.
    last: usize,
    worlds: Worlds,
    /// Why a value that was captured then cannot be captured again; what comes after it is as it was found, or not told.
    uncaptured: Option<Gap>,
    run: CaseRun,
    gap: Option<Gap>,
}

impl<'r> Replay<'r> {
    fn go_through(&mut self, case: &Case) {
        for (number, step) in (1..).zip(&case.steps) {
            if let Err(ends) = self.play(number, step) {
                self.note(ends);
                break;
            }
            if self.run.steps.last().is_some_and(|step| !step.findings.is_clean()) {
                break;
            }
        }
        // What was done at the end says something only of a case that came there the way it comes there now.
        if self.gap.is_none() && self.ended_where_it_did() {
            for (number, step) in (self.last + 1..).zip(&case.finally) {
                if let Err(ends) = self.play(number, step) {
                    self.note(ends);
                }
            }
        }
    }

    /// Whether the steps before `finally` have gone as far as they went then.
    fn ended_where_it_did(&self) -> bool {
        self.recorded.range(..=self.last).count() == self.run.steps.len()
    }

    fn note(&mut self, ends: Ends) {
        let trouble = match ends {
            Ends::Trouble(trouble) => trouble,
            Ends::Gap(gap) => {
                let told = Trouble::CouldNotTell(format!("not judged again: {gap}"));
                self.gap.get_or_insert(gap);
                told
            }
        };
        self.run.trouble.get_or_insert(trouble);
    }

    fn play(&mut self, number: usize, step: &Step) -> Result<(), Ends> {
        let recorded = self.recorded(number)?;
        if let Some(gap) = &self.uncaptured {
            if !self.recording.unchanged.contains(&number) {
                return Err(gap.clone().into());
            }
            self.run.facts.extend(self.facts_found(step));
            self.run.steps.push(StepRun {
                title: title(step),
                at: step.at.clone(),
                ..recorded.clone()
            });
            return Ok(());
        }
        let failed = |error| self.no_value(number, error);
        let demands = demands(step, self.worlds.values()).map_err(failed)?;
        let asked = match &step.action {
            Action::Poll(poll) => self.asked(poll, (number, &recorded.exchanges))?,
            Action::Send(..) | Action::Raw(..) | Action::Burst(_) | Action::Elapse(_) | Action::Await { .. } => {
                recorded.exchanges.len()
            }
        };
        let exchanges = &recorded.exchanges[..asked];
        let judged = self.judge(step, (recorded, exchanges))?;
        let goes_on = judged.findings.is_clean();
        self.run.facts.extend(judged.facts);
        self.run.steps.push(StepRun {
            number,
            title: title(step),
            at: step.at.clone(),
            exchanges: exchanges.to_vec(),
            window: demands.window,
            limit: demands.limit,
            findings: judged.findings,
        });
        let is_followed = self.recorded.range(number + 1..).next().is_some();
        if asked < recorded.exchanges.len() && goes_on && is_followed {
            return Err(Gap::PollEndsEarlier(number).into());
        }
        Ok(())
    }

    /// What was recorded of a step that is taken now as it was then.
    fn recorded(&self, number: usize) -> Result<&'r StepRun, Ends> {
        if let Some((from, way)) = &self.recording.departure
            && number >= *from
        {
            let (number, way) = (*from, way.clone());
            return Err(Gap::Departure { number, way }.into());
        }
        self.recorded
            .get(&number)
            .copied()
            .ok_or_else(|| match &self.recording.run.trouble {
                Some(trouble) if self.trouble_was_at(number) => Ends::Trouble(trouble.clone()),
                Some(_) | None => Gap::NotRecorded(number).into(),
            })
    }

    /// Whether what ended the case then happened in this step, of which nothing was recorded.
    fn trouble_was_at(&self, number: usize) -> bool {
        let before = self.recorded.range(..=self.last).next_back().map(|(_, step)| step);
        let ended_before = before.is_some_and(|step| !step.findings.is_clean());
        let reached_the_end = self.recorded.contains_key(&self.last);
        if number > self.last {
            ended_before || reached_the_end
        } else {
            !ended_before
        }
    }

    /// How many of its requests a poll would have sent.
    fn asked(&self, poll: &Poll, (number, exchanges): (usize, &[Exchange])) -> Result<usize, Ends> {
        let failed = |error| self.no_value(number, error);
        let is_unchanged = self.recording.unchanged.contains(&number);
        let mut pauses = pauses(poll, self.worlds.values()).map_err(failed)?;
        for (index, exchange) in exchanges.iter().enumerate() {
            let mut expects = std::iter::once(&poll.until).chain(&poll.stop_when);
            let missing = blanks::missing_rest(std::slice::from_ref(exchange));
            let missing = missing.filter(|_| expects.any(blanks::expects_of_bodies));
            let heard = self.worlds.heard(poll, exchange).map_err(failed)?;
            match (heard, missing) {
                // Then it did just that.
                (None, _) | (_, Some(_)) if is_unchanged => return Ok(exchanges.len()),
                (_, Some((kept, size))) => return Err(Gap::LongBody { number, kept, size }.into()),
                (None, None) => return Err(Gap::Secret(number).into()),
                (Some(Heard::Satisfied | Heard::Hopeless), None) => return Ok(index + 1),
                (Some(Heard::NotYet), None) if pauses.next().is_none() => return Ok(index + 1),
                (Some(Heard::NotYet), None) => {}
            }
        }
        Err(Gap::PollGoesOn(number).into())
    }

    /// Judges a step, and falls back on what was found of it where only that is left and nothing has changed.
    fn judge(&mut self, step: &Step, (recorded, exchanges): (&StepRun, &[Exchange])) -> Result<Judged, Ends> {
        let number = recorded.number;
        let is_unchanged = self.recording.unchanged.contains(&number);
        let told = self.worlds.judge(step, exchanges);
        let told = told.map_err(|error| self.no_value(number, error))?;
        let missing = blanks::missing_rest(exchanges).filter(|_| blanks::reads_bodies(step));
        let (mut judged, gap) = match (told, missing) {
            (Told::Alike(judged), None) => return Ok(judged),
            (Told::Alike(_) | Told::InOtherWords(_) | Told::Apart, _) if is_unchanged => {
                return self.as_found(step, (recorded, exchanges));
            }
            (Told::InOtherWords(judged), None) => return Ok(judged),
            (Told::Apart, _) => (Judged::default(), Gap::Secret(number)),
            (Told::Alike(judged) | Told::InOtherWords(judged), Some((kept, size))) => {
                (judged, Gap::LongBody { number, kept, size })
            }
        };
        judged.facts.clear();
        judged.findings.notes.clear();
        let mismatches = &mut judged.findings.mismatches;
        mismatches.retain(|it| blanks::stands_without_bodies(step, it));
        judged.findings.doubts.push(Doubt {
            reason: format!("not judged again: {gap}"),
            at: step.expect.as_ref().map_or(&step.at, |it| &it.at).clone(),
        });
        if judged.findings.mismatches.is_empty() {
            self.gap.get_or_insert(gap);
        }
        Ok(judged)
    }

    /// What was found of a step by somebody who had all of it.
    fn as_found(&mut self, step: &Step, (recorded, exchanges): (&StepRun, &[Exchange])) -> Result<Judged, Ends> {
        let number = recorded.number;
        if recorded.findings.is_clean() {
            let captured = self.worlds.capture(step, exchanges);
            let captured = captured.map_err(|error| self.no_value(number, error))?;
            if !captured.is_clean() {
                self.uncaptured = Some(match blanks::missing_rest(exchanges) {
                    Some((kept, size)) => Gap::LongBody { number, kept, size },
                    None => Gap::Secret(number),
                });
            }
        }
        Ok(Judged {
            findings: recorded.findings.clone(),
            facts: self.facts_found(step),
        })
    }

    /// The facts that a step came to then.
    fn facts_found(&self, step: &Step) -> Vec<(String, String)> {
        let facts = self.recording.run.facts.iter();
        let facts = facts.filter(|(name, _)| step.observe.iter().any(|fact| fact.name == *name));
        facts.cloned().collect()
    }

    /// A name without a value was not recorded; everything else is a mistake of whoever wrote the case.
    fn no_value(&self, number: usize, error: EvalError) -> Ends {
        match error {
            EvalError::Unset(name) => Gap::NoValue { number, name }.into(),
            EvalError::Operands { .. } | EvalError::Type { .. } => Ends::Trouble(error.into()),
        }
    }
}
