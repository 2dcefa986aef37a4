//! Bearer tokens of the executions API: granting them, and telling whose they are (contract section 6).
//!
//! Knows neither clients' secrets nor HTTP; time is an argument.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::catalog::WorkspaceKey;
use crate::retention::Retention;
use crate::timestamp::Timestamp;

/// What every token begins with, "torqmock" in hexadecimal digits, so that one is recognised wherever somebody puts it, and kept out
/// of what is shown.
pub(crate) const MARK: &str = "746f72716d6f636b";

/// The token of a drawn secret.
pub(crate) fn marked(secret: &str) -> String {
    format!("{MARK}{}", secret.get(MARK.len()..).unwrap_or_default())
}

/// What a token takes: its text twice, and its places in the two indexes.
const WEIGHT: usize = 2 * 64 + size_of::<(String, (ClientKey, Timestamp))>() + size_of::<String>();

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

/// The tokens that have been granted; the oldest are forgotten and count as never issued.
#[derive(Debug)]
pub(crate) struct Tokens {
    retention: Retention,
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
    /// Remembers none yet.
    pub(crate) fn new(retention: Retention) -> Self {
        Self {
            retention,
            granted: HashMap::new(),
            oldest_first: VecDeque::new(),
        }
    }

    /// What they take.
    pub(crate) fn bytes(&self) -> usize {
        self.granted.len() * WEIGHT
    }

    /// Remembers a token.
    pub(crate) fn grant(&mut self, token: String, client: ClientKey, expires_at: Timestamp) {
        self.oldest_first.push_back(token.clone());
        self.granted.insert(token, (client, expires_at));
        if self.retention.is_exceeded_by(self.granted.len(), self.bytes())
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.granted.remove(&oldest);
        }
    }

    /// Whether it was granted, expired or not.
    pub(crate) fn knows(&self, token: &str) -> bool {
        self.granted.contains_key(token)
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
