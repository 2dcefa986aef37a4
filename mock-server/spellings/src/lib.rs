//! A secret in every spelling in which somebody may write it: as hex, inside Base64, with any of its characters escaped.
//!
//! Finds; what becomes of it then, and what a secret is, is for those who look.

mod character;
mod escaped;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXUPPER};

pub use escaped::Escaped;

/// The spellings of a secret, besides itself, in which no character can be written in two ways: hex and what Base64 makes of it.
/// None of them is empty; of a short secret they can be short.
#[must_use]
pub fn fixed(secret: &[u8]) -> Vec<String> {
    let mut all = in_base64(secret);
    all.extend([HEXLOWER.encode(secret), HEXUPPER.encode(secret)]);
    all.retain(|it| !it.is_empty());
    all
}

/// What shows a secret inside Base64, in both alphabets and wherever it stands; none of it empty.
#[must_use]
pub fn in_base64(secret: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    for encoding in [&BASE64_NOPAD, &BASE64URL_NOPAD] {
        all.extend((0..3).map(|offset| inside_base64(encoding, secret, offset)));
    }
    all.retain(|it| !it.is_empty());
    all
}

/// The Base64 characters that a secret alone decides when `offset` bytes (modulo 3) stand before it.
fn inside_base64(encoding: &Encoding, secret: &[u8], offset: usize) -> String {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(secret);
    // Characters that share bits with what stands before or after depend on it.
    let (first, last) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    encoding.encode(&padded).get(first..last).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_shows_a_secret_wherever_it_stands() {
        for (before, after) in [("", ""), ("a", "b"), ("ab", ""), ("abc", "defg")] {
            let encoded = BASE64_NOPAD.encode(format!("{before}a secret{after}").as_bytes());
            assert!(
                in_base64(b"a secret").iter().any(|it| encoded.contains(it)),
                "{encoded}"
            );
        }
        assert!(in_base64(b"").is_empty());
    }

    #[test]
    fn hex_is_written_in_both_cases() {
        let all = fixed(b"\xab\xcd\xef");
        assert!(
            all.contains(&"abcdef".to_owned()) && all.contains(&"ABCDEF".to_owned()),
            "{all:?}"
        );
    }
}
