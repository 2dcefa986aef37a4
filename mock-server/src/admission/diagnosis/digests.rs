//! What digest a header may have meant, however it is written.
//!
//! Reads generously, as it explains and does not admit; every reading carries the mistakes it takes.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};

use super::constructions::Hash;
use super::mistake::Mistake;
use crate::behaviour::authentication::Encoding;
use crate::catalog::SignatureScheme;

/// Fewer bytes of a digest prove nothing.
const FEWEST: usize = 8;

/// A digest that was read from a header.
#[derive(Debug)]
pub(super) struct Written {
    bytes: Vec<u8>,
    /// What it takes to read it so.
    pub(super) mistakes: Vec<Mistake>,
}

impl Written {
    /// Whether it is as long as the digests of some hash function.
    pub(super) fn is_whole(&self) -> bool {
        Hash::ALL.iter().any(|hash| hash.size() == self.bytes.len())
    }

    /// Whether it is this digest, or the beginning of it where it was cut off.
    pub(super) fn is(&self, digest: &[u8]) -> bool {
        if self.mistakes.contains(&Mistake::CutOff) {
            // All of it is none of this: the same bytes as a whole digest are a reading with fewer mistakes.
            digest.starts_with(&self.bytes)
        } else {
            self.bytes == digest
        }
    }
}

/// The hash functions whose digests could have been read.
pub(super) fn hashes(readings: &[Written]) -> impl Iterator<Item = Hash> {
    Hash::ALL.into_iter().filter(|hash| {
        readings.iter().any(|reading| {
            let length = reading.bytes.len();
            length == hash.size() || (length < hash.size() && reading.mistakes.contains(&Mistake::CutOff))
        })
    })
}

/// What the text may be without what stands around a digest: as a scheme writes one, or otherwise.
pub(super) fn contents<'t>(scheme: &SignatureScheme, offered: &'t str) -> Vec<&'t str> {
    let bare = offered.trim().trim_matches(['"', '\'']).trim();
    let found = unprefixed(scheme, bare).into_iter().map(|(digits, _)| digits);
    found.chain([offered, bare]).collect()
}

/// Every digest that the text may mean, those with fewer mistakes first.
pub(super) fn readings(scheme: &SignatureScheme, offered: &str) -> Vec<Written> {
    let mut found = Vec::new();
    let bare = offered.trim().trim_matches(['"', '\'']).trim();
    let spaced = (bare.len() < offered.len()).then_some(Mistake::Spaced);
    for (digits, prefix) in unprefixed(scheme, bare) {
        for (bytes, mut mistakes) in decoded(scheme.encoding, digits) {
            mistakes.extend(spaced.clone());
            mistakes.extend(prefix.clone());
            if bytes.len() < Hash::from(scheme.algorithm).size() {
                let cut_off = mistakes.iter().cloned().chain([Mistake::CutOff]).collect();
                found.push(Written {
                    bytes: bytes.clone(),
                    mistakes: cut_off,
                });
            }
            found.push(Written { bytes, mistakes });
        }
    }
    found.retain(|written| written.bytes.len() >= FEWEST);
    found.sort_by_key(|written| written.mistakes.len());
    found
}

/// The text behind the demanded prefix, or behind another one or none.
fn unprefixed<'t>(scheme: &SignatureScheme, text: &'t str) -> Vec<(&'t str, Option<Mistake>)> {
    let mut found = Vec::new();
    if let Some(digits) = text.strip_prefix(&scheme.prefix) {
        found.push((digits, None));
    }
    if !scheme.prefix.is_empty() || text.contains(['=', ':', ' ', ',']) {
        found.push((text, Some(Mistake::Prefix)));
        // `sha1=…`, `v1:…`, `t=…,v1=…`, `HMAC …`; base64 ends in `=`, so only what stands before the last piece goes.
        for separator in ['=', ':', ' ', ','] {
            let tail = text.trim_end_matches('=');
            if let Some(at) = tail.rfind(separator) {
                found.push((&text[at + 1..], Some(Mistake::Prefix)));
            }
        }
    }
    found
}

fn decoded(demanded: Encoding, digits: &str) -> Vec<(Vec<u8>, Vec<Mistake>)> {
    let mut found = Vec::new();
    let text = digits.as_bytes();
    // An odd last digit is half a byte of something that was cut off.
    let even = &text[..text.len() & !1];
    if let Ok(bytes) = HEXLOWER_PERMISSIVE.decode(even) {
        let mistakes = match demanded {
            Encoding::Base64 => vec![Mistake::HexForBase64],
            Encoding::Hex if HEXLOWER.decode(even).is_ok() => Vec::new(),
            Encoding::Hex => vec![Mistake::LetterCase],
        };
        // Nothing but such digits, and as many as a digest has: by chance they are no base64.
        let is_whole = text.len() == even.len() && Hash::ALL.iter().any(|hash| hash.size() == bytes.len());
        found.push((bytes, mistakes));
        if is_whole {
            return found;
        }
    }
    let standard = BASE64.decode(text).ok();
    let other = [&BASE64_NOPAD, &BASE64URL, &BASE64URL_NOPAD]
        .iter()
        .find_map(|it| it.decode(text).ok());
    for (bytes, unusual) in [(standard, None), (other, Some(Mistake::OtherBase64))] {
        let Some(bytes) = bytes else { continue };
        let mut mistakes: Vec<_> = unusual.into_iter().collect();
        if let Ok(inner) = HEXLOWER_PERMISSIVE.decode(&bytes) {
            let twice = mistakes.iter().cloned().chain([Mistake::HexInBase64]).collect();
            found.push((inner, twice));
        }
        if demanded == Encoding::Hex {
            mistakes.push(Mistake::Base64ForHex);
        }
        found.push((bytes, mistakes));
    }
    found
}
