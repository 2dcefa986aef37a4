//! Bodies and what frames them: where one ends, where none is, and what is wrong with those that do not do as they say.
//!
//! Each by both carriers, which have to agree.

use super::forms::{by_both_carriers, check_form, says};
use super::{Row, check};
use crate::servers::{Play, Turn, on_every_connection};

const RIGHT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
const IN_CHUNKS: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Whatever is wrong here, it is no HTTP and so the deployment's fault.
#[track_caller]
fn check_no_http(wrong: impl Fn() -> Play) {
    let no_http: &[&str] = &["answer: expected an HTTP answer, found *"];
    let rows = by_both_carriers("{ status: 200, body: abc }");
    check(rows.map(|it| Row::steps(&it, says(RIGHT), wrong(), no_http)).into());
}

#[test]
pub(super) fn chunks_that_are_none_make_no_http_answer() {
    for body in [
        "three\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "4\r\nabc\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n0\r\nno trailer\r\n\r\n",
    ] {
        check_no_http(|| says(&format!("{IN_CHUNKS}{body}")));
    }
}

#[test]
pub(super) fn chunks_that_end_too_early_cannot_be_judged() {
    let lost: &[&str] = &["could not tell: the connection closed before an answer: *"];
    for body in [
        "",
        "3\r\n",
        "3\r\nabc",
        "3\r\nabc\r\n",
        "3\r\nabc\r\n0\r\n",
        "3\r\nabc\r\n0\r\nX-Note: of",
    ] {
        let wrong = format!("{IN_CHUNKS}{body}");
        let rows = by_both_carriers("{ status: 200, body: abc }");
        check(
            rows.map(|it| Row::steps(&it, says(RIGHT), says(&wrong), lost).inconclusive())
                .into(),
        );
    }
}

#[test]
pub(super) fn chunks_take_precedence_over_a_length_and_are_known_by_any_spelling() {
    for headers in [
        "Content-Length: 99\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 1",
        "TRANSFER-ENCODING: Chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    ] {
        check_form(
            &format!("HTTP/1.1 200 OK\r\nX-Note: a\r\n{headers}\r\n\r\n7\r\n{{\"a\":1}}\r\n0\r\n\r\n"),
            says,
        );
    }
    check_no_http(|| says("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
}

#[test]
pub(super) fn a_length_may_be_said_twice_if_it_is_the_same() {
    for headers in ["Content-Length: 7\r\nContent-Length: 7", "Content-Length: 7, 7"] {
        check_form(
            &format!("HTTP/1.1 200 OK\r\nX-Note: a\r\n{headers}\r\n\r\n{{\"a\":1}}"),
            says,
        );
    }
}

#[test]
pub(super) fn nobody_waits_for_the_body_of_an_answer_that_has_none() {
    let stays_open = |answer: &str| on_every_connection(Turn::Stalls(answer.to_owned()));
    for (status, line) in [
        (204, "204 No Content"),
        (304, "304 Not Modified"),
        (101, "101 Switching Protocols"),
    ] {
        let answer = format!("HTTP/1.1 {line}\r\nContent-Length: 7\r\n\r\n");
        let differs: &'static [&'static str] = match status {
            204 => &["status: expected 204, found 200", "body: expected \"\", found \"abc\""],
            304 => &["status: expected 304, found 200", "body: expected \"\", found \"abc\""],
            _ => &["status: expected 101, found 200", "body: expected \"\", found \"abc\""],
        };
        let rows = by_both_carriers(&format!("{{ status: {status}, body: \"\" }}"));
        check(
            rows.map(|it| Row::steps(&it, stays_open(&answer), says(RIGHT), differs))
                .into(),
        );
    }
    let head = "- request: { surface: hooks, path: /probe, method: HEAD }\n  expect: { status: 200, body: \"\" }";
    let answer = |line: &str| stays_open(&format!("HTTP/1.1 {line}\r\nContent-Length: 7\r\n\r\n"));
    check(vec![Row::steps(
        head,
        answer("200 OK"),
        answer("404 Not Found"),
        &["status: expected 200, found 404"],
    )]);
}

#[test]
pub(super) fn an_answer_without_an_end_is_none() {
    let floods = |beginning: &str, more: &'static str| on_every_connection(Turn::Floods(beginning.to_owned(), more));
    for (beginning, more) in [
        // A head, a body to the end of the connection, one in chunks, and one of a length that nobody reads.
        ("HTTP/1.1 200 OK\r\n", "X-Note: and so on\r\n"),
        ("HTTP/1.1 200 OK\r\nX-Note: ", "and so on "),
        ("HTTP/1.1 200 OK\r\n\r\n", "and so on "),
        (IN_CHUNKS, "a\r\nand so on \r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", "and so on "),
    ] {
        check_no_http(|| floods(beginning, more));
    }
}
