//! Bearer tokens of the executions API: granting them, and telling whose they are (contract section 6).
//!
//! Knows neither clients' secrets nor HTTP; time is an argument.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::catalog::WorkspaceKey;
use crate::timestamp::Timestamp;

/// Tokens remembered at most; the oldest are forgotten and count as never issued.
const MAX_TOKENS: usize = 100_000;

/// A client of a workspace: the workspace and the client's position in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientKey {
    /// The workspace its tokens reach.
    pub(crate) workspace: WorkspaceKey,
    /// Its position among the workspace's clients.
    pub(crate) client: usize,
}

/// A token as the token endpoint hands it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedToken {
    /// The token.
    pub access_token: String,
    /// How long it is valid.
    pub expires_in: Duration,
}

/// The tokens that have been granted.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    granted: HashMap<String, (ClientKey, Timestamp)>,
    oldest_first: VecDeque<String>,
}

/// A token that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidToken {
    /// It was never granted.
    Unknown,
    /// It was valid once.
    Expired,
}

impl Tokens {
    /// Remembers a token.
    pub(crate) fn grant(&mut self, token: String, client: ClientKey, expires_at: Timestamp) {
        self.oldest_first.push_back(token.clone());
        self.granted.insert(token, (client, expires_at));
        if self.granted.len() > MAX_TOKENS
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.granted.remove(&oldest);
        }
    }

    /// Whose token it is. It is valid until just before it expires.
    pub(crate) fn holder(&self, token: &str, now: Timestamp) -> Result<ClientKey, InvalidToken> {
        match self.granted.get(token) {
            None => Err(InvalidToken::Unknown),
            Some((_, expires_at)) if *expires_at <= now => Err(InvalidToken::Expired),
            Some((client, _)) => Ok(*client),
        }
    }
}
