//! Which entries of the journal are wanted.
//!
//! Selects by what an entry shows; secrets that were taken out cannot be searched for.

use crate::gate::Gate;
use crate::ids::ExecutionId;
use crate::journal::JournalOutcome;
use crate::journal::entry::Entry;
use crate::route::Endpoint;

/// Which entries are wanted. By default, all of them; every part that is given has to match.
#[derive(Clone, Debug, Default)]
pub struct JournalQuery {
    /// At most this many, the newest.
    pub limit: Option<usize>,
    /// Only those that came after the one of this number.
    pub after: Option<u64>,
    /// Only those this gate refused.
    pub gate: Option<Gate>,
    /// Only those with this outcome.
    pub outcome: Option<JournalOutcome>,
    /// Only those that asked for this endpoint.
    pub endpoint: Option<Endpoint>,
    /// Only those with this method.
    pub method: Option<String>,
    /// Only those answered with this status.
    pub status: Option<u16>,
    /// Only those whose path and query contain this.
    pub path: Option<String>,
    /// Only those whose path, headers or body contain this.
    pub contains: Option<String>,
    /// Only the one that started this execution.
    pub execution: Option<ExecutionId>,
    /// Only those that are explained by this mistake.
    pub mistake: Option<String>,
    /// Only those that are answered, or that are not yet.
    pub answered: Option<Answered>,
}

/// Whether a request has its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It has, or nobody was there to take it.
    Yes,
    /// It is being held.
    NotYet,
}

impl JournalQuery {
    /// Whether an entry is wanted.
    pub(super) fn selects(&self, number: u64, entry: &Entry) -> bool {
        self.after.is_none_or(|after| number > after)
            && self.gate.is_none_or(|gate| entry.gate() == Some(gate))
            && self.outcome.is_none_or(|outcome| entry.outcome() == outcome)
            && self.endpoint.is_none_or(|endpoint| entry.endpoint() == endpoint)
            && self
                .method
                .as_deref()
                .is_none_or(|method| entry.method() == Some(method))
            && self.status.is_none_or(|status| entry.status() == Some(status))
            && self.path.as_deref().is_none_or(|part| holds(entry.target(), part))
            && self.contains.as_deref().is_none_or(|part| holds(entry.text(), part))
            && self.execution.is_none_or(|id| entry.started().contains(&id))
            && self
                .mistake
                .as_deref()
                .is_none_or(|mistake| entry.mistakes().contains(&mistake))
            && self.answered.is_none_or(|answered| entry.answered() == answered)
    }
}

fn holds(text: &[u8], part: &str) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part.as_bytes())
}
