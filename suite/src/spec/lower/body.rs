//! Request bodies.

use located_yaml::{Fields, Node};

use super::Context;
use super::limit::Quantity;
use crate::spec::model::{Body, ContentType, Framing, Need, Template, Text};

/// The keys that give a request its body; at most one of them stands in a request.
pub(super) const BODY_KEYS: [&str; 6] = ["json", "form", "xml", "text", "empty", "generated"];

const FRAMINGS: [(&str, Framing); 2] = [("declared", Framing::Declared), ("chunked", Framing::Chunked)];

impl Context<'_> {
    /// The body a request names, or `fallback` when it names none.
    pub(super) fn body(&mut self, fields: &Fields<'_>, fallback: Body) -> Option<Body> {
        let named: Vec<_> = BODY_KEYS
            .iter()
            .filter_map(|key| Some((*key, fields.optional(key)?)))
            .collect();
        match named.as_slice() {
            [] => Some(fallback),
            [(key, node)] => self.one_body(key, *node),
            [_, (second, _), ..] => {
                let key = fields.key(second)?;
                self.push(
                    key.problem("a request has at most one body")
                        .hint(format!("one of {}", BODY_KEYS.join(", "))),
                );
                None
            }
        }
    }

    fn one_body(&mut self, key: &str, node: Node<'_>) -> Option<Body> {
        match key {
            "json" | "form" | "xml" | "text" => self.refuse_hidden_limits("", node),
            _ => {}
        }
        match key {
            "json" => self.template(node).map(Body::Json),
            "form" => self.pairs(node).map(Body::Form),
            "xml" => self.text(node).map(Body::Xml),
            "text" => self.text(node).map(Body::Text),
            "empty" => node.choice(&[("true", ())], &mut self.problems).map(|()| Body::Empty),
            _ => self.generated(node),
        }
    }

    /// Names and values in order; a list of values repeats the name.
    pub(super) fn pairs(&mut self, node: Node<'_>) -> Option<Vec<(Text, Text)>> {
        let mut pairs = Vec::new();
        for (key, node) in node.entries(&mut self.problems)? {
            let values = if node.is_sequence() {
                node.items(&mut self.problems)?
            } else {
                vec![node]
            };
            for node in values {
                let name = self.text_of(node, key.text)?;
                pairs.push((name, self.text(node)?));
            }
        }
        Some(pairs)
    }

    fn generated(&mut self, node: Node<'_>) -> Option<Body> {
        let fields = node.fields(&["bytes", "framing", "event"], &mut self.problems)?;
        let bytes = fields
            .required("bytes", &mut self.problems)
            .and_then(|node| self.quantity(node, Quantity::Bytes));
        let framing = match fields.optional("framing") {
            Some(node) => node.choice(&FRAMINGS, &mut self.problems),
            None => Some(Framing::Declared),
        };
        let event = match fields.optional("event") {
            Some(node) => match self.event(node)? {
                object @ Template::Object(_) => Some(object),
                Template::Scalar(_) | Template::Text(_) | Template::Array(_) | Template::Match(_) => {
                    self.push(node.problem("the event of a generated body is a mapping"));
                    return None;
                }
            },
            None => None,
        };
        self.needs.insert(Need::LargePayload);
        Some(Body::Generated {
            bytes: bytes?,
            framing: framing?,
            event,
        })
    }

    fn event(&mut self, node: Node<'_>) -> Option<Template> {
        self.refuse_hidden_limits("", node);
        self.template(node)
    }

    pub(super) fn content_type(&mut self, fields: &Fields<'_>) -> Option<ContentType> {
        match fields.optional("content_type") {
            None => Some(ContentType::Implied),
            Some(node) if node.is_null() => Some(ContentType::Absent),
            Some(node) => self.text(node).map(ContentType::Given),
        }
    }
}
