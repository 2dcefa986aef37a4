//! How a body becomes what the workflow sees (contract section 3).
//!
//! Pure: knows neither workflows nor answers. Depth and work are bounded, so that no body can do more than be refused.

mod form;
mod raw;
mod xml;

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use crate::behaviour::events::{
    Conversion, Decoding, EmptyBody, EventPlace, Events, InvalidBody, JsonUnderForm, MissingType, RawEvent,
    TypeParameters, UnrecognisedType,
};
use crate::behaviour::urls::QueryUse;
use crate::catalog::EventMode;
use crate::inbound::Inbound;

/// An event, wrapped as paths see it: `{"event": …}`.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Shared, because every workflow a request starts sees the same one, and the activity log keeps it.
    document: Arc<Value>,
}

/// A body that cannot be made an event, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct InvalidEvent {
    reason: String,
}

impl InvalidEvent {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl Event {
    /// Decodes the body of a request the way its integration's mode says.
    pub(crate) fn decode(
        inbound: &Inbound,
        mode: EventMode,
        events: &Events,
        query: QueryUse,
    ) -> Result<Self, InvalidEvent> {
        let value = match (mode, events.raw_event, events.place) {
            (EventMode::Raw, RawEvent::Request, _) => raw::event(inbound, events, query),
            (EventMode::Raw, RawEvent::BodyAlone, _) | (EventMode::Default, _, EventPlace::TopLevel) => {
                decode_body(inbound, events)?
            }
            (EventMode::Default, _, EventPlace::UnderBody) => json!({ "body": decode_body(inbound, events)? }),
        };
        let mut document = Map::with_capacity(1);
        document.insert("event".to_owned(), value);
        Ok(Self {
            document: Arc::new(Value::Object(document)),
        })
    }

    /// What paths are applied to.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// The document, to keep.
    pub(crate) fn into_document(self) -> Arc<Value> {
        self.document
    }
}

/// What a declared content type says about a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeclaredType {
    Json,
    Form,
    Xml,
    Missing,
    Other,
}

impl DeclaredType {
    fn of(inbound: &Inbound, events: &Events) -> Self {
        const KNOWN: [(&str, DeclaredType); 4] = [
            ("application/json", DeclaredType::Json),
            ("application/x-www-form-urlencoded", DeclaredType::Form),
            ("application/xml", DeclaredType::Xml),
            ("text/xml", DeclaredType::Xml),
        ];
        let Some(value) = inbound.headers.get(CONTENT_TYPE) else {
            return Self::Missing;
        };
        let text = value.to_str().unwrap_or_default();
        let essence = match events.type_parameters {
            TypeParameters::Ignored => text.split(';').next().unwrap_or_default(),
            TypeParameters::Unrecognised => text,
        };
        let is_it = |name: &str| essence.trim().eq_ignore_ascii_case(name);
        if !events.recognised_types.iter().any(|name| is_it(name)) {
            return Self::Other;
        }
        KNOWN
            .iter()
            .find(|(name, _)| is_it(name))
            .map_or(Self::Json, |(_, declared)| *declared)
    }
}

/// Whether the declared content type is one of those that are recognised.
pub(crate) fn is_recognised(inbound: &Inbound, events: &Events) -> bool {
    match DeclaredType::of(inbound, events) {
        DeclaredType::Json | DeclaredType::Form | DeclaredType::Xml => true,
        DeclaredType::Missing | DeclaredType::Other => false,
    }
}

fn decode_body(inbound: &Inbound, events: &Events) -> Result<Value, InvalidEvent> {
    let body = inbound.body.bytes();
    if body.is_empty() {
        return match events.empty_body {
            EmptyBody::EmptyObject => Ok(Value::Object(Map::new())),
            EmptyBody::Null => Ok(Value::Null),
            EmptyBody::Refused => Err(InvalidEvent::new("there is no body")),
        };
    }
    let declared = match (
        DeclaredType::of(inbound, events),
        events.missing_type,
        events.unrecognised_type,
    ) {
        (DeclaredType::Missing, MissingType::Json, _) => DeclaredType::Json,
        (DeclaredType::Missing | DeclaredType::Other, _, UnrecognisedType::Json) => DeclaredType::Json,
        (DeclaredType::Missing | DeclaredType::Other, _, UnrecognisedType::Text) => return text(body),
        (DeclaredType::Missing | DeclaredType::Other, _, UnrecognisedType::Refused) => {
            return Err(InvalidEvent::new(
                "the content type is not one of those that are recognised",
            ));
        }
        (declared @ (DeclaredType::Json | DeclaredType::Form | DeclaredType::Xml), _, _) => declared,
    };
    decode_as(declared, body, events).or_else(|error| match events.invalid_body {
        InvalidBody::Refused => Err(error),
        InvalidBody::Text => text(body),
    })
}

fn decode_as(declared: DeclaredType, body: &[u8], events: &Events) -> Result<Value, InvalidEvent> {
    let json = |body| serde_json::from_slice(body);
    let json_wins = match (declared, events.decoding) {
        (DeclaredType::Form, _) => events.json_under_form_type != JsonUnderForm::Form,
        (DeclaredType::Xml, decoding) => decoding == Decoding::JsonFirst,
        (DeclaredType::Json | DeclaredType::Missing | DeclaredType::Other, _) => false,
    };
    if json_wins && let Ok(value) = json(body) {
        return match (declared, events.json_under_form_type) {
            (DeclaredType::Form, JsonUnderForm::Refused) => Err(InvalidEvent::new("the body is JSON and no form")),
            _ => Ok(value),
        };
    }
    match declared {
        DeclaredType::Form | DeclaredType::Xml if events.conversion == Conversion::Text => text(body),
        DeclaredType::Form => Ok(Value::Object(form::decode(utf8(body)?, events.repeated_form_key))),
        DeclaredType::Xml => xml::decode(utf8(body)?, events),
        DeclaredType::Json | DeclaredType::Missing | DeclaredType::Other => {
            json(body).map_err(|error| InvalidEvent::new(format!("the body is no JSON: {error}")))
        }
    }
}

fn utf8(body: &[u8]) -> Result<&str, InvalidEvent> {
    str::from_utf8(body).map_err(|error| InvalidEvent::new(format!("the body is no UTF-8: {error}")))
}

fn text(body: &[u8]) -> Result<Value, InvalidEvent> {
    utf8(body).map(Value::from)
}

#[cfg(test)]
mod tests;
