//! How far guesses go: which timestamps, bodies, keys and remains of a digest are tried, and what is spent on them.

use data_encoding::{HEXLOWER, HEXUPPER};

use super::*;

#[test]
fn what_is_spent_on_one_guess_is_not_there_for_another() {
    // Six digests of so large a body can be paid for; the secret of another integration would be the tenth.
    let body = vec![b' '; 300 << 10];
    let signed_with = |key: &str| format!("sha256={}", hex(key, &body));
    check("hex", &body, &signed_with("old-key"), &["previous-secret"]);
    check("hex", &body, &signed_with("header-secret"), &[]);
    // The sixth: nothing was spent on algorithms with digests of another size.
    let on_a_line = signed_with(&format!("{SECRET}\r\n"));
    check("hex", &body, &on_a_line, &["white-space-around-secret"]);
    let small = vec![b' '; 30 << 10];
    check(
        "hex",
        &small,
        &format!("sha256={}", hex("header-secret", &small)),
        &["secret-of-another-integration"],
    );
    // To the last byte.
    for (size, mistakes) in [
        (BUDGET - FIXED_COST, &["letter-case"][..]),
        (BUDGET - FIXED_COST + 1, &[]),
    ] {
        let body = vec![b' '; size];
        let upper = HEXUPPER.encode(&digest(Algorithm::Sha256, SECRET.as_bytes(), &body));
        check("hex", &body, &format!("sha256={upper}"), mistakes);
    }
}

#[test]
fn one_mistake_is_looked_for_before_two() {
    // Every guess with two of them costs as much, and there are more than can be paid for.
    let body = vec![b'x'; 60 << 10];
    let signed = [b"1767225600.", &body[..], b"\n"].concat();
    check(
        "stamped",
        &body,
        &format!("sha256={}", hex(SECRET, &signed)),
        &["newline-added"],
    );
}

#[test]
fn timestamps_nearby_are_tried_in_seconds_whatever_they_are_written_in() {
    for (stamp, nearby, too_far) in [
        ("1767225600", ["1767225595", "1767225605"], ["1767225594", "1767225606"]),
        (
            "1767225600000",
            ["1767225595000", "1767225605000"],
            ["1767225600001", "1767225606000"],
        ),
        (
            "100000000000",
            ["99999999995", "100000000005"],
            ["99999999000", "100000001000"],
        ),
        (
            "2026-01-01T00:00:00Z",
            ["2026-01-01T00:00:00Z"; 2],
            ["2026-01-01T00:00:01Z"; 2],
        ),
    ] {
        let said = |signed: &str| {
            let signature = format!("sha256={}", hex(SECRET, &[signed.as_bytes(), b".", BODY].concat()));
            diagnosed_of(CONFIG, ("stamped", stamp), BODY, signature.as_bytes())
        };
        for other in nearby.into_iter().filter(|other| *other != stamp) {
            assert_eq!(mistakes(&said(other)), ["other-timestamp"], "{stamp} {other}");
        }
        for other in too_far {
            assert_eq!(mistakes(&said(other)), [""; 0], "{stamp} {other}");
        }
    }
}

#[test]
fn only_small_bodies_are_changed_for_a_guess() {
    for (size, mistakes) in [(64 << 10, &["newline-added"][..]), ((64 << 10) + 1, &[])] {
        let body = vec![b'x'; size];
        let signature = format!("sha256={}", hex(SECRET, &[&body[..], b"\n"].concat()));
        check("hex", &body, &signature, mistakes);
    }
    for (body, signed) in [
        (&b"text\r\n"[..], &b"text"[..]),
        (b"text\n", b"text"),
        (b"text", b"text\r\n"),
        (b"a\r\nb", b"a\nb"),
    ] {
        let signature = format!("sha256={}", hex(SECRET, signed));
        assert_eq!(
            mistakes(&diagnosed("hex", body, signature.as_bytes())).len(),
            1,
            "{body:?}"
        );
    }
}

#[test]
fn a_digest_that_was_cut_off_needs_enough_left_of_it() {
    let digits = hex(SECRET, BODY);
    for (left, mistakes) in [
        (16, &["cut-off"][..]),
        (17, &["cut-off"]),
        (62, &["cut-off"]),
        (15, &["no-digest"]),
        (14, &["no-digest"]),
    ] {
        check("hex", BODY, &format!("sha256={}", &digits[..left]), mistakes);
    }
    // Not the beginning of the digest.
    check("hex", BODY, &format!("sha256={}", &digits[2..40]), &["no-digest"]);
    // A digest of a shorter algorithm is whole, and none that was cut off.
    let sha1 = HEXLOWER.encode(&digest(Algorithm::Sha1, SECRET.as_bytes(), BODY));
    check("hex", BODY, &format!("sha256={sha1}"), &["other-algorithm"]);
    // As long as a whole one of the scheme's algorithm it is none of another that was cut off.
    let sha512 = HEXLOWER.encode(&digest(Algorithm::Sha512, SECRET.as_bytes(), BODY));
    check("hex", BODY, &format!("sha256={}", &sha512[..64]), &[]);
    check(
        "hex",
        BODY,
        &format!("sha256={}", &sha512[..62]),
        &["other-algorithm", "cut-off"],
    );
    // More than all of it is none of it.
    check("hex", BODY, &format!("sha256={digits}00"), &["no-digest"]);
}

#[test]
fn only_so_many_keys_are_tried() {
    let mut config =
        "workspaces: { main: {} }\nintegrations:\n  own: { workspace: main, hmac: { secret: own-key } }\n".to_owned();
    for number in 1..=70 {
        config.push_str(&format!(
            "  k{number:02}: {{ workspace: main, hmac: {{ secret: key-of-{number} }} }}\n"
        ));
    }
    // One with more headers than are tried of it.
    let headers: Vec<_> = (1..=6)
        .map(|n| format!("{{ name: X-{n}, secret: header-{n} }}"))
        .collect();
    let few = format!(
        "workspaces: {{ main: {{}} }}\nintegrations:\n  own: {{ workspace: main, hmac: {{ secret: own-key }} }}\n  other: {{ workspace: main, headers: [ {} ] }}\nworkflows: {{}}\n",
        headers.join(", ")
    );
    config.push_str("workflows: {}\n");
    let explained = |config: &str, key: &str| {
        let signature = format!("sha256={}", hex(key, BODY));
        !mistakes(&diagnosed_of(config, ("own", ""), BODY, signature.as_bytes())).is_empty()
    };
    // With the key itself and thirteen that are that key with something around it, this makes 74.
    for (number, expected) in [(1, true), (60, true), (61, false), (70, false)] {
        assert_eq!(explained(&config, &format!("key-of-{number}")), expected, "{number}");
    }
    for (number, expected) in [(1, true), (4, true), (5, false), (6, false)] {
        assert_eq!(explained(&few, &format!("header-{number}")), expected, "{number}");
    }
}

#[test]
fn several_mistakes_are_told_together() {
    let over_nothing = HEXUPPER.encode(&digest(Algorithm::Sha1, b"old-key", b""));
    let said = diagnosed("hex", BODY, over_nothing.as_bytes());
    assert_eq!(
        said.reason,
        "the signature is made with a previous secret and over an empty body and made with another algorithm, sha1, and its \
         letter case is not and its prefix is missing or another one"
    );
    assert_eq!(
        said.advice.map(|advice| advice.hint).as_deref(),
        Some(
            "roll the new secret out to this client as well; sign after the body has been written, over its bytes; use the \
             algorithm that is demanded; write the hexadecimal digits in lower case; write the demanded prefix before the digest"
        )
    );
}
