//! Opening connections: straight or through a proxy, with TLS where the address asks for it.
//!
//! Sends nothing of a case. Says why there is no connection in words somebody can act on.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use located_yaml::write_duration;
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::values::host;
use crate::profile::{Network, Proxy};

/// The largest answer of a proxy, in bytes.
const MAX_PROXY_ANSWER: usize = 16 << 10;

/// What is read from and written to.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Opens connections.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    tls: Arc<rustls::ClientConfig>,
    proxy: Option<Arc<Proxy>>,
    timeout: Duration,
}

/// Why there is no connection. Says nothing about the deployment's behaviour.
#[derive(Debug, Error)]
pub enum NoConnection {
    /// Nobody knows the name.
    #[error("nobody knows the name {host}: {reason}")]
    Name {
        /// Which.
        host: String,
        /// What the resolver says.
        reason: io::Error,
    },
    /// The machine is there and nobody listens.
    #[error("{0} refuses connections")]
    Refused(String),
    /// Nothing came back at all.
    #[error("{address} did not accept a connection within {}", write_duration(*.patience))]
    TooSlow {
        /// Host and port.
        address: String,
        /// How long we waited.
        patience: Duration,
    },
    /// Any other trouble on the way.
    #[error("{address}: {reason}")]
    Way {
        /// Host and port.
        address: String,
        /// What the system says.
        reason: io::Error,
    },
    /// The proxy does not open a tunnel.
    #[error("the proxy {proxy} opens no tunnel to {address}: {answer}")]
    Proxy {
        /// Host and port of the proxy.
        proxy: String,
        /// Host and port behind it.
        address: String,
        /// Its status line, or what else it did.
        answer: String,
    },
    /// The other side's certificate is not believed.
    #[error("the certificate of {host} is not accepted: {reason}")]
    Certificate {
        /// Whose.
        host: String,
        /// What is wrong with it.
        reason: CertificateError,
    },
    /// No TLS, for another reason.
    #[error("no TLS with {address}: {reason}")]
    Tls {
        /// Host and port.
        address: String,
        /// What went wrong.
        reason: io::Error,
    },
}

impl NoConnection {
    /// What a person can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Name { .. } => {
                "check the host under `urls` in the profile; where names are only known to a proxy, set `network.proxy`"
            }
            Self::Refused(_) => {
                "check the host and port under `urls` in the profile, and that the deployment is running"
            }
            Self::TooSlow { .. } => {
                "a firewall may swallow the packets: set `network.proxy` if there is one, or a longer `network.connect_timeout`"
            }
            Self::Way { .. } => "check the network of this machine and the addresses under `urls` in the profile",
            Self::Proxy { answer, .. } if answer.contains("407") => {
                "the proxy wants `network.proxy.user` and `network.proxy.password`"
            }
            Self::Proxy { .. } => {
                "check `network.proxy`: it has to allow CONNECT to that address; hosts that need no proxy go under `except`"
            }
            Self::Certificate { reason, .. } => match reason {
                CertificateError::UnknownIssuer => {
                    "if a private authority issued it, name its PEM file under `network.authorities` in the profile"
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "it has expired (or the clock of this machine is wrong): the deployment needs a new one"
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    "it was issued for another name: use that name under `urls` in the profile"
                }
                _ => "have the deployment's certificate looked at; there is no way to skip the check",
            },
            Self::Tls { .. } => "check that this port speaks TLS, or say `http://` under `urls` in the profile",
        }
    }
}

impl Connector {
    /// Over this network, with these TLS settings.
    #[must_use]
    pub(crate) fn new(tls: Arc<rustls::ClientConfig>, network: &Network) -> Self {
        Self {
            tls,
            proxy: network.proxy.clone().map(Arc::new),
            timeout: network.connect_timeout,
        }
    }

    /// A connection to the host of `url`.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn open(&self, url: &str) -> Result<Box<dyn Stream>, NoConnection> {
        let secure = url.starts_with("https://");
        let (name, address) = name_and_address(host(url), if secure { 443 } else { 80 });
        let late = |_| NoConnection::TooSlow {
            address: address.clone(),
            patience: self.timeout,
        };
        let opening = async {
            let stream = match self.proxy.as_deref().filter(|proxy| proxy.serves(name)) {
                Some(proxy) => tunnel(proxy, &address).await?,
                None => tcp(&address).await?,
            };
            if secure {
                self.encrypt(stream, name, &address).await
            } else {
                Ok(Box::new(stream) as Box<dyn Stream>)
            }
        };
        tokio::time::timeout(self.timeout, opening).await.map_err(late)?
    }

    async fn encrypt(&self, stream: TcpStream, name: &str, address: &str) -> Result<Box<dyn Stream>, NoConnection> {
        let tls = |reason| NoConnection::Tls {
            address: address.to_owned(),
            reason,
        };
        let server = ServerName::try_from(name.to_owned()).map_err(|error| tls(io::Error::other(error)))?;
        match TlsConnector::from(self.tls.clone()).connect(server, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => {
                let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
                Err(match inner {
                    Some(rustls::Error::InvalidCertificate(reason)) => NoConnection::Certificate {
                        host: name.to_owned(),
                        reason: reason.clone(),
                    },
                    _ => tls(error),
                })
            }
        }
    }
}

/// The name to verify, without brackets, and the address to connect to.
fn name_and_address(authority: &str, default_port: u16) -> (&str, String) {
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() && !name.ends_with(':') => (name, None),
        _ => (authority, Some(default_port)),
    };
    let address = port.map_or_else(|| authority.to_owned(), |port| format!("{authority}:{port}"));
    (name.trim_start_matches('[').trim_end_matches(']'), address)
}

async fn tcp(address: &str) -> Result<TcpStream, NoConnection> {
    let found = tokio::net::lookup_host(address).await;
    let found: Vec<_> = found
        .map_err(|reason| NoConnection::Name {
            host: address.rsplit_once(':').map_or(address, |(host, _)| host).to_owned(),
            reason,
        })?
        .collect();
    let stream = TcpStream::connect(found.as_slice()).await;
    let stream = stream.map_err(|reason| match reason.kind() {
        io::ErrorKind::ConnectionRefused => NoConnection::Refused(address.to_owned()),
        _ => NoConnection::Way {
            address: address.to_owned(),
            reason,
        },
    })?;
    // Without it a small request may wait for the answer to nothing; with it failing, it is only slower.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Asks a proxy for a connection to `address` (RFC 9110, section 9.3.6).
async fn tunnel(proxy: &Proxy, address: &str) -> Result<TcpStream, NoConnection> {
    let mut stream = tcp(&proxy.address).await?;
    let refused = |answer: String| NoConnection::Proxy {
        proxy: proxy.address.clone(),
        address: address.to_owned(),
        answer,
    };
    let mut head = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n");
    if let Some((user, password)) = &proxy.credentials {
        let credentials = BASE64.encode(format!("{user}:{}", password.expose()).as_bytes());
        head.push_str(&format!("Proxy-Authorization: Basic {credentials}\r\n"));
    }
    head.push_str("\r\n");
    let written = stream.write_all(head.as_bytes()).await;
    written.map_err(|error| refused(error.to_string()))?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the blank line belongs to the tunnel.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() > MAX_PROXY_ANSWER {
            return Err(refused("its answer does not end".to_owned()));
        }
        match stream.read_u8().await {
            Ok(byte) => answer.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(refused("it closed the connection".to_owned()));
            }
            Err(error) => return Err(refused(error.to_string())),
        }
    }
    let text = String::from_utf8_lossy(&answer);
    let line = text.lines().next().unwrap_or_default();
    let status = line.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
    match status {
        Some(200..=299) => Ok(stream),
        Some(_) => Err(refused(line.to_owned())),
        None => Err(refused("what came is no HTTP answer".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_has_a_name_to_verify_and_an_address_to_connect_to() {
        for (authority, name, address) in [
            ("hooks.torq.io", "hooks.torq.io", "hooks.torq.io:443"),
            ("127.0.0.1:7080", "127.0.0.1", "127.0.0.1:7080"),
            ("[::1]:7080", "::1", "[::1]:7080"),
            ("[::1]", "::1", "[::1]:443"),
        ] {
            assert_eq!(
                name_and_address(authority, 443),
                (name, address.to_owned()),
                "{authority}"
            );
        }
    }
}
