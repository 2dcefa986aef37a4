//! Secrets and signatures as an integration wants them, and the ways to get them wrong.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac as Keyed, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::profile::{Algorithm, Encoding, Hmac};
use crate::spec::model::{WrongSecret, WrongSignature};

/// The value of the signature header for `body`, prefix included. `timestamp` is what the timestamp header says.
#[must_use]
pub(crate) fn signature(hmac: &Hmac, body: &[u8], timestamp: Option<&str>) -> String {
    write(
        hmac,
        &digest(hmac.algorithm, hmac.secret.expose(), &signed_bytes(body, timestamp)),
    )
}

/// A signature that is wrong in the way `wrong` names, and in no other.
#[must_use]
pub(crate) fn wrong_signature(hmac: &Hmac, wrong: WrongSignature, body: &[u8], timestamp: Option<&str>) -> String {
    let right = signature(hmac, body, timestamp);
    let with = |hmac: &Hmac, body: &[u8]| signature(hmac, body, timestamp);
    match wrong {
        WrongSignature::OtherSecret => {
            let key = format!("{}-other", hmac.secret.expose());
            write(hmac, &digest(hmac.algorithm, &key, &signed_bytes(body, timestamp)))
        }
        WrongSignature::ReserialisedBody => with(hmac, &reserialised(body)),
        WrongSignature::Truncated => right[..hmac.prefix.len() + (right.len() - hmac.prefix.len()) / 2].to_owned(),
        WrongSignature::NoPrefix if hmac.prefix.is_empty() => format!("signature={right}"),
        WrongSignature::NoPrefix => right[hmac.prefix.len()..].to_owned(),
        WrongSignature::OtherDigest => {
            let algorithm = match hmac.algorithm {
                Algorithm::Sha1 | Algorithm::Sha512 => Algorithm::Sha256,
                Algorithm::Sha256 => Algorithm::Sha512,
            };
            with(
                &Hmac {
                    algorithm,
                    ..hmac.clone()
                },
                body,
            )
        }
        WrongSignature::OtherEncoding => {
            let encoding = match hmac.encoding {
                Encoding::Hex => Encoding::Base64,
                Encoding::Base64 => Encoding::Hex,
            };
            with(
                &Hmac {
                    encoding,
                    ..hmac.clone()
                },
                body,
            )
        }
        WrongSignature::OfEmptyBody => with(hmac, b""),
        WrongSignature::Empty => String::new(),
    }
}

/// A secret that is wrong in the way `wrong` names. `Misnamed` is the right one: its header is at fault.
#[must_use]
pub(crate) fn wrong_secret(wrong: WrongSecret, right: &str) -> String {
    let invert = |c: char| {
        if c.is_uppercase() {
            c.to_lowercase().collect()
        } else {
            c.to_uppercase().collect::<String>()
        }
    };
    match wrong {
        WrongSecret::Swapped => right.chars().rev().map(|c| if c == 'a' { 'b' } else { 'a' }).collect(),
        WrongSecret::CaseFolded => right.chars().map(invert).collect(),
        WrongSecret::Prefix => {
            let mut text = right.to_owned();
            text.pop();
            text
        }
        WrongSecret::Suffix => format!("{right}x"),
        WrongSecret::Empty => String::new(),
        WrongSecret::Misnamed => right.to_owned(),
    }
}

fn signed_bytes(body: &[u8], timestamp: Option<&str>) -> Vec<u8> {
    match timestamp {
        Some(timestamp) => [timestamp.as_bytes(), b".", body].concat(),
        None => body.to_vec(),
    }
}

fn write(hmac: &Hmac, digest: &[u8]) -> String {
    let written = match hmac.encoding {
        Encoding::Hex => HEXLOWER.encode(digest),
        Encoding::Base64 => BASE64.encode(digest),
    };
    format!("{}{written}", hmac.prefix)
}

fn digest(algorithm: Algorithm, key: &str, bytes: &[u8]) -> Vec<u8> {
    fn keyed<M: Mac + KeyInit>(key: &str, bytes: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    }
    match algorithm {
        Algorithm::Sha1 => keyed::<Keyed<Sha1>>(key, bytes),
        Algorithm::Sha256 => keyed::<Keyed<Sha256>>(key, bytes),
        Algorithm::Sha512 => keyed::<Keyed<Sha512>>(key, bytes),
    }
}

/// The same document with other white space; other bytes in any case.
fn reserialised(body: &[u8]) -> Vec<u8> {
    let pretty = serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|json| serde_json::to_vec_pretty(&json).ok());
    pretty
        .filter(|pretty| pretty != body)
        .unwrap_or_else(|| [body, b" "].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Secret;

    fn scheme() -> Hmac {
        Hmac {
            algorithm: Algorithm::Sha256,
            header: "X-Torq-Signature".into(),
            encoding: Encoding::Hex,
            prefix: "sha256=".into(),
            secret: Secret::new("key"),
            timestamp_header: None,
        }
    }

    #[test]
    fn a_right_signature_is_the_published_test_vector() {
        let body = b"The quick brown fox jumps over the lazy dog";
        assert_eq!(
            signature(&scheme(), body, None),
            "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
    }

    #[test]
    fn every_wrong_signature_differs_from_the_right_one_and_from_the_others() {
        use WrongSignature as W;
        let body = br#"{"a":1}"#;
        let all = [
            W::OtherSecret,
            W::ReserialisedBody,
            W::Truncated,
            W::NoPrefix,
            W::OtherDigest,
            W::OtherEncoding,
            W::OfEmptyBody,
            W::Empty,
        ];
        let mut seen = std::collections::BTreeSet::from([signature(&scheme(), body, None)]);
        for wrong in all {
            assert!(seen.insert(wrong_signature(&scheme(), wrong, body, None)), "{wrong:?}");
        }
    }

    #[test]
    fn every_wrong_secret_is_wrong() {
        use WrongSecret as W;
        for wrong in [W::Swapped, W::CaseFolded, W::Prefix, W::Suffix, W::Empty] {
            assert_ne!(wrong_secret(wrong, "Aa1"), "Aa1", "{wrong:?}");
        }
        assert_eq!(wrong_secret(W::Misnamed, "Aa1"), "Aa1");
    }
}
