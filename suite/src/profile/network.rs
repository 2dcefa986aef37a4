//! The way to a deployment: a proxy, private certificate authorities, and how long the client waits.
//!
//! Opens no connection; `run::connect` does.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use located_yaml::{Location, Problem, Problems};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::Secret;

/// How long opening a connection may take when a profile does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How requests get to a deployment. Nothing is taken from the machine's own proxy settings: a run goes where its profile says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// What stands between.
    pub proxy: Option<Proxy>,
    /// Certificate authorities trusted besides those of this machine.
    pub authorities: Vec<Authority>,
    /// How long opening a connection may take, the proxy and TLS included.
    pub connect_timeout: Duration,
    /// How long to wait for an answer no step is more patient about, on the deployment's clock; `None`: the synchronous
    /// time-out and twice the tolerance.
    pub answer_timeout: Option<Duration>,
}

/// A file with certificates of authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// A PEM file; relative paths of a profile start from its folder.
    pub path: PathBuf,
    /// Where the profile names it.
    pub at: Location,
}

/// An HTTP proxy that opens tunnels (`CONNECT`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its host and port.
    pub address: String,
    /// User and password, when it wants them.
    pub credentials: Option<(String, Secret)>,
    /// Hosts reached without it; one that starts with a dot stands for everything below that domain.
    pub except: Vec<String>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            proxy: None,
            authorities: Vec::new(),
            connect_timeout: CONNECT_TIMEOUT,
            answer_timeout: None,
        }
    }
}

impl Network {
    /// The certificates of every authority.
    ///
    /// # Errors
    /// Files that cannot be read or hold no certificate, at the places of the profile that name them.
    pub fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Problems> {
        let (mut all, mut problems) = (Vec::new(), Problems::default());
        for authority in &self.authorities {
            match authority.certificates() {
                Ok(certificates) => all.extend(certificates),
                Err(complaint) => problems.push(Problem::new(authority.at.clone(), complaint).hint(
                    "expected a certificate authority between `-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----`",
                )),
            }
        }
        if problems.is_empty() { Ok(all) } else { Err(problems) }
    }
}

impl Authority {
    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let shown = self.path.display();
        let bytes = fs::read(&self.path).map_err(|error| format!("cannot read {shown}: {error}"))?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
        let certificates = certificates.map_err(|error| format!("{shown} is no PEM file: {error}"))?;
        if certificates.is_empty() {
            return Err(format!("{shown} holds no certificate"));
        }
        for certificate in &certificates {
            let usable = RootCertStore::empty().add(certificate.clone());
            usable.map_err(|error| format!("{shown} holds no usable certificate: {error}"))?;
        }
        Ok(certificates)
    }
}

impl Proxy {
    /// Whether requests to `host` (without a port) go through it.
    #[must_use]
    pub fn serves(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        !self.except.iter().any(|excepted| {
            let excepted = excepted.to_ascii_lowercase();
            host == excepted || (excepted.starts_with('.') && host.ends_with(&excepted))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_excepted_by_name_or_by_domain() {
        let proxy = Proxy {
            address: "proxy.example:3128".to_owned(),
            credentials: None,
            except: vec!["localhost".to_owned(), ".corp.example".to_owned()],
        };
        for (host, served) in [
            ("hooks.torq.io", true),
            ("localhost", false),
            ("LOCALHOST", false),
            ("localhost.example", true),
            ("api.corp.example", false),
            ("corp.example", true),
            ("mycorp.example", true),
        ] {
            assert_eq!(proxy.serves(host), served, "{host}");
        }
    }
}
