//! One run of a workflow: its course so far, as a function of its script, its start and now.
//!
//! Nothing ticks. An execution is only ever told that it starts, is dropped, or is released; everything else follows.

pub(crate) mod exit;
pub(crate) mod queue;
pub(crate) mod registry;
pub(crate) mod status;
pub(crate) mod view;

use crate::catalog::WorkflowKey;
use crate::ids::{ExecutionId, RevisionId};
use crate::route::AnswerTime;
use crate::timestamp::Timestamp;
use crate::workflow::script::{Ending, Script, Segment};

pub use status::Status;
pub use view::ExecutionView;

/// What an execution is a run of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its id.
    pub(crate) id: ExecutionId,
    /// What runs.
    pub(crate) workflow: WorkflowKey,
    /// Which revision of it.
    pub(crate) revision: RevisionId,
    /// When its caller is answered; the plain Webhook URL answers at once too.
    pub(crate) answer: AnswerTime,
}

/// One run of a workflow.
#[derive(Debug)]
pub(crate) struct Execution {
    /// What it is a run of.
    pub(crate) identity: Identity,
    /// When it was triggered.
    pub(crate) created_at: Timestamp,
    /// Whether it has begun.
    start: Start,
    /// What it does.
    script: Script,
    /// The releases so far: of each hold that is over, and of each wait that was cut short.
    releases: Vec<Released>,
}

/// Whether an execution has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// It waits for its turn.
    Queued,
    /// It waited too long.
    Dropped(Timestamp),
    /// It began then.
    At(Timestamp),
}

/// The end of a hold, or of a wait before its time.
#[derive(Clone, Debug)]
struct Released {
    /// Which segment of the script is over.
    segment: usize,
    at: Timestamp,
    onwards: Onwards,
}

/// How an execution goes on after a release.
#[derive(Clone, Debug)]
pub(crate) enum Onwards {
    /// With the next step.
    Continue,
    /// It ends there and then.
    End(Ending),
}

/// Where an execution stands at some moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Progress<'a> {
    /// It waits for its turn.
    Queued,
    /// It waited for its turn too long.
    Dropped {
        /// Since when.
        at: Timestamp,
    },
    /// Time passes.
    Running {
        /// When that changes.
        until: Timestamp,
    },
    /// A hold has not been released.
    OnHold {
        /// Its name.
        name: &'a str,
        /// Since when.
        since: Timestamp,
    },
    /// It is over.
    Ended {
        /// Since when.
        at: Timestamp,
        /// How.
        ending: &'a Ending,
    },
}

/// The execution is neither running nor on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotUnderWay;

impl Execution {
    /// An execution that begins at once.
    pub(crate) fn started(identity: Identity, script: Script, now: Timestamp) -> Self {
        Self {
            identity,
            created_at: now,
            start: Start::At(now),
            script,
            releases: Vec::new(),
        }
    }

    /// An execution that waits for its turn.
    pub(crate) fn queued(identity: Identity, script: Script, now: Timestamp) -> Self {
        Self {
            start: Start::Queued,
            ..Self::started(identity, script, now)
        }
    }

    /// Its turn has come.
    pub(crate) fn start(&mut self, at: Timestamp) {
        if self.start == Start::Queued {
            self.start = Start::At(at);
        }
    }

    /// Its turn has not come in time.
    pub(crate) fn drop_from_queue(&mut self, at: Timestamp) {
        if self.start == Start::Queued {
            self.start = Start::Dropped(at);
        }
    }

    /// Ends the hold it is waiting at, or the wait it is in.
    pub(crate) fn release(&mut self, onwards: Onwards, now: Timestamp) -> Result<(), NotUnderWay> {
        let (segment, at) = match self.place(now) {
            (segment, Progress::OnHold { since, .. }) => (segment, now.max(since)),
            (segment, Progress::Running { .. }) => (segment, now),
            (_, Progress::Queued | Progress::Dropped { .. } | Progress::Ended { .. }) => return Err(NotUnderWay),
        };
        self.releases.push(Released { segment, at, onwards });
        Ok(())
    }

    /// It is stopped there and then, whatever it was doing.
    pub(crate) fn abandon(&mut self, now: Timestamp) {
        let begun = self.begun_at().unwrap_or(now);
        self.start = Start::At(begun);
        self.releases.clear();
        self.script = Script {
            segments: [Segment::Wait(now.since(begun))].into(),
            ending: Ending::Stopped("its caller was answered".to_owned()),
        };
    }

    /// It goes on and ends without output.
    pub(crate) fn lose_output(&mut self) {
        self.script.ending = Ending::NoExit;
    }

    /// Where it stands at a moment, which is the same whenever it is asked.
    pub(crate) fn progress(&self, now: Timestamp) -> Progress<'_> {
        self.place(now).1
    }

    /// Where it stands at a moment, and in which segment of its script.
    fn place(&self, now: Timestamp) -> (usize, Progress<'_>) {
        let start = match self.start {
            Start::Queued => return (0, Progress::Queued),
            Start::Dropped(at) => return (0, Progress::Dropped { at }),
            Start::At(start) => start,
        };
        let mut time = start;
        for (place, segment) in self.script.segments.iter().enumerate() {
            let released = self.released(place).filter(|released| released.at <= now);
            match (released, segment) {
                (Some(Released { at, onwards, .. }), _) => match onwards {
                    Onwards::Continue => time = *at,
                    Onwards::End(ending) => return (place, Progress::Ended { at: *at, ending }),
                },
                (None, Segment::Wait(wait)) => {
                    time = time + *wait;
                    if now < time {
                        return (place, Progress::Running { until: time });
                    }
                }
                (None, Segment::Hold(name)) => return (place, Progress::OnHold { name, since: time }),
            }
        }
        let ending = &self.script.ending;
        (self.script.segments.len(), Progress::Ended { at: time, ending })
    }

    fn released(&self, segment: usize) -> Option<&Released> {
        self.releases.iter().find(|released| released.segment == segment)
    }

    /// When it began, if it has.
    pub(crate) fn begun_at(&self) -> Option<Timestamp> {
        match self.start {
            Start::At(start) => Some(start),
            Start::Queued | Start::Dropped(_) => None,
        }
    }

    /// When it was last told something: that it starts, or that a hold is over.
    pub(crate) fn last_change(&self) -> Timestamp {
        let begun = self.begun_at().unwrap_or(self.created_at);
        self.releases.last().map_or(begun, |released| released.at)
    }

    /// When it will be over, if nobody intervenes; never, while it is queued or a hold lies ahead.
    pub(crate) fn end(&self) -> Timestamp {
        match self.progress(Timestamp::MAX) {
            Progress::Ended { at, .. } | Progress::Dropped { at } => at,
            Progress::Queued | Progress::Running { .. } | Progress::OnHold { .. } => Timestamp::MAX,
        }
    }

    /// The moments at which its steps begin, up to now, with a word for each.
    pub(crate) fn steps(&self, now: Timestamp) -> Vec<(Timestamp, &'static str)> {
        let Start::At(mut time) = self.start else {
            return Vec::new();
        };
        let mut steps = Vec::new();
        for (place, segment) in self.script.segments.iter().enumerate() {
            if now < time {
                return steps;
            }
            let word = match segment {
                Segment::Wait(_) => "wait",
                Segment::Hold(_) => "hold",
            };
            steps.push((time, word));
            match (self.released(place), segment) {
                (Some(released), _) => match released.onwards {
                    Onwards::Continue => time = released.at,
                    Onwards::End(_) => return steps,
                },
                (None, Segment::Wait(wait)) => time = time + *wait,
                (None, Segment::Hold(_)) => return steps,
            }
        }
        let last = match self.script.ending {
            Ending::Exit(_) => "exit",
            Ending::Failed(_) => "fail",
            Ending::Stopped(_) => "stop",
            Ending::NoExit => return steps,
        };
        if time <= now {
            steps.push((time, last));
        }
        steps
    }
}

impl Progress<'_> {
    /// The status word for it.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Queued => Status::Queued,
            Self::Dropped { .. } => Status::Dropped,
            Self::Running { .. } => Status::Running,
            Self::OnHold { .. } => Status::OnHold,
            Self::Ended {
                ending: Ending::Exit(_) | Ending::NoExit,
                ..
            } => Status::Success,
            Self::Ended {
                ending: Ending::Failed(_),
                ..
            } => Status::Failed,
            Self::Ended {
                ending: Ending::Stopped(_),
                ..
            } => Status::Stopped,
        }
    }
}

#[cfg(test)]
mod tests;
