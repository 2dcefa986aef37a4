//! Gate: the authentication header is there and its secret matches (contract section 2).
//!
//! Compares in constant time, and never says a secret.

use http::{HeaderMap, Method};

use crate::admission::Candidate;
use crate::behaviour::authentication::{OptionsRequests, SeveralHeaders};
use crate::catalog::AuthenticationHeader;
use crate::gate::Gate;
use crate::rejection::{Refusal, Rejection};

impl Candidate<'_> {
    pub(super) fn check_header(&mut self) -> Result<(), Rejection> {
        let demanded = &self.integration()?.headers;
        let rules = &self.behaviour().authentication;
        let exempt = self.inbound.method == Method::OPTIONS && rules.header_on_options == OptionsRequests::Exempt;
        if demanded.is_empty() || exempt {
            return Ok(());
        }
        let headers = &self.inbound.headers;
        let mut mismatches = demanded.iter().filter(|header| !is_met(header, headers));
        let first = match rules.several_headers {
            SeveralHeaders::All => mismatches.next(),
            SeveralHeaders::Any if mismatches.clone().count() < demanded.len() => None,
            SeveralHeaders::Any => mismatches.next(),
        };
        first.map_or(Ok(()), |header| Err(rejection(header, headers)))
    }
}

fn is_met(demanded: &AuthenticationHeader, headers: &HeaderMap) -> bool {
    headers
        .get(&demanded.name)
        .is_some_and(|value| demanded.secret.matches(value.as_bytes()))
}

fn rejection(demanded: &AuthenticationHeader, headers: &HeaderMap) -> Rejection {
    let elsewhere = headers
        .iter()
        .find(|(_, value)| demanded.secret.matches(value.as_bytes()));
    let (reason, received) = match (headers.get(&demanded.name), elsewhere) {
        (None, Some((name, _))) => ("the secret came under another name", format!("the secret in `{name}`")),
        (None, None) => ("the header is missing", "no such header".to_owned()),
        (Some(value), _) if value.is_empty() => ("the secret is empty", "an empty value".to_owned()),
        (Some(value), _) => (
            explain(demanded, value.as_bytes()),
            format!("another secret of {} bytes", value.len()),
        ),
    };
    Rejection::new(Gate::Header, Refusal::InvalidHeader, reason).comparing(
        format!("`{}` with the integration's secret", demanded.written),
        received,
    )
}

/// Which likely mistake explains a wrong secret.
fn explain(demanded: &AuthenticationHeader, offered: &[u8]) -> &'static str {
    let secret = demanded.secret.expose().as_bytes();
    if secret.eq_ignore_ascii_case(offered) {
        "the secret differs in letter case only"
    } else if offered.starts_with(secret) {
        "the secret is followed by something else"
    } else if offered.ends_with(secret) {
        "something stands before the secret"
    } else if secret.starts_with(offered) {
        "the secret is cut off"
    } else {
        "the secret is another one"
    }
}
