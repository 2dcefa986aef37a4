//! A connection's stream, which knows whose answers have left it.
//!
//! Passes bytes on as they are. hyper flushes a stream once all it has buffered is written, so an answer that was
//! buffered before a flush that succeeds is with the caller's operating system after it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::clock::Settlement;

/// The answers of one connection that are on their way out. What is left when the connection ends was never taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox(Arc<Mutex<Vec<Settlement>>>);

impl Outbox {
    /// An answer is being handed to the connection.
    pub(super) fn put(&self, settlement: Settlement) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(settlement);
    }

    /// Everything handed over so far has left.
    fn sent(&self) {
        let sent = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for mut settlement in sent {
            settlement.taken();
        }
    }
}

/// A stream that empties its outbox when it is flushed.
#[derive(Debug)]
pub(super) struct OutboxStream<S> {
    stream: TokioIo<S>,
    outbox: Outbox,
}

impl<S> OutboxStream<S> {
    pub(super) fn new(stream: S, outbox: Outbox) -> Self {
        Self {
            stream: TokioIo::new(stream),
            outbox,
        }
    }
}

impl<S: AsyncRead + Unpin> Read for OutboxStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> Write for OutboxStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if let Poll::Ready(Ok(())) = flushed {
            self.outbox.sent();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}
