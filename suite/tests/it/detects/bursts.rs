//! Bursts with the wrong distribution of answers, and limits that are not kept.

use super::{Row, check};
use crate::bench::judge;
use crate::servers::{Play, Turn, answer, bytes, statuses};

fn burst(count: usize, expect: &str) -> String {
    format!(
        "- burst:
    count: {count}
    within: 100ms
    request: {{ surface: hooks, path: /probe }}
  expect: {{ {expect} }}"
    )
}

#[test]
pub(super) fn a_wrong_distribution_of_answers_is_found() {
    let row = |expect: &str, right: &[u16], wrong: &[u16], says| {
        Row::steps(&burst(4, expect), statuses(right), statuses(wrong), says)
    };
    check(vec![
        row(
            "answers: { \"200\": 2 }",
            &[200, 200, 429],
            &[200, 429],
            &["answers of the burst: expected 2 × 200, found 1 × 200"],
        ),
        row(
            "answers: { \"429\": { at_least: 1 } }",
            &[200, 200, 429],
            &[200],
            &["answers of the burst: expected at least 1 × 429, found 0 × 429"],
        ),
        row(
            "answers: { \"200\": { at_least: 1 }, other: 0 }",
            &[200],
            &[200, 500, 503, 200],
            &["answers of the burst: expected 0 with another status, found 2 (1 × 500, 1 × 503)"],
        ),
    ]);
}

#[test]
pub(super) fn lost_answers_excuse_as_many_as_were_lost_and_no_more() {
    let connections = |turns: &[&str]| {
        let turn = |turn: &&str| match *turn {
            "lost" => Turn::HangsUp,
            status => Turn::Says(bytes(status)),
        };
        Play::Connections(turns.iter().map(turn).collect())
    };
    let all = "answers: { \"200\": 4 }";
    let both = "answers: { \"200\": 3, \"429\": 1 }";
    let excused = |expect: &str, wrong: &[&str], says| {
        Row::steps(&burst(4, expect), statuses(&[200]), connections(wrong), says).inconclusive()
    };
    check(vec![excused(
        all,
        &["lost", "200 OK"],
        &[
            "could not tell: the connection closed before an answer: *",
            "could not tell: 3 × 200 arrived and 1 went unanswered, which may have been 4 × 200",
        ],
    )]);
    // One that was lost cannot have been two of these, nor one of each.
    check(vec![
        Row::steps(
            &burst(4, all),
            statuses(&[200]),
            connections(&["lost", "404 Not Found", "200 OK"]),
            &[
                "answers of the burst: expected 4 × 200, found 2 × 200",
                "could not tell: *",
            ],
        ),
        Row::steps(
            &burst(4, both),
            statuses(&[429, 200]),
            connections(&["lost", "404 Not Found", "200 OK"]),
            &[
                "answers of the burst: expected 3 × 200, found 2 × 200",
                "answers of the burst: expected 1 × 429, found 0 × 429",
                "could not tell: *",
            ],
        ),
    ]);
}

#[test]
pub(super) fn each_answer_of_a_status_is_judged() {
    let refusing = |names: [&str; 2]| {
        let refusal = |name: &str| answer(429).append_header(name, "1");
        Play::Answers(vec![answer(200), refusal(names[0]), refusal(names[1])])
    };
    let sequential = "- burst:
    count: 3
    within: 30ms
    concurrency: 1
    request: { surface: hooks, path: /probe }
  expect: { each: { \"429\": { headers: { Retry-After: { pattern: \"^[0-9]+$\" } } } } }";
    check(vec![
        Row::steps(
            sequential,
            refusing(["Retry-After", "Retry-After"]),
            refusing(["Retry-After", "Try-Again"]),
            &["answer 3: header Retry-After: expected a text that matches the pattern ^[0-9]+$, found nothing"],
        ),
        Row::steps(
            &burst(2, "each: { status: 200 }"),
            statuses(&[200]),
            statuses(&[500]),
            &[
                "answer 1: status: expected 200, found 500",
                "answer 2: status: expected 200, found 500",
            ],
        ),
    ]);
}

#[test]
pub(super) fn a_limit_that_is_not_kept_is_found_and_one_that_was_never_reached_is_not_told() {
    let limit = |count| burst(count, "limit: { at_most: 2, per: 10s, refused: 429 }");
    let kept = || statuses(&[200, 200, 429]);
    check(vec![
        Row::steps(
            &limit(6),
            kept(),
            statuses(&[200]),
            &[
                "answers of the burst: expected at most 2 accepted per 10s, found 6 accepted within *",
                "note: 6 accepted, 0 refused in *",
            ],
        ),
        Row::steps(
            &limit(3),
            kept(),
            statuses(&[200]),
            &[
                "could not tell: nothing was refused, and the caller reached only *",
                "note: 3 accepted, 0 refused in *",
            ],
        )
        .inconclusive(),
        Row::steps(
            &limit(3),
            kept(),
            statuses(&[200, 503, 429]),
            &["answer *", "note: 1 accepted, 1 refused in *"],
        ),
    ]);
}

#[test]
pub(super) fn a_burst_of_which_nothing_is_expected_has_to_be_answered() {
    let steps = "- burst: { count: 2, within: 20ms, request: { surface: hooks, path: /probe } }";
    let keeps = Play::Connections(vec![Turn::Keeps]);
    check(vec![Row::steps(
        steps,
        statuses(&[500]),
        keeps,
        &[
            "answer: expected an answer in the time allowed, found no answer",
            "answer: expected an answer in the time allowed, found no answer",
        ],
    )]);
}

#[test]
pub(super) fn a_burst_goes_no_faster_than_it_is_allowed_to() {
    // One at a time, and each is answered when the next one comes: that is never.
    let steps = |concurrency: &str| {
        format!(
            "- burst: {{ count: 2, within: 20ms{concurrency}, request: {{ surface: hooks, path: /probe }} }}
  expect: {{ answers: {{ \"200\": 2 }} }}"
        )
    };
    let next = || {
        let held = Turn::HoldsUntilNext(bytes("200 OK"));
        Play::Connections(vec![held, Turn::Says(bytes("200 OK"))])
    };
    check(vec![Row::steps(
        &steps(""),
        next(),
        statuses(&[404]),
        &["answers of the burst: *"],
    )]);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let one_by_one = steps(", concurrency: 1");
    let seen = runtime.expect("a runtime starts").block_on(judge(&one_by_one, next()));
    assert!(
        seen.sentences.iter().any(|it| it.contains("found no answer")),
        "{:?}",
        seen.sentences
    );
}

#[tokio::test]
pub(super) async fn what_a_burst_shows_of_an_open_question_is_a_fact() {
    let steps = "- burst: { count: 6, within: 60ms, concurrency: 1, request: { surface: hooks, path: /probe } }
  observe:
    probe-choice: { choices: { limited: { answers: { \"429\": { at_least: 1 } } }, free: { answers: { \"200\": 6 } } } }
    probe-limiter: { limiter: { at_most: 2, per: 10s, refused: 429 } }
    probe-last: { value: { status: true } }";
    for (play, expected) in [
        (
            statuses(&[200, 200, 429]),
            ["limited", "sliding-or-fixed-or-bucket", "429"],
        ),
        (statuses(&[200]), ["free", "not-seen", "200"]),
        (statuses(&[200, 429, 200, 429, 200, 429]), ["limited", "other", "429"]),
        (statuses(&[500]), ["other", "not-seen", "500"]),
    ] {
        let seen = judge(steps, play).await;
        let facts: Vec<_> = seen.facts.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(facts, expected);
    }
}
