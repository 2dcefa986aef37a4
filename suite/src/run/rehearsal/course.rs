//! How long a case waits on the target's clock: for time to pass, for runs to end, for polls to be satisfied.
//!
//! A forecast from what the steps and the fixtures say; the network's share is not in it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

use super::Setting;
use crate::expression::{Expression, Values};
use crate::judging::pauses_of;
use crate::spec::model::{
    Action, Awaited, Background, Body, Destination, FixtureWait, Mode, Poll, Send, Step, WorkflowRef,
};

/// How long a step waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// At a deployment that does what it should.
    pub likely: Duration,
    /// As long as the step puts up with at such a one.
    pub at_most: Duration,
}

impl Waits {
    const fn exactly(time: Duration) -> Self {
        Self {
            likely: time,
            at_most: time,
        }
    }
}

/// Where a case is on the target's clock.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// What has passed since its beginning.
    spent: Duration,
    /// When the last of the runs it started will have ended.
    runs_end: Duration,
    /// By label: when a background call was sent, and when its answer is due.
    calls: BTreeMap<String, (Duration, Duration)>,
    /// What passed on the way to the step's own request.
    before: Duration,
}

impl Course {
    /// What has passed since the beginning of the case.
    pub(super) const fn spent(&self) -> Duration {
        self.spent
    }

    /// Time passes before the step's own request.
    pub(super) fn lets_pass(&mut self, time: Duration) {
        self.spent += time;
        self.before += time;
    }

    /// A step is taken.
    pub(super) fn goes_on(&mut self, step: &Step, (values, setting): (&Values, Setting<'_>)) -> Waits {
        let before = std::mem::take(&mut self.before);
        let time = |expression: &Expression| {
            let value = expression.eval(values).and_then(|value| value.as_duration());
            value.unwrap_or_default()
        };
        let waits = match &step.action {
            Action::Elapse(duration) => Waits::exactly(time(duration)),
            Action::Burst(burst) => Waits::exactly(time(&burst.within)),
            Action::Poll(poll) => self.poll(poll, time),
            Action::Raw(..) => Waits::default(),
            Action::Send(send, background) => {
                let run = lasts(send, values, setting);
                self.runs_end = self.runs_end.max(self.spent + run);
                let answer = match &send.to {
                    Destination::Trigger { mode: Mode::Sync, .. } => run.min(setting.profile.limits.sync_timeout),
                    Destination::Trigger { .. } | Destination::Execution { .. } | Destination::Path { .. } => {
                        Duration::ZERO
                    }
                };
                match background {
                    Background::No => answered(step, answer, time),
                    Background::Label(label) => {
                        self.calls.insert(label.clone(), (self.spent, self.spent + answer));
                        Waits::default()
                    }
                }
            }
            Action::Await {
                label,
                expected: Awaited::Answer,
            } => {
                let (sent, due) = self.calls.remove(label).unwrap_or((self.spent, self.spent));
                let since = self.spent.saturating_sub(sent);
                let waits = answered(step, due.saturating_sub(sent), time);
                Waits {
                    likely: waits.likely.saturating_sub(since),
                    at_most: waits.at_most.saturating_sub(since),
                }
            }
            Action::Await {
                expected: Awaited::StillOpen,
                ..
            } => Waits::default(),
        };
        self.spent += waits.likely;
        Waits {
            likely: before + waits.likely,
            at_most: before + waits.at_most,
        }
    }

    /// A poll is satisfied at its first request after the last run has ended.
    fn poll(&self, poll: &Poll, time: impl Fn(&Expression) -> Duration) -> Waits {
        let budget = time(&poll.budget);
        let wanted = self.runs_end.saturating_sub(self.spent);
        let mut likely = Duration::ZERO;
        for pause in pauses_of(time(&poll.every), poll.back_off, budget) {
            if likely >= wanted {
                break;
            }
            likely += pause;
        }
        Waits {
            likely,
            at_most: budget,
        }
    }
}

/// When the answer of a step comes, in the window it has to come in.
fn answered(step: &Step, due: Duration, time: impl Fn(&Expression) -> Duration) -> Waits {
    let window = step
        .expect
        .as_ref()
        .and_then(|expectation| expectation.answered.as_ref());
    let end = |end: Option<&Expression>| end.map(&time);
    let after = end(window.and_then(|window| window.value.after.as_ref()));
    let before = end(window.and_then(|window| window.value.before.as_ref()));
    let likely = due.max(after.unwrap_or_default());
    Waits {
        likely,
        at_most: before.unwrap_or(likely).max(likely),
    }
}

/// How long the run takes that a request starts, as far as the fixtures say.
fn lasts(send: &Send, values: &Values, setting: Setting<'_>) -> Duration {
    let Destination::Trigger {
        workflow: Some(WorkflowRef::Fixture { name, .. }),
        ..
    } = &send.to
    else {
        return Duration::ZERO;
    };
    let waits = setting.fixtures.workflows.get(name).map(|it| it.waits.as_slice());
    let event = match &send.body {
        Body::Json(template) => template.eval(values).unwrap_or_default(),
        Body::None | Body::Empty | Body::Form(_) | Body::Xml(_) | Body::Text(_) | Body::Generated { .. } => Json::Null,
    };
    let waits = waits.unwrap_or_default().iter().map(|wait| match wait {
        FixtureWait::For(time) => *time,
        FixtureWait::AsTheEventSays(key) => seconds(&event[key]),
    });
    waits.sum()
}

/// A number of seconds, as JSON or in a text.
fn seconds(value: &Json) -> Duration {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    let time = number.map(Duration::try_from_secs_f64);
    time.and_then(Result::ok).unwrap_or_default()
}
