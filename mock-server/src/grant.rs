//! The token endpoint: a client-credentials grant over HTTP Basic (contract section 6).
//!
//! Decides who asks; `tokens` remembers what was granted.

use data_encoding::BASE64;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use located_yaml::did_you_mean;

use crate::catalog::Catalog;
use crate::gate::Gate;
use crate::inbound::Inbound;
use crate::rejection::{Advice, Refusal, Rejection};
use crate::retrieval::check_method;
use crate::tokens::ClientKey;

/// Whose credentials a token request carries, after the checks of method, grant and client, in this order.
pub(crate) fn admit(inbound: &Inbound, catalog: &Catalog) -> Result<ClientKey, Rejection> {
    check_method(&inbound.method, &Method::POST)?;
    check_grant(inbound.body.bytes())?;
    let (id, secret) = credentials(&inbound.headers).map_err(|why| without_credentials(inbound, why))?;
    find_client(catalog, &id, secret.as_bytes()).ok_or_else(|| unknown_client(catalog, (&id, &secret)))
}

const EXPECTED: &str = "`Authorization: Basic …` with the id and the secret of a client";

/// Why there are no HTTP Basic credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoCredentials {
    /// There is no such header.
    Missing,
    /// Another scheme.
    OtherScheme,
    /// No base64 of a text.
    NotEncoded,
    /// No colon in it.
    WithoutColon,
}

fn without_credentials(inbound: &Inbound, why: NoCredentials) -> Rejection {
    let in_body =
        form_urlencoded::parse(inbound.body.bytes()).any(|(name, _)| name == "client_id" || name == "client_secret");
    let (received, advice) = match why {
        NoCredentials::Missing | NoCredentials::OtherScheme if in_body => (
            "a client's credentials in the body",
            Advice::new(
                "credentials-in-body",
                "send id and secret as HTTP Basic; the form holds the grant only",
            ),
        ),
        NoCredentials::Missing => (
            "no such header",
            Advice::new(
                "missing-credentials",
                "send id and secret as HTTP Basic: `curl -u ID:SECRET`",
            ),
        ),
        NoCredentials::OtherScheme => (
            "credentials of another scheme",
            Advice::new("other-scheme", "write `Basic`, a space, and `ID:SECRET` in base64"),
        ),
        NoCredentials::NotEncoded => (
            "credentials that are no base64 of a text",
            Advice::new("not-base64", "encode `ID:SECRET` in standard base64, with its padding"),
        ),
        NoCredentials::WithoutColon => (
            "credentials without a colon in them",
            Advice::new(
                "colon-missing",
                "encode id and secret together, with a colon between them",
            ),
        ),
    };
    let reason = "there are no HTTP Basic credentials";
    Rejection::new(Gate::Client, Refusal::InvalidClient, reason)
        .comparing(EXPECTED, received)
        .advising(Some(advice))
}

/// Says whether it is the id or the secret that is wrong, which a caller is not told, and which likely mistake it is.
fn unknown_client(catalog: &Catalog, (id, secret): (&str, &str)) -> Rejection {
    let clients = || catalog.workspaces().iter().flat_map(|workspace| &workspace.clients);
    let (reason, received, advice) = if let Some(client) = clients().find(|client| client.id == id) {
        let is = |text: &str| client.secret.matches(text.as_bytes());
        let advice = if is(secret.trim()) {
            let hint = "something added white space; `printf` writes no newline where `echo` does";
            Some(Advice::new("white-space-around-secret", hint))
        } else if secret.is_empty() {
            let hint = "the variable or setting the secret is read from may be empty";
            Some(Advice::new("empty-secret", hint))
        } else if clients().any(|other| other.secret.matches(secret.as_bytes())) {
            Some(Advice::new(
                "secret-of-another-client",
                "use the secret that belongs to this id",
            ))
        } else {
            None
        };
        let received = format!("the id `{id}` with another secret");
        ("the client's secret is another one", received, advice)
    } else {
        let advice = if clients().any(|client| client.id == secret && client.secret.matches(id.as_bytes())) {
            Some(Advice::new(
                "swapped",
                "the id comes first, then the colon, then the secret",
            ))
        } else {
            let ids = clients().map(|client| client.id.as_str()).take(MOST_CLIENTS);
            did_you_mean(id, ids).map(|hint| Advice::new("unknown-client", hint))
        };
        ("no client has this id", format!("the id `{id}`"), advice)
    };
    Rejection::new(Gate::Client, Refusal::InvalidClient, reason)
        .comparing(EXPECTED, received)
        .advising(advice)
}

/// Clients whose ids are compared with an unknown one.
const MOST_CLIENTS: usize = 1_000;

fn check_grant(body: &[u8]) -> Result<(), Rejection> {
    const EXPECTED: &str = "client_credentials";
    let received = form_urlencoded::parse(body)
        .find(|(name, _)| name == "grant_type")
        .map(|(_, value)| value);
    if received.as_deref() == Some(EXPECTED) {
        return Ok(());
    }
    let is_json = || serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|value| value.is_object());
    let advice = match &received {
        None if body.is_empty() => Some(Advice::new(
            "empty-body",
            "send the form `grant_type=client_credentials`",
        )),
        None if is_json() => Some(Advice::new(
            "json-for-form",
            "send the form `grant_type=client_credentials`, not JSON",
        )),
        None => Some(Advice::new(
            "grant-type-missing",
            "send the form `grant_type=client_credentials`",
        )),
        Some(_) => None,
    };
    let received = received.map_or_else(|| "no grant_type".to_owned(), |value| value.into_owned());
    Err(
        Rejection::new(Gate::Grant, Refusal::InvalidTokenRequest, "this grant is not offered")
            .comparing(format!("grant_type={EXPECTED}"), received)
            .advising(advice),
    )
}

fn credentials(headers: &HeaderMap) -> Result<(String, String), NoCredentials> {
    let value = headers.get(AUTHORIZATION).ok_or(NoCredentials::Missing)?;
    let (scheme, encoded) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(NoCredentials::OtherScheme)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(NoCredentials::OtherScheme);
    }
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or(NoCredentials::NotEncoded)?;
    let (id, secret) = decoded.split_once(':').ok_or(NoCredentials::WithoutColon)?;
    Ok((id.to_owned(), secret.to_owned()))
}

fn find_client(catalog: &Catalog, id: &str, secret: &[u8]) -> Option<ClientKey> {
    catalog.workspace_keys().find_map(|(workspace, row)| {
        let client = row
            .clients
            .iter()
            .position(|client| client.id == id && client.secret.matches(secret))?;
        Some(ClientKey { workspace, client })
    })
}
