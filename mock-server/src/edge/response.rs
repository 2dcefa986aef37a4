//! How a reply is written: the only place where statuses, headers and bodies come together.
//!
//! Decides nothing: every status, phrase and shape comes from `Behaviour`, so that one line of configuration changes it.

use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use jiff::fmt::rfc2822::DateTimePrinter;

use crate::behaviour::Behaviour;
use crate::behaviour::answer::{Answer, BodyTemplate, Filling};
use crate::behaviour::answers::{Answers, Cors};
use crate::behaviour::running::AnsweredId;
use crate::behaviour::urls::Sending;
use crate::edge::wire;
use crate::ids::ExecutionId;
use crate::rejection::{Refusal, Rejection};
use crate::reply::{Reply, SyncAnswer};
use crate::timestamp::Timestamp;

/// Writes a reply, dated by the sandbox's clock.
#[must_use]
pub fn render(reply: &Reply, behaviour: &Behaviour, now: Timestamp) -> Response<Bytes> {
    let (answers, running) = (&behaviour.answers, &behaviour.running);
    let own = |answer: &Answer, body: String| own_answer(answer.status, body, answers);
    let response = match reply {
        Reply::WebhookAccepted => own(&answers.success, filled(&running.webhook_body, &answers.success, None)),
        Reply::Started { execution } => own(
            &answers.success,
            filled(
                &running.async_body,
                &answers.success,
                told_id(*execution, running.async_id),
            ),
        ),
        Reply::InProgress { execution } => own(
            &answers.in_progress,
            filled(
                &running.in_progress_body,
                &answers.in_progress,
                told_id(*execution, running.in_progress_id),
            ),
        ),
        Reply::Preflight => preflight(),
        Reply::Finished(answer) => workflow_answer(answer),
        Reply::Execution(view) => {
            let rules = &behaviour.executions;
            let answer = if view.status.is_terminal() {
                &rules.complete
            } else {
                &rules.incomplete
            };
            own(answer, wire::execution(view, rules.status_words))
        }
        Reply::Activity(page) => own(&behaviour.executions.granted, wire::activity(page)),
        Reply::Token(token) => own(&behaviour.executions.granted, wire::token(token)),
        Reply::Refused(rejection) => refusal(rejection, behaviour),
    };
    completed(response, now)
}

/// The id a caller is told.
fn told_id(execution: ExecutionId, rule: AnsweredId) -> Option<ExecutionId> {
    match rule {
        AnsweredId::Own => Some(execution),
        AnsweredId::Another => Some(execution.another()),
        AnsweredId::Missing => None,
    }
}

/// Whether a caller could not tell two answers apart.
pub(crate) fn is_same(a: &Response<Bytes>, b: &Response<Bytes>) -> bool {
    (a.status(), a.headers(), a.body()) == (b.status(), b.headers(), b.body())
}

/// What a gateway says to browsers that does CORS on its own.
fn preflight() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("*"));
    response
}

/// An answer that no workflow wrote.
fn own_answer(status: u16, body: String, answers: &Answers) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status_code(status);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, answers.content_type.clone());
    if answers.cors == Cors::AnyOrigin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

/// An answer that a workflow wrote (contract section 5).
fn workflow_answer(answer: &SyncAnswer) -> Response<Bytes> {
    let mut response = Response::new(answer.body.clone());
    *response.status_mut() = status_code(answer.status);
    let headers = response.headers_mut();
    headers.extend(answer.content_type.clone().map(|it| (CONTENT_TYPE, it)));
    for (name, value) in &answer.headers {
        headers.append(name.clone(), value.clone());
    }
    response
}

fn refusal(rejection: &Rejection, behaviour: &Behaviour) -> Response<Bytes> {
    let answers = &behaviour.answers;
    let (answer, message) = told(rejection, answers);
    let filling = Filling {
        execution: None,
        phrase: &answer.phrase,
        message,
    };
    let mut response = own_answer(answer.status, answers.error_body.fill(filling), answers);
    if let Some((name, value)) = header_of(&rejection.refusal, behaviour) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// What a refused caller is told: status, phrase, and a sentence that gives nothing away.
fn told<'a>(rejection: &'a Rejection, answers: &'a Answers) -> (&'a Answer, &'a str) {
    match &rejection.refusal {
        Refusal::UnknownPath => (&answers.unknown_path, "there is no such endpoint"),
        Refusal::MethodNotAllowed { .. } => (&answers.method_not_allowed, "this endpoint takes other methods"),
        Refusal::InvalidIntegrationId => (&answers.invalid_integration_id, "it has to be a UUID"),
        Refusal::IntegrationNotFound => (&answers.integration_not_found, "no integration has this ID"),
        Refusal::InvalidWorkflowId => (&answers.invalid_workflow_id, "it has to be a UUID"),
        Refusal::UnboundWorkflow => (
            &answers.unbound_workflow,
            "this integration does not trigger the workflow",
        ),
        Refusal::WorkflowNotFound => (&answers.workflow_not_found, "no published workflow has this ID"),
        Refusal::InvalidHeader => (&answers.invalid_header, "check the name of the header and its secret"),
        Refusal::InvalidSignature => (&answers.invalid_signature, "it does not match the request"),
        Refusal::PayloadTooLarge => (&answers.payload_too_large, "send a smaller body"),
        Refusal::RateLimited { .. } => (&answers.rate_limited, "too many executions were started"),
        Refusal::InvalidEvent => (&answers.invalid_event, "the body cannot be made an event"),
        Refusal::ConditionRejected | Refusal::ExecutionNotFound => {
            (&answers.execution_not_found, "there is no such execution")
        }
        Refusal::ForeignExecution => (&answers.foreign_execution, "there is no such execution"),
        Refusal::MalformedExecutionId => (&answers.malformed_execution_id, "there is no such execution"),
        Refusal::InternalError => (&answers.internal_error, &rejection.reason),
        Refusal::Unauthorized => (&answers.unauthorized, "a valid bearer token is needed"),
        Refusal::TokenExpired => (&answers.token_expired, "ask for a new one"),
        Refusal::Forbidden => (&answers.forbidden, "the role lacks the permission"),
        Refusal::ApiRateLimited { .. } => (&answers.api_rate_limited, "too many requests were made"),
        Refusal::InvalidParameter => (&answers.invalid_parameter, &rejection.reason),
        Refusal::InvalidTokenRequest => (&answers.invalid_token_request, "only client credentials are granted"),
        Refusal::InvalidClient => (&answers.invalid_client, "check the client's ID and secret"),
    }
}

/// The header some refusals carry.
fn header_of(refusal: &Refusal, behaviour: &Behaviour) -> Option<(HeaderName, HeaderValue)> {
    match refusal {
        Refusal::MethodNotAllowed { allow } => match behaviour.urls.allow_header {
            Sending::Sent => Some((ALLOW, HeaderValue::from_str(allow).ok()?)),
            Sending::Omitted => None,
        },
        Refusal::RateLimited { retry_in } | Refusal::ApiRateLimited { retry_in } => match behaviour.rate.retry_after {
            Sending::Sent => Some((RETRY_AFTER, HeaderValue::from(whole_seconds(*retry_in)))),
            Sending::Omitted => None,
        },
        Refusal::Unauthorized => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        Refusal::InvalidClient => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Basic"))),
        Refusal::UnknownPath
        | Refusal::InvalidIntegrationId
        | Refusal::IntegrationNotFound
        | Refusal::InvalidWorkflowId
        | Refusal::UnboundWorkflow
        | Refusal::WorkflowNotFound
        | Refusal::InvalidHeader
        | Refusal::InvalidSignature
        | Refusal::PayloadTooLarge
        | Refusal::InvalidEvent
        | Refusal::ConditionRejected
        | Refusal::ExecutionNotFound
        | Refusal::ForeignExecution
        | Refusal::MalformedExecutionId
        | Refusal::InternalError
        | Refusal::TokenExpired
        | Refusal::Forbidden
        | Refusal::InvalidParameter
        | Refusal::InvalidTokenRequest => None,
    }
}

/// `Retry-After` counts whole seconds; a client that comes back in zero would come back too early.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn filled(template: &BodyTemplate, answer: &Answer, execution: Option<ExecutionId>) -> String {
    template.fill(Filling {
        execution,
        phrase: &answer.phrase,
        message: "",
    })
}

/// Adds what every answer has.
fn completed(mut response: Response<Bytes>, now: Timestamp) -> Response<Bytes> {
    let length = response.body().len();
    let bodiless = matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let headers = response.headers_mut();
    if !bodiless {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if !headers.contains_key(DATE) {
        insert_date(headers, now);
    }
    response
}

fn insert_date(headers: &mut HeaderMap, now: Timestamp) {
    let date = jiff::Timestamp::from_second(i64::try_from(now.as_seconds()).unwrap_or(i64::MAX))
        .and_then(|time| DateTimePrinter::new().timestamp_to_rfc9110_string(&time));
    // A clock advanced beyond the year 9999 has no date in HTTP.
    if let Some(value) = date.ok().and_then(|date| HeaderValue::from_str(&date).ok()) {
        headers.insert(DATE, value);
    }
}

/// Statuses are checked where they are read, so the fallback is never taken.
fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
