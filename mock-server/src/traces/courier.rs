//! Who carries exports to the collector: an HTTP client on the server's runtime.
//!
//! Sends what it is given, once, and keeps nothing; what is in it and when it goes is the exporter's business.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError, ResponseBodyTooLarge};
use tokio::runtime::Handle;

/// The largest answer that is read; a collector's says nothing, or what it left out.
const MAX_ANSWER: usize = 1 << 20;

/// A client, and the runtime it runs on: the exporter works on a thread that has none.
#[derive(Debug)]
pub(super) struct Courier {
    client: reqwest::Client,
    runtime: Handle,
}

impl Courier {
    /// A client that follows nobody elsewhere and gives up after a while.
    pub(super) fn new(timeout: Duration, runtime: Handle) -> reqwest::Result<Self> {
        // Another part of the process may have chosen the same provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .build()?;
        Ok(Self { client, runtime })
    }
}

#[async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(send(client, request)).await?
    }
}

async fn send(client: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let mut answer = client.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(ResponseBodyTooLarge::new().into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::new(body.freeze());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
