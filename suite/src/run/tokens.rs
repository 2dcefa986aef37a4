//! Bearer tokens: asked for once per client and case, and let expire where a case wants an expired one.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64;
use thiserror::Error;

use super::client::Client;
use super::pace::{Counts, Pace};
use super::request::{Carrier, Prepared};
use crate::attempt::Unanswered;
use crate::expression::{EvalError, Values};
use crate::profile;
use crate::spec::model::{Framing, Token};

/// The tokens of one case by client id.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    current: BTreeMap<String, Kept>,
    /// Every token given out, for redaction.
    given: Vec<String>,
}

/// A token and when to ask for another.
#[derive(Debug)]
struct Kept {
    token: String,
    /// In seconds since the Unix epoch on the target's clock.
    renew_at: u64,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoToken {
    /// The endpoint answered, and gave none.
    #[error("the token endpoint answered {0} without a token")]
    Refused(u16),
    /// It did not answer, for this reason if one is known.
    #[error("the token endpoint does not answer{0}")]
    NoAnswer(String),
}

/// A token and how long it lasts.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    /// The token.
    pub token: String,
    /// Until it expires.
    pub lasts: Duration,
}

/// The bearer token a request is meant to carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bearer<'s> {
    /// None.
    None,
    /// This text.
    Given(String),
    /// One that was given out to the client of this name, or to the workspace's first one.
    OfClient(Option<&'s str>),
}

/// What a case's token comes to.
///
/// # Errors
/// When the text it is given as has no value.
pub(crate) fn bearer<'s>(token: &'s Token, values: &Values) -> Result<Bearer<'s>, EvalError> {
    Ok(match token {
        Token::None => Bearer::None,
        Token::Invalid => Bearer::Given("not-a-token-anybody-was-given".to_owned()),
        Token::Value(text) => Bearer::Given(text.eval(values)?.to_text()),
        Token::Right | Token::Expired => Bearer::OfClient(None),
        Token::Client(name) => Bearer::OfClient(Some(name)),
    })
}

impl Tokens {
    /// The token of a client at `now` (seconds since the Unix epoch on the target's clock), asked for when there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn get(
        &mut self,
        (http, pace): (&Client, &Pace),
        source: (&str, &profile::Client),
        now: u64,
    ) -> Result<String, NoToken> {
        let id = source.1.id.expose();
        if let Some(kept) = self.current.get(id).filter(|kept| now < kept.renew_at) {
            return Ok(kept.token.clone());
        }
        pace.take(Counts::Api).await;
        let issued = issue(http, source).await?;
        // Half of its life is left unused, so that no clock's inaccuracy lets it expire in our hands.
        let renew_at = now.saturating_add(issued.lasts.as_secs() / 2);
        self.remember(&issued.token);
        self.current.insert(
            id.to_owned(),
            Kept {
                token: issued.token.clone(),
                renew_at,
            },
        );
        Ok(issued.token)
    }

    /// Notes a token that was given out.
    pub(crate) fn remember(&mut self, token: &str) {
        self.given.push(token.to_owned());
    }

    /// Every token that was given out, for redaction.
    pub(crate) fn into_given(self) -> Vec<String> {
        self.given
    }
}

/// The request for a token (contract section 6).
#[must_use]
pub(crate) fn request(auth: &str, client: &profile::Client) -> Prepared {
    let credentials = format!("{}:{}", client.id.expose(), client.secret.expose());
    Prepared {
        method: "POST".to_owned(),
        url: format!("{auth}/v1/auth/token"),
        headers: vec![
            (
                "Authorization".to_owned(),
                format!("Basic {}", BASE64.encode(credentials.as_bytes())),
            ),
            (
                "Content-Type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ],
        body: Some(Bytes::from_static(b"grant_type=client_credentials")),
        framing: Framing::Declared,
        carrier: Carrier::Client,
    }
}

/// Asks the token endpoint (contract section 6).
///
/// # Errors
/// Why it gave none.
pub(crate) async fn issue(http: &Client, (auth, client): (&str, &profile::Client)) -> Result<Issued, NoToken> {
    let prepared = request(auth, client);
    let answer = match http.send(prepared).answer.await {
        Ok(arrived) => arrived.answer,
        Err(Unanswered::NoConnection(reason) | Unanswered::ConnectionLost(reason) | Unanswered::NotHttp(reason)) => {
            return Err(NoToken::NoAnswer(format!(": {reason}")));
        }
        Err(Unanswered::OutOfPatience | Unanswered::Unfinished { .. }) => {
            return Err(NoToken::NoAnswer(String::new()));
        }
    };
    let json = answer.body.json().unwrap_or_default();
    let Some(token) = json["access_token"].as_str().filter(|_| answer.status == 200) else {
        return Err(NoToken::Refused(answer.status));
    };
    let lasts = Duration::from_secs(json["expires_in"].as_u64().unwrap_or(3600));
    Ok(Issued {
        token: token.to_owned(),
        lasts,
    })
}
