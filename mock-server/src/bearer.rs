//! Gate: the bearer token is known and has not expired (contract section 6), and which likely mistake it is if not.
//!
//! Explains to the journal only, and never says a token or a secret.

use std::borrow::Cow;

use http::header::AUTHORIZATION;

use crate::behaviour::executions::TokenCheck;
use crate::catalog::{Catalog, Permission};
use crate::gate::Gate;
use crate::inbound::Inbound;
use crate::rejection::{Advice, Refusal, Rejection};
use crate::timestamp::Timestamp;
use crate::tokens::{self, ClientKey, InvalidToken, Tokens};

const EXPECTED: &str = "`Authorization: Bearer …` with a token of POST /v1/auth/token";
/// How to come by a token.
const EXCHANGE: &str = "exchange the id and the secret of a client for a token at POST /v1/auth/token, and send that as `Authorization: Bearer …`";

/// Why a token is not accepted, and what to do.
struct Why {
    reason: &'static str,
    received: Cow<'static, str>,
    advice: Advice,
}

impl Why {
    fn new(reason: &'static str, received: impl Into<Cow<'static, str>>, advice: Advice) -> Self {
        Self {
            reason,
            received: received.into(),
            advice,
        }
    }

    fn unauthorized(self) -> Rejection {
        Rejection::new(Gate::Token, Refusal::Unauthorized, self.reason)
            .comparing(EXPECTED, self.received)
            .advising(Some(self.advice))
    }
}

/// The client whose token a request carries.
pub(crate) fn holder(
    tokens: &Tokens,
    catalog: &Catalog,
    inbound: &Inbound,
    (check, now): (TokenCheck, Timestamp),
) -> Result<ClientKey, Rejection> {
    let Some(value) = inbound.headers.get(AUTHORIZATION) else {
        return Err(missing(tokens, inbound).unauthorized());
    };
    let credentials = value.to_str().unwrap_or_default();
    let (scheme, token) = credentials
        .split_once(' ')
        .ok_or_else(|| without_scheme(tokens, credentials).unauthorized())?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(other_scheme(scheme).unauthorized());
    }
    // No token has expired when the time began.
    let asked_at = match check {
        TokenCheck::Valid | TokenCheck::ExecutionsOnly => now,
        TokenCheck::ExpiredToo | TokenCheck::NotChecked => Timestamp::from_nanos(0),
    };
    let token = token.trim();
    tokens.holder(token, asked_at).map_err(|why| match why {
        InvalidToken::Unknown => unknown(tokens, catalog, token).unauthorized(),
        InvalidToken::Expired => Rejection::new(Gate::Token, Refusal::TokenExpired, "the token has expired")
            .comparing(EXPECTED, format!("a token that had expired by {now}"))
            .advising(Some(Advice::new(
                "expired-token",
                "ask for a new token before its `expires_in` is over, and do not follow the redirection",
            ))),
    })
}

/// The refusal of a token that is valid, where none will do for what is asked.
pub(crate) fn of_no_use(asked: Permission) -> Rejection {
    Rejection::new(Gate::Token, Refusal::Unauthorized, "no token will do here")
        .comparing(format!("a token that may read `{}`", asked.word()), "one that is valid")
}

fn missing(tokens: &Tokens, inbound: &Inbound) -> Why {
    const REASON: &str = "there is no bearer token";
    let carries_a_token =
        |value: &http::HeaderValue| value.to_str().is_ok_and(|text| tokens.knows(without("Bearer ", text)));
    if let Some((name, _)) = inbound.headers.iter().find(|(_, value)| carries_a_token(value)) {
        let advice = Advice::new("another-header", "send the token as `Authorization: Bearer …`");
        return Why::new(REASON, format!("a token in `{name}`"), advice);
    }
    let query = form_urlencoded::parse(inbound.query.as_deref().unwrap_or_default().as_bytes());
    for (name, value) in query {
        if tokens.knows(&value) {
            let advice = Advice::new(
                "token-in-url",
                "send the token as `Authorization: Bearer …`, where no log keeps it",
            );
            return Why::new(REASON, format!("a token in the parameter `{name}`"), advice);
        }
    }
    Why::new(REASON, "no such header", Advice::new("missing-token", EXCHANGE))
}

fn without_scheme(tokens: &Tokens, credentials: &str) -> Why {
    const REASON: &str = "the credentials are no bearer token";
    if credentials.eq_ignore_ascii_case("bearer") {
        let hint = "the variable or setting the token is read from may be empty";
        return Why::new(REASON, "a scheme without a token", Advice::new("empty-token", hint));
    }
    let received = if tokens.knows(credentials) {
        "a token without a scheme"
    } else {
        "credentials without a scheme"
    };
    Why::new(
        REASON,
        received,
        Advice::new("scheme-missing", "write `Bearer` and a space before the token"),
    )
}

fn other_scheme(scheme: &str) -> Why {
    const REASON: &str = "the credentials are no bearer token";
    if scheme.eq_ignore_ascii_case("basic") {
        let received = "HTTP Basic credentials, which belong to the token endpoint";
        return Why::new(REASON, received, Advice::new("basic-credentials", EXCHANGE));
    }
    let advice = Advice::new("other-scheme", "write `Bearer`, a space, and the token");
    Why::new(REASON, "credentials of another scheme", advice)
}

/// Which likely mistake explains a token that nobody was granted.
fn unknown(tokens: &Tokens, catalog: &Catalog, token: &str) -> Why {
    let bare = token.trim_matches(['"', '\'']);
    let known = |reason, advice| Why::new(reason, "a token that is known, and something around it", advice);
    if tokens.knows(bare) {
        return known(
            "the token stands in quotation marks",
            Advice::new("quoted-token", "send the token's characters and nothing else"),
        );
    }
    if tokens.knows(without("Bearer ", token)) {
        let advice = Advice::new("scheme-twice", "write `Bearer` once; something else writes it as well");
        return known("the scheme is written twice", advice);
    }
    let clients = catalog.workspaces().iter().flat_map(|workspace| &workspace.clients);
    if clients.into_iter().any(|client| client.secret.matches(bare.as_bytes())) {
        let advice = Advice::new("client-secret-as-token", EXCHANGE);
        return Why::new("a client's secret is no token", "the secret of a client", advice);
    }
    let header_secrets = catalog
        .integrations()
        .iter()
        .flat_map(|integration| &integration.headers);
    if header_secrets
        .into_iter()
        .any(|header| header.secret.matches(bare.as_bytes()))
    {
        let hint = "the secret of an integration belongs to its trigger URLs; executions are read with a token of POST /v1/auth/token";
        let advice = Advice::new("integration-secret-as-token", hint);
        return Why::new(
            "an integration's secret is no token",
            "the secret of an integration",
            advice,
        );
    }
    if bare.starts_with(tokens::MARK) {
        let hint = "tokens are a sandbox's own, and are gone after POST /reset and under another configuration; ask this one for a token";
        let advice = Advice::new("token-of-another-sandbox", hint);
        return Why::new(
            "the token is another sandbox's, or was forgotten",
            "a token unknown to this sandbox",
            advice,
        );
    }
    Why::new(
        "the token was never granted",
        "a token unknown to this sandbox",
        Advice::new("unknown-token", EXCHANGE),
    )
}

/// A text without what it may begin with.
fn without<'t>(beginning: &str, text: &'t str) -> &'t str {
    text.strip_prefix(beginning).unwrap_or(text).trim()
}
