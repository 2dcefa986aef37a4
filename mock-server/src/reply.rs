//! Everything the server can answer, as a closed list, and the one way not to answer yet.
//!
//! No status codes and no JSON here: `edge::response` gives every reply its shape, from `Behaviour`.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::activity::ActivityPage;
use crate::execution::view::ExecutionView;
use crate::ids::ExecutionId;
use crate::journal::JournalKey;
use crate::journal::entry::Started;
use crate::rejection::Rejection;
use crate::timestamp::Timestamp;
use crate::tokens::GrantedToken;

/// What `App::handle` came to: an answer, or a time before which there is none.
#[derive(Debug)]
pub enum Outcome {
    /// Answer now.
    Reply(Reply),
    /// Hold the call: nothing changes before `until` unless somebody intervenes.
    Wait(Wait),
}

/// A synchronous call that has no answer yet.
#[derive(Clone, Debug)]
pub struct Wait {
    /// When to ask `App::resume` again.
    pub until: Timestamp,
    /// What to ask it about.
    pub call: HeldCall,
}

/// A synchronous call being held open.
#[derive(Clone, Debug)]
pub struct HeldCall {
    /// The execution whose output the caller waits for.
    pub execution: ExecutionId,
    /// When the caller gets the in-progress answer instead (contract section 4: 50 s after it called).
    pub gives_up_at: Timestamp,
    /// When it came.
    pub called_at: Timestamp,
    /// What it waits for.
    pub(crate) awaited: Awaited,
    /// The journal entry of the call.
    pub journal: JournalKey,
}

/// What a held caller gets in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The output.
    Output,
    /// The id.
    Id,
}

/// An outcome together with the journal entry its answer belongs to.
#[derive(Debug)]
pub struct Handled {
    /// Reply or wait.
    pub outcome: Outcome,
    /// Where `App::record_answer` files what was finally sent.
    pub journal: JournalKey,
    /// What it started.
    pub(crate) started: Started,
}

/// Every answer there is.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The plain Webhook URL took the event (section 4).
    WebhookAccepted,
    /// An asynchronous call started an execution, or its condition rejected the event and nobody may tell (section 4).
    Started {
        /// The id to poll.
        execution: ExecutionId,
    },
    /// A synchronous call's output, shaped by its Exit operator (section 5).
    Finished(SyncAnswer),
    /// A synchronous call outlived the time-out (section 4: 201).
    InProgress {
        /// The id to poll.
        execution: ExecutionId,
    },
    /// The server answers a preflight request itself.
    Preflight,
    /// One execution, complete or not (section 6).
    Execution(Box<ExecutionView>),
    /// A page of the activity log (section 4).
    Activity(Box<ActivityPage>),
    /// A bearer token (section 6).
    Token(Box<GrantedToken>),
    /// Refused; the rejection names the gate and the reason.
    Refused(Rejection),
}

/// A synchronous answer as the Exit operator customised it (section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncAnswer {
    /// A final HTTP status.
    pub status: u16,
    /// Headers to add, in the order given; `Content-Type` is not among them.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The value of `Content-Type`, where there is one.
    pub content_type: Option<HeaderValue>,
    /// The body's bytes.
    pub body: Bytes,
}

impl SyncAnswer {
    /// An answer that is a JSON value and nothing else.
    pub(crate) fn json(status: u16, content_type: &HeaderValue, value: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: Some(content_type.clone()),
            body: Bytes::from(value.to_string()),
        }
    }
}
