//! The journal: every request that came, what became of it and why.
//!
//! Remembers and lists. Secrets have been taken out before an entry is made; nothing here takes part in a decision.

pub(crate) mod curl;
pub(crate) mod entry;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod redaction;
pub(crate) mod sent;
pub(crate) mod withheld;

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::journal::entry::{Entry, Started};
pub use crate::journal::query::JournalQuery;
pub use crate::journal::record::{GivenAnswer, Provenance, ReceivedBody, ReceivedRequest, RefusalNote, SentAnswer};
use crate::journal::redaction::Redaction;
pub use crate::journal::sent::{Confidence, Sent};
use crate::meters::Counted;
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

/// Why a request cannot be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// It is not remembered.
    #[error("no request of this number is remembered")]
    Unknown,
    /// It had no head that could be read.
    #[error("it had no head that could be read, so there is nothing to send again")]
    NoHead,
    /// Only the beginning of its body was kept.
    #[error("its body was larger than the 64 KiB that are kept of one")]
    LargeBody,
    /// Nothing was kept of its body.
    #[error("its body was over the payload limit, and nothing was kept of it")]
    OverLimit,
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
        (key, self.shrink())
    }

    /// Forgets the oldest entries until what is left is within bounds.
    fn shrink(&mut self) -> Vec<Entry> {
        let mut forgotten = Vec::new();
        while self.retention.is_exceeded_by(self.entries.len(), self.bytes) {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
            self.first += 1;
            forgotten.push(oldest);
        }
        forgotten
    }

    /// Files what became of an answer, if the entry is still remembered; tells what is counted of the request.
    pub(crate) fn record_answer(&mut self, key: JournalKey, note: AnswerNote, now: Timestamp) -> Option<Counted> {
        let entry = self.entry(key)?;
        entry.answer(note, now);
        entry.counted()
    }

    /// Files an answer itself, if the entry is still remembered, and gives back what is forgotten for it.
    pub(crate) fn record_sent(&mut self, key: JournalKey, sent: Box<sent::Kept>) -> Vec<Entry> {
        let bytes = sent.bytes();
        if let Some(entry) = self.entry(key) {
            entry.keep(sent);
            self.bytes += bytes;
        }
        self.shrink()
    }

    /// Files when its request came by the machine's clock.
    pub(crate) fn record_arrival(&mut self, key: JournalKey, real: Timestamp) {
        if let Some(entry) = self.entry(key) {
            entry.came_at(real);
        }
    }

    /// Files that an entry repeats another one.
    pub(crate) fn record_replay(&mut self, key: JournalKey, original: JournalKey) {
        if let Some(entry) = self.entry(key) {
            entry.repeats(original);
        }
    }

    /// Files that a call was refused after it had been held, if the entry is still remembered.
    pub(crate) fn record_rejection(&mut self, key: JournalKey, rejection: Rejection, redaction: &Redaction) {
        if let Some(entry) = self.entry(key) {
            let before = entry.bytes();
            entry.refuse(rejection, redaction);
            let after = entry.bytes();
            self.bytes = self.bytes - before + after;
        }
    }

    /// Files that a fault made a request come out as it did.
    pub(crate) fn blame_fault(&mut self, key: JournalKey) {
        if let Some(entry) = self.entry(key) {
            entry.blame_fault();
        }
    }

    fn entry(&mut self, key: JournalKey) -> Option<&mut Entry> {
        let position = usize::try_from(key.0.checked_sub(self.first)?).ok()?;
        self.entries.get_mut(position)
    }

    /// The entry of this number since the journal was last emptied.
    pub(crate) fn numbered(&self, number: u64) -> Option<(JournalKey, &Entry)> {
        let key = self.emptied_at.checked_add(number)?;
        let position = usize::try_from(key.checked_sub(self.first)?).ok()?;
        Some((JournalKey(key), self.entries.get(position)?))
    }

    /// What the request of an entry started.
    pub(crate) fn started(&self, key: JournalKey) -> Started {
        let position = key
            .0
            .checked_sub(self.first)
            .and_then(|position| usize::try_from(position).ok());
        let entry = position.and_then(|position| self.entries.get(position));
        entry.map_or(Started::Nothing, Entry::all_started)
    }

    /// The number an entry has since the journal was last emptied; nothing for one that came before.
    pub(crate) fn number(&self, key: JournalKey) -> Option<u64> {
        key.0.checked_sub(self.emptied_at)
    }

    /// An entry as others see it.
    pub(crate) fn record(&self, number: u64) -> Option<ReceivedRequest> {
        let (_, entry) = self.numbered(number)?;
        Some(self.told(number, entry))
    }

    fn told(&self, number: u64, entry: &Entry) -> ReceivedRequest {
        ReceivedRequest {
            replay_of: entry.replay_of().and_then(|key| self.number(key)),
            ..entry.record(number)
        }
    }

    /// The entries a query asks for.
    pub(crate) fn page(&self, query: &JournalQuery) -> JournalPage {
        let numbers = self.first - self.emptied_at..;
        let matches: Vec<_> = numbers
            .zip(&self.entries)
            .filter(|(number, entry)| query.selects(*number, entry))
            .collect();
        let skipped = query.limit.map_or(0, |limit| matches.len().saturating_sub(limit));
        JournalPage {
            requests: matches[skipped..]
                .iter()
                .map(|(number, entry)| self.told(*number, entry))
                .collect(),
            matching: matches.len(),
            received: self.received(),
            evicted: self.first - self.emptied_at,
        }
    }

    /// What its entries take.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
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
