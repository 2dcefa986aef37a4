//! What a step can do: the requests, bursts, polls and waits of the case language.
//!
//! Describes only; `run` turns it into bytes.

use located_yaml::Location;

use super::{Expectation, Template, Text};
use crate::expression::Expression;

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// One request (`trigger`, `retrieve` or `request`).
    Send(Box<Send>, Background),
    /// Bytes written to the socket as they are.
    Raw(RawBytes, Background),
    /// Many requests at once.
    Burst(Box<Burst>),
    /// One request again and again until its answer satisfies.
    Poll(Box<Poll>),
    /// Time passes: a duration.
    Elapse(Expression),
    /// The answer of a background step.
    Await {
        /// The background step's label.
        label: String,
        /// What is expected of it.
        expected: Awaited,
    },
}

/// What `await` expects of a background call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Its answer; waits for it.
    Answer,
    /// That it has not been answered yet (`still_open: true`).
    StillOpen,
}

/// Whether a request's answer is awaited at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Background {
    /// The step waits for the answer.
    No,
    /// The step returns once the request is on its way; `await` collects the answer by this label.
    Label(String),
}

/// One request.
#[derive(Clone, Debug)]
pub struct Send {
    /// Where it goes.
    pub to: Destination,
    /// The method, any token.
    pub method: Text,
    /// Appended to the path as it is.
    pub path_suffix: Option<Text>,
    /// Query parameters in order.
    pub query: Vec<(Text, Text)>,
    /// Headers in order, on top of (or instead of) what the request implies.
    pub headers: Vec<HeaderLine>,
    /// The body.
    pub body: Body,
    /// Instead of the content type the body implies.
    pub content_type: ContentType,
    /// The integration's authentication headers.
    pub secret: SecretUse,
    /// The integration's HMAC signature.
    pub signature: SignatureUse,
    /// The bearer token.
    pub token: Token,
    /// HTTP Basic credentials.
    pub basic: Option<Basic>,
    /// Where the action is written.
    pub at: Location,
}

/// Which `Content-Type` a request carries.
#[derive(Clone, Debug)]
pub enum ContentType {
    /// The one its body implies.
    Implied,
    /// None at all.
    Absent,
    /// This one.
    Given(Text),
}

/// Where a request goes.
#[derive(Clone, Debug)]
pub enum Destination {
    /// A webhook URL.
    Trigger {
        /// Which of the three.
        mode: Mode,
        /// The integration in the path.
        integration: IdRef,
        /// The workflow in the path; always present unless the mode is `webhook`.
        workflow: Option<WorkflowRef>,
        /// The integration fixture whose secret and signature are used; absent when none is meant.
        credentials: Option<String>,
    },
    /// `GET /public/v1alpha/executions/{id}`.
    Execution {
        /// The id as it goes into the path.
        id: Text,
        /// The workspace whose client asks.
        workspace: String,
    },
    /// Any path.
    Path {
        /// Which host.
        surface: SurfaceName,
        /// The path as it is, starting with a slash.
        path: Text,
        /// The workspace whose client asks, when a token is used.
        workspace: String,
    },
}

/// The three trigger URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `/v1/webhooks/{integration}`.
    Webhook,
    /// `…/workflows/{workflow}`.
    Async,
    /// `…/workflows/{workflow}/sync`.
    Sync,
}

/// An id in a path.
#[derive(Clone, Debug)]
pub enum IdRef {
    /// The real id of a fixture.
    Fixture(String),
    /// This text, whatever it is.
    Given(Text),
}

/// A workflow in a path.
#[derive(Clone, Debug)]
pub enum WorkflowRef {
    /// A fixture's id in its own workspace, or in one it is shared into.
    Fixture {
        /// The fixture's name.
        name: String,
        /// The workspace it is shared into (`in:`).
        shared_into: Option<String>,
    },
    /// This text, whatever it is.
    Given(Text),
}

/// The three hosts of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SurfaceName {
    /// Trigger URLs.
    Hooks,
    /// The public API.
    Api,
    /// The token endpoint.
    Auth,
}

/// A header to send.
#[derive(Clone, Debug)]
pub struct HeaderLine {
    /// Its name, letter case as written.
    pub name: String,
    /// Its values, one line each; none: the header is not sent even if the request implies it.
    pub values: Vec<Text>,
}

/// A request body.
#[derive(Clone, Debug)]
pub enum Body {
    /// No body at all.
    None,
    /// A body of zero bytes.
    Empty,
    /// A JSON document (`application/json`).
    Json(Template),
    /// A form (`application/x-www-form-urlencoded`): pairs in order.
    Form(Vec<(Text, Text)>),
    /// XML text (`application/xml`).
    Xml(Text),
    /// Any text (`text/plain`).
    Text(Text),
    /// A JSON object padded to an exact size (`application/json`).
    Generated {
        /// The size in bytes.
        bytes: Expression,
        /// How its length is told.
        framing: Framing,
        /// Keys the object carries besides the padding.
        event: Option<Template>,
    },
}

/// How a body's length is told to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By `Content-Length`.
    Declared,
    /// By chunked transfer coding.
    Chunked,
}

/// Which authentication secret a trigger sends.
#[derive(Clone, Debug)]
pub enum SecretUse {
    /// The right one, under the right name.
    Right,
    /// No authentication header.
    Missing,
    /// A named way to be wrong.
    Wrong(WrongSecret),
    /// This text under the right name.
    Value(Text),
}

/// Ways to send a wrong secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongSecret {
    /// Another secret of the same length and alphabet.
    Swapped,
    /// The right one with the letter case of its letters inverted.
    CaseFolded,
    /// All but its last character.
    Prefix,
    /// The right one and one more character.
    Suffix,
    /// The empty text.
    Empty,
    /// The right one under another header name.
    Misnamed,
}

/// Which signature a trigger sends.
#[derive(Clone, Debug)]
pub enum SignatureUse {
    /// The right one.
    Right,
    /// No signature header.
    Missing,
    /// A named way to be wrong.
    Wrong(WrongSignature),
    /// This text under the right name.
    Value(Text),
}

/// Ways to sign wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongSignature {
    /// Signed with another secret.
    OtherSecret,
    /// Signed over the body written again with other white space.
    ReserialisedBody,
    /// Half of the right value.
    Truncated,
    /// Without the configured prefix (or with one where none is configured).
    NoPrefix,
    /// Another digest of the same family.
    OtherDigest,
    /// The other encoding: base64 for hex, hex for base64.
    OtherEncoding,
    /// Signed over no bytes at all.
    OfEmptyBody,
    /// The empty text.
    Empty,
}

/// Which bearer token a request sends.
#[derive(Clone, Debug)]
pub enum Token {
    /// None.
    None,
    /// One the token endpoint gives to the workspace's first client.
    Right,
    /// One that was never given out.
    Invalid,
    /// One that has expired: needs a manual clock to get there.
    Expired,
    /// One given to this client of the workspace.
    Client(String),
    /// This text.
    Value(Text),
}

/// HTTP Basic credentials.
#[derive(Clone, Debug)]
pub enum Basic {
    /// Those of a client of the destination's workspace.
    Client(String),
    /// These.
    Given {
        /// User part.
        id: Text,
        /// Password part.
        secret: Text,
    },
}

/// Bytes for the socket.
#[derive(Clone, Debug)]
pub struct RawBytes {
    /// Which host.
    pub surface: SurfaceName,
    /// What is written.
    pub bytes: Text,
    /// Whether the write side is closed afterwards.
    pub after: AfterWriting,
    /// Where the action is written.
    pub at: Location,
}

/// What happens to the write side after raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterWriting {
    /// It stays open.
    KeepOpen,
    /// It is shut down (`half_close: true`).
    HalfClose,
}

/// Many requests in a short time.
#[derive(Clone, Debug)]
pub struct Burst {
    /// How many.
    pub count: Expression,
    /// The time they are meant to fit in, a duration.
    pub within: Expression,
    /// How many at once. Absent: all.
    pub concurrency: Option<Expression>,
    /// What is sent each time.
    pub request: Send,
}

/// One request repeated until its answer satisfies.
#[derive(Clone, Debug)]
pub struct Poll {
    /// What is sent each time.
    pub request: Send,
    /// The pause between two attempts, a duration.
    pub every: Expression,
    /// The pause grows by this factor each time; 1 when absent.
    pub back_off: f64,
    /// Satisfied when this holds.
    pub until: Expectation,
    /// Hopeless when this holds: the poll ends at once and fails.
    pub stop_when: Option<Expectation>,
    /// How long in all, a duration on the target's clock.
    pub budget: Expression,
}
