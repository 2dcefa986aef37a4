//! Limits of the deployment, which are never written as numbers: where a quantity is stated, and where one hides in what is sent.

mod hidden;

use std::time::Duration;

use located_yaml::Node;

use super::Context;
use crate::expression::{Expression, Operator, Value, Values};
use crate::profile::documented;
use crate::spec::model::{Matcher, Template};

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Time since something.
    Time,
    /// Requests.
    Count,
    /// The size of a body.
    Bytes,
    /// A part of a text, which may be anything.
    Unknown,
}

/// The size many servers refuse beyond, and the reference mock as well; no page documents the limit.
const USUAL_PAYLOAD: u64 = 1 << 20;

impl Context<'_> {
    /// An expression, unless it writes a limit as a number.
    pub(super) fn quantity(&mut self, node: Node<'_>, quantity: Quantity) -> Option<Expression> {
        let expression = self.expression(node)?;
        self.refuse_limit(node, &expression, quantity);
        Some(expression)
    }

    /// Complains about a limit that is written as a number.
    pub(super) fn refuse_limit(&mut self, node: Node<'_>, expression: &Expression, quantity: Quantity) {
        if let Some(name) = limit_meant(expression, quantity) {
            let problem = node.problem(format!("this is `{name}`, written as a number"));
            self.push(problem.hint(format!("write `{name}`: the next deployment may have another one")));
        }
    }

    /// The same for every number of a matcher that counts answers.
    pub(super) fn refuse_limits_of(&mut self, node: Node<'_>, matcher: &Matcher) {
        match matcher {
            Matcher::Equals(Template::Scalar(count)) => {
                let literal = Expression::Literal(Value::Json(count.clone()));
                self.refuse_limit(node, &literal, Quantity::Count);
            }
            Matcher::Range { at_least, at_most } => {
                for end in [at_least, at_most].into_iter().flatten() {
                    self.refuse_limit(node, end, Quantity::Count);
                }
            }
            Matcher::AnyOf(matchers) | Matcher::All(matchers) => {
                for matcher in matchers {
                    self.refuse_limits_of(node, matcher);
                }
            }
            Matcher::Not(matcher) => self.refuse_limits_of(node, matcher),
            Matcher::Equals(_)
            | Matcher::Is(_)
            | Matcher::Pattern(_)
            | Matcher::Contains(_)
            | Matcher::Exact(_)
            | Matcher::Subset(_)
            | Matcher::Length(_)
            | Matcher::Each(_)
            | Matcher::Some(_) => {}
        }
    }
}

/// The limit that a number stands for: the whole, once it is worked out, or one of the numbers it is made of.
///
/// What names a limit is measured against it, and may say how far away from it as it likes.
fn limit_meant(expression: &Expression, quantity: Quantity) -> Option<&'static str> {
    let names = expression.names();
    if names.iter().any(|name| name.starts_with("limits.")) {
        return None;
    }
    if names.is_empty()
        && let Ok(value) = expression.eval(&Values::default())
        && let Some(name) = limit_of(&value, quantity)
    {
        return Some(name);
    }
    limit_inside(expression, quantity)
}

fn limit_inside(expression: &Expression, quantity: Quantity) -> Option<&'static str> {
    match expression {
        Expression::Literal(value) => limit_of(value, quantity),
        Expression::Binary(left, operator, right) => {
            let factor = |side: &Expression| {
                // A factor is a time only when it says so: in `tolerance * 50` the number is none.
                let is_number = matches!(side, Expression::Literal(Value::Json(_)));
                let timeless = matches!(quantity, Quantity::Time | Quantity::Unknown);
                *operator == Operator::Multiply && is_number && timeless
            };
            let mut sides = [left, right].into_iter().filter(|side| !factor(side));
            sides.find_map(|side| limit_inside(side, quantity))
        }
        Expression::Filtered(inner, _) => limit_inside(inner, quantity),
        Expression::Name(_) => None,
    }
}

fn limit_of(value: &Value, quantity: Quantity) -> Option<&'static str> {
    let count = value.as_count().ok();
    let is_timeout = || {
        value
            .as_duration()
            .is_ok_and(|it: Duration| it == documented::SYNC_TIMEOUT)
    };
    match quantity {
        Quantity::Time => is_timeout().then_some("limits.sync_timeout"),
        Quantity::Unknown if matches!(value, Value::Duration(_)) => is_timeout().then_some("limits.sync_timeout"),
        Quantity::Bytes | Quantity::Unknown if count == Some(USUAL_PAYLOAD) => Some("limits.payload"),
        Quantity::Count | Quantity::Unknown if count == Some(documented::EXECUTIONS_PER_SECOND) => {
            Some("limits.executions_per_second")
        }
        Quantity::Count if count == Some(documented::API_REQUESTS_PER_SECOND) => Some("limits.api_requests_per_second"),
        Quantity::Unknown if count == Some(documented::API_REQUESTS_PER_SECOND) => {
            Some("limits.api_requests_per_second")
        }
        Quantity::Count | Quantity::Bytes | Quantity::Unknown => None,
    }
}
