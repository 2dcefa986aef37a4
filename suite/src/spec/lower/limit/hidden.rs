//! Limits that hide in what is sent: in events, forms, queries, headers and bytes, under keys that say what a number is.
//!
//! Numbers under other keys are data, whatever they are.

use std::sync::LazyLock;
use std::time::Duration;

use located_yaml::{Node, Problems, parse_duration};
use regex::Regex;

use super::USUAL_PAYLOAD;
use crate::profile::documented;
use crate::spec::lower::Context;

/// Words in the name of a key whose number is a time in seconds.
const OF_TIME: [&str; 6] = ["second", "wait", "delay", "sleep", "timeout", "time_out"];

/// Words in the name of a key whose number is so many per second.
const OF_RATE: [&str; 3] = ["per_second", "rate_limit", "rate-limit"];

/// A key and its number, as JSON, a form, XML or a header writes them.
static PAIR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"([A-Za-z_][\w-]*)"?\s*[:=>]\s*"?(\d+(?:\.\d+)?(?:ms|s|m)?)\b"#).ok());

impl Context<'_> {
    /// Complains about every limit that hides in a value with this name, and in what the value holds.
    pub(in crate::spec::lower) fn refuse_hidden_limits(&mut self, key: &str, node: Node<'_>) {
        let mut unread = Problems::default();
        if node.is_mapping() {
            for (key, node) in node.entries(&mut unread).unwrap_or_default() {
                self.refuse_hidden_limits(key.text, node);
            }
        } else if node.is_sequence() {
            for node in node.items(&mut unread).unwrap_or_default() {
                self.refuse_hidden_limits(key, node);
            }
        } else if let Some(text) = node.scalar_text(&mut unread)
            && let Some((limit, written)) = hidden(key, &text)
        {
            let more = if limit == "limits.sync_timeout" { "20s" } else { "1" };
            let problem = node.problem(format!("`{limit}` hides in `{written}`"));
            self.push(problem.hint(format!(
                "make it from the limit, such as `\"${{{limit} + {more}}}\"`: the next deployment may have another one"
            )));
        }
    }
}

/// The limit that hides in a text with this name, and where.
fn hidden(key: &str, text: &str) -> Option<(&'static str, String)> {
    if let Some(limit) = limit_under(key, text) {
        let named = if key.is_empty() {
            text.to_owned()
        } else {
            format!("{key}: {text}")
        };
        return Some((limit, named));
    }
    let pairs = PAIR.as_ref()?.captures_iter(text);
    let found = pairs.filter_map(|pair| Some((limit_under(&pair[1], &pair[2])?, pair[0].to_owned())));
    found.into_iter().next()
}

fn limit_under(key: &str, text: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| key.contains(word));
    if text
        .parse()
        .is_ok_and(|number: u64| number.abs_diff(USUAL_PAYLOAD) <= 1)
    {
        return Some("limits.payload");
    }
    if says(&OF_RATE) {
        return match text.parse().ok()? {
            documented::EXECUTIONS_PER_SECOND => Some("limits.executions_per_second"),
            documented::API_REQUESTS_PER_SECOND => Some("limits.api_requests_per_second"),
            _ => None,
        };
    }
    let time = says(&OF_TIME).then(|| time(&key, text)).flatten();
    time.is_some_and(is_about_the_timeout).then_some("limits.sync_timeout")
}

fn time(key: &str, text: &str) -> Option<Duration> {
    let number: Option<f64> = text.parse().ok();
    match number {
        Some(number) if key.ends_with("ms") || key.contains("milli") => {
            Duration::try_from_secs_f64(number / 1000.0).ok()
        }
        Some(number) => Duration::try_from_secs_f64(number).ok(),
        None => parse_duration(text).ok(),
    }
}

/// So near the time-out, or so far beyond it, that nothing else can be meant: what lasts hours is about something else.
fn is_about_the_timeout(time: Duration) -> bool {
    const NEAR: Duration = Duration::from_secs(5);
    time >= documented::SYNC_TIMEOUT - NEAR && time <= documented::SYNC_TIMEOUT * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_found_wherever_it_hides() {
        for (key, text, limit) in [
            ("seconds", "50", "limits.sync_timeout"),
            ("seconds", "70", "limits.sync_timeout"),
            ("seconds", "49.999", "limits.sync_timeout"),
            ("wait", "50s", "limits.sync_timeout"),
            ("delay_ms", "50000", "limits.sync_timeout"),
            ("", "{\"seconds\": 60}", "limits.sync_timeout"),
            ("", "note=x&seconds=51", "limits.sync_timeout"),
            ("", "<seconds>50</seconds>", "limits.sync_timeout"),
            ("Content-Length", "1048577", "limits.payload"),
            ("", "POST / HTTP/1.1\r\nContent-Length: 1048576\r\n", "limits.payload"),
            ("runs_per_second", "25", "limits.executions_per_second"),
        ] {
            assert_eq!(hidden(key, text).map(|it| it.0), Some(limit), "{key}: {text}");
        }
    }

    #[test]
    fn other_numbers_are_data() {
        for (key, text) in [
            ("seconds", "3"),
            ("seconds", "30"),
            ("seconds", "86000"),
            ("seconds", "${limits.sync_timeout + 20s}"),
            ("count", "25"),
            ("number", "50"),
            ("page_size", "50"),
            ("X-Note", "50"),
            ("note", "at 50s, or 25 of them"),
            ("", "{\"note\": 50}"),
            ("", "1.0485760"),
        ] {
            assert_eq!(hidden(key, text), None, "{key}: {text}");
        }
    }
}
