//! What is read is what was written; what was cut off, doubled or changed is refused with its place.

use std::io::Cursor;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};

use super::*;
use crate::evidence::{Stream, generated};
use crate::report::to_json;

/// Evidence with cases in it, the same in every run of the tests.
fn sample() -> Evidence {
    let mut runner = TestRunner::deterministic();
    let passes = |it: &Evidence| it.cases.iter().any(|case| case.verdict == Verdict::Passed);
    std::iter::repeat_with(|| {
        generated::evidence()
            .new_tree(&mut runner)
            .expect("it can be made")
            .current()
    })
    .find(|it| it.cases.len() > 3 && it.shard.is_none() && passes(it))
    .expect("there are endlessly many")
}

/// What is said of the sample once it has been changed.
fn said(change: impl FnOnce(&mut Json)) -> String {
    let mut json = serde_json::to_value(sample()).expect("it is JSON");
    change(&mut json);
    match read("it.json", &format!("{json:#}")) {
        Ok(_) => panic!("it was taken: {json:#}"),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn refused(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is missing in\n{said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_written_is_read_again(evidence in generated::evidence()) {
        prop_assert_eq!(read("it.json", &to_json(&evidence)), Ok(evidence));
    }

    #[test]
    fn a_file_that_was_cut_off_is_refused_wherever_that_was(evidence in generated::evidence(), at in 0.0..1.0) {
        let text = to_json(&evidence);
        let text = text.trim_end();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a length is a length")]
        let mut at = (text.len() as f64 * at) as usize;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let cut_off = matches!(read("it.json", &text[..at]), Err(ReadError::CutOff { .. }));
        prop_assert!(cut_off, "{:?}", read("it.json", &text[..at]));
    }

    #[test]
    fn a_run_can_be_read_at_every_moment_and_keeps_what_has_ended(evidence in generated::evidence(), lost in 1..200_usize) {
        let mut begun = evidence.clone();
        begun.complete = false;
        begun.finished = None;
        begun.cases.clear();
        begun.derive();
        let mut file = Vec::new();
        let mut stream = Stream::begin(Cursor::new(&mut file), &begun).expect("it is written");
        for case in &evidence.cases {
            stream.add(case).expect("it is written");
        }
        let text = String::from_utf8(file).expect("it is text");
        let read_back = read("it.json", &text).expect("it can be read");
        prop_assert!(!read_back.complete && read_back.exit_code.is_none());
        prop_assert_eq!(&read_back.cases, &evidence.cases);
        prop_assert_eq!(&read_back.tally, &evidence.tally);
        // Killed while the last case was written: it is lost, and no other.
        if let Some((last, before)) = evidence.cases.split_last() {
            let length = serde_json::to_string(last).expect("it is JSON").len();
            let mut at = text.len() - 20 - lost.min(length);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let read_back = read("it.json", &text[..at]).expect("it can be read");
            prop_assert_eq!(&read_back.cases[..], before);
        }
    }
}

#[test]
fn what_has_another_form_is_refused_with_its_place() {
    refused(
        &said(|it| it["cases"][0]["verdict"] = json!("fine")),
        &["it.json:", "unknown variant `fine`", "`passed`", "schema report"],
    );
    refused(&said(|it| it["surprise"] = json!(1)), &["unknown field `surprise`"]);
    refused(
        &said(|it| {
            it.as_object_mut().expect("an object").remove("jobs");
        }),
        &["missing field `jobs`"],
    );
    refused(&said(|it| it["schema"] = json!(1)), &["version 1", "run again"]);
    refused(
        &said(|it| it["schema"] = json!(99)),
        &["version 99", "a newer torq-conformance"],
    );
}

#[test]
fn what_contradicts_itself_is_refused_with_every_place() {
    let passed = sample().cases.iter().position(|case| case.verdict == Verdict::Passed);
    let passed = passed.expect("one passes");
    refused(
        &said(|it| {
            let twice = it["cases"][0].clone();
            it["cases"].as_array_mut().expect("a list").push(twice);
        }),
        &["is there twice, first as cases[0]", "planned.cases:", "tally:"],
    );
    refused(
        &said(|it| {
            it["cases"].as_array_mut().expect("a list").remove(0);
        }),
        &["which is not among the cases", "planned.cases:"],
    );
    refused(
        &said(|it| it["cases"][0]["requirements"] = json!(["NOWHERE"])),
        &["cases[0]", "NOWHERE, which is not among the requirements"],
    );
    refused(
        &said(|it| it["tally"]["must"]["passed"] = json!(77)),
        &["tally: the file says", "77"],
    );
    refused(
        &said(|it| it["conformance"]["passed"] = json!(77)),
        &["conformance: the file says"],
    );
    refused(
        &said(|it| it["coverage"]["of"] = json!(77)),
        &["coverage: the file says"],
    );
    refused(&said(|it| it["exit_code"] = json!(9)), &["exit_code: the file says 9"]);
    refused(
        &said(|it| it["facts"]["made-up"] = json!("x")),
        &["facts: the file says"],
    );
    refused(&said(|it| it["finished"] = json!(null)), &["finished: "]);
    refused(
        &said(|it| it["cases"][passed]["verdict"] = json!("failed")),
        &["it is failed, and nothing of it differs", "the case itself says failed"],
    );
    let differs = json!([{
        "kind": "status", "part": "status", "answer": null, "expected": "200", "found": "500",
        "at": { "file": "it.yaml", "line": 1, "column": 1 },
    }]);
    refused(
        &said(|it| it["cases"][passed]["steps"][0]["mismatches"] = differs),
        &["it is passed, and one of its steps differs"],
    );
}

#[test]
fn a_refusal_whose_twin_had_not_ended_is_not_taken_for_proved() {
    let mut evidence = sample();
    evidence.complete = false;
    let passed = evidence.cases.iter_mut().find(|case| case.verdict == Verdict::Passed);
    let passed = passed.expect("one passes");
    passed.twin = Some(crate::evidence::Twin {
        case: "urls.it.twin".to_owned(),
        differs: "method".to_owned(),
    });
    let id = passed.id.clone();
    let read_back = read("it.json", &to_json(&evidence)).expect("it can be read");
    let case = read_back.case(&id).expect("it is there");
    assert_eq!(case.verdict, Verdict::Inconclusive);
    assert!(
        case.reason.as_ref().is_some_and(|it| it.contains("urls.it.twin")),
        "{:?}",
        case.reason
    );
}
