//! A secret in the encodings that have one spelling each: as it is, in hex, inside Base64, in the wide encodings of Unicode.
//!
//! Spellings in which every character can be escaped or not are for `escaped`.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXUPPER};

/// Every spelling of a secret, none of them empty.
pub(super) fn of(secret: &str) -> Vec<Vec<u8>> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(bytes).collect();
    let mut spellings: Vec<Vec<u8>> = vec![
        secret.as_bytes().to_vec(),
        HEXLOWER.encode(secret.as_bytes()).into_bytes(),
        HEXUPPER.encode(secret.as_bytes()).into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ];
    spellings.extend(in_base64(secret.as_bytes()).into_iter().map(String::into_bytes));
    spellings.retain(|spelling| !spelling.is_empty());
    spellings.sort();
    spellings.dedup();
    spellings
}

/// What shows a secret inside Base64, in both alphabets and wherever it stands; none of it empty.
pub(super) fn in_base64(secret: &[u8]) -> Vec<String> {
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
    let first = (offset * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    let encoded = encoding.encode(&padded);
    encoded.get(first..last).unwrap_or_default().to_owned()
}
