//! What rehearsed requests add up to.

use std::time::Duration;

use bytes::Bytes;
use located_yaml::Location;

use super::*;
use crate::expression::{Expression, Value};
use crate::plan::tests;
use crate::run::{Effect, Trouble};
use crate::spec::model::{Action, Level, Step};

/// What the step is does not matter: its requests are given.
fn step() -> Step {
    Step {
        name: None,
        action: Action::Elapse(Expression::Literal(Value::Duration(Duration::ZERO))),
        expect: None,
        capture: Vec::new(),
        observe: Vec::new(),
        patience: None,
        at: Location::start_of("case.yaml"),
    }
}

const NO_EFFECT: Effect = Effect {
    counts: Counts::Api,
    starts: 0,
    workspace: None,
    draws: Draws::Nothing,
};

const LINE: &str = "POST / HTTP/1.1\r\n\r\n";

fn written(purpose: Purpose, body: &str, effect: Effect) -> Written {
    Written {
        purpose,
        url: String::new(),
        bytes: Bytes::from(format!("{LINE}{body}")),
        placeholders: Vec::new(),
        effect,
    }
}

fn burst(count: u64) -> Pacing {
    Pacing::Burst {
        count,
        at_once: count,
        within: Duration::from_secs(1),
    }
}

fn poll(at_most: u64) -> Pacing {
    Pacing::Poll {
        every: Duration::from_secs(1),
        back_off: 1.0,
        budget: Duration::from_secs(1),
        at_most,
    }
}

fn seconds(likely: u64, at_most: u64) -> Waits {
    Waits {
        likely: Duration::from_secs(likely),
        at_most: Duration::from_secs(at_most),
    }
}

/// An estimate of a case with so many steps, the rest of what was rehearsed being its `finally`.
fn estimate(steps: usize, rehearsed: Vec<(Pacing, Result<Vec<Written>, Trouble>, Waits)>) -> Estimate {
    let mut case = tests::case("urls.ids.right", Level::Must, "ID-FORM");
    case.steps = (0..steps).map(|_| step()).collect();
    let step = step();
    let rehearsed: Vec<_> = rehearsed
        .into_iter()
        .map(|(pacing, requests, waits)| Rehearsed {
            step: &step,
            pacing,
            requests,
            waits,
        })
        .collect();
    Estimate::of(&case, &rehearsed)
}

/// Of one step that sends one request, and before it one for a token.
fn sent(pacing: Pacing, effect: Effect) -> Estimate {
    let token = Effect {
        draws: Draws::AToken,
        ..NO_EFFECT
    };
    let requests = vec![
        written(Purpose::Token, "", token),
        written(Purpose::Step, "12345", effect),
    ];
    estimate(1, vec![(pacing, Ok(requests), Waits::default())])
}

const fn range(least: u64, most: u64) -> Range {
    Range { least, most }
}

#[test]
fn a_request_costs_as_often_as_it_is_sent_and_its_token_once() {
    let head = LINE.len() as u64;
    for (pacing, times, round_trips, largest_burst) in [
        (Pacing::Once, (1, 1), (1, 1), 0),
        (burst(26), (26, 26), (1, 1), 26),
        (poll(7), (1, 7), (1, 7), 0),
    ] {
        let estimate = sent(pacing.clone(), NO_EFFECT);
        let (least, most) = times;
        assert_eq!(estimate.requests, range(1 + least, 1 + most), "{pacing:?}");
        assert_eq!(estimate.api, estimate.requests, "{pacing:?}");
        assert_eq!(
            estimate.round_trips,
            range(1 + round_trips.0, 1 + round_trips.1),
            "{pacing:?}"
        );
        let bytes = |times: u64| head + times * (head + 5);
        assert_eq!(estimate.bytes, range(bytes(least), bytes(most)), "{pacing:?}");
        assert_eq!(estimate.tokens, Range::exactly(1), "{pacing:?}");
        assert_eq!(
            (estimate.largest_burst, estimate.largest_body),
            (largest_burst, 5),
            "{pacing:?}"
        );
        assert_eq!(estimate.triggers, Range::default(), "{pacing:?}");
        assert_eq!(estimate.executions, BTreeMap::new(), "{pacing:?}");
    }
}

#[test]
fn what_starts_executions_counts_against_their_limit_and_by_workspace() {
    let starting = |starts, workspace: Option<&str>| Effect {
        counts: Counts::Execution,
        starts,
        workspace: workspace.map(str::to_owned),
        draws: Draws::Nothing,
    };
    let mut total = sent(burst(10), starting(2, Some("main")));
    assert_eq!((total.triggers, total.api), (Range::exactly(10), Range::exactly(1)));
    assert_eq!(total.executions, BTreeMap::from([(Some("main".to_owned()), 20)]));
    total.add(&sent(Pacing::Once, starting(1, Some("main"))));
    total.add(&sent(poll(3), starting(1, None)));
    assert_eq!(
        total.executions,
        BTreeMap::from([(Some("main".to_owned()), 21), (None, 3)])
    );
    assert_eq!(total.executions_at_most(), 24);
}

#[test]
fn bytes_without_a_blank_line_have_no_body() {
    let mut raw = written(Purpose::Step, "", NO_EFFECT);
    raw.bytes = Bytes::from_static(b"GET / HTTP/1.1\r\nHost: a\r\n");
    let estimate = estimate(1, vec![(Pacing::Once, Ok(vec![raw]), Waits::default())]);
    assert_eq!((estimate.largest_body, estimate.bytes), (0, Range::exactly(25)));
}

#[test]
fn a_case_ends_at_the_step_that_cannot_be_known_and_cleans_up_all_the_same() {
    let request = || Ok(vec![written(Purpose::Step, "", NO_EFFECT)]);
    let unknown = |why: &str| Err(Trouble::CouldNotTell(why.to_owned()));
    let estimate = estimate(
        3,
        vec![
            (Pacing::Once, request(), seconds(1, 2)),
            (Pacing::Once, unknown("first"), seconds(10, 20)),
            (Pacing::Once, request(), seconds(100, 200)),
            (Pacing::Once, unknown("second"), seconds(1_000, 2_000)),
            (Pacing::Once, request(), seconds(10_000, 20_000)),
        ],
    );
    assert_eq!(estimate.requests, Range::exactly(2));
    assert_eq!(estimate.waits, seconds(10_001, 20_002));
    assert_eq!(estimate.ends_early.as_deref(), Some("first"));
}

#[test]
fn a_step_that_is_not_reached_in_finally_is_told_when_the_rest_went_well() {
    let unknown = Err(Trouble::CouldNotTell("why".to_owned()));
    let estimate = estimate(0, vec![(Pacing::Once, unknown, seconds(1, 1))]);
    assert_eq!(estimate.ends_early.as_deref(), Some("why"));
}

/// An estimate in which no two numbers are alike, each this many times over.
fn various(factor: u64) -> Estimate {
    let range = |number: u64| Range {
        least: number * factor,
        most: (number + 100) * factor,
    };
    Estimate {
        requests: range(1),
        bytes: range(2),
        triggers: range(3),
        api: range(4),
        round_trips: range(5),
        tokens: range(6),
        executions: BTreeMap::from([(Some("main".to_owned()), 7 * factor)]),
        largest_burst: 8,
        largest_body: 9,
        waits: seconds(10 * factor, 11 * factor),
        ends_early: None,
    }
}

#[test]
fn several_runs_cost_several_times_as_much_and_no_burst_or_body_grows() {
    assert_eq!(various(1).times(3), various(3));
    let mut sum = various(2);
    sum.add(&various(3));
    assert_eq!(sum, various(5));
    let larger = Estimate {
        largest_burst: 80,
        largest_body: 90,
        ..Estimate::default()
    };
    sum.add(&larger);
    assert_eq!((sum.largest_burst, sum.largest_body), (80, 90));
}

#[test]
fn the_first_reason_for_an_early_end_is_told() {
    let early = |why: &str| Estimate {
        ends_early: Some(why.to_owned()),
        ..Estimate::default()
    };
    let mut sum = various(1);
    sum.add(&early("first"));
    sum.add(&early("second"));
    assert_eq!(sum.ends_early.as_deref(), Some("first"));
}
