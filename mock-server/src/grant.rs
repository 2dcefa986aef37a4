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
    let (id, secret) = credentials(&inbound.headers).ok_or_else(|| {
        Rejection::new(
            Gate::Client,
            Refusal::InvalidClient,
            "there are no HTTP Basic credentials",
        )
        .comparing(EXPECTED, "no such credentials")
    })?;
    find_client(catalog, &id, secret.as_bytes()).ok_or_else(|| unknown_client(catalog, &id))
}

const EXPECTED: &str = "`Authorization: Basic …` with the id and the secret of a client";

/// Says whether it is the id or the secret that is wrong, which a caller is not told.
fn unknown_client(catalog: &Catalog, id: &str) -> Rejection {
    let clients = || catalog.workspaces().iter().flat_map(|workspace| &workspace.clients);
    let (reason, received) = if clients().any(|client| client.id == id) {
        (
            "the client's secret is another one",
            format!("the id `{id}` with another secret"),
        )
    } else {
        ("no client has this id", format!("the id `{id}`"))
    };
    let hint = did_you_mean(id, clients().map(|client| client.id.as_str()).take(MOST_CLIENTS));
    let advice = hint.filter(|_| reason == "no client has this id").map(|hint| Advice {
        mistakes: vec!["unknown-client"],
        hint,
    });
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
    let received = received.map_or_else(|| "no grant_type".to_owned(), |value| value.into_owned());
    Err(
        Rejection::new(Gate::Grant, Refusal::InvalidTokenRequest, "this grant is not offered")
            .comparing(EXPECTED, received),
    )
}

fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
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
