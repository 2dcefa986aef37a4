//! Steps of many requests: bursts, sent in waves, and polls, sent until something is so.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{Player, Trouble, counts, sent};
use crate::attempt::Exchange;
use crate::check::{self, Findings};
use crate::run::clockwork::Clockwork;
use crate::run::request::Prepared;
use crate::spec::model::{Burst, Poll, Step};

/// How many exchanges a poll may take, whatever its budget says.
const MAX_POLLS: usize = 10_000;
/// How many requests a burst may have.
const MAX_BURST: u64 = 10_000;

impl Player<'_> {
    pub(super) async fn burst(&mut self, step: &Step, burst: &Burst) -> Result<(Vec<Exchange>, Findings), Trouble> {
        let count = burst.count.eval(&self.values)?.as_count()?;
        if count > MAX_BURST {
            return Err(Trouble::Harness(format!(
                "a burst of {count} requests; the most is {MAX_BURST}"
            )));
        }
        let within = burst.within.eval(&self.values)?.as_duration()?;
        let lanes = match &burst.concurrency {
            Some(lanes) => lanes.eval(&self.values)?.as_count()?.clamp(1, count.max(1)),
            None => count.max(1),
        };
        let mut requests = Vec::new();
        for _ in 0..count {
            requests.push(self.prepare(&burst.request).await?);
        }
        let pace = match self.session.clock {
            // All at one instant of a clock that stands still, wave by wave where the burst is meant to last.
            Clockwork::Manual { .. } => None,
            Clockwork::System { .. } => Some(within / u32::try_from(count.max(1)).unwrap_or(u32::MAX)),
        };
        self.pace.note(counts(&burst.request), requests.len());
        let exchanges = self
            .volley(
                requests,
                (usize::try_from(lanes).unwrap_or(usize::MAX), pace, within),
                step,
            )
            .await?;
        let mut findings = Findings::default();
        match &step.expect {
            Some(expectation) => findings = check::check_burst(expectation, &exchanges, &self.values)?,
            None => {
                for exchange in &exchanges {
                    findings.absorb(check::check_answered(exchange, &step.at));
                }
            }
        }
        Ok((exchanges, findings))
    }

    /// Sends requests in waves of `lanes`, spread over `within`; waits for each answer as long as the step does.
    async fn volley(
        &mut self,
        requests: Vec<Prepared>,
        (lanes, pace, within): (usize, Option<Duration>, Duration),
        step: &Step,
    ) -> Result<Vec<Exchange>, Trouble> {
        let waves = requests.len().div_ceil(lanes.max(1)).max(1);
        let between = within / u32::try_from(waves).unwrap_or(u32::MAX);
        let began = Instant::now();
        let at_most = self.patience(step)?.at_most;
        let mut exchanges = Vec::new();
        for (wave, chunk) in requests.chunks(lanes.max(1)).enumerate() {
            if wave > 0 {
                match pace {
                    None => self.session.elapse(between).await?,
                    Some(_) => {
                        let due = between * u32::try_from(wave).unwrap_or(u32::MAX);
                        tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
                    }
                }
            }
            let session = &self.session;
            let shots = chunk.iter().map(|prepared| {
                let sending = session.client.send(prepared.clone());
                session.shoot(sent(prepared), sending, at_most)
            });
            exchanges.extend(join_all(shots).await);
        }
        Ok(exchanges)
    }

    pub(super) async fn poll(&mut self, step: &Step, poll: &Poll) -> Result<(Vec<Exchange>, Findings), Trouble> {
        let budget = poll.budget.eval(&self.values)?.as_duration()?;
        let every = poll.every.eval(&self.values)?.as_duration()?;
        let mut pauses = pauses(every, poll.back_off, budget);
        let mut exchanges: Vec<Exchange> = Vec::new();
        loop {
            let prepared = self.prepare(&poll.request).await?;
            self.pace.take(counts(&poll.request)).await;
            let sent = sent(&prepared);
            let sending = self.session.client.send(prepared);
            let patience = self.patience(step)?;
            let exchange = self.session.call(sent, sending, patience).await?;
            let hopeless = match &poll.stop_when {
                Some(stop) => exchange.answer().is_some() && check::check(stop, &exchange, &self.values)?.is_clean(),
                None => false,
            };
            let found = check::check(&poll.until, &exchange, &self.values)?;
            exchanges.push(exchange);
            if found.is_clean() {
                let last = exchanges.split_off(exchanges.len() - 1);
                let (last, findings) = self.judge(step, last)?;
                exchanges.extend(last);
                return Ok((exchanges, findings));
            }
            let pause = pauses.next().filter(|_| !hopeless);
            let Some(pause) = pause else {
                let mut findings = found;
                let why = if hopeless {
                    "the poll became hopeless"
                } else {
                    "the poll's budget is spent"
                };
                findings.notes.push(format!("{why} after {} requests", exchanges.len()));
                return Ok((exchanges, findings));
            };
            self.session.elapse(pause).await?;
        }
    }
}

/// What a poll waits between its requests: each pause longer than the one before by a factor, until the budget is spent.
pub(crate) fn pauses(every: Duration, back_off: f64, budget: Duration) -> impl Iterator<Item = Duration> {
    let mut pause = every.max(Duration::from_millis(1));
    let mut left = budget;
    std::iter::from_fn(move || {
        let next = pause.min(left);
        left -= next;
        pause = pause.mul_f64(back_off);
        (!next.is_zero()).then_some(next)
    })
    .take(MAX_POLLS - 1)
}
