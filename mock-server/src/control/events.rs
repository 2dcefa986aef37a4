//! `GET /events`: what happens in a sandbox, as server-sent events.
//!
//! Nothing is copied for a reader: each is told from the sandbox's feed as fast as it reads, and one that falls too far behind is
//! cut off. Nothing looks around either: what time alone changes is told when somebody looks or moves the clock.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::Control;
use super::answer::{AnswerBody, ControlAnswer};
use super::asked::{Answered, Asked, bad};
use super::routes::sandbox;
use super::{faults, time};
use crate::app::Inspected;
use crate::sandbox::{Happening, Seen, World};

/// Streams that are open at once; each holds a connection.
pub(super) const MAX_READERS: usize = 64;
/// A comment that no reader takes for an event. It keeps what stands between from taking the stream for forgotten, and lets a
/// reader notice when the server is gone.
const STILL_HERE: &str = ": still here\n\n";
/// Happenings that are told in one piece.
const AT_ONCE: usize = 64;

pub(super) fn events(control: &Control, asked: &Asked<'_>) -> Answered {
    let sandbox = sandbox(control, asked)?;
    let world = sandbox.world.clone();
    let Ok(place) = control.readers().try_acquire_owned() else {
        let message = format!("{MAX_READERS} readers watch already; close one of them");
        return Err(ControlAnswer::error(503, message));
    };
    let seen = match asked.last_event_id.or(asked.query.get("after").map(String::as_str)) {
        None => None,
        Some(text) => Some(
            text.parse::<u64>()
                .map_err(|_| bad(format!("`{text}` is no event id")))?,
        ),
    };
    let reader = Reader {
        changes: world.feed.changes(),
        closing: world.closing(),
        last: seen.unwrap_or_else(|| world.feed.latest()),
        phase: Phase::Greeting(sandbox.id.clone()),
        world,
        _place: place,
    };
    let chunks = stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(chunk))), reader))
    });
    Ok(ControlAnswer::stream("text/event-stream", body(chunks)))
}

fn body(chunks: impl stream::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + 'static) -> AnswerBody {
    StreamBody::new(chunks).boxed_unsync()
}

/// Somebody who watches.
struct Reader {
    world: Arc<World>,
    changes: watch::Receiver<()>,
    closing: watch::Receiver<bool>,
    /// The number of the happening that was told last.
    last: u64,
    phase: Phase,
    _place: OwnedSemaphorePermit,
}

enum Phase {
    /// Nothing has been told yet; the name is the sandbox's.
    Greeting(String),
    /// It may have missed something while it was away.
    Returning,
    /// It is told everything.
    Following,
}

impl Reader {
    /// What to send next; nothing when the sandbox is gone, or the reader is too slow.
    async fn next(&mut self) -> Option<String> {
        if let Phase::Greeting(sandbox) = &self.phase {
            let mut state = time::state(&self.world);
            state["sandbox"] = json!(sandbox);
            let greeting = format!("retry: 1000\n{}", told(self.last, "hello", &state));
            self.phase = Phase::Returning;
            return Some(greeting);
        }
        loop {
            self.changes.mark_unchanged();
            match (self.world.feed.after(self.last, AT_ONCE), &self.phase) {
                (Seen::Next(happenings), _) if !happenings.is_empty() => {
                    self.phase = Phase::Following;
                    let chunk: String = happenings.iter().filter_map(|it| self.render(it)).collect();
                    self.last = happenings.last().map_or(self.last, |(number, _)| *number);
                    if !chunk.is_empty() {
                        return Some(chunk);
                    }
                    continue;
                }
                (Seen::Next(_), _) => self.phase = Phase::Following,
                (Seen::Lost(latest), Phase::Greeting(_) | Phase::Returning) => {
                    self.phase = Phase::Following;
                    self.last = latest;
                    return Some(told(
                        latest,
                        "missed",
                        &json!({ "why": "more happened than is remembered" }),
                    ));
                }
                (Seen::Lost(_), Phase::Following) => return None,
            }
            // The last thing that happens is told before the end.
            if *self.closing.borrow() {
                return None;
            }
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                // A sender that is gone means that the sandbox is.
                closing = self.closing.changed() => closing.ok()?,
                () = tokio::time::sleep(self.world.limits.silence) => return Some(STILL_HERE.to_owned()),
            }
        }
    }

    /// A happening as it is sent; nothing when what it refers to is forgotten.
    fn render(&self, (number, happening): &(u64, Happening)) -> Option<String> {
        let (app, now) = (self.world.app(), self.world.clock.now());
        let (name, data) = match happening {
            Happening::Request(key) => ("request", app.request_at(*key)?.to_summary()),
            Happening::Answer(key) => ("answer", app.request_at(*key)?.to_summary()),
            Happening::Execution(id) => match app.execution(*id, now) {
                Inspected::Known(execution) => ("execution", execution),
                Inspected::Unknown { .. } => return None,
            },
            Happening::Clock => ("clock", time::state(&self.world)),
            Happening::Faults => ("faults", json!({ "faults": faults::names(&app.faults()) })),
            Happening::Reset => ("reset", json!({})),
            Happening::SandboxMade(id) => ("sandbox-made", json!({ "id": id })),
            Happening::SandboxGone(id) => ("sandbox-gone", json!({ "id": id })),
        };
        Some(told(*number, name, &data))
    }
}

/// One event. JSON is written on one line, so it needs no more than one `data` field.
fn told(number: u64, name: &str, data: &Value) -> String {
    format!("id: {number}\nevent: {name}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::clock::Clock;
    use crate::config::{ClockMode, Config};
    use crate::ids::Seed;
    use crate::latency::{Delays, Latency};
    use crate::limits::Limits;
    use crate::retention::Budget;
    use crate::sandbox::Common;
    use crate::traces::Traces;

    async fn reader(last: u64) -> Reader {
        let app = App::new(Arc::new(Config::built_in(None)), Budget::DEFAULT);
        let world = Arc::new(World::new(
            (app, Delays::new(Latency::None, Seed::new(1))),
            Clock::new(ClockMode::Manual),
            ("watched", &Common::new(None, Limits::default(), Traces::default())),
        ));
        let places = Arc::new(tokio::sync::Semaphore::new(1));
        Reader {
            changes: world.feed.changes(),
            closing: world.closing(),
            last,
            phase: Phase::Greeting("default".to_owned()),
            world,
            _place: places.acquire_owned().await.expect("it is open"),
        }
    }

    #[tokio::test]
    async fn a_reader_is_greeted_and_told_what_happens() {
        let mut reader = reader(0).await;
        let greeting = reader.next().await.expect("a greeting");
        assert!(
            greeting.starts_with("retry: 1000\nid: 0\nevent: hello\ndata: {"),
            "{greeting}"
        );
        assert!(
            greeting.contains(r#""sandbox":"default""#) && greeting.ends_with("}\n\n"),
            "{greeting}"
        );
        reader.world.feed.tell(Happening::Reset);
        reader.world.feed.tell(Happening::SandboxMade("sandbox-1".into()));
        let told = reader.next().await.expect("two events");
        let expected = "id: 1\nevent: reset\ndata: {}\n\nid: 2\nevent: sandbox-made\ndata: {\"id\":\"sandbox-1\"}\n\n";
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn who_comes_back_in_time_misses_nothing_and_who_does_not_is_told_so() {
        let mut reader = reader(1).await;
        for _ in 0..3 {
            reader.world.feed.tell(Happening::Reset);
        }
        reader.next().await.expect("a greeting");
        let told = reader.next().await.expect("what came after the first");
        assert!(told.starts_with("id: 2\n") && told.contains("id: 3\n"), "{told}");
        let mut late = self::reader(99).await;
        late.next().await.expect("a greeting");
        let told = late.next().await.expect("that something is missing");
        assert!(told.starts_with("id: 0\nevent: missed\n"), "{told}");
    }

    #[tokio::test]
    async fn a_slow_reader_is_cut_off() {
        let mut reader = reader(0).await;
        reader.next().await.expect("a greeting");
        reader.world.feed.tell(Happening::Reset);
        reader.next().await.expect("the first event");
        for _ in 0..10_000 {
            reader.world.feed.tell(Happening::Reset);
        }
        assert_eq!(reader.next().await, None);
    }
}
