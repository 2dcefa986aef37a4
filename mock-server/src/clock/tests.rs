//! The protocol of a manual clock, without sockets.

use proptest::prelude::*;

use super::*;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

const fn go(by: Duration, when_held: usize) -> Move {
    Move {
        by,
        when_held,
        until_answered: None,
        timeout: Duration::from_secs(5),
    }
}

/// Parks a call that is answered at `due` and reports when, on the clock, it was.
fn hold(clock: &Arc<Clock>, due: Timestamp) -> tokio::task::JoinHandle<Timestamp> {
    let clock = clock.clone();
    tokio::spawn(async move {
        let mut seat = Seat::on(&clock);
        while clock.now() < due {
            seat.wait_until(due).await;
        }
        let now = clock.now();
        seat.answering().taken();
        now
    })
}

#[test]
fn nothing_is_answered_before_it_is_due_and_everything_when_it_is() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let start = clock.now();
        let call = hold(&clock, start + Duration::from_secs(50));
        let before = clock
            .advance(go(Duration::from_millis(49_999), 1))
            .await
            .expect("one call is held");
        assert_eq!((before.answered, before.held), (0, 1));
        let after = clock
            .advance(go(Duration::from_millis(1), 1))
            .await
            .expect("one call is held");
        assert_eq!((after.answered, after.held, after.unsettled), (1, 0, 0));
        assert_eq!(call.await.expect("it ends"), start + Duration::from_secs(50));
    });
}

#[test]
fn a_move_stops_where_enough_were_answered() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let start = clock.now();
        let calls = [3, 7].map(|seconds| hold(&clock, start + Duration::from_secs(seconds)));
        let wanted = Move {
            until_answered: Some(1),
            ..go(Duration::from_secs(60), 2)
        };
        let moved = clock.advance(wanted).await.expect("two calls are held");
        assert_eq!(
            (moved.now, moved.answered, moved.held),
            (start + Duration::from_secs(3), 1, 1)
        );
        clock.nudge();
        clock
            .advance(go(Duration::from_secs(60), 1))
            .await
            .expect("one call is held");
        for call in calls {
            call.await.expect("it ends");
        }
    });
}

#[test]
fn a_caller_that_is_gone_is_unsettled_and_blocks_nobody() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let due = clock.now() + Duration::from_secs(1);
        let gone = {
            let clock = clock.clone();
            tokio::spawn(async move {
                let mut seat = Seat::on(&clock);
                seat.wait_until(due).await;
            })
        };
        let moved = clock
            .advance(go(Duration::from_secs(2), 1))
            .await
            .expect("one call is held");
        assert_eq!((moved.answered, moved.unsettled), (0, 1));
        gone.await.expect("it ends");
    });
}

#[test]
fn a_clock_that_runs_by_itself_is_not_moved_and_too_few_calls_move_nothing() {
    runtime().block_on(async {
        let system = Clock::new(ClockMode::System);
        assert_eq!(
            system.advance(go(Duration::from_secs(1), 0)).await,
            Err(MoveError::System)
        );
        let manual = Clock::new(ClockMode::Manual);
        let start = manual.now();
        let wanted = Move {
            timeout: Duration::ZERO,
            ..go(Duration::from_secs(1), 1)
        };
        assert_eq!(
            manual.advance(wanted).await,
            Err(MoveError::TooFewHeld { held: 0, wanted: 1 })
        );
        assert_eq!(manual.now(), start);
    });
}

#[test]
fn several_callers_that_are_gone_are_counted_and_one_that_was_answered_as_well() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let due = clock.now() + Duration::from_secs(1);
        let gone = [(); 2].map(|()| {
            let clock = clock.clone();
            tokio::spawn(async move {
                let mut seat = Seat::on(&clock);
                seat.wait_until(due).await;
            })
        });
        let later = {
            let clock = clock.clone();
            tokio::spawn(async move { Seat::on(&clock).wait_until(due + Duration::from_secs(60)).await })
        };
        let answered = hold(&clock, due);
        let moved = clock
            .advance(go(Duration::from_secs(2), 4))
            .await
            .expect("four calls are held");
        assert_eq!((moved.answered, moved.unsettled, moved.held), (1, 2, 1));
        answered.await.expect("it ends");
        for call in gone {
            call.await.expect("it ends");
        }
        clock.nudge();
        later.await.expect("it ends");
    });
}

#[test]
fn a_caller_that_does_not_read_is_unsettled_after_a_while() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let due = clock.now() + Duration::from_secs(1);
        let (read, reading) = oneshot::channel::<()>();
        let call = {
            let clock = clock.clone();
            tokio::spawn(async move {
                let mut seat = Seat::on(&clock);
                seat.wait_until(due).await;
                let mut settlement = seat.answering();
                reading.await.expect("it is read at last");
                settlement.taken();
            })
        };
        let moved = clock
            .advance(go(Duration::from_secs(2), 1))
            .await
            .expect("one call is held");
        assert_eq!((moved.answered, moved.unsettled), (0, 1));
        read.send(()).expect("the call is still there");
        call.await.expect("it ends");
        let after = clock.advance(go(Duration::ZERO, 0)).await.expect("it is manual");
        assert_eq!((after.answered, after.unsettled), (0, 0), "it was counted before");
    });
}

#[test]
fn a_caller_that_hangs_up_is_held_no_longer() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let due = clock.now() + Duration::from_secs(1);
        let call = {
            let clock = clock.clone();
            tokio::spawn(async move { Seat::on(&clock).wait_until(due).await })
        };
        assert_eq!(clock.wait_held(1, Duration::from_secs(5)).await, 1);
        call.abort();
        assert!(call.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(clock.held(), 0);
        let moved = clock
            .advance(go(Duration::from_secs(2), 0))
            .await
            .expect("it is manual");
        assert_eq!((moved.answered, moved.unsettled, moved.held), (0, 0, 0));
    });
}

#[test]
fn a_call_that_is_due_already_waits_for_nothing() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let mut seat = Seat::on(&clock);
        for due in [clock.now(), clock.now().before(Duration::from_secs(1))] {
            let waited = tokio::time::timeout(Duration::from_secs(5), seat.wait_until(due)).await;
            assert_eq!((waited, clock.held()), (Ok(()), 0));
        }
    });
}

#[test]
fn a_nudge_wakes_whoever_is_parked_before_anything_is_due() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let start = clock.now();
        let call = {
            let clock = clock.clone();
            tokio::spawn(async move {
                Seat::on(&clock).wait_until(start + Duration::from_secs(60)).await;
                clock.now()
            })
        };
        assert_eq!(clock.wait_held(1, Duration::from_secs(5)).await, 1);
        clock.nudge();
        assert_eq!(call.await.expect("it ends"), start);
        assert_eq!(clock.held(), 0);
    });
}

#[test]
fn a_clock_that_is_switched_goes_on_from_where_it_is() {
    /// More than a test takes.
    const A_WHILE: Duration = Duration::from_secs(3_600);
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::Manual);
        let start = clock.now();
        clock.switch(ClockMode::Manual).await;
        assert_eq!((clock.mode(), clock.now()), (ClockMode::Manual, start));
        let parked = {
            let clock = clock.clone();
            tokio::spawn(async move { Seat::on(&clock).wait_until(start + A_WHILE).await })
        };
        assert_eq!(clock.wait_held(1, Duration::from_secs(5)).await, 1);
        clock.switch(ClockMode::System).await;
        parked.await.expect("a switch wakes whoever is parked");
        assert_eq!(clock.mode(), ClockMode::System);
        let running = clock.now();
        assert!(running >= start && running < start + A_WHILE, "{running}");
        clock.switch(ClockMode::Manual).await;
        let stopped = clock.now();
        assert!(stopped >= running && stopped < start + A_WHILE, "{stopped}");
        assert_eq!((clock.mode(), clock.now()), (ClockMode::Manual, stopped));
        let moved = clock.advance(go(A_WHILE, 0)).await.expect("it is manual");
        assert_eq!((moved.now, moved.by), (stopped + A_WHILE, A_WHILE));
    });
}

#[test]
fn a_clock_that_runs_by_itself_tells_the_time_of_the_machine_and_waits_on_it() {
    runtime().block_on(async {
        let clock = Clock::new(ClockMode::System);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        let (now, machine) = (clock.now().as_nanos(), since.as_nanos());
        assert!(
            u128::from(now).abs_diff(machine) < SETTLING.as_nanos() * 60,
            "{now} {machine}"
        );
        let due = clock.now() + Duration::from_millis(20);
        Seat::on(&clock).wait_until(due).await;
        assert!(clock.now() >= due);
        assert_eq!(clock.held(), 0);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn calls_are_answered_at_their_due_times_whatever_the_steps(
        dues in prop::collection::vec(1u64..100, 1..12),
        steps in prop::collection::vec(1u64..40, 1..8),
    ) {
        runtime().block_on(async {
            let clock = Clock::new(ClockMode::Manual);
            let start = clock.now();
            let calls: Vec<_> = dues.iter().map(|due| hold(&clock, start + Duration::from_secs(*due))).collect();
            clock.wait_held(dues.len(), Duration::from_secs(5)).await;
            let mut answered = 0;
            for step in steps.iter().chain([&100]) {
                answered += clock.advance(go(Duration::from_secs(*step), 0)).await.expect("it is manual").answered;
                let passed = clock.now().since(start).as_secs();
                assert_eq!(answered, dues.iter().filter(|due| **due <= passed).count());
            }
            for (call, due) in calls.into_iter().zip(&dues) {
                assert_eq!(call.await.expect("it ends"), start + Duration::from_secs(*due));
            }
        });
    }
}
