//! One line in the log for each request: what was asked, what was decided, what was answered, and how long it took.
//!
//! Says what the journal says, from which secrets have been taken out already.

use crate::journal::{AnswerNote, ReceivedRequest};

/// What the lines are filed under.
pub(super) const TARGET: &str = "torq_mock::request";

/// Writes the line. Times are the sandbox's.
pub(super) fn write(sandbox: &str, request: &ReceivedRequest) {
    let refusal = request.refusal.as_ref();
    let (status, took) = match request.answer.as_ref() {
        Some(answer) => (
            match answer.note {
                AnswerNote::Sent { status, .. } => status.to_string(),
                AnswerNote::Automatic => "automatic".to_owned(),
                AnswerNote::CallerGone => "caller-gone".to_owned(),
            },
            answer.at.since(request.at).as_secs_f64(),
        ),
        None => ("none".to_owned(), 0.0),
    };
    tracing::info!(
        target: TARGET,
        sandbox,
        seq = request.number,
        method = request.method.as_deref().unwrap_or_default(),
        path = request.path,
        route = request.endpoint.word(),
        outcome = request.outcome().word(),
        gate = refusal.map(|refusal| refusal.gate.word()),
        reason = refusal.map(|refusal| refusal.reason.as_str()),
        status,
        seconds = took,
        provenance = request.provenance.word(),
        "request"
    );
}
