//! A secret in the encodings a caller may put it in: of URLs, forms, JSON, hex and Base64.
//!
//! Texts only; where they are looked for is `redaction`'s business.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXUPPER};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a URL leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Shorter texts than this are found where nobody put a secret.
const SHORTEST: usize = 8;

/// Every spelling of a secret that is another than the secret itself.
pub(super) fn of(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut spellings: Vec<String> = vec![HEXLOWER.encode(secret), HEXUPPER.encode(secret)];
    // Some escape every byte, whether or not it needs it.
    spellings.push(secret.iter().map(|byte| format!("%{byte:02x}")).collect());
    spellings.push(secret.iter().map(|byte| format!("%{byte:02X}")).collect());
    if let Ok(text) = std::str::from_utf8(secret) {
        let quoted = serde_json::Value::from(text).to_string();
        let quoted = quoted[1..quoted.len() - 1].to_owned();
        let percent: String = utf8_percent_encode(text, UNRESERVED).to_string();
        let form: String = form_urlencoded::byte_serialize(secret).collect();
        spellings.extend([lower(&percent), lower(&form), percent, form]);
        spellings.extend([quoted.replace('/', "\\/"), quoted]);
        spellings.push(text.chars().map(|it| format!("&#{};", u32::from(it))).collect());
        let ways: [fn(u16) -> String; 2] = [|unit| format!("\\u{unit:04x}"), |unit| format!("\\u{unit:04X}")];
        for one in ways {
            let units: String = text.encode_utf16().map(one).collect();
            // In a URL, where clients escape what begins an escape of JSON.
            spellings.extend([units.replace('\\', "%5C"), units.replace('\\', "%5c"), units]);
        }
    }
    for encoding in [&BASE64_NOPAD, &BASE64URL_NOPAD] {
        for offset in 0..3 {
            let inside = inside_base64(encoding, secret, offset);
            let percent = utf8_percent_encode(&inside, UNRESERVED).to_string();
            spellings.extend([lower(&percent), percent, inside]);
        }
    }
    spellings.retain(|spelling| spelling.len() >= SHORTEST && spelling.as_bytes() != secret);
    spellings.sort();
    spellings.dedup();
    spellings.into_iter().map(String::into_bytes).collect()
}

/// The same with the hex digits of its escapes in small letters.
fn lower(escaped: &str) -> String {
    let mut digits = 0;
    let one = |character: char| {
        if character == '%' {
            digits = 2;
            return character;
        }
        let is_digit = digits > 0;
        digits -= usize::from(is_digit);
        if is_digit {
            character.to_ascii_lowercase()
        } else {
            character
        }
    };
    escaped.chars().map(one).collect()
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
    fn a_short_secret_has_no_spelling_that_is_found_by_chance() {
        let spellings: Vec<_> = of(b"abc")
            .iter()
            .map(|it| String::from_utf8_lossy(it).into_owned())
            .collect();
        let units = ["%5Cu0061%5Cu0062%5Cu0063", "%5cu0061%5cu0062%5cu0063"];
        assert_eq!(
            spellings,
            [
                units[0],
                units[1],
                "%61%62%63",
                "&#97;&#98;&#99;",
                "\\u0061\\u0062\\u0063"
            ]
        );
    }

    #[test]
    fn only_the_digits_of_escapes_become_small() {
        assert_eq!(lower("A%2BB%C3%A4"), "A%2bB%c3%a4");
    }
}
