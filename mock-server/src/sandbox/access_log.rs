//! One line in the log for each request: what was asked, what was decided, what was answered, and how long it took.
//!
//! Says what the journal says, from which secrets have been taken out already.

use crate::journal::{AnswerNote, ReceivedRequest};

/// What the lines are filed under.
pub(super) const TARGET: &str = "torq_mock::request";

/// Writes the line. Times are the sandbox's.
pub(super) fn write(sandbox: &str, request: &ReceivedRequest) {
    let refusal = request.refusal.as_ref();
    let ((status, answer), took) = match request.answer.as_ref() {
        Some(answer) => (
            match answer.note {
                AnswerNote::Sent { status, .. } => (Some(status), "sent"),
                AnswerNote::Automatic => (None, "automatic"),
                AnswerNote::CallerGone => (None, "caller-gone"),
            },
            answer.at.since(request.at).as_secs_f64(),
        ),
        None => ((None, "none"), 0.0),
    };
    tracing::info!(
        target: TARGET,
        sandbox,
        seq = request.number,
        method = request.method.as_deref().unwrap_or_default(),
        path = request.path,
        route = request.endpoint.word(),
        integration = request.integration,
        workflow = request.workflow,
        outcome = request.outcome().word(),
        gate = refusal.map(|refusal| refusal.gate.word()),
        reason = refusal.map(|refusal| refusal.reason.as_str()),
        status,
        answer,
        seconds = took,
        provenance = request.provenance.word(),
        "request"
    );
}
