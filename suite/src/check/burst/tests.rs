//! Bursts answered by limiters of every kind, and by servers that have none.

use proptest::prelude::*;

use super::*;
use crate::attempt::{Answer, Payload, RequestWritten, Unanswered};
use crate::testing;

const LIMIT: Limit = Limit {
    at_most: 10,
    per: Duration::from_secs(1),
    refused: 429,
};

/// What decides over each request; times are milliseconds.
#[derive(Clone, Copy, Debug)]
enum Limiter {
    /// Accepts everything.
    None,
    /// At most so many in any second.
    Sliding(usize),
    /// So many in each second, the seconds beginning this long after the burst.
    Fixed(usize, u64),
    /// So many saved up, and so many more per second.
    Bucket(usize),
}

impl Limiter {
    /// Whether each of the requests decided at these moments, in order, is accepted.
    fn decide(self, moments: &[u64]) -> Vec<bool> {
        let mut accepted: Vec<u64> = Vec::new();
        // A thousand parts each, so that a bucket that has just got one again is not short of it by a rounding.
        let mut level = match self {
            Self::Bucket(size) => 1000 * size as u64,
            Self::None | Self::Sliding(_) | Self::Fixed(..) => 0,
        };
        let mut before = moments.first().copied().unwrap_or_default();
        let mut verdicts = Vec::new();
        for now in moments.iter().copied() {
            let fits = match self {
                Self::None => true,
                Self::Sliding(most) => accepted.iter().filter(|it| now < *it + 1000).count() < most,
                Self::Fixed(most, offset) => {
                    let window = |at: u64| (at + 1000 - offset) / 1000;
                    accepted.iter().filter(|it| window(**it) == window(now)).count() < most
                }
                Self::Bucket(size) => {
                    let size = size as u64;
                    level = (level + size * (now - before)).min(1000 * size);
                    before = now;
                    let fits = level >= 1000;
                    if fits {
                        level -= 1000;
                    }
                    fits
                }
            };
            if fits {
                accepted.push(now);
            }
            verdicts.push(fits);
        }
        verdicts
    }
}

fn exchange(sent_at: u64, settled_at: u64, outcome: Outcome) -> Exchange {
    Exchange {
        sent_at: Duration::from_millis(sent_at),
        settled_at: Duration::from_millis(settled_at),
        ..testing::exchange(outcome)
    }
}

fn answered(status: u16) -> Outcome {
    Outcome::Answered(Answer {
        status,
        headers: Vec::new(),
        body: Payload::default(),
        request_written: RequestWritten::Whole,
    })
}

/// Requests sent at an even pace, each decided halfway through its latency.
fn volley(limiter: Limiter, per_second: u64, seconds: u64, latency: impl Fn(u64) -> u64) -> Vec<Exchange> {
    let count = per_second * seconds;
    let mut shots: Vec<_> = (0..count)
        .map(|index| {
            let sent = index * 1000 / per_second;
            let latency = latency(index);
            (sent + latency / 2, sent, sent + latency)
        })
        .collect();
    shots.sort_unstable();
    let moments: Vec<_> = shots.iter().map(|shot| shot.0).collect();
    let verdicts = limiter.decide(&moments).into_iter();
    let exchanges = shots
        .iter()
        .zip(verdicts)
        .map(|((_, sent, settled), accepted)| exchange(*sent, *settled, answered(if accepted { 200 } else { 429 })));
    exchanges.collect()
}

/// Ten requests every half second for three seconds, as a case sends them that asks for it.
fn in_waves(limiter: Limiter, latency: u64) -> Vec<Exchange> {
    let sent: Vec<u64> = (0..6).flat_map(|wave| [wave * 500; 10]).collect();
    let moments: Vec<_> = sent.iter().map(|sent| sent + latency / 2).collect();
    let verdicts = limiter.decide(&moments).into_iter();
    let status = |accepted| answered(if accepted { 200 } else { 429 });
    let exchanges = sent.iter().zip(verdicts);
    exchanges
        .map(|(sent, accepted)| exchange(*sent, sent + latency, status(accepted)))
        .collect()
}

/// `+` holds, `-` differs, `?` cannot be told.
fn word(exchanges: &[Exchange]) -> char {
    let findings = judge(LIMIT, exchanges, &Location::start_of("case.yaml"));
    match (findings.mismatches.is_empty(), findings.doubts.is_empty()) {
        (true, true) => '+',
        (false, _) => '-',
        (true, false) => '?',
    }
}

#[test]
fn a_limit_is_kept_by_every_kind_of_limiter_of_its_size() {
    for limiter in [
        Limiter::Sliding(10),
        Limiter::Fixed(10, 0),
        Limiter::Fixed(10, 300),
        Limiter::Fixed(10, 999),
        Limiter::Bucket(10),
        // Stricter than it has to be: more is refused, never less.
        Limiter::Sliding(9),
    ] {
        for (per_second, seconds) in [(20, 3), (40, 3), (12, 6), (100, 1)] {
            assert_eq!(
                word(&volley(limiter, per_second, seconds, |_| 10)),
                '+',
                "{limiter:?} {per_second} {seconds}"
            );
        }
    }
}

#[test]
fn a_limit_that_is_not_kept_is_found_at_twice_its_rate() {
    for limiter in [
        Limiter::None,
        Limiter::Sliding(13),
        Limiter::Sliding(16),
        Limiter::Fixed(13, 300),
        Limiter::Fixed(16, 300),
        Limiter::Bucket(12),
    ] {
        for latency in [0, 10, 50, 100] {
            let even = volley(limiter, 20, 4, |_| latency);
            assert_eq!(word(&even), '-', "{limiter:?} {latency}");
        }
    }
}

#[test]
fn long_bursts_are_judged_like_short_ones() {
    // More beginnings of windows than are tried one by one.
    let latency = |index: u64| index * 7 % 900;
    for limiter in [Limiter::Sliding(10), Limiter::Fixed(10, 123), Limiter::Bucket(10)] {
        assert_eq!(word(&volley(limiter, 37, 120, latency)), '+', "{limiter:?}");
    }
    assert_eq!(word(&volley(Limiter::None, 37, 120, latency)), '-');
    assert_eq!(word(&volley(Limiter::Fixed(13, 123), 37, 120, latency)), '-');
}

/// Requests that take no time, at these moments in milliseconds.
fn in_no_time(shots: &[(u64, u16)]) -> Vec<Exchange> {
    let shots = shots.iter().copied();
    shots.map(|(at, status)| exchange(at, at, answered(status))).collect()
}

/// After these requests one in each of so many windows, so that windows are not tried from every moment.
fn and_long_after(shots: &[(u64, u16)]) -> Vec<Exchange> {
    let rest = (3..530).map(|second| (second * 1001, 200));
    in_no_time(&shots.iter().copied().chain(rest).collect::<Vec<_>>())
}

#[test]
fn windows_that_begin_between_those_tried_are_none_to_blame() {
    // Nothing begins at 1123 ms, and what does begin there is explained.
    let before_and_after = [[(1122, 200); 10], [(1124, 200); 10]].concat();
    assert_eq!(word(&and_long_after(&before_and_after)), '?');
    let refused_before = [[(110, 200); 10], [(1000, 200); 10]].concat();
    let refused_before = [&refused_before[..], &[(1120, 429), (1124, 200)]].concat();
    assert_eq!(infer(LIMIT, &and_long_after(&refused_before)), "fixed");
}

#[test]
fn windows_are_told_apart_to_the_nanosecond() {
    let just_before = |mut exchange: Exchange| {
        exchange.sent_at -= Duration::from_nanos(1);
        exchange.settled_at = exchange.sent_at;
        exchange
    };
    let next = in_no_time(&[(1000, 200); 10]);
    let full = next.clone().into_iter().map(just_before);
    let exchanges: Vec<_> = full.chain(next.clone()).chain(in_no_time(&[(1000, 429)])).collect();
    assert_eq!(word(&exchanges), '+');
    assert_eq!(infer(LIMIT, &exchanges), "fixed");
    let refused = in_no_time(&[(1000, 429)]).into_iter().map(just_before);
    let exchanges: Vec<_> = in_no_time(&[(500, 200); 10])
        .into_iter()
        .chain(refused)
        .chain(next)
        .collect();
    assert_eq!(infer(LIMIT, &exchanges), "fixed");
}

#[test]
fn waves_of_requests_show_a_limit_that_is_not_kept_as_well() {
    for latency in [0, 10, 50, 200] {
        for limiter in [Limiter::None, Limiter::Sliding(16), Limiter::Fixed(16, 300)] {
            assert_eq!(word(&in_waves(limiter, latency)), '-', "{limiter:?} {latency}");
        }
        for limiter in [
            Limiter::Sliding(10),
            Limiter::Fixed(10, 0),
            Limiter::Fixed(10, 300),
            Limiter::Bucket(10),
        ] {
            assert_eq!(word(&in_waves(limiter, latency)), '+', "{limiter:?} {latency}");
        }
    }
}

#[test]
fn what_no_window_explains_is_found_in_an_instant_and_what_two_windows_explain_is_not() {
    let at_once = |count: u64| (0..count).map(|_| exchange(0, 5, answered(200))).collect::<Vec<_>>();
    assert_eq!(word(&at_once(21)), '-');
    assert_eq!(word(&at_once(20)), '?', "two fixed windows may meet here");
    assert_eq!(
        word(&in_no_time(&[(0, 200); 11])),
        '-',
        "no two windows meet in no time at all"
    );
    let mut refused_last = at_once(20);
    refused_last.push(exchange(5, 10, answered(429)));
    assert_eq!(word(&refused_last), '+');
}

#[test]
fn a_caller_that_is_too_slow_learns_nothing() {
    assert_eq!(word(&volley(Limiter::None, 5, 3, |_| 10)), '?');
    assert_eq!(word(&volley(Limiter::Sliding(10), 5, 3, |_| 10)), '?');
    assert_eq!(
        word(&volley(Limiter::None, 20, 3, |_| 3000)),
        '?',
        "answers that took seconds prove no rate"
    );
    assert_eq!(word(&[]), '?');
}

#[test]
fn a_status_that_is_neither_is_a_difference_and_no_answer_is_none() {
    let mut exchanges = volley(Limiter::Sliding(10), 20, 3, |_| 10);
    exchanges.push(exchange(3000, 3010, Outcome::Unanswered(Unanswered::OutOfPatience)));
    assert_eq!(word(&exchanges), '+', "`check_burst` speaks of it");
    exchanges.insert(4, exchange(150, 160, answered(503)));
    let findings = judge(LIMIT, &exchanges, &Location::start_of("case.yaml"));
    let [mismatch] = findings.mismatches.as_slice() else {
        panic!("{findings:?}")
    };
    assert_eq!(mismatch.part.to_string(), "answer 5: status");
    assert_eq!(
        (mismatch.expected.as_str(), mismatch.found.as_str()),
        ("2xx or 429", "503")
    );
}

#[test]
fn what_was_seen_is_noted_in_numbers() {
    let findings = judge(
        LIMIT,
        &volley(Limiter::Sliding(10), 20, 3, |_| 10),
        &Location::start_of("case.yaml"),
    );
    assert_eq!(findings.notes, ["30 accepted, 30 refused in 2.960 s"]);
    let findings = judge(
        LIMIT,
        &volley(Limiter::None, 20, 3, |_| 10),
        &Location::start_of("case.yaml"),
    );
    let mismatch = &findings.mismatches[0];
    assert_eq!(mismatch.expected, "at most 10 accepted per 1s");
    assert_eq!(mismatch.found, "60 accepted within 2.96s");
    let findings = judge(
        LIMIT,
        &volley(Limiter::None, 50, 1, |_| 10),
        &Location::start_of("case.yaml"),
    );
    assert_eq!(findings.mismatches[0].found, "50 accepted within 990ms");
    let findings = judge(
        LIMIT,
        &volley(Limiter::None, 5, 2, |_| 100),
        &Location::start_of("case.yaml"),
    );
    assert_eq!(
        findings.doubts[0].reason,
        "nothing was refused, and the caller reached only 5.3 requests per second"
    );
}

#[test]
fn the_kind_of_limiter_is_told_by_what_it_accepts_and_refuses() {
    for (limiter, expected) in [
        // Windows that begin with the first request would do the same.
        (Limiter::Sliding(10), "sliding-or-fixed"),
        (Limiter::Fixed(10, 300), "fixed"),
        (Limiter::Fixed(10, 700), "fixed"),
        (Limiter::Bucket(10), "bucket"),
        (Limiter::Sliding(8), "sliding-or-fixed, 8 per 1s"),
        (Limiter::Bucket(12), "bucket, 12 per 1s"),
        (Limiter::None, "not-seen"),
        (Limiter::Sliding(0), "not-seen"),
    ] {
        for latency in [2, 10] {
            let exchanges = volley(limiter, 20, 3, |_| latency);
            assert_eq!(infer(LIMIT, &exchanges), expected, "{limiter:?}");
        }
    }
    // A second after it was let in a request counts no longer.
    let exchanges = volley(Limiter::Sliding(10), 20, 3, |_| 0);
    assert_eq!(infer(LIMIT, &exchanges), "sliding-or-fixed");
    // Its windows begin just when the burst does.
    let exchanges = volley(Limiter::Fixed(10, 0), 20, 3, |_| 10);
    assert!(
        infer(LIMIT, &exchanges).contains("fixed"),
        "{}",
        infer(LIMIT, &exchanges)
    );
}

#[test]
fn a_bucket_with_one_left_refuses_nothing() {
    for (at, expected) in [(99, "sliding-or-fixed-or-bucket"), (100, "sliding-or-fixed")] {
        let shots = [&[(0, 200); 10][..], &[(at, 429)]].concat();
        assert_eq!(infer(LIMIT, &in_no_time(&shots)), expected, "{at}");
    }
}

#[test]
fn what_no_limiter_does_is_none() {
    let exchanges: Vec<_> = (0..60_u64)
        .map(|index| {
            exchange(
                index * 50,
                index * 50 + 5,
                answered(if index % 2 == 0 { 200 } else { 429 }),
            )
        })
        .collect();
    assert_eq!(infer(LIMIT, &exchanges), "other");
    // What was let through is long over when one more is refused.
    let shots = [&[(500, 200); 10][..], &[(1600, 429)]].concat();
    assert_eq!(infer(LIMIT, &in_no_time(&shots)), "other");
}

proptest! {
    #[test]
    fn the_right_kind_of_limiter_is_never_ruled_out(
        kind in 0..3_u8,
        offset in 0..1000_u64,
        per_second in 15..60_u64,
        seconds in 1..4_u64,
        latencies in prop::collection::vec(0..400_u64, 1..20),
    ) {
        let (limiter, word) = match kind {
            0 => (Limiter::Sliding(10), "sliding"),
            1 => (Limiter::Fixed(10, offset), "fixed"),
            _ => (Limiter::Bucket(10), "bucket"),
        };
        let latency = |index: u64| latencies[usize::try_from(index).unwrap_or_default() % latencies.len()];
        let model = infer(LIMIT, &volley(limiter, per_second, seconds, latency));
        prop_assert!(model == "not-seen" || (model.contains(word) && !model.contains("per")), "{model}");
    }

    #[test]
    fn no_limiter_that_keeps_the_limit_is_ever_blamed(
        kind in 0..3_u8,
        offset in 0..1000_u64,
        per_second in 11..80_u64,
        seconds in 1..5_u64,
        latencies in prop::collection::vec(0..400_u64, 1..50),
    ) {
        let limiter = match kind {
            0 => Limiter::Sliding(10),
            1 => Limiter::Fixed(10, offset),
            _ => Limiter::Bucket(10),
        };
        let latency = |index: u64| latencies[usize::try_from(index).unwrap_or_default() % latencies.len()];
        let exchanges = volley(limiter, per_second, seconds, latency);
        let findings = judge(LIMIT, &exchanges, &Location::start_of("case.yaml"));
        prop_assert!(findings.mismatches.is_empty(), "{:?}", findings);
    }
}
