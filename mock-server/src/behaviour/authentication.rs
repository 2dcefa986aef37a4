//! Knobs of authentication: header secrets and HMAC signatures (contract section 2).
//!
//! Only values; the header and signature gates read them, and so does the reader of integrations for its defaults.

use crate::behaviour::knob::{choices, section};

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
