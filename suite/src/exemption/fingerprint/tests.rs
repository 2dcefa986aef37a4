//! Which failures are the same one, and which are not.

use located_yaml::Location;
use proptest::prelude::*;

use super::*;
use crate::check::{Findings, Mismatch};
use crate::testing;

fn failing(mismatches: &[(Part, &str, &str)]) -> CaseRun {
    let mismatches = (1..).zip(mismatches).map(|(line, (part, expected, found))| Mismatch {
        part: part.clone(),
        expected: (*expected).to_owned(),
        found: (*found).to_owned(),
        at: Location {
            line,
            ..Location::start_of("case.yaml")
        },
    });
    let findings = Findings {
        mismatches: mismatches.collect(),
        ..Findings::default()
    };
    CaseRun {
        steps: vec![testing::step(findings)],
        ..CaseRun::default()
    }
}

fn of(part: Part, found: &str) -> String {
    fingerprint(&failing(&[(part, "something else", found)])).expect("it differs")
}

#[test]
fn what_changes_from_run_to_run_is_no_other_failure() {
    for (one, other) in [
        (
            "id 0b5fbb41-8f8b-4a5a-9a2e-2f2a34c2f3a1",
            "id 7D444840-9DC0-11D1-B245-5FFDCE74FAD2",
        ),
        ("at 2026-11-24T10:34:39.123Z", "at 2027-01-02T03:04:05+01:00"),
        ("Tue, 24 Nov 2026 10:34:39 GMT", "Wed, 25 Nov 2026 00:00:01 GMT"),
        ("http://127.0.0.1:40123/x", "http://127.0.0.1:999/x"),
        ("https://hooks.example.com/x", "https://localhost:8080/x"),
        ("from 127.0.0.1:40123", "from localhost:1"),
        ("3.214 s", "12 ms"),
        ("epoch 1795516479", "epoch 1795516480.5"),
        (
            "request a8f5f167f44f4964e6c998dee827110c",
            "request 99f5f167f44f4964e6c998dee8271100",
        ),
    ] {
        assert_eq!(of(Part::Body, one), of(Part::Body, other), "{one}, {other}");
    }
    let nth = |number| of(Part::Nth(number, Box::new(Part::Status)), "500");
    assert_eq!(nth(3), nth(17), "which of many answers differed is chance");
    assert_eq!(
        of(Part::Burst, "26 of 40 accepted"),
        of(Part::Burst, "31 of 40 accepted")
    );
}

#[test]
fn another_difference_is_another_failure() {
    let all = [
        of(Part::Status, "500"),
        of(Part::Status, "404"),
        of(Part::Status, "204 No Content"),
        of(Part::Body, "500"),
        of(Part::Body, "{\"a\":1}"),
        of(Part::Body, "{\"a\":2}"),
        of(Part::Header("x".to_owned()), "500"),
        of(Part::Header("y".to_owned()), "500"),
        of(Part::Json("$.a".to_owned()), "500"),
        of(Part::Answer, "application/json"),
        of(Part::Nth(1, Box::new(Part::Status)), "500"),
        fingerprint(&failing(&[(Part::Status, "200", "500")])).expect("it differs"),
        fingerprint(&failing(&[(Part::Status, "200", "500"), (Part::Body, "a", "b")])).expect("it differs"),
    ];
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len(), "{all:#?}");
    assert!(all.iter().all(|it| is_fingerprint(it)));
}

#[test]
fn what_did_not_differ_has_no_fingerprint() {
    assert_eq!(fingerprint(&CaseRun::default()), None);
    assert_eq!(fingerprint(&failing(&[])), None);
}

#[test]
fn only_fingerprints_look_like_one() {
    for text in [
        "",
        "fp-",
        "0123456789abcdef",
        "fp-0123456789ABCDEF",
        "fp-0123456789abcde",
        "fp-0123456789abcdeff",
    ] {
        assert!(!is_fingerprint(text), "{text}");
    }
}

proptest! {
    #[test]
    fn ids_ports_and_times_never_change_it(
        words in "[a-z ]{0,20}",
        ids in any::<[u128; 2]>(),
        ports in any::<[u16; 2]>(),
        seconds in any::<[u16; 2]>(),
        order in any::<bool>(),
    ) {
        let found = |index: usize| {
            let id = uuid::Uuid::from_u128(ids[index]);
            format!("{words} {id} at http://127.0.0.1:{}/ after {}.5 s", ports[index], seconds[index])
        };
        let of = |index: usize, swapped: bool| {
            let found = found(index);
            let mut parts = [(Part::Body, "a", found.as_str()), (Part::Status, "200", "500")];
            if swapped {
                parts.reverse();
            }
            fingerprint(&failing(&parts))
        };
        prop_assert_eq!(of(0, false), of(1, order));
    }

    #[test]
    fn statuses_that_differ_are_told_apart(one in 100_u16..600, other in 100_u16..600) {
        let same = of(Part::Status, &one.to_string()) == of(Part::Status, &other.to_string());
        prop_assert_eq!(same, one == other);
    }
}
