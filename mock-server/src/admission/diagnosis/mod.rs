//! Which likely mistakes explain a wrong signature: for the journal, never for the caller.
//!
//! Decides nothing, says no secret and no right digest, and stops after a bounded amount of work, as every guess costs a
//! digest. What may have gone wrong is in the tables beside it: how a digest is written, what it was made with and over.

mod digests;
mod material;
mod mistake;
#[cfg(test)]
mod tests;

use crate::admission::signature::Signed;
use crate::catalog::{Catalog, SignatureScheme};
use crate::rejection::Advice;

use digests::{Written, readings};
use material::{beginnings, bodies, keys};
use mistake::{Mistake, Tried};

/// Bytes that are digested for guesses about one request: a few milliseconds.
const BUDGET: usize = 2 << 20;

/// Why a signature was refused, and what would put it right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Diagnosis {
    /// One sentence.
    pub(super) reason: String,
    /// The mistakes by name and how to do better, where there is an explanation.
    pub(super) advice: Option<Advice>,
}

/// Everything a diagnosis looks at.
#[derive(Debug)]
pub(super) struct Signature<'a> {
    /// What the integration demands.
    pub(super) scheme: &'a SignatureScheme,
    /// What has to be signed.
    pub(super) signed: &'a Signed<'a>,
    /// What stands between a timestamp and the body.
    pub(super) joint: &'a str,
    /// The timestamp that came.
    pub(super) timestamp: Option<&'a [u8]>,
    /// The value of the signature's header.
    pub(super) offered: &'a [u8],
}

/// Explains a signature that was refused.
pub(super) fn explain(signature: &Signature<'_>, catalog: &Catalog) -> Diagnosis {
    let Ok(offered) = str::from_utf8(signature.offered) else {
        return plain("the signature is no text");
    };
    if offered.trim().is_empty() {
        return plain("the signature is empty");
    }
    let readings = readings(signature.scheme, offered);
    if readings.is_empty() {
        return plain("the signature cannot be read as a digest in any common encoding");
    }
    match search(signature, &readings, catalog) {
        Some(mistakes) => told(&mistakes),
        None => unexplained(signature.scheme, offered),
    }
}

fn plain(reason: &str) -> Diagnosis {
    Diagnosis {
        reason: reason.to_owned(),
        advice: None,
    }
}

fn unexplained(scheme: &SignatureScheme, offered: &str) -> Diagnosis {
    let reason = if offered.starts_with(&scheme.prefix) {
        "the signature was made with another secret or over another body"
    } else {
        "the prefix is missing or another one, and the digest does not match either"
    };
    Diagnosis {
        reason: reason.to_owned(),
        advice: Some(Advice {
            mistakes: Vec::new(),
            hint: "sign the body's bytes as they are sent, with the secret that GET /profile of the control surface has for this \
                   integration"
                .to_owned(),
        }),
    }
}

/// The fewest mistakes that together explain what was offered.
fn search(signature: &Signature<'_>, readings: &[Written], catalog: &Catalog) -> Option<Vec<Mistake>> {
    let (bodies, beginnings) = (bodies(signature.signed.body), beginnings(signature));
    let keys = keys(signature.scheme, catalog);
    let mut guesses = Vec::with_capacity(bodies.len() * beginnings.len() * keys.len());
    for body in &bodies {
        for before in &beginnings {
            for key in &keys {
                guesses.push((body, before, key));
            }
        }
    }
    let count = |tried: &Tried<'_>| usize::from(tried.mistake.is_some());
    // Within one number of mistakes the cheap guesses first, so that a large body does not use all up.
    guesses.sort_by_key(|(body, before, key)| (count(body) + count(before) + count(key), body.bytes.len()));
    let mut spent = 0;
    for (body, before, key) in guesses {
        let guess = Signed {
            before: before.bytes.to_vec(),
            body: &body.bytes,
        };
        for algorithm in digests::algorithms(readings) {
            let cost = guess.before.len() + guess.body.len() + FIXED_COST;
            if spent + cost > BUDGET {
                continue;
            }
            spent += cost;
            let digest = guess.digest(algorithm, &key.bytes);
            let Some(reading) = readings.iter().find(|reading| reading.is(&digest)) else {
                continue;
            };
            let other_algorithm =
                (algorithm != signature.scheme.algorithm).then_some(Mistake::OtherAlgorithm(algorithm));
            let made = [&key.mistake, &before.mistake, &body.mistake];
            let mut mistakes: Vec<Mistake> = made.into_iter().flatten().cloned().collect();
            mistakes.extend(other_algorithm);
            mistakes.extend(reading.mistakes.iter().cloned());
            return (!mistakes.is_empty()).then_some(mistakes);
        }
    }
    None
}

/// What a digest costs besides its bytes, so that many guesses about a small body are bounded as well.
const FIXED_COST: usize = 256;

fn told(mistakes: &[Mistake]) -> Diagnosis {
    let phrases = |written: bool| -> Vec<String> {
        let those = mistakes.iter().filter(|mistake| mistake.is_about_writing() == written);
        those.map(Mistake::phrase).collect()
    };
    let (made, written) = (phrases(false).join(" and "), phrases(true).join(" and "));
    let reason = match (made.is_empty(), written.is_empty()) {
        (true, _) => format!("the digest is right but {written}"),
        (false, true) => format!("the signature is {made}"),
        (false, false) => format!("the signature is {made}, and {written}"),
    };
    let hints: Vec<_> = mistakes.iter().map(Mistake::hint).collect();
    Diagnosis {
        reason,
        advice: Some(Advice {
            mistakes: mistakes.iter().map(Mistake::word).collect(),
            hint: hints.join("; "),
        }),
    }
}
