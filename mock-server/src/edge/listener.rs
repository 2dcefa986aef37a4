//! Accepting connections and speaking HTTP/1.1 or HTTP/2 on them, until told to stop.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::delivery::{Outbox, OutboxStream};
use super::tls::Tls;
use crate::limits::Limits;

/// How long open connections get to finish once the listener stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// What a caller that closes its side while it waits is taken to mean.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HalfClose {
    /// It has sent everything and reads on: its execution goes on and its answer is sent.
    Answered,
    /// It is gone, and nothing is done for it any longer.
    Hangup,
}

/// Why the HTTP layer answered by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unserved {
    /// What came is no HTTP.
    Malformed,
    /// The head is larger than any client needs.
    TooLarge,
}

impl Unserved {
    /// The errors that a head caused; others, time-outs of idle connections among them, are no request.
    fn of(error: &hyper::Error) -> Option<Self> {
        if error.is_parse_too_large() {
            Some(Self::TooLarge)
        } else if error.is_parse() {
            Some(Self::Malformed)
        } else {
            None
        }
    }
}

/// What connections are served with.
pub(crate) trait Service: Clone + Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data = bytes::Bytes, Error = Infallible> + Send + 'static;

    /// What a caller that closes its side while it waits is taken to mean.
    const HALF_CLOSE: HalfClose;

    /// Answers a request.
    fn answer(
        self,
        request: Request<Incoming>,
        outbox: Outbox,
    ) -> impl Future<Output = Response<Self::Body>> + Send + 'static;

    /// Takes note of what never became a request.
    fn note(&self, unserved: Unserved);
}

/// Where connections come in, and what they may cost.
#[derive(Debug)]
pub(crate) struct Door {
    /// Where they come in.
    pub(crate) listener: TcpListener,
    /// With which certificate.
    pub(crate) tls: Option<Tls>,
    /// Where each takes a place, in this order; without one it waits in the socket's queue.
    pub(crate) places: Vec<Arc<Semaphore>>,
    /// What each may cost.
    pub(crate) limits: Limits,
}

/// So many places.
pub(crate) fn places(number: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(number.min(Semaphore::MAX_PERMITS)))
}

/// Serves connections until `stop` turns true; then lets them finish.
pub(crate) async fn serve<S: Service>(
    Door {
        listener,
        tls,
        places,
        limits,
    }: Door,
    service: S,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, taken) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (service, watcher) = (service.clone(), graceful.watcher());
        match &tls {
            None => {
                // Boxed, because the task would otherwise hold room for it twice.
                let conversing = Box::pin(converse(stream, service, (watcher, limits)));
                tokio::spawn(async move {
                    conversing.await;
                    drop(taken);
                });
            }
            Some(tls) => {
                let shaking = tls.acceptor().accept(stream);
                let mut stop = stop.clone();
                tokio::spawn(async move {
                    let shaken = tokio::select! {
                        shaken = tokio::time::timeout(limits.head, shaking) => shaken,
                        _ = stop.wait_for(|stop| *stop) => return,
                    };
                    // A client that does not trust the certificate, or speaks no TLS, is no request.
                    if let Ok(Ok(stream)) = shaken {
                        Box::pin(converse(stream, service, (watcher, limits))).await;
                    }
                    drop(taken);
                });
            }
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
}

/// Answers the requests of one connection.
fn converse<S: Service, C: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: C,
    service: S,
    (watcher, limits): (Watcher, Limits),
) -> impl Future<Output = ()> + Send {
    let (outbox, noting) = (Outbox::default(), service.clone());
    let stream = OutboxStream::new(stream, outbox.clone(), limits.unread);
    let serving = service_fn(move |request| {
        // Boxed, because a connection holds room for its answer's whole state several times over.
        let answering = Box::pin(service.clone().answer(request, outbox.clone()));
        async move { Ok::<_, Infallible>(answering.await) }
    });
    let connection = builder(S::HALF_CLOSE, &limits)
        .serve_connection(stream, serving)
        .into_owned();
    let connection = watcher.watch(connection);
    async move {
        // A connection that breaks is its client's business.
        if let Err(error) = connection.await
            && let Some(unserved) = error.downcast_ref().and_then(Unserved::of)
        {
            noting.note(unserved);
        }
    }
}

async fn accept(listener: &TcpListener, places: &[Arc<Semaphore>]) -> (TcpStream, Vec<OwnedSemaphorePermit>) {
    let mut taken = Vec::with_capacity(places.len());
    for places in places {
        // Semaphores are never closed, so a place is always had in the end.
        taken.extend(places.clone().acquire_owned().await.ok());
    }
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return (stream, taken);
            }
            // Out of descriptors: give connections time to close.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

fn builder(half_close: HalfClose, limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .half_close(matches!(half_close, HalfClose::Answered))
        .auto_date_header(false)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .auto_date_header(false);
    builder
}
