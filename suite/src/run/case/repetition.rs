//! Steps of many requests: bursts, sent in waves, and polls, sent until something is so.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::{Player, Trouble, counts, sent};
use crate::attempt::Exchange;
use crate::judging::{self, Heard};
use crate::run::clockwork::Clockwork;
use crate::run::request::Prepared;
use crate::spec::model::{Burst, Poll, Step};

/// How many requests a burst may have.
const MAX_BURST: u64 = 10_000;

impl Player<'_> {
    pub(super) async fn burst(&mut self, step: &Step, burst: &Burst) -> Result<Vec<Exchange>, Trouble> {
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
        let lanes = usize::try_from(lanes).unwrap_or(usize::MAX);
        self.volley(requests, (lanes, pace, within), step).await
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

    pub(super) async fn poll(&mut self, step: &Step, poll: &Poll) -> Result<Vec<Exchange>, Trouble> {
        let mut pauses = judging::pauses(poll, &self.values)?;
        let mut exchanges: Vec<Exchange> = Vec::new();
        loop {
            let prepared = self.prepare(&poll.request).await?;
            self.pace.take(counts(&poll.request)).await;
            let sent = sent(&prepared);
            let sending = self.session.client.send(prepared);
            let patience = self.patience(step)?;
            let exchange = self.session.call(sent, sending, patience).await?;
            let heard = judging::heard(poll, &exchange, &self.values)?;
            exchanges.push(exchange);
            match (heard, pauses.next()) {
                (Heard::NotYet, Some(pause)) => self.session.elapse(pause).await?,
                (Heard::NotYet, None) | (Heard::Satisfied | Heard::Hopeless, _) => return Ok(exchanges),
            }
        }
    }
}
