//! Every spelling of a secret is found, whatever stands around it; and what is no secret stays.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::*;

/// What a URL's query leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn redaction(secret: &str) -> Redaction {
    Redaction::of(&[("canary".to_owned(), secret.to_owned())])
}

fn lower(escaped: &str) -> String {
    let hex = regex::Regex::new("%[0-9A-F]{2}").expect("it is a pattern");
    hex.replace_all(escaped, |it: &regex::Captures<'_>| it[0].to_lowercase())
        .into_owned()
}

/// Inside JSON.
fn quoted(text: impl Into<String>) -> String {
    serde_json::Value::from(text.into()).to_string()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn each(secret: &str, one: impl Fn(char) -> String) -> String {
    secret.chars().map(one).collect()
}

fn units(secret: &str, one: impl Fn(u16) -> String) -> String {
    secret.encode_utf16().map(one).collect()
}

#[test]
fn a_secret_is_found_in_every_encoding() {
    let secret = "p\"q/ä+ 7&zulu<\u{1f511}'\\";
    let redaction = redaction(secret);
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let base64 = BASE64.encode(secret.as_bytes());
    for spelling in [
        secret.to_owned(),
        serde_json::json!(secret).to_string(),
        units(secret, |it| format!("\\u{it:04x}")),
        units(secret, |it| format!("\\u{it:04X}")),
        serde_json::json!(secret)
            .to_string()
            .replace('/', "\\/")
            .replace('<', "\\u003c"),
        utf8_percent_encode(secret, UNRESERVED).to_string(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        lower(&utf8_percent_encode(secret, UNRESERVED).to_string()),
        secret.bytes().map(|it| format!("%{it:02x}")).collect(),
        form.clone(),
        lower(&form),
        each(secret, |it| format!("&#{};", u32::from(it))),
        each(secret, |it| format!("&#x{:X};", u32::from(it))),
        html(secret),
        quoted(quoted(secret)),
        quoted(units(secret, |it| format!("\\u{it:04x}"))),
        utf8_percent_encode(&utf8_percent_encode(secret, UNRESERVED).to_string(), UNRESERVED).to_string(),
        html(&html(secret)),
        html(&each(secret, |it| format!("&#{};", u32::from(it)))),
        HEXLOWER.encode(secret.as_bytes()),
        HEXUPPER.encode(secret.as_bytes()),
        base64.clone(),
        BASE64_NOPAD.encode(secret.as_bytes()),
        BASE64URL.encode(secret.as_bytes()),
        BASE64URL_NOPAD.encode(secret.as_bytes()),
        utf8_percent_encode(&base64, NON_ALPHANUMERIC).to_string(),
        lower(&utf8_percent_encode(&base64, NON_ALPHANUMERIC).to_string()),
        base64.replace('/', "\\/").replace('+', "\\u002b"),
    ] {
        for around in [("", ""), ("X-Token: ", "\r\n"), ("?t=", "&u=1"), ("v0:1764.", ":{}")] {
            let text = format!("{}{spelling}{}", around.0, around.1);
            let clean = redaction.text(&text).unwrap_or_else(|| panic!("{text} is kept"));
            assert!(clean.contains("[canary]") && !clean.contains("zulu"), "{clean}");
        }
    }
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide: Vec<u8> = secret.encode_utf16().flat_map(bytes).collect();
        assert_eq!(&*redaction.bytes(&wide), b"[canary]");
    }
    assert_eq!(redaction.text("nothing of the kind, 100 % \\ & +"), None);
}

#[test]
fn tokens_of_one_case_are_told_apart() {
    let tokens = ["one", "two", "one", "three"].map(str::to_owned);
    let named = numbered(tokens.into());
    let names: Vec<_> = named
        .iter()
        .map(|(name, token)| (name.as_str(), token.as_str()))
        .collect();
    let expected = [
        ("bearer token", "one"),
        ("bearer token 2", "two"),
        ("bearer token 3", "three"),
    ];
    assert_eq!(names, expected);
}

#[test]
fn the_longer_of_two_secrets_is_named() {
    let secrets = [("short", "abc123"), ("long", "abc123def456")];
    let redaction = Redaction::of(&secrets.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(redaction.text("x abc123def456 y").as_deref(), Some("x [long] y"));
    assert_eq!(
        redaction.text("x %61bc123def456 abc%3123 y").as_deref(),
        Some("x [long] [short] y")
    );
}

#[test]
fn what_is_left_of_a_secret_where_a_text_was_shortened_goes_as_well() {
    let redaction = redaction("hunter2-and-more");
    for (text, clean) in [
        ("`x hunter2-a…` (900 bytes)", "`x [canary]…` (900 bytes)"),
        ("…and-more` and `x hunt…", "…[canary]` and `x [canary]…"),
        ("…hunter2-and-more…", "…[canary]…"),
        ("`x hun…` (900 bytes)", "`x hun…` (900 bytes)"),
        ("hunter2-a, not shortened", "hunter2-a, not shortened"),
    ] {
        let mut text = text.to_owned();
        redaction.excerpt(&mut text);
        assert_eq!(text, clean);
    }
    let mut payload = Payload {
        kept: Bytes::from_static(b"{\"it\":\"hunter2-an"),
        size: 9000,
        digest: Some(String::new()),
    };
    redaction.payload(&mut payload);
    assert_eq!(&*payload.kept, b"{\"it\":\"[canary]");
}

#[test]
fn what_is_no_escape_is_read_as_it_stands() {
    let redaction = redaction("50%&\\+u");
    for text in [
        "50%",
        "%zz &#; &#x; &#99999999999; \\u12 \\u{ \\x4 %e2%28 &amp",
        "\\",
        "%",
        "&",
        "%25",
        "%e2%82",
    ] {
        assert_eq!(redaction.text(text), None, "{text}");
    }
    let long = format!(
        "{}{}{}",
        "\\".repeat(20_000),
        "%25".repeat(20_000),
        "&amp;".repeat(20_000)
    );
    assert_eq!(redaction.text(&long), None);
    for text in ["50%&\\+u", "50%25&amp;%5c%2bu", "5&#48;%&\\\\\\\\+\\x75"] {
        assert_eq!(redaction.text(text).as_deref(), Some("[canary]"), "{text}");
    }
}

proptest! {
    #[test]
    fn no_base64_of_a_text_gives_away_the_secret_in_it(
        before in "[ -~]{0,5}", secret in "[ -~]{8,24}", after in "[ -~]{0,5}"
    ) {
        let text = format!("{before}{secret}{after}");
        for encoding in [BASE64, BASE64URL] {
            let encoded = encoding.encode(text.as_bytes());
            let clean = redaction(&secret).text(&encoded).expect("it is found");
            // What is left decides at most the outermost bits of the secret.
            prop_assert!(clean.len() <= encoded.len() + "[canary]".len() - secret.len() * 8 / 6 + 3, "{}", clean);
        }
    }

    #[test]
    fn whichever_characters_are_escaped_the_secret_is_found(
        secret in "\\PC{8,24}", ways in proptest::collection::vec(0..10_u8, 24)
    ) {
        let mut ways = ways.into_iter().cycle();
        let spelling: String = secret.chars().map(|it| {
            let mut utf8 = [0; 4];
            let (code, bytes) = (u32::from(it), it.encode_utf8(&mut utf8).bytes());
            match ways.next() {
                Some(0) => bytes.map(|byte| format!("%{byte:02x}")).collect(),
                Some(1) => bytes.map(|byte| format!("%{byte:02X}")).collect(),
                Some(2) => units(&it.to_string(), |unit| format!("\\u{unit:04x}")),
                Some(3) => format!("&#{code};"),
                Some(4) => format!("&amp;#x000{code:X};"),
                Some(5) => format!("\\\\u{{0{code:x}}}"),
                Some(6) if code < 0x100 => format!("\\x{code:02X}"),
                Some(7) => bytes.map(|byte| format!("%2525{byte:02x}")).collect(),
                Some(8) => {
                    let twice = quoted(quoted(it));
                    twice[3..twice.len() - 3].to_owned()
                }
                Some(_) | None => it.to_string(),
            }
        }).collect();
        let clean = redaction(&secret).text(&format!("\n{spelling}\n"));
        prop_assert_eq!(clean.as_deref(), Some("\n[canary]\n"));
    }
}
