//! What may not enter the journal: secrets, wherever a caller put them.
//!
//! Only takes away. What is left of a request is the entry's business.

use std::collections::HashSet;

use http::HeaderName;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST,
    PROXY_AUTHORIZATION, TRANSFER_ENCODING, USER_AGENT,
};

use serde_json::Value;
use spellings::Escaped;

use crate::catalog::Catalog;
use crate::rejection::Rejection;
use crate::route::Endpoint;
use crate::tokens;

/// What stands where a secret stood.
pub(crate) const REDACTED: &str = "[redacted]";

/// Shorter spellings than this are found where nobody put a secret.
const SHORTEST: usize = 8;

/// Parts of the names that headers with credentials have, whoever made them up.
const SECRET_BY_NAME: [&str; 5] = ["token", "secret", "password", "api-key", "apikey"];

/// Fields of a request for a token whose values are secrets, those of strangers included.
const SECRET_FIELDS: [&[u8]; 2] = [b"client_secret", b"password"];

/// Knows a sandbox's secrets, and finds them.
#[derive(Debug)]
pub(crate) struct Redaction {
    /// Headers whose value is a secret by their name.
    names: HashSet<HeaderName>,
    /// Every secret as it is, in hex and in Base64, for values under any other name; sorted.
    secrets: Vec<Vec<u8>>,
    /// The same with any of their characters escaped.
    escaped: Escaped,
    /// For every pair of bytes the place after the last of the spellings that begin with it, and 0 when none does, so that a
    /// search reads its text once, whatever the number of secrets.
    beginnings: Vec<u32>,
}

impl Redaction {
    /// The secrets of a catalog, and every token.
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let integrations = catalog.integrations();
        let headers = integrations.iter().flat_map(|integration| &integration.headers);
        let signatures = integrations
            .iter()
            .filter_map(|integration| integration.signature.as_ref());
        let clients = catalog.workspaces().iter().flat_map(|workspace| &workspace.clients);
        let secrets = headers
            .clone()
            .flat_map(|header| std::iter::once(&header.secret).chain(&header.previous))
            .chain(signatures.flat_map(|scheme| std::iter::once(&scheme.secret).chain(&scheme.previous)))
            .chain(clients.map(|client| &client.secret));
        let names = headers
            .map(|header| header.name.clone())
            .chain([AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE]);
        let secrets = secrets.map(|secret| secret.expose()).chain([tokens::MARK]);
        Self::new(names.collect(), secrets.map(Into::into).collect())
    }

    /// Secrets of a single byte are not searched for: they would be found everywhere.
    fn new(names: HashSet<HeaderName>, mut secrets: Vec<Vec<u8>>) -> Self {
        secrets.retain(|secret| secret.len() > 1);
        let long = |spelling: &String| spelling.len() >= SHORTEST;
        let base64 = secrets
            .iter()
            .flat_map(|secret| spellings::in_base64(secret))
            .filter(long);
        let texts = secrets
            .iter()
            .filter_map(|secret| String::from_utf8(secret.clone()).ok());
        let escaped = Escaped::of(texts.chain(base64).map(|text| (text, 0)));
        let fixed: Vec<_> = secrets
            .iter()
            .flat_map(|secret| spellings::fixed(secret))
            .filter(long)
            .collect();
        secrets.extend(fixed.into_iter().map(String::into_bytes));
        secrets.sort();
        secrets.dedup();
        let mut beginnings = vec![0; 1 << 16];
        for (place, secret) in (1..).zip(&secrets) {
            beginnings[beginning(secret[0], secret[1])] = place;
        }
        Self {
            names,
            secrets,
            escaped,
            beginnings,
        }
    }

    /// A header's value as it may be kept. Of credentials their scheme stays: `Bearer [redacted]`.
    pub(crate) fn header<'a>(&self, name: &HeaderName, value: &'a [u8]) -> Kept<'a> {
        if is_never_secret(name) {
            Kept::AsItIs(value)
        } else if self.names.contains(name) {
            let scheme = value
                .split(|byte| *byte == b' ')
                .next()
                .filter(|scheme| scheme.len() < value.len());
            match scheme {
                Some(scheme) if *name == AUTHORIZATION || *name == PROXY_AUTHORIZATION => Kept::SchemeOnly(scheme),
                Some(_) | None => Kept::Nothing,
            }
        } else if is_secret_by_name(name) || self.is_in(value) {
            Kept::Nothing
        } else {
            Kept::AsItIs(value)
        }
    }

    /// Whether a body may not be kept: there is a secret in it, or it asks for a token with one that nobody here knows.
    pub(crate) fn hides_body(&self, endpoint: Endpoint, body: &[u8]) -> bool {
        let has_field = |field: &[u8]| body.windows(field.len()).any(|part| part == field);
        self.is_in(body) || endpoint == Endpoint::Token && SECRET_FIELDS.into_iter().any(has_field)
    }

    /// A part of a request target as it may be kept.
    pub(crate) fn target<'a>(&self, part: &'a str) -> &'a str {
        if self.is_in(part.as_bytes()) { REDACTED } else { part }
    }

    /// A refusal as it may be kept: what it says of the request can be a secret in the wrong place.
    pub(crate) fn rejection(&self, mut rejection: Rejection) -> Rejection {
        if self.is_in(rejection.reason.as_bytes()) {
            rejection.reason = REDACTED.into();
        }
        if let Some(comparison) = &mut rejection.comparison {
            for side in [&mut comparison.expected, &mut comparison.received] {
                if self.is_in(side.as_bytes()) {
                    REDACTED.clone_into(side);
                }
            }
        }
        if let Some(advice) = &mut rejection.advice
            && self.is_in(advice.hint.as_bytes())
        {
            REDACTED.clone_into(&mut advice.hint);
        }
        rejection
    }

    /// A JSON value as it may be shown: an event, in which secrets can stand anywhere, and headers in raw mode.
    pub(crate) fn json(&self, value: Value) -> Value {
        match value {
            Value::String(text) if self.is_in(text.as_bytes()) => Value::from(REDACTED),
            Value::Array(items) => items.into_iter().map(|item| self.json(item)).collect(),
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, member)| {
                    let shown = self.member(&name, member);
                    let name = if self.is_in(name.as_bytes()) {
                        REDACTED.to_owned()
                    } else {
                        name
                    };
                    (name, shown)
                });
                Value::Object(members.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
        }
    }

    fn member(&self, name: &str, value: Value) -> Value {
        let is_secret = HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| self.names.contains(&name));
        if is_secret && (value.is_array() || value.is_string()) {
            Value::from(REDACTED)
        } else {
            self.json(value)
        }
    }

    /// True when there is a secret in some bytes, in whatever spelling.
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        self.is_in_unescaped(bytes) || self.escaped.is_in(bytes)
    }

    fn is_in_unescaped(&self, bytes: &[u8]) -> bool {
        bytes.windows(2).enumerate().any(|(at, pair)| {
            let after = self.beginnings[beginning(pair[0], pair[1])] as usize;
            let same = self.secrets[..after].iter().rev();
            let mut same = same.take_while(|secret| secret.starts_with(pair));
            same.any(|secret| bytes[at..].starts_with(secret))
        })
    }
}

fn beginning(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// What may be kept of a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept<'a> {
    /// All of it.
    AsItIs(&'a [u8]),
    /// The scheme of credentials, and that there were some.
    SchemeOnly(&'a [u8]),
    /// That there was a value.
    Nothing,
}

/// Headers by whose name their value is a secret, whether or not it is one of this sandbox.
fn is_secret_by_name(name: &HeaderName) -> bool {
    SECRET_BY_NAME.iter().any(|part| name.as_str().contains(part))
}

/// Headers that every client sends and none puts a secret in; spares the search of each request's usual headers.
fn is_never_secret(name: &HeaderName) -> bool {
    [
        HOST,
        CONTENT_TYPE,
        CONTENT_LENGTH,
        ACCEPT,
        USER_AGENT,
        ACCEPT_ENCODING,
        CONNECTION,
        TRANSFER_ENCODING,
    ]
    .contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_by_name_and_by_value() {
        let names = [HeaderName::from_static("x-torq-token"), AUTHORIZATION].into();
        let redaction = Redaction::new(names, vec![b"s3cret-value".to_vec(), b"x".to_vec()]);
        for (name, value, kept) in [
            ("x-torq-token", "wrong", Kept::Nothing),
            ("x-torq-tokn", "s3cret-value", Kept::Nothing),
            ("x-other", "Bearer s3cret-value", Kept::Nothing),
            ("x-api-key", "wrong", Kept::Nothing),
            ("x-my-access-token", "wrong", Kept::Nothing),
            ("x-other", "harmless", Kept::AsItIs(b"harmless")),
            ("authorization", "Bearer abc", Kept::SchemeOnly(b"Bearer")),
            ("authorization", "abc", Kept::Nothing),
            ("content-type", "text/plain", Kept::AsItIs(b"text/plain")),
        ] {
            let name = HeaderName::from_static(name);
            assert_eq!(redaction.header(&name, value.as_bytes()), kept, "{name}: {value}");
        }
    }

    #[test]
    fn what_asks_for_a_token_with_a_strangers_secret_is_not_kept() {
        let redaction = Redaction::new(HashSet::new(), vec![b"known-secret".to_vec()]);
        for (endpoint, body, hidden) in [
            (Endpoint::Token, "grant_type=client_credentials", false),
            (Endpoint::Token, "client_id=a&client_secret=b", true),
            (Endpoint::Token, "{\"client_secret\": \"b\"}", true),
            (Endpoint::Async, "{\"client_secret\": \"b\"}", false),
            (Endpoint::Async, "known-secret", true),
        ] {
            assert_eq!(redaction.hides_body(endpoint, body.as_bytes()), hidden, "{body}");
        }
    }

    #[test]
    fn secrets_are_found_in_every_spelling() {
        let secret = "s3cret/+&=\"value\u{e4}";
        let redaction = Redaction::new(HashSet::new(), vec![secret.into(), b"another-one".to_vec()]);
        for text in [
            "s3cret/+&=\"value\u{e4}",
            "{\"it\":\"s3cret/+&=\\\"value\u{e4}\"}",
            "{\"it\":\"s3cret\\/+&=\\\"value\u{e4}\"}",
            "s3cret%2F%2B%26%3D%22value%C3%A4",
            "?x=s3cret%2f%2b%26%3d%22value%c3%a4&y",
            "7333637265742f2b263d2276616c7565c3a4",
            "7333637265742F2B263D2276616C7565C3A4",
            "Basic czNjcmV0LysmPSJ2YWx1ZcOk",
            "another-one",
            "anothe%72-one another%2Done",
            // Where not everything is escaped that could be, or more than has to be.
            "s3cret/%2B&=%22value%C3%A4",
            "s3cret/+\\u0026\\u003d\"value\u{e4}",
            "s3cret/+&amp;=&#34;value&#xe4;",
        ] {
            assert!(redaction.is_in(text.as_bytes()), "{text}");
            let behind = data_encoding::BASE64URL.encode(format!("ab{text}c").as_bytes());
            assert_eq!(
                redaction.is_in(behind.as_bytes()),
                text.contains(secret) || text.starts_with("another"),
                "{behind}"
            );
        }
    }
}
