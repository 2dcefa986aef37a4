//! What `--filter` says: terms such as `running.*` and `level:must`, combined with `and`, `or`, `not` and parentheses.
//!
//! ```text
//! any  = all  { ("or"  | "|") all }
//! all  = one  { ("and" | "&") one }
//! one  = ("not" | "!") one | "(" any ")" | term
//! term = glob of ids | key ":" value        key: id, requirement, level, grade, tag, section
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use located_yaml::did_you_mean;
use thiserror::Error;

use crate::glob;
use crate::spec::model::{Case, Specs};

/// How deep parentheses and negations may be nested.
const MAX_DEPTH: usize = 50;

/// Which cases are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    expression: Expression,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    Term(Term),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    key: Key,
    value: String,
    /// Where it stands in the text, in bytes.
    at: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    /// Ids, `*` for any run of characters.
    Id,
    /// Cases that cite a requirement, `*` for any run of characters.
    Requirement,
    /// `must`, `should` or `recorded`, in any letter case.
    Level,
    /// `documented`, `vendor`, `observed` or `open`.
    Grade,
    Tag,
    Section,
}

const KEYS: [(&str, Key); 6] = [
    ("id", Key::Id),
    ("requirement", Key::Requirement),
    ("level", Key::Level),
    ("grade", Key::Grade),
    ("tag", Key::Tag),
    ("section", Key::Section),
];

/// Filters that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    /// It cannot be read, or a term of it takes no case.
    #[error("{message}\n  {text}\n  {caret}")]
    At {
        /// What is wrong, and what may have been meant.
        message: String,
        /// The filter.
        text: String,
        /// Blanks, and carets under what is wrong.
        caret: String,
    },
    /// One of them by itself.
    #[error("the filter `{filter}` matches no case{hint}")]
    Alone {
        /// As it was written.
        filter: String,
        /// What may have been meant.
        hint: String,
    },
    /// Each of them matches some case, and no case is matched by all.
    #[error("no case matches all of the filters `{0}`")]
    Together(String),
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// With the place of what is not understood.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut parser = Parser {
            text,
            tokens: tokens(text),
            next: 0,
            depth: 0,
        };
        let expression = parser.any()?;
        match parser.tokens.get(parser.next) {
            None => Ok(Self {
                text: text.to_owned(),
                expression,
            }),
            Some((Token::Close, at)) => Err(point(text, at, "this parenthesis closes nothing")),
            Some((_, at)) => Err(point(text, at, "expected `and` or `or` before this")),
        }
    }

    /// Whether it asks for a case.
    #[must_use]
    pub fn takes(&self, case: &Case, specs: &Specs) -> bool {
        self.expression.takes(case, specs)
    }

    /// Refuses a filter that takes no case, and a term that does not: in `not tag:slwo` it would go unnoticed.
    ///
    /// # Errors
    /// With what may have been meant.
    pub fn matches_something(&self, specs: &Specs) -> Result<(), FilterError> {
        let mut terms = Vec::new();
        self.expression.terms(&mut terms);
        for term in terms {
            if specs.cases.iter().any(|case| term.takes(case, specs)) {
                continue;
            }
            let hint = term
                .suggestion(specs)
                .map_or_else(String::new, |near| format!("; {near}"));
            let filter = self.text[term.at.clone()].to_owned();
            return Err(match self.expression {
                Expression::Term(_) => FilterError::Alone { filter, hint },
                _ => point(&self.text, &term.at, &format!("`{filter}` matches no case{hint}")),
            });
        }
        if specs.cases.iter().any(|case| self.takes(case, specs)) {
            return Ok(());
        }
        Err(FilterError::Alone {
            filter: self.text.clone(),
            hint: ", though each of its terms does".to_owned(),
        })
    }
}

impl Expression {
    fn takes(&self, case: &Case, specs: &Specs) -> bool {
        match self {
            Self::Term(term) => term.takes(case, specs),
            Self::Not(inner) => !inner.takes(case, specs),
            Self::All(parts) => parts.iter().all(|part| part.takes(case, specs)),
            Self::Any(parts) => parts.iter().any(|part| part.takes(case, specs)),
        }
    }

    fn terms<'e>(&'e self, found: &mut Vec<&'e Term>) {
        match self {
            Self::Term(term) => found.push(term),
            Self::Not(inner) => inner.terms(found),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.terms(found)),
        }
    }
}

impl Term {
    fn takes(&self, case: &Case, specs: &Specs) -> bool {
        let value = &self.value;
        match self.key {
            Key::Id => glob::matches(value, &case.id),
            Key::Requirement => case.requirements.iter().any(|cited| glob::matches(value, cited)),
            Key::Level => case.level.word().eq_ignore_ascii_case(value),
            Key::Grade => specs
                .requirements
                .iter()
                .any(|it| it.grade.word() == value && case.requirements.contains(&it.id)),
            Key::Tag => case.tags.contains(value),
            Key::Section => case.section == *value,
        }
    }

    /// What may have been meant.
    fn suggestion(&self, specs: &Specs) -> Option<String> {
        let cases = specs.cases.iter();
        let requirements = specs.requirements.iter();
        let known: BTreeSet<&str> = match self.key {
            Key::Id => cases.map(|case| case.id.as_str()).collect(),
            Key::Requirement => requirements.map(|it| it.id.as_str()).collect(),
            Key::Level => cases.map(|case| case.level.word()).collect(),
            Key::Grade => requirements.map(|it| it.grade.word()).collect(),
            Key::Tag => cases.flat_map(|case| &case.tags).map(String::as_str).collect(),
            Key::Section => cases.map(|case| case.section.as_str()).collect(),
        };
        did_you_mean(&self.value, known)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Word,
}

/// The text in pieces; there is nothing that is no token.
fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let mut found = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, character)) = rest.next() {
        let mut end = start + character.len_utf8();
        let token = match character {
            _ if character.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            '!' => Token::Not,
            '&' | '|' => {
                // Twice is the same, as people are used to it.
                if rest.next_if(|(_, next)| *next == character).is_some() {
                    end += 1;
                }
                if character == '&' { Token::And } else { Token::Or }
            }
            _ => {
                let goes_on = |it: char| !it.is_whitespace() && !"()!&|".contains(it);
                while let Some((at, next)) = rest.next_if(|(_, next)| goes_on(*next)) {
                    end = at + next.len_utf8();
                }
                match &text[start..end] {
                    "and" => Token::And,
                    "or" => Token::Or,
                    "not" => Token::Not,
                    _ => Token::Word,
                }
            }
        };
        found.push((token, start..end));
    }
    found
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all()?];
        while self.goes_on_with(Token::Or) {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.one()?];
        while self.goes_on_with(Token::And) {
            parts.push(self.one()?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn one(&mut self) -> Result<Expression, FilterError> {
        let Some((token, at)) = self.tokens.get(self.next).cloned() else {
            let end = self.text.len()..self.text.len();
            return Err(point(self.text, &end, &format!("expected {TERM} here")));
        };
        if self.depth == MAX_DEPTH {
            return Err(point(self.text, &at, &format!("nested more than {MAX_DEPTH} deep")));
        }
        self.next += 1;
        self.depth += 1;
        let expression = match token {
            Token::Word => self.term(at)?,
            Token::Not => Expression::Not(Box::new(self.one()?)),
            Token::Open => {
                let inner = self.any()?;
                if !self.goes_on_with(Token::Close) {
                    return Err(point(self.text, &at, "this parenthesis is not closed"));
                }
                inner
            }
            Token::Close | Token::And | Token::Or => {
                let message = format!("expected {TERM} before this");
                return Err(point(self.text, &at, &message));
            }
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn term(&self, at: Range<usize>) -> Result<Expression, FilterError> {
        let word = &self.text[at.clone()];
        let (key, value) = match word.split_once(':') {
            None => (Key::Id, word),
            Some((name, value)) => match KEYS.iter().find(|(known, _)| *known == name) {
                Some((_, key)) => (*key, value),
                None => {
                    let near = did_you_mean(name, KEYS.map(|(known, _)| known));
                    let near = near.map_or_else(String::new, |near| format!("; {near}"));
                    let at = at.start..at.start + name.len().max(1);
                    return Err(point(self.text, &at, &format!("nothing is filtered by `{name}`{near}")));
                }
            },
        };
        if value.is_empty() {
            return Err(point(self.text, &at, "there is nothing after the colon"));
        }
        let value = value.to_owned();
        Ok(Expression::Term(Term { key, value, at }))
    }

    fn goes_on_with(&mut self, token: Token) -> bool {
        let there = self.tokens.get(self.next).is_some_and(|(it, _)| *it == token);
        self.next += usize::from(there);
        there
    }
}

/// What stands where something is missing.
const TERM: &str = "a glob of ids, `level:must`, `tag:…` or a parenthesis";

fn one_or(mut parts: Vec<Expression>, many: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            many(parts)
        }
    }
}

fn point(text: &str, at: &Range<usize>, message: &str) -> FilterError {
    let width = |range: &str| range.chars().count();
    let mut caret = " ".repeat(width(&text[..at.start]));
    let _ = write!(caret, "{}", "^".repeat(width(&text[at.clone()]).max(1)));
    FilterError::At {
        message: format!("in a filter: {message}"),
        // Carets stand under what they point at only when all characters are as wide as one.
        text: text.replace(char::is_whitespace, " "),
        caret,
    }
}
