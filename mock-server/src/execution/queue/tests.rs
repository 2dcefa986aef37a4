//! Whose turn it is, and who gives up waiting for it.

use super::*;
use crate::execution::Execution;
use crate::execution::tests::{identity, script};
use crate::retention::Retention;
use crate::workflow::script::Segment;

const PATIENCE: Duration = Duration::from_secs(100);

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn id(number: u64) -> ExecutionId {
    identity(number).id
}

/// A queue for so many at once, and the executions it is for.
struct Workspace {
    queue: Queue,
    executions: Registry,
}

impl Workspace {
    fn new(limit: u32) -> Self {
        let retention = Retention {
            count: 1_000,
            bytes: 1_000_000,
        };
        Self {
            queue: Queue::new(NonZeroU32::new(limit).expect("not zero"), PATIENCE),
            executions: Registry::new(retention),
        }
    }

    /// An execution of so many seconds comes, and begins or waits.
    fn comes(&mut self, number: u64, seconds: u64, now: u64) -> Turn {
        self.queue.settle(&mut self.executions, at(now));
        let script = script(&[Segment::Wait(Duration::from_secs(seconds))]);
        let turn = self.queue.turn();
        let execution = match turn {
            Turn::Now => {
                let execution = Execution::started(identity(number), script, at(now));
                self.queue.run(id(number), execution.end());
                execution
            }
            Turn::Later => {
                self.queue.wait(id(number), at(now));
                Execution::queued(identity(number), script, at(now))
            }
        };
        self.executions.insert(execution, 1, at(now));
        turn
    }

    /// The status words of so many executions at a moment.
    fn statuses(&mut self, count: u64, now: u64) -> Vec<&'static str> {
        self.queue.settle(&mut self.executions, at(now));
        let execution = |number| self.executions.get(id(number)).expect("it is remembered");
        (0..count)
            .map(|number| execution(number).progress(at(now)).status().word())
            .collect()
    }
}

#[test]
fn as_many_run_as_the_limit_says_and_the_others_in_the_order_they_came() {
    let mut workspace = Workspace::new(2);
    let turns = [10, 20, 30, 5].map(|seconds| workspace.comes(seconds, seconds, 0));
    assert_eq!(turns, [Turn::Now, Turn::Now, Turn::Later, Turn::Later]);
    let mut workspace = Workspace::new(2);
    for (number, seconds) in [(0, 10), (1, 20), (2, 30), (3, 5)] {
        workspace.comes(number, seconds, 0);
    }
    assert_eq!(workspace.queue.next_move(), at(10));
    assert_eq!(workspace.statuses(4, 9), ["RUNNING", "RUNNING", "QUEUED", "QUEUED"]);
    assert_eq!(workspace.statuses(4, 10), ["SUCCESS", "RUNNING", "RUNNING", "QUEUED"]);
    assert_eq!(workspace.statuses(4, 20), ["SUCCESS", "SUCCESS", "RUNNING", "RUNNING"]);
    assert_eq!(workspace.statuses(4, 40), ["SUCCESS"; 4]);
    assert_eq!(workspace.queue.turn(), Turn::Now);
    assert_eq!(workspace.queue.next_move(), Timestamp::MAX);
}

#[test]
fn places_become_free_one_after_the_other_however_late_it_is_asked() {
    let mut workspace = Workspace::new(1);
    for number in 0..3 {
        workspace.comes(number, 10, 0);
    }
    assert_eq!(workspace.statuses(3, 29), ["SUCCESS", "SUCCESS", "RUNNING"]);
    let begun: Vec<_> = (0..3)
        .map(|number| workspace.executions.get(id(number)).and_then(Execution::begun_at))
        .collect();
    assert_eq!(begun, [Some(at(0)), Some(at(10)), Some(at(20))]);
}

#[test]
fn a_place_that_becomes_free_as_somebody_gives_up_is_still_taken() {
    for (seconds, word) in [(99, "RUNNING"), (100, "RUNNING"), (101, "DROPPED")] {
        let mut workspace = Workspace::new(1);
        workspace.comes(0, seconds, 0);
        workspace.comes(1, 60, 0);
        assert_eq!(workspace.queue.next_move(), at(seconds.min(100)), "{seconds}");
        assert_eq!(
            workspace.statuses(2, 99)[1],
            if seconds == 99 { word } else { "QUEUED" }
        );
        assert_eq!(workspace.statuses(2, 101), ["SUCCESS", word], "{seconds}");
        let left = workspace.queue.turn();
        assert_eq!(
            left,
            if word == "DROPPED" { Turn::Now } else { Turn::Later },
            "{seconds}"
        );
    }
}

#[test]
fn an_end_that_becomes_known_makes_room() {
    let mut workspace = Workspace::new(1);
    workspace.comes(0, 1_000, 0);
    workspace.comes(1, 10, 0);
    workspace.queue.reschedule(id(0), (at(1_000), at(20)));
    workspace.queue.reschedule(id(7), (at(1_000), at(5)));
    assert_eq!(workspace.queue.next_move(), at(20));
    assert_eq!(workspace.statuses(2, 20)[1], "RUNNING");
}

#[test]
fn one_that_is_forgotten_takes_no_place() {
    let mut workspace = Workspace::new(1);
    for number in 0..3 {
        workspace.comes(number, 10, 0);
    }
    workspace.executions.forget(id(1));
    workspace.queue.settle(&mut workspace.executions, at(10));
    let third = workspace.executions.get(id(2)).expect("it is remembered");
    assert_eq!(third.begun_at(), Some(at(10)));
}

#[test]
fn beyond_so_many_the_one_that_waited_longest_is_dropped_early() {
    let mut workspace = Workspace::new(1);
    workspace.comes(0, 1_000, 0);
    for number in 1..3 {
        workspace.comes(number, 10, 0);
    }
    // Nobody remembers the others, and they wait all the same.
    for number in 3..=MAX_WAITING as u128 {
        workspace
            .queue
            .wait(ExecutionId::from_uuid(uuid::Uuid::from_u128(number)), at(0));
    }
    assert_eq!(workspace.statuses(3, 1), ["RUNNING", "QUEUED", "QUEUED"]);
    workspace
        .queue
        .wait(ExecutionId::from_uuid(uuid::Uuid::from_u128(0)), at(1));
    assert_eq!(workspace.statuses(3, 2), ["RUNNING", "DROPPED", "QUEUED"]);
    let dropped = workspace.executions.get(id(1)).expect("it is remembered");
    assert_eq!(dropped.end(), at(2));
}
