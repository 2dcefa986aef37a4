//! From the text of an expression to its tree.
//!
//! Knows the grammar only; whether a name has a meaning is its `Scope`'s business.
//!
//! ```text
//! expression = term { ("+" | "-") term } { "|" filter }
//! term       = factor { "*" factor }
//! factor     = literal | name | "(" expression ")"
//! literal    = 3 | 1.5 | 20s | 250ms | 1KiB | "text"
//! ```

use std::collections::BTreeSet;

use located_yaml::{did_you_mean, parse_duration};
use serde_json::Value as Json;
use thiserror::Error;

use super::{Expression, Filter, Operator, Value};

/// The names that mean something at one place of a case.
#[derive(Clone, Debug, Default)]
pub struct Scope(BTreeSet<String>);

impl Scope {
    /// Makes a name known from here on.
    pub fn add(&mut self, name: impl Into<String>) {
        self.0.insert(name.into());
    }

    /// Whether a name is known.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    fn suggestion(&self, name: &str) -> Option<String> {
        did_you_mean(name, self.0.iter().map(String::as_str))
    }
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ParseError {
    /// What is wrong.
    pub message: String,
    /// What may have been meant.
    pub hint: Option<String>,
}

const FILTERS: [(&str, Filter); 5] = [
    ("upper", Filter::Upper),
    ("lower", Filter::Lower),
    ("simple", Filter::Simple),
    ("base64", Filter::Base64),
    ("url", Filter::Url),
];

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 32;

/// Reads an expression.
///
/// # Errors
/// When the text is none, or names something `scope` does not know.
pub fn parse(text: &str, scope: &Scope) -> Result<Expression, ParseError> {
    let mut parser = Parser {
        rest: text,
        scope,
        depth: 0,
    };
    let expression = parser.expression()?;
    parser.skip_blanks();
    if parser.rest.is_empty() {
        Ok(expression)
    } else {
        Err(error(format!("`{}` is left over after the expression", parser.rest)))
    }
}

struct Parser<'t> {
    rest: &'t str,
    scope: &'t Scope,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn expression(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.term()?;
        while let Some(operator) = self.either(&[('+', Operator::Add), ('-', Operator::Subtract)]) {
            left = Expression::Binary(Box::new(left), operator, Box::new(self.term()?));
        }
        while self.either(&[('|', ())]).is_some() {
            left = Expression::Filtered(Box::new(left), self.filter()?);
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.factor()?;
        while self.either(&[('*', ())]).is_some() {
            left = Expression::Binary(Box::new(left), Operator::Multiply, Box::new(self.factor()?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, ParseError> {
        if self.either(&[('(', ())]).is_some() {
            return self.parenthesis();
        }
        self.skip_blanks();
        match self.rest.chars().next() {
            Some('"') => self.text(),
            Some(first) if first.is_ascii_digit() => self.quantity(),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => self.name(),
            Some(other) => Err(error(format!("expected a value, found `{other}`"))),
            None => Err(error("expected a value, found the end".to_owned())),
        }
    }

    fn parenthesis(&mut self) -> Result<Expression, ParseError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(error("too many parentheses".to_owned()));
        }
        let inner = self.expression()?;
        self.depth -= 1;
        match self.either(&[(')', ())]) {
            Some(()) => Ok(inner),
            None => Err(error("a `(` without its `)`".to_owned())),
        }
    }

    fn text(&mut self) -> Result<Expression, ParseError> {
        let rest = &self.rest[1..];
        let end = rest
            .find('"')
            .ok_or_else(|| error("a `\"` without its counterpart".to_owned()))?;
        self.rest = &rest[end + 1..];
        Ok(Expression::Literal(Value::Json(Json::from(&rest[..end]))))
    }

    fn quantity(&mut self) -> Result<Expression, ParseError> {
        let word = self.word(|c| c.is_ascii_alphanumeric() || c == '.');
        let digits = word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len());
        let (number, unit) = word.split_at(digits);
        let factor = match unit {
            "" => return number_of(number).map(|number| Expression::Literal(Value::Json(number))),
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            _ => {
                return parse_duration(word).map(Expression::duration).map_err(|_| ParseError {
                    message: format!("`{word}` is no quantity"),
                    hint: Some("durations end in ms, s, m or h; sizes in KiB or MiB".to_owned()),
                });
            }
        };
        let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        let bytes = bytes.ok_or_else(|| error(format!("`{word}` is no whole number of bytes")))?;
        Ok(Expression::Literal(Value::Json(Json::from(bytes))))
    }

    fn name(&mut self) -> Result<Expression, ParseError> {
        // A hyphen belongs to a name when a letter follows it, so that `a-b` is a name and `a - b` a difference.
        let name = self
            .word(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
            .trim_end_matches('-');
        if self.scope.knows(name) {
            return Ok(Expression::Name(name.to_owned()));
        }
        let message = format!("nothing is called `{name}` here");
        let hint = self.scope.suggestion(name);
        Err(ParseError {
            message,
            hint: hint.or_else(|| Some("a capture has a value in later steps of its case only".to_owned())),
        })
    }

    fn filter(&mut self) -> Result<Filter, ParseError> {
        self.skip_blanks();
        let word = self.word(|c| c.is_ascii_alphanumeric());
        let found = FILTERS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, filter)| *filter);
        found.ok_or_else(|| ParseError {
            message: format!("there is no filter `{word}`"),
            hint: did_you_mean(word, FILTERS.iter().map(|(name, _)| *name))
                .or_else(|| Some("the filters are upper, lower, simple, base64 and url".to_owned())),
        })
    }

    fn either<T: Copy>(&mut self, choices: &[(char, T)]) -> Option<T> {
        self.skip_blanks();
        let (found, value) = choices.iter().find(|(sign, _)| self.rest.starts_with(*sign))?;
        self.rest = &self.rest[found.len_utf8()..];
        Some(*value)
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn number_of(text: &str) -> Result<Json, ParseError> {
    let number = text.parse::<u64>().map(Json::from).ok();
    let number = number.or_else(|| {
        text.parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Json::from)
    });
    number.ok_or_else(|| error(format!("`{text}` is no number")))
}

fn error(message: String) -> ParseError {
    ParseError { message, hint: None }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::Values;
    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::default();
        for name in [
            "limits.sync_timeout",
            "tolerance",
            "execution",
            "workflows.respond-text.id",
        ] {
            scope.add(name);
        }
        scope
    }

    #[track_caller]
    fn check(text: &str, expected: Value) {
        let mut values = Values::default();
        values.set("limits.sync_timeout", Value::Duration(Duration::from_secs(50)));
        values.set("tolerance", Value::Duration(Duration::from_secs(2)));
        values.set("execution", Value::Json(Json::from("A-b")));
        values.set("workflows.respond-text.id", Value::Json(Json::from("x")));
        assert_eq!(
            parse(text, &scope()).map(|it| it.eval(&values)),
            Ok(Ok(expected)),
            "{text}"
        );
    }

    #[test]
    fn expressions_mean_what_they_look_like() {
        let seconds = |n| Value::Duration(Duration::from_millis(n));
        let json = |value: Json| Value::Json(value);
        check("limits.sync_timeout + 20s", seconds(70_000));
        check("limits.sync_timeout - 1ms", seconds(49_999));
        check(" 2 * tolerance ", seconds(4_000));
        check("2 + 3 * 4", json(14.into()));
        check("(2 + 3) * 4", json(20.into()));
        check("1KiB + 1", json(1025.into()));
        check("1.5", json(1.5.into()));
        check("\"a b\" | url", json("a%20b".into()));
        check("execution | simple | upper", json("AB".into()));
        check("workflows.respond-text.id", json("x".into()));
    }

    #[test]
    fn what_is_no_expression_is_refused_with_a_way_out() {
        let told = |text: &str| match parse(text, &scope()) {
            Ok(expression) => format!("{expression:?}"),
            Err(error) => format!("{}; {}", error.message, error.hint.unwrap_or_default()),
        };
        assert_eq!(
            told("limits.sync_timeot"),
            "nothing is called `limits.sync_timeot` here; did you mean `limits.sync_timeout`?"
        );
        assert_eq!(
            told("execution | uper"),
            "there is no filter `uper`; did you mean `upper`?"
        );
        assert_eq!(
            told("20x"),
            "`20x` is no quantity; durations end in ms, s, m or h; sizes in KiB or MiB"
        );
        assert_eq!(told("1 +"), "expected a value, found the end; ");
        assert_eq!(told("(1"), "a `(` without its `)`; ");
        assert_eq!(told("1 2"), "`2` is left over after the expression; ");
        assert_eq!(told(&"(".repeat(1000)), "too many parentheses; ");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse(&text, &scope());
        }
    }
}
