//! Answers that come too early, too late, or when nobody expected one.

use super::{Row, check};
use crate::servers::{Play, Turn, always, answer, bytes, ms, on_every_connection};

#[test]
pub(super) fn an_answer_outside_its_window_is_found() {
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

/// An answer that begins at once and takes a second to its end.
fn long_winded() -> Play {
    let body = "drop by drop, ".repeat(120);
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    on_every_connection(Turn::Trickles(answer))
}

#[test]
pub(super) fn an_answer_that_begins_in_time_and_ends_late_may_be_the_networks_fault() {
    check(vec![
        Row::of(
            "status: 200, answered: { before: 400ms }",
            always(answer(200)),
            long_winded(),
            &["could not tell: the answer began after *"],
        )
        .inconclusive(),
        Row::of(
            "status: 200, answered: { after: 400ms }",
            always(answer(200).set_delay(ms(500))),
            long_winded(),
            &["time of the answer: expected not before 400ms, found after *"],
        ),
    ]);
}

#[test]
pub(super) fn time_that_elapses_elapses_for_the_caller_as_well() {
    // The answer comes with the next request, which the case sends half a second later.
    let steps = "- request: { surface: hooks, path: /held }
  background: call
- elapse: 500ms
- request: { surface: hooks, path: /release }
- await: call
  expect: { answered: { after: 400ms } }";
    let says = |status: &str| Turn::Says(bytes(status));
    let held = Play::Connections(vec![Turn::HoldsUntilNext(bytes("200 OK")), says("200 OK")]);
    check(vec![Row::steps(
        steps,
        held,
        Play::Connections(vec![says("200 OK")]),
        &["time of the answer: expected not before 400ms, found after *"],
    )]);
}

#[test]
pub(super) fn raw_bytes_can_be_awaited_like_any_call() {
    let steps = "- raw: { surface: hooks, text: \"GET /held HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\" }
  background: call
- await: call
  still_open: true
- request: { surface: hooks, path: /release }
- await: call
  expect: { status: 201 }";
    let held = |status: &str| Play::Connections(vec![Turn::HoldsUntilNext(bytes(status)), Turn::Says(bytes("200 OK"))]);
    check(vec![Row::steps(
        steps,
        held("201 Created"),
        held("200 OK"),
        &["status: expected 201, found 200"],
    )]);
}

#[test]
pub(super) fn patience_that_is_spent_is_a_difference() {
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
pub(super) fn a_call_that_should_be_open_and_was_answered_is_found() {
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
