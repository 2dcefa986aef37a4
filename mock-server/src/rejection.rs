//! Every way to be refused, and what the journal is told about it.
//!
//! No statuses and no phrases: `edge::response` takes them from `Behaviour`.

use std::borrow::Cow;
use std::time::Duration;

use crate::gate::Gate;
use crate::mistakes::is_known;

/// A refusal: a result of normal work, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Who refused.
    pub gate: Gate,
    /// What the caller is told.
    pub refusal: Refusal,
    /// Why, in words; for the journal, as it may say more than a caller should know.
    pub reason: Cow<'static, str>,
    /// What would have been accepted and what came, where that helps. Secrets are not among it.
    pub comparison: Option<Box<Comparison>>,
    /// Which mistake explains it, where one is found. Secrets are not in it either.
    pub advice: Option<Box<Advice>>,
}

/// What a caller did wrong, and how to do better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The mistakes by name, for programs.
    pub mistakes: Vec<&'static str>,
    /// How to do better, for people.
    pub hint: String,
}

/// What would have been accepted, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What would have been accepted.
    pub expected: String,
    /// What came.
    pub received: String,
}

/// What a refused caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No endpoint has this path.
    UnknownPath,
    /// The endpoint does not take this method.
    MethodNotAllowed {
        /// The methods it takes, as `Allow` lists them.
        allow: Box<str>,
    },
    /// The integration id is not a UUID.
    InvalidIntegrationId,
    /// There is no such integration.
    IntegrationNotFound,
    /// The workflow id is not a UUID.
    InvalidWorkflowId,
    /// Another integration triggers the workflow.
    UnboundWorkflow,
    /// There is no such workflow, or none that can run.
    WorkflowNotFound,
    /// The authentication header is missing, misnamed or wrong.
    InvalidHeader,
    /// The signature is missing or wrong.
    InvalidSignature,
    /// The body is over the limit.
    PayloadTooLarge,
    /// The rate limit has nothing left.
    RateLimited {
        /// How long until it has.
        retry_in: Duration,
    },
    /// The body cannot be made an event.
    InvalidEvent,
    /// The trigger condition rejects the event; each trigger URL has its own answer to that (contract section 4).
    ConditionRejected,
    /// There is no such execution.
    ExecutionNotFound,
    /// The execution belongs to another workspace.
    ForeignExecution,
    /// The execution id is not a UUID.
    MalformedExecutionId,
    /// The execution has no output that can be sent.
    InternalError,
    /// No bearer token, or one that was never issued.
    Unauthorized,
    /// The bearer token has expired.
    TokenExpired,
    /// The client's role does not permit this.
    Forbidden,
    /// The executions API has nothing left for the workspace.
    ApiRateLimited {
        /// How long until it has.
        retry_in: Duration,
    },
    /// A parameter cannot be read.
    InvalidParameter,
    /// The token request is no client-credentials grant.
    InvalidTokenRequest,
    /// The client id or secret is wrong.
    InvalidClient,
}

impl Advice {
    /// The advice for a single mistake.
    pub(crate) fn new(mistake: &'static str, hint: impl Into<String>) -> Self {
        Self {
            mistakes: vec![mistake],
            hint: hint.into(),
        }
    }
}

impl Rejection {
    /// A refusal with its reason.
    pub(crate) fn new(gate: Gate, refusal: Refusal, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            gate,
            refusal,
            reason: reason.into(),
            comparison: None,
            advice: None,
        }
    }

    /// Adds the mistake that explains it, and how to do better.
    #[must_use]
    pub(crate) fn advising(mut self, advice: Option<Advice>) -> Self {
        debug_assert!(
            advice
                .iter()
                .flat_map(|advice| &advice.mistakes)
                .all(|mistake| is_known(mistake)),
            "a mistake without a name that can be asked for: {advice:?}"
        );
        self.advice = advice.map(Box::new);
        self
    }

    /// What it takes besides itself.
    pub(crate) fn size(&self) -> usize {
        let reason = match &self.reason {
            Cow::Borrowed(_) => 0,
            Cow::Owned(text) => text.len(),
        };
        let comparison = self.comparison.as_ref().map_or(0, |comparison| {
            size_of::<Comparison>() + comparison.expected.len() + comparison.received.len()
        });
        let advice = self.advice.as_ref().map_or(0, |advice| {
            size_of::<Advice>() + size_of_val(advice.mistakes.as_slice()) + advice.hint.len()
        });
        reason + comparison + advice
    }

    /// Adds what would have been accepted and what came.
    #[must_use]
    pub(crate) fn comparing(mut self, expected: impl Into<String>, received: impl Into<String>) -> Self {
        self.comparison = Some(Box::new(Comparison {
            expected: expected.into(),
            received: received.into(),
        }));
        self
    }
}
