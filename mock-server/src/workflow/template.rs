//! Values with `{{ path }}` in them, and what they become for one event.
//!
//! A path is RFC 9535 over the document `{"event": …}`; anything a template can do beyond that is not ours to add.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;

/// A JSON value any of whose texts may hold templates.
#[derive(Clone, Debug)]
pub(crate) enum Template {
    /// Holds no template.
    Constant(Value),
    /// A text that is one template and nothing else: keeps the JSON type of what it finds.
    Whole(JsonPath),
    /// A text with templates in it.
    Text(Vec<Piece>),
    /// An array some item of which holds a template.
    Array(Vec<Self>),
    /// An object some value of which holds a template.
    Object(Vec<(String, Self)>),
}

/// A stretch of a text.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// As it stands.
    Literal(String),
    /// What the path finds, as text.
    Path(JsonPath),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// `{{` without `}}`.
    #[error("`{{{{` without `}}}}`")]
    Unclosed,
    /// The path is not RFC 9535.
    #[error("`{0}` is no RFC 9535 path")]
    Path(String),
}

/// Reads a path.
pub(crate) fn parse_path(text: &str) -> Result<JsonPath, TemplateError> {
    // The parser's own reason is "parser error" nearly always.
    JsonPath::parse(text).map_err(|_| TemplateError::Path(text.to_owned()))
}

impl Template {
    /// Finds the templates in a value.
    pub(crate) fn parse(value: &Value) -> Result<Self, TemplateError> {
        let parsed = match value {
            Value::String(text) => return Self::parse_text(text),
            Value::Array(items) => Self::Array(items.iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, member)| Ok((name.clone(), Self::parse(member)?)))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => return Ok(Self::Constant(value.clone())),
        };
        Ok(if parsed.is_constant() {
            Self::Constant(value.clone())
        } else {
            parsed
        })
    }

    fn parse_text(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, opened)) = rest.split_once("{{") {
            let (path, after) = opened.split_once("}}").ok_or(TemplateError::Unclosed)?;
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            pieces.push(Piece::Path(parse_path(path.trim())?));
            rest = after;
        }
        if pieces.is_empty() {
            return Ok(Self::Constant(Value::from(text)));
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        match <[Piece; 1]>::try_from(pieces) {
            Ok([Piece::Path(path)]) => Ok(Self::Whole(path)),
            Ok(literal) => Ok(Self::Text(literal.into())),
            Err(pieces) => Ok(Self::Text(pieces)),
        }
    }

    fn is_constant(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Whole(_) | Self::Text(_) => false,
            Self::Array(items) => items.iter().all(Self::is_constant),
            Self::Object(members) => members.iter().all(|(_, member)| member.is_constant()),
        }
    }

    /// What the value becomes for this document; `None` when it is one template that finds nothing.
    ///
    /// Inside an array such a template becomes null, inside an object its key is left out.
    pub(crate) fn render(&self, document: &Value) -> Option<Value> {
        match self {
            Self::Constant(value) => Some(value.clone()),
            Self::Whole(path) => found(path, document),
            Self::Text(pieces) => Some(Value::String(render_text(pieces, document))),
            Self::Array(items) => Some(
                items
                    .iter()
                    .map(|item| item.render(document).unwrap_or(Value::Null))
                    .collect(),
            ),
            Self::Object(members) => {
                let rendered = members
                    .iter()
                    .filter_map(|(name, member)| Some((name.clone(), member.render(document)?)));
                Some(Value::Object(rendered.collect::<Map<_, _>>()))
            }
        }
    }

    /// The same, to be written down without being built; null when it is one template that finds nothing.
    pub(crate) const fn filled<'a>(&'a self, document: &'a Value) -> Filled<'a> {
        Filled {
            template: self,
            document,
        }
    }

    /// The value as a person reads it: texts bare, anything else as JSON, nothing as nothing.
    pub(crate) fn render_as_text(&self, document: &Value) -> String {
        self.render(document).map(bare).unwrap_or_default()
    }
}

/// A template together with what it is filled from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled<'a> {
    template: &'a Template,
    document: &'a Value,
}

/// Writes what [`Template::render`] would build.
impl Serialize for Filled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { template, document } = *self;
        match template {
            Template::Constant(value) => value.serialize(serializer),
            Template::Whole(path) => match path.query(document).all().as_slice() {
                [] => serializer.serialize_unit(),
                [node] => node.serialize(serializer),
                several => several.serialize(serializer),
            },
            Template::Text(pieces) => serializer.serialize_str(&render_text(pieces, document)),
            Template::Array(items) => serializer.collect_seq(items.iter().map(|item| item.filled(document))),
            Template::Object(members) => {
                let finds = |member: &&(String, Template)| match &member.1 {
                    Template::Whole(path) => !path.query(document).is_empty(),
                    Template::Constant(_) | Template::Text(_) | Template::Array(_) | Template::Object(_) => true,
                };
                let members = members.iter().filter(finds);
                serializer.collect_map(members.map(|(name, member)| (name, member.filled(document))))
            }
        }
    }
}

/// One node keeps its type, several become an array.
fn found(path: &JsonPath, document: &Value) -> Option<Value> {
    let nodes = path.query(document).all();
    match nodes.as_slice() {
        [] => None,
        [node] => Some((*node).clone()),
        several => Some(several.iter().map(|node| (*node).clone()).collect()),
    }
}

fn render_text(pieces: &[Piece], document: &Value) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Path(path) => text.push_str(&found(path, document).map(bare).unwrap_or_default()),
        }
    }
    text
}

fn bare(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(template: &Value, expected: Option<&Value>) {
        let document = json!({"event": {"n": 7, "text": "hi", "list": [1, 2], "deep": {"flag": true}, "none": null}});
        let rendered = Template::parse(template).expect("a good template").render(&document);
        assert_eq!(rendered.as_ref(), expected, "{template}");
        let template = Template::parse(template).expect("a good template");
        let written = serde_json::to_value(template.filled(&document)).expect("a JSON value");
        assert_eq!(
            written,
            rendered.unwrap_or_default(),
            "what is written is what is built"
        );
    }

    #[test]
    fn a_template_that_is_the_whole_value_keeps_the_type() {
        check(&json!("{{ $.event.n }}"), Some(&json!(7)));
        check(&json!("{{$.event.deep}}"), Some(&json!({"flag": true})));
        check(&json!("{{ $.event.none }}"), Some(&json!(null)));
        check(&json!("{{ $.event.list[*] }}"), Some(&json!([1, 2])));
        check(&json!("{{ $.event.missing }}"), None);
    }

    #[test]
    fn a_template_inside_text_becomes_text() {
        check(&json!("{{ $.event.text }} {{ $.event.n }}!"), Some(&json!("hi 7!")));
        check(&json!("<{{ $.event.deep }}>"), Some(&json!(r#"<{"flag":true}>"#)));
        check(&json!("<{{ $.event.missing }}>"), Some(&json!("<>")));
    }

    #[test]
    fn templates_are_found_at_any_depth() {
        check(
            &json!({"a": ["{{ $.event.n }}", "{{ $.event.missing }}"], "b": "{{ $.event.missing }}", "c": 1}),
            Some(&json!({"a": [7, null], "c": 1})),
        );
        check(&json!([1, {"plain": "text"}]), Some(&json!([1, {"plain": "text"}])));
    }

    #[test]
    fn what_is_no_template_says_why() {
        assert_eq!(
            Template::parse(&json!("{{ $.event")).err(),
            Some(TemplateError::Unclosed)
        );
        let error = Template::parse(&json!(["{{ event.n }}"])).expect_err("a path begins with $");
        assert_eq!(error.to_string(), "`event.n` is no RFC 9535 path");
    }
}
