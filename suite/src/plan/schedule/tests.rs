//! What goes side by side, what goes alone, and whose time counts.

use super::*;
use crate::plan::tests;
use crate::profile::Environment;
use crate::spec::model::Level;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The schedule for a profile that says this besides its name and its hosts.
fn schedule(more: &str, jobs: usize) -> Schedule {
    let host = "http://127.0.0.1:7080";
    let text = format!("profile: p\nurls: {{ hooks: \"{host}\", api: \"{host}\", auth: \"{host}\" }}\n{more}");
    let profile = Profile::parse("profile.yaml", &text, &Environment::default()).expect("the profile is right");
    Schedule::of(&profile, (jobs, ms(10)))
}

const SYSTEM: &str = "clock: system\n";
const SANDBOXES: &str = "clock: manual\ncontrol: { url: \"http://127.0.0.1:7081\" }\n";
const ONE_SANDBOX: &str = "clock: manual\ncontrol: { url: \"http://127.0.0.1:7081\", fresh_sandboxes: false }\n";

/// Of cases that wait so long, in milliseconds, likely and at most.
fn waiting(times: &[(u64, u64)]) -> Vec<Estimate> {
    let waits = times.iter().map(|(likely, at_most)| Waits {
        likely: ms(*likely),
        at_most: ms(*at_most),
    });
    waits
        .map(|waits| Estimate {
            waits,
            ..Estimate::default()
        })
        .collect()
}

/// How long the cases take together, in milliseconds; those with a quota of their own by number.
fn wall_time(schedule: &Schedule, estimates: &[Estimate], with_quota: &[usize]) -> (u128, u128) {
    let cases: Vec<Case> = (0..estimates.len())
        .map(|number| {
            let mut case = tests::case("answers.rate.burst", Level::Must, "RATE");
            case.needs.extend(with_quota.contains(&number).then_some(Need::Quota));
            case
        })
        .collect();
    let waits = schedule.wall_time(cases.iter().zip(estimates));
    (waits.likely.as_millis(), waits.at_most.as_millis())
}

#[test]
fn only_cases_that_share_a_clock_that_is_moved_go_one_after_the_other() {
    for (profile, jobs, expected) in [
        (SYSTEM, 4, 4),
        (SYSTEM, 0, 1),
        (SANDBOXES, 4, 4),
        (ONE_SANDBOX, 4, 1),
        (
            "clock: system\ncontrol: { url: \"http://127.0.0.1:7081\", fresh_sandboxes: false }\n",
            4,
            4,
        ),
    ] {
        assert_eq!(schedule(profile, jobs).jobs, expected, "{profile}{jobs}");
    }
}

#[test]
fn a_case_begins_where_one_has_ended() {
    let estimates = waiting(&[(1_000, 9_000), (2_000, 2_000), (3_000, 3_000)]);
    for (jobs, expected) in [(1, (6_000, 14_000)), (2, (4_000, 9_000)), (3, (3_000, 9_000))] {
        assert_eq!(wall_time(&schedule(SYSTEM, jobs), &estimates, &[]), expected, "{jobs}");
    }
    assert_eq!(wall_time(&schedule(SYSTEM, 2), &[], &[]), (0, 0));
}

#[test]
fn a_case_that_needs_the_whole_quota_waits_for_it_and_runs_alone() {
    let full = u64::try_from(Pace::until_full().as_millis()).expect("it is short");
    let estimates = waiting(&[(1_000, 2_000), (100, 300), (10, 30)]);
    let together = (1_000 + 110 + 2 * full, 2_000 + 330 + 2 * full);
    let together = (u128::from(together.0), u128::from(together.1));
    assert_eq!(wall_time(&schedule(SYSTEM, 4), &estimates, &[1, 2]), together);
    assert_eq!(
        wall_time(&schedule(SANDBOXES, 4), &estimates, &[1, 2]),
        (0, 0),
        "each has its own quota there"
    );
}

#[test]
fn round_trips_take_time_on_every_clock_and_waiting_only_where_nobody_moves_it() {
    let estimate = Estimate {
        round_trips: Range { least: 3, most: 50 },
        ..waiting(&[(1_000, 2_000)]).remove(0)
    };
    for (profile, expected) in [(SYSTEM, (1_030, 2_500)), (SANDBOXES, (30, 500))] {
        let waits = schedule(profile, 1).of_case(&estimate);
        assert_eq!((waits.likely, waits.at_most), (ms(expected.0), ms(expected.1)));
    }
}

#[test]
fn what_the_limits_allow_takes_its_time_however_many_cases_there_are_at_once() {
    let window = Pace::until_full().as_millis();
    // Four fifths of 25 a second and of 50 a second.
    for (triggers, api, windows) in [
        (Range { least: 20, most: 21 }, Range::default(), (0, 1)),
        (Range { least: 21, most: 41 }, Range::default(), (1, 2)),
        (Range::default(), Range { least: 41, most: 121 }, (1, 3)),
        (Range { least: 61, most: 61 }, Range { least: 41, most: 41 }, (3, 3)),
    ] {
        // In two halves, which count together.
        let half = |range: Range| Range {
            least: range.least / 2,
            most: range.most / 2,
        };
        let rest = |range: Range| Range {
            least: range.least - range.least / 2,
            most: range.most - range.most / 2,
        };
        let estimates = [half as fn(Range) -> Range, rest].map(|part| Estimate {
            triggers: part(triggers),
            api: part(api),
            ..Estimate::default()
        });
        let expected = (windows.0 * window, windows.1 * window);
        assert_eq!(
            wall_time(&schedule(SYSTEM, 8), &estimates, &[]),
            expected,
            "{triggers:?} {api:?}"
        );
        assert_eq!(wall_time(&schedule(SANDBOXES, 8), &estimates, &[]), (0, 0));
    }
}
