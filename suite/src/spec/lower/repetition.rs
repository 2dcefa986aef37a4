//! Requests that are sent many times: bursts and polls.

use std::time::Duration;

use located_yaml::{Fields, Node};

use super::Context;
use super::expectation::Subject;
use super::limit::Quantity;
use crate::expression::Expression;
use crate::spec::model::{
    Body, Burst, ContentType, Destination, Need, Poll, SecretUse, Send, SignatureUse, Text, Token,
};

/// The pause of a poll that names none.
const PAUSE: Duration = Duration::from_secs(1);

impl Context<'_> {
    pub(super) fn burst(&mut self, node: Node<'_>) -> Option<Burst> {
        let own = ["count", "within", "concurrency", "trigger", "retrieve", "request"];
        let fields = node.fields(&own, &mut self.problems)?;
        let count = fields
            .required("count", &mut self.problems)
            .and_then(|node| self.quantity(node, Quantity::Count));
        let within = fields
            .required("within", &mut self.problems)
            .and_then(|node| self.quantity(node, Quantity::Time));
        let concurrency = match fields.optional("concurrency") {
            Some(node) => Some(self.quantity(node, Quantity::Count)?),
            None => None,
        };
        let request = self.inner_request(&fields, &["trigger", "retrieve", "request"]);
        self.needs.insert(Need::Quota);
        Some(Burst {
            count: count?,
            within: within?,
            concurrency,
            request: request?,
        })
    }

    /// `poll` and the modifiers that belong to it, which stand beside it in the step.
    pub(super) fn poll(&mut self, node: Node<'_>, step: &Fields<'_>) -> Option<Poll> {
        let own = [
            "execution",
            "workspace",
            "token",
            "request",
            "retrieve",
            "every",
            "back_off",
        ];
        let fields = node.fields(&own, &mut self.problems)?;
        let execution = fields.optional("execution").is_some();
        let (stray, hint) = if execution {
            (["retrieve", "request"], "poll the `execution`, or something else")
        } else {
            (["workspace", "token"], "say it inside the request")
        };
        for key in stray.into_iter().filter_map(|key| fields.key(key)) {
            let message = format!("`{}` does not fit here", key.text);
            self.push(key.problem(message).hint(hint));
        }
        let request = if execution {
            self.polled_execution(&fields)
        } else {
            self.inner_request(&fields, &["retrieve", "request"])
        };
        let every = match fields.optional("every") {
            Some(node) => self.quantity(node, Quantity::Time),
            None => Some(Expression::duration(PAUSE)),
        };
        let back_off = match fields.optional("back_off") {
            Some(node) => {
                let factor = node.number(&mut self.problems)?;
                if !(1.0..=10.0).contains(&factor) {
                    self.push(node.problem("a back-off factor lies between 1 and 10"));
                    return None;
                }
                factor
            }
            None => 1.0,
        };
        let until = step.required("until", &mut self.problems);
        let until = until.and_then(|node| self.expectation(node, Subject::OneAnswer));
        let stop_when = match step.optional("stop_when") {
            Some(node) => Some(self.expectation(node, Subject::OneAnswer)?),
            None => None,
        };
        let budget = step
            .required("budget", &mut self.problems)
            .and_then(|node| self.quantity(node, Quantity::Time));
        Some(Poll {
            request: request?,
            every: every?,
            back_off,
            until: until?,
            stop_when,
            budget: budget?,
        })
    }

    fn polled_execution(&mut self, fields: &Fields<'_>) -> Option<Send> {
        let id = fields
            .required("execution", &mut self.problems)
            .and_then(|node| self.text(node));
        let workspace = self.workspace(fields)?;
        let token = self.token(fields, &workspace, Token::Right);
        Some(Send {
            to: Destination::Execution { id: id?, workspace },
            method: Text::literal("GET"),
            path_suffix: None,
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::None,
            content_type: ContentType::Implied,
            secret: SecretUse::Missing,
            signature: SignatureUse::Missing,
            token: token?,
            basic: None,
            at: fields.location(),
        })
    }

    fn inner_request(&mut self, fields: &Fields<'_>, kinds: &[&'static str]) -> Option<Send> {
        let named: Vec<_> = kinds
            .iter()
            .filter_map(|kind| Some((*kind, fields.optional(kind)?)))
            .collect();
        match named.as_slice() {
            [(kind, node)] => self.send(kind, *node),
            [] | [_, _, ..] => {
                let problem = fields.node().problem("this repeats exactly one request");
                self.push(problem.hint(format!("one of {}", kinds.join(", "))));
                None
            }
        }
    }
}
