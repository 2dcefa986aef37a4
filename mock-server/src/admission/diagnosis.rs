//! Which likely mistake explains a wrong signature: for the journal, never for the caller.
//!
//! Decides nothing, and works on small bodies only, as every guess costs a digest.

use serde_json::Value;

use crate::admission::signature::{Signed, encoded};
use crate::behaviour::authentication::{Algorithm, Encoding};
use crate::catalog::SignatureScheme;

/// Bytes of a body beyond which no guesses are made.
const MAX_BODY: usize = 64 * 1024;

/// Why a signature was refused.
pub(super) fn explain(scheme: &SignatureScheme, signed: &Signed<'_>, offered: Option<&[u8]>) -> &'static str {
    let Some(offered) = offered else {
        return "the signature header is missing";
    };
    let Ok(offered) = str::from_utf8(offered) else {
        return "the signature is no text";
    };
    if offered.is_empty() {
        return "the signature is empty";
    }
    if signed.body.len() > MAX_BODY {
        return "the signature does not match";
    }
    let key = scheme.secret.expose().as_bytes();
    let right = |signed: &Signed<'_>| encoded(scheme.encoding, &signed.digest(scheme.algorithm, key));
    let digits = right(signed);
    let Some(offered_digits) = offered.strip_prefix(&scheme.prefix) else {
        return if offered.ends_with(&digits) {
            "the digest is right but its prefix is missing or another one"
        } else {
            "the prefix is missing or another one, and the digest does not match either"
        };
    };
    let is_over = |before: &[u8], body: &[u8]| {
        offered_digits
            == right(&Signed {
                before: before.to_vec(),
                body,
            })
    };
    if offered_digits.eq_ignore_ascii_case(&digits) {
        "the digest is right but its letter case is not"
    } else if digits.starts_with(offered_digits) {
        "the digest is cut off"
    } else if Encoding::ALL
        .iter()
        .any(|(_, encoding)| offered_digits == encoded(*encoding, &signed.digest(scheme.algorithm, key)))
    {
        "the digest is right but written in another encoding"
    } else if Algorithm::ALL
        .iter()
        .any(|(_, algorithm)| offered_digits == encoded(scheme.encoding, &signed.digest(*algorithm, key)))
    {
        "the digest is of another algorithm"
    } else if is_over(&signed.before, b"") {
        "the signature is over an empty body"
    } else if !signed.before.is_empty() && is_over(b"", signed.body) {
        "the signature leaves the timestamp out"
    } else if is_over(&signed.before, signed.body.trim_ascii()) {
        "the signature is over the body without the white space around it"
    } else if reserialised(signed.body)
        .iter()
        .any(|body| is_over(&signed.before, body))
    {
        "the signature is over the body's JSON written anew, not over the bytes that were sent"
    } else {
        "the signature was made with another secret or over another body"
    }
}

/// The usual ways to write the same JSON differently.
fn reserialised(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    let spaced = value.to_string().replace("\":", "\": ").replace(",\"", ", \"");
    [
        Some(value.to_string()),
        Some(spaced),
        serde_json::to_string_pretty(&value).ok(),
    ]
    .into_iter()
    .flatten()
    .map(String::into_bytes)
    .collect()
}
