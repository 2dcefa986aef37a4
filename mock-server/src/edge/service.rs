//! One request of a sandbox on its way through: read, handled, held if need be, answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;

use super::body::TrackedBody;
use super::delivery::Outbox;
use super::listener::{HalfClose, Service, Unserved};
use super::{request, response};
use crate::app::App;
use crate::clock::{Clock, Seat, Settlement};
use crate::inbound::Inbound;
use crate::journal::entry::Started;
use crate::journal::{AnswerNote, Confidence, JournalKey, Sent};
use crate::meters::Counted;
use crate::reply::{Handled, Outcome, Reply};
use crate::sandbox::{Happening, World};
use crate::timestamp::Timestamp;
use crate::traces::Span;

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
        let span = self.0.traces.begin(&HeaderMap::new());
        let key = app.record_headless(reason, now);
        app.record_arrival(key, Clock::machine());
        let counted = app.record_answer(key, AnswerNote::Automatic, now);
        self.0.account((&app, &span), key, counted);
        self.0.feed.tell(Happening::Request(key));
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
        span: world.traces.begin(request.headers()),
        app: world.app(),
        world,
    };
    let reading = request::Reading {
        bounds: serving.app.in_force().behaviour().payload_bounds(),
        time: serving.world.limits.body,
        room: serving.world.room.clone(),
        turn: serving.world.limits.turn,
    };
    // Boxed and begun out here, so that a held call keeps neither its request nor the room that reading it took.
    let reading = Box::pin(request::read(request, reading));
    async move {
        let handled = match reading.await {
            Ok(inbound) => serving.app.handle(&inbound, serving.world.clock.now()),
            Err(unreadable) => return refuse_unreadable(&serving, &unreadable),
        };
        tell_of(&serving, (handled.journal, &handled.started));
        let delay = serving.world.delays.next();
        let (reply, mut seat) = match handled.outcome {
            Outcome::Reply(reply) if delay.is_zero() => return respond(&serving, &reply, handled.journal, None),
            Outcome::Reply(reply) => (reply, Seat::on(&serving.world.clock)),
            Outcome::Wait(wait) => {
                let Some(_place) = place_to_hold(&serving.world) else {
                    // One call too many to hold: its caller hears at once what it would hear in the end.
                    let reply = Reply::InProgress {
                        execution: wait.call.execution,
                    };
                    return respond(&serving, &reply, handled.journal, None);
                };
                let caller = HeldCaller::new(&serving, handled.journal);
                let held = hold(&serving, wait).await;
                caller.stayed();
                held
            }
        };
        let caller = HeldCaller::new(&serving, handled.journal);
        travel(&serving.world, &mut seat, delay).await;
        respond(&serving, &reply, caller.stayed(), Some((outbox, seat.answering())))
    }
}

/// A place for one more held call, if there is one in its sandbox and in all of them together.
fn place_to_hold(world: &World) -> Option<OwnedSemaphorePermit> {
    let has_place = world.clock.held() < world.limits.held;
    has_place
        .then(|| world.places_to_hold.clone().try_acquire_owned().ok())
        .flatten()
}

/// Handles a recorded request once more. No connection waits for the answer; it is in the journal.
pub(crate) fn replay(world: &Arc<World>, (original, inbound): (JournalKey, &Inbound)) -> JournalKey {
    let serving = Serving {
        app: world.app(),
        world: world.clone(),
        span: world.traces.begin(&inbound.headers),
    };
    let Handled {
        outcome,
        journal,
        started,
    } = serving.app.handle(inbound, world.clock.now());
    serving.app.record_replay(journal, original);
    tell_of(&serving, (journal, &started));
    match outcome {
        Outcome::Reply(reply) => drop(respond(&serving, &reply, journal, None)),
        Outcome::Wait(wait) => {
            tokio::spawn(async move {
                let (reply, seat) = hold(&serving, wait).await;
                drop(respond(&serving, &reply, journal, None));
                seat.answering().taken();
            });
        }
    }
    journal
}

/// Tells those who watch of a request and of what it started.
fn tell_of(serving: &Serving, (journal, started): (JournalKey, &Started)) {
    let world = &serving.world;
    serving.app.record_arrival(journal, Clock::machine());
    world.feed.tell(Happening::Request(journal));
    for execution in started.ids() {
        world.feed.tell(Happening::Execution(*execution));
    }
    world.announce();
}

/// A sandbox, what it was serving when a request came, and what is told of that request.
#[derive(Debug)]
struct Serving {
    world: Arc<World>,
    app: Arc<App>,
    span: Span,
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
            let Serving { world, app, span } = self.serving;
            let counted = app.record_answer(self.journal, AnswerNote::CallerGone, world.clock.now());
            world.account((app, span), self.journal, counted);
            world.feed.tell(Happening::Answer(self.journal));
            world.announce();
        }
    }
}

fn respond(
    Serving { world, app, span }: &Serving,
    reply: &Reply,
    journal: JournalKey,
    tell: Option<(Outbox, Settlement)>,
) -> Response<TrackedBody> {
    let now = world.clock.now();
    let in_force = app.in_force();
    let rendered = response::render(reply, in_force.behaviour(), now);
    let intended = in_force
        .intended()
        .map(|intended| response::render(reply, intended, now));
    if intended.is_some_and(|intended| !response::is_same(&rendered, &intended)) {
        app.blame_fault(journal);
    }
    let counted = record(app, (&rendered, journal), reply, now);
    world.account((app, span), journal, counted);
    world.feed.tell(Happening::Answer(journal));
    // What a held call was answered, and what was retrieved, shows where an execution stands.
    match reply {
        Reply::Execution(view) => world.feed.tell(Happening::Execution(view.id)),
        Reply::Finished(_) | Reply::InProgress { .. } | Reply::Refused(_) => {
            app.started_by(journal, |execution| world.feed.tell(Happening::Execution(execution)));
        }
        Reply::WebhookAccepted | Reply::Started { .. } | Reply::Preflight | Reply::Activity(_) | Reply::Token(_) => {}
    }
    world.announce();
    rendered.map(|bytes| TrackedBody::new(bytes, tell))
}

fn record(
    app: &App,
    (rendered, journal): (&Response<Bytes>, JournalKey),
    reply: &Reply,
    now: Timestamp,
) -> Option<Counted> {
    let sent = Sent {
        status: rendered.status().as_u16(),
        headers: rendered.headers(),
        body: rendered.body(),
        confidence: match reply {
            Reply::Token(_) => Confidence::Secret,
            Reply::WebhookAccepted
            | Reply::Started { .. }
            | Reply::Finished(_)
            | Reply::InProgress { .. }
            | Reply::Preflight
            | Reply::Execution(_)
            | Reply::Activity(_)
            | Reply::Refused(_) => Confidence::Open,
        },
    };
    app.record_sent(journal, &sent, now)
}

/// The answer's way to its caller takes its time, on the sandbox's clock; at shutdown it is there at once.
async fn travel(world: &World, seat: &mut Seat, delay: Duration) {
    if delay.is_zero() {
        return;
    }
    let (arrival, mut closing) = (world.clock.now() + delay, world.closing());
    while world.clock.now() < arrival {
        tokio::select! {
            () = seat.wait_until(arrival) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

/// Keeps a call until its execution is complete or its time is up; at shutdown its time is up at once.
async fn hold(Serving { world, app, span }: &Serving, mut wait: crate::reply::Wait) -> (Reply, Seat) {
    let _held = span.held();
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

fn refuse_unreadable(
    Serving { world, app, span }: &Serving,
    unreadable: &request::Unreadable,
) -> Response<TrackedBody> {
    let now = world.clock.now();
    let key = app.record_unreadable(&unreadable.inbound, unreadable.reason, now);
    app.record_arrival(key, Clock::machine());
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = match unreadable.why {
        request::Why::Broken => StatusCode::BAD_REQUEST,
        request::Why::TooSlow => StatusCode::REQUEST_TIMEOUT,
        request::Why::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
    };
    let sent = Sent {
        status: response.status().as_u16(),
        headers: response.headers(),
        body: response.body(),
        confidence: Confidence::Open,
    };
    let counted = app.record_sent(key, &sent, now);
    world.account((app, span), key, counted);
    world.feed.tell(Happening::Request(key));
    world.announce();
    response.map(|bytes| TrackedBody::new(bytes, None))
}
