//! Gate: the body can be made an event (contract section 3), and which likely mistake it is if not.
//!
//! Decodes once, when the event is first needed. Of a body that is refused nothing is told but what it looks like: its beginning can
//! be the beginning of a secret.

use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::Candidate;
use crate::behaviour::events::Events;
use crate::event::{self, Event};
use crate::gate::Gate;
use crate::inbound::Inbound;
use crate::rejection::{Advice, Refusal, Rejection};

impl Candidate<'_> {
    /// The event, decoded when it is first needed.
    pub(super) fn event(&mut self) -> Result<&Event, Rejection> {
        let event = match self.event.take() {
            Some(event) => event,
            None => self.decode_event()?,
        };
        Ok(self.event.insert(event))
    }

    fn decode_event(&mut self) -> Result<Event, Rejection> {
        // A body that was not kept cannot be decoded, whichever gate comes first.
        self.check_payload()?;
        let mode = self.integration()?.mode;
        let behaviour = self.behaviour();
        Event::decode(self.inbound, mode, &behaviour.events, behaviour.urls.query).map_err(|error| {
            Rejection::new(Gate::Event, Refusal::InvalidEvent, error.to_string())
                .comparing(expected(self.inbound, &behaviour.events), received(self.inbound))
                .advising(advice(self.inbound, &behaviour.events))
        })
    }
}

/// What a body has to be for its declared type.
fn expected(inbound: &Inbound, events: &Events) -> String {
    match content_type(inbound) {
        Some(declared) if event::is_recognised(inbound, events) => format!("a body of the declared type `{declared}`"),
        Some(_) => format!("one of the types {}", events.recognised_types.join(", ")),
        None => "a JSON body, as no type is declared".to_owned(),
    }
}

fn received(inbound: &Inbound) -> String {
    let length = inbound.body.bytes().len();
    let looks = Look::of(inbound.body.bytes()).words();
    match content_type(inbound) {
        Some(declared) => format!("{length} bytes declared `{declared}` that look like {looks}"),
        None => format!("{length} bytes that look like {looks}"),
    }
}

fn content_type(inbound: &Inbound) -> Option<&str> {
    inbound.headers.get(CONTENT_TYPE)?.to_str().ok()
}

/// What a body looks like at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// It is JSON.
    Json,
    /// It is JSON behind a byte order mark.
    MarkedJson,
    /// It begins like JSON and ends too early.
    CutOffJson,
    /// It begins like JSON with single quotation marks, as a program prints its own data.
    Printed,
    /// It begins like JSON.
    NearlyJson,
    /// It begins like XML.
    Xml,
    /// It has a form's pairs.
    Form,
    /// It is text of another kind.
    Text,
    /// It is no text.
    Binary,
}

impl Look {
    fn of(body: &[u8]) -> Self {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        let is_json = |body: &[u8]| serde_json::from_slice::<Value>(body).is_ok();
        let Ok(text) = str::from_utf8(body) else {
            return Self::Binary;
        };
        let begins = |beginnings: &[&str]| beginnings.iter().any(|it| text.trim_start().starts_with(it));
        if let Some(rest) = body.strip_prefix(MARK)
            && is_json(rest)
        {
            return Self::MarkedJson;
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(_) => Self::Json,
            Err(error) if error.is_eof() && begins(&["{", "["]) => Self::CutOffJson,
            Err(_) if begins(&["{'", "['", "[{'"]) => Self::Printed,
            Err(_) if begins(&["{", "["]) => Self::NearlyJson,
            Err(_) if begins(&["<"]) => Self::Xml,
            Err(_) if text.contains('=') && !text.contains(['\n', ' ']) => Self::Form,
            Err(_) => Self::Text,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::MarkedJson => "JSON behind a byte order mark",
            Self::CutOffJson => "JSON that ends too early",
            Self::Printed => "JSON with single quotation marks",
            Self::NearlyJson => "JSON with a mistake in it",
            Self::Xml => "XML",
            Self::Form => "a form",
            Self::Text => "text",
            Self::Binary => "no text",
        }
    }
}

/// Which likely mistake explains a body that is no event.
fn advice(inbound: &Inbound, events: &Events) -> Option<Advice> {
    let looks = Look::of(inbound.body.bytes());
    if !event::is_recognised(inbound, events) && content_type(inbound).is_some() {
        let hint = match looks {
            Look::Json => "send `Content-Type: application/json`, as the body is JSON",
            Look::Form => "send `Content-Type: application/x-www-form-urlencoded`, as the body is a form",
            Look::Xml => "send `Content-Type: application/xml`, as the body is XML",
            Look::MarkedJson | Look::CutOffJson | Look::Printed | Look::NearlyJson | Look::Text | Look::Binary => {
                "send JSON, XML or a form, or use an integration that takes raw requests"
            }
        };
        return Some(Advice::new("unrecognised-type", hint));
    }
    match looks {
        Look::MarkedJson => Some(Advice::new(
            "byte-order-mark",
            "send the JSON without a byte order mark before it",
        )),
        Look::CutOffJson => Some(Advice::new(
            "cut-off",
            "send all of it; `Content-Length` may count characters where it has to count bytes",
        )),
        Look::Printed => {
            let hint = "write it with a JSON library; what a program prints of its own data is no JSON";
            Some(Advice::new("single-quotes", hint))
        }
        Look::Xml => Some(Advice::new("other-type", "declare the body as `application/xml`")),
        Look::Form => Some(Advice::new(
            "other-type",
            "declare the body as `application/x-www-form-urlencoded`",
        )),
        Look::Json => Some(Advice::new("other-type", "declare the body as `application/json`")),
        Look::NearlyJson | Look::Text | Look::Binary => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_told_apart_at_a_glance() {
        for (body, looks) in [
            (&b"{}"[..], Look::Json),
            (b" 17 ", Look::Json),
            (b"\xef\xbb\xbf{}", Look::MarkedJson),
            (b"{\"a\": 1", Look::CutOffJson),
            (b"[{\"a\": \"b", Look::CutOffJson),
            (b"{'a': 1}", Look::Printed),
            (b"[{'a': None}]", Look::Printed),
            (b"{\"a\": 1,}", Look::NearlyJson),
            (b"{a: 1}", Look::NearlyJson),
            (b"<a/>", Look::Xml),
            (b"\n <?xml version='1.0'?><a>", Look::Xml),
            (b"a=1&b=2", Look::Form),
            (b"a = 1", Look::Text),
            (b"hello", Look::Text),
            (b"\xff\xfe{", Look::Binary),
        ] {
            assert_eq!(Look::of(body), looks, "{}", String::from_utf8_lossy(body));
        }
    }
}
