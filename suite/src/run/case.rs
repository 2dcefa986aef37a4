//! One case: its steps in order, then `finally`, and everything that was seen on the way.
//!
//! A step that differs or cannot be told ends the case; what it takes from there is left to `verdict`.

mod repetition;
mod trouble;

use std::time::{Duration, Instant};

use located_yaml::Location;

pub use trouble::Trouble;

use super::client::{Client, Sending};
use super::clockwork::Clockwork;
use super::pace::{Counts, Pace};
use super::payload;
use super::request::{self, Builder, Carrier, Prepared};
use super::session::{Patience, Session};
use super::tokens::{self, Bearer, Tokens};
use super::values;
use crate::attempt::{Exchange, Payload, Sent};
use crate::check::{Bounds, Findings, Limit};
use crate::expression::Values;
use crate::judging;
use crate::profile::Profile;
use crate::spec::model::{
    Action, Awaited, Background, Body, Case, Destination, RawBytes, Send, Step, SurfaceName, Token,
};
use crate::target::Stage;

/// Everything that was seen of one case.
#[derive(Clone, Debug, Default)]
pub struct CaseRun {
    /// In order; steps after one that ended the case are missing.
    pub steps: Vec<StepRun>,
    /// Facts by name.
    pub facts: Vec<(String, String)>,
    /// What the names stood for when it began.
    pub given: Values,
    /// Why the case ended without a finding.
    pub trouble: Option<Trouble>,
    /// Tokens that were used, for redaction.
    pub tokens: Vec<String>,
    /// How long it took on this machine.
    pub took: Duration,
}

impl CaseRun {
    /// The payload limit, when this is a search that found it.
    #[must_use]
    pub fn payload_limit(&self) -> Option<u64> {
        let fact = self.facts.iter().find(|(name, _)| name == payload::FACT);
        fact.and_then(|(_, value)| value.parse().ok())
    }
}

/// Everything that was seen of one step.
#[derive(Clone, Debug)]
pub struct StepRun {
    /// Which step of the case, from 1; those of `finally` are counted on.
    pub number: usize,
    /// What was done, in words.
    pub title: String,
    /// Where the step is written.
    pub at: Location,
    /// The exchanges, several for bursts and polls.
    pub exchanges: Vec<Exchange>,
    /// When the answer had to come, for a step with a time window.
    pub window: Option<Bounds>,
    /// The limit a burst had to show at work.
    pub limit: Option<Limit>,
    /// What the comparison found.
    pub findings: Findings,
}

/// What the cases of a run share.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'r> {
    /// Who sends.
    pub client: &'r Client,
    /// How fast.
    pub pace: &'r Pace,
    /// A round trip to the target, as measured.
    pub latency: Duration,
    /// When the run began.
    pub began: Instant,
}

/// Runs one case on its stage.
pub async fn run(case: &Case, stage: &Stage, surroundings: Surroundings<'_>) -> CaseRun {
    let started = Instant::now();
    let mut run = CaseRun::default();
    match Clockwork::of(stage, surroundings.latency).await {
        Err(error) => run.trouble = Some(error.into()),
        Ok(clock) => {
            let mut player = Player {
                profile: &stage.profile,
                session: Session::new(surroundings.client.clone(), clock, surroundings.began),
                pace: surroundings.pace,
                values: values::initial(&stage.profile, case),
                tokens: Tokens::default(),
            };
            run.given = player.values.clone();
            for (number, step) in (1..).zip(&case.steps) {
                if let Err(trouble) = player.play((number, step), &mut run).await {
                    run.trouble = Some(trouble);
                    break;
                }
                if run.steps.last().is_some_and(|step| !step.findings.is_clean()) {
                    break;
                }
            }
            for (number, step) in (case.steps.len() + 1..).zip(&case.finally) {
                if let Err(trouble) = player.play((number, step), &mut run).await {
                    run.trouble.get_or_insert(trouble);
                }
            }
            run.tokens.extend(player.tokens.into_given());
        }
    }
    run.took = started.elapsed();
    run
}

struct Player<'p> {
    profile: &'p Profile,
    session: Session,
    pace: &'p Pace,
    values: Values,
    tokens: Tokens,
}

impl Player<'_> {
    async fn play(&mut self, (number, step): (usize, &Step), run: &mut CaseRun) -> Result<(), Trouble> {
        let demands = judging::demands(step, &self.values)?;
        let exchanges = self.act(step).await?;
        run.tokens.extend(exchanges.iter().filter_map(token_in));
        let judged = judging::judge_step(step, &exchanges, &mut self.values)?;
        run.facts.extend(judged.facts);
        run.steps.push(StepRun {
            number,
            title: title(step),
            at: step.at.clone(),
            exchanges,
            window: demands.window,
            limit: demands.limit,
            findings: judged.findings,
        });
        Ok(())
    }

    /// Does what a step says, and brings back what came of it.
    async fn act(&mut self, step: &Step) -> Result<Vec<Exchange>, Trouble> {
        match &step.action {
            Action::Send(send, background) => self.send(step, send, background).await,
            Action::Raw(raw, background) => self.raw(step, raw, background).await,
            Action::Burst(burst) => self.burst(step, burst).await,
            Action::Poll(poll) => self.poll(step, poll).await,
            Action::Elapse(time) => {
                let time = time.eval(&self.values)?.as_duration()?;
                self.session.elapse(time).await?;
                Ok(Vec::new())
            }
            Action::Await { label, expected } => {
                if *expected == Awaited::StillOpen && self.session.is_open(label).await {
                    return Ok(Vec::new());
                }
                // What came too early is what a reader wants to see; the case ends there.
                let patience = self.patience(step)?;
                let exchange = self.session.collect(label, patience).await?;
                Ok(exchange.into_iter().collect())
            }
        }
    }

    async fn send(&mut self, step: &Step, send: &Send, background: &Background) -> Result<Vec<Exchange>, Trouble> {
        let prepared = self.prepare(send).await?;
        self.pace.take(counts(send)).await;
        let sent = sent(&prepared);
        let sending = self.session.client.send(prepared);
        self.dispatch(step, background, sent, sending).await
    }

    async fn raw(&mut self, step: &Step, raw: &RawBytes, background: &Background) -> Result<Vec<Exchange>, Trouble> {
        let text = request::raw_text(raw, &self.values)?;
        let url = values::base(&self.profile.urls, raw.surface).to_owned();
        let sent = Sent {
            method: "raw".to_owned(),
            url: url.clone(),
            headers: Vec::new(),
            body: Payload::whole(text.clone()),
        };
        self.pace.take(Counts::Execution).await;
        let sending = self.session.client.send_raw(url, text.into(), raw.after);
        self.dispatch(step, background, sent, sending).await
    }

    async fn dispatch(
        &mut self,
        step: &Step,
        background: &Background,
        sent: Sent,
        sending: Sending,
    ) -> Result<Vec<Exchange>, Trouble> {
        match background {
            Background::No => {
                let patience = self.patience(step)?;
                Ok(vec![self.session.call(sent, sending, patience).await?])
            }
            Background::Label(label) => {
                self.session.send_in_background(label, sent, sending).await?;
                Ok(Vec::new())
            }
        }
    }

    async fn prepare(&mut self, send: &Send) -> Result<Prepared, Trouble> {
        let bearer = self.bearer(send).await?;
        let now = self.session.clock.unix_seconds();
        let builder = Builder {
            profile: self.profile,
            values: &self.values,
            now,
        };
        let prepared = builder.build(send, bearer.as_deref())?;
        if let (Body::Generated { .. }, Some(body)) = (&send.body, &prepared.body) {
            payload::agreed(self.profile, body.len() as u64)?;
        }
        Ok(prepared)
    }

    async fn bearer(&mut self, send: &Send) -> Result<Option<String>, Trouble> {
        let workspace = request::workspace_of(&send.to).unwrap_or_default();
        let auth = self.profile.urls.auth.clone();
        let name = match tokens::bearer(&send.token, &self.values)? {
            Bearer::None => return Ok(None),
            Bearer::Given(text) => return Ok(Some(text)),
            Bearer::OfClient(name) => name,
        };
        let client = request::client(self.profile, workspace, name)?;
        let source = (auth.as_str(), client);
        if matches!(send.token, Token::Expired) {
            self.pace.take(Counts::Api).await;
            let issued = tokens::issue(&self.session.client, source).await?;
            self.session.elapse(issued.lasts + Duration::from_secs(1)).await?;
            self.tokens.remember(&issued.token);
            return Ok(Some(issued.token));
        }
        let now = self.session.clock.unix_seconds();
        let token = self.tokens.get((&self.session.client, self.pace), source, now).await?;
        Ok(Some(token))
    }

    /// How long a step waits: its own patience, the profile's, or the synchronous time-out and the tolerance twice.
    fn patience(&self, step: &Step) -> Result<Patience, Trouble> {
        let at_most = match &step.patience {
            Some(patience) => patience.eval(&self.values)?.as_duration()?,
            None => {
                let usual = self.profile.limits.sync_timeout + self.profile.tolerance * 2;
                self.profile.network.answer_timeout.unwrap_or(usual)
            }
        };
        let window = step
            .expect
            .as_ref()
            .and_then(|expectation| expectation.answered.as_ref());
        let not_before = match window.and_then(|window| window.value.after.as_ref()) {
            Some(after) => Some(after.eval(&self.values)?.as_duration()?),
            None => None,
        };
        Ok(Patience { at_most, not_before })
    }
}

/// The token an answer gives out, whoever asked for it.
fn token_in(exchange: &Exchange) -> Option<String> {
    let body = &exchange.answer()?.body;
    body.json()?["access_token"].as_str().map(str::to_owned)
}

/// What a request counts against.
pub(super) const fn counts(send: &Send) -> Counts {
    match &send.to {
        Destination::Trigger { .. } => Counts::Execution,
        Destination::Execution { .. } => Counts::Api,
        Destination::Path { surface, .. } => match *surface {
            SurfaceName::Hooks => Counts::Execution,
            SurfaceName::Api | SurfaceName::Auth => Counts::Api,
        },
    }
}

/// A request as evidence; of generated bodies the first bytes are enough.
pub(super) fn sent(prepared: &Prepared) -> Sent {
    let body = prepared.body.clone().unwrap_or_default();
    let body = match prepared.carrier {
        Carrier::Wire => Payload::capped(body),
        Carrier::Client => Payload::whole(body),
    };
    Sent {
        method: prepared.method.clone(),
        url: prepared.url.clone(),
        headers: prepared.headers.clone(),
        body,
    }
}

/// What a step does, in a few words.
#[must_use]
pub fn title(step: &Step) -> String {
    use crate::spec::model::{Destination, Mode};
    if let Some(name) = &step.name {
        return name.clone();
    }
    let send = |send: &Send| match &send.to {
        Destination::Trigger {
            mode: Mode::Webhook, ..
        } => "trigger by the plain Webhook URL",
        Destination::Trigger { mode: Mode::Async, .. } => "trigger asynchronously",
        Destination::Trigger { mode: Mode::Sync, .. } => "trigger synchronously",
        Destination::Execution { .. } => "retrieve the execution",
        Destination::Path { .. } => "request",
    };
    match &step.action {
        Action::Send(request, _) => send(request).to_owned(),
        Action::Raw(..) => "write raw bytes".to_owned(),
        Action::Burst(burst) => format!("burst: {}", send(&burst.request)),
        Action::Poll(poll) => format!("poll: {}", send(&poll.request)),
        Action::Elapse(_) => "let time pass".to_owned(),
        Action::Await { label, .. } => format!("await the answer of `{label}`"),
    }
}
