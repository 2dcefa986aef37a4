//! The calls of one case: sent, held, answered, with the target's clock moved where somebody waits.
//!
//! Collects exchanges; judges nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::client::{Client, Sending};
use super::clockwork::{Clockwork, Reading};
use super::wire::{Arrived, Begun};
use crate::attempt::{Exchange, Outcome, Sent, Took, Unanswered};
use crate::target::{Advance, ControlError};

/// How long an answer may take before we ask whether its call is being held.
const PROMPT: Duration = Duration::from_millis(5);
/// How long an answer that the clock has brought may take to get here.
const DELIVERY: Duration = Duration::from_secs(2);
/// How long, on this machine's clock, a call may be neither answered nor held while the target's clock stands still.
const STANDSTILL: Duration = Duration::from_secs(10);
/// How close the clock goes to a lower bound before it crosses it.
const CLOSE: Duration = Duration::from_millis(1);

/// The calls of one case.
#[derive(Debug)]
pub(crate) struct Session {
    /// Who sends.
    pub client: Client,
    /// The target's clock.
    pub clock: Clockwork,
    /// When the run began.
    began: Instant,
    /// What the target's clock said when the case began.
    origin: Reading,
    open: BTreeMap<String, Call>,
}

/// How long to wait for an answer, and when it is due at the earliest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// On the target's clock.
    pub at_most: Duration,
    /// A bound the answer must not come before, to be looked at closely.
    pub not_before: Option<Duration>,
}

/// A request on its way.
#[derive(Debug)]
struct Call {
    task: JoinHandle<Result<Arrived, Unanswered>>,
    begun: Begun,
    request: Sent,
    sent: Reading,
    sent_at: Duration,
    /// The last reading at which it was certainly unanswered.
    unanswered: Reading,
    finished: Option<(Result<Arrived, Unanswered>, Took, Duration)>,
}

/// How a call stands with a target whose clock is moved by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is answered, or held until the clock brings its answer.
    Underway,
    /// The target neither answers nor holds it.
    Unattended,
}

impl Session {
    /// A session with no calls.
    #[must_use]
    pub(crate) fn new(client: Client, clock: Clockwork, began: Instant) -> Self {
        Self {
            client,
            origin: clock.reading(),
            clock,
            began,
            open: BTreeMap::new(),
        }
    }

    /// The moment on the clock that counts: since the run began here, or since the case began on a clock moved by hand.
    #[must_use]
    pub(crate) fn moment(&self) -> Duration {
        match (self.clock.reading(), self.origin) {
            (Reading::Manual(now), Reading::Manual(origin)) => Duration::from_nanos(now.saturating_sub(origin)),
            (Reading::Manual(_), Reading::System) | (Reading::System, _) => self.began.elapsed(),
        }
    }

    /// Sends and waits for the answer.
    ///
    /// # Errors
    /// When the control surface fails us.
    pub(crate) async fn call(
        &mut self,
        request: Sent,
        sending: Sending,
        patience: Patience,
    ) -> Result<Exchange, ControlError> {
        let mut call = self.start(request, sending);
        self.finish(&mut call, patience).await?;
        Ok(self.exchange(call))
    }

    /// Sends one request of many and waits for its answer on this machine's clock; whoever sent them moves the target's. While that
    /// stands still, what would come at a later reading cannot: it is not waited for.
    pub(crate) async fn shoot(&self, request: Sent, sending: Sending, at_most: Duration) -> Exchange {
        let sent_at = self.moment();
        let at_most = match self.clock {
            Clockwork::Manual { .. } => at_most.min(STANDSTILL),
            Clockwork::System { .. } => at_most,
        };
        let mut call = self.start(request, sending);
        self.settle(&mut call, at_most).await;
        Exchange {
            sent_at,
            settled_at: self.moment(),
            ..self.exchange(call)
        }
    }

    /// Sends and leaves the answer for later; returns once the call is held or answered.
    ///
    /// # Errors
    /// When the control surface fails us.
    pub(crate) async fn send_in_background(
        &mut self,
        label: &str,
        request: Sent,
        sending: Sending,
    ) -> Result<(), ControlError> {
        let mut call = self.start(request, sending);
        self.answered_or_held(&mut call).await?;
        self.open.insert(label.to_owned(), call);
        Ok(())
    }

    /// The answer of a background call.
    ///
    /// # Errors
    /// When the control surface fails us.
    pub(crate) async fn collect(&mut self, label: &str, patience: Patience) -> Result<Option<Exchange>, ControlError> {
        let Some(mut call) = self.open.remove(label) else {
            return Ok(None);
        };
        self.finish(&mut call, patience).await?;
        Ok(Some(self.exchange(call)))
    }

    /// Whether a background call is unanswered so far.
    pub(crate) async fn is_open(&mut self, label: &str) -> bool {
        // What the clock has brought was delivered when the clock was moved; this only lets it be noticed.
        tokio::task::yield_now().await;
        self.notice().await;
        self.open.get(label).is_some_and(|call| call.finished.is_none())
    }

    /// Lets time pass on the target's clock.
    ///
    /// # Errors
    /// When the control surface fails us.
    pub(crate) async fn elapse(&mut self, time: Duration) -> Result<(), ControlError> {
        if matches!(self.clock, Clockwork::System { .. }) {
            tokio::time::sleep(time).await;
            self.notice().await;
            return Ok(());
        }
        let held = self.unfinished();
        self.step(Advance {
            by: time,
            held,
            until_answered: None,
        })
        .await
        .map(|_| ())
    }

    fn start(&self, request: Sent, sending: Sending) -> Call {
        let (sent, sent_at) = (self.clock.reading(), self.began.elapsed());
        Call {
            task: tokio::spawn(sending.answer),
            begun: sending.begun,
            request,
            sent,
            sent_at,
            unanswered: sent,
            finished: None,
        }
    }

    fn unfinished(&self) -> usize {
        self.open.values().filter(|call| call.finished.is_none()).count()
    }

    /// Waits for one call, moving a manual clock as far as patience goes.
    async fn finish(&mut self, call: &mut Call, patience: Patience) -> Result<(), ControlError> {
        if call.finished.is_some() {
            return Ok(());
        }
        if matches!(self.clock, Clockwork::System { .. }) {
            self.settle(call, patience.at_most).await;
            return Ok(());
        }
        if self.answered_or_held(call).await? == Standing::Unattended {
            self.settle(call, PROMPT).await;
            return Ok(());
        }
        let spent = |clock: &Clockwork, call: &Call| match (clock.reading(), call.sent) {
            (Reading::Manual(now), Reading::Manual(sent)) => Duration::from_nanos(now.saturating_sub(sent)),
            _ => Duration::ZERO,
        };
        if let Some(bound) = patience.not_before.and_then(|bound| bound.checked_sub(CLOSE)) {
            let by = bound.saturating_sub(spent(&self.clock, call));
            if call.finished.is_none() && !by.is_zero() {
                self.step_with(
                    call,
                    Advance {
                        by,
                        held: self.unfinished() + 1,
                        until_answered: None,
                    },
                )
                .await?;
            }
        }
        while call.finished.is_none() {
            let by = patience.at_most.saturating_sub(spent(&self.clock, call));
            if by.is_zero() {
                break;
            }
            let advance = Advance {
                by,
                held: self.unfinished() + 1,
                until_answered: Some(1),
            };
            if self.step_with(call, advance).await? == 0 {
                break;
            }
        }
        if call.finished.is_none() {
            self.settle(call, PROMPT).await;
        }
        Ok(())
    }

    /// Returns once the call is answered, or held by a target that says so; else the target waits for more of the request, and
    /// no clock brings the answer.
    async fn answered_or_held(&mut self, call: &mut Call) -> Result<Standing, ControlError> {
        let Clockwork::Manual { control, sandbox, .. } = &self.clock else {
            return Ok(Standing::Underway);
        };
        if let Ok(result) = tokio::time::timeout(PROMPT, &mut call.task).await {
            self.note(call, result);
            return Ok(Standing::Underway);
        }
        let (control, sandbox, held) = (control.clone(), sandbox.clone(), self.unfinished() + 1);
        tokio::select! {
            result = &mut call.task => self.note(call, result),
            waited = control.wait_held(&sandbox, held, STANDSTILL) => if !waited? {
                return Ok(Standing::Unattended);
            },
        }
        Ok(Standing::Underway)
    }

    /// Moves the clock and takes in what that brought to background calls.
    async fn step(&mut self, advance: Advance) -> Result<usize, ControlError> {
        let moved = self.clock.advance(advance).await?;
        let answered = moved.map_or(0, |moved| moved.answered);
        let deadline = Instant::now() + DELIVERY;
        let before = self.unfinished();
        while before - self.unfinished() < answered && Instant::now() < deadline {
            self.notice().await;
            tokio::task::yield_now().await;
        }
        self.mark();
        Ok(answered)
    }

    /// Moves the clock and takes in what that brought to one call and the background ones.
    async fn step_with(&mut self, call: &mut Call, advance: Advance) -> Result<usize, ControlError> {
        let moved = self.clock.advance(advance).await?;
        let answered = moved.map_or(0, |moved| moved.answered);
        let deadline = Instant::now() + DELIVERY;
        let before = self.unfinished();
        loop {
            self.notice().await;
            if call.task.is_finished() && call.finished.is_none() {
                let result = (&mut call.task).await;
                self.note(call, result);
            }
            let arrived = before - self.unfinished() + usize::from(call.finished.is_some());
            if arrived >= answered || Instant::now() >= deadline {
                break;
            }
            tokio::task::yield_now().await;
        }
        if call.finished.is_none() {
            call.unanswered = self.clock.reading();
        }
        self.mark();
        Ok(answered)
    }

    /// Files the answers of background calls that have arrived.
    async fn notice(&mut self) {
        let mut open = std::mem::take(&mut self.open);
        for call in open.values_mut().filter(|call| call.finished.is_none()) {
            if call.task.is_finished() {
                let result = (&mut call.task).await;
                self.note(call, result);
            }
        }
        self.open = open;
    }

    /// Notes that background calls without an answer have none at the present reading.
    fn mark(&mut self) {
        let now = self.clock.reading();
        for call in self.open.values_mut().filter(|call| call.finished.is_none()) {
            call.unanswered = now;
        }
    }

    /// Waits for the answer as long as is told, and a little longer for the rest of one that has begun.
    async fn settle(&self, call: &mut Call, at_most: Duration) {
        if let Ok(result) = tokio::time::timeout(at_most, &mut call.task).await {
            return self.note(call, result);
        }
        let why = match call.begun.at() {
            None => Unanswered::OutOfPatience,
            Some(first_byte) => {
                if let Ok(result) = tokio::time::timeout(DELIVERY, &mut call.task).await {
                    return self.note(call, result);
                }
                Unanswered::Unfinished {
                    began: first_byte.duration_since(self.began).saturating_sub(call.sent_at),
                    gave_up: self.began.elapsed().saturating_sub(call.sent_at),
                }
            }
        };
        call.task.abort();
        self.note(call, Ok(Err(why)));
    }

    fn note(&self, call: &mut Call, result: Result<Result<Arrived, Unanswered>, tokio::task::JoinError>) {
        let result = result.unwrap_or_else(|error| Err(Unanswered::ConnectionLost(error.to_string())));
        let now = Instant::now();
        let moments = match &result {
            Ok(arrived) => (arrived.written, arrived.first_byte, arrived.complete),
            Err(_) => (now, now, now),
        };
        let took = self.clock.took(call.sent, call.unanswered, moments);
        call.finished = Some((result, took, self.began.elapsed()));
    }

    fn exchange(&self, call: Call) -> Exchange {
        let fallback = (
            Err(Unanswered::OutOfPatience),
            Took::Between {
                after: Duration::ZERO,
                by: Duration::ZERO,
            },
            self.began.elapsed(),
        );
        let (result, took, settled_at) = call.finished.unwrap_or(fallback);
        let outcome = match result {
            Ok(arrived) => Outcome::Answered(arrived.answer),
            Err(why) => Outcome::Unanswered(why),
        };
        Exchange {
            request: call.request,
            outcome,
            sent_at: call.sent_at,
            settled_at,
            took,
        }
    }
}
