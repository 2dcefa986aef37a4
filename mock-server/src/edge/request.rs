//! From hyper's request to our own, its body read no further than the payload limit.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use crate::behaviour::admission::Bounds;
use crate::inbound::{Body, Inbound};

/// How much of a refused body is still read, so that closing the connection does not destroy the refusal.
const DRAINED_BYTES: usize = 8 << 20;
/// How long, in real time, that may take.
const DRAINED_FOR: Duration = Duration::from_secs(1);

/// Why a request is none.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// What could be read of it.
    pub(crate) inbound: Inbound,
    /// Why it is none.
    pub(crate) reason: &'static str,
}

/// Reads a request, its body as far as the bounds allow.
pub(crate) async fn read(request: Request<Incoming>, bounds: Bounds) -> Result<Inbound, Box<Unreadable>> {
    let (head, body) = request.into_parts();
    let mut inbound = Inbound {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body: Body::Complete(Bytes::new()),
    };
    match read_body(body, bounds).await {
        Ok(body) => {
            inbound.body = body;
            Ok(inbound)
        }
        Err(_) => Err(Box::new(Unreadable {
            inbound,
            reason: "the body ended before its declared length, or was malformed",
        })),
    }
}

async fn read_body(mut body: Incoming, bounds: Bounds) -> Result<Body, hyper::Error> {
    let declared = body.size_hint().exact();
    let limit = declared.map_or(bounds.chunked, |_| bounds.declared);
    if let Some(length) = declared.filter(|length| *length > limit as u64) {
        drain(body);
        return Ok(Body::OverLimit { declared: Some(length) });
    }
    let mut first: Option<Bytes> = None;
    let mut more: Option<BytesMut> = None;
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        size += data.len();
        if size > limit {
            drain(body);
            return Ok(Body::OverLimit { declared: None });
        }
        match (&mut first, &mut more) {
            (None, _) => first = Some(data),
            (Some(_), Some(more)) => more.extend_from_slice(&data),
            (Some(first), None) => {
                // Most bodies come in one piece and are never copied.
                let mut joined =
                    BytesMut::with_capacity(declared.map_or(size, |length| usize::try_from(length).unwrap_or(size)));
                joined.extend_from_slice(first);
                joined.extend_from_slice(&data);
                more = Some(joined);
            }
        }
    }
    let bytes = more.map(BytesMut::freeze).or(first).unwrap_or_default();
    Ok(Body::Complete(bytes))
}

/// Reads on and throws away, beside the answer: a socket closed over unread data is reset, and the answer with it.
fn drain(mut body: Incoming) {
    tokio::spawn(async move {
        let reading = async {
            let mut drained = 0;
            while drained < DRAINED_BYTES {
                match body.frame().await {
                    Some(Ok(frame)) => drained += frame.data_ref().map_or(0, Bytes::len),
                    Some(Err(_)) | None => break,
                }
            }
        };
        let _ = tokio::time::timeout(DRAINED_FOR, reading).await;
    });
}
