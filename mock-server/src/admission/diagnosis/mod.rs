//! Which likely mistakes explain a wrong signature: for the journal, never for the caller.
//!
//! Decides nothing, says no secret, and stops after a bounded amount of work, as every guess costs a
//! digest. What may have gone wrong is in the tables beside it: how a digest is written, what it was made with and over.

mod constructions;
mod digests;
mod material;
mod mistake;
mod rewriting;
#[cfg(test)]
mod tests;

use crate::admission::signature::Signed;
use crate::catalog::{Catalog, SignatureScheme};
use crate::rejection::Advice;

use constructions::{Construction, Hash};
use digests::{Written, contents, hashes, readings};
use material::{CONSTRUCTIONS, beginnings, bodies, keys};
use mistake::{Mistake, Odds, Tried};

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

impl Diagnosis {
    /// With something else that is wrong with the timestamp.
    pub(super) fn and(self, phrase: &str, advice: Advice) -> Self {
        let known = self.advice.into_iter();
        let (mut mistakes, mut hints): (Vec<_>, Vec<_>) = known.map(|advice| (advice.mistakes, advice.hint)).unzip();
        mistakes.push(advice.mistakes);
        hints.push(advice.hint);
        Self {
            reason: format!("{}; its timestamp {phrase}", self.reason),
            advice: Some(Advice {
                mistakes: mistakes.concat(),
                hint: hints.join("; "),
            }),
        }
    }
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
    let scheme = signature.scheme;
    let Ok(offered) = str::from_utf8(signature.offered) else {
        return undigested(scheme, "the signature is no text");
    };
    if offered.trim().is_empty() {
        return undigested(scheme, "the signature is empty");
    }
    let is_secret = |text: &str| scheme.secret.matches(text.as_bytes());
    if contents(scheme, offered).into_iter().any(is_secret) {
        return told(&[Mistake::SecretItself]);
    }
    let readings = readings(scheme, offered);
    if readings.is_empty() {
        return undigested(
            scheme,
            "the signature cannot be read as a digest in any common encoding, or too little of one is left",
        );
    }
    match search(signature, &readings, catalog) {
        Some(mistakes) => told(&mistakes),
        None if !readings.iter().any(Written::is_whole) => undigested(
            scheme,
            "the signature is no whole digest of any common algorithm, nor the beginning of the right one",
        ),
        None => unexplained(scheme, offered),
    }
}

fn undigested(scheme: &SignatureScheme, reason: &str) -> Diagnosis {
    let hash = Hash::from(scheme.algorithm);
    let hint = format!(
        "send all {} bytes of the HMAC with {}, behind `{}`",
        hash.size(),
        hash.word(),
        scheme.prefix
    );
    Diagnosis {
        reason: reason.to_owned(),
        advice: Some(Advice::new("no-digest", hint)),
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
    let mut guesses = Vec::with_capacity(bodies.len() * beginnings.len() * (keys.len() + CONSTRUCTIONS.len()));
    for body in &bodies {
        for before in &beginnings {
            for (how, mistake) in &CONSTRUCTIONS {
                // Who makes no HMAC is not taken to have mistaken the secret as well.
                let keys = &keys[..if *how == Construction::Hmac { keys.len() } else { 1 }];
                guesses.extend(keys.iter().map(|key| (body, before, key, (*how, mistake))));
            }
        }
    }
    let count = |tried: &Tried<'_>| usize::from(tried.mistake.is_some());
    let rare = |tried: &Tried<'_>| usize::from(tried.odds == Odds::Rare);
    // Within one number of mistakes the usual guesses first, and of those the cheap ones, so that a large body does not use all up.
    guesses.sort_by_key(|(body, before, key, (_, misconstrued))| {
        let misconstrued = usize::from(misconstrued.is_some());
        (
            count(body) + count(before) + count(key) + misconstrued,
            rare(body) + rare(before) + rare(key) + misconstrued,
            body.bytes.len(),
        )
    });
    let mut spent = 0;
    for (body, before, key, (how, misconstrued)) in guesses {
        for hash in hashes(readings) {
            let cost = before.bytes.len() + body.bytes.len() + FIXED_COST;
            if spent + cost > BUDGET {
                continue;
            }
            spent += cost;
            let digest = how.digest(hash, &key.bytes, [&before.bytes, &body.bytes]);
            let Some(reading) = readings.iter().find(|reading| reading.is(&digest)) else {
                continue;
            };
            let other_algorithm = (hash != signature.scheme.algorithm.into()).then_some(Mistake::OtherAlgorithm(hash));
            let made = [misconstrued, &key.mistake, &before.mistake, &body.mistake];
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
