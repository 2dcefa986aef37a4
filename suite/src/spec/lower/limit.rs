//! Quantities that may stand for a limit of the deployment, which is never written as a number.

use std::time::Duration;

use located_yaml::Node;

use super::Context;
use crate::expression::{Expression, Operator, Value};
use crate::profile::documented;

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Time since something.
    Time,
    /// Requests.
    Count,
    /// The size of a body.
    Bytes,
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
}

/// The limit that a number stands for, alone or with something added or taken away.
fn limit_meant(expression: &Expression, quantity: Quantity) -> Option<&'static str> {
    match expression {
        Expression::Literal(value) => limit_of(value, quantity),
        Expression::Binary(left, Operator::Add | Operator::Subtract, _) => limit_meant(left, quantity),
        Expression::Binary(_, Operator::Multiply, _) | Expression::Name(_) | Expression::Filtered(..) => None,
    }
}

fn limit_of(value: &Value, quantity: Quantity) -> Option<&'static str> {
    let count = value.as_count().ok();
    match quantity {
        Quantity::Time => {
            let is_timeout = value
                .as_duration()
                .is_ok_and(|it: Duration| it == documented::SYNC_TIMEOUT);
            is_timeout.then_some("limits.sync_timeout")
        }
        Quantity::Count if count == Some(documented::EXECUTIONS_PER_SECOND) => Some("limits.executions_per_second"),
        Quantity::Count if count == Some(documented::API_REQUESTS_PER_SECOND) => Some("limits.api_requests_per_second"),
        Quantity::Bytes if count == Some(USUAL_PAYLOAD) => Some("limits.payload"),
        Quantity::Count | Quantity::Bytes => None,
    }
}
