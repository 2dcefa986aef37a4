//! One request on its way through: read, handled, held if need be, answered.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;

use super::body::TrackedBody;
use super::delivery::Outbox;
use super::{request, response};
use crate::clock::Seat;
use crate::journal::AnswerNote;
use crate::reply::{Handled, Outcome, Reply};
use crate::sandbox::World;

/// Answers one request of a sandbox's data listener.
pub(crate) async fn answer(world: Arc<World>, request: Request<Incoming>, outbox: Outbox) -> Response<TrackedBody> {
    let limit = world.app.behaviour().payload_limit();
    let inbound = match request::read(request, limit).await {
        Ok(inbound) => inbound,
        Err(unreadable) => return refuse_unreadable(&world, &unreadable),
    };
    let Handled { outcome, journal } = world.app.handle(&inbound, world.clock.now());
    drop(inbound);
    world.count_request();
    let (reply, tell) = match outcome {
        Outcome::Reply(reply) => (reply, None),
        Outcome::Wait(wait) => {
            let (reply, seat) = hold(&world, wait).await;
            (reply, Some((outbox, seat.answering())))
        }
    };
    let now = world.clock.now();
    let rendered = response::render(&reply, world.app.behaviour(), now);
    let note = AnswerNote::Sent {
        status: rendered.status().as_u16(),
        bytes: rendered.body().len() as u64,
    };
    world.app.record_answer(journal, note, now);
    world.announce();
    rendered.map(|bytes| TrackedBody::new(bytes, tell))
}

/// Keeps a call until its execution is complete or its time is up; at shutdown its time is up at once.
async fn hold(world: &World, mut wait: crate::reply::Wait) -> (Reply, Seat) {
    let mut seat = Seat::on(&world.clock);
    let mut closing = world.closing();
    loop {
        tokio::select! {
            () = seat.wait_until(wait.until) => {}
            _ = closing.wait_for(|closing| *closing) => {
                return (Reply::InProgress { execution: wait.call.execution }, seat);
            }
        }
        match world.app.resume(&wait.call, world.clock.now()) {
            Outcome::Reply(reply) => return (reply, seat),
            Outcome::Wait(again) => wait = again,
        }
    }
}

fn refuse_unreadable(world: &World, unreadable: &request::Unreadable) -> Response<TrackedBody> {
    let now = world.clock.now();
    let key = world.app.record_unreadable(&unreadable.inbound, unreadable.reason, now);
    let status = StatusCode::BAD_REQUEST;
    world.app.record_answer(
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
