//! Sending a prepared request: by an ordinary client or by our own writer, with one kind of result.
//!
//! The only file that knows reqwest.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustls_platform_verifier::BuilderVerifierExt;
use thiserror::Error;

use super::request::{Carrier, Prepared};
use super::wire::{Arrived, Wire};
use crate::attempt::{Answer, Payload, RequestWritten, Unanswered};
use crate::spec::model::{AfterWriting, Framing};

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends requests.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    wire: Wire,
}

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client")]
    Http(#[source] reqwest::Error),
}

impl Client {
    /// A client that does nothing by itself: no redirects, no retries, no proxy, no decompression.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, ClientError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // Another part of the process may have chosen the same provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(ClientError::Http)?;
        // The roots this machine trusts, as the other client does.
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(ClientError::Tls)?
            .with_no_client_auth();
        Ok(Self {
            http,
            wire: Wire::new(Arc::new(tls), CONNECT_TIMEOUT),
        })
    }

    /// The ordinary client, for control surfaces.
    #[must_use]
    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Opens a connection and closes it again; tells how long a round trip took.
    ///
    /// # Errors
    /// Why there is no connection: its name, its certificate, or nobody listens.
    pub async fn reach(&self, url: &str) -> Result<Duration, String> {
        match self.wire.reach(url).await {
            Ok(round_trip) => Ok(round_trip),
            Err(
                Unanswered::NoConnection(reason) | Unanswered::ConnectionLost(reason) | Unanswered::NotHttp(reason),
            ) => Err(reason),
            Err(Unanswered::OutOfPatience) => Err(format!("no connection within {} s", CONNECT_TIMEOUT.as_secs())),
        }
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn send(&self, prepared: &Prepared) -> Result<Arrived, Unanswered> {
        match (prepared.carrier, prepared.framing) {
            (Carrier::Wire, _) | (_, Framing::Chunked) => self.wire.send(prepared).await,
            (Carrier::Client, Framing::Declared) => self.send_by_client(prepared).await,
        }
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn send_raw(&self, url: &str, bytes: Bytes, after: AfterWriting) -> Result<Arrived, Unanswered> {
        self.wire.send_raw(url, bytes, after).await
    }

    async fn send_by_client(&self, prepared: &Prepared) -> Result<Arrived, Unanswered> {
        let Ok(method) = reqwest::Method::from_bytes(prepared.method.as_bytes()) else {
            return self.wire.send(prepared).await;
        };
        let mut request = self.http.request(method, &prepared.url);
        for (name, value) in &prepared.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &prepared.body {
            request = request.body(body.clone());
        }
        let written = Instant::now();
        let response = request.send().await.map_err(unanswered)?;
        let first_byte = Instant::now();
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
        let body = response.bytes().await.map_err(unanswered)?;
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

#[expect(clippy::needless_pass_by_value, reason = "an adapter for map_err")]
fn unanswered(error: reqwest::Error) -> Unanswered {
    let mut reason = error.to_string();
    let mut unreadable = false;
    let mut source = error.source();
    while let Some(inner) = source {
        reason = inner.to_string();
        unreadable |= inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse);
        source = inner.source();
    }
    if unreadable {
        Unanswered::NotHttp(format!("what came is no HTTP answer: {reason}"))
    } else if error.is_connect() {
        Unanswered::NoConnection(reason)
    } else {
        Unanswered::ConnectionLost(reason)
    }
}
