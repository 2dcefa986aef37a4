//! Answers that come too early, too late, or when nobody expected one.

use super::{Row, check};
use crate::servers::{Play, Turn, always, answer, bytes, ms, on_every_connection};

#[test]
fn an_answer_outside_its_window_is_found() {
    check(vec![
        Row::of(
            "status: 200, answered: { after: 300ms }",
            always(answer(200).set_delay(ms(400))),
            always(answer(200)),
            &["time of the answer: expected not before 300ms, found after *"],
        ),
        Row::of(
            "status: 200, answered: { before: 1s }",
            always(answer(200)),
            always(answer(200).set_delay(ms(1200))),
            &["time of the answer: expected not after 1s, found after 1*"],
        ),
    ]);
}

#[test]
fn patience_that_is_spent_is_a_difference() {
    let says: &[&str] = &["answer: expected an answer in the time allowed, found no answer"];
    let keeps = || on_every_connection(Turn::Keeps);
    let steps = "- request: { surface: hooks, path: /probe }\n  patience: 800ms\n  expect: { status: 200 }";
    check(vec![Row::steps(steps, always(answer(200)), keeps(), says)]);
    let steps = "- request: { surface: hooks, path: /probe }\n  patience: 800ms";
    check(vec![Row::steps(steps, always(answer(200)), keeps(), says)]);
    let steps =
        "- request: { surface: hooks, path: /probe }\n  patience: 800ms\n  expect: { answered: { before: 500ms } }";
    let says: &[&str] = &["time of the answer: expected an answer in the time allowed, found no answer"];
    check(vec![Row::steps(steps, always(answer(200)), keeps(), says)]);
}

#[test]
fn a_call_that_should_be_open_and_was_answered_is_found() {
    // The next request is what lets the held call go, so the right server cannot be too fast.
    let steps = "- request: { surface: hooks, path: /held }
  background: call
- elapse: 300ms
- await: call
  still_open: true
- request: { surface: hooks, path: /release }
- await: call
  expect: { status: 200 }";
    let says = |status: &str| Turn::Says(bytes(status));
    let held = |status: &str| Play::Connections(vec![Turn::HoldsUntilNext(bytes(status)), says("200 OK")]);
    check(vec![
        Row::steps(
            steps,
            held("200 OK"),
            Play::Connections(vec![says("200 OK")]),
            &["time of the answer: expected no answer yet, found an answer"],
        ),
        Row::steps(
            steps,
            held("200 OK"),
            held("201 Created"),
            &["status: expected 200, found 201"],
        ),
    ]);
}
