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
