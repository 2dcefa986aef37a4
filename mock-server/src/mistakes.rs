//! The names of all mistakes that the journal tells apart, for those who ask for one of them.
//!
//! Names only: what each is, and how it is found, is with the gate that refuses.

/// Every name, in order.
pub(crate) const MISTAKES: [&str; 82] = [
    "another-header",
    "another-id",
    "another-name",
    "base64-for-hex",
    "base64-secret",
    "basic-credentials",
    "body-trimmed",
    "byte-order-mark",
    "client-secret-as-token",
    "colon-missing",
    "condition-not-met",
    "credentials-in-body",
    "cut-off",
    "decoded-secret",
    "digest-instead-of-hmac",
    "digest-without-secret",
    "empty-body",
    "empty-secret",
    "empty-token",
    "expired-token",
    "forgotten",
    "grant-type-missing",
    "hex-for-base64",
    "hex-in-base64",
    "integration-secret-as-token",
    "joint-left-out",
    "json-for-form",
    "json-written-anew",
    "key-and-body-swapped",
    "letter-case",
    "line-ends",
    "missing-credentials",
    "missing-header",
    "missing-permission",
    "missing-signature",
    "missing-token",
    "misspelt-name",
    "newline-added",
    "newline-removed",
    "no-digest",
    "no-id",
    "not-base64",
    "other-algorithm",
    "other-base64",
    "other-integration",
    "other-joint",
    "other-scheme",
    "other-timestamp",
    "other-type",
    "other-workspace",
    "polled-too-fast",
    "prefix",
    "previous-secret",
    "quotation-marks-around-secret",
    "quoted-token",
    "rejected-by-condition",
    "scheme-missing",
    "scheme-twice",
    "secret-as-signature",
    "secret-of-another-client",
    "secret-of-another-integration",
    "single-quotes",
    "something-after",
    "something-before",
    "stale-timestamp",
    "swapped",
    "switched-off",
    "timestamp-left-out",
    "timestamp-missing",
    "token-in-url",
    "token-of-another-sandbox",
    "too-fast",
    "too-large",
    "trimmed-secret",
    "unknown-client",
    "unknown-id",
    "unknown-token",
    "unpublished",
    "unreadable-timestamp",
    "unrecognised-type",
    "white-space-around-secret",
    "white-space-in-header",
];

/// Whether a mistake has this name.
pub(crate) fn is_known(name: &str) -> bool {
    MISTAKES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_order_and_each_is_there_once() {
        assert!(MISTAKES.is_sorted_by(|one, other| one < other));
        assert!(is_known("stale-timestamp") && !is_known("stale"));
    }
}
