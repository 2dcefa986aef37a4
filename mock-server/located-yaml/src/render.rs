//! Problems drawn for people: the line, a caret under the words, the hint.
//!
//! Makes text and prints nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use crate::{Document, Problem, Problems};

/// Whether to use terminal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Text only.
    Plain,
    /// With ANSI colours.
    Colour,
}

/// The texts that problems point into, by file name.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<String, Arc<str>>);

impl Sources {
    /// The text of one document.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        Self(BTreeMap::from([(document.file().to_owned(), document.shared_text())]))
    }

    /// Adds the text of a file, whether or not it could be parsed.
    pub fn add(&mut self, file: &str, text: &str) {
        self.0
            .insert(file.to_owned(), text.strip_prefix('\u{feff}').unwrap_or(text).into());
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, file: &str) -> Option<&str> {
        self.0.get(file).map(|text| &**text)
    }

    /// Takes over the texts of others.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// A line of a file, from 1, without its end.
    fn line(&self, file: &str, number: u32) -> Option<&str> {
        let mut rest = self.get(file)?;
        for _ in 1..number {
            let end = rest.find(['\n', '\r'])?;
            rest = &rest[end + if rest[end..].starts_with("\r\n") { 2 } else { 1 }..];
        }
        rest.split(['\n', '\r']).next()
    }
}

impl Problems {
    /// All problems in order, each with its line of source and its hint, separated by blank lines.
    #[must_use]
    pub fn render(&self, sources: &Sources, paint: Paint) -> String {
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Colour => Renderer::styled(),
        };
        let drawn: Vec<String> = self.iter().map(|problem| draw(problem, sources, &renderer)).collect();
        drawn.join("\n\n")
    }
}

fn draw(problem: &Problem, sources: &Sources, renderer: &Renderer) -> String {
    let location = &problem.location;
    let (line_number, column) = (location.line as usize, location.column as usize);
    let title = Level::ERROR.primary_title(&problem.message);
    let mut group: Group<'_> = match sources.line(&location.file, location.line) {
        Some(line) => {
            let snippet = Snippet::source(line).line_start(line_number).path(&*location.file);
            title.element(snippet.annotation(AnnotationKind::Primary.span(span(line, column, location.length))))
        }
        None => title.element(Origin::path(&*location.file).line(line_number).char_column(column)),
    };
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(normalize_untrusted_str(hint)));
    }
    renderer.render(&[group])
}

/// The bytes of `line` that a column and a length in characters stand for; never outside the line.
fn span(line: &str, column: usize, length: u32) -> std::ops::Range<usize> {
    let byte_of = |character: usize| line.char_indices().nth(character).map_or(line.len(), |(byte, _)| byte);
    let start = column.saturating_sub(1);
    byte_of(start)..byte_of(start.saturating_add(length as usize))
}
