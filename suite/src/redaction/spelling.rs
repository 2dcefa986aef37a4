//! A secret in the encodings that have one spelling each: as it is, in hex, inside Base64, in the wide encodings of Unicode.
//!
//! Spellings in which every character can be escaped or not are for `spellings::Escaped`.

/// Every spelling of a secret, none of them empty.
pub(super) fn of(secret: &str) -> Vec<Vec<u8>> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(bytes).collect();
    let mut all: Vec<Vec<u8>> = vec![
        secret.as_bytes().to_vec(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ];
    all.extend(spellings::fixed(secret.as_bytes()).into_iter().map(String::into_bytes));
    all.retain(|spelling| !spelling.is_empty());
    all.sort();
    all.dedup();
    all
}
