//! XML as events: elements as keys, repeated ones as arrays, attributes with a prefix.
//!
//! Documents with a type definition are refused, so that entities cannot multiply; nesting is bounded like that of JSON.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event as Token};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::behaviour::events::{Events, XmlRoot};
use crate::event::InvalidEvent;

/// As deep as the JSON parser goes.
const MAX_DEPTH: usize = 127;

/// Reads a document.
pub(super) fn decode(body: &str, events: &Events) -> Result<Value, InvalidEvent> {
    let mut reader = Reader::from_str(body.trim_start_matches('\u{feff}'));
    let mut tree = Tree {
        open: Vec::new(),
        root: None,
        events,
    };
    loop {
        match reader.read_event().map_err(no_xml)? {
            Token::Start(start) => tree.open(&start)?,
            Token::Empty(start) => {
                tree.open(&start)?;
                tree.close();
            }
            Token::End(_) => tree.close(),
            Token::Text(text) => tree.text(&text.xml10_content().map_err(no_xml)?)?,
            Token::CData(text) => tree.text(&text.xml10_content().map_err(no_xml)?)?,
            Token::GeneralRef(reference) => tree.text(&resolved(&reference)?)?,
            Token::DocType(_) => return Err(no_xml("document type definitions are not accepted")),
            Token::Decl(_) | Token::Comment(_) | Token::PI(_) => {}
            Token::Eof => return tree.finish(),
        }
    }
}

fn no_xml(reason: impl std::fmt::Display) -> InvalidEvent {
    InvalidEvent::new(format!("the body is no XML: {reason}"))
}

/// A character reference or one of the five predefined entities.
fn resolved(reference: &BytesRef<'_>) -> Result<String, InvalidEvent> {
    if let Some(character) = reference.resolve_char_ref().map_err(no_xml)? {
        return Ok(character.into());
    }
    let name = reference.decode().map_err(no_xml)?;
    quick_xml::escape::resolve_predefined_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| no_xml(format!("unknown entity `{name}`")))
}

/// A document in the making.
struct Tree<'a> {
    open: Vec<Element>,
    root: Option<(String, Value)>,
    events: &'a Events,
}

/// An element that has begun.
struct Element {
    name: String,
    members: Map<String, Value>,
    text: String,
}

impl Tree<'_> {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), InvalidEvent> {
        if self.root.is_some() {
            return Err(no_xml("there are several root elements"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(no_xml(format!("elements are nested deeper than {MAX_DEPTH}")));
        }
        let mut element = Element {
            name: name(start.name().as_ref())?,
            members: Map::new(),
            text: String::new(),
        };
        // The reader's own check for duplicates compares every attribute with every other one.
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(no_xml)?;
            let key = format!("{}{}", self.events.xml_attribute_prefix, name(attribute.key.as_ref())?);
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(no_xml)?
                .into_owned();
            if element.members.insert(key, Value::from(value)).is_some() {
                return Err(no_xml("an attribute is given twice"));
            }
        }
        self.open.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), InvalidEvent> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(no_xml("there is text outside the root element")),
        }
        Ok(())
    }

    /// Ends the innermost element. The reader has checked that there is one, and its name.
    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        let (name, value) = element.finish(&self.events.xml_text_key);
        match self.open.last_mut() {
            Some(parent) => parent.add(name, value),
            None => self.root = Some((name, value)),
        }
    }

    fn finish(self) -> Result<Value, InvalidEvent> {
        if let Some(element) = self.open.last() {
            return Err(no_xml(format!("the element `{}` is not closed", element.name)));
        }
        let (name, value) = self.root.ok_or_else(|| no_xml("there is no root element"))?;
        Ok(match self.events.xml_root {
            XmlRoot::Kept => Value::Object(Map::from_iter([(name, value)])),
            XmlRoot::Dropped => value,
        })
    }
}

impl Element {
    /// Adds a child; an element is never an array by itself, so an array is a repeated child.
    fn add(&mut self, name: String, value: Value) {
        match self.members.entry(name) {
            Entry::Vacant(vacant) => {
                vacant.insert(value);
            }
            Entry::Occupied(mut occupied) => match occupied.get_mut() {
                Value::Array(values) => values.push(value),
                first => *first = Value::Array(vec![first.take(), value]),
            },
        }
    }

    /// Text alone is a text; with attributes or children it is one more member, unless it is blank.
    fn finish(mut self, text_key: &str) -> (String, Value) {
        if self.members.is_empty() {
            return (self.name, Value::from(self.text));
        }
        let text = self.text.trim();
        if !text.is_empty() {
            self.members.insert(text_key.to_owned(), Value::from(text));
        }
        (self.name, Value::Object(self.members))
    }
}

fn name(bytes: &[u8]) -> Result<String, InvalidEvent> {
    str::from_utf8(bytes).map(str::to_owned).map_err(no_xml)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Value) {
        assert_eq!(decode(body, &Events::default()), Ok(expected), "{body}");
    }

    #[test]
    fn elements_are_keys_and_attributes_have_a_prefix() {
        check("<a>text</a>", json!({"a": "text"}));
        check("<a/>", json!({"a": ""}));
        check("<a><b>1</b><b>2</b><c/></a>", json!({"a": {"b": ["1", "2"], "c": ""}}));
        check(r#"<a id="7">x</a>"#, json!({"a": {"@id": "7", "#text": "x"}}));
        check("<a>\n  <b>1</b>\n</a>", json!({"a": {"b": "1"}}));
        check(
            "<ns:a><b>&lt;&amp;&#65;&#x42;</b></ns:a>",
            json!({"ns:a": {"b": "<&AB"}}),
        );
        check(
            "<?xml version=\"1.0\"?><!-- note --><a><![CDATA[<b>]]></a>\n",
            json!({"a": "<b>"}),
        );
    }

    #[test]
    fn the_root_can_be_dropped() {
        let events = Events {
            xml_root: XmlRoot::Dropped,
            ..Events::default()
        };
        assert_eq!(decode("<a><b>1</b></a>", &events), Ok(json!({"b": "1"})));
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
        let deep = format!("{}{}", "<a>".repeat(1_000), "</a>".repeat(1_000));
        let unclosed = "<a>".repeat(100_000);
        for body in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>text",
            "<a>&unknown;</a>",
            "<a b=1/>",
            "<a b=\"1\" b=\"2\"/>",
            "<a",
            bomb,
            &deep,
            &unclosed,
        ] {
            assert!(decode(body, &Events::default()).is_err(), "{body:.60}");
        }
    }

    #[test]
    fn many_attributes_are_no_more_than_many() {
        let attributes: String = (0..50_000).map(|number| format!(" a{number}=\"1\"")).collect();
        assert!(decode(&format!("<a{attributes}/>"), &Events::default()).is_ok());
    }
}
