//! Connections that end early, halfway, or with something that is no HTTP.

use super::{Row, check};
use crate::bench::{judge, judge_at};
use crate::servers::{Play, Turn, always, answer, bytes, nobody, on_every_connection, statuses};
use torq_conformance::verdict::Verdict;

const TOO_LARGE: &str = "- request:
    surface: hooks
    method: POST
    path: /probe
    generated: { bytes: limits.payload + 1 }
  expect: { status: 413, body: \"\" }";

const TOO_LARGE_IN_CHUNKS: &str = "- request:
    surface: hooks
    method: POST
    path: /probe
    generated: { bytes: limits.payload + 1, framing: chunked }
  expect: { status: 413, body: \"\" }";

fn interrupts(status: &str) -> Play {
    on_every_connection(Turn::Interrupts(bytes(status)))
}

#[test]
pub(super) fn too_large_and_accepted_and_closed_before_an_answer_are_three_observations() {
    let says: &[&str] = &["status: expected 413, found 200"];
    check(vec![
        Row::steps(TOO_LARGE, interrupts("413 Payload Too Large"), statuses(&[200]), says),
        Row::steps(
            TOO_LARGE_IN_CHUNKS,
            interrupts("413 Payload Too Large"),
            statuses(&[200]),
            says,
        ),
        Row::steps(TOO_LARGE, statuses(&[413]), interrupts("200 OK"), says),
    ]);
    let lost: &[&str] = &["could not tell: the connection closed before an answer: *"];
    for steps in [TOO_LARGE, TOO_LARGE_IN_CHUNKS] {
        let hangs_up = on_every_connection(Turn::HangsUp);
        check(vec![Row::steps(steps, statuses(&[413]), hangs_up, lost).inconclusive()]);
    }
}

#[test]
pub(super) fn an_answer_that_never_comes_or_ends_halfway_cannot_be_judged() {
    let lost: &[&str] = &["could not tell: the connection closed before an answer: *"];
    let right = || always(answer(200));
    let half_body = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":";
    let half_head = "HTTP/1.1 200 OK\r\nContent-Le";
    let half_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nabc";
    for wrong in [half_body, half_head, half_chunk] {
        let wrong = on_every_connection(Turn::Says(wrong.to_owned()));
        check(vec![Row::of("status: 200", right(), wrong, lost).inconclusive()]);
    }
    let hangs_up = on_every_connection(Turn::HangsUp);
    check(vec![Row::of("status: 200", right(), hangs_up, lost).inconclusive()]);
}

#[test]
pub(super) fn an_answer_that_begins_and_does_not_end_may_be_the_networks_fault() {
    let stalls = |beginning: &str| on_every_connection(Turn::Stalls(beginning.to_owned()));
    let by_both_carriers = [
        "- request: { surface: hooks, path: /probe }\n  patience: 300ms\n  expect: { status: 200 }",
        "- raw: { surface: hooks, text: \"GET / HTTP/1.1\\r\\n\\r\\n\" }\n  patience: 300ms\n  expect: { status: 200 }",
    ];
    for steps in by_both_carriers {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":";
        let unfinished: &[&str] = &["could not tell: the answer began after *"];
        let right = always(answer(200));
        check(vec![Row::steps(steps, right, stalls(half), unfinished).inconclusive()]);
        let nothing: &[&str] = &["answer: expected an answer in the time allowed, found no answer"];
        check(vec![Row::steps(steps, always(answer(200)), stalls(""), nothing)]);
    }
}

#[test]
pub(super) fn an_answer_that_is_no_http_is_a_difference() {
    let garbage = [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "\0\u{1}\u{2}garbage\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
    ];
    let raw = "- raw: { surface: hooks, text: \"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\" }\n  expect: { status: 200 }";
    for wrong in garbage {
        let wrong = || on_every_connection(Turn::Says(wrong.to_owned()));
        let says: &[&str] = &["answer: expected an HTTP answer, found what came is no HTTP answer: *"];
        let right = || always(answer(200));
        check(vec![
            Row::steps(raw, right(), wrong(), says),
            Row::of("status: 200", right(), wrong(), says),
        ]);
    }
}

#[test]
pub(super) fn raw_bytes_reach_the_server_as_they_are_written() {
    let steps = "- raw: { surface: hooks, text: \"get  /x HTTP/1.1\\r\\nhost:x\\r\\nX-Note:\\ta \\r\\n\\r\\n\" }\n  expect: { status: 200 }";
    check(vec![Row::steps(
        steps,
        on_every_connection(Turn::Wants("get  /x HTTP/1.1\r\nhost:x\r\nX-Note:\ta \r\n\r\n")),
        on_every_connection(Turn::Wants("GET  /x HTTP/1.1\r\nhost:x\r\nX-Note:\ta \r\n\r\n")),
        &["status: expected 200, found 400"],
    )]);
}

#[test]
pub(super) fn a_closed_write_side_is_seen_by_the_server() {
    let raw = |half_close: &str| {
        format!(
            "- raw: {{ surface: hooks, text: \"GET / HTTP/1.1\\r\\n\"{half_close} }}\n  patience: 500ms\n  expect: {{ status: 400, body: \"\" }}"
        )
    };
    // It reads until the head is complete, or nothing more can come.
    let patient = || on_every_connection(Turn::Says(bytes("400 Bad Request")));
    check(vec![
        Row::steps(
            &raw(", half_close: true"),
            patient(),
            on_every_connection(Turn::HangsUp),
            &["could not tell: the connection closed before an answer: *"],
        )
        .inconclusive(),
    ]);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let seen = runtime.expect("a runtime starts").block_on(judge(&raw(""), patient()));
    assert_eq!(
        seen.sentences,
        ["answer: expected an answer in the time allowed, found no answer"]
    );
}

#[tokio::test]
pub(super) async fn a_server_that_is_not_there_cannot_be_judged() {
    let (_port, url) = nobody();
    let steps = "- request: { surface: hooks, path: /probe }\n  expect: { status: 200 }";
    let seen = judge_at(steps, &url).await;
    assert_eq!(seen.verdict, Verdict::Inconclusive);
    assert!(
        seen.sentences[0].starts_with("could not tell: no connection: "),
        "{:?}",
        seen.sentences
    );
}

#[tokio::test]
pub(super) async fn what_an_open_question_comes_to_is_a_fact_and_no_difference() {
    let steps = "- request: { surface: hooks, path: /probe }
  observe:
    probe-status: { choices: { fine: { status: 200 }, gone: { status: 410 } } }
    probe-code: { value: { status: true } }";
    for (status, word) in [(200, "fine"), (410, "gone"), (500, "other (status 500)")] {
        let seen = judge(steps, statuses(&[status])).await;
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            seen.facts,
            [fact("probe-status", word), fact("probe-code", &status.to_string())]
        );
        assert_eq!(seen.verdict, Verdict::Recorded);
    }
}
