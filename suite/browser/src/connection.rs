//! The DevTools protocol over two pipes: commands and their answers, and what happens in between.
//!
//! Knows the envelope only; what the commands mean is for those who send them.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::Error;
use crate::seen::Seen;

/// How long the browser may take for anything, on a machine with better things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A connection; closing it ends the browser.
#[derive(Debug)]
pub(crate) struct Connection {
    writer: Mutex<PipeWriter>,
    next: AtomicU64,
    shared: Arc<Shared>,
}

/// What the thread that reads and those who ask have in common.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Who waits for which answer.
    waiting: HashMap<u64, Sender<Json>>,
    /// Who hears what happens in which session.
    sessions: HashMap<String, Arc<Seen>>,
    /// Set when the browser is gone.
    gone: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half-done under this lock, so what a panic elsewhere left is as good as ever.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Over the pipe the browser listens to and the one it speaks on.
    pub(crate) fn new(writer: PipeWriter, reader: PipeReader) -> Self {
        let shared = Arc::new(Shared::default());
        let hears = Arc::clone(&shared);
        thread::spawn(move || hears.read(reader));
        Self {
            writer: Mutex::new(writer),
            next: AtomicU64::new(1),
            shared,
        }
    }

    /// Lets `seen` hear what happens in a session.
    pub(crate) fn listen(&self, session: &str, seen: Arc<Seen>) {
        self.shared.state().sessions.insert(session.to_owned(), seen);
    }

    /// Asks the browser itself.
    pub(crate) fn ask(&self, method: &str, parameters: Json) -> Result<Json, Error> {
        self.send(method, Map::from_iter([("params".to_owned(), parameters)]))
    }

    /// Asks about one page.
    pub(crate) fn ask_in(&self, session: &str, method: &str, parameters: Json) -> Result<Json, Error> {
        let session = Json::from(session);
        let message = [("params".to_owned(), parameters), ("sessionId".to_owned(), session)];
        self.send(method, Map::from_iter(message))
    }

    fn send(&self, method: &str, mut message: Map<String, Json>) -> Result<Json, Error> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        message.insert("id".to_owned(), Json::from(id));
        message.insert("method".to_owned(), Json::from(method));
        let (answer, answered) = channel();
        {
            let mut state = self.shared.state();
            if state.gone {
                return Err(Error::Gone(format!("{method} cannot be asked")));
            }
            state.waiting.insert(id, answer);
        }
        let mut bytes = Json::Object(message).to_string().into_bytes();
        bytes.push(0);
        let written = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write_all(&bytes);
        written.map_err(|error| Error::Gone(format!("{method} cannot be asked: {error}")))?;
        let answer = answered.recv_timeout(PATIENCE).map_err(|error| match error {
            RecvTimeoutError::Timeout => Error::Late {
                method: method.to_owned(),
                seconds: PATIENCE.as_secs(),
            },
            RecvTimeoutError::Disconnected => Error::Gone(format!("it ended before it answered {method}")),
        })?;
        match &answer["error"] {
            Json::Null => Ok(answer["result"].clone()),
            error => Err(Error::Refused {
                method: method.to_owned(),
                why: error["message"].as_str().unwrap_or("it does not say why").to_owned(),
            }),
        }
    }
}

impl Shared {
    /// Passes on everything the browser says, until it ends.
    fn read(&self, reader: PipeReader) {
        for message in BufReader::new(reader).split(0) {
            let Ok(message) = message else { break };
            let Ok(message) = serde_json::from_slice::<Json>(&message) else {
                break;
            };
            let mut state = self.state();
            if let Some(id) = message["id"].as_u64() {
                if let Some(waiting) = state.waiting.remove(&id) {
                    // Nobody waits any more when it came too late.
                    drop(waiting.send(message));
                }
            } else if let (Some(session), Some(event)) = (message["sessionId"].as_str(), message["method"].as_str())
                && let Some(seen) = state.sessions.get(session)
            {
                seen.note(event, &message["params"]);
            }
        }
        let mut state = self.state();
        state.gone = true;
        // Whoever waits hears it by their channel's end.
        state.waiting.clear();
        for seen in state.sessions.values() {
            seen.note("gone", &Json::Null);
        }
    }
}
