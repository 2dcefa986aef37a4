//! A step judged in several worlds that differ in nothing but the secrets whose names a recording has.
//!
//! Where all of them come to the same, the secret does not matter; where they do not, nobody can tell without it.

use std::borrow::Cow;

use super::{Heard, Judged, blanks, capture, heard, judge_step};
use crate::attempt::Exchange;
use crate::check::{Findings, Part};
use crate::expression::{EvalError, Values};
use crate::spec::model::{Poll, Step};

/// Endings that make secrets of different lengths and alphabets; what stands before them tells one secret from another.
const SHAPES: [&str; 3] = [
    "q7",
    "-Kx_3.tYb~Vn0aWcE8uZr5",
    "+Jm/9dPq2HsLg4TfRo1vXiBk6CyNwQzAe7Uj3DhFtMr5lGpSx8aOb0==",
];

/// The worlds; the first one is as recorded, with names where secrets were.
#[derive(Debug)]
pub(super) struct Worlds {
    recorded: World,
    /// None where no name of a secret was found.
    others: Vec<World>,
}

/// One of them.
#[derive(Debug)]
struct World {
    /// Names of secrets, and what stands for each.
    stand_ins: Vec<(String, String)>,
    values: Values,
}

/// What the worlds come to.
#[derive(Debug)]
pub(super) enum Told {
    /// The same.
    Alike(Judged),
    /// The same, in other words.
    InOtherWords(Judged),
    /// Not the same.
    Apart,
}

impl Worlds {
    /// As many as it takes for these names of secrets.
    pub(super) fn of(values: &Values, marks: &[String]) -> Self {
        let others = SHAPES.iter().enumerate().filter(|_| !marks.is_empty());
        let others = others.map(|(shape, ending)| {
            let stand_ins = marks.iter().enumerate();
            World {
                stand_ins: stand_ins
                    .map(|(number, mark)| (mark.clone(), format!("zq{shape}{number}j{ending}")))
                    .collect(),
                values: values.clone(),
            }
        });
        Self {
            others: others.collect(),
            recorded: World {
                stand_ins: Vec::new(),
                values: values.clone(),
            },
        }
    }

    /// What the names stand for.
    pub(super) const fn values(&self) -> &Values {
        &self.recorded.values
    }

    /// Judges a step in each.
    pub(super) fn judge(&mut self, step: &Step, exchanges: &[Exchange]) -> Result<Told, EvalError> {
        let plain = self.recorded.judge(step, exchanges)?;
        let others = self.others.iter_mut().map(|world| world.judge(step, exchanges));
        let others: Vec<Judged> = others.collect::<Result<_, _>>()?;
        let Some((first, rest)) = others.split_first() else {
            return Ok(Told::Alike(plain));
        };
        if rest.iter().any(|other| shape(other) != shape(first)) {
            return Ok(Told::Apart);
        }
        if others.iter().all(|other| *other == plain) {
            return Ok(Told::Alike(plain));
        }
        // Brackets are no part of a secret: a pattern may take the secret and not its name.
        let told = if shape(&plain) == shape(first) { &plain } else { first };
        Ok(Told::InOtherWords(told.clone()))
    }

    /// What an exchange says to its poll, where that does not depend on a secret.
    pub(super) fn heard(&self, poll: &Poll, exchange: &Exchange) -> Result<Option<Heard>, EvalError> {
        let worlds = if self.others.is_empty() {
            std::slice::from_ref(&self.recorded)
        } else {
            &self.others
        };
        let mut told = None;
        for world in worlds {
            let exchanges = world.of(std::slice::from_ref(exchange));
            let said = heard(poll, &exchanges[0], &world.values)?;
            if told.replace(said).is_some_and(|other| other != said) {
                return Ok(None);
            }
        }
        Ok(told)
    }

    /// Captures what a step captures, whatever it came to; says what could not be found.
    pub(super) fn capture(&mut self, step: &Step, exchanges: &[Exchange]) -> Result<Findings, EvalError> {
        let mut findings = Findings::default();
        for world in std::iter::once(&mut self.recorded).chain(&mut self.others) {
            if let Some(last) = world.of(exchanges).last() {
                capture(&step.capture, last, (&mut world.values, &mut findings))?;
            }
        }
        Ok(findings)
    }
}

impl World {
    /// What was exchanged in this world.
    fn of<'e>(&self, exchanges: &'e [Exchange]) -> Cow<'e, [Exchange]> {
        if self.stand_ins.is_empty() {
            return Cow::Borrowed(exchanges);
        }
        let replace = |text: &str| {
            let replaced = |text: String, (mark, stand_in): &(String, String)| text.replace(mark, stand_in);
            self.stand_ins.iter().fold(text.to_owned(), replaced)
        };
        Cow::Owned(exchanges.iter().map(|it| blanks::with_texts(it, replace)).collect())
    }

    fn judge(&mut self, step: &Step, exchanges: &[Exchange]) -> Result<Judged, EvalError> {
        let exchanges = self.of(exchanges);
        let mut judged = judge_step(step, &exchanges, &mut self.values)?;
        for mismatch in &mut judged.findings.mismatches {
            self.name(&mut mismatch.expected);
            self.name(&mut mismatch.found);
        }
        let doubts = judged.findings.doubts.iter_mut().map(|doubt| &mut doubt.reason);
        doubts
            .chain(&mut judged.findings.notes)
            .for_each(|text| self.name(text));
        judged.facts.iter_mut().for_each(|(_, value)| self.name(value));
        Ok(judged)
    }

    /// Writes the names of secrets where something stands for them.
    fn name(&self, text: &mut String) {
        for (mark, stand_in) in &self.stand_ins {
            if text.contains(stand_in) {
                *text = text.replace(stand_in, mark);
            }
        }
    }
}

/// What was found, without the words.
fn shape(judged: &Judged) -> (Vec<&Part>, usize, &[(String, String)]) {
    let parts = judged.findings.mismatches.iter().map(|it| &it.part);
    (parts.collect(), judged.findings.doubts.len(), &judged.facts)
}
