//! A connection's stream, which knows whose answers have left it.
//!
//! Passes bytes on as they are. hyper flushes a stream once all it has buffered is written, so an answer that was
//! buffered before a flush that succeeds is with the caller's operating system after it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;

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
    /// How long what is written may go unread.
    patience: Duration,
    /// Runs while the other side takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> OutboxStream<S> {
    pub(super) fn new(stream: S, outbox: Outbox, patience: Duration) -> Self {
        Self {
            stream: TokioIo::new(stream),
            outbox,
            patience,
            stalled: None,
        }
    }

    /// What writing came to, or that the other side has taken nothing for too long: its answers fill our memory.
    fn within_patience<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
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
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within_patience(written, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if let Poll::Ready(Ok(())) = flushed {
            self.outbox.sent();
        }
        self.within_patience(flushed, cx)
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
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.within_patience(written, cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::AsyncReadExt as _;

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(100);

    async fn write(stream: &mut OutboxStream<tokio::io::DuplexStream>) -> io::Result<usize> {
        poll_fn(|cx| Pin::new(&mut *stream).poll_write(cx, &[0; 64])).await
    }

    #[tokio::test]
    async fn whoever_reads_nothing_for_too_long_is_given_up() {
        let (ours, _theirs) = tokio::io::duplex(64);
        let mut stream = OutboxStream::new(ours, Outbox::default(), PATIENCE);
        assert_eq!(write(&mut stream).await.ok(), Some(64));
        let error = write(&mut stream).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whoever_reads_slowly_is_waited_for() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let mut stream = OutboxStream::new(ours, Outbox::default(), PATIENCE);
        let reading = tokio::spawn(async move {
            // Each byte comes in time; all of them together would not.
            let mut pace = tokio::time::interval(PATIENCE / 5);
            for _ in 0..20 {
                pace.tick().await;
                theirs.read_u8().await?;
            }
            Ok::<_, io::Error>(theirs)
        });
        let mut written = write(&mut stream).await.expect("there is room");
        while written < 80 {
            written += write(&mut stream).await.expect("somebody reads");
        }
        assert!(reading.await.expect("it ends").is_ok());
    }
}
