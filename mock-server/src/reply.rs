//! Everything the server can answer, as a closed list, and the one way not to answer yet.
//!
//! No status codes and no JSON here: `edge::response` gives every reply its shape, from `Behaviour`.

use bytes::Bytes;
use serde_json::Value;

use crate::admission::Rejection;
use crate::ids::ExecutionId;
use crate::store::JournalKey;
use crate::timestamp::Timestamp;

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
}

/// An outcome together with the journal entry its answer belongs to.
#[derive(Debug)]
pub struct Handled {
    /// Reply or wait.
    pub outcome: Outcome,
    /// Where `App::record_answer` files what was finally sent.
    pub journal: JournalKey,
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
    /// A document of the executions API, and whether it shows an execution that is not complete (section 6).
    Document {
        /// The JSON to send.
        body: Value,
        /// True when it is an execution that has not ended.
        in_progress: bool,
    },
    /// Refused; the rejection names the gate and the reason.
    Refused(Rejection),
}

/// A synchronous answer as the Exit operator customised it (section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncAnswer {
    /// A valid HTTP status code.
    pub status: u16,
    /// Headers to add, in the order given; `Content-Type` is not among them.
    pub headers: Vec<(String, String)>,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// The body's bytes.
    pub body: Bytes,
}
