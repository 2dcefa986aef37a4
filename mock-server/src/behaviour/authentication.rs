//! Knobs of authentication: header secrets and HMAC signatures (contract section 2).
//!
//! Only values; the header and signature gates read them, and so does the reader of integrations for its defaults.

use crate::behaviour::knob::{choices, section};
use crate::behaviour::rate::RefusedCall;

section! {
    /// How a trigger request proves who sent it (contract section 2).
    Authentication = "authentication" {
        /// Which of an integration's authentication headers must match when it has several.
        Open several_headers: SeveralHeaders = SeveralHeaders::All;
        /// Whether a browser's preflight, which carries no secret, is held to the header too.
        Open header_on_options: OptionsRequests = OptionsRequests::Enforced;
        /// Digest of a signature, for integrations that name none.
        Open signature_algorithm: Algorithm = Algorithm::Sha256;
        /// Header of a signature, for integrations that name none.
        Open signature_header: String = "X-Torq-Signature".to_owned();
        /// How the digest is written, for integrations that say nothing.
        Open signature_encoding: Encoding = Encoding::Hex;
        /// What stands before the digest, for integrations that say nothing; `{algorithm}` is its name.
        Open signature_prefix: String = "{algorithm}=".to_owned();
        /// What stands between the timestamp and the body in the signed bytes, for integrations with a timestamp header.
        Open signature_joint: String = ".".to_owned();
        /// What passes for an integration's header secret.
        Documented secret: SecretMatch = SecretMatch::Exact;
        /// The header a secret may come in.
        Documented secret_header: SecretHeader = SecretHeader::Demanded;
        /// The extended URLs on which the header is checked.
        Documented secret_checked_on: CheckedOn = CheckedOn::Every;
        /// An `Authorization` header where none is demanded.
        Vendor undemanded_header: Undemanded = Undemanded::Ignored;
        /// What passes for a signature.
        Documented signature: SignatureMatch = SignatureMatch::Exact;
        /// The bytes a signature is checked over.
        Documented signed_bytes: SignedBytes = SignedBytes::Body;
        /// What becomes of a call that is refused for its header or its signature.
        Documented refused_call: RefusedCall = RefusedCall::StartsNothing;
    }
}

choices! {
    /// Which of several authentication headers must match.
    SeveralHeaders {
        /// Every one.
        All = "all",
        /// At least one.
        Any = "any",
    }
}

choices! {
    /// How OPTIONS requests are treated by the header gate.
    OptionsRequests {
        /// Like every other request.
        Enforced = "enforced",
        /// They pass.
        Exempt = "exempt",
    }
}

choices! {
    /// What passes for a secret.
    SecretMatch {
        /// The secret.
        Exact = "exact",
        /// The secret in any letter case.
        CaseFolded = "case-folded",
        /// The beginning of the secret.
        Prefix = "prefix",
        /// Any text that begins with the secret.
        Extended = "extended",
        /// Any value at all.
        AnyValue = "any-value",
        /// Nothing has to be there.
        NotChecked = "not-checked",
        /// Nothing passes.
        NeverRight = "never-right",
    }
}

choices! {
    /// The header a secret may come in.
    SecretHeader {
        /// The one the integration demands.
        Demanded = "demanded",
        /// Whichever.
        Any = "any",
    }
}

choices! {
    /// The extended URLs on which the header is checked.
    CheckedOn {
        /// Both.
        Every = "every-url",
        /// Not on the synchronous one.
        NotSync = "not-sync",
        /// Not on the asynchronous one.
        NotAsync = "not-async",
    }
}

choices! {
    /// A header that nobody demands.
    Undemanded {
        /// Nobody looks at it.
        Ignored = "ignored",
        /// The request is refused for it.
        Refused = "refused",
    }
}

choices! {
    /// What passes for a signature.
    SignatureMatch {
        /// The digest.
        Exact = "exact",
        /// The beginning of the digest.
        Truncated = "truncated",
        /// Whatever is sent; something has to be.
        AnyValue = "any-value",
        /// The digest, or no signature at all.
        OrMissing = "or-missing",
        /// The digest, or anything when the body is empty.
        OrEmptyBody = "or-empty-body",
        /// Nothing has to be there.
        NotChecked = "not-checked",
        /// Nothing passes.
        NeverRight = "never-right",
    }
}

choices! {
    /// The bytes a signature is checked over.
    SignedBytes {
        /// The body as it came.
        Body = "body",
        /// The body's JSON, written anew.
        Reserialised = "reserialised",
        /// The body without the white space around it.
        Trimmed = "trimmed",
        /// The first 1,024 bytes.
        FirstKibibyte = "first-kibibyte",
        /// None.
        Nothing = "nothing",
    }
}

choices! {
    /// A digest for HMAC.
    Algorithm {
        /// SHA-1.
        Sha1 = "sha1",
        /// SHA-256.
        Sha256 = "sha256",
        /// SHA-512.
        Sha512 = "sha512",
    }
}

choices! {
    /// How the bytes of a digest are written.
    Encoding {
        /// Hexadecimal digits in lower case.
        Hex = "hex",
        /// Base64 with padding.
        Base64 = "base64",
    }
}
