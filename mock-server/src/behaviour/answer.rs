//! The two forms in which a configuration states an answer: `400 Invalid header`, and a body with places to fill in.
//!
//! Knows neither which answers there are nor when they are given.

use std::fmt::Write as _;

use located_yaml::{Node, Problems};

use crate::behaviour::knob::{Knob, quoted};
use crate::ids::ExecutionId;

/// A status and its phrase (contract section 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// A final HTTP status, 200 to 599.
    pub(crate) status: u16,
    /// What the body says in words.
    pub(crate) phrase: String,
}

impl Answer {
    /// Reads `400 Invalid header`.
    fn parse(text: &str) -> Option<Self> {
        let (status, phrase) = text.split_once(' ').unwrap_or((text, ""));
        let status = status.parse().ok().filter(|status| status_is_final(*status))?;
        Some(Self {
            status,
            phrase: phrase.trim().to_owned(),
        })
    }

    /// A documented default, checked by the test that reads every default back.
    pub(super) fn of(status: u16, phrase: &str) -> Self {
        Self {
            status,
            phrase: phrase.to_owned(),
        }
    }
}

/// True for a status that can end an exchange: 1xx cannot, and HTTP knows nothing above 599.
pub(crate) fn status_is_final(status: u16) -> bool {
    (200..=599).contains(&status)
}

impl Knob for Answer {
    fn accepts() -> String {
        "a status from 200 to 599 and a phrase, such as 400 Invalid header".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        let text = node.scalar_text(problems)?;
        let read = Self::parse(&text);
        if read.is_none() {
            problems.push(node.problem(format!("expected {}", Self::accepts())));
        }
        read
    }

    fn write(&self) -> String {
        format!("{} {}", self.status, self.phrase)
    }
}

/// A body with places such as `{execution_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BodyTemplate {
    pieces: Vec<Piece>,
}

/// A stretch of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Place),
}

/// What can be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    ExecutionId,
    Phrase,
    Message,
}

const PLACES: [(&str, Place); 3] = [
    ("{execution_id}", Place::ExecutionId),
    ("{phrase}", Place::Phrase),
    ("{message}", Place::Message),
];

/// What an answer has to say; a place without a value becomes empty.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filling<'a> {
    /// For `{execution_id}`.
    pub(crate) execution: Option<ExecutionId>,
    /// For `{phrase}`.
    pub(crate) phrase: &'a str,
    /// For `{message}`.
    pub(crate) message: &'a str,
}

impl BodyTemplate {
    /// Finds the places in a text.
    pub(super) fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((at, name, place)) = PLACES
            .iter()
            .filter_map(|(name, place)| Some((rest.find(name)?, name, *place)))
            .min_by_key(|found| found.0)
        {
            pieces.push(Piece::Text(rest[..at].to_owned()));
            pieces.push(Piece::Place(place));
            rest = &rest[at + name.len()..];
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Self { pieces }
    }

    /// The body with its places filled in, escaped as the inside of a JSON string.
    pub(crate) fn fill(&self, filling: Filling<'_>) -> String {
        let mut body = String::with_capacity(96);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => body.push_str(text),
                Piece::Place(Place::ExecutionId) => {
                    if let Some(id) = filling.execution {
                        write!(body, "{id}").expect("a String takes everything that is written");
                    }
                }
                Piece::Place(Place::Phrase) => push_escaped(&mut body, filling.phrase),
                Piece::Place(Place::Message) => push_escaped(&mut body, filling.message),
            }
        }
        body
    }
}

/// Appends `text` as it stands between the quotes of a JSON string.
fn push_escaped(body: &mut String, text: &str) {
    let quoted = serde_json::Value::from(text).to_string();
    body.push_str(&quoted[1..quoted.len() - 1]);
}

impl Knob for BodyTemplate {
    fn accepts() -> String {
        "text with the places {execution_id}, {phrase} and {message}".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        node.string(problems).map(Self::parse)
    }

    fn write(&self) -> String {
        let text: String = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Place(place) => PLACES
                    .iter()
                    .find(|(_, known)| known == place)
                    .map_or("", |(name, _)| name),
            })
            .collect();
        quoted(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_final_status_and_a_phrase() {
        for (text, read) in [
            ("400 Invalid header", Some((400, "Invalid header"))),
            ("204", Some((204, ""))),
            ("100 Continue", None),
            ("600 Beyond", None),
            ("Invalid header", None),
            ("", None),
        ] {
            let expected = read.map(|(status, phrase)| Answer::of(status, phrase));
            assert_eq!(Answer::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn places_are_filled_in_and_escaped() {
        let template = BodyTemplate::parse(r#"{"id":"{execution_id}","{other}":"{phrase}: {message}"}"#);
        let id = ExecutionId::parse("c9a0769f-b8a3-4000-8000-b57c138b5523");
        let body = template.fill(Filling {
            execution: id,
            phrase: "No",
            message: "say \"please\"",
        });
        assert_eq!(
            body,
            r#"{"id":"c9a0769f-b8a3-4000-8000-b57c138b5523","{other}":"No: say \"please\""}"#
        );
    }

    #[test]
    fn a_template_is_written_as_it_was_read() {
        let text = r#"{"id":"{execution_id}","text":"it's {phrase}"}"#;
        assert_eq!(BodyTemplate::parse(text).write(), quoted(text));
    }
}
