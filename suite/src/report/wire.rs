//! Requests and answers as text for people: headers without noise, bodies shortened, a command that sends it again.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use crate::evidence::{Body, Exchange};

/// The name that stands for a secret: `[main.operator.secret]`, `[guarded.X-Torq-Token, prefix]`, `[bearer token]`.
static STAND_IN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[(?:bearer token(?: \d+)?|[A-Za-z][\w-]*\.[\w.-]*[\w-](?:, [a-z-]+)?)\]").expect("it is a pattern")
});

/// The longest body excerpt, in characters.
const EXCERPT: usize = 400;
/// The longest beginning of a body that was sent: its differences are told above it.
const BEGINNING: usize = 160;
/// How much of it stands before what a reader has to see.
const BEFORE: usize = 120;

/// Headers that say nothing about a difference: every client adds them.
const USUAL_OF_REQUESTS: [&str; 5] = ["host", "content-length", "user-agent", "accept", "connection"];
/// Headers that say nothing about a difference: every server adds them.
const USUAL_OF_ANSWERS: [&str; 4] = ["date", "content-length", "connection", "server"];

/// A command that sends a request again.
pub(super) struct Again {
    /// The command.
    pub(super) line: String,
    /// What to know about it.
    pub(super) remark: Option<String>,
}

pub(super) fn headers_of_request(headers: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
    without(headers, &USUAL_OF_REQUESTS)
}

pub(super) fn headers_of_answer(headers: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
    without(headers, &USUAL_OF_ANSWERS)
}

fn without<'h>(
    headers: &'h [(String, String)],
    usual: &'static [&'static str],
) -> impl Iterator<Item = &'h (String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !usual.iter().any(|usual| name.eq_ignore_ascii_case(usual)))
}

/// A body, shortened around `focus`, with its size when something is left out.
pub(super) fn excerpt(body: &Body, focus: Option<&str>) -> String {
    let text = &body.text;
    let found = focus.and_then(|focus| text.find(focus)).unwrap_or_default();
    let found = text[..found].chars().count();
    shortened(body, (found.saturating_sub(BEFORE), EXCERPT))
}

/// How a body begins, with its size when that is not all.
pub(super) fn beginning(body: &Body) -> String {
    shortened(body, (0, BEGINNING))
}

/// At most `most` characters of a body that has more than that, from `start` on.
fn shortened(body: &Body, (start, most): (usize, usize)) -> String {
    let text = &body.text;
    let characters = text.chars().count();
    if characters <= most && body.is_whole() {
        return text.clone();
    }
    let shown: String = text.chars().skip(start).take(most).collect();
    let left_out_before = if start > 0 { "…" } else { "" };
    let left_out_after = if start + most < characters || !body.is_whole() {
        "…"
    } else {
        ""
    };
    format!("{left_out_before}{shown}{left_out_after} ({} bytes)", body.size)
}

/// The command that sends one of `count` requests again.
pub(super) fn again(exchange: &Exchange, count: usize) -> Again {
    let request = &exchange.request;
    let (line, mut remarks) = if request.method == "raw" {
        (raw_line(exchange), Vec::new())
    } else {
        curl_line(exchange)
    };
    if STAND_IN.is_match(&line) {
        remarks.push("with what the brackets name put in their place".to_owned());
    }
    if count > 1 {
        remarks.push(format!("{count} times"));
    }
    Again {
        line,
        remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
    }
}

fn raw_line(exchange: &Exchange) -> String {
    let text = &exchange.request.body.text;
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\r' => escaped.push_str(r"\r"),
            '\n' => escaped.push_str(r"\n"),
            '\t' => escaped.push_str(r"\t"),
            '\\' => escaped.push_str(r"\\"),
            '%' => escaped.push_str("%%"),
            other => escaped.push(other),
        }
    }
    let url = &exchange.request.url;
    let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host).replace(':', " ");
    format!("printf {} | nc {host}", quoted(&escaped))
}

/// The line, and what to know about it.
fn curl_line(exchange: &Exchange) -> (String, Vec<String>) {
    let request = &exchange.request;
    let mut remarks = Vec::new();
    let mut line = format!("curl -i -X {} {}", request.method, quoted(&request.url));
    let given = |wanted: &str| {
        request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    };
    for (name, value) in &request.headers {
        if name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("host") {
            continue;
        }
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    let body = &request.body;
    if body.size == 0 {
        return (line, remarks);
    }
    if !given("content-type") {
        // Without it curl would say that it sends a form.
        line.push_str(" -H 'Content-Type:'");
    }
    if body.is_whole() && body.text.chars().count() <= EXCERPT {
        let _ = write!(line, " --data-binary {}", quoted(&body.text));
    } else {
        line = format!("head -c {} /dev/zero | tr '\\0' x | {line} --data-binary @-", body.size);
        remarks.push("as many bytes as were sent, but other ones".to_owned());
    }
    (line, remarks)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
