//! Gate: the HMAC signature matches, where one is demanded (contract section 2).
//!
//! Compares in constant time. Why a signature is wrong is worked out beside it, after it has been refused.

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::admission::{Candidate, diagnosis};
use crate::behaviour::authentication::{Algorithm, Encoding};
use crate::catalog::SignatureScheme;
use crate::gate::Gate;
use crate::rejection::{Refusal, Rejection};

impl Candidate<'_> {
    pub(super) fn check_signature(&mut self) -> Result<(), Rejection> {
        let Some(scheme) = &self.integration()?.signature else {
            return Ok(());
        };
        // A body that was not kept cannot be verified, whichever gate comes first.
        self.check_payload()?;
        let joint = &self.behaviour().authentication.signature_joint;
        let (headers, body) = (&self.inbound.headers, self.inbound.body.bytes());
        let Some(before) = timestamp(scheme, headers, joint) else {
            let reason = "the timestamp header is missing";
            return Err(Rejection::new(Gate::Signature, Refusal::InvalidSignature, reason));
        };
        let signed = Signed { before, body };
        let offered = headers.get(&scheme.header).map(http::HeaderValue::as_bytes);
        let digest = offered.and_then(|offered| digest_of(scheme, offered));
        if digest.is_some_and(|digest| signed.is_signed_by(scheme, &digest)) {
            return Ok(());
        }
        let reason = diagnosis::explain(scheme, &signed, offered);
        let received = offered.map_or("no such header".into(), String::from_utf8_lossy);
        Err(Rejection::new(Gate::Signature, Refusal::InvalidSignature, reason).comparing(expected(scheme), received))
    }
}

/// The bytes a signature is made over.
pub(super) struct Signed<'a> {
    /// A timestamp and what joins it to the body, where a scheme has one.
    pub(super) before: Vec<u8>,
    /// The body as it came.
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    fn is_signed_by(&self, scheme: &SignatureScheme, digest: &[u8]) -> bool {
        let key = scheme.secret.expose().as_bytes();
        match scheme.algorithm {
            Algorithm::Sha1 => self.mac::<Hmac<Sha1>>(key).verify_slice(digest).is_ok(),
            Algorithm::Sha256 => self.mac::<Hmac<Sha256>>(key).verify_slice(digest).is_ok(),
            Algorithm::Sha512 => self.mac::<Hmac<Sha512>>(key).verify_slice(digest).is_ok(),
        }
    }

    /// The digest these bytes have.
    pub(super) fn digest(&self, algorithm: Algorithm, key: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Sha1 => self.mac::<Hmac<Sha1>>(key).finalize().into_bytes().to_vec(),
            Algorithm::Sha256 => self.mac::<Hmac<Sha256>>(key).finalize().into_bytes().to_vec(),
            Algorithm::Sha512 => self.mac::<Hmac<Sha512>>(key).finalize().into_bytes().to_vec(),
        }
    }

    fn mac<M: Mac + KeyInit>(&self, key: &[u8]) -> M {
        let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
        mac.update(&self.before);
        mac.update(self.body);
        mac
    }
}

/// A digest as the scheme writes it.
pub(super) fn encoded(encoding: Encoding, digest: &[u8]) -> String {
    match encoding {
        Encoding::Hex => HEXLOWER.encode(digest),
        Encoding::Base64 => BASE64.encode(digest),
    }
}

/// The digest in a header, if it is written as the scheme writes digests.
fn digest_of(scheme: &SignatureScheme, offered: &[u8]) -> Option<Vec<u8>> {
    let digits = offered.strip_prefix(scheme.prefix.as_bytes())?;
    match scheme.encoding {
        Encoding::Hex => HEXLOWER.decode(digits).ok(),
        Encoding::Base64 => BASE64.decode(digits).ok(),
    }
}

/// What is signed before the body; nothing when a timestamp should be and was not sent.
fn timestamp(scheme: &SignatureScheme, headers: &HeaderMap, joint: &str) -> Option<Vec<u8>> {
    match &scheme.timestamp_header {
        None => Some(Vec::new()),
        Some(name) => headers
            .get(name)
            .map(|value| [value.as_bytes(), joint.as_bytes()].concat()),
    }
}

fn expected(scheme: &SignatureScheme) -> String {
    let bytes = match scheme.algorithm {
        Algorithm::Sha1 => 20,
        Algorithm::Sha256 => 32,
        Algorithm::Sha512 => 64,
    };
    let digest = match scheme.encoding {
        Encoding::Hex => format!("{} lower-case hexadecimal digits", bytes * 2),
        Encoding::Base64 => format!("{bytes} bytes in base64"),
    };
    format!("`{}: {}<{digest}>`", scheme.written, scheme.prefix)
}
