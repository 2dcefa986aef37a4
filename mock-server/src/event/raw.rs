//! Events of integrations that accept raw requests: body, headers and method.
//!
//! Never refuses: whatever is no JSON is a text.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::behaviour::events::{Events, RawBody, RawHeaderNames, RawHeaderValues, RawMethod, RepeatedKey};
use crate::behaviour::urls::QueryUse;
use crate::event::form;
use crate::inbound::Inbound;

/// The event `{body, headers, http_method}`, with `query` where there is one and it is shown.
pub(super) fn event(inbound: &Inbound, events: &Events, query: QueryUse) -> Value {
    let mut event = Map::with_capacity(4);
    event.insert("body".to_owned(), body(inbound, events.raw_body));
    event.insert("headers".to_owned(), headers(&inbound.headers, events));
    let method = inbound.method.as_str();
    let shown = match events.raw_method {
        RawMethod::AsSent => Some(method.into()),
        RawMethod::AlwaysPost => Some("POST".into()),
        RawMethod::Lower => Some(method.to_lowercase()),
        RawMethod::LeftOut => None,
    };
    event.extend(shown.map(|method| ("http_method".to_owned(), Value::String(method))));
    if let (Some(text), QueryUse::RawMode) = (&inbound.query, query) {
        event.insert(
            "query".to_owned(),
            Value::Object(form::decode(text, RepeatedKey::Array)),
        );
    }
    Value::Object(event)
}

fn body(inbound: &Inbound, rule: RawBody) -> Value {
    let bytes = inbound.body.bytes();
    let text = || Value::from(String::from_utf8_lossy(bytes));
    let declared = inbound.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_json = declared.is_some_and(|declared| declared.starts_with(b"application/json"));
    match rule {
        RawBody::Text => text(),
        RawBody::ByType if !is_json => text(),
        RawBody::ByType | RawBody::Parsed => serde_json::from_slice(bytes).unwrap_or_else(|_| text()),
    }
}

fn headers(headers: &HeaderMap, events: &Events) -> Value {
    let values = |name| {
        let all = headers.get_all(name).iter();
        let mut all = all.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        match events.raw_header_values {
            RawHeaderValues::Array => all.map(Value::from).collect(),
            RawHeaderValues::First => all.next().map_or(Value::Null, Value::from),
            RawHeaderValues::Joined => Value::from(all.collect::<Vec<_>>().join(", ")),
        }
    };
    let written = |name: &HeaderName| match events.raw_header_names {
        RawHeaderNames::Canonical => canonical(name.as_str()),
        RawHeaderNames::Lower => name.as_str().to_owned(),
    };
    Value::Object(headers.keys().map(|name| (written(name), values(name))).collect())
}

/// `x-real-ip` as `X-Real-Ip`.
fn canonical(name: &str) -> String {
    let mut at_start = true;
    name.chars()
        .map(|letter| {
            let written = if at_start { letter.to_ascii_uppercase() } else { letter };
            at_start = letter == '-';
            written
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderValue, Method};
    use serde_json::json;

    use super::*;
    use crate::inbound::Body;

    fn inbound(body: &'static [u8], query: Option<&str>) -> Inbound {
        let mut headers = HeaderMap::new();
        headers.append("x-real-ip", HeaderValue::from_static("10.0.0.1"));
        headers.append("x-real-ip", HeaderValue::from_static("10.0.0.2"));
        headers.append("content-type", HeaderValue::from_static("text/plain"));
        Inbound {
            method: Method::PUT,
            path: "/".to_owned(),
            query: query.map(str::to_owned),
            headers,
            body: Body::Complete(Bytes::from_static(body)),
        }
    }

    #[test]
    fn the_event_holds_body_headers_and_method() {
        let expected = json!({
            "body": {"a": 1},
            "headers": {"X-Real-Ip": ["10.0.0.1", "10.0.0.2"], "Content-Type": ["text/plain"]},
            "http_method": "PUT",
        });
        assert_eq!(
            event(&inbound(br#"{"a": 1}"#, None), &Events::default(), QueryUse::RawMode),
            expected
        );
    }

    #[test]
    fn a_body_that_is_no_json_is_a_text() {
        for (body, value) in [
            (b"" as &[u8], json!("")),
            (b"plain", json!("plain")),
            (b"\xff", json!("\u{fffd}")),
            (b"[1]", json!([1])),
            (b"7", json!(7)),
        ] {
            assert_eq!(
                event(&inbound(body, None), &Events::default(), QueryUse::RawMode)["body"],
                value
            );
        }
        let deep = "[".repeat(100_000).leak().as_bytes();
        assert!(event(&inbound(deep, None), &Events::default(), QueryUse::RawMode)["body"].is_string());
    }

    #[test]
    fn the_query_is_shown_where_there_is_one() {
        assert_eq!(
            event(&inbound(b"", Some("a=1&a=2")), &Events::default(), QueryUse::RawMode)["query"],
            json!({"a": ["1", "2"]})
        );
        assert!(
            event(&inbound(b"", Some("a=1")), &Events::default(), QueryUse::Ignored)
                .get("query")
                .is_none()
        );
        assert!(
            event(&inbound(b"", None), &Events::default(), QueryUse::RawMode)
                .get("query")
                .is_none()
        );
    }
}
