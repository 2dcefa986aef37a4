//! What the journal is asked and told.
//!
//! Reads and files. What is told of a request has been freed of secrets; what is sent again has not, and goes to the data
//! surface only.

use serde_json::Value;

use super::App;
use crate::event::Event;
use crate::ids::{ExecutionId, IntegrationId, hyphenated};
use crate::inbound::Inbound;
use crate::journal::sent::Kept;
use crate::journal::{AnswerNote, JournalKey, JournalPage, JournalQuery, NotKept, ReceivedRequest, Sent};
use crate::meters::Counted;
use crate::route::Route;
use crate::timestamp::Timestamp;

/// One request with all that is known of it.
#[derive(Clone, Debug)]
pub struct RequestDetail {
    /// What came and what was answered.
    pub request: ReceivedRequest,
    /// The event as its workflow saw it, if the body could be made one and all of it was kept.
    pub event: Option<Value>,
}

impl App {
    /// Entries of the journal.
    #[must_use]
    pub fn journal(&self, query: &JournalQuery) -> JournalPage {
        let mut page = self.lock().journal.page(query);
        for request in &mut page.requests {
            self.explain(request);
        }
        page
    }

    /// One entry of the journal, by its number.
    #[must_use]
    pub fn request(&self, number: u64) -> Option<RequestDetail> {
        let (record, original) = {
            let state = self.lock();
            let original = state
                .journal
                .numbered(number)
                .and_then(|(_, entry)| entry.original().ok());
            (state.journal.record(number), original)
        };
        let mut request = record?;
        self.explain(&mut request);
        let event = original.and_then(|inbound| self.event_of(&inbound));
        Some(RequestDetail { request, event })
    }

    /// One entry of the journal, by its key: its number and what is told of it.
    #[must_use]
    pub fn request_at(&self, key: JournalKey) -> Option<ReceivedRequest> {
        let request = {
            let state = self.lock();
            state.journal.record(state.journal.number(key)?)
        };
        let mut request = request?;
        self.explain(&mut request);
        Some(request)
    }

    /// Adds what the configuration knows of a request.
    fn explain(&self, request: &mut ReceivedRequest) {
        request.suggest(&self.config.catalog);
        request.name(&self.config.catalog, &self.config.behaviour.urls);
    }

    /// Names every execution a request started.
    pub fn started_by(&self, key: JournalKey, mut name: impl FnMut(ExecutionId)) {
        let started = self.lock().journal.started(key);
        started.ids().iter().for_each(|execution| name(*execution));
    }

    /// A recorded request as it came, to be sent again.
    ///
    /// # Errors
    /// When it is not remembered, or not all of it was kept.
    pub fn recorded(&self, number: u64) -> Result<(JournalKey, Inbound), NotKept> {
        let state = self.lock();
        let (key, entry) = state.journal.numbered(number).ok_or(NotKept::Unknown)?;
        Ok((key, entry.original()?))
    }

    /// The event of a request, worked out again: it follows from the request and the configuration.
    fn event_of(&self, inbound: &Inbound) -> Option<Value> {
        let behaviour = &self.config.behaviour;
        let Route::Trigger(url) = Route::of(&inbound.path, &behaviour.urls) else {
            return None;
        };
        let id = hyphenated(&url.integration, behaviour.urls.id_case).map(IntegrationId::from_uuid)?;
        let integration = &self.config.catalog[self.config.catalog.integration(id)?];
        let event = Event::decode(inbound, integration.mode, &behaviour.events, behaviour.urls.query).ok()?;
        Some(self.config.redaction().json(event.document()["event"].clone()))
    }

    /// Files what became of an answer; tells what is counted of its request, if that is remembered.
    pub(crate) fn record_answer(&self, key: JournalKey, note: AnswerNote, now: Timestamp) -> Option<Counted> {
        self.lock().journal.record_answer(key, note, now)
    }

    /// Files an answer that was handed to its connection; tells what is counted of its request, if that is remembered.
    pub(crate) fn record_sent(&self, key: JournalKey, sent: &Sent<'_>, now: Timestamp) -> Option<Counted> {
        let note = AnswerNote::Sent {
            status: sent.status,
            bytes: sent.body.len() as u64,
        };
        // Worked out before the lock is taken, dropped after it was given back.
        let kept = Box::new(Kept::of(sent, self.config.redaction()));
        let (counted, forgotten) = {
            let mut state = self.lock();
            let counted = state.journal.record_answer(key, note, now);
            (counted, state.journal.record_sent(key, kept))
        };
        drop(forgotten);
        counted
    }

    /// Files when a request came by the machine's clock. For people: nothing depends on it.
    pub fn record_arrival(&self, key: JournalKey, real: Timestamp) {
        self.lock().journal.record_arrival(key, real);
    }

    /// Files that a request repeats another one.
    pub fn record_replay(&self, key: JournalKey, original: JournalKey) {
        self.lock().journal.record_replay(key, original);
    }
}
