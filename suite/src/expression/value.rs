//! The values expressions work on, and their arithmetic.

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::BASE64;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Number, Value as Json};
use thiserror::Error;

use super::{Filter, Operator};

/// A value of the case language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A duration; a number of seconds where JSON or text is wanted.
    Duration(Duration),
    /// Anything JSON can say.
    Json(Json),
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvalError {
    /// A name without a value.
    #[error("`{0}` has no value: the step that captures it got none")]
    Unset(String),
    /// Operands that do not go together.
    #[error("cannot {verb} {left} and {right}")]
    Operands {
        /// add, subtract or multiply.
        verb: &'static str,
        /// What stood on the left.
        left: String,
        /// What stood on the right.
        right: String,
    },
    /// A value of the wrong type.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What was wanted.
        expected: &'static str,
        /// What there was.
        found: String,
    },
}

/// Names and their values.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Gives `name` a value, replacing an earlier one.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.0.insert(name.into(), value);
    }

    /// All names and values in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl Value {
    /// As a duration; a number counts as seconds.
    ///
    /// # Errors
    /// When it is neither.
    pub fn as_duration(&self) -> Result<Duration, EvalError> {
        let wrong = || EvalError::Type {
            expected: "a duration",
            found: self.describe(),
        };
        match self {
            Self::Duration(duration) => Ok(*duration),
            Self::Json(Json::Number(number)) => number
                .as_f64()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .ok_or_else(wrong),
            Self::Json(_) => Err(wrong()),
        }
    }

    /// As a whole number that is not negative: a count or a number of bytes.
    ///
    /// # Errors
    /// When it is something else.
    pub fn as_count(&self) -> Result<u64, EvalError> {
        match self {
            Self::Json(Json::Number(number)) => number.as_u64(),
            Self::Duration(_) | Self::Json(_) => None,
        }
        .ok_or_else(|| EvalError::Type {
            expected: "a whole number",
            found: self.describe(),
        })
    }

    /// As JSON: a duration is its number of seconds, whole when it is whole.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Json(json) => json.clone(),
            Self::Duration(duration) if duration.subsec_nanos() == 0 => Json::from(duration.as_secs()),
            Self::Duration(duration) => Number::from_f64(duration.as_secs_f64()).map_or(Json::Null, Json::Number),
        }
    }

    /// As text inside other text: strings bare, everything else as JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self.to_json() {
            Json::String(text) => text,
            other => other.to_string(),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Duration(duration) => format!("the duration {duration:?}"),
            Self::Json(json) => format!("`{json}`"),
        }
    }
}

pub(super) fn combine(left: &Value, operator: Operator, right: &Value) -> Result<Value, EvalError> {
    let verb = match operator {
        Operator::Add => "add",
        Operator::Subtract => "subtract",
        Operator::Multiply => "multiply",
    };
    let wrong = || EvalError::Operands {
        verb,
        left: left.describe(),
        right: right.describe(),
    };
    match (left, right) {
        (Value::Duration(left), Value::Duration(right)) => match operator {
            Operator::Add => left.checked_add(*right),
            Operator::Subtract => left.checked_sub(*right),
            Operator::Multiply => None,
        }
        .map(Value::Duration)
        .ok_or_else(wrong),
        (Value::Duration(duration), Value::Json(Json::Number(number)))
        | (Value::Json(Json::Number(number)), Value::Duration(duration))
            if operator == Operator::Multiply =>
        {
            let factor = number.as_f64().unwrap_or(-1.0);
            Duration::try_from_secs_f64(duration.as_secs_f64() * factor)
                .map(Value::Duration)
                .map_err(|_| wrong())
        }
        (Value::Json(Json::Number(left)), Value::Json(Json::Number(right))) => arithmetic(left, operator, right)
            .map(|number| Value::Json(Json::Number(number)))
            .ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn arithmetic(left: &Number, operator: Operator, right: &Number) -> Option<Number> {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return match operator {
            Operator::Add => left.checked_add(right),
            Operator::Subtract => left.checked_sub(right),
            Operator::Multiply => left.checked_mul(right),
        }
        .map(Number::from);
    }
    let (left, right) = (left.as_f64()?, right.as_f64()?);
    Number::from_f64(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
    })
}

pub(super) fn filter(value: &Value, filter: Filter) -> Result<Value, EvalError> {
    let text = match value {
        Value::Json(Json::String(text)) => text.clone(),
        Value::Json(Json::Number(_)) => value.to_text(),
        Value::Duration(_) | Value::Json(_) => {
            return Err(EvalError::Type {
                expected: "a text",
                found: value.describe(),
            });
        }
    };
    Ok(Value::Json(Json::String(match filter {
        Filter::Upper => text.to_uppercase(),
        Filter::Lower => text.to_lowercase(),
        Filter::Simple => text.replace('-', ""),
        Filter::Base64 => BASE64.encode(text.as_bytes()),
        Filter::Url => utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string(),
    })))
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;

    fn number(value: i64) -> Value {
        Value::Json(Json::from(value))
    }

    #[track_caller]
    fn check(left: Value, operator: Operator, right: Value, expected: Option<&Value>) {
        let whole = Expression::Binary(
            Box::new(Expression::Literal(left)),
            operator,
            Box::new(Expression::Literal(right)),
        );
        assert_eq!(whole.eval(&Values::default()).ok().as_ref(), expected);
    }

    #[test]
    fn durations_and_numbers_combine_where_that_means_something() {
        let seconds = |n| Value::Duration(Duration::from_secs(n));
        check(seconds(50), Operator::Add, seconds(20), Some(&seconds(70)));
        check(
            seconds(50),
            Operator::Subtract,
            Value::Duration(Duration::from_millis(1)),
            Some(&Value::Duration(Duration::from_millis(49_999))),
        );
        check(seconds(1), Operator::Subtract, seconds(2), None);
        check(seconds(2), Operator::Multiply, number(3), Some(&seconds(6)));
        check(number(2), Operator::Multiply, seconds(3), Some(&seconds(6)));
        check(seconds(2), Operator::Add, number(3), None);
        check(number(1_048_576), Operator::Add, number(1), Some(&number(1_048_577)));
        check(number(i64::MAX), Operator::Add, number(1), None);
        check(Value::Json(Json::from("a")), Operator::Add, number(1), None);
    }

    #[test]
    fn a_duration_is_a_number_of_seconds_in_json() {
        assert_eq!(Value::Duration(Duration::from_secs(70)).to_json(), Json::from(70));
        assert_eq!(
            Value::Duration(Duration::from_millis(49_500)).to_json(),
            Json::from(49.5)
        );
    }

    #[test]
    fn filters_rewrite_texts_only() {
        let text = |t: &str| Value::Json(Json::from(t));
        assert_eq!(filter(&text("a-b"), Filter::Simple), Ok(text("ab")));
        assert_eq!(filter(&text("a b"), Filter::Url), Ok(text("a%20b")));
        assert_eq!(filter(&text("a:b"), Filter::Base64), Ok(text("YTpi")));
        assert!(filter(&Value::Json(Json::Null), Filter::Upper).is_err());
    }
}
