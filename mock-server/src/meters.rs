//! What a server counts, as OpenMetrics: requests by endpoint, answer and gate, and where its sandboxes stand.
//!
//! Counts and writes. Every server has meters of its own, so that several in one process do not mix; nothing here holds a
//! path, a header or anything else that a caller chose.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::execution::Status;
use crate::gate::Gate;
use crate::journal::{AnswerNote, Provenance};
use crate::retention::Usage;
use crate::route::Endpoint;

/// What is counted of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// The endpoint it asked for.
    pub(crate) endpoint: Endpoint,
    /// Who refused it.
    pub(crate) gate: Option<Gate>,
    /// Where the decision came from.
    pub(crate) provenance: Provenance,
    /// What it was answered.
    pub(crate) answer: AnswerNote,
}

/// Where the sandboxes of a server stand together.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// How many there are.
    pub(crate) sandboxes: usize,
    /// Calls being held.
    pub(crate) held: usize,
    /// Remembered executions by status.
    pub(crate) executions: Vec<(Status, usize)>,
    /// What is remembered, in bytes.
    pub(crate) memory: Vec<Usage>,
}

/// The meters of one server.
pub(crate) struct Meters {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    sandboxes: Gauge,
    held: Gauge,
    executions: Family<StatusLabels, Gauge>,
    memory: Family<KindLabels, Gauge>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    answer: AnswerLabel,
    gate: &'static str,
    provenance: &'static str,
}

/// The status, or why there is none. No text, as one is made for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum AnswerLabel {
    Status(u16),
    None(&'static str),
}

impl EncodeLabelValue for AnswerLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => u64::from(*status).encode(encoder),
            Self::None(why) => why.encode(encoder),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabels {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

impl Default for Meters {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("torq_mock");
        let meters = (Family::default(), Gauge::default(), Gauge::default());
        let (requests, sandboxes, held) = meters;
        let (executions, memory) = (Family::default(), Family::default());
        registry.register("requests", "Requests by what became of them", requests.clone());
        registry.register("sandboxes", "Sandboxes, the default one included", sandboxes.clone());
        registry.register("held_calls", "Synchronous calls being held", held.clone());
        registry.register("executions", "Remembered executions by status", executions.clone());
        registry.register_with_unit(
            "memory",
            "What sandboxes remember, by kind",
            Unit::Bytes,
            memory.clone(),
        );
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program that is asked", build);
        Self {
            registry,
            requests,
            sandboxes,
            held,
            executions,
            memory,
        }
    }
}

impl Meters {
    /// Counts a request whose answer is known.
    pub(crate) fn count(&self, counted: &Counted) {
        let labels = RequestLabels {
            route: counted.endpoint.word(),
            answer: match counted.answer {
                AnswerNote::Sent { status, .. } => AnswerLabel::Status(status),
                AnswerNote::Automatic => AnswerLabel::None("automatic"),
                AnswerNote::CallerGone => AnswerLabel::None("caller-gone"),
            },
            gate: counted.gate.map_or("none", Gate::word),
            provenance: counted.provenance.word(),
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Everything, as OpenMetrics text.
    pub(crate) fn write(&self, standing: &Standing) -> String {
        let set = |gauge: &Gauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.sandboxes, standing.sandboxes);
        set(&self.held, standing.held);
        for (status, count) in &standing.executions {
            let labels = StatusLabels { status: status.word() };
            set(&self.executions.get_or_create(&labels), *count);
        }
        let sum = |of: fn(&Usage) -> usize| standing.memory.iter().map(of).sum();
        for (kind, bytes) in [
            ("executions", sum(|it| it.executions)),
            ("activity", sum(|it| it.activity)),
            ("journal", sum(|it| it.journal)),
            ("tokens", sum(|it| it.tokens)),
        ] {
            set(&self.memory.get_or_create(&KindLabels { kind }), bytes);
        }
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a String takes everything that is written");
        in_order(&text)
    }
}

/// With the samples of each metric in an order that is the same at every scrape.
fn in_order(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    for samples in lines.split_mut(|line| line.starts_with('#')) {
        samples.sort_unstable();
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meters")
    }
}
