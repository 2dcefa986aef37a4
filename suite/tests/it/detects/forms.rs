//! Odd forms of answers: those that HTTP allows are read as what they say, those that break off or lie about their length are not.
//!
//! Each by both carriers, the client and the bare socket.

use super::{Row, check};
use crate::servers::{Play, Turn, on_every_connection};

const EXPECTED: &str = "{ status: 200, headers: { X-Note: a }, json: { $.a: 1 } }";

/// The same expectation of a request and of raw bytes.
pub(super) fn by_both_carriers(expect: &str) -> [String; 2] {
    [
        format!("- request: {{ surface: hooks, path: /probe }}\n  patience: 5s\n  expect: {expect}"),
        format!(
            "- raw: {{ surface: hooks, text: \"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\" }}\n  patience: 5s\n  expect: {expect}"
        ),
    ]
}

pub(super) fn says(answer: &str) -> Play {
    on_every_connection(Turn::Says(answer.to_owned()))
}

/// Whatever its form, a right answer passes, and the same form with another value in it differs.
#[track_caller]
pub(super) fn check_form(right: &str, play: fn(&str) -> Play) {
    let wrong = right.replace("{\"a\":1}", "{\"a\":2}");
    assert_ne!(wrong, right);
    let rows = by_both_carriers(EXPECTED).map(|steps| {
        let differs: &[&str] = &["body at $.a: expected 1, found 2"];
        Row::steps(&steps, play(right), play(&wrong), differs)
    });
    check(rows.into());
}

#[test]
pub(super) fn an_answer_that_ends_with_the_connection_is_whole() {
    check_form("HTTP/1.0 200 OK\r\nX-Note: a\r\n\r\n{\"a\":1}", says);
    check_form(
        "HTTP/1.0 200 OK\r\nX-Note: a\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        says,
    );
    check_form(
        "HTTP/1.1 200 OK\r\nX-Note: a\r\nConnection: close\r\n\r\n{\"a\":1}",
        says,
    );
}

#[test]
pub(super) fn a_status_needs_no_words_and_may_have_any() {
    let answer = "X-Note: a\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
    for line in [
        "HTTP/1.1 200 ",
        "HTTP/1.1 200",
        "HTTP/1.1 200 Not Found",
        "HTTP/1.1 200 Sehr sch\u{f6}n",
    ] {
        check_form(&format!("{line}\r\n{answer}"), says);
    }
}

#[test]
pub(super) fn headers_are_read_however_they_are_spaced_and_written() {
    for headers in [
        "x-nOTE:a\r\ncontent-LENGTH:7",
        "X-Note: \t a \t\r\nContent-Length:  7 ",
        "X-Empty:\r\nX-Note: a\r\nX-Odd: \u{fc}\r\nContent-Length: 7",
        "!#$%&'*+-.^_`|~: odd\r\nX-Note: a\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 7",
        &format!("X-Long: {}\r\nX-Note: a\r\nContent-Length: 7", "long ".repeat(4000)),
        &format!("{}X-Note: a\r\nContent-Length: 7", "X-Many: one\r\n".repeat(90)),
    ] {
        check_form(&format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n{{\"a\":1}}"), says);
    }
    // A line may end with the second half of its end (RFC 9112, section 2.2).
    check_form("HTTP/1.1 200 OK\nX-Note: a\nContent-Length: 7\n\n{\"a\":1}", says);
}

#[test]
pub(super) fn folded_lines_are_read_as_one() {
    let answer = |fold: &str| {
        says(&format!(
            "HTTP/1.1 200 OK\r\nX-Note: a{fold}\r\nContent-Length: 0\r\n\r\n"
        ))
    };
    let differs: &[&str] = &["header X-Note: expected \"a b\", found \"a c\""];
    for fold in ["\r\n b", "\r\n\t  b", " \r\n b"] {
        let wrong = fold.replace('b', "c");
        let rows = by_both_carriers("{ status: 200, headers: { X-Note: a b } }");
        check(
            rows.map(|it| Row::steps(&it, answer(fold), answer(&wrong), differs))
                .into(),
        );
    }
}

#[test]
pub(super) fn chunks_are_put_together_whatever_comes_with_them() {
    let head = "HTTP/1.1 200 OK\r\nX-Note: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for body in [
        "7\r\n{\"a\":1}\r\n0\r\n\r\n",
        "0007;name=value\r\n{\"a\":1}\r\n000\r\n\r\n",
        "7\r\n{\"a\":1}\r\n0\r\nX-Note: of the trailer\r\n\r\n",
        "c\r\n     {\"a\":1}\r\n3\r\n   \r\n0\r\n\r\n",
    ] {
        check_form(&format!("{head}{body}"), says);
    }
}

#[test]
pub(super) fn interim_answers_are_no_answers() {
    let last = "HTTP/1.1 200 OK\r\nX-Note: a\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nX-Note: early\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
    ] {
        check_form(&format!("{interim}{last}"), says);
    }
}

#[test]
pub(super) fn an_answer_that_comes_in_drops_is_whole_when_it_ends_in_time() {
    let drops = |answer: &str| on_every_connection(Turn::Trickles(answer.to_owned()));
    check_form(
        "HTTP/1.1 200 OK\r\nX-Note: a\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
        drops,
    );
    let chunked = "HTTP/1.1 200 OK\r\nX-Note: a\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n";
    check_form(chunked, drops);
}

#[test]
pub(super) fn what_is_beyond_the_declared_length_is_not_the_answer() {
    let right = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
    let longer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nabc";
    let differs: &[&str] = &["body: expected \"abc\", found \"ab\""];
    check(
        by_both_carriers("{ status: 200, body: abc }")
            .map(|it| Row::steps(&it, says(right), says(longer), differs))
            .into(),
    );
}

#[test]
pub(super) fn a_connection_that_is_reset_says_nothing_about_the_deployment() {
    let right = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
    let lost: &[&str] = &["could not tell: the connection closed before an answer: *"];
    for beginning in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na",
    ] {
        let resets = || on_every_connection(Turn::Resets(beginning.to_owned()));
        let rows =
            by_both_carriers("{ status: 200 }").map(|it| Row::steps(&it, says(right), resets(), lost).inconclusive());
        check(rows.into());
    }
}

#[test]
pub(super) fn lengths_that_are_none_make_no_http_answer() {
    let right = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
    let no_http: &[&str] = &["answer: expected an HTTP answer, found *"];
    for head in [
        "Content-Length: three",
        "Content-Length: -3",
        "Content-Length: +3",
        "Content-Length:",
        "Content-Length: 3\r\nContent-Length: 4",
    ] {
        let wrong = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nabc");
        check(
            by_both_carriers("{ status: 200 }")
                .map(|it| Row::steps(&it, says(right), says(&wrong), no_http))
                .into(),
        );
    }
}
