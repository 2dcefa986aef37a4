//! A response body that tells its connection's outbox when it is handed over.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::delivery::Outbox;
use crate::clock::Settlement;

/// Bytes to send, and whom to tell once they have left.
#[derive(Debug)]
pub(crate) struct TrackedBody {
    bytes: Option<Bytes>,
    tell: Option<(Outbox, Settlement)>,
}

impl TrackedBody {
    /// A body; an empty one is handed over with its head.
    pub(crate) fn new(bytes: Bytes, tell: Option<(Outbox, Settlement)>) -> Self {
        let bytes = (!bytes.is_empty()).then_some(bytes);
        let mut body = Self { bytes, tell };
        if body.bytes.is_none() {
            body.hand_over();
        }
        body
    }

    fn hand_over(&mut self) {
        if let Some((outbox, settlement)) = self.tell.take() {
            outbox.put(settlement);
        }
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = self.bytes.take().map(|bytes| Ok(Frame::data(bytes)));
        self.hand_over();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
