//! What happened in a sandbox, in order, for those who watch: a short list of references, not of copies.
//!
//! Bounded by count whoever reads or does not. It says what to look at; what it looks like is told when it is read.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::bell::Bell;
use crate::ids::ExecutionId;
use crate::journal::JournalKey;

/// Happenings that are remembered for somebody who comes back: minutes of a busy test.
const REMEMBERED: usize = 4_096;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A request came, and was decided about.
    Request(JournalKey),
    /// A request has its answer, or nobody to take it.
    Answer(JournalKey),
    /// An execution was started, let go, looked at, or passed by the clock.
    Execution(ExecutionId),
    /// The clock was moved, stopped or set going.
    Clock,
    /// Other faults are on.
    Faults,
    /// Everything, or the journal, was forgotten.
    Reset,
    /// A sandbox was made.
    SandboxMade(Box<str>),
    /// A sandbox was thrown away.
    SandboxGone(Box<str>),
}

/// What happened, the newest part of it.
#[derive(Debug)]
pub(crate) struct Feed {
    list: Mutex<List>,
    /// Rings when something happens.
    bell: Bell,
}

#[derive(Debug, Default)]
struct List {
    /// The number of the first happening that is left; the first of all is 1.
    first: u64,
    happenings: VecDeque<Happening>,
}

/// What somebody sees who has seen everything up to a number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// These came after it, with their numbers.
    Next(Vec<(u64, Happening)>),
    /// Some that came after it are forgotten; go on from this number.
    Lost(u64),
}

impl Feed {
    /// Nothing has happened.
    pub(crate) fn new() -> Self {
        Self {
            list: Mutex::new(List {
                first: 1,
                happenings: VecDeque::new(),
            }),
            bell: Bell::new(),
        }
    }

    /// Adds what happened.
    pub(crate) fn tell(&self, happening: Happening) {
        let mut list = self.list();
        if list.happenings.len() == REMEMBERED {
            list.happenings.pop_front();
            list.first += 1;
        }
        list.happenings.push_back(happening);
        drop(list);
        self.bell.ring();
    }

    /// The number of what happened last; 0 when nothing has.
    pub(crate) fn latest(&self) -> u64 {
        let list = self.list();
        list.first + list.happenings.len() as u64 - 1
    }

    /// What happened after the happening of this number, at most `most` of it.
    pub(crate) fn after(&self, number: u64, most: usize) -> Seen {
        let list = self.list();
        let latest = list.first + list.happenings.len() as u64 - 1;
        if number + 1 < list.first || number > latest {
            return Seen::Lost(latest);
        }
        let skipped = usize::try_from(number + 1 - list.first).unwrap_or(usize::MAX);
        let next = list.happenings.iter().skip(skipped).take(most);
        Seen::Next((number + 1..).zip(next.cloned()).collect())
    }

    /// Changes when something happens.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.bell.heard()
    }

    /// Whether anybody watches.
    pub(crate) fn is_watched(&self) -> bool {
        self.bell.is_heard()
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(number: u64) -> Happening {
        Happening::SandboxMade(number.to_string().into())
    }

    #[test]
    fn who_has_seen_something_sees_what_came_after() {
        let feed = Feed::new();
        assert_eq!((feed.latest(), feed.after(0, 9)), (0, Seen::Next(Vec::new())));
        feed.tell(made(1));
        feed.tell(made(2));
        feed.tell(made(3));
        assert_eq!(feed.latest(), 3);
        assert_eq!(feed.after(1, 1), Seen::Next(vec![(2, made(2))]));
        assert_eq!(feed.after(1, 9), Seen::Next(vec![(2, made(2)), (3, made(3))]));
        assert_eq!(feed.after(3, 9), Seen::Next(Vec::new()));
        assert_eq!(feed.after(99, 9), Seen::Lost(3), "a number of an earlier life");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let feed = Feed::new();
        for second in 0..REMEMBERED as u64 + 10 {
            feed.tell(made(second));
        }
        assert_eq!(feed.list().happenings.len(), REMEMBERED);
        let latest = REMEMBERED as u64 + 10;
        assert_eq!(feed.after(9, 1), Seen::Lost(latest));
        assert_eq!(feed.after(10, 1), Seen::Next(vec![(11, made(10))]));
    }
}
