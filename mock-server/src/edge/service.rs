//! One request of a sandbox on its way through: read, handled, held if need be, answered.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;

use super::body::TrackedBody;
use super::delivery::Outbox;
use super::listener::{HalfClose, Service, Unserved};
use super::{request, response};
use crate::app::App;
use crate::clock::{Seat, Settlement};
use crate::journal::{AnswerNote, JournalKey};
use crate::reply::{Outcome, Reply};
use crate::sandbox::World;

/// What a sandbox's data listener serves.
#[derive(Clone, Debug)]
pub(crate) struct Data(pub(crate) Arc<World>);

impl Service for Data {
    type Body = TrackedBody;

    const HALF_CLOSE: HalfClose = HalfClose::Answered;

    fn answer(
        self,
        request: Request<Incoming>,
        outbox: Outbox,
    ) -> impl Future<Output = Response<TrackedBody>> + Send + 'static {
        answer(self.0, request, outbox)
    }

    fn note(&self, unserved: Unserved) {
        let reason = match unserved {
            Unserved::Malformed => "the head was malformed, or what came is no HTTP",
            Unserved::TooLarge => "the head, or the URI in it, was too large",
        };
        let (app, now) = (self.0.app(), self.0.clock.now());
        let key = app.record_headless(reason, now);
        app.record_answer(key, AnswerNote::Automatic, now);
        self.0.announce();
    }
}

fn answer(
    world: Arc<World>,
    request: Request<Incoming>,
    outbox: Outbox,
) -> impl Future<Output = Response<TrackedBody>> + Send + 'static {
    // A call is answered by the configuration under which it came, even if another one is served meanwhile.
    let serving = Serving {
        app: world.app(),
        world,
    };
    let limit = serving.app.behaviour().payload_limit();
    // Boxed and begun out here, so that a held call keeps neither its request nor the room that reading it took.
    let reading = Box::pin(request::read(request, limit));
    async move {
        let handled = match reading.await {
            Ok(inbound) => serving.app.handle(&inbound, serving.world.clock.now()),
            Err(unreadable) => return refuse_unreadable(&serving, &unreadable),
        };
        serving.world.count_request();
        match handled.outcome {
            Outcome::Reply(reply) => respond(&serving, &reply, handled.journal, None),
            Outcome::Wait(wait) => {
                let caller = HeldCaller::new(&serving, handled.journal);
                let (reply, seat) = hold(&serving, wait).await;
                respond(&serving, &reply, caller.stayed(), Some((outbox, seat.answering())))
            }
        }
    }
}

/// A sandbox and what it was serving when a request came.
#[derive(Debug)]
struct Serving {
    world: Arc<World>,
    app: Arc<App>,
}

/// The caller of a held call. Its connection drops the call when it notices that the caller has gone, and that is filed.
struct HeldCaller<'w> {
    serving: &'w Serving,
    /// The entry of its request, while nothing is filed about its answer.
    journal: JournalKey,
    here: Here,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Here {
    Waiting,
    Answered,
}

impl<'w> HeldCaller<'w> {
    fn new(serving: &'w Serving, journal: JournalKey) -> Self {
        Self {
            serving,
            journal,
            here: Here::Waiting,
        }
    }

    /// Its answer is there before it left.
    fn stayed(mut self) -> JournalKey {
        self.here = Here::Answered;
        self.journal
    }
}

impl Drop for HeldCaller<'_> {
    fn drop(&mut self) {
        if self.here == Here::Waiting {
            let Serving { world, app } = self.serving;
            app.record_answer(self.journal, AnswerNote::CallerGone, world.clock.now());
            world.announce();
        }
    }
}

fn respond(
    Serving { world, app }: &Serving,
    reply: &Reply,
    journal: JournalKey,
    tell: Option<(Outbox, Settlement)>,
) -> Response<TrackedBody> {
    let now = world.clock.now();
    let rendered = response::render(reply, app.behaviour(), now);
    let note = AnswerNote::Sent {
        status: rendered.status().as_u16(),
        bytes: rendered.body().len() as u64,
    };
    app.record_answer(journal, note, now);
    world.announce();
    rendered.map(|bytes| TrackedBody::new(bytes, tell))
}

/// Keeps a call until its execution is complete or its time is up; at shutdown its time is up at once.
async fn hold(Serving { world, app }: &Serving, mut wait: crate::reply::Wait) -> (Reply, Seat) {
    let mut seat = Seat::on(&world.clock);
    let mut closing = world.closing();
    loop {
        tokio::select! {
            () = seat.wait_until(wait.until) => {}
            _ = closing.wait_for(|closing| *closing) => {
                return (Reply::InProgress { execution: wait.call.execution }, seat);
            }
        }
        match app.resume(&wait.call, world.clock.now()) {
            Outcome::Reply(reply) => return (reply, seat),
            Outcome::Wait(again) => wait = again,
        }
    }
}

fn refuse_unreadable(Serving { world, app }: &Serving, unreadable: &request::Unreadable) -> Response<TrackedBody> {
    let now = world.clock.now();
    let key = app.record_unreadable(&unreadable.inbound, unreadable.reason, now);
    let status = StatusCode::BAD_REQUEST;
    app.record_answer(
        key,
        AnswerNote::Sent {
            status: status.as_u16(),
            bytes: 0,
        },
        now,
    );
    world.announce();
    let mut response = Response::new(TrackedBody::new(Bytes::new(), None));
    *response.status_mut() = status;
    response
}
