//! What a budget chooses: within it, with twins, the most requirements, and always the same.

use proptest::prelude::*;

use super::*;
use crate::plan::Range;
use crate::profile::ClockKind;
use crate::run::{Pace, Waits};
use crate::spec::model::Twin;
use crate::testing;

fn case(id: &str, requirements: &[String], twin: Option<&str>) -> Case {
    Case {
        requirements: requirements.to_vec(),
        twin: twin.map(|twin| Twin {
            case: twin.to_owned(),
            differs: "something".to_owned(),
            at: testing::place(),
        }),
        ..testing::case(id)
    }
}

fn costing(seconds: u64, requests: u64) -> Estimate {
    let time = Duration::from_secs(seconds);
    Estimate {
        requests: Range::exactly(requests),
        waits: Waits {
            likely: time,
            at_most: time,
        },
        ..Estimate::default()
    }
}

fn one_at_a_time() -> Schedule {
    Schedule {
        jobs: 1,
        round_trip: Duration::ZERO,
        clock: ClockKind::System,
        pace: Pace::unlimited(),
    }
}

/// The ids a budget keeps, in order.
fn chosen(cases: &[(Case, Estimate)], budget: Budget) -> Vec<String> {
    let estimates: Vec<(&Case, Estimate)> = cases.iter().map(|(case, estimate)| (case, estimate.clone())).collect();
    let mut plan = Plan {
        cases: cases.iter().map(|(case, _)| case).collect(),
        ..Plan::default()
    };
    budget.choose(&mut plan, &estimates, &one_at_a_time());
    assert_eq!(plan.cases.len() + plan.left_out.len(), cases.len());
    plan.cases.iter().map(|case| case.id.clone()).collect()
}

const fn seconds(seconds: u64) -> Budget {
    Budget {
        time: Some(Duration::from_secs(seconds)),
        requests: None,
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_covers_most_for_its_time_comes_first() {
    let cases = [
        (case("broad-and-dear", &names(&["A", "B", "C"]), None), costing(60, 1)),
        (case("cheap-a", &names(&["A"]), None), costing(10, 1)),
        (case("cheap-b", &names(&["B"]), None), costing(10, 1)),
        (case("again-a", &names(&["A"]), None), costing(9, 1)),
    ];
    assert_eq!(chosen(&cases, seconds(19)), ["cheap-b", "again-a"]);
    assert_eq!(chosen(&cases, seconds(29)), ["cheap-a", "cheap-b", "again-a"]);
    assert_eq!(chosen(&cases, seconds(89)).len(), 4);
    assert_eq!(chosen(&cases, seconds(8)), Vec::<String>::new());
    let mut cases = [
        (case("narrow", &names(&["A"]), None), costing(10, 1)),
        (case("broad", &names(&["B", "C", "D"]), None), costing(20, 1)),
    ];
    assert_eq!(chosen(&cases, seconds(20)), ["broad"], "three in twice the time");
    cases.reverse();
    assert_eq!(chosen(&cases, seconds(20)), ["broad"]);
}

#[test]
fn of_what_covers_nothing_new_the_cheapest_comes_first() {
    let again = |id, seconds| (case(id, &names(&["A"]), None), costing(seconds, 1));
    let cases = [again("cheapest", 5), again("dear", 10), again("less-dear", 9)];
    assert_eq!(chosen(&cases, seconds(15)), ["cheapest", "less-dear"]);
}

#[test]
fn a_case_comes_with_its_twin_or_not_at_all() {
    let cases = [
        (case("right", &names(&["A"]), None), costing(10, 1)),
        (case("wrong", &names(&["B"]), Some("right")), costing(10, 1)),
    ];
    assert_eq!(chosen(&cases, seconds(19)), ["right"]);
    assert_eq!(chosen(&cases, seconds(20)), ["right", "wrong"]);
}

#[test]
fn requests_are_counted_as_time_is() {
    let cases = [
        (case("talkative", &names(&["A"]), None), costing(0, 100)),
        (case("terse", &names(&["B"]), None), costing(1000, 1)),
    ];
    let budget = Budget {
        time: None,
        requests: Some(50),
    };
    assert_eq!(chosen(&cases, budget), ["terse"]);
}

#[test]
fn what_cannot_judge_covers_nothing() {
    let broken = Estimate {
        ends_early: Some("the profile has no workflow `slow`".to_owned()),
        ..costing(1, 1)
    };
    let cases = [
        (case("broken", &names(&["A", "B"]), None), broken),
        (case("whole", &names(&["A"]), None), costing(5, 1)),
    ];
    assert_eq!(chosen(&cases, seconds(5)), ["whole"]);
}

#[test]
fn a_budget_of_either_kind_is_one() {
    assert!(!Budget::default().is_set());
    assert!(seconds(0).is_set());
    let requests = Budget {
        time: None,
        requests: Some(0),
    };
    assert!(requests.is_set());
}

#[test]
fn time_and_requests_weigh_alike_by_their_share_of_the_budget() {
    let cases = [
        (case("long", &names(&["A"]), None), costing(50, 10)),
        (case("even", &names(&["A"]), None), costing(20, 20)),
    ];
    let budget = |time, requests| Budget {
        time: Some(Duration::from_secs(time)),
        requests: Some(requests),
    };
    assert_eq!(chosen(&cases, budget(100, 100)), ["long", "even"]);
    // Time is short: most of it would go to the long one.
    assert_eq!(chosen(&cases, budget(60, 100)), ["even"]);
    assert_eq!(chosen(&cases, budget(60, 22)), ["even"]);
    // Requests are short: most of them would go to the even one.
    assert_eq!(chosen(&cases, budget(1_000, 22)), ["long"]);
}

proptest! {
    #[test]
    fn a_budget_is_kept_twins_stay_together_and_order_does_not_matter(
        costs in prop::collection::vec((0..30_u64, 1..20_u64, 0..6_u8, prop::option::of(0..12_usize)), 1..12),
        time in 0..120_u64,
        requests in 1..100_u64,
    ) {
        let cases: Vec<(Case, Estimate)> = costs.iter().enumerate().map(|(at, (seconds, requests, requirement, twin))| {
            // Twins have no twins of their own: here they are the even ones.
            let twin = twin.filter(|twin| *twin < costs.len() && twin % 2 == 0 && at % 2 == 1).map(|twin| format!("case-{twin:02}"));
            let case = case(&format!("case-{at:02}"), &[format!("R{requirement}")], twin.as_deref());
            (case, costing(*seconds, *requests))
        }).collect();
        let budget = Budget { time: Some(Duration::from_secs(time)), requests: Some(requests) };
        let kept = chosen(&cases, budget);
        let of = |id: &String| cases.iter().find(|(case, _)| case.id == *id).expect("it is one of them");
        let spent: Duration = kept.iter().map(|id| of(id).1.waits.likely).sum();
        prop_assert!(spent <= Duration::from_secs(time));
        prop_assert!(kept.iter().map(|id| of(id).1.requests.most).sum::<u64>() <= requests);
        for id in &kept {
            if let Some(twin) = &of(id).0.twin {
                prop_assert!(kept.contains(&twin.case), "{id} without {}", twin.case);
            }
        }
        let mut backwards = cases.clone();
        backwards.reverse();
        let mut again = chosen(&backwards, budget);
        again.reverse();
        prop_assert_eq!(kept, again);
    }
}
