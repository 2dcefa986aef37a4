//! The journal: every request that came, what became of it and why.
//!
//! Remembers and lists. Secrets have been taken out before an entry is made; nothing here takes part in a decision.

pub(crate) mod entry;
pub(crate) mod record;
pub(crate) mod redaction;

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::gate::Gate;
use crate::journal::entry::Entry;
pub use crate::journal::record::{GivenAnswer, Provenance, ReceivedBody, ReceivedRequest, RefusalNote};
use crate::journal::redaction::Redaction;
use crate::rejection::Rejection;
use crate::retention::Retention;
use crate::timestamp::Timestamp;

/// Names an entry of the journal, for as long as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalKey(u64);

/// What became of an answer once it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerNote {
    /// It was handed to the connection.
    Sent {
        /// Its status.
        status: u16,
        /// The length of its body.
        bytes: u64,
    },
    /// The HTTP layer gave one by itself, with a status of its own choice and no body.
    Automatic,
    /// The caller had gone before there was one.
    CallerGone,
}

/// What came of a request, as the journal sorts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalOutcome {
    /// No gate refused it.
    Accepted,
    /// A gate refused it.
    Refused,
}

impl JournalOutcome {
    /// The outcome of this name: `accepted` or `refused`.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "accepted" => Some(Self::Accepted),
            "refused" => Some(Self::Refused),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// Which entries are wanted. By default, all of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct JournalQuery {
    /// At most this many, the newest.
    pub limit: Option<usize>,
    /// Only those this gate refused.
    pub gate: Option<Gate>,
    /// Only those with this outcome.
    pub outcome: Option<JournalOutcome>,
}

/// Entries of the journal.
#[derive(Clone, Debug)]
pub struct JournalPage {
    /// The entries, oldest first.
    pub requests: Vec<ReceivedRequest>,
    /// How many of the remembered entries match, shown or not.
    pub matching: usize,
    /// How many requests came since the journal was last emptied.
    pub received: u64,
    /// How many of them are no longer remembered; a question about those has the answer "unknown".
    pub evicted: u64,
}

impl JournalPage {
    /// The page as the control surface shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "requests": self.requests.iter().map(ReceivedRequest::to_json).collect::<Vec<_>>(),
            "matching": self.matching,
            "received": self.received,
            "evicted": self.evicted,
        })
    }
}

/// Every request that came, oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    retention: Retention,
    entries: VecDeque<Entry>,
    bytes: usize,
    /// The number of the first entry that is left; numbers are never given twice.
    first: u64,
    /// The number of the first entry since the journal was last emptied.
    emptied_at: u64,
}

impl Journal {
    /// An empty journal.
    pub(crate) fn new(retention: Retention) -> Self {
        Self {
            retention,
            entries: VecDeque::new(),
            bytes: 0,
            first: 0,
            emptied_at: 0,
        }
    }

    /// Adds an entry, and gives back one that is forgotten for it, so that the caller can drop it without a lock.
    pub(crate) fn add(&mut self, entry: Entry) -> (JournalKey, Vec<Entry>) {
        let key = JournalKey(self.first + self.entries.len() as u64);
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        let mut forgotten = Vec::new();
        while self.retention.is_exceeded_by(self.entries.len(), self.bytes) {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
            self.first += 1;
            forgotten.push(oldest);
        }
        (key, forgotten)
    }

    /// Files what became of an answer, if the entry is still remembered.
    pub(crate) fn record_answer(&mut self, key: JournalKey, note: AnswerNote, now: Timestamp) {
        if let Some(entry) = self.entry(key) {
            entry.answer(note, now);
        }
    }

    /// Files that a call was refused after it had been held, if the entry is still remembered.
    pub(crate) fn record_rejection(&mut self, key: JournalKey, rejection: Rejection, redaction: &Redaction) {
        if let Some(entry) = self.entry(key) {
            entry.refuse(rejection, redaction);
        }
    }

    fn entry(&mut self, key: JournalKey) -> Option<&mut Entry> {
        let position = usize::try_from(key.0.checked_sub(self.first)?).ok()?;
        self.entries.get_mut(position)
    }

    /// The entries a query asks for.
    pub(crate) fn page(&self, query: &JournalQuery) -> JournalPage {
        let matches: Vec<_> = (self.first..)
            .zip(&self.entries)
            .filter(|(_, entry)| query.gate.is_none_or(|gate| entry.gate() == Some(gate)))
            .filter(|(_, entry)| query.outcome.is_none_or(|outcome| entry.outcome() == outcome))
            .collect();
        let skipped = query.limit.map_or(0, |limit| matches.len().saturating_sub(limit));
        JournalPage {
            requests: matches[skipped..]
                .iter()
                .map(|(number, entry)| entry.record(*number - self.emptied_at))
                .collect(),
            matching: matches.len(),
            received: self.received(),
            evicted: self.first - self.emptied_at,
        }
    }

    /// How many requests came since it was last emptied.
    pub(crate) fn received(&self) -> u64 {
        self.first + self.entries.len() as u64 - self.emptied_at
    }

    /// How many requests came before it was last emptied.
    pub(crate) const fn emptied_at(&self) -> u64 {
        self.emptied_at
    }

    /// Forgets everything.
    pub(crate) fn empty(&mut self) {
        self.first += self.entries.len() as u64;
        self.emptied_at = self.first;
        self.entries.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests;
