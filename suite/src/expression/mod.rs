//! Expressions of the case language: what stands between `${` and `}`.
//!
//! Pure: parsing checks names against a scope, evaluating reads values that are handed in.

mod parse;
mod value;

pub use parse::{ParseError, Scope, parse};
pub use value::{EvalError, Value, Values};

use std::time::Duration;

/// An expression, parsed; every name in it was known where it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number, duration, size or text as written.
    Literal(Value),
    /// A name such as `limits.sync_timeout`, `each.type` or a capture.
    Name(String),
    /// `a + b`, `a - b`, `a * b`.
    Binary(Box<Self>, Operator, Box<Self>),
    /// `a | filter`.
    Filtered(Box<Self>, Filter),
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Numbers or durations.
    Add,
    /// Numbers or durations.
    Subtract,
    /// A number times a number or duration.
    Multiply,
}

/// A filter on a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Upper case.
    Upper,
    /// Lower case.
    Lower,
    /// A UUID without its hyphens.
    Simple,
    /// Standard base64 with padding.
    Base64,
    /// Percent-encoded for a path segment or query value.
    Url,
}

impl Expression {
    /// A literal duration.
    #[must_use]
    pub const fn duration(value: Duration) -> Self {
        Self::Literal(Value::Duration(value))
    }

    /// Evaluates against `values`.
    ///
    /// # Errors
    /// When a name has no value (an earlier capture failed) or an operator or filter does not fit its operands.
    pub fn eval(&self, values: &Values) -> Result<Value, EvalError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Name(name) => values.get(name).cloned().ok_or_else(|| EvalError::Unset(name.clone())),
            Self::Binary(left, operator, right) => value::combine(&left.eval(values)?, *operator, &right.eval(values)?),
            Self::Filtered(inner, filter) => value::filter(&inner.eval(values)?, *filter),
        }
    }

    /// Every name it mentions, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Name(name) => vec![name],
            Self::Binary(left, _, right) => [left.names(), right.names()].concat(),
            Self::Filtered(inner, _) => inner.names(),
        }
    }
}
