//! The JSON documents of the emulated surface: keys and how values are written.
//!
//! Only shapes; statuses and headers are in `response`.

use serde::Serialize;
use serde_json::Value;

use crate::activity::{ActivityEntry, ActivityKind, ActivityPage};
use crate::behaviour::executions::StatusWords;
use crate::execution::view::ExecutionView;
use crate::tokens::GrantedToken;

/// One execution (contract section 6, observed).
#[derive(Debug, Serialize)]
struct ExecutionDocument<'a> {
    id: String,
    workflow_id: String,
    workflow_name: &'a str,
    status: String,
    started_at: String,
    updated_at: String,
    output: Option<&'a Value>,
    revision_id: String,
}

/// A page of the activity log (contract section 4).
#[derive(Debug, Serialize)]
struct ActivityDocument<'a> {
    activity_logs: Vec<ActivityEntryDocument>,
    next_page_token: &'a str,
}

/// One entry of the activity log (contract section 4, open).
#[derive(Debug, Serialize)]
struct ActivityEntryDocument {
    activity_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'static str>,
    workflow_id: Option<String>,
    execution_id: Option<String>,
    created_at: String,
    event: Value,
}

/// A bearer token (contract section 6).
#[derive(Debug, Serialize)]
struct TokenDocument<'a> {
    access_token: &'a str,
    expires_in: u64,
    token_type: &'static str,
}

/// An execution as JSON.
pub(super) fn execution(view: &ExecutionView, words: StatusWords) -> String {
    let status = view.status.word();
    json(&ExecutionDocument {
        id: view.id.to_string(),
        workflow_id: view.workflow_id.to_string(),
        workflow_name: &view.workflow_name,
        status: match words {
            StatusWords::Upper => status.to_owned(),
            StatusWords::Lower => status.to_lowercase(),
        },
        started_at: view.started_at.to_string(),
        updated_at: view.updated_at.to_string(),
        output: view.output.as_ref(),
        revision_id: view.revision_id.to_string(),
    })
}

/// A page of the activity log as JSON.
pub(super) fn activity(page: &ActivityPage) -> String {
    json(&ActivityDocument {
        activity_logs: page.entries.iter().map(activity_entry).collect(),
        next_page_token: page.next_page_token.as_deref().unwrap_or_default(),
    })
}

fn activity_entry(entry: &ActivityEntry) -> ActivityEntryDocument {
    let (activity_type, step) = match entry.kind {
        ActivityKind::WorkflowRun => ("workflow_run", None),
        ActivityKind::StepExecution(step) => ("step_execution", Some(step)),
        ActivityKind::Event => ("event", None),
    };
    ActivityEntryDocument {
        activity_type,
        step,
        workflow_id: entry.workflow.map(|id| id.to_string()),
        execution_id: entry.execution.map(|id| id.to_string()),
        created_at: entry.at.to_string(),
        event: entry.event.unpack(),
    }
}

/// A token as JSON.
pub(super) fn token(token: &GrantedToken) -> String {
    json(&TokenDocument {
        access_token: &token.access_token,
        expires_in: token.expires_in.as_secs(),
        token_type: "Bearer",
    })
}

fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("these documents have text keys only")
}
