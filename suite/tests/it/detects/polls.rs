//! Polls that never come to an end, or to the wrong one.

use super::{Row, check};
use crate::servers::{Play, Turn, bytes, on_every_connection, says, statuses};

const LOST: &str = "could not tell: the connection closed before an answer: *";
const POLL: &str = "- poll: { request: { surface: hooks, path: /probe }, every: 10ms }
  until: { status: 200 }
  stop_when: { status: 410 }
  budget: 30ms";

#[test]
pub(super) fn a_poll_that_is_never_satisfied_ends_with_its_budget() {
    check(vec![Row::steps(
        POLL,
        statuses(&[404, 404, 404, 200]),
        statuses(&[404, 404, 404, 404, 200]),
        &[
            "status: expected 200, found 404",
            "note: the poll's budget is spent after 4 requests",
        ],
    )]);
}

#[test]
pub(super) fn a_poll_that_became_hopeless_ends_at_once() {
    check(vec![Row::steps(
        POLL,
        statuses(&[404, 200]),
        statuses(&[404, 410, 200]),
        &[
            "status: expected 200, found 410",
            "note: the poll became hopeless after 2 requests",
        ],
    )]);
}

#[test]
pub(super) fn what_a_poll_ends_with_is_judged_as_well() {
    let steps = format!("{POLL}\n  expect: {{ json: {{ $.done: true }} }}");
    let ends_with = |body: &str| Play::Answers(vec![says("").set_body_string(body)]);
    check(vec![Row::steps(
        &steps,
        ends_with(r#"{"done":true}"#),
        ends_with(r#"{"done":false}"#),
        &["body at $.done: expected true, found false"],
    )]);
}

#[test]
pub(super) fn a_poll_that_backs_off_asks_less_often() {
    let steps = "- poll: { request: { surface: hooks, path: /probe }, every: 10ms, back_off: 2 }
  until: { status: 200 }
  budget: 70ms";
    check(vec![Row::steps(
        steps,
        statuses(&[404, 404, 404, 200]),
        statuses(&[404]),
        &[
            "status: expected 200, found 404",
            "note: the poll's budget is spent after 4 requests",
        ],
    )]);
}

#[test]
pub(super) fn a_poll_asks_on_when_an_answer_is_lost_and_cannot_tell_when_all_are() {
    let recovers = Play::Connections(vec![Turn::HangsUp, Turn::HangsUp, Turn::Says(bytes("200 OK"))]);
    check(vec![
        Row::steps(
            POLL,
            recovers,
            on_every_connection(Turn::HangsUp),
            &[LOST, "note: the poll's budget is spent after 4 requests"],
        )
        .inconclusive(),
    ]);
}

#[test]
pub(super) fn a_poll_for_an_execution_asks_as_it_is_written() {
    let row = |poll: &str, pattern: &str| {
        let steps = format!(
            "- poll: {{ {poll}, every: 10ms }}\n  until: {{ body: {{ pattern: '{pattern}' }} }}\n  budget: 30ms"
        );
        let told: &[&str] = &[
            "body: expected a text that matches *",
            "note: the poll's budget is spent after 4 requests",
        ];
        let echoes = on_every_connection(Turn::Echoes);
        Row::steps(&steps, echoes, Play::Answers(vec![says("nothing came")]), told)
    };
    check(vec![
        row(
            "execution: abc, token: { value: t }",
            r"(?is)^GET /public/v1alpha/executions/abc HTTP.*Authorization: Bearer t\r\n",
        ),
        row(
            "retrieve: { execution: abc, token: missing, query: { a: b } }",
            r"^GET /public/v1alpha/executions/abc\?a=b HTTP",
        ),
    ]);
}

#[test]
pub(super) fn a_poll_that_waits_for_something_in_the_body_reads_it() {
    let steps = "- poll: { request: { surface: hooks, path: /probe }, every: 10ms }
  until: { json: { $.status: SUCCESS } }
  stop_when: { json: { $.status: { any_of: [FAILED, STOPPED] } } }
  budget: 30ms";
    let answers = |words: &[&str]| {
        let answers = words.iter().map(|word| says(&format!("{{\"status\":\"{word}\"}}")));
        Play::Answers(answers.collect())
    };
    check(vec![Row::steps(
        steps,
        answers(&["QUEUED", "RUNNING", "SUCCESS"]),
        answers(&["QUEUED", "STOPPED", "SUCCESS"]),
        &[
            "body at $.status: expected \"SUCCESS\", found \"STOPPED\"",
            "note: the poll became hopeless after 2 requests",
        ],
    )]);
}
