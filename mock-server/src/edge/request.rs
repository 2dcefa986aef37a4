//! From hyper's request to our own, its body read no further than the payload limit.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Request;
use http::header::EXPECT;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::room::{NoRoom, Room};
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
    /// What the caller is told.
    pub(crate) why: Why,
    /// Why it is none.
    pub(crate) reason: &'static str,
}

/// What is told a caller whose request is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is malformed.
    Broken,
    /// It took too long.
    TooSlow,
    /// Others took all the room there is, for too long.
    NoRoom,
}

/// Under which bounds a body is read.
#[derive(Debug)]
pub(crate) struct Reading {
    /// How much of it.
    pub(crate) bounds: Bounds,
    /// How long it may take to arrive, in real time.
    pub(crate) time: Duration,
    /// Room for those that are not small.
    pub(crate) room: Arc<Room>,
    /// How long it may wait for that, in real time.
    pub(crate) turn: Duration,
}

/// Whether a body comes by itself.
#[derive(Clone, Copy, Debug)]
enum Coming {
    /// It is on its way.
    ByItself,
    /// Its caller waits to be asked for it (`Expect: 100-continue`), which happens when somebody begins to read.
    OnRequest,
}

/// Why a body could not be read.
#[derive(Debug)]
enum Unread {
    Broken,
    TooSlow,
    NoRoom,
}

/// Reads a request, its body as far as the bounds allow.
pub(crate) async fn read(request: Request<Incoming>, reading: Reading) -> Result<Inbound, Box<Unreadable>> {
    let (head, body) = request.into_parts();
    let mut inbound = Inbound {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body: Body::Complete(Bytes::new()),
    };
    let coming = match inbound.headers.contains_key(EXPECT) {
        true => Coming::OnRequest,
        false => Coming::ByItself,
    };
    let (why, reason) = match read_in_room((body, coming), &reading).await {
        Ok(body) => {
            inbound.body = body;
            return Ok(inbound);
        }
        Err(Unread::Broken) => (
            Why::Broken,
            "the body ended before its declared length, or was malformed",
        ),
        Err(Unread::TooSlow) => (Why::TooSlow, "the body took too long to arrive"),
        Err(Unread::NoRoom) => (
            Why::NoRoom,
            "there was no room to read the body, as large bodies of other requests were being read",
        ),
    };
    Err(Box::new(Unreadable { inbound, why, reason }))
}

/// Waits for room first, so that bodies that are being read have a bound together as well as each by itself.
async fn read_in_room((body, coming): (Incoming, Coming), reading: &Reading) -> Result<Body, Unread> {
    let limit = reading.bounds.declared.max(reading.bounds.chunked);
    let declared = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    let most = declared.unwrap_or(limit).min(limit);
    let _place = match reading.room.take(most, reading.turn).await {
        Ok(place) => place,
        Err(NoRoom) => {
            refuse(body, coming);
            return Err(Unread::NoRoom);
        }
    };
    match tokio::time::timeout(reading.time, read_body((body, coming), reading.bounds)).await {
        Ok(read) => read.map_err(|_| Unread::Broken),
        Err(_) => Err(Unread::TooSlow),
    }
}

async fn read_body((mut body, coming): (Incoming, Coming), bounds: Bounds) -> Result<Body, hyper::Error> {
    let declared = body.size_hint().exact();
    let limit = declared.map_or(bounds.chunked, |_| bounds.declared);
    if let Some(length) = declared.filter(|length| *length > limit as u64) {
        refuse(body, coming);
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

/// Nobody wants a body that has not begun. Who waits to be asked for it is not asked.
fn refuse(body: Incoming, coming: Coming) {
    match coming {
        Coming::ByItself => drain(body),
        Coming::OnRequest => drop(body),
    }
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
