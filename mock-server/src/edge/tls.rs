//! TLS for the data listeners: with a certificate that is given, or one that is made for names of the caller's choice.
//!
//! Makes and reads certificates; what is said over the connection is the listener's.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

use crate::clock::Clock;
use crate::config::ClockMode;

/// The protocols that are spoken, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Names that are always in a certificate made here.
const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long a certificate made here is valid; some clients trust none that is for longer than 825 days.
const VALID: Duration = Duration::from_secs(397 * DAY);
/// How long it has been valid already, for clients whose clock is behind.
const VALID_SINCE: Duration = Duration::from_secs(DAY);
const DAY: u64 = 86_400;
/// Letters that the name of a certificate's subject may have; the names it is for may be longer.
const LONGEST_COMMON_NAME: usize = 64;

/// A certificate to serve with.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    authority: Option<String>,
    fingerprint: String,
}

/// Why there is no certificate.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is no PEM file of this kind.
    #[error("{file} holds no {kind} in PEM: {reason}")]
    File {
        /// Which.
        file: String,
        /// What should have been in it.
        kind: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The key is not the certificate's, or they cannot be used.
    #[error("the certificate and the key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// No certificate can be made for these names.
    #[error("no certificate can be made: {0}")]
    Unmade(#[from] rcgen::Error),
}

impl Tls {
    /// A certificate chain, the server's own first, and its key, both in PEM.
    ///
    /// # Errors
    /// When a file cannot be read, or the two do not belong together.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let wrong = |file: &Path, kind| {
            let file = file.display().to_string();
            move |reason: rustls::pki_types::pem::Error| TlsError::File {
                file,
                kind,
                reason: reason.to_string(),
            }
        };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
        let chain = chain.map_err(wrong(certificate, "certificate"))?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(wrong(key, "private key"))?;
        Self::of(chain, key, None)
    }

    /// A certificate for these names, and for this machine, signed by an authority that exists for it alone.
    ///
    /// # Errors
    /// When something is no name.
    pub fn self_signed(names: &[String]) -> Result<Self, TlsError> {
        let mut authority = named(CertificateParams::default(), "torq-mock authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let short = names
            .iter()
            .map(String::as_str)
            .find(|name| name.len() <= LONGEST_COMMON_NAME);
        let called = short.unwrap_or(ALWAYS[0]);
        let names = names.iter().cloned().chain(ALWAYS.map(str::to_owned));
        // What strict clients ask for: whose key signed it, and what it is for.
        let mut certificate = named(CertificateParams::new(names.collect::<Vec<_>>())?, called);
        certificate.use_authority_key_identifier_extension = true;
        certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = certificate.signed_by(&key, &authority)?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|reason| TlsError::File {
            file: "the key made here".to_owned(),
            kind: "private key",
            reason: reason.to_owned(),
        })?;
        Self::of(vec![certificate.der().clone()], key, Some(authority.pem()))
    }

    fn of(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        authority: Option<String>,
    ) -> Result<Self, TlsError> {
        let digest = chain.first().map(Sha256::digest).unwrap_or_default();
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authority,
            fingerprint: HEXLOWER.encode(&digest),
        })
    }

    /// The authority that clients have to trust, in PEM; nothing when the certificate was given.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The SHA-256 of the certificate, in lower-case hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(super) const fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

/// With this name, valid from yesterday on. Real time: clients judge by theirs, whatever a sandbox's clock says.
fn named(mut certificate: CertificateParams, name: &str) -> CertificateParams {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    certificate.distinguished_name = called;
    let now = Duration::from_secs(Clock::new(ClockMode::System).now().as_seconds());
    let since = date_time_ymd(1970, 1, 1) + now.saturating_sub(VALID_SINCE);
    (certificate.not_before, certificate.not_after) = (since, since + VALID);
    certificate
}

/// Says which certificate, and nothing of its key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tls").field(&self.fingerprint).finish()
    }
}
