//! Gate: the HMAC signature matches, where one is demanded (contract section 2).
//!
//! Compares in constant time. Why a signature is wrong is worked out beside it, after it has been refused.

use std::borrow::Cow;

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderName;
use located_yaml::write_duration;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::admission::Candidate;
use crate::admission::diagnosis::{self, Signature};
use crate::behaviour::authentication::{Algorithm, Encoding, SignatureMatch, SignedBytes};
use crate::catalog::SignatureScheme;
use crate::gate::Gate;
use crate::rejection::{Advice, Refusal, Rejection};
use crate::timestamp::Timestamp;

impl Candidate<'_> {
    pub(super) fn check_signature(&mut self) -> Result<(), Rejection> {
        let Some(scheme) = &self.integration()?.signature else {
            return Ok(());
        };
        // A body that was not kept cannot be verified, whichever gate comes first.
        self.check_payload()?;
        let joint = self.behaviour().authentication.signature_joint.as_str();
        let (headers, body) = (&self.inbound.headers, self.inbound.body.bytes());
        let stamp = scheme.timestamp_header.as_ref().map(|name| headers.get(name));
        let stamp = match (&scheme.timestamp_header, stamp) {
            (Some(_), Some(None)) => return Err(timestamp_missing(scheme)),
            (_, stamp) => stamp.flatten().map(http::HeaderValue::as_bytes),
        };
        let before = stamp.map_or_else(Vec::new, |stamp| [stamp, joint.as_bytes()].concat());
        let rules = &self.behaviour().authentication;
        let offered = headers.get(&scheme.header).map(http::HeaderValue::as_bytes);
        let checked = Signed {
            before: before.clone(),
            body: &signed_bytes(body, rules.signed_bytes),
        };
        let signed = Signed { before, body };
        if checked.passes(scheme, (rules.signature, body.is_empty()), offered) {
            return check_age(scheme, stamp, self.now);
        }
        let Some(offered) = offered else {
            let sent = headers.keys().find(|name| is_signature(name));
            return Err(missing(scheme, &signed, sent));
        };
        let signature = Signature {
            scheme,
            signed: &signed,
            joint,
            timestamp: stamp,
            offered,
        };
        let mut diagnosis = diagnosis::explain(&signature, self.catalog());
        if let Some(Outdated { phrase, advice, .. }) = outdated(scheme, stamp, self.now) {
            diagnosis = diagnosis.and(&phrase, advice);
        }
        let received = String::from_utf8_lossy(offered);
        Err(
            Rejection::new(Gate::Signature, Refusal::InvalidSignature, diagnosis.reason)
                .comparing(expected(scheme, &signed), received)
                .advising(diagnosis.advice),
        )
    }
}

/// Whether a header is named like one for signatures.
fn is_signature(name: &HeaderName) -> bool {
    ["signature", "hmac", "digest"]
        .iter()
        .any(|word| name.as_str().contains(word))
}

/// The refusal when there is no signature where it belongs; another header may have one.
fn missing(scheme: &SignatureScheme, signed: &Signed<'_>, sent: Option<&HeaderName>) -> Rejection {
    let (received, advice) = match sent {
        Some(name) => (
            format!("a signature in `{name}`, perhaps"),
            Advice::new("another-header", format!("send it as `{}`", scheme.written)),
        ),
        None => (
            "no such header".to_owned(),
            Advice::new(
                "missing-signature",
                format!("sign the body and send the digest as `{}`", scheme.written),
            ),
        ),
    };
    Rejection::new(
        Gate::Signature,
        Refusal::InvalidSignature,
        "the signature header is missing",
    )
    .comparing(expected(scheme, signed), received)
    .advising(Some(advice))
}

fn timestamp_missing(scheme: &SignatureScheme) -> Rejection {
    let name = scheme.timestamp_written.as_deref().unwrap_or_default();
    let reason = "the timestamp header is missing";
    Rejection::new(Gate::Signature, Refusal::InvalidSignature, reason)
        .comparing(format!("`{name}` with the time of signing"), "no such header")
        .advising(Some(Advice::new(
            "timestamp-missing",
            "send the time that is signed along with the body",
        )))
}

/// What is wrong with a timestamp.
struct Outdated {
    /// What it is, to follow "its timestamp".
    phrase: String,
    received: String,
    advice: Advice,
}

/// A signature that is right may be too old, where the integration says how old one may be.
fn check_age(scheme: &SignatureScheme, stamp: Option<&[u8]>, now: Timestamp) -> Result<(), Rejection> {
    let (Some(tolerance), Some(outdated)) = (scheme.timestamp_tolerance, outdated(scheme, stamp, now)) else {
        return Ok(());
    };
    let reason = format!("the signature is right but its timestamp {}", outdated.phrase);
    Err(Rejection::new(Gate::Signature, Refusal::InvalidSignature, reason)
        .comparing(
            format!("a time within {} of {now}", write_duration(tolerance)),
            outdated.received,
        )
        .advising(Some(outdated.advice)))
}

fn outdated(scheme: &SignatureScheme, stamp: Option<&[u8]>, now: Timestamp) -> Option<Outdated> {
    let (tolerance, stamp) = (scheme.timestamp_tolerance?, stamp?);
    let text = String::from_utf8_lossy(stamp);
    let Some(time) = time_of(&text) else {
        let hint = "write the time as seconds or milliseconds since 1970, or as RFC 3339";
        return Some(Outdated {
            phrase: "cannot be read".to_owned(),
            received: text.into_owned(),
            advice: Advice::new("unreadable-timestamp", hint),
        });
    };
    let (age, word) = if time <= now {
        (now.since(time), "old")
    } else {
        (time.since(now), "ahead of the clock")
    };
    let hint = format!("sign with the current time; the clock of this sandbox says {now}");
    (age > tolerance).then(|| Outdated {
        phrase: format!("is {} {word}", write_duration(age)),
        received: time.to_string(),
        advice: Advice::new("stale-timestamp", hint),
    })
}

/// The time in a timestamp header: seconds or milliseconds since 1970, or RFC 3339.
fn time_of(text: &str) -> Option<Timestamp> {
    /// Seconds have eleven digits from the year 5138 on only.
    const MILLISECONDS_FROM: u64 = 100_000_000_000;
    match text.trim().parse::<u64>() {
        Ok(number) if number >= MILLISECONDS_FROM => number.checked_mul(1_000_000).map(Timestamp::from_nanos),
        Ok(number) => number.checked_mul(1_000_000_000).map(Timestamp::from_nanos),
        Err(_) => Timestamp::parse(text.trim()),
    }
}

/// The bytes a signature is made over.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    /// A timestamp and what joins it to the body, where a scheme has one.
    pub(super) before: Vec<u8>,
    /// The body as it came.
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    /// Whether what was offered passes for the signature; the rule may look at whether there was anything to sign.
    fn passes(
        &self,
        scheme: &SignatureScheme,
        (rule, nothing_to_sign): (SignatureMatch, bool),
        offered: Option<&[u8]>,
    ) -> bool {
        let is_right = || {
            let digest = offered.and_then(|offered| digest_of(scheme, offered));
            digest.is_some_and(|digest| self.is_signed_by(scheme, &digest))
        };
        match rule {
            SignatureMatch::Exact => is_right(),
            SignatureMatch::Truncated => {
                let digits = offered.and_then(|offered| offered.strip_prefix(scheme.prefix.as_bytes()));
                let right = encoded(
                    scheme.encoding,
                    &self.digest(scheme.algorithm, scheme.secret.expose().as_bytes()),
                );
                digits.is_some_and(|digits| !digits.is_empty() && right.as_bytes().starts_with(digits))
            }
            SignatureMatch::AnyValue => offered.is_some(),
            SignatureMatch::OrMissing => offered.is_none() || is_right(),
            SignatureMatch::OrEmptyBody => nothing_to_sign || is_right(),
            SignatureMatch::NotChecked => true,
            SignatureMatch::NeverRight => false,
        }
    }

    fn is_signed_by(&self, scheme: &SignatureScheme, digest: &[u8]) -> bool {
        let key = scheme.secret.expose().as_bytes();
        match scheme.algorithm {
            Algorithm::Sha1 => self.mac::<Hmac<Sha1>>(key).verify_slice(digest).is_ok(),
            Algorithm::Sha256 => self.mac::<Hmac<Sha256>>(key).verify_slice(digest).is_ok(),
            Algorithm::Sha512 => self.mac::<Hmac<Sha512>>(key).verify_slice(digest).is_ok(),
        }
    }

    /// The digest these bytes have.
    pub(super) fn digest(&self, algorithm: Algorithm, key: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Sha1 => self.mac::<Hmac<Sha1>>(key).finalize().into_bytes().to_vec(),
            Algorithm::Sha256 => self.mac::<Hmac<Sha256>>(key).finalize().into_bytes().to_vec(),
            Algorithm::Sha512 => self.mac::<Hmac<Sha512>>(key).finalize().into_bytes().to_vec(),
        }
    }

    fn mac<M: Mac + KeyInit>(&self, key: &[u8]) -> M {
        let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
        mac.update(&self.before);
        mac.update(self.body);
        mac
    }
}

/// What of a body is signed.
fn signed_bytes(body: &[u8], rule: SignedBytes) -> Cow<'_, [u8]> {
    match rule {
        SignedBytes::Body => body.into(),
        SignedBytes::Reserialised => match serde_json::from_slice::<Value>(body) {
            Ok(value) => value.to_string().into_bytes().into(),
            Err(_) => body.into(),
        },
        SignedBytes::Trimmed => body.trim_ascii().into(),
        SignedBytes::FirstKibibyte => body[..body.len().min(1_024)].into(),
        SignedBytes::Nothing => (&[]).into(),
    }
}

/// A digest as the scheme writes it.
fn encoded(encoding: Encoding, digest: &[u8]) -> String {
    match encoding {
        Encoding::Hex => HEXLOWER.encode(digest),
        Encoding::Base64 => BASE64.encode(digest),
    }
}

/// The digest in a header, if it is written as the scheme writes digests.
fn digest_of(scheme: &SignatureScheme, offered: &[u8]) -> Option<Vec<u8>> {
    let digits = offered.strip_prefix(scheme.prefix.as_bytes())?;
    match scheme.encoding {
        Encoding::Hex => HEXLOWER.decode(digits).ok(),
        Encoding::Base64 => BASE64.decode(digits).ok(),
    }
}

/// What would have been accepted: its form, and for the bytes that came the very value. Whoever reads the journal may read the
/// secret too.
fn expected(scheme: &SignatureScheme, signed: &Signed<'_>) -> String {
    let bytes = match scheme.algorithm {
        Algorithm::Sha1 => 20,
        Algorithm::Sha256 => 32,
        Algorithm::Sha512 => 64,
    };
    let digest = match scheme.encoding {
        Encoding::Hex => format!("{} lower-case hexadecimal digits", bytes * 2),
        Encoding::Base64 => format!("{bytes} bytes in base64"),
    };
    let right = encoded(
        scheme.encoding,
        &signed.digest(scheme.algorithm, scheme.secret.expose().as_bytes()),
    );
    let (header, prefix) = (&scheme.written, &scheme.prefix);
    format!("`{header}: {prefix}<{digest}>`; for these bytes `{prefix}{right}`")
}
