//! What a recording does not have: secrets, of which only the names are kept, and the rest of long bodies.
//!
//! Says where something is missing and what would have to read it; decides nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bytes::Bytes;
use regex::Regex;

use crate::attempt::{Answer, Exchange, Outcome};
use crate::check::{Mismatch, Part};
use crate::spec::model::{Expectation, Extract, FactSource, Step};

/// The name of a secret in brackets, as it is written where the secret was.
static MARK: LazyLock<Regex> = LazyLock::new(|| {
    let names = r"bearer token(?: \d+)?|[A-Za-z0-9_-]+\.[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*";
    Regex::new(&format!(r"\[(?:{names})\]")).expect("the pattern is written in this file")
});

/// Every name of a secret that stands in an answer.
pub(super) fn marks<'e>(exchanges: impl Iterator<Item = &'e Exchange>) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut look = |text: &str| found.extend(MARK.find_iter(text).map(|it| it.as_str().to_owned()));
    for answer in exchanges.filter_map(Exchange::answer) {
        answer.headers.iter().for_each(|(_, value)| look(value));
        look(&answer.body.text());
    }
    found.into_iter().collect()
}

/// An exchange with other texts in its answer.
pub(super) fn with_texts(exchange: &Exchange, replace: impl Fn(&str) -> String) -> Exchange {
    let mut exchange = exchange.clone();
    if let Outcome::Answered(Answer { headers, body, .. }) = &mut exchange.outcome {
        for (_, value) in headers {
            *value = replace(value);
        }
        // What is no UTF-8 holds no name that was written into it as text and is left as it is.
        if let Ok(text) = std::str::from_utf8(&body.kept) {
            body.kept = Bytes::from(replace(text));
        }
    }
    exchange
}

/// How much of the first body is there of which the rest is missing: bytes kept, and bytes in all.
pub(super) fn missing_rest(exchanges: &[Exchange]) -> Option<(usize, u64)> {
    let mut bodies = exchanges.iter().filter_map(Exchange::answer).map(|answer| &answer.body);
    let capped = bodies.find(|body| body.digest.is_some())?;
    Some((capped.kept.len(), capped.size))
}

/// Whether judging a step reads bodies.
pub(super) fn reads_bodies(step: &Step) -> bool {
    let of_facts = step.observe.iter().any(|fact| match &fact.source {
        FactSource::Choices(choices) => choices.iter().any(|(_, it)| expects_of_bodies(it)),
        FactSource::Value(extract) => takes_from_body(extract),
        FactSource::Limiter(_) => false,
    });
    let captured = step.capture.iter().any(|it| takes_from_body(&it.extract));
    of_facts || captured || step.expect.as_ref().is_some_and(expects_of_bodies)
}

/// Whether an expectation says something of a body.
pub(super) fn expects_of_bodies(expectation: &Expectation) -> bool {
    let inner = expectation.any_of.iter().chain(expectation.not.as_deref());
    let each = expectation.each.iter().map(|(_, it)| it);
    expectation.body.is_some() || !expectation.json.is_empty() || inner.chain(each).any(expects_of_bodies)
}

const fn takes_from_body(extract: &Extract) -> bool {
    match extract {
        Extract::FirstUuid | Extract::Json(_) | Extract::Body(_) | Extract::Keys(_) => true,
        Extract::Header(_) | Extract::Status => false,
    }
}

/// Whether a difference is one whatever the rest of a body may say.
pub(super) fn stands_without_bodies(step: &Step, mismatch: &Mismatch) -> bool {
    // A choice between expectations may have gone by the body.
    let is_plain = step
        .expect
        .as_ref()
        .is_none_or(|it| it.any_of.is_empty() && it.not.is_none());
    is_plain && !is_about_a_body(&mismatch.part)
}

fn is_about_a_body(part: &Part) -> bool {
    match part {
        Part::Body | Part::Json(_) | Part::Capture(_) => true,
        Part::Nth(_, inner) => is_about_a_body(inner),
        Part::Status | Part::Header(_) | Part::Time | Part::Burst | Part::Answer => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_other_brackets() {
        for (text, found) in [
            ("X-Token: [secured.X-Torq-Token]", &["[secured.X-Torq-Token]"][..]),
            (r#"{"a":"[main.operator.secret]"}"#, &["[main.operator.secret]"]),
            (
                "Bearer [bearer token] [bearer token 2]",
                &["[bearer token]", "[bearer token 2]"],
            ),
            (r#"[1.5,"a.b",[2.25]]"#, &[]),
            ("[true] [null] [bearer] [http://a.b]", &[]),
        ] {
            let marks: Vec<_> = MARK.find_iter(text).map(|it| it.as_str()).collect();
            assert_eq!(marks, found, "{text}");
        }
    }
}
