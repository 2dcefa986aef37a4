//! Reading evidence: only what holds together is taken.
//!
//! Pure: a text in, evidence or everything that is wrong with it out. A file that a run did not finish is taken and stays
//! marked as incomplete.

mod consistency;

use serde::Deserialize;
use thiserror::Error;

use super::stream::{BEGINNING, BETWEEN, END};
use super::{Evidence, SCHEMA};
use crate::verdict::Verdict;

/// Why a text is no evidence, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// It ends in the middle.
    #[error(
        "{file}:{line}:{column}: the file ends in the middle\n\
         it was cut off while it was copied or stored: get it again from where it came from, or run again"
    )]
    CutOff {
        /// The file.
        file: String,
        /// The last line, from 1.
        line: usize,
        /// Its last column.
        column: usize,
    },
    /// It is no JSON, or has not the form of evidence.
    #[error(
        "{file}:{line}:{column}: {what}\n\
         this is no report.json of this program, or it was changed by hand; \
         `torq-conformance schema report` prints what it has to look like"
    )]
    Form {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// It is of another version of the format.
    #[error(
        "{file}: this is version {found} of the format, and this program reads version {SCHEMA}\n{}",
        if *found > SCHEMA { "a newer torq-conformance wrote it: use that one" } else { "an older torq-conformance wrote it: run again" }
    )]
    Version {
        /// The file.
        file: String,
        /// The version it names.
        found: u32,
    },
    /// Parts of it say different things.
    #[error("{}\nthe file was put together or changed by hand, and nothing can be concluded from it: run again", .0.join("\n"))]
    Contradictions(Vec<String>),
}

/// Only the version, whatever else there is.
#[derive(Deserialize)]
struct Versioned {
    schema: u32,
}

/// Reads the text of a file of evidence.
///
/// # Errors
/// When it was cut off, has another form or version, or contradicts itself; with every contradiction.
pub fn read(file: &str, text: &str) -> Result<Evidence, ReadError> {
    let mut evidence = match parse(file, text) {
        Err(ReadError::CutOff { file, line, column }) => {
            // The last case of a run that was killed while it was written is lost; all others are whole.
            let rest = without_last_line(text).and_then(|rest| parse(&file, &rest).ok());
            rest.ok_or(ReadError::CutOff { file, line, column })?
        }
        parsed => parsed?,
    };
    let mut contradictions = consistency::contradictions(&evidence);
    if evidence.complete {
        contradictions.extend(consistency::false_conclusions(&evidence));
    } else {
        evidence.await_twins();
        evidence.derive();
    }
    if contradictions.is_empty() {
        return Ok(evidence);
    }
    let located = contradictions.into_iter().map(|it| format!("{file}: {it}"));
    Err(ReadError::Contradictions(located.collect()))
}

fn parse(file: &str, text: &str) -> Result<Evidence, ReadError> {
    if let Ok(Versioned { schema }) = serde_json::from_str(text)
        && schema != SCHEMA
    {
        return Err(ReadError::Version {
            file: file.to_owned(),
            found: schema,
        });
    }
    serde_json::from_str(text).map_err(|error| {
        let (file, line, column) = (file.to_owned(), error.line(), error.column());
        if error.is_eof() {
            return ReadError::CutOff { file, line, column };
        }
        let said = error.to_string();
        let place = format!(" at line {line} column {column}");
        ReadError::Form {
            file,
            line,
            column,
            what: said.strip_suffix(&place).unwrap_or(&said).to_owned(),
        }
    })
}

/// A file that a run was writing to, up to the last case that is whole.
fn without_last_line(text: &str) -> Option<String> {
    let whole = text.starts_with(BEGINNING).then(|| text.rfind('\n'))??;
    let whole = &text[..whole];
    let whole = whole.strip_suffix(BETWEEN.trim_end()).unwrap_or(whole);
    Some(format!("{whole}{END}"))
}

impl Evidence {
    /// Takes back, of a run that did not reach its end, every refusal whose positive twin has not succeeded so far.
    pub(crate) fn await_twins(&mut self) {
        let held: Vec<String> = self
            .cases
            .iter()
            .filter(|case| matches!(case.verdict, Verdict::Passed | Verdict::Recorded))
            .map(|case| case.id.clone())
            .collect();
        for case in &mut self.cases {
            let Some(twin) = &case.twin else { continue };
            if case.verdict == Verdict::Passed && !held.contains(&twin.case) {
                case.verdict = Verdict::Inconclusive;
                case.reason = Some(format!(
                    "the run ended before its positive twin {} had passed; without it a refusal proves nothing",
                    twin.case
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests;
