//! Header secrets and signatures: what passes, what does not, and what the journal says of it.

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::world::{Answered, World, request};

fn world(integration: &str, behaviour: &str) -> World {
    World::new(&format!(
        "behaviour: {{ {behaviour} }}\nworkspaces: {{ main: {{}} }}\nintegrations: {{ i: {{ workspace: main, {integration} }} }}\n\
         workflows: {{ w: {{ integration: i, published: [] }} }}"
    ))
}

const GUARDED: &str = "headers: [ { name: X-Token, secret: s3cret-value } ]";

fn call(world: &World, headers: &[(&str, &str)], body: &[u8]) -> Answered {
    let headers = [&[("content-type", "application/json")], headers].concat();
    world
        .send(&request(Method::POST, &world.path("w"), &headers, body))
        .answered()
}

#[test]
fn a_wrong_header_is_refused_with_400_and_a_right_one_is_not() {
    let world = world(GUARDED, "");
    for (headers, status, reason) in [
        (vec![("x-token", "s3cret-value")], 200, None),
        (vec![("X-TOKEN", "s3cret-value")], 200, None),
        (vec![], 400, Some("the header is missing")),
        (vec![("x-token", "")], 400, Some("the secret is empty")),
        (
            vec![("x-tokn", "s3cret-value")],
            400,
            Some("the secret came under another name"),
        ),
        (
            vec![("x-token", "S3CRET-VALUE")],
            400,
            Some("the secret differs in letter case only"),
        ),
        (
            vec![("x-token", "s3cret-value2")],
            400,
            Some("the secret is followed by something else"),
        ),
        (
            vec![("x-token", "Bearer s3cret-value")],
            400,
            Some("something stands before the secret"),
        ),
        (vec![("x-token", "s3cret")], 400, Some("the secret is cut off")),
        (vec![("x-token", "nonsense")], 400, Some("the secret is another one")),
    ] {
        let answered = call(&world, &headers, b"{}");
        assert_eq!(answered.status, status, "{headers:?}");
        let entry = world.last_entry();
        assert_eq!(entry["reason"].as_str(), reason, "{headers:?}");
        assert!(!entry.to_string().to_lowercase().contains("s3cret-value"), "{entry}");
        if status == 400 {
            assert!(answered.message().starts_with("Invalid header: "));
        }
    }
}

#[test]
fn several_headers_must_all_match_unless_any_will_do() {
    let two = "headers: [ { name: X-A, secret: aaaa }, { name: X-B, secret: bbbb } ]";
    let all = world(two, "");
    let any = world(two, "authentication: { several_headers: any }");
    for (headers, for_all, for_any) in [
        (vec![("x-a", "aaaa"), ("x-b", "bbbb")], 200, 200),
        (vec![("x-a", "aaaa")], 400, 200),
        (vec![("x-b", "bbbb")], 400, 200),
        (vec![("x-a", "bbbb"), ("x-b", "aaaa")], 400, 400),
        (vec![], 400, 400),
    ] {
        assert_eq!(call(&all, &headers, b"{}").status, for_all, "{headers:?}");
        assert_eq!(call(&any, &headers, b"{}").status, for_any, "{headers:?}");
    }
}

#[test]
fn a_preflight_is_held_to_the_header_unless_it_is_exempt() {
    for (knobs, status) in [("", 400), ("authentication: { header_on_options: exempt }", 200)] {
        let world = world(GUARDED, knobs);
        let preflight = request(Method::OPTIONS, &world.path("w"), &[], b"");
        assert_eq!(world.send(&preflight).answered().status, status);
    }
}

#[test]
fn the_webhook_url_demands_the_header_as_well() {
    let world = world(GUARDED, "");
    let path = world.integration_path("i");
    assert_eq!(
        world.send(&request(Method::POST, &path, &[], b"{}")).answered().status,
        400
    );
    let headers = [("x-token", "s3cret-value")];
    assert_eq!(
        world
            .send(&request(Method::POST, &path, &headers, b"{}"))
            .answered()
            .status,
        200
    );
}

fn sha256(key: &str, bytes: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

#[test]
fn a_signature_is_over_the_bytes_that_were_sent() {
    let world = world("hmac: { secret: signing-key }", "");
    let body: &[u8] = br#"{"a": 1,  "b": 2}"#;
    let signed = |bytes: &[u8]| format!("sha256={}", HEXLOWER.encode(&sha256("signing-key", bytes)));
    let digest = sha256("signing-key", body);
    for (signature, status, reason) in [
        (Some(signed(body)), 200, None),
        (None, 401, Some("the signature header is missing")),
        (Some(String::new()), 401, Some("the signature is empty")),
        (
            Some(HEXLOWER.encode(&digest)),
            401,
            Some("the digest is right but its prefix is missing or another one"),
        ),
        (
            Some(format!("sha256={}", HEXUPPER.encode(&digest))),
            401,
            Some("the digest is right but its letter case is not"),
        ),
        (
            Some(format!("sha256={}", BASE64.encode(&digest))),
            401,
            Some("the digest is right but written in another encoding, base64 for hexadecimal"),
        ),
        (
            Some(signed(body)[..40].to_owned()),
            401,
            Some("the digest is right but cut off"),
        ),
        (Some(signed(b"")), 401, Some("the signature is over an empty body")),
        (
            Some(signed(br#"{"a":1,"b":2}"#)),
            401,
            Some("the signature is over the body's JSON written anew (compact), not over the bytes that were sent"),
        ),
        (
            Some(format!("sha256={}", HEXLOWER.encode(&sha256("other-key", body)))),
            401,
            Some("the signature was made with another secret or over another body"),
        ),
    ] {
        let headers: Vec<_> = signature
            .iter()
            .map(|value| ("x-torq-signature", value.as_str()))
            .collect();
        let answered = call(&world, &headers, body);
        assert_eq!(answered.status, status, "{signature:?}");
        assert_eq!(world.last_entry()["reason"].as_str(), reason, "{signature:?}");
    }
}

#[test]
fn every_part_of_a_signature_can_be_chosen() {
    let body = b"{}";
    let sha1 = {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(b"key").unwrap();
        mac.update(body);
        BASE64.encode(&mac.finalize().into_bytes())
    };
    let sha512 = {
        let mut mac = <Hmac<Sha512> as KeyInit>::new_from_slice(b"key").unwrap();
        mac.update(b"1700000000.");
        mac.update(body);
        HEXLOWER.encode(&mac.finalize().into_bytes())
    };
    let plain = world(
        "hmac: { algorithm: sha1, encoding: base64, prefix: '', header: X-Sign, secret: key }",
        "",
    );
    assert_eq!(call(&plain, &[("x-sign", &sha1)], body).status, 200);
    let stamped = world("hmac: { algorithm: sha512, timestamp_header: X-Time, secret: key }", "");
    let signature = format!("sha512={sha512}");
    let headers = [("x-torq-signature", signature.as_str()), ("x-time", "1700000000")];
    assert_eq!(call(&stamped, &headers, body).status, 200);
    assert_eq!(call(&stamped, &headers[..1], body).status, 401);
    assert_eq!(
        call(&stamped, &[headers[0], ("x-time", "1700000001")], body).status,
        401
    );
    let by_default = world(
        "hmac: { secret: key }",
        "authentication: { signature_header: X-Sign, signature_algorithm: sha1, signature_encoding: base64, signature_prefix: '' }",
    );
    assert_eq!(call(&by_default, &[("x-sign", &sha1)], body).status, 200);
}

#[test]
fn a_signature_grows_old_where_the_integration_says_so() {
    let world = world(
        "hmac: { timestamp_header: X-Time, timestamp_tolerance: 5m, secret: key }",
        "",
    );
    let now = 1_767_225_600_i64;
    for (stamp, status, mistake, reason) in [
        (now.to_string(), 200, None, None),
        ((now - 300).to_string(), 200, None, None),
        ((now * 1000 + 299_000).to_string(), 200, None, None),
        ("2026-01-01T00:00:00Z".to_owned(), 200, None, None),
        (
            (now - 301).to_string(),
            401,
            Some("stale-timestamp"),
            Some("the signature is right but its timestamp is 301s old"),
        ),
        (
            (now + 600).to_string(),
            401,
            Some("stale-timestamp"),
            Some("the signature is right but its timestamp is 600s ahead of the clock"),
        ),
        (
            "today".to_owned(),
            401,
            Some("unreadable-timestamp"),
            Some("the signature is right but its timestamp cannot be read"),
        ),
    ] {
        let signature = format!(
            "sha256={}",
            HEXLOWER.encode(&sha256("key", format!("{stamp}.{{}}").as_bytes()))
        );
        let headers = [("x-torq-signature", signature.as_str()), ("x-time", stamp.as_str())];
        let answered = call(&world, &headers, b"{}");
        assert_eq!(answered.status, status, "{stamp}");
        let entry = world.last_entry();
        assert_eq!(entry["mistakes"][0].as_str(), mistake, "{entry}");
        assert_eq!(entry["reason"].as_str(), reason, "{entry}");
        if let Some(reason) = reason {
            assert!(!answered.body.contains(reason), "{}", answered.body);
        }
    }
    assert_eq!(call(&world, &[("x-torq-signature", "sha256=00")], b"{}").status, 401);
    assert_eq!(world.last_entry()["mistakes"][0], "timestamp-missing");
}

#[test]
fn a_timestamp_that_is_too_old_is_named_along_with_whatever_else_is_wrong() {
    let world = world(
        "hmac: { timestamp_header: X-Time, timestamp_tolerance: 5m, secret: key }",
        "",
    );
    let stale = (1_767_225_600_i64 - 600).to_string();
    let sign = |key: &str, before: &str| {
        format!(
            "sha256={}",
            HEXLOWER.encode(&sha256(key, format!("{before}{{}}").as_bytes()))
        )
    };
    for (signature, stamp, mistakes, reason) in [
        (
            sign("key", ""),
            stale.as_str(),
            &["timestamp-left-out", "stale-timestamp"][..],
            "the signature is made without the timestamp; its timestamp is 600s old",
        ),
        (
            sign("key\n", &format!("{stale}.")),
            &stale,
            &["white-space-around-secret", "stale-timestamp"],
            "the signature is made with the secret and white space around it; its timestamp is 600s old",
        ),
        (
            sign("nobody's", &format!("{stale}.")),
            &stale,
            &["stale-timestamp"],
            "the signature was made with another secret or over another body; its timestamp is 600s old",
        ),
        (
            sign("key", ""),
            "today",
            &["timestamp-left-out", "unreadable-timestamp"],
            "the signature is made without the timestamp; its timestamp cannot be read",
        ),
    ] {
        let headers = [("x-torq-signature", signature.as_str()), ("x-time", stamp)];
        assert_eq!(call(&world, &headers, b"{}").status, 401);
        let entry = world.last_entry();
        assert_eq!(entry["mistakes"], serde_json::json!(mistakes), "{entry}");
        assert_eq!(entry["reason"], reason, "{entry}");
    }
}

#[test]
fn a_secret_that_is_sent_as_its_signature_stays_out_of_the_journal() {
    let world = world("hmac: { secret: signing-key }", "");
    let headers = [("x-torq-signature", "sha256=signing-key")];
    assert_eq!(call(&world, &headers, b"{}").status, 401);
    let entry = world.last_entry();
    assert_eq!(entry["mistakes"], serde_json::json!(["secret-as-signature"]), "{entry}");
    assert!(!entry.to_string().contains("signing-key"), "{entry}");
}

#[test]
fn a_wrong_header_is_explained() {
    let secret = "s3cret-value";
    let world = World::new(
        "workspaces: { main: {} }\nintegrations:\n  i: { workspace: main, headers: [ { name: X-Token, secret: s3cret-value, \
         previous_secrets: [0ld-secret] } ] }\n  j: { workspace: main, headers: [ { name: X-Token, secret: an0ther-secret } ] }\n\
         \x20 k: { workspace: main, hmac: { secret: a-signing-key } }\nworkflows: { w: { integration: i, published: [] } }",
    );
    let quoted = format!("\"{secret}\"");
    let base64 = BASE64.encode(secret.as_bytes());
    let bearer = format!("Bearer {secret}");
    let longer = format!("{secret}-and-more");
    for (header, mistake) in [
        (("x-token", "0ld-secret"), Some("previous-secret")),
        (("x-token", "an0ther-secret"), Some("secret-of-another-integration")),
        (("x-token", "a-signing-key"), Some("secret-of-another-integration")),
        (("x-token", quoted.as_str()), Some("white-space-around-secret")),
        (("x-token", base64.as_str()), Some("base64-secret")),
        (("x-token", bearer.as_str()), Some("something-before")),
        (("x-token", longer.as_str()), Some("something-after")),
        (("x-token", &secret[..6]), Some("cut-off")),
        (("x-token", "S3CRET-VALUE"), Some("letter-case")),
        (("x-token", ""), Some("empty-secret")),
        (("x-token", "something else"), None),
        (("x-tokn", "something else"), Some("misspelt-name")),
        (("x-tokn", secret), Some("another-name")),
        (("authorization", "something else"), Some("missing-header")),
    ] {
        let answered = call(&world, &[header], b"{}");
        assert_eq!(answered.status, 400, "{header:?}");
        let entry = world.last_entry();
        assert_eq!(entry["mistakes"][0].as_str(), mistake, "{header:?}: {entry}");
        assert!(entry["hint"].is_string(), "{entry}");
        for secret in [secret, "0ld-secret", "an0ther-secret", "a-signing-key"] {
            assert!(!entry.to_string().contains(secret), "{entry}");
        }
    }
}

#[test]
fn a_header_that_every_client_sends_is_no_misspelt_one() {
    for (demanded, sent, mistake) in [
        ("Hosts", "host", "missing-header"),
        ("Accepts", "accept", "missing-header"),
        ("User-Agents", "user-agent", "missing-header"),
        ("Connections", "connection", "missing-header"),
        ("Content-Types", "content-type", "missing-header"),
        ("Accept-Encodings", "accept-encoding", "missing-header"),
        ("X-Hosts", "x-host", "misspelt-name"),
    ] {
        let world = world(
            &format!("headers: [ {{ name: {demanded}, secret: s3cret-value }} ]"),
            "",
        );
        let call = request(Method::POST, &world.path("w"), &[(sent, "text/plain")], b"{}");
        assert_eq!(world.send(&call).answered().status, 400, "{demanded}");
        assert_eq!(world.last_entry()["mistakes"][0], mistake, "{demanded}");
    }
}

#[test]
fn a_secret_that_was_decoded_or_trimmed_is_recognised() {
    for (secret, offered, mistake) in [
        ("c2VjcmV0LXZhbHVl", "secret-value", Some("base64-secret")),
        ("c2VjcmV0LXZhbHVl", "another-value", None),
        ("s3cret", "'s3cret'", None),
        ("s3cret", "\"s3cret", Some("something-before")),
    ] {
        let world = world(&format!("headers: [ {{ name: X-Token, secret: {secret} }} ]"), "");
        assert_eq!(call(&world, &[("x-token", offered)], b"{}").status, 400, "{offered}");
        assert_eq!(world.last_entry()["mistakes"][0].as_str(), mistake, "{offered}");
    }
}

#[test]
fn the_journal_says_how_a_signature_has_to_be_written() {
    for (scheme, expected) in [
        ("", "`X-Torq-Signature: sha256=<64 lower-case hexadecimal digits>`"),
        (
            ", algorithm: sha512, header: X-Sign",
            "`X-Sign: sha512=<128 lower-case hexadecimal digits>`",
        ),
        (
            ", algorithm: sha1, encoding: base64, prefix: ''",
            "`X-Torq-Signature: <20 bytes in base64>`",
        ),
    ] {
        let world = world(&format!("hmac: {{ secret: signing-key{scheme} }}"), "");
        for (offered, received) in [(None, "no such header"), (Some("nonsense"), "nonsense")] {
            let headers: Vec<_> = offered
                .iter()
                .flat_map(|value| [("x-torq-signature", *value), ("x-sign", *value)])
                .collect();
            assert_eq!(call(&world, &headers, b"{}").status, 401);
            let entry = world.last_entry();
            assert_eq!(entry["received"], received);
            // The form, and what would have matched: a client that sends that is let in.
            let told = entry["expected"].as_str().unwrap_or_default();
            let right = told
                .strip_prefix(expected)
                .and_then(|rest| rest.strip_prefix("; for these bytes `"));
            let right = right
                .and_then(|rest| rest.strip_suffix('`'))
                .unwrap_or_else(|| panic!("{told}"));
            let headers = [("x-torq-signature", right), ("x-sign", right)];
            assert_eq!(call(&world, &headers, b"{}").status, 200, "{told}");
        }
    }
}
