//! The answers of the control surface.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

/// The body of an answer, whole or in pieces.
pub(crate) type AnswerBody = UnsyncBoxBody<Bytes, Infallible>;

/// A status and a document.
#[derive(Debug)]
pub(super) struct ControlAnswer {
    status: u16,
    content_type: &'static str,
    body: AnswerBody,
    headers: Vec<(HeaderName, HeaderValue)>,
}

fn whole(bytes: impl Into<Bytes>) -> AnswerBody {
    Full::new(bytes.into()).boxed_unsync()
}

impl ControlAnswer {
    pub(super) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/json",
            body: whole(body.to_string()),
            headers: Vec::new(),
        }
    }

    pub(super) fn text(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: 200,
            content_type,
            body: whole(body),
            headers: Vec::new(),
        }
    }

    /// An answer that goes on for as long as there is something to tell.
    pub(super) fn stream(content_type: &'static str, body: AnswerBody) -> Self {
        Self {
            status: 200,
            content_type,
            body,
            headers: vec![(CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        }
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// Names the methods that would be right.
    pub(super) fn allowing(mut self, methods: &str) -> Self {
        // They are words of our own.
        self.headers
            .extend(HeaderValue::from_str(methods).ok().map(|value| (ALLOW, value)));
        self
    }

    pub(super) fn error(status: u16, message: impl Into<String>) -> Self {
        Self::json(status, &json!({ "error": message.into() }))
    }

    pub(super) fn into_response(self) -> Response<AnswerBody> {
        let mut response = Response::new(self.body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.extend(self.headers);
        response
    }
}
