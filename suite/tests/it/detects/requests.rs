//! Whatever a request can be made of reaches the server, and as it was written.

use super::{Row, check};
use crate::servers::{Turn, always, on_every_connection, says};

/// A request whose text, as it came, has to match.
fn row(request: &str, pattern: &str) -> Row {
    let steps = format!(
        "- request: {{ surface: hooks, path: /probe, {request} }}\n  expect: {{ body: {{ pattern: '{pattern}' }} }}"
    );
    let echoes = on_every_connection(Turn::Echoes);
    Row::steps(
        &steps,
        echoes,
        always(says("nothing came")),
        &["body: expected a text that matches *"],
    )
}

#[test]
pub(super) fn methods_paths_queries_and_headers_arrive_as_they_are_written() {
    check(vec![
        row("method: GET", r"^GET /probe HTTP/1\.1\r\n"),
        row("method: OPTIONS", r"^OPTIONS /probe HTTP/1\.1\r\n"),
        row("method: \"odd-one!\"", r"^odd-one! /probe HTTP/1\.1\r\n"),
        row(
            "query: { a: b c, d: [1, \"&\"] }",
            r"^GET /probe\?a=b\+c&d=1&d=%26 HTTP",
        ),
        row("headers: { X-Note: a }", r"(?i)\r\nX-Note: a\r\n"),
        row("headers: { x-nOTE: [b, a] }", r"\r\nx-nOTE: b\r\nx-nOTE: a\r\n"),
        row("headers: { Accept: text/html }", r"(?i)\r\nAccept: text/html\r\n"),
        row("basic: { id: a, secret: b }", r"(?i)\r\nAuthorization: Basic YTpi\r\n"),
        row("token: { value: abc }", r"(?i)\r\nAuthorization: Bearer abc\r\n"),
    ]);
}

#[test]
pub(super) fn a_retrieval_arrives_as_it_is_written() {
    let row = |retrieve: &str, pattern: &str| {
        let steps =
            format!("- retrieve: {{ execution: abc, {retrieve} }}\n  expect: {{ body: {{ pattern: '{pattern}' }} }}");
        let echoes = on_every_connection(Turn::Echoes);
        let says = says("nothing came");
        Row::steps(&steps, echoes, always(says), &["body: expected a text that matches *"])
    };
    check(vec![
        row(
            "token: { value: t }",
            r"(?is)^GET /public/v1alpha/executions/abc HTTP/1\.1\r\n.*Authorization: Bearer t\r\n",
        ),
        row(
            "token: missing, method: POST",
            r"^POST /public/v1alpha/executions/abc HTTP",
        ),
        row(
            "token: missing, path_suffix: /",
            r"^GET /public/v1alpha/executions/abc/ HTTP",
        ),
        row("token: missing, query: { a: b }", r"/executions/abc\?a=b HTTP"),
        row("token: missing, headers: { X-Note: a }", r"(?i)\r\nX-Note: a\r\n"),
    ]);
}

#[test]
pub(super) fn bodies_arrive_with_their_type_and_their_length() {
    let row = |body: &str, pattern: &str| row(&format!("method: POST, {body}"), pattern);
    check(vec![
        row(
            "json: { a: [1, \"b\"] }",
            r#"(?is)\r\nContent-Type: application/json\r\n.*\r\n\r\n\{"a":\[1,"b"\]\}$"#,
        ),
        row(
            "form: { a: \"1 2\", b: \"=\" }",
            r"(?is)Content-Type: application/x-www-form-urlencoded\r\n.*\r\n\r\na=1\+2&b=%3D$",
        ),
        row("xml: <a/>", r"(?is)Content-Type: application/xml\r\n.*\r\n\r\n<a/>$"),
        row(
            "text: hello",
            r"(?is)Content-Type: text/plain\r\n.*Content-Length: 5\r\n.*hello$",
        ),
        row("empty: true", r"(?i)Content-Length: 0\r\n"),
        row("text: hello, content_type: text/odd", r"(?i)Content-Type: text/odd\r\n"),
        row(
            "generated: { bytes: 40, event: { a: 1 } }",
            r#"(?is)Content-Length: 40\r\n.*\{"a":1,"padding":"x{20}"\}$"#,
        ),
        row(
            "generated: { bytes: 40, framing: chunked, event: { a: 1 } }",
            r#"(?is)Transfer-Encoding: chunked\r\n.*\r\n28\r\n\{"a":1,"padding":"x{20}"\}\r\n0\r\n\r\n$"#,
        ),
    ]);
}

#[test]
pub(super) fn what_is_left_out_does_not_arrive() {
    let row = |request: &str, pattern: &str| {
        let steps = format!(
            "- request: {{ surface: hooks, path: /probe, method: POST, {request} }}\n  expect: {{ body: {{ not: {{ pattern: '{pattern}' }} }} }}"
        );
        let wrong = "Content-Type: text/plain Content-Length: 0 Authorization: Bearer";
        Row::steps(
            &steps,
            on_every_connection(Turn::Echoes),
            always(says(wrong)),
            &["body: expected anything but *"],
        )
    };
    check(vec![
        row("text: hello, content_type: null", "(?i)Content-Type:"),
        row("text: hello, headers: { Content-Type: null }", "(?i)Content-Type:"),
        row("empty: true", "(?i)Content-Type:"),
        row("token: missing", "(?i)Authorization:"),
    ]);
}
