//! What a signature may have been made over and with instead: bodies, beginnings and keys.
//!
//! Each table starts with what is right, then the mistakes with the likelier ones first.

use std::borrow::Cow;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};

use super::Signature;
use super::constructions::Construction;
use super::mistake::{Mistake, Odds, Tried};
use super::rewriting::forms;
use crate::catalog::{Catalog, SignatureScheme};

/// Bytes of a body beyond which only the cheap changes are tried.
const SMALL: usize = 64 * 1024;
/// How far from the header's timestamp another one is looked for, in seconds.
const NEARBY: i64 = 5;
/// What people put between a timestamp and a body.
const JOINTS: [&str; 9] = ["", ".", ":", "|", "-", "_", ",", " ", "\n"];
/// The ways to make a digest, the right one first.
pub(super) const CONSTRUCTIONS: [(Construction, Option<Mistake>); 5] = [
    (Construction::Hmac, None),
    (Construction::Unkeyed, Some(Mistake::Unkeyed)),
    (Construction::KeyFirst, Some(Mistake::NoHmac)),
    (Construction::KeyLast, Some(Mistake::NoHmac)),
    (Construction::Swapped, Some(Mistake::Swapped)),
];

fn right(bytes: &[u8]) -> Tried<'_> {
    Tried {
        bytes: Cow::Borrowed(bytes),
        mistake: None,
        odds: Odds::Usual,
    }
}

fn wrong<'a>(bytes: impl Into<Cow<'a, [u8]>>, mistake: Mistake) -> Tried<'a> {
    Tried {
        bytes: bytes.into(),
        mistake: Some(mistake),
        odds: Odds::Usual,
    }
}

fn rarely<'a>(bytes: impl Into<Cow<'a, [u8]>>, mistake: Mistake) -> Tried<'a> {
    Tried {
        odds: Odds::Rare,
        ..wrong(bytes, mistake)
    }
}

/// The body, and what may have been signed in its place.
pub(super) fn bodies(body: &[u8]) -> Vec<Tried<'_>> {
    let mut bodies = vec![right(body), wrong(&b""[..], Mistake::EmptyBody)];
    if body.len() > SMALL {
        return bodies;
    }
    bodies.push(wrong([body, b"\n"].concat(), Mistake::NewlineAdded));
    bodies.push(wrong([body, b"\r\n"].concat(), Mistake::NewlineAdded));
    if let Some(shorter) = body.strip_suffix(b"\n") {
        let shorter = shorter.strip_suffix(b"\r").unwrap_or(shorter);
        bodies.push(wrong(shorter, Mistake::NewlineRemoved));
    }
    let forms = forms(body).into_iter();
    bodies.extend(forms.map(|(anew, form)| wrong(anew.into_bytes(), Mistake::Reserialised(form))));
    bodies.push(wrong(body.trim_ascii(), Mistake::Trimmed));
    if let Some(marked) = body.strip_prefix("\u{feff}".as_bytes()) {
        bodies.push(wrong(marked, Mistake::WithoutMark));
    }
    if let Ok(text) = str::from_utf8(body)
        && text.contains('\n')
    {
        let unix = text.replace("\r\n", "\n");
        let dos = unix.replace('\n', "\r\n");
        for other in [unix, dos] {
            bodies.push(wrong(other.into_bytes(), Mistake::LineEnds));
        }
    }
    let mut seen: Vec<&[u8]> = Vec::new();
    let kept: Vec<bool> = bodies
        .iter()
        .map(|tried| {
            let is_new = !seen.contains(&tried.bytes.as_ref());
            seen.push(&tried.bytes);
            is_new
        })
        .collect();
    let mut kept = kept.into_iter();
    bodies.retain(|_| kept.next().unwrap_or(true));
    bodies
}

/// What is signed before the body, and what may have been signed in its place.
pub(super) fn beginnings<'a>(signature: &Signature<'a>) -> Vec<Tried<'a>> {
    let mut beginnings = vec![right(&signature.signed.before)];
    let Some(timestamp) = signature
        .timestamp
        .filter(|_| signature.scheme.timestamp_header.is_some())
    else {
        return beginnings;
    };
    beginnings.push(wrong(&b""[..], Mistake::WithoutTimestamp));
    for joint in JOINTS.iter().filter(|joint| **joint != signature.joint) {
        let before = [timestamp, joint.as_bytes()].concat();
        beginnings.push(if joint.is_empty() {
            wrong(before, Mistake::WithoutJoint)
        } else {
            rarely(before, Mistake::OtherJoint(joint))
        });
    }
    let number = str::from_utf8(timestamp).ok().and_then(|text| text.parse::<i64>().ok());
    if let Some(number) = number {
        // Milliseconds have thirteen digits for the next centuries.
        let unit = if number > 100_000_000_000 { 1_000 } else { 1 };
        for seconds in (-NEARBY..=NEARBY).filter(|seconds| *seconds != 0) {
            let other = number.saturating_add(seconds * unit);
            let before = format!("{other}{}", signature.joint).into_bytes();
            beginnings.push(wrong(before, Mistake::OtherTimestamp(seconds)));
        }
    }
    beginnings
}

/// The secret, and what may have been the key in its place.
pub(super) fn keys<'a>(scheme: &'a SignatureScheme, catalog: &'a Catalog) -> Vec<Tried<'a>> {
    let secret = scheme.secret.expose();
    let mut keys = vec![right(secret.as_bytes())];
    for previous in &scheme.previous {
        keys.push(wrong(previous.expose().as_bytes(), Mistake::PreviousSecret));
    }
    for padded in [
        format!("{secret}\n"),
        format!("{secret} "),
        format!(" {secret}"),
        format!("{secret}\r\n"),
    ] {
        keys.push(wrong(padded.into_bytes(), Mistake::SpacedSecret));
    }
    for padded in [
        format!(" {secret} "),
        format!("\n{secret}"),
        format!("\n{secret}\n"),
        format!("{secret}\t"),
        format!("\t{secret}"),
        format!("{secret}  "),
        format!("  {secret}"),
    ] {
        keys.push(rarely(padded.into_bytes(), Mistake::SpacedSecret));
    }
    for quoted in [format!("\"{secret}\""), format!("'{secret}'")] {
        keys.push(rarely(quoted.into_bytes(), Mistake::QuotedSecret));
    }
    if secret.trim() != secret {
        keys.push(wrong(secret.trim().as_bytes(), Mistake::TrimmedSecret));
    }
    let decoded = [
        (HEXLOWER_PERMISSIVE.decode(secret.as_bytes()), "hexadecimal"),
        (BASE64.decode(secret.as_bytes()), "base64"),
    ];
    for (bytes, encoding) in decoded {
        keys.extend(bytes.ok().map(|bytes| wrong(bytes, Mistake::DecodedSecret(encoding))));
    }
    for integration in catalog.integrations() {
        let signing = integration.signature.iter().map(|scheme| &scheme.secret);
        let header = integration.headers.iter().map(|header| &header.secret);
        for other in signing
            .chain(header)
            .filter(|other| other.expose() != secret)
            .take(OTHERS)
        {
            let mistake = Mistake::OtherIntegration(integration.name.clone());
            keys.push(wrong(other.expose().as_bytes(), mistake));
        }
        if keys.len() > MOST_KEYS {
            break;
        }
    }
    keys
}

/// Secrets that are tried of one other integration.
const OTHERS: usize = 4;
/// Keys that are tried at all, so that a large configuration does not make refusals slow.
const MOST_KEYS: usize = 73;
