//! A secret that cannot be printed by accident and is compared in constant time.
//!
//! Knows nothing of where secrets travel.

use std::fmt;

use subtle::ConstantTimeEq;

/// A shared secret: of an authentication header, a signature or a client.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for those who have to hand it to a user.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// True when `offered` is the secret; takes as long for a near miss as for a wild one of the same length.
    pub(crate) fn matches(&self, offered: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(offered).into()
    }
}

/// Says that there is a secret, not which.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_secret_matches() {
        let secret = Secret::new("s3cret");
        for (offered, matches) in [
            ("s3cret", true),
            ("S3cret", false),
            ("s3cre", false),
            ("s3crets", false),
            ("", false),
        ] {
            assert_eq!(secret.matches(offered.as_bytes()), matches, "{offered}");
        }
        assert!(!format!("{secret:?}").contains("s3cret"));
    }
}
