//! Texts without what differs between any two runs: ids, times, hosts and measured durations.
//!
//! An id becomes the number of its first appearance, so that two ids which were the same before have to be the same after.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Everything fleeting, the longer forms first.
static FLEETING: LazyLock<Regex> = LazyLock::new(|| {
    let patterns = [
        r"(?P<uuid>(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))",
        r"(?P<time>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)?|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b)",
        r"(?P<host>\b127(?:\.\d{1,3}){3}(?::\d+)?|\blocalhost:\d+|\[::1\](?::\d+)?)",
        r"(?P<duration>\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s)\b)",
        r"(?P<token>\b[A-Za-z0-9_]*\d[A-Za-z0-9_]*\b)",
    ];
    Regex::new(&patterns.join("|")).expect("the pattern is written in this file")
});

/// What an id is called that came beside others.
const ANY: &str = "<id>";
/// The least length of a word with a digit in it that is taken for an id.
const ID: usize = 16;
/// The least length of a number that is taken for a time or an id.
const NUMBER: usize = 9;

/// Ids by the order of their first appearance.
#[derive(Debug, Default)]
pub(super) struct References {
    known: BTreeMap<String, String>,
    meeting: Meeting,
}

/// Whether the order in which new ids appear says which is which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Meeting {
    /// It does: one follows the other.
    #[default]
    InOrder,
    /// It does not: they come side by side.
    InAnyOrder,
}

impl References {
    /// Says how ids that have not been seen so far appear from here on.
    pub(super) fn meet(&mut self, meeting: Meeting) {
        self.meeting = meeting;
    }

    /// A text in which everything fleeting is named instead.
    pub(super) fn name(&mut self, text: &str) -> String {
        let replaced = FLEETING.replace_all(text, |it: &Captures<'_>| {
            let whole = &it[0];
            match (it.name("uuid"), it.name("time"), it.name("host"), it.name("duration")) {
                (Some(_), ..) => self.id(whole),
                (_, Some(_), ..) => "<time>".to_owned(),
                (_, _, Some(_), _) => "<host>".to_owned(),
                (_, _, _, Some(_)) => "<duration>".to_owned(),
                _ if whole.len() >= ID => self.id(whole),
                _ if whole.len() >= NUMBER && whole.bytes().all(|it| it.is_ascii_digit()) => "<number>".to_owned(),
                _ => whole.to_owned(),
            }
        });
        replaced.into_owned()
    }

    fn id(&mut self, id: &str) -> String {
        let numbered = self.known.values().filter(|name| *name != ANY).count();
        let name = match self.meeting {
            Meeting::InOrder => format!("<id {}>", numbered + 1),
            Meeting::InAnyOrder => ANY.to_owned(),
        };
        self.known.entry(id.to_ascii_lowercase()).or_insert(name).clone()
    }
}

/// One text by itself.
pub(super) fn lasting(text: &str) -> String {
    References::default().name(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart_and_times_are_not() {
        let (a, b) = (
            "c9a0769f-b8a3-4000-8000-b57c138b5523",
            "0f8b2c1e-1111-4222-8333-444455556666",
        );
        let mut references = References::default();
        for (text, named) in [
            (
                format!("{{\"id\":\"{a}\",\"of\":\"{b}\"}}"),
                "{\"id\":\"<id 1>\",\"of\":\"<id 2>\"}",
            ),
            (format!("{b} then {a}"), "<id 2> then <id 1>"),
            ("at 2026-11-25T19:00:00.123Z".to_owned(), "at <time>"),
            ("Wed, 25 Nov 2026 19:00:00 GMT".to_owned(), "<time>"),
            ("http://127.0.0.1:34567/v1".to_owned(), "http://<host>/v1"),
            ("after 12.5 ms".to_owned(), "after <duration>"),
            ("status 200, 25 of 429".to_owned(), "status 200, 25 of 429"),
            ("1764097200".to_owned(), "<number>"),
            ("request 9f8e7d6c5b4a39281706".to_owned(), "request <id 3>"),
        ] {
            assert_eq!(references.name(&text), named);
        }
    }
}
