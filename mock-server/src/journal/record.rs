//! A request as the journal tells it: a copy with names and types of its own, and the same as JSON.
//!
//! Holds nothing open and changes no more; what is kept of a request, and what is not, is the entry's business.

use std::fmt;

use serde_json::{Value, json};

use crate::behaviour::knob::words;
use crate::behaviour::urls::Urls;
use crate::catalog::Catalog;
use crate::gate::Gate;
use crate::ids::{ExecutionId, IntegrationId, LetterCase, WorkflowId, hyphenated};
use crate::journal::redaction::REDACTED;
use crate::journal::{AnswerNote, JournalOutcome};
use crate::nearest;
use crate::rejection::Rejection;
use crate::route::{Endpoint, Route, Target};
use crate::timestamp::Timestamp;

/// One request, what was decided about it, and what it was answered. Secrets have been taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// Its place in the order of arrival since the journal was last emptied, from 0.
    pub number: u64,
    /// When it came, on the sandbox's clock.
    pub at: Timestamp,
    /// When it came by the machine's clock: the one thing here that differs from run to run.
    pub real_at: Option<Timestamp>,
    /// What the configuration calls the integration of its path, where that is one.
    pub integration: Option<String>,
    /// What the configuration calls the workflow of its path, where that is one.
    pub workflow: Option<String>,
    /// Its method; nothing if it had no head that could be read.
    pub method: Option<String>,
    /// Its path and query as they were sent.
    pub path: String,
    /// Its headers in the order they came, with `[redacted]` where a secret stood.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: ReceivedBody,
    /// The endpoint it asked for.
    pub endpoint: Endpoint,
    /// Why it was refused, if it was.
    pub refusal: Option<RefusalNote>,
    /// Where the decision came from.
    pub provenance: Provenance,
    /// The executions it started.
    pub executions: Vec<ExecutionId>,
    /// What it was answered; nothing while it is being held.
    pub answer: Option<GivenAnswer>,
    /// That answer itself, where one was written.
    pub sent: Option<SentAnswer>,
    /// The number of the request it repeats.
    pub replay_of: Option<u64>,
}

/// An answer as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAnswer {
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: ReceivedBody,
}

/// What is kept of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceivedBody {
    /// Its text, or the beginning of it.
    Kept {
        /// The text; bytes that are none are replaced.
        text: String,
        /// How long the body was.
        bytes: usize,
        /// Whether the text is only its beginning.
        cut_off: bool,
    },
    /// Nothing, because there was a secret in it.
    Redacted {
        /// How long it was.
        bytes: usize,
    },
    /// Nothing, because it was larger than the payload limit.
    OverLimit {
        /// What `Content-Length` announced, when it was that which gave it away.
        declared: Option<u64>,
    },
}

/// Why a request was refused, in words for whoever debugs a client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusalNote {
    /// Who refused.
    pub gate: Gate,
    /// Why.
    pub reason: String,
    /// What would have been accepted, where that can be said.
    pub expected: Option<String>,
    /// What came instead.
    pub received: Option<String>,
    /// The mistakes that explain it, by name.
    pub mistakes: Vec<&'static str>,
    /// How to do better, where a mistake was found.
    pub hint: Option<String>,
    /// The valid path or URL that was probably meant, where the path was wrong.
    pub nearest: Option<String>,
}

/// Where a decision came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provenance {
    /// The behaviour that is reproduced.
    Contract,
    /// A fault that is switched on: without it, the request would have come to something else.
    InjectedFault,
    /// The server's own protection against what it cannot read or has no room for.
    SelfProtection,
}

words!(Provenance {
    Contract = "contract",
    InjectedFault = "injected-fault",
    SelfProtection = "self-protection",
});

/// The word for it.
impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What became of an answer, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenAnswer {
    /// When, on the sandbox's clock.
    pub at: Timestamp,
    /// What.
    pub note: AnswerNote,
}

impl ReceivedRequest {
    /// Whether a gate refused it.
    #[must_use]
    pub const fn outcome(&self) -> JournalOutcome {
        match self.refusal {
            Some(_) => JournalOutcome::Refused,
            None => JournalOutcome::Accepted,
        }
    }

    /// Adds the valid path that was probably meant, where the path was what was wrong.
    pub(crate) fn suggest(&mut self, catalog: &Catalog) {
        const ABOUT_THE_PATH: [Gate; 5] = [
            Gate::Path,
            Gate::IntegrationId,
            Gate::Integration,
            Gate::WorkflowId,
            Gate::Workflow,
        ];
        if let Some(refusal) = &mut self.refusal
            && ABOUT_THE_PATH.contains(&refusal.gate)
        {
            let path = self.path.split('?').next().unwrap_or_default();
            refusal.nearest = nearest::path(path, catalog);
        }
    }

    /// Adds what the configuration calls the ids of its path.
    pub(crate) fn name(&mut self, catalog: &Catalog, urls: &Urls) {
        let path = self.path.split('?').next().unwrap_or_default();
        let Route::Trigger(url) = Route::of(path, urls) else {
            return;
        };
        let id = |text: &str| hyphenated(text, LetterCase::Any);
        let integration = id(&url.integration).map(IntegrationId::from_uuid);
        let integration = integration.and_then(|id| catalog.integration(id));
        let workflow = match &url.target {
            Target::EveryWorkflow => None,
            Target::OneWorkflow { workflow, .. } => id(workflow).map(WorkflowId::from_uuid),
        };
        let workflow = workflow.and_then(|id| catalog.workflow(id));
        self.integration = integration.map(|key| catalog[key].name.clone());
        self.workflow = workflow.map(|key| catalog[key].definition.name.clone());
    }

    /// Makes the suggestion a URL that can be pasted.
    pub(crate) fn suggest_below(&mut self, base_url: &str) {
        if let Some(path) = self.refusal.as_mut().and_then(|refusal| refusal.nearest.as_mut()) {
            path.insert_str(0, base_url);
        }
    }

    /// The value of a header, the first one if it came more than once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The status of its answer, once one was sent.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.answer?.note {
            AnswerNote::Sent { status, .. } => Some(status),
            AnswerNote::Automatic | AnswerNote::CallerGone => None,
        }
    }

    /// Its body read as JSON, if it was kept whole and is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        match &self.body {
            ReceivedBody::Kept {
                text, cut_off: false, ..
            } => serde_json::from_str(text).ok(),
            ReceivedBody::Kept { .. } | ReceivedBody::Redacted { .. } | ReceivedBody::OverLimit { .. } => None,
        }
    }

    /// The request as the control surface shows it: what the summary says, then the rest.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let refusal = self.refusal.as_ref();
        let mut document = self.to_summary();
        for (key, value) in [
            ("expected", json!(refusal.and_then(|refusal| refusal.expected.as_ref()))),
            ("received", json!(refusal.and_then(|refusal| refusal.received.as_ref()))),
            ("mistakes", json!(refusal.map_or(&[][..], |refusal| &refusal.mistakes))),
            ("hint", json!(refusal.and_then(|refusal| refusal.hint.as_ref()))),
            ("nearest", json!(refusal.and_then(|refusal| refusal.nearest.as_ref()))),
            ("headers", json!(self.headers)),
            ("body", self.body.to_json()),
            (
                "answer",
                json!(self.answer.map(|answer| answer.to_json(self.sent.as_ref()))),
            ),
        ] {
            document[key] = value;
        }
        document
    }

    /// The request in a line: without headers, bodies and comparison.
    #[must_use]
    pub fn to_summary(&self) -> Value {
        let refusal = self.refusal.as_ref();
        json!({
            "seq": self.number,
            "at": self.at.to_string(),
            "real_at": self.real_at.map(|at| at.to_string()),
            "method": self.method,
            "path": self.path,
            "integration": self.integration,
            "workflow": self.workflow,
            "route": self.endpoint.word(),
            "outcome": self.outcome().word(),
            "gate": refusal.map(|refusal| refusal.gate.word()),
            "reason": refusal.map(|refusal| &refusal.reason),
            "provenance": self.provenance.word(),
            "executions": self.executions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "answer": self.answer.map(|answer| answer.to_json(None)),
            "replay_of": self.replay_of,
        })
    }
}

impl GivenAnswer {
    fn to_json(self, sent: Option<&SentAnswer>) -> Value {
        let at = self.at.to_string();
        let mut json = match self.note {
            AnswerNote::Sent { status, bytes } => json!({"at": at, "status": status, "bytes": bytes}),
            AnswerNote::Automatic => json!({"at": at, "automatic": true}),
            AnswerNote::CallerGone => json!({"at": at, "caller_gone": true}),
        };
        if let Some(sent) = sent {
            json["headers"] = json!(sent.headers);
            json["body"] = sent.body.to_json();
        }
        json
    }
}

impl ReceivedBody {
    fn to_json(&self) -> Value {
        match self {
            Self::Kept { text, bytes, cut_off } => json!({"text": text, "bytes": bytes, "cut_off": cut_off}),
            Self::Redacted { bytes } => json!({"text": REDACTED, "bytes": bytes}),
            Self::OverLimit { declared } => json!({"over_limit": true, "declared_bytes": declared}),
        }
    }
}

impl RefusalNote {
    pub(crate) fn of(rejection: &Rejection) -> Self {
        let comparison = rejection.comparison.as_ref();
        let advice = rejection.advice.as_ref();
        Self {
            gate: rejection.gate,
            reason: rejection.reason.clone().into_owned(),
            expected: comparison.map(|comparison| comparison.expected.clone()),
            received: comparison.map(|comparison| comparison.received.clone()),
            mistakes: advice.map_or_else(Vec::new, |advice| advice.mistakes.clone()),
            hint: advice.map(|advice| advice.hint.clone()),
            nearest: None,
        }
    }
}
