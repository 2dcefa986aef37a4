//! What is forgotten first, and what is not.

use std::time::Duration;

use super::*;
use crate::execution::Onwards;
use crate::execution::tests::{identity, script};
use crate::workflow::script::Segment;

const SMALL: Retention = Retention { count: 3, bytes: 1_000 };

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn execution(number: u64, seconds: u64) -> Execution {
    let wait = Segment::Wait(Duration::from_secs(seconds));
    let segments = if seconds == 0 { vec![] } else { vec![wait] };
    Execution::started(identity(number), script(&segments), at(0))
}

fn held(number: u64) -> Execution {
    Execution::started(identity(number), script(&[Segment::Hold("gate".into())]), at(0))
}

fn kept(registry: &Registry, numbers: std::ops::Range<u64>) -> Vec<u64> {
    numbers
        .filter(|number| registry.get(identity(*number).id).is_some())
        .collect()
}

#[test]
fn the_one_that_ended_first_goes_first() {
    let mut registry = Registry::new(SMALL);
    for (number, seconds) in [(0, 0), (1, 50), (2, 0), (3, 0), (4, 10)] {
        registry.insert(execution(number, seconds), 1, at(0));
    }
    assert_eq!(kept(&registry, 0..5), [1, 3, 4]);
    registry.insert(execution(5, 0), 1, at(0));
    assert_eq!(kept(&registry, 0..6), [1, 4, 5]);
    assert_eq!(registry.evicted(), 3);
}

#[test]
fn held_ones_stay_as_long_as_any_other_is_left() {
    let mut registry = Registry::new(SMALL);
    for number in 0..3 {
        registry.insert(held(number), 1, at(0));
    }
    registry.insert(execution(3, 5), 1, at(0));
    assert_eq!(kept(&registry, 0..4), [0, 1, 2]);
    registry.insert(held(4), 1, at(0));
    assert_eq!(
        kept(&registry, 0..5).len(),
        3,
        "the count is a bound for held ones as well"
    );
}

#[test]
fn a_release_makes_one_that_can_go() {
    let mut registry = Registry::new(SMALL);
    for number in 0..3 {
        registry.insert(held(number), 1, at(0));
    }
    let changed = registry.change(identity(1).id, |execution| execution.release(Onwards::Continue, at(1)));
    assert_eq!(changed, Some((Ok(()), (Timestamp::MAX, at(1)))));
    registry.insert(held(3), 1, at(2));
    assert_eq!(kept(&registry, 0..4), [0, 2, 3]);
    assert_eq!(registry.change(identity(1).id, |_| ()), None);
}

#[test]
fn weight_is_a_bound_as_well() {
    let mut registry = Registry::new(SMALL);
    registry.insert(execution(0, 0), 600, at(0));
    registry.insert(execution(1, 0), 600, at(0));
    assert_eq!(kept(&registry, 0..2), [1]);
    registry.insert(execution(2, 0), 5_000, at(0));
    assert_eq!(kept(&registry, 0..3), [2], "the newest stays, whatever its weight");
    assert_eq!(registry.in_order().len(), 1);
}

#[test]
fn an_execution_weighs_what_it_brings_and_what_it_takes_to_keep_it() {
    let mut registry = Registry::new(SMALL);
    registry.insert(execution(0, 0), 7, at(0));
    let itself = size_of::<ExecutionId>() + size_of::<Execution>();
    let index = size_of::<Timestamp>() + size_of::<ExecutionId>();
    assert!(registry.bytes() >= 7 + itself + 2 * index, "{}", registry.bytes());
    let one = registry.bytes();
    let mut roomy = Registry::new(Retention {
        count: 3,
        bytes: 3 * one,
    });
    for number in 0..4 {
        roomy.insert(execution(number, number), 7, at(0));
    }
    assert_eq!((roomy.bytes(), roomy.evicted()), (3 * one, 1));
}

#[test]
fn what_is_forgotten_leaves_nothing_behind() {
    let mut registry = Registry::new(Retention {
        count: 3,
        bytes: 100_000,
    });
    registry.insert(execution(0, 0), 7, at(0));
    let one = registry.bytes();
    registry.insert(execution(1, 50), 70, at(0));
    registry.insert(held(2), 700, at(0));
    for (number, left) in [(0, 2 * one + 756), (1, one + 693), (2, 0)] {
        registry.forget(identity(number).id);
        registry.forget(identity(number).id);
        assert_eq!(kept(&registry, 0..3), (number + 1..3).collect::<Vec<_>>());
        assert_eq!((registry.bytes(), registry.evicted()), (left, 0));
    }
    // Whoever comes next finds no traces: nothing that is gone is evicted in the place of something that is there.
    for number in 10..14 {
        registry.insert(execution(number, 0), 7, at(0));
    }
    assert_eq!((kept(&registry, 10..14), registry.bytes()), (vec![11, 12, 13], 3 * one));
    assert_eq!(registry.evicted(), 1);
}

#[test]
fn those_that_stay_when_one_is_forgotten_go_in_their_turn() {
    let mut registry = Registry::new(SMALL);
    for number in 0..3 {
        registry.insert(execution(number, 0), 1, at(0));
    }
    registry.forget(identity(1).id);
    for number in 3..5 {
        registry.insert(execution(number, 0), 1, at(0));
    }
    assert_eq!(kept(&registry, 0..5), [2, 3, 4]);
}

#[test]
fn those_that_are_not_over_come_in_the_order_in_which_they_will_be() {
    let mut registry = Registry::new(Retention {
        count: 10,
        bytes: 100_000,
    });
    registry.insert(held(0), 1, at(0));
    for (number, seconds) in [(1, 50), (2, 0), (3, 10), (4, 20)] {
        registry.insert(execution(number, seconds), 1, at(0));
    }
    let unfinished = |now: u64| -> Vec<ExecutionId> {
        let unfinished = registry.unfinished(at(now));
        unfinished.map(|execution| execution.identity.id).collect()
    };
    let ids = |numbers: &[u64]| numbers.iter().map(|number| identity(*number).id).collect::<Vec<_>>();
    assert_eq!(unfinished(0), ids(&[3, 4, 1, 0]));
    assert_eq!(unfinished(15), ids(&[4, 1, 0]));
    let came: Vec<_> = registry
        .in_order()
        .iter()
        .map(|execution| execution.identity.id)
        .collect();
    assert_eq!(came, ids(&[0, 1, 2, 3, 4]));
}

#[test]
fn one_that_ended_meanwhile_goes_before_those_that_ended_after_it() {
    let ended_at = |number, seconds| Execution::started(identity(number), script(&[]), at(seconds));
    let mut registry = Registry::new(SMALL);
    registry.insert(execution(0, 15), 1, at(0));
    for (number, seconds) in [(1, 10), (2, 20), (3, 30)] {
        registry.insert(ended_at(number, seconds), 1, at(seconds));
    }
    assert_eq!(kept(&registry, 0..4), [0, 2, 3]);
    registry.insert(ended_at(4, 40), 1, at(40));
    assert_eq!(kept(&registry, 0..5), [2, 3, 4]);
}
