//! Knobs of admission: the payload limit and the order of the gates (contract section 8).
//!
//! Only values; the gates themselves are in `admission`.

use located_yaml::{Node, Problems, did_you_mean};

use crate::behaviour::knob::{Knob, choices, section};
use crate::gate::Gate;

section! {
    /// The size of bodies (contract section 8).
    Payload = "payload" {
        /// Bytes a body may have.
        Open limit: usize = 1_048_576;
        /// Where a body begins to be refused for its size.
        Documented refused_from: PayloadBound = PayloadBound::OverTheLimit;
    }
}

choices! {
    /// Where a body begins to be refused.
    PayloadBound {
        /// At one byte more than the limit.
        OverTheLimit = "over-the-limit",
        /// At the limit.
        AtTheLimit = "at-the-limit",
        /// One byte later than it should be.
        OneByteLate = "one-byte-late",
        /// Only if its length is declared.
        DeclaredOnly = "declared-only",
        /// Only if its length is not declared.
        ChunkedOnly = "chunked-only",
        /// Nowhere.
        Nowhere = "nowhere",
    }
}

/// How many bytes of a body are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Of a body whose length is declared.
    pub(crate) declared: usize,
    /// Of any other body.
    pub(crate) chunked: usize,
}

impl Payload {
    /// Bytes that are read of a body where no limit is kept: enough for every test, and still bounded.
    const UNLIMITED: usize = 64 << 20;

    /// How many bytes a body may have.
    pub(crate) fn bounds(&self) -> Bounds {
        let both = |bytes| Bounds {
            declared: bytes,
            chunked: bytes,
        };
        match self.refused_from {
            PayloadBound::OverTheLimit => both(self.limit),
            PayloadBound::AtTheLimit => both(self.limit.saturating_sub(1)),
            PayloadBound::OneByteLate => both(self.limit.saturating_add(1)),
            PayloadBound::DeclaredOnly => Bounds {
                chunked: Self::UNLIMITED,
                ..both(self.limit)
            },
            PayloadBound::ChunkedOnly => Bounds {
                declared: Self::UNLIMITED,
                ..both(self.limit)
            },
            PayloadBound::Nowhere => both(Self::UNLIMITED),
        }
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
