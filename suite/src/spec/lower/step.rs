//! Steps: one action each, and the modifiers around it.

use located_yaml::{Fields, Node};

use super::Context;
use super::expectation::Subject;
use super::limit::Quantity;
use crate::spec::model::{Action, Awaited, Background, Step};

const ACTIONS: [&str; 8] = [
    "trigger", "retrieve", "request", "raw", "burst", "poll", "elapse", "await",
];
const MODIFIERS: [&str; 10] = [
    "name",
    "background",
    "expect",
    "capture",
    "observe",
    "patience",
    "until",
    "stop_when",
    "budget",
    "still_open",
];

impl Context<'_> {
    pub(super) fn steps(&mut self, node: Node<'_>) -> Vec<Step> {
        let items = node.items(&mut self.problems).unwrap_or_default();
        items.into_iter().filter_map(|node| self.step(node)).collect()
    }

    fn step(&mut self, node: Node<'_>) -> Option<Step> {
        let fields = node.fields(&[&ACTIONS[..], &MODIFIERS].concat(), &mut self.problems)?;
        let named: Vec<_> = ACTIONS
            .iter()
            .filter_map(|key| Some((*key, fields.optional(key)?)))
            .collect();
        let [(kind, action_node)] = named.as_slice() else {
            let message = if named.is_empty() {
                "this step does nothing"
            } else {
                "a step does one thing"
            };
            self.push(node.problem(message).hint(format!("one of {}", ACTIONS.join(", "))));
            return None;
        };
        self.refuse_misplaced(&fields, kind);
        let action = self.action(kind, *action_node, &fields);
        let subject = if *kind == "burst" {
            Subject::Burst
        } else {
            Subject::OneAnswer
        };
        let name = match fields.optional("name") {
            Some(node) => node.string(&mut self.problems).map(|name| Some(name.to_owned())),
            None => Some(None),
        };
        let expect = match fields.optional("expect") {
            Some(node) => self.expectation(node, subject).map(Some),
            None => Some(None),
        };
        let observe = fields
            .optional("observe")
            .map(|node| self.facts(node, subject))
            .unwrap_or_default();
        let patience = match fields.optional("patience") {
            Some(node) => self.quantity(node, Quantity::Time).map(Some),
            None => Some(None),
        };
        // Last, so that a step cannot use what it captures itself.
        let capture = fields
            .optional("capture")
            .map(|node| self.captures(node))
            .unwrap_or_default();
        Some(Step {
            name: name?,
            action: action?,
            expect: expect?,
            capture,
            observe,
            patience: patience?,
            at: node.location(),
        })
    }

    fn action(&mut self, kind: &str, node: Node<'_>, step: &Fields<'_>) -> Option<Action> {
        match kind {
            "trigger" | "retrieve" | "request" => {
                let send = self.send(kind, node);
                let background = self.background(step);
                Some(Action::Send(Box::new(send?), background?))
            }
            "raw" => {
                let raw = self.raw(node);
                let background = self.background(step);
                Some(Action::Raw(raw?, background?))
            }
            "burst" => self.burst(node).map(|burst| Action::Burst(Box::new(burst))),
            "poll" => self.poll(node, step).map(|poll| Action::Poll(Box::new(poll))),
            "elapse" => self.quantity(node, Quantity::Time).map(Action::Elapse),
            _ => self.awaited(node, step),
        }
    }

    fn background(&mut self, step: &Fields<'_>) -> Option<Background> {
        let Some(node) = step.optional("background") else {
            return Some(Background::No);
        };
        let label = node.string(&mut self.problems)?;
        if self.open_calls.insert(label.to_owned(), node.location()).is_some() {
            self.push(node.problem(format!("a background call `{label}` is still open")));
        }
        for modifier in ["expect", "capture", "observe"] {
            if let Some(key) = step.key(modifier) {
                let problem = key.problem("a background step has no answer yet");
                self.push(problem.hint(format!("put `{modifier}` beside `await: {label}`")));
            }
        }
        Some(Background::Label(label.to_owned()))
    }

    fn awaited(&mut self, node: Node<'_>, step: &Fields<'_>) -> Option<Action> {
        let label = node.string(&mut self.problems)?;
        let expected = match step.optional("still_open") {
            Some(node) => {
                node.choice(&[("true", ())], &mut self.problems)?;
                Awaited::StillOpen
            }
            None => Awaited::Answer,
        };
        let known = match expected {
            Awaited::StillOpen => self.open_calls.contains_key(label),
            Awaited::Answer => self.open_calls.remove(label).is_some(),
        };
        if !known {
            let problem = node.problem(format!("no background call `{label}` is open here"));
            self.push(problem.hint("an earlier step starts it with `background: LABEL`; its answer is awaited once"));
        }
        Some(Action::Await {
            label: label.to_owned(),
            expected,
        })
    }

    /// Complains about modifiers that belong to another action.
    fn refuse_misplaced(&mut self, fields: &Fields<'_>, kind: &str) {
        for (modifier, kinds) in [
            ("background", &["trigger", "retrieve", "request", "raw"][..]),
            ("until", &["poll"]),
            ("stop_when", &["poll"]),
            ("budget", &["poll"]),
            ("still_open", &["await"]),
            ("patience", &["trigger", "retrieve", "request", "raw", "await"]),
            (
                "expect",
                &["trigger", "retrieve", "request", "raw", "burst", "poll", "await"],
            ),
            ("capture", &["trigger", "retrieve", "request", "raw", "poll", "await"]),
            (
                "observe",
                &["trigger", "retrieve", "request", "raw", "burst", "poll", "await"],
            ),
        ] {
            if let Some(key) = fields.key(modifier)
                && !kinds.contains(&kind)
            {
                let problem = key.problem(format!("`{modifier}` does not go with `{kind}`"));
                self.push(problem.hint(format!("it goes with {}", kinds.join(", "))));
            }
        }
    }
}
