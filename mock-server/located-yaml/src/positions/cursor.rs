//! How far a scalar reaches on its first line.
//!
//! The parser's own end of a quoted scalar includes the blanks and the comment after it, and its beginning the anchor
//! before it; a caret under those would point at the wrong words.

use saphyr_parser::{ScalarStyle, Span};

/// Walks from character index to character index; cheap because the parser's events come in order.
pub(super) struct Cursor<'a> {
    text: &'a str,
    characters: usize,
    bytes: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            characters: 0,
            bytes: 0,
        }
    }

    /// The column (from 1) and the length in characters of a scalar, on the line where it begins.
    pub(super) fn extent_of_scalar(&mut self, span: &Span, style: ScalarStyle, value: &str) -> (usize, usize) {
        let column = span.start.col() + 1;
        let rest = first_line(self.text_from(span.start.index()));
        let skipped = skip_properties(rest);
        let skipped = if skipped == rest.len() { 0 } else { skipped };
        let (before, rest) = rest.split_at(skipped);
        let length = match style {
            ScalarStyle::SingleQuoted => quoted(rest, '\'', None),
            ScalarStyle::DoubleQuoted => quoted(rest, '"', Some('\\')),
            ScalarStyle::Literal | ScalarStyle::Folded => rest.trim_end().chars().count(),
            ScalarStyle::Plain if value.is_empty() => 0,
            ScalarStyle::Plain => plain(rest, value),
        };
        (column + before.chars().count(), length)
    }

    fn text_from(&mut self, index: usize) -> &'a str {
        while self.characters < index {
            let Some(character) = self.text[self.bytes..].chars().next() else {
                break;
            };
            self.characters += 1;
            self.bytes += character.len_utf8();
        }
        while self.characters > index {
            let Some(character) = self.text[..self.bytes].chars().next_back() else {
                break;
            };
            self.characters -= 1;
            self.bytes -= character.len_utf8();
        }
        &self.text[self.bytes..]
    }
}

fn first_line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or(text)
}

/// The bytes an anchor and the blanks after it take.
fn skip_properties(line: &str) -> usize {
    if !line.starts_with('&') {
        return 0;
    }
    let anchor = line.find([' ', '\t']).unwrap_or(line.len());
    line.len() - line[anchor..].trim_start().len()
}

fn quoted(line: &str, quote: char, escape: Option<char>) -> usize {
    let mut characters = line.chars().enumerate().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if Some(character) == escape {
            characters.next();
        } else if character == quote {
            let doubled = escape.is_none() && characters.peek().is_some_and(|(_, next)| *next == quote);
            if !doubled {
                return index + 1;
            }
            characters.next();
        }
    }
    line.trim_end().chars().count()
}

/// A plain scalar is its own text; one that goes on over several lines reaches to the end of the first.
fn plain(line: &str, value: &str) -> usize {
    let whole = if line.starts_with(value) {
        value
    } else {
        line.trim_end()
    };
    whole.chars().count()
}
