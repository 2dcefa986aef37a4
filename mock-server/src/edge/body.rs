//! A response body that tells when its connection has taken it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::clock::Settlement;

/// Bytes to send, and whom to tell.
#[derive(Debug)]
pub(crate) struct TrackedBody {
    bytes: Option<Bytes>,
    settlement: Option<Settlement>,
}

impl TrackedBody {
    /// A body; an empty one counts as taken when its head is.
    pub(crate) fn new(bytes: Bytes, settlement: Option<Settlement>) -> Self {
        let bytes = (!bytes.is_empty()).then_some(bytes);
        Self { bytes, settlement }
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
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        if self.bytes.is_none()
            && let Some(settlement) = &mut self.settlement
        {
            settlement.taken();
        }
    }
}
