//! What makes one failure of a case the same failure in the next run.
//!
//! Pure: a digest of the differences, without what changes from run to run (ports, ids, times, measured durations).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use regex::{Captures, Regex};
use sha2::{Digest, Sha256};

use crate::check::Part;
use crate::run::{CaseRun, Trouble};

/// How a fingerprint begins; without it YAML would take some for numbers.
pub(super) const PREFIX: &str = "fp-";

/// Hex digits of a fingerprint.
pub(super) const DIGITS: usize = 16;

/// The fingerprint of what a case failed for; nothing when it did not differ.
///
/// Neither the case nor the place of the assertion is part of it, so that moving a line changes nothing.
#[must_use]
pub fn fingerprint(run: &CaseRun) -> Option<String> {
    let mismatches = run.steps.iter().flat_map(|step| &step.findings.mismatches);
    let mut differences: BTreeSet<[String; 3]> = mismatches
        .map(|it| [part(&it.part), lasting(&it.expected), found(&it.part, &it.found)])
        .collect();
    if let Some(missing @ Trouble::Missing(_)) = &run.trouble {
        differences.insert(["missing".to_owned(), String::new(), lasting(&missing.to_string())]);
    }
    if differences.is_empty() {
        return None;
    }
    let mut hash = Sha256::new();
    for text in differences.iter().flatten() {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let digest = HEXLOWER.encode(&hash.finalize());
    Some(format!("{PREFIX}{}", &digest[..DIGITS]))
}

/// Whether a text can be a fingerprint.
pub(super) fn is_fingerprint(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Which of many answers differed is chance.
fn part(part: &Part) -> String {
    match part {
        Part::Nth(_, inner) => format!("one answer: {inner}"),
        other => other.to_string(),
    }
}

/// What was measured or counted is chance as well, and so is a number in it.
fn found(part: &Part, text: &str) -> String {
    let text = lasting(text);
    match part {
        Part::Time | Part::Burst => NUMBER.replace_all(&text, "<number>").into_owned(),
        _ => text,
    }
}

/// A text without what changes from run to run.
fn lasting(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, name) in &*FLEETING {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    let token = |it: &Captures<'_>| {
        let token = &it[0];
        let random = token.contains(|c: char| c.is_ascii_digit());
        if random { "<id>".to_owned() } else { token.to_owned() }
    };
    TOKEN.replace_all(&text, token).into_owned()
}

/// In this order: a date has times in it, and an id has numbers.
static FLEETING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"(?i)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<id>"),
        (
            r"\b\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?",
            "<time>",
        ),
        (
            r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b",
            "<time>",
        ),
        (r#"\b(https?)://[^/\s"'`<>]+"#, "<host>"),
        (r"(\b127(\.\d{1,3}){3}|\blocalhost|\[::1\])(:\d+)?\b", "<host>"),
        (r"\b\d+(\.\d+)? ?(ns|µs|us|ms|s|min|m|h)\b", "<duration>"),
        (r"\b\d{9,}(\.\d+)?\b", "<number>"),
    ]
    .map(|(pattern, name)| (regex(pattern), name))
    .into()
});

/// Long words with a digit in them, such as request ids.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| regex(r"\b\w{16,}\b"));

static NUMBER: LazyLock<Regex> = LazyLock::new(|| regex(r"\d+(\.\d+)?"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is written in this file")
}

#[cfg(test)]
mod tests;
