//! Looking for the payload limit of a deployment that does not publish it, within what its profile consents to.
//!
//! Sends and observes; `rule` says which size comes next. What could not be told never becomes a limit.

mod rule;

use std::time::Duration;

use bytes::Bytes;
use located_yaml::Location;
use serde_json::{Value as Json, json};

use super::case::{CaseRun, StepRun, Surroundings, Trouble, sent};
use super::clockwork::Clockwork;
use super::pace::Counts;
use super::request::{Carrier, Prepared, trigger_url};
use super::session::{Patience, Session};
use crate::attempt::{Exchange, Outcome, RequestWritten, Unanswered};
use crate::check::Findings;
use crate::plan::{Range, is_loopback};
use crate::profile::Profile;
use crate::spec::model::Framing;
use crate::target::Stage;
use rule::{Next, Search};

/// The fact that a found limit becomes.
pub const FACT: &str = "payload-limit";
/// The workflow that is called: the one the cases about the limit call, on an integration that demands nothing.
const WORKFLOW: &str = "parameters";
/// How far to look on this machine when a profile does not say, in bytes.
const ON_LOOPBACK: u64 = 16 << 20;
/// How far to look at most, in bytes: a body is held in memory.
const MOST: u64 = 1 << 30;
/// How often a size is tried whose answer says nothing about it.
const ATTEMPTS: usize = 3;
/// What lies between such attempts: longer than the window of the rate limit.
const PAUSE: Duration = Duration::from_millis(1_200);

/// What one body showed.
enum Seen {
    /// It was accepted.
    Accepted,
    /// It was refused as too large.
    TooLarge,
    /// Neither, and trying again will not change it.
    SomethingElse(String),
    /// Neither this time.
    Nothing(String),
}

/// The largest body that may be sent, in bytes; `None` where nobody has to be asked.
#[must_use]
pub(crate) fn consented(profile: &Profile) -> Option<u64> {
    let agreed = profile.consent.payloads_up_to;
    (!is_loopback(&profile.urls.hooks)).then_some(agreed)
}

/// Refuses a body of this size if the profile does not agree to it.
///
/// # Errors
/// That it was not agreed to, and how it would be.
pub(crate) fn agreed(profile: &Profile, size: u64) -> Result<(), Trouble> {
    match consented(profile) {
        Some(consented) if size > consented => Err(Trouble::CouldNotTell(format!(
            "a body of {size} bytes is more than the profile consents to; raise `consent: {{ payloads_up_to: {consented} }}`"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// The largest body the search may send, in bytes.
fn most(profile: &Profile) -> u64 {
    let most = consented(profile).unwrap_or(match profile.consent.payloads_up_to {
        0 => ON_LOOPBACK,
        agreed => agreed,
    });
    most.min(MOST)
}

/// The largest limit the search could find, in bytes: one byte more has to be refused.
#[must_use]
pub fn largest_limit(profile: &Profile) -> u64 {
    most(profile).saturating_sub(1)
}

/// How many requests the search takes.
#[must_use]
pub fn search_requests(profile: &Profile) -> Range {
    let most = most(profile);
    if most < rule::LEAST {
        return Range::default();
    }
    Range {
        least: 2,
        most: rule::most_tries(most) * ATTEMPTS as u64,
    }
}

/// Looks for the limit: every request is a step of what comes back, and the limit its only fact; `trouble` says why there is none.
pub async fn find(stage: &Stage, surroundings: Surroundings<'_>) -> CaseRun {
    let mut run = CaseRun::default();
    match look(stage, surroundings, &mut run).await {
        Ok(limit) => run.facts.push((FACT.to_owned(), limit.to_string())),
        Err(trouble) => run.trouble = Some(trouble),
    }
    run
}

async fn look(stage: &Stage, surroundings: Surroundings<'_>, run: &mut CaseRun) -> Result<u64, Trouble> {
    let profile = &stage.profile;
    let most = most(profile);
    if most < rule::LEAST {
        return Err(Trouble::CouldNotTell(
            "the payload limit is not known, and the profile does not consent to looking for it; say how far in \
             `consent: { payloads_up_to: BYTES }`, or name it in `limits: { payload: BYTES }`"
                .to_owned(),
        ));
    }
    let url = trigger_url(profile, WORKFLOW)?;
    let clock = Clockwork::of(stage, surroundings.latency).await?;
    let mut prober = Prober {
        session: Session::new(surroundings.client.clone(), clock, surroundings.began),
        surroundings,
        profile,
        url,
    };
    let mut search = Search::up_to(most);
    loop {
        match search.next() {
            Next::Found(limit) => return Ok(limit),
            Next::Try(size) => match prober.try_size(size, run).await? {
                Seen::Accepted => search.accepted(size),
                Seen::TooLarge => search.refused(size),
                Seen::SomethingElse(why) | Seen::Nothing(why) => {
                    return Err(Trouble::CouldNotTell(format!(
                        "the payload limit could not be found: a body of {size} bytes {why}"
                    )));
                }
            },
            Next::NoneSoFar => {
                let whose = match profile.consent.payloads_up_to {
                    0 => "as far as is looked when the profile does not say",
                    _ => "which is what the profile consents to",
                };
                return Err(Trouble::CouldNotTell(format!(
                    "no 413 up to {most} bytes, {whose}; raise `consent: {{ payloads_up_to: BYTES }}`, or name the \
                     limit in `limits: {{ payload: BYTES }}`"
                )));
            }
            Next::NothingFits => {
                return Err(Trouble::CouldNotTell(format!(
                    "the payload limit could not be found: even a body of {} bytes is answered 413",
                    rule::LEAST
                )));
            }
        }
    }
}

struct Prober<'p> {
    session: Session,
    surroundings: Surroundings<'p>,
    profile: &'p Profile,
    url: String,
}

impl Prober<'_> {
    /// Sends a body of this size, again when the answer was lost or is about something that passes.
    async fn try_size(&mut self, size: u64, run: &mut CaseRun) -> Result<Seen, Trouble> {
        let mut seen = Seen::Nothing(String::new());
        for attempt in 0..ATTEMPTS {
            if attempt > 0 || matches!(self.session.clock, Clockwork::Manual { .. }) {
                // On a clock that stands still the rate limit would never have room again.
                self.session.elapse(PAUSE).await?;
            }
            let exchange = self.send(size).await?;
            seen = observe(&exchange);
            run.steps.push(StepRun {
                number: run.steps.len() + 1,
                title: format!("a body of {size} bytes"),
                at: Location::start_of("the search for the payload limit"),
                exchanges: vec![exchange],
                window: None,
                limit: None,
                findings: Findings::default(),
            });
            if !matches!(seen, Seen::Nothing(_)) {
                break;
            }
        }
        Ok(match seen {
            Seen::Nothing(why) => Seen::Nothing(format!("{why}, {ATTEMPTS} times")),
            told => told,
        })
    }

    async fn send(&mut self, size: u64) -> Result<Exchange, Trouble> {
        let prepared = Prepared {
            method: "POST".to_owned(),
            url: self.url.clone(),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(body(size)),
            framing: Framing::Declared,
            carrier: Carrier::Wire,
        };
        let usual = self.profile.limits.sync_timeout + self.profile.tolerance * 2;
        let patience = Patience {
            at_most: self.profile.network.answer_timeout.unwrap_or(usual),
            not_before: None,
        };
        self.surroundings.pace.take(Counts::Execution).await;
        let request = sent(&prepared);
        let sending = self.surroundings.client.send(prepared);
        Ok(self.session.call(request, sending, patience).await?)
    }
}

/// An event of exactly this many bytes, with what the workflow needs.
fn body(size: u64) -> Bytes {
    let event = |padding: String| -> Json {
        json!({ "text": "how much fits", "number": 1, "flag": true, "data": {}, "padding": padding })
    };
    let bare = event(String::new()).to_string().len();
    let padding = usize::try_from(size).unwrap_or(usize::MAX).saturating_sub(bare);
    event("x".repeat(padding)).to_string().into()
}

/// 413, accepted, and everything else, which says nothing about the size.
fn observe(exchange: &Exchange) -> Seen {
    match &exchange.outcome {
        Outcome::Answered(answer) => match (answer.status, answer.request_written) {
            (413, _) => Seen::TooLarge,
            (200..=299, RequestWritten::Whole) => Seen::Accepted,
            (200..=299, RequestWritten::Part) => Seen::Nothing("was answered before it was sent".to_owned()),
            (status @ (429 | 500..), _) => Seen::Nothing(format!("was answered {status}")),
            (status, _) => Seen::SomethingElse(format!("was answered {status}")),
        },
        Outcome::Unanswered(why) => Seen::Nothing(match why {
            Unanswered::NoConnection(reason) => format!("found no connection ({reason})"),
            Unanswered::ConnectionLost(reason) => format!("had its connection closed before an answer ({reason})"),
            Unanswered::OutOfPatience => "was not answered in time".to_owned(),
            Unanswered::Unfinished { .. } => "got an answer that did not end".to_owned(),
            Unanswered::NotHttp(what) => format!("got no HTTP answer ({what})"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_exactly_the_size_asked_for() {
        for size in [rule::LEAST, rule::LEAST + 1, 65_536, 1_000_001] {
            assert_eq!(body(size).len() as u64, size);
            assert!(serde_json::from_slice::<Json>(&body(size)).is_ok_and(|event| event["number"] == 1));
        }
    }
}
