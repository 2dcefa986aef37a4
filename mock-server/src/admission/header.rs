//! Gate: the authentication header is there and its secret matches (contract section 2).
//!
//! Compares in constant time, and never says a secret.

use data_encoding::BASE64;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, Method};
use located_yaml::nearest;

use crate::admission::Candidate;
use crate::behaviour::authentication::{
    CheckedOn, OptionsRequests, SecretHeader, SecretMatch, SeveralHeaders, Undemanded,
};
use crate::catalog::{AuthenticationHeader, Catalog};
use crate::gate::Gate;
use crate::rejection::{Advice, Refusal, Rejection};
use crate::route::{AnswerTime, Target};
use crate::secret::Secret;

impl Candidate<'_> {
    pub(super) fn check_header(&mut self) -> Result<(), Rejection> {
        let demanded = &self.integration()?.headers;
        let rules = &self.behaviour().authentication;
        let headers = &self.inbound.headers;
        if demanded.is_empty() {
            return match rules.undemanded_header {
                Undemanded::Refused if headers.contains_key(AUTHORIZATION) => Err(unexpected()),
                Undemanded::Refused | Undemanded::Ignored => Ok(()),
            };
        }
        let exempt = self.inbound.method == Method::OPTIONS && rules.header_on_options == OptionsRequests::Exempt;
        if exempt || !self.is_checked_here(rules.secret_checked_on) {
            return Ok(());
        }
        let mut mismatches = demanded.iter().filter(|header| !self.is_met(header));
        let first = match rules.several_headers {
            SeveralHeaders::All => mismatches.next(),
            SeveralHeaders::Any if mismatches.clone().count() < demanded.len() => None,
            SeveralHeaders::Any => mismatches.next(),
        };
        first.map_or(Ok(()), |header| Err(rejection(header, headers, self.catalog())))
    }
}

impl Candidate<'_> {
    fn is_met(&self, demanded: &AuthenticationHeader) -> bool {
        let (rules, headers) = (&self.behaviour().authentication, &self.inbound.headers);
        let passes = |value: &[u8]| self.passes(rules.secret, &demanded.secret, value);
        match (rules.secret, rules.secret_header) {
            (SecretMatch::NotChecked, _) => true,
            (_, SecretHeader::Demanded) => headers
                .get(&demanded.name)
                .is_some_and(|value| passes(value.as_bytes())),
            (_, SecretHeader::Any) => headers.values().any(|value| passes(value.as_bytes())),
        }
    }

    fn passes(&self, rule: SecretMatch, secret: &Secret, offered: &[u8]) -> bool {
        let expected = secret.expose().as_bytes();
        match rule {
            SecretMatch::Exact => secret.matches(offered),
            SecretMatch::CaseFolded => expected.eq_ignore_ascii_case(offered),
            SecretMatch::Prefix => !offered.is_empty() && expected.starts_with(offered),
            SecretMatch::Extended => offered.starts_with(expected),
            SecretMatch::AnyValue | SecretMatch::NotChecked => true,
            SecretMatch::NeverRight => false,
        }
    }

    fn is_checked_here(&self, rule: CheckedOn) -> bool {
        match (&self.url.target, rule) {
            (Target::EveryWorkflow, _) | (_, CheckedOn::Every) => true,
            (Target::OneWorkflow { answer, .. }, CheckedOn::NotSync) => *answer != AnswerTime::Sync,
            (Target::OneWorkflow { answer, .. }, CheckedOn::NotAsync) => *answer != AnswerTime::Async,
        }
    }
}

fn unexpected() -> Rejection {
    Rejection::new(
        Gate::Header,
        Refusal::InvalidHeader,
        "a header came that this integration does not demand",
    )
    .comparing("no `Authorization`", "one")
}

fn rejection(demanded: &AuthenticationHeader, headers: &HeaderMap, catalog: &Catalog) -> Rejection {
    let carries_it = |value: &[u8]| {
        let behind_a_scheme = value.splitn(2, |byte| *byte == b' ').nth(1);
        demanded.secret.matches(value) || behind_a_scheme.is_some_and(|rest| demanded.secret.matches(rest))
    };
    let elsewhere = headers.iter().find(|(_, value)| carries_it(value.as_bytes()));
    let ((reason, advice), received) = match (headers.get(&demanded.name), elsewhere) {
        (None, Some((name, _))) => {
            let hint = format!("send it as `{}`", demanded.written);
            let advice = Advice::new("another-name", hint);
            let reason = "the secret came under another name".to_owned();
            ((reason, Some(advice)), format!("the secret in `{name}`"))
        }
        (None, None) => (missing(demanded, headers), "no such header".to_owned()),
        (Some(value), _) if value.is_empty() => {
            let hint = "the variable or setting the secret is read from may be empty";
            let advice = Advice::new("empty-secret", hint);
            (
                ("the secret is empty".to_owned(), Some(advice)),
                "an empty value".to_owned(),
            )
        }
        (Some(value), _) => (
            explain(demanded, value.as_bytes(), catalog),
            format!("another secret of {} bytes", value.len()),
        ),
    };
    Rejection::new(Gate::Header, Refusal::InvalidHeader, reason)
        .comparing(
            format!("`{}` with the integration's secret", demanded.written),
            received,
        )
        .advising(advice)
}

/// Why a header may be missing: its name may be misspelt.
fn missing(demanded: &AuthenticationHeader, headers: &HeaderMap) -> (String, Option<Advice>) {
    let names = headers.keys().map(HeaderName::as_str).filter(|name| !is_usual(name));
    let advice = match nearest(demanded.name.as_str(), names) {
        Some(similar) => Advice::new(
            "misspelt-name",
            format!("`{similar}` was sent; is it `{}` that is meant?", demanded.written),
        ),
        None => Advice::new("missing-header", format!("send `{}` with the secret", demanded.written)),
    };
    ("the header is missing".to_owned(), Some(advice))
}

/// Headers that every client sends, and that nobody means for a secret.
fn is_usual(name: &str) -> bool {
    ["host", "accept", "user-agent", "connection"].contains(&name)
        || name.starts_with("content-")
        || name.starts_with("accept-")
}

/// Which likely mistake explains a wrong secret.
fn explain(demanded: &AuthenticationHeader, offered: &[u8], catalog: &Catalog) -> (String, Option<Advice>) {
    let secret = demanded.secret.expose();
    let key = secret.as_bytes();
    let told = |reason: &str, mistake, hint: &str| (reason.to_owned(), Some(Advice::new(mistake, hint)));
    let unquoted = offered.trim_ascii();
    let unquoted = unquoted
        .strip_prefix(b"\"")
        .and_then(|it| it.strip_suffix(b"\""))
        .unwrap_or(unquoted);
    if key.eq_ignore_ascii_case(offered) {
        told(
            "the secret differs in letter case only",
            "letter-case",
            "send it exactly as it is",
        )
    } else if demanded.previous.iter().any(|previous| previous.matches(offered)) {
        told(
            "the secret is a previous one",
            "previous-secret",
            "roll the new secret out to this client as well",
        )
    } else if unquoted == key {
        told(
            "the secret differs in the white space or quotation marks around it only",
            "white-space-around-secret",
            "send the secret's characters and nothing else",
        )
    } else if BASE64.encode(key).as_bytes() == offered || BASE64.decode(key).is_ok_and(|key| key == offered) {
        told(
            "the secret was encoded in base64, or decoded from it",
            "base64-secret",
            "send the secret's characters as they are",
        )
    } else if offered.starts_with(key) {
        told(
            "the secret is followed by something else",
            "something-after",
            "send the secret and nothing else",
        )
    } else if offered.ends_with(key) {
        let hint = "send the secret without a scheme such as `Bearer`, unless the secret includes it";
        told("something stands before the secret", "something-before", hint)
    } else if key.starts_with(offered) {
        told("the secret is cut off", "cut-off", "send all of it")
    } else if let Some(name) = owner(offered, catalog) {
        let reason = format!("the secret is that of the integration `{name}`");
        let hint = "use the secret of the integration whose URL is called";
        told(&reason, "secret-of-another-integration", hint)
    } else {
        let advice = Advice {
            mistakes: Vec::new(),
            hint: "the secret of this integration is in GET /profile of the control surface".to_owned(),
        };
        ("the secret is another one".to_owned(), Some(advice))
    }
}

/// The integration one of whose secrets this is.
fn owner<'c>(offered: &[u8], catalog: &'c Catalog) -> Option<&'c str> {
    let mut integrations = catalog.integrations().iter();
    let owner = integrations.find(|integration| {
        let of_headers = integration.headers.iter().map(|header| &header.secret);
        let of_signatures = integration.signature.iter().map(|scheme| &scheme.secret);
        of_headers.chain(of_signatures).any(|secret| secret.matches(offered))
    })?;
    Some(&owner.name)
}
