//! Where an execution stands, as tables, and the laws of its status.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::catalog::WorkflowKey;
use crate::ids::Seed;
use crate::workflow::script::{Output, OutputForm};

pub(super) fn identity(number: u64) -> Identity {
    Identity {
        id: ExecutionId::from_uuid(Seed::new(number).draw("execution", "")),
        workflow: WorkflowKey::first(),
        revision: RevisionId::from_uuid(Seed::new(0).draw("revision", "")),
        answer: AnswerTime::Async,
    }
}

pub(super) fn script(segments: &[Segment]) -> Script {
    let output = Output::new(OutputForm::Json, &json!("done"));
    Script {
        segments: segments.into(),
        ending: Ending::Exit(output),
    }
}

fn wait(seconds: u64) -> Segment {
    Segment::Wait(Duration::from_secs(seconds))
}

fn hold() -> Segment {
    Segment::Hold("gate".into())
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn statuses(execution: &Execution, times: &[u64]) -> Vec<&'static str> {
    times
        .iter()
        .map(|time| execution.progress(at(*time)).status().word())
        .collect()
}

#[test]
fn the_status_follows_from_script_start_and_now() {
    let execution = Execution::started(identity(0), script(&[wait(5), hold(), wait(5)]), at(100));
    assert_eq!(
        statuses(&execution, &[100, 104, 105, 1_000]),
        ["RUNNING", "RUNNING", "ON_HOLD", "ON_HOLD"]
    );
    assert_eq!(execution.progress(at(100)), Progress::Running { until: at(105) });
    assert_eq!(execution.end(), Timestamp::MAX);
}

#[test]
fn a_release_lets_it_go_on_from_that_moment() {
    let mut execution = Execution::started(identity(0), script(&[wait(5), hold(), wait(5)]), at(100));
    assert_eq!(execution.release(Onwards::Continue, at(110)), Ok(()));
    assert_eq!(
        statuses(&execution, &[109, 110, 114, 115]),
        ["ON_HOLD", "RUNNING", "RUNNING", "SUCCESS"]
    );
    assert_eq!((execution.end(), execution.last_change()), (at(115), at(110)));
    assert_eq!(execution.release(Onwards::Continue, at(115)), Err(NotUnderWay));
}

#[test]
fn a_release_cuts_a_wait_short() {
    let mut execution = Execution::started(identity(0), script(&[wait(60), hold(), wait(5)]), at(100));
    assert_eq!(execution.release(Onwards::Continue, at(104)), Ok(()));
    assert_eq!(
        statuses(&execution, &[103, 104, 500]),
        ["RUNNING", "ON_HOLD", "ON_HOLD"]
    );
    assert_eq!(execution.release(Onwards::Continue, at(110)), Ok(()));
    assert_eq!(execution.end(), at(115));
    let ending = Ending::Failed("enough".to_owned());
    assert_eq!(execution.release(Onwards::End(ending), at(111)), Ok(()));
    assert_eq!(statuses(&execution, &[110, 111]), ["RUNNING", "FAILED"]);
    assert_eq!((execution.end(), execution.last_change()), (at(111), at(111)));
    assert_eq!(
        execution.steps(at(200)),
        [(at(100), "wait"), (at(104), "hold"), (at(110), "wait")]
    );
    assert_eq!(execution.release(Onwards::Continue, at(112)), Err(NotUnderWay));
    let mut queued = Execution::queued(identity(0), script(&[wait(60)]), at(100));
    assert_eq!(queued.release(Onwards::Continue, at(104)), Err(NotUnderWay));
}

#[test]
fn a_release_can_end_it() {
    let mut execution = Execution::started(identity(0), script(&[hold(), wait(5)]), at(100));
    let ending = Ending::Failed("no".to_owned());
    assert_eq!(execution.release(Onwards::End(ending.clone()), at(101)), Ok(()));
    assert_eq!(
        execution.progress(at(101)),
        Progress::Ended {
            at: at(101),
            ending: &ending
        }
    );
    assert_eq!(execution.steps(at(200)), [(at(100), "hold")]);
}

#[test]
fn a_queued_one_starts_or_is_dropped_once() {
    let mut started = Execution::queued(identity(0), script(&[wait(5)]), at(100));
    assert_eq!(statuses(&started, &[100, 999]), ["QUEUED", "QUEUED"]);
    started.start(at(110));
    started.drop_from_queue(at(111));
    assert_eq!(statuses(&started, &[112, 115]), ["RUNNING", "SUCCESS"]);
    let mut dropped = Execution::queued(identity(0), script(&[wait(5)]), at(100));
    dropped.drop_from_queue(at(110));
    dropped.start(at(111));
    assert_eq!(statuses(&dropped, &[110, 999]), ["DROPPED", "DROPPED"]);
    assert!(dropped.steps(at(999)).is_empty());
}

#[test]
fn one_that_is_abandoned_is_stopped_there_and_then_whatever_it_was_doing() {
    let ending = Ending::Stopped("its caller was answered".to_owned());
    let stopped = |at| Progress::Ended { at, ending: &ending };
    let mut running = Execution::started(identity(0), script(&[wait(60), hold()]), at(100));
    running.abandon(at(110));
    assert_eq!(
        statuses(&running, &[100, 109, 110, 999]),
        ["RUNNING", "RUNNING", "STOPPED", "STOPPED"]
    );
    assert_eq!(
        (running.progress(at(110)), running.begun_at()),
        (stopped(at(110)), Some(at(100)))
    );
    let mut held = Execution::started(identity(0), script(&[wait(5), hold()]), at(100));
    assert_eq!(held.release(Onwards::Continue, at(102)), Ok(()));
    held.abandon(at(110));
    assert_eq!(held.progress(at(110)), stopped(at(110)));
    let mut queued = Execution::queued(identity(0), script(&[wait(5)]), at(100));
    assert_eq!(queued.begun_at(), None);
    queued.abandon(at(110));
    assert_eq!(
        (queued.progress(at(110)), queued.begun_at()),
        (stopped(at(110)), Some(at(110)))
    );
}

#[test]
fn one_that_lost_its_output_ends_as_it_would_have_without() {
    let mut execution = Execution::started(identity(0), script(&[wait(5)]), at(100));
    execution.lose_output();
    let ending = Ending::NoExit;
    assert_eq!(
        execution.progress(at(105)),
        Progress::Ended {
            at: at(105),
            ending: &ending
        }
    );
    assert_eq!(execution.steps(at(105)), [(at(100), "wait")]);
}

#[test]
fn steps_are_told_from_the_moment_they_begin() {
    let execution = Execution::started(identity(0), script(&[wait(5), wait(5)]), at(100));
    for (now, words) in [
        (99, &[][..]),
        (100, &["wait"]),
        (104, &["wait"]),
        (105, &["wait", "wait"]),
        (109, &["wait", "wait"]),
        (110, &["wait", "wait", "exit"]),
    ] {
        let told: Vec<_> = execution.steps(at(now)).into_iter().map(|(_, word)| word).collect();
        assert_eq!(told, words, "{now}");
    }
    for (ending, word) in [
        (Ending::Failed(String::new()), "fail"),
        (Ending::Stopped(String::new()), "stop"),
    ] {
        let ended = Script { ending, ..script(&[]) };
        let execution = Execution::started(identity(0), ended, at(100));
        assert_eq!(execution.steps(at(100)), [(at(100), word)]);
    }
}

#[test]
fn time_without_end_is_no_overflow() {
    let execution = Execution::started(identity(0), script(&[Segment::Wait(Duration::MAX), wait(5)]), at(100));
    assert_eq!(statuses(&execution, &[u64::MAX / 2_000_000_000]), ["RUNNING"]);
    assert_eq!(execution.end(), Timestamp::MAX);
}

fn segments() -> impl Strategy<Value = Vec<Segment>> {
    prop::collection::vec(prop_oneof![(0u64..20).prop_map(wait), Just(hold())], 0..6)
}

proptest! {
    #[test]
    fn an_end_is_an_end(segments in segments(), releases in prop::collection::vec(0u64..60, 0..6), times in prop::collection::vec(0u64..200, 1..30)) {
        let mut execution = Execution::started(identity(0), script(&segments), at(0));
        let mut releases = releases;
        releases.sort_unstable();
        for time in releases {
            let _ = execution.release(Onwards::Continue, at(time));
        }
        let mut times = times;
        times.sort_unstable();
        let mut ended = false;
        for time in times {
            let terminal = execution.progress(at(time)).status().is_terminal();
            prop_assert!(terminal || !ended, "it came back to life at {}", time);
            prop_assert_eq!(terminal, execution.end() <= at(time));
            ended = terminal;
        }
    }
}
