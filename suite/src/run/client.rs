//! Sending a prepared request: by an ordinary client or by our own writer, with one kind of result.
//!
//! The only file that knows reqwest.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use located_yaml::Problems;
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;
use thiserror::Error;

use super::connect::{Connector, NoConnection};
use super::request::{Carrier, Prepared};
use super::values::host;
use super::wire::{Arrived, Begun, MAX_BODY, Wire};
use crate::attempt::{Answer, Payload, RequestWritten, Unanswered};
use crate::profile::{Network, Proxy};
use crate::spec::model::{AfterWriting, Framing};

/// Sends requests.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    wire: Wire,
}

/// A request that is being sent: nothing happens until somebody waits for the answer.
pub(crate) struct Sending {
    /// The answer, or why there is none.
    pub(crate) answer: BoxFuture<'static, Result<Arrived, Unanswered>>,
    /// Whether it has begun.
    pub(crate) begun: Begun,
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The profile names authorities that cannot be used.
    #[error("certificate authorities of the profile cannot be used")]
    Authorities(Problems),
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client")]
    Http(#[source] reqwest::Error),
}

impl Client {
    /// A client that does nothing by itself: no redirects, no retries, no decompression, no proxy but the network's.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine, or an authority of the network cannot be used.
    pub fn new(network: &Network) -> Result<Self, ClientError> {
        // Another part of the process may have chosen the same provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authorities = network.certificates().map_err(ClientError::Authorities)?;
        let tls = tls(authorities).map_err(ClientError::Tls)?;
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            // Nobody may send folded lines any more, and every client has to read them (RFC 9112, section 5.2).
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .connect_timeout(network.connect_timeout)
            .tls_backend_preconfigured(tls.clone());
        if let Some(proxy) = &network.proxy {
            http = http.proxy(as_reqwest_knows_it(proxy));
        }
        Ok(Self {
            http: http.build().map_err(ClientError::Http)?,
            wire: Wire::new(Connector::new(Arc::new(tls), network)),
        })
    }

    /// The ordinary client, for control surfaces.
    #[must_use]
    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Opens a connection and closes it again; tells how long that took.
    ///
    /// # Errors
    /// Why there is no connection: its name, its certificate, or nobody listens.
    pub async fn reach(&self, url: &str) -> Result<Duration, NoConnection> {
        self.wire.reach(url).await
    }

    /// Sends a request; its answer is in the future.
    pub(crate) fn send(&self, prepared: Prepared) -> Sending {
        let (client, begun) = (self.clone(), Begun::default());
        let signal = begun.clone();
        let answer = async move {
            match carrier(&prepared) {
                Carrier::Wire => client.wire.send(&prepared, &signal).await,
                Carrier::Client => client.send_by_client(&prepared, &signal).await,
            }
        };
        Sending {
            answer: answer.boxed(),
            begun,
        }
    }

    /// Writes bytes as they are; the answer is in the future.
    pub(crate) fn send_raw(&self, url: String, bytes: Bytes, after: AfterWriting) -> Sending {
        let (wire, begun) = (self.wire.clone(), Begun::default());
        let signal = begun.clone();
        Sending {
            answer: async move { wire.send_raw(&url, (bytes, after), &signal).await }.boxed(),
            begun,
        }
    }

    async fn send_by_client(&self, prepared: &Prepared, begun: &Begun) -> Result<Arrived, Unanswered> {
        let Ok(method) = reqwest::Method::from_bytes(prepared.method.as_bytes()) else {
            return self.wire.send(prepared, begun).await;
        };
        let mut request = self.http.request(method, &prepared.url);
        for (name, value) in &prepared.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &prepared.body {
            if body.is_empty() {
                // By itself it says nothing of a body without bytes, and there would be no telling it from none.
                request = request.header("Content-Length", "0");
            }
            request = request.body(body.clone());
        }
        let written = Instant::now();
        let response = request.send().await.map_err(unanswered)?;
        let first_byte = begun.now();
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = whole_body(response).await?;
        let answer = Answer {
            status,
            headers,
            body: Payload::whole(body),
            request_written: RequestWritten::Whole,
        };
        Ok(Arrived {
            answer,
            written,
            first_byte,
            complete: Instant::now(),
        })
    }
}

/// The body, if it has an end.
async fn whole_body(mut response: reqwest::Response) -> Result<Bytes, Unanswered> {
    let first = response.chunk().await.map_err(unanswered)?.unwrap_or_default();
    let mut next = response.chunk().await.map_err(unanswered)?;
    if next.is_none() {
        // As it mostly is; then nothing need be copied.
        return Ok(first);
    }
    let mut body = BytesMut::from(&first[..]);
    while let Some(more) = next {
        body.extend_from_slice(&more);
        if body.len() > MAX_BODY {
            return Err(Unanswered::NotHttp("an endless answer".to_owned()));
        }
        next = response.chunk().await.map_err(unanswered)?;
    }
    Ok(body.freeze())
}

/// The roots this machine trusts, and the profile's; both carriers believe the same certificates.
fn tls(authorities: Vec<CertificateDer<'static>>) -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(authorities, provider.clone())?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn as_reqwest_knows_it(proxy: &Proxy) -> reqwest::Proxy {
    let (rules, address) = (proxy.clone(), format!("http://{}", proxy.address));
    let known = reqwest::Proxy::custom(move |url| {
        let served = url
            .host_str()
            .is_some_and(|host| rules.serves(host.trim_matches(['[', ']'])));
        served.then(|| address.clone())
    });
    match &proxy.credentials {
        Some((user, password)) => known.basic_auth(user, password.expose()),
        None => known,
    }
}

/// Who carries a request in the end.
fn carrier(prepared: &Prepared) -> Carrier {
    match (prepared.carrier, prepared.framing) {
        (Carrier::Wire, _) | (_, Framing::Chunked) => Carrier::Wire,
        (Carrier::Client, Framing::Declared) => match reqwest::Method::from_bytes(prepared.method.as_bytes()) {
            Ok(_) => Carrier::Client,
            Err(_) => Carrier::Wire,
        },
    }
}

/// What whoever carries a request writes into `Host`: an ordinary client leaves out a port that goes without saying.
#[must_use]
pub(crate) fn host_written(prepared: &Prepared) -> String {
    let as_given = host(&prepared.url).to_owned();
    match (carrier(prepared), reqwest::Url::parse(&prepared.url)) {
        (Carrier::Client, Ok(url)) => match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => as_given,
        },
        (Carrier::Wire, _) | (Carrier::Client, Err(_)) => as_given,
    }
}

/// Whether something came that is no HTTP: a head that cannot be read, or a body that is not framed as it says.
fn is_about_what_came(error: &(dyn std::error::Error + 'static)) -> bool {
    let of_a_body = |error: &io::Error| {
        let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        !is_tls && matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData)
    };
    error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
        || error.downcast_ref::<io::Error>().is_some_and(of_a_body)
}

#[expect(clippy::needless_pass_by_value, reason = "an adapter for map_err")]
fn unanswered(error: reqwest::Error) -> Unanswered {
    let mut reason = error.to_string();
    let mut unreadable = false;
    let mut source = error.source();
    while let Some(inner) = source {
        reason = inner.to_string();
        unreadable |= is_about_what_came(inner);
        source = inner.source();
    }
    if unreadable && !error.is_connect() {
        Unanswered::NotHttp(format!("what came is no HTTP answer: {reason}"))
    } else if error.is_connect() {
        Unanswered::NoConnection(reason)
    } else {
        Unanswered::ConnectionLost(reason)
    }
}
