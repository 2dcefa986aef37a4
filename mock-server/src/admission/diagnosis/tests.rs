//! Every mistake is recognised, alone and in pairs, and nothing is recognised where there is none.

mod bounds;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, HEXLOWER, HEXUPPER};

use super::*;
use crate::behaviour::authentication::Algorithm;
use crate::config::Config;

const SECRET: &str = "c2lnbmluZy1rZXktMQ==";
const CONFIG: &str = "workspaces: { main: {} }
integrations:
  hex: { workspace: main, hmac: { secret: 'c2lnbmluZy1rZXktMQ==', previous_secrets: [old-key] } }
  base64: { workspace: main, hmac: { secret: 'c2lnbmluZy1rZXktMQ==', encoding: base64, prefix: '' } }
  stamped: { workspace: main, hmac: { secret: 'c2lnbmluZy1rZXktMQ==', timestamp_header: X-Time } }
  spaced: { workspace: main, hmac: { secret: ' key ' } }
  other: { workspace: main, hmac: { secret: other-key }, headers: [ { name: X-Token, secret: header-secret } ] }
workflows: {}
";

fn digest(algorithm: Algorithm, key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let signed = Signed {
        before: Vec::new(),
        body: bytes,
    };
    signed.digest(algorithm, key)
}

fn hex(key: &str, bytes: &[u8]) -> String {
    HEXLOWER.encode(&digest(Algorithm::Sha256, key.as_bytes(), bytes))
}

/// What is said of a signature for one of the integrations.
fn diagnosed(integration: &str, body: &[u8], offered: &[u8]) -> Diagnosis {
    diagnosed_of(CONFIG, (integration, "1767225600"), body, offered)
}

/// The same of a configuration, with this in the header for the timestamp if the integration has one.
fn diagnosed_of(config: &str, (integration, timestamp): (&str, &str), body: &[u8], offered: &[u8]) -> Diagnosis {
    let config = Config::load("test.yaml", config, None).expect("it is right");
    let mut rows = config.catalog.integrations().iter();
    let row = rows.find(|row| row.name == integration).expect("a known integration");
    let scheme = row.signature.as_ref().expect("it demands a signature");
    let timestamp = scheme.timestamp_header.as_ref().map(|_| timestamp.as_bytes());
    let before = timestamp.map_or_else(Vec::new, |stamp| [stamp, b"."].concat());
    let signature = Signature {
        scheme,
        signed: &Signed { before, body },
        joint: ".",
        timestamp,
        offered,
    };
    explain(&signature, &config.catalog)
}

fn mistakes(diagnosis: &Diagnosis) -> &[&'static str] {
    diagnosis.advice.as_ref().map_or(&[], |advice| &advice.mistakes)
}

#[track_caller]
fn check(integration: &str, body: &[u8], offered: &str, mistakes: &[&str]) {
    let diagnosis = diagnosed(integration, body, offered.as_bytes());
    assert_eq!(self::mistakes(&diagnosis), mistakes, "{offered}: {diagnosis:?}");
    assert!(!format!("{diagnosis:?}").contains(SECRET), "{diagnosis:?}");
}

const BODY: &[u8] = b"{\"b\": 1,  \"a\": \"\xc3\xa9\"}\n";

#[test]
fn mistakes_in_writing_the_digest_are_recognised() {
    let right = digest(Algorithm::Sha256, SECRET.as_bytes(), BODY);
    let digits = HEXLOWER.encode(&right);
    for (offered, mistakes) in [
        (digits.clone(), &["prefix"][..]),
        (format!("SHA256={digits}"), &["prefix"]),
        (format!("sha1={digits}"), &["prefix"]),
        (format!("t=1,v1={digits}"), &["prefix"]),
        (format!("sha256={}", HEXUPPER.encode(&right)), &["letter-case"]),
        (format!(" \"sha256={digits}\""), &["white-space-in-header"]),
        (format!("sha256={}", BASE64.encode(&right)), &["base64-for-hex"]),
        (
            format!("sha256={}", BASE64.encode(digits.as_bytes())),
            &["hex-in-base64"],
        ),
        (
            format!("sha256={}", BASE64.encode(&digits.as_bytes()[..40])),
            &["hex-in-base64", "cut-off"],
        ),
        (BASE64.encode(&right), &["base64-for-hex", "prefix"]),
        (format!("sha256={}", &digits[..40]), &["cut-off"]),
        (format!("sha256={}", &digits[..36]), &["cut-off"]),
        (format!("sha256={}", &digits[..63]), &["cut-off"]),
    ] {
        check("hex", BODY, &offered, mistakes);
    }
    for (offered, mistakes) in [
        (digits, &["hex-for-base64"][..]),
        (BASE64_NOPAD.encode(&right), &["other-base64"]),
        (format!("sha256={}", BASE64.encode(&right)), &["prefix"]),
    ] {
        check("base64", BODY, &offered, mistakes);
    }
    let with_minus = (0_u32..)
        .map(|number| digest(Algorithm::Sha256, SECRET.as_bytes(), &number.to_be_bytes()))
        .position(|digest| BASE64URL.encode(&digest).contains('-'))
        .expect("most digests have one");
    let body = u32::try_from(with_minus).expect("it is among the first").to_be_bytes();
    let digest = digest(Algorithm::Sha256, SECRET.as_bytes(), &body);
    check("base64", &body, &BASE64URL.encode(&digest), &["other-base64"]);
}

#[test]
fn signatures_over_other_bytes_are_recognised() {
    for (signed, mistake) in [
        (&b""[..], "empty-body"),
        (b"{\"b\": 1,  \"a\": \"\xc3\xa9\"}\n\n", "newline-added"),
        (b"{\"b\": 1,  \"a\": \"\xc3\xa9\"}", "newline-removed"),
        (b"{\"b\":1,\"a\":\"\xc3\xa9\"}", "json-written-anew"),
        (b"{\"b\": 1, \"a\": \"\xc3\xa9\"}", "json-written-anew"),
        (b"{\"a\": \"\\u00e9\", \"b\": 1}", "json-written-anew"),
        (b"{\"a\":\"\xc3\xa9\",\"b\":1}", "json-written-anew"),
        (b"{\n  \"b\": 1,\n  \"a\": \"\xc3\xa9\"\n}", "json-written-anew"),
        (b"{\n    \"b\": 1,\n    \"a\": \"\xc3\xa9\"\n}", "json-written-anew"),
        (b"{\"b\": 1,  \"a\": \"\xc3\xa9\"}\r\n", "line-ends"),
        (b"{\"b\":1,\"a\":\"\\u00E9\"}", "json-written-anew"),
    ] {
        check("hex", BODY, &format!("sha256={}", hex(SECRET, signed)), &[mistake]);
        check("hex", BODY, &hex(SECRET, signed), &[mistake, "prefix"]);
    }
    let sign = |bytes: &[u8]| format!("sha256={}", hex(SECRET, bytes));
    check("hex", b"\xef\xbb\xbf{}", &sign(b"{}"), &["byte-order-mark"]);
    check("hex", b"  text  ", &sign(b"text"), &["body-trimmed"]);
    check("hex", b"text", &sign(b"other text"), &[]);
}

#[test]
fn the_form_in_which_json_was_written_anew_is_named() {
    let body = b"{\"b\": 1.0, \"a\": \"</p>\"}";
    for (signed, form) in [
        (&b"{\"b\":1.0,\"a\":\"</p>\"}"[..], "compact"),
        (b"{\"a\":\"</p>\",\"b\":1.0}", "compact, keys sorted"),
        (
            b"{\"b\":1,\"a\":\"</p>\"}",
            "compact, numbers as JavaScript writes them",
        ),
        (
            b"{\"a\":\"\\u003c/p\\u003e\",\"b\":1}",
            "compact, as Go writes it, keys sorted",
        ),
        (b"{\"b\":1,\"a\":\"<\\/p>\"}", "compact, as PHP writes it"),
        (
            b"{\"a\": \"</p>\", \"b\": 1.0}",
            "a space after each colon and comma, keys sorted",
        ),
    ] {
        let said = diagnosed("hex", body, format!("sha256={}", hex(SECRET, signed)).as_bytes());
        assert_eq!(
            said.reason,
            format!("the signature is over the body's JSON written anew ({form}), not over the bytes that were sent")
        );
        assert_eq!(mistakes(&said), ["json-written-anew"]);
    }
}

#[test]
fn what_is_no_hmac_of_the_right_kind_is_recognised() {
    use constructions::{Construction, Hash};
    let key = SECRET.as_bytes();
    for (how, hash, mistakes) in [
        (Construction::Hmac, Hash::Sha384, &["other-algorithm"][..]),
        (Construction::Hmac, Hash::Md5, &["other-algorithm"]),
        (Construction::Unkeyed, Hash::Sha256, &["digest-without-secret"]),
        (
            Construction::Unkeyed,
            Hash::Md5,
            &["digest-without-secret", "other-algorithm"],
        ),
        (Construction::KeyFirst, Hash::Sha256, &["digest-instead-of-hmac"]),
        (Construction::KeyLast, Hash::Sha256, &["digest-instead-of-hmac"]),
        (Construction::Swapped, Hash::Sha256, &["key-and-body-swapped"]),
    ] {
        let digits = HEXLOWER.encode(&how.digest(hash, key, [b"", BODY]));
        check("hex", BODY, &format!("sha256={digits}"), mistakes);
    }
    // As other implementations make them: the digests of an empty text, and one of the HMACs of RFC 4231.
    for (hash, digits) in [
        (Hash::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
        (Hash::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (
            Hash::Sha384,
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        ),
    ] {
        let digest = Construction::Unkeyed.digest(hash, key, [b"", b""]);
        assert_eq!(
            (HEXLOWER.encode(&digest), digest.len()),
            (digits.to_owned(), hash.size())
        );
    }
    let hmac = Construction::Hmac.digest(Hash::Sha384, b"Jefe", [b"what do ya want ", b"for nothing?"]);
    assert_eq!(
        HEXLOWER.encode(&hmac),
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
    );
}

#[test]
fn the_secret_itself_is_no_signature() {
    for offered in [
        SECRET.to_owned(),
        format!("sha256={SECRET}"),
        format!("\"{SECRET}\""),
        format!("Bearer {SECRET}"),
    ] {
        check("hex", BODY, &offered, &["secret-as-signature"]);
    }
}

#[test]
fn signatures_with_other_keys_and_algorithms_are_recognised() {
    for (before, after, mistake) in [
        ("", "\n", "white-space-around-secret"),
        (" ", " ", "white-space-around-secret"),
        ("\n", "\n", "white-space-around-secret"),
        ("", "\t", "white-space-around-secret"),
        ("\t", "", "white-space-around-secret"),
        ("", "  ", "white-space-around-secret"),
        ("  ", "", "white-space-around-secret"),
        ("\"", "\"", "quotation-marks-around-secret"),
        ("'", "'", "quotation-marks-around-secret"),
    ] {
        let key = format!("{before}{SECRET}{after}");
        check("hex", BODY, &format!("sha256={}", hex(&key, BODY)), &[mistake]);
    }
    for (key, mistake) in [
        ("old-key", "previous-secret"),
        ("signing-key-1", "decoded-secret"),
        ("other-key", "secret-of-another-integration"),
        ("header-secret", "secret-of-another-integration"),
    ] {
        check("hex", BODY, &format!("sha256={}", hex(key, BODY)), &[mistake]);
    }
    check(
        "spaced",
        BODY,
        &format!("sha256={}", hex("key", BODY)),
        &["trimmed-secret"],
    );
    check("hex", BODY, &format!("sha256={}", hex("nobody's", BODY)), &[]);
    for algorithm in [Algorithm::Sha1, Algorithm::Sha512] {
        let digits = HEXLOWER.encode(&digest(algorithm, SECRET.as_bytes(), BODY));
        check("hex", BODY, &format!("sha256={digits}"), &["other-algorithm"]);
        check(
            "hex",
            BODY,
            &format!("{}={digits}", algorithm.word()),
            &["other-algorithm", "prefix"],
        );
    }
}

#[test]
fn mistakes_about_the_timestamp_are_recognised() {
    let sign = |before: &[u8]| format!("sha256={}", hex(SECRET, &[before, BODY].concat()));
    for (before, mistake) in [
        (&b""[..], "timestamp-left-out"),
        (b"1767225600", "joint-left-out"),
        (b"1767225600:", "other-joint"),
        (b"1767225600\n", "other-joint"),
        (b"1767225599.", "other-timestamp"),
        (b"1767225605.", "other-timestamp"),
    ] {
        check("stamped", BODY, &sign(before), &[mistake]);
    }
    check("stamped", BODY, &sign(b"1767225500."), &[]);
    for (before, reason) in [
        (b"1767225599.", "made with a timestamp 1 s before that of the header"),
        (b"1767225605.", "made with a timestamp 5 s after that of the header"),
    ] {
        let said = diagnosed("stamped", BODY, sign(before).as_bytes());
        assert_eq!(said.reason, format!("the signature is {reason}"));
    }
}

#[test]
fn what_is_no_digest_is_named_without_guessing() {
    for (offered, reason) in [
        (&b"\xff"[..], "the signature is no text"),
        (b"", "the signature is empty"),
        (b"  ", "the signature is empty"),
        (
            b"sha256=none of it",
            "the signature cannot be read as a digest in any common encoding, or too little of one is left",
        ),
        (
            b"sha256=deadbeef",
            "the signature cannot be read as a digest in any common encoding, or too little of one is left",
        ),
    ] {
        let diagnosis = diagnosed("hex", BODY, offered);
        assert_eq!(
            (diagnosis.reason.as_str(), mistakes(&diagnosis)),
            (reason, &["no-digest"][..])
        );
        let hint = diagnosis.advice.map(|advice| advice.hint);
        assert_eq!(
            hint.as_deref(),
            Some("send all 32 bytes of the HMAC with sha256, behind `sha256=`")
        );
    }
}

#[test]
fn large_bodies_do_not_make_refusals_slow() {
    let body = vec![b' '; 4 << 20];
    let empty = format!("sha256={}", hex(SECRET, b""));
    check("hex", &body, &empty, &["empty-body"]);
    check("hex", &body, &format!("sha256={}", hex("old-key", &body)), &[]);
    let body = vec![b' '; 200 << 10];
    check(
        "hex",
        &body,
        &format!("sha256={}", hex("old-key", &body)),
        &["previous-secret"],
    );
}
