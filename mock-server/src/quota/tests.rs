//! Boundaries as tables, and the laws no shape may break.

use proptest::prelude::*;

use super::*;

const MILLISECOND: u64 = 1_000_000;
const SECOND: Duration = Duration::from_secs(1);

fn quota(limit: u32, model: RateModel) -> Quota {
    Quota::new(Allowance {
        limit: Limit::of(limit),
        window: SECOND,
        model,
    })
}

fn at(milliseconds: u64) -> Timestamp {
    Timestamp::from_nanos(milliseconds * MILLISECOND)
}

/// Asks at each time and says which were granted.
fn granted(quota: &mut Quota, times: &[u64]) -> Vec<bool> {
    times.iter().map(|time| quota.take(at(*time)).is_ok()).collect()
}

#[test]
fn a_sliding_window_begins_with_every_grant() {
    let mut quota = quota(2, RateModel::Sliding);
    assert_eq!(
        granted(&mut quota, &[0, 600, 999, 1000, 1599, 1600]),
        [true, true, false, true, false, true]
    );
    assert_eq!(quota.check(1, at(1600)), Err(Exhausted { until: at(2000) }));
}

#[test]
fn a_fixed_window_begins_with_every_whole_second() {
    let mut quota = quota(2, RateModel::Fixed);
    assert_eq!(
        granted(&mut quota, &[900, 999, 999, 1000, 1001, 1999]),
        [true, true, false, true, true, false]
    );
    assert_eq!(quota.check(1, at(1999)), Err(Exhausted { until: at(2000) }));
}

#[test]
fn a_bucket_is_refilled_steadily() {
    let mut quota = quota(2, RateModel::Bucket);
    assert_eq!(
        granted(&mut quota, &[0, 0, 0, 499, 500, 501, 1000]),
        [true, true, false, false, true, false, true]
    );
    assert_eq!(quota.check(1, at(1000)), Err(Exhausted { until: at(1500) }));
}

#[test]
fn several_are_granted_together_or_not_at_all() {
    for (model, free_at) in [
        (RateModel::Sliding, 1000),
        (RateModel::Fixed, 1000),
        (RateModel::Bucket, 334),
    ] {
        let mut quota = quota(3, model);
        assert_eq!(granted(&mut quota, &[0, 0]), [true, true]);
        assert!(quota.check(1, at(0)).is_ok(), "{model:?}");
        assert!(quota.check(2, at(0)).is_err(), "{model:?}");
        assert!(quota.check(2, at(free_at)).is_ok(), "{model:?}");
        assert_eq!(quota.check(4, at(free_at)), Err(Exhausted::NEVER), "{model:?}");
    }
}

#[test]
fn without_a_limit_everything_is_granted() {
    let mut quota = quota(0, RateModel::Sliding);
    assert!(granted(&mut quota, &[0; 1000]).iter().all(|granted| *granted));
}

proptest! {
    #[test]
    fn no_window_of_a_sliding_quota_holds_more_than_the_limit(limit in 1u32..6, gaps in prop::collection::vec(0u64..700, 1..60)) {
        let grants = grants(limit, RateModel::Sliding, &gaps);
        for (first, time) in grants.iter().enumerate() {
            let within = grants[first..].iter().filter(|other| **other < *time + SECOND).count();
            prop_assert!(within <= limit as usize);
        }
    }

    #[test]
    fn no_window_of_a_fixed_quota_holds_more_than_the_limit(limit in 1u32..6, gaps in prop::collection::vec(0u64..700, 1..60)) {
        let grants = grants(limit, RateModel::Fixed, &gaps);
        for time in &grants {
            let within = grants.iter().filter(|other| other.as_seconds() == time.as_seconds()).count();
            prop_assert!(within <= limit as usize);
        }
    }

    #[test]
    fn a_bucket_never_grants_more_than_it_held_and_got(limit in 1u32..6, gaps in prop::collection::vec(0u64..700, 1..60)) {
        let grants = grants(limit, RateModel::Bucket, &gaps);
        for (first, start) in grants.iter().enumerate() {
            for (last, end) in grants.iter().enumerate().skip(first) {
                let refilled = end.since(*start).as_nanos() * u128::from(limit) / SECOND.as_nanos();
                prop_assert!((last - first + 1) as u128 <= u128::from(limit) + refilled);
            }
        }
    }

    #[test]
    fn a_refusal_says_the_first_moment_that_is_granted(
        limit in 1u32..6,
        gaps in prop::collection::vec(0u64..700, 1..60),
        model in prop::sample::select(vec![RateModel::Sliding, RateModel::Fixed, RateModel::Bucket]),
    ) {
        let mut quota = quota(limit, model);
        let mut now = at(0);
        for gap in gaps {
            now = now + Duration::from_millis(gap);
            if let Err(Exhausted { until }) = quota.take(now) {
                prop_assert!(until > now);
                prop_assert!(quota.check(1, until).is_ok());
                prop_assert!(quota.check(1, Timestamp::from_nanos(until.as_nanos() - 1)).is_err());
            }
        }
    }
}

fn grants(limit: u32, model: RateModel, gaps: &[u64]) -> Vec<Timestamp> {
    let mut quota = quota(limit, model);
    let mut now = at(0);
    let mut grants = Vec::new();
    for gap in gaps {
        now = now + Duration::from_millis(*gap);
        if quota.take(now).is_ok() {
            grants.push(now);
        }
    }
    grants
}
