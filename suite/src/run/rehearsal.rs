//! What a case would send, found out without its deployment: the real client writes every request to a listener of our own.
//!
//! Renders no request by itself: the bytes are those that whoever sends in a run has written here.

mod course;
mod effect;

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::Value as Json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::case::Trouble;
use super::client::{self, Client};
use super::payload;
use super::request::{self, Builder, Prepared};
use super::tokens::{self, Bearer};
use super::wire::path_of;
use super::{sign, values};
use crate::expression::{Expression, Value, Values};
use crate::judging::pauses_of;
use crate::profile::Profile;
use crate::spec::model::{Action, Body, Case, Fixtures, Poll, Send, Step, Token, WrongSecret};
use course::Course;
pub use course::Waits;
pub use effect::{Draws, Effect};

/// For how long a token is used when nobody says: half of the life the documentation gives it (contract section 6).
const TOKEN_IS_USED: Duration = Duration::from_secs(1800);
/// How long it takes until a token has expired.
const TOKEN_EXPIRES: Duration = Duration::from_secs(3601);

/// What a case is rehearsed for.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'r> {
    /// The deployment; nothing is sent to it.
    pub profile: &'r Profile,
    /// What its workflows do, as far as it takes time.
    pub fixtures: &'r Fixtures,
    /// The target's time, in seconds since the Unix epoch.
    pub now: u64,
}

/// A step and what it would send.
#[derive(Debug)]
pub struct Rehearsed<'c> {
    /// The step.
    pub step: &'c Step,
    /// How often its request is sent.
    pub pacing: Pacing,
    /// The requests in order, each once; or why they cannot be known before the case is run.
    pub requests: Result<Vec<Written>, Trouble>,
    /// How long the step waits on the target's clock.
    pub waits: Waits,
}

/// How often a step's request is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Pacing {
    /// Once, or the step sends nothing.
    Once,
    /// Many times.
    Burst {
        /// How many.
        count: u64,
        /// How many side by side.
        at_once: u64,
        /// In which time.
        within: Duration,
    },
    /// Until the answer satisfies.
    Poll {
        /// The first pause.
        every: Duration,
        /// The factor by which pauses grow.
        back_off: f64,
        /// How long in all.
        budget: Duration,
        /// How often at most.
        at_most: u64,
    },
}

/// One request as it is written to a socket.
#[derive(Clone, Debug)]
pub struct Written {
    /// What it is for.
    pub purpose: Purpose,
    /// The whole URL.
    pub url: String,
    /// From the first byte of the request line to the last one of the body.
    pub bytes: Bytes,
    /// What stands for values that only a run has.
    pub placeholders: Vec<Placeholder>,
    /// What comes of it at a deployment that conforms.
    pub effect: Effect,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The step's own.
    Step,
    /// It gets the token that the step's own needs.
    Token,
}

/// A text that stands for a value only a run has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placeholder {
    /// What stands in the bytes: plain characters that nothing escapes.
    pub text: String,
    /// What people are shown instead.
    pub shown: String,
}

/// Goes through a case as a run would, with placeholders for what answers would have brought.
///
/// Nothing is sent to the deployment of the setting.
pub async fn rehearse<'c>(case: &'c Case, setting: Setting<'_>, client: &Client) -> Vec<Rehearsed<'c>> {
    let mut rehearsal = Rehearsal {
        setting,
        client,
        values: values::initial(setting.profile, case),
        placeholders: Vec::new(),
        tokens: BTreeMap::new(),
        course: Course::default(),
    };
    let mut rehearsed = Vec::new();
    for step in case.steps.iter().chain(&case.finally) {
        rehearsed.push(rehearsal.play(step).await);
    }
    rehearsed
}

/// The least length of what is kept as secret without being one.
const SHORTEST_NEARLY_SECRET: usize = 6;

/// What is sent instead of secrets to be refused, by name: so near to them that it is kept as secret. Very short ones are
/// left out, which would be found where nobody put them.
#[must_use]
pub fn nearly_secrets(profile: &Profile) -> Vec<(String, String)> {
    let ways = [
        (WrongSecret::Swapped, "swapped"),
        (WrongSecret::CaseFolded, "case-folded"),
        (WrongSecret::Prefix, "prefix"),
        (WrongSecret::Suffix, "suffix"),
    ];
    let headers = profile.integrations.iter();
    let headers = headers.flat_map(|(name, it)| it.headers.iter().map(move |header| (name, header)));
    headers
        .flat_map(|(integration, (header, right))| {
            ways.map(|(wrong, way)| {
                let value = sign::wrong_secret(wrong, right.expose());
                (format!("{integration}.{header}, {way}"), value)
            })
        })
        .filter(|(_, value)| value.len() >= SHORTEST_NEARLY_SECRET)
        .collect()
}

struct Rehearsal<'r> {
    setting: Setting<'r>,
    client: &'r Client,
    values: Values,
    placeholders: Vec<Placeholder>,
    /// Who has been given a token by now, and when: a run asks again when half of its life is over.
    tokens: BTreeMap<String, Duration>,
    /// Where the case is on the target's clock.
    course: Course,
}

impl Rehearsal<'_> {
    async fn play<'c>(&mut self, step: &'c Step) -> Rehearsed<'c> {
        let outcome = self.requests(step).await;
        let waits = self.course.goes_on(step, (&self.values, self.setting));
        for capture in &step.capture {
            let placeholder = Placeholder {
                text: format!("-captured-{}-", capture.name),
                shown: format!("${{{}}}", capture.name),
            };
            let stands_for_it = Value::Json(Json::from(placeholder.text.as_str()));
            self.values.set(capture.name.clone(), stands_for_it);
            self.placeholders.push(placeholder);
        }
        let (pacing, requests) = match outcome {
            Ok((pacing, requests)) => (pacing, Ok(requests)),
            Err(trouble) => (Pacing::Once, Err(trouble)),
        };
        Rehearsed {
            step,
            pacing,
            requests,
            waits,
        }
    }

    async fn requests(&mut self, step: &Step) -> Result<(Pacing, Vec<Written>), Trouble> {
        match &step.action {
            Action::Send(send, _) => Ok((Pacing::Once, self.written(send, step).await?)),
            Action::Burst(burst) => {
                let count = burst.count.eval(&self.values)?.as_count()?;
                let at_once = match &burst.concurrency {
                    Some(lanes) => lanes.eval(&self.values)?.as_count()?,
                    None => count,
                };
                let within = self.duration(&burst.within)?;
                let pacing = Pacing::Burst {
                    count,
                    at_once: at_once.clamp(1, count.max(1)),
                    within,
                };
                Ok((pacing, self.written(&burst.request, step).await?))
            }
            Action::Poll(poll) => Ok((self.pacing(poll)?, self.written(&poll.request, step).await?)),
            Action::Raw(raw, _) => {
                let text = request::raw_text(raw, &self.values)?;
                let url = values::base(&self.setting.profile.urls, raw.surface).to_owned();
                let mut written = self.finish(Purpose::Step, url, Bytes::from(text));
                written.effect = Effect::of_raw(raw, step);
                Ok((Pacing::Once, vec![written]))
            }
            Action::Elapse(_) | Action::Await { .. } => Ok((Pacing::Once, Vec::new())),
        }
    }

    fn pacing(&self, poll: &Poll) -> Result<Pacing, Trouble> {
        let (every, budget) = (self.duration(&poll.every)?, self.duration(&poll.budget)?);
        let pauses = pauses_of(every, poll.back_off, budget);
        Ok(Pacing::Poll {
            every,
            back_off: poll.back_off,
            budget,
            at_most: 1 + pauses.count() as u64,
        })
    }

    fn duration(&self, expression: &Expression) -> Result<Duration, Trouble> {
        Ok(expression.eval(&self.values)?.as_duration()?)
    }

    /// The request of a step, and before it the one for its token where a run would ask for one.
    async fn written(&mut self, send: &Send, step: &Step) -> Result<Vec<Written>, Trouble> {
        let mut all = Vec::new();
        let bearer = match tokens::bearer(&send.token, &self.values)? {
            Bearer::None => None,
            Bearer::Given(text) => Some(text),
            Bearer::OfClient(name) => {
                let workspace = request::workspace_of(&send.to).unwrap_or_default();
                let client = request::client(self.setting.profile, workspace, name)?;
                let placeholder = Placeholder {
                    text: format!("-token-of-{}-", name.unwrap_or(workspace)),
                    shown: format!("${{a token of {}}}", name.unwrap_or(workspace)),
                };
                let expired = matches!(send.token, Token::Expired);
                if expired || self.has_no_token(client.id.expose()) {
                    let asking = tokens::request(&self.setting.profile.urls.auth, client);
                    all.push(self.record(Purpose::Token, &asking).await?);
                }
                if expired {
                    self.course.lets_pass(TOKEN_EXPIRES);
                }
                self.placeholders.push(placeholder.clone());
                Some(placeholder.text)
            }
        };
        let builder = Builder {
            profile: self.setting.profile,
            values: &self.values,
            now: self.setting.now,
        };
        let prepared = builder.build(send, bearer.as_deref())?;
        if let (Body::Generated { .. }, Some(body)) = (&send.body, &prepared.body) {
            payload::agreed(self.setting.profile, body.len() as u64)?;
        }
        let mut written = self.record(Purpose::Step, &prepared).await?;
        written.effect = Effect::of(send, step, self.setting.profile);
        all.push(written);
        Ok(all)
    }

    /// Whether a run would ask for a token now, and from now on would have it.
    fn has_no_token(&mut self, client: &str) -> bool {
        let now = self.course.spent();
        let current = self
            .tokens
            .get(client)
            .is_some_and(|given| now < *given + TOKEN_IS_USED);
        if !current {
            self.tokens.insert(client.to_owned(), now);
        }
        !current
    }

    /// Has the client send a request to us.
    async fn record(&self, purpose: Purpose, prepared: &Prepared) -> Result<Written, Trouble> {
        let trouble =
            |error: io::Error| Trouble::Harness(format!("no request can be written to this machine: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(trouble)?;
        let here = listener.local_addr().map_err(trouble)?.to_string();
        let mut redirected = prepared.clone();
        redirected.url = format!("http://{here}{}", path_of(&prepared.url));
        let receiving = receive(&listener);
        tokio::pin!(receiving);
        let received = tokio::select! {
            received = &mut receiving => received,
            Err(why) = self.client.send(redirected).answer => {
                return Err(Trouble::Harness(format!("this request cannot be written: {why:?}")));
            }
        };
        let (head, body) = received.map_err(trouble)?;
        // The one thing that tells our listener from the deployment; a case that sets `Host` itself has replaced it already.
        let head = String::from_utf8_lossy(&head).replacen(&here, &client::host_written(prepared), 1);
        let bytes = [head.as_bytes(), &body].concat();
        Ok(self.finish(purpose, prepared.url.clone(), bytes.into()))
    }

    fn finish(&self, purpose: Purpose, url: String, bytes: Bytes) -> Written {
        let contains = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        let mut placeholders: Vec<_> = self.placeholders.clone();
        placeholders.retain(|placeholder| contains(&placeholder.text));
        placeholders.sort();
        placeholders.dedup();
        Written {
            purpose,
            url,
            bytes,
            placeholders,
            effect: Effect::of_token(),
        }
    }
}

/// One request, head and body; it is never answered.
async fn receive(listener: &TcpListener) -> io::Result<(Bytes, Bytes)> {
    const HEAD_END: &[u8] = b"\r\n\r\n";
    let (mut stream, _) = listener.accept().await?;
    let mut bytes = BytesMut::new();
    let end = loop {
        if let Some(at) = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END) {
            break at + HEAD_END.len();
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = bytes.split_to(end).freeze();
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let field = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(it, _)| *it == name).map(|(_, value)| value.trim())
    };
    let length = field("content-length").and_then(|length| length.parse::<usize>().ok());
    let chunked = field("transfer-encoding").is_some();
    loop {
        let whole = match length {
            Some(length) => bytes.len() >= length,
            None => !chunked || bytes.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            return Ok((head, bytes.freeze()));
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
