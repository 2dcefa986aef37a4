//! Knobs of admission: the payload limit and the order of the gates (contract section 8).
//!
//! Only values; the gates themselves are in `admission`.

use located_yaml::{Node, Problems, did_you_mean};

use crate::behaviour::knob::{Knob, section};
use crate::gate::Gate;

section! {
    /// The size of bodies (contract section 8).
    Payload = "payload" {
        /// Bytes a body may have.
        Open limit: usize = 1_048_576;
    }
}

section! {
    /// The gates a trigger request passes (contract section 8).
    Admission = "admission" {
        /// The gates in the order they are asked. One that is left out is not asked.
        Open order: GateOrder = GateOrder(GateOrder::DEFAULT.to_vec());
    }
}

/// The gates of a trigger request, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GateOrder(Vec<Gate>);

impl GateOrder {
    /// Every gate a trigger request can pass, in the default order.
    const DEFAULT: [Gate; 11] = [
        Gate::Method,
        Gate::IntegrationId,
        Gate::WorkflowId,
        Gate::Integration,
        Gate::Header,
        Gate::Payload,
        Gate::Signature,
        Gate::Workflow,
        Gate::Rate,
        Gate::Event,
        Gate::Condition,
    ];

    /// The gates in order.
    pub(crate) fn gates(&self) -> &[Gate] {
        &self.0
    }

    /// True when the gate is asked at all.
    pub(crate) fn asks(&self, gate: Gate) -> bool {
        self.0.contains(&gate)
    }
}

impl Knob for GateOrder {
    fn accepts() -> String {
        format!("a list of {}", Self::DEFAULT.map(Gate::word).join(", "))
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        let mut order = Vec::new();
        for item in node.items(problems)? {
            let Some(word) = item.string(problems) else { continue };
            match Self::DEFAULT.into_iter().find(|gate| gate.word() == word) {
                Some(gate) if order.contains(&gate) => {
                    problems.push(item.problem(format!("the gate `{word}` is in the list twice")));
                }
                Some(gate) => order.push(gate),
                None => {
                    let hint = did_you_mean(word, Self::DEFAULT.map(Gate::word));
                    problems.push(
                        item.problem(format!("`{word}` is no gate of trigger requests"))
                            .maybe_hint(hint),
                    );
                }
            }
        }
        Some(Self(order))
    }

    fn write(&self) -> String {
        format!(
            "[{}]",
            self.0.iter().map(|gate| gate.word()).collect::<Vec<_>>().join(", ")
        )
    }
}
