//! Knobs of every answer: statuses, phrases, the shape of an error (contract section 8).
//!
//! Only values; `edge::response` reads them.

use http::HeaderValue;

use crate::behaviour::answer::{Answer, BodyTemplate};
use crate::behaviour::knob::{choices, section};

section! {
    /// Status and phrase of every answer, and the shape of errors (contract section 8).
    Answers = "answers" {
        /// The plain Webhook URL and the asynchronous URL took the event.
        Documented success: Answer = Answer::of(200, "Success");
        /// A synchronous call was not complete at the time-out.
        Documented in_progress: Answer = Answer::of(201, "Execution is in progress");
        /// A synchronous call that sets no `status`.
        Documented sync_success: Answer = Answer::of(200, "Success");
        /// The integration id is not a UUID.
        Documented invalid_integration_id: Answer = Answer::of(400, "Invalid integration ID");
        /// The workflow id is not a UUID.
        Documented invalid_workflow_id: Answer = Answer::of(400, "Invalid workflow ID");
        /// The workflow exists but another integration triggers it.
        Documented unbound_workflow: Answer = Answer::of(400, "Invalid workflow ID");
        /// The authentication header is missing, misnamed or has the wrong secret.
        Documented invalid_header: Answer = Answer::of(400, "Invalid header");
        /// The signature is missing or wrong.
        Documented invalid_signature: Answer = Answer::of(401, "Invalid HMAC signature");
        /// No such execution.
        Documented execution_not_found: Answer = Answer::of(404, "Execution not found");
        /// No such integration.
        Documented integration_not_found: Answer = Answer::of(404, "Integration not found");
        /// No such workflow, or none that is published.
        Documented workflow_not_found: Answer = Answer::of(404, "Workflow not found");
        /// The body is over the limit.
        Documented payload_too_large: Answer = Answer::of(413, "Payload is too large");
        /// More executions than the limit allows.
        Documented rate_limited: Answer = Answer::of(429, "Rate limit exceeded");
        /// The workflow failed, was stopped, or its Exit operator cannot be used.
        Documented internal_error: Answer = Answer::of(500, "Internal error");
        /// The body cannot be made an event.
        Open invalid_event: Answer = Answer::of(400, "Invalid event");
        /// A method that is not accepted.
        Open method_not_allowed: Answer = Answer::of(405, "Method not allowed");
        /// A path that is none of the API's.
        Open unknown_path: Answer = Answer::of(404, "Not found");
        /// A bearer token is missing or was never issued.
        Vendor unauthorized: Answer = Answer::of(401, "Unauthorized");
        /// A bearer token has expired.
        Vendor token_expired: Answer = Answer::of(302, "Token expired");
        /// The client's role lacks the permission.
        Vendor forbidden: Answer = Answer::of(403, "Forbidden");
        /// The execution belongs to another workspace than the token.
        Open foreign_execution: Answer = Answer::of(404, "Execution not found");
        /// The execution id is not a UUID.
        Open malformed_execution_id: Answer = Answer::of(404, "Execution not found");
        /// More requests to the executions API than its limit allows.
        Vendor api_rate_limited: Answer = Answer::of(429, "Rate limit exceeded");
        /// A parameter of the activity log that cannot be read.
        Open invalid_parameter: Answer = Answer::of(400, "Invalid parameter");
        /// A token request that is no client-credentials grant.
        Open invalid_token_request: Answer = Answer::of(400, "Invalid token request");
        /// A token request whose client id or secret is wrong.
        Open invalid_client: Answer = Answer::of(401, "Invalid client");
        /// Content type of every answer that no workflow wrote.
        Observed content_type: HeaderValue = HeaderValue::from_static("application/json");
        /// Body of every refusal.
        Open error_body: BodyTemplate = BodyTemplate::parse(r#"{"status":"error","message":"{phrase}: {message}"}"#);
        /// CORS headers on answers that no workflow wrote.
        Open cors: Cors = Cors::None;
        /// What the plain Webhook URL says of a refusal.
        Open webhook_refusals: WebhookRefusals = WebhookRefusals::AsElsewhere;
    }
}

choices! {
    /// CORS headers on default answers.
    Cors {
        /// None: the workflow adds its own.
        None = "none",
        /// `Access-Control-Allow-Origin: *`.
        AnyOrigin = "any-origin",
    }
}

choices! {
    /// What the plain Webhook URL says of a refusal.
    WebhookRefusals {
        /// The same as the extended URLs.
        AsElsewhere = "as-elsewhere",
        /// Nothing: it answers as if it had taken the event.
        Concealed = "concealed",
    }
}
