//! Texts, templates and expressions: everything that may hold `${…}`.

use located_yaml::Node;
use serde_json::Value as Json;

use super::Context;
use super::limit::Quantity;
use crate::expression::{self, Expression, Value};
use crate::spec::model::{Template, Text, TextPart};

impl Context<'_> {
    /// A text, number or boolean, with its expressions.
    pub(super) fn text(&mut self, node: Node<'_>) -> Option<Text> {
        let text = node.scalar_text(&mut self.problems)?;
        self.text_of(node, &text)
    }

    /// The parts of `text`, which stands at `node`.
    pub(super) fn text_of(&mut self, node: Node<'_>, text: &str) -> Option<Text> {
        let mut parts = Vec::new();
        let mut rest = text;
        let mut complete = true;
        while let Some(start) = rest.find("${") {
            if start > 0 {
                parts.push(TextPart::Literal(rest[..start].to_owned()));
            }
            let after = &rest[start + 2..];
            let Some(end) = after.find('}') else {
                self.push(node.problem("`${` without its `}`"));
                return None;
            };
            match self.parse(node, &after[..end]) {
                Some(expression) => {
                    self.refuse_limit(node, &expression, Quantity::Unknown);
                    parts.push(TextPart::Expression(expression));
                }
                None => complete = false,
            }
            rest = &after[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(TextPart::Literal(rest.to_owned()));
        }
        complete.then_some(Text { parts })
    }

    /// An expression, written bare or inside `${…}`.
    pub(super) fn expression(&mut self, node: Node<'_>) -> Option<Expression> {
        let text = node.scalar_text(&mut self.problems)?;
        let text = text.trim();
        let bare = text
            .strip_prefix("${")
            .and_then(|text| text.strip_suffix('}'))
            .unwrap_or(text);
        self.parse(node, bare)
    }

    /// A JSON document with expressions in its texts.
    pub(super) fn template(&mut self, node: Node<'_>) -> Option<Template> {
        if node.is_sequence() {
            let items = node.items(&mut self.problems)?;
            let items: Vec<_> = items.into_iter().map(|node| self.template(node)).collect();
            return items.into_iter().collect::<Option<_>>().map(Template::Array);
        }
        if node.is_mapping() {
            let entries = node.entries(&mut self.problems)?;
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, node)| Some((key.text.to_owned(), self.template(node)?)))
                .collect();
            return entries.into_iter().collect::<Option<_>>().map(Template::Object);
        }
        if node.is_string() {
            return self.text(node).map(Template::Text);
        }
        node.json(&mut self.problems).map(Template::Scalar)
    }

    fn parse(&mut self, node: Node<'_>, text: &str) -> Option<Expression> {
        match expression::parse(text, &self.scope) {
            Ok(expression) => {
                for name in expression.names() {
                    self.use_name(name);
                }
                Some(expression)
            }
            Err(error) => {
                self.push(node.problem(error.message).maybe_hint(error.hint));
                None
            }
        }
    }
}

impl Text {
    /// A text without expressions.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self {
            parts: vec![TextPart::Literal(text.to_owned())],
        }
    }

    /// Its value: with one expression and nothing else, that expression's, type and all.
    ///
    /// # Errors
    /// When an expression in it has no value.
    pub fn eval(&self, values: &expression::Values) -> Result<Value, expression::EvalError> {
        if let [TextPart::Expression(expression)] = self.parts.as_slice() {
            return expression.eval(values);
        }
        let mut out = String::new();
        for part in &self.parts {
            match part {
                TextPart::Literal(text) => out.push_str(text),
                TextPart::Expression(expression) => out.push_str(&expression.eval(values)?.to_text()),
            }
        }
        Ok(Value::Json(Json::from(out)))
    }
}
