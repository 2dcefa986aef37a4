//! The mistakes that signers make, each with a name, a phrase and a remedy.
//!
//! Words only: what to try for each is in the tables.

use std::borrow::Cow;

use super::constructions::Hash;

/// Something to sign over or with, and the mistake it would be.
#[derive(Debug)]
pub(super) struct Tried<'a> {
    /// The bytes.
    pub(super) bytes: Cow<'a, [u8]>,
    /// The mistake; nothing if it is none.
    pub(super) mistake: Option<Mistake>,
    /// How often it is made.
    pub(super) odds: Odds,
}

/// How often a mistake is made: those that are seen every day are looked for first, as a large body uses up what may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odds {
    /// Every day.
    Usual,
    /// Now and then.
    Rare,
}

/// A mistake in making or writing a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// Nothing or something else stands before the digest.
    Prefix,
    /// White space stands around the digest.
    Spaced,
    /// Hexadecimal digits in the other letter case.
    LetterCase,
    /// Hexadecimal digits where base64 is demanded.
    HexForBase64,
    /// Base64 where hexadecimal digits are demanded.
    Base64ForHex,
    /// Base64 without its padding, or in the alphabet for URLs.
    OtherBase64,
    /// The hexadecimal digits as text were encoded in base64.
    HexInBase64,
    /// Some of the digest's end is missing.
    CutOff,
    /// Another digest.
    OtherAlgorithm(Hash),
    /// A hash of the body, without the secret.
    Unkeyed,
    /// A hash of the secret and the body, one after the other.
    NoHmac,
    /// An HMAC of the secret, with the body as its key.
    Swapped,
    /// The secret itself in the signature's place.
    SecretItself,
    /// A secret that was in force before.
    PreviousSecret,
    /// White space around the secret, as a file or a form adds it.
    SpacedSecret,
    /// Quotation marks around the secret, as a file of variables has them.
    QuotedSecret,
    /// The secret without white space that belongs to it.
    TrimmedSecret,
    /// The bytes that the secret stands for when it is read as an encoding.
    DecodedSecret(&'static str),
    /// The secret of another integration.
    OtherIntegration(String),
    /// No body.
    EmptyBody,
    /// The body's JSON, written anew in this form.
    Reserialised(String),
    /// A newline after the body.
    NewlineAdded,
    /// The body without the newline at its end.
    NewlineRemoved,
    /// The body without the white space around it.
    Trimmed,
    /// The body with other line ends.
    LineEnds,
    /// The body without the byte order mark before it.
    WithoutMark,
    /// Without the timestamp.
    WithoutTimestamp,
    /// The timestamp without what joins it to the body.
    WithoutJoint,
    /// Something else between the timestamp and the body.
    OtherJoint(&'static str),
    /// Another timestamp than the header has, this many seconds later.
    OtherTimestamp(i64),
}

impl Mistake {
    /// Whether the signature itself is right and only written in another way.
    pub(super) fn is_about_writing(&self) -> bool {
        match self {
            Self::Prefix
            | Self::Spaced
            | Self::LetterCase
            | Self::HexForBase64
            | Self::Base64ForHex
            | Self::OtherBase64
            | Self::HexInBase64
            | Self::CutOff => true,
            Self::OtherAlgorithm(_)
            | Self::Unkeyed
            | Self::NoHmac
            | Self::Swapped
            | Self::SecretItself
            | Self::PreviousSecret
            | Self::SpacedSecret
            | Self::QuotedSecret
            | Self::TrimmedSecret
            | Self::DecodedSecret(_)
            | Self::OtherIntegration(_)
            | Self::EmptyBody
            | Self::Reserialised(_)
            | Self::NewlineAdded
            | Self::NewlineRemoved
            | Self::Trimmed
            | Self::LineEnds
            | Self::WithoutMark
            | Self::WithoutTimestamp
            | Self::WithoutJoint
            | Self::OtherJoint(_)
            | Self::OtherTimestamp(_) => false,
        }
    }

    /// Its name, for programs.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Spaced => "white-space-in-header",
            Self::LetterCase => "letter-case",
            Self::HexForBase64 => "hex-for-base64",
            Self::Base64ForHex => "base64-for-hex",
            Self::OtherBase64 => "other-base64",
            Self::HexInBase64 => "hex-in-base64",
            Self::CutOff => "cut-off",
            Self::OtherAlgorithm(_) => "other-algorithm",
            Self::Unkeyed => "digest-without-secret",
            Self::NoHmac => "digest-instead-of-hmac",
            Self::Swapped => "key-and-body-swapped",
            Self::SecretItself => "secret-as-signature",
            Self::PreviousSecret => "previous-secret",
            Self::SpacedSecret => "white-space-around-secret",
            Self::QuotedSecret => "quotation-marks-around-secret",
            Self::TrimmedSecret => "trimmed-secret",
            Self::DecodedSecret(_) => "decoded-secret",
            Self::OtherIntegration(_) => "secret-of-another-integration",
            Self::EmptyBody => "empty-body",
            Self::Reserialised(_) => "json-written-anew",
            Self::NewlineAdded => "newline-added",
            Self::NewlineRemoved => "newline-removed",
            Self::Trimmed => "body-trimmed",
            Self::LineEnds => "line-ends",
            Self::WithoutMark => "byte-order-mark",
            Self::WithoutTimestamp => "timestamp-left-out",
            Self::WithoutJoint => "joint-left-out",
            Self::OtherJoint(_) => "other-joint",
            Self::OtherTimestamp(_) => "other-timestamp",
        }
    }

    /// What was done, to follow "the digest is right but" or "the signature is".
    pub(super) fn phrase(&self) -> String {
        match self {
            Self::Prefix => "its prefix is missing or another one".to_owned(),
            Self::Spaced => "white space stands around it".to_owned(),
            Self::LetterCase => "its letter case is not".to_owned(),
            Self::HexForBase64 => "written in another encoding, hexadecimal for base64".to_owned(),
            Self::Base64ForHex => "written in another encoding, base64 for hexadecimal".to_owned(),
            Self::OtherBase64 => "its base64 lacks the padding or has the alphabet for URLs".to_owned(),
            Self::HexInBase64 => "its hexadecimal digits were encoded in base64 once more".to_owned(),
            Self::CutOff => "cut off".to_owned(),
            Self::OtherAlgorithm(algorithm) => format!("made with another algorithm, {}", algorithm.word()),
            Self::Unkeyed => "a digest of the body alone, made without the secret".to_owned(),
            Self::NoHmac => "a digest of secret and body one after the other, not an HMAC".to_owned(),
            Self::Swapped => "made with the body as the key and over the secret".to_owned(),
            Self::SecretItself => "the secret itself".to_owned(),
            Self::PreviousSecret => "made with a previous secret".to_owned(),
            Self::SpacedSecret => "made with the secret and white space around it".to_owned(),
            Self::QuotedSecret => "made with the secret and quotation marks around it".to_owned(),
            Self::TrimmedSecret => "made with the secret without the white space that belongs to it".to_owned(),
            Self::DecodedSecret(encoding) => {
                format!("made with the bytes that the secret stands for in {encoding}, not with its text")
            }
            Self::OtherIntegration(name) => format!("made with the secret of the integration `{name}`"),
            Self::EmptyBody => "over an empty body".to_owned(),
            Self::Reserialised(form) => {
                format!("over the body's JSON written anew ({form}), not over the bytes that were sent")
            }
            Self::NewlineAdded => "over the body with a newline after it that was not sent".to_owned(),
            Self::NewlineRemoved => "over the body without the newline that was sent at its end".to_owned(),
            Self::Trimmed => "over the body without the white space around it".to_owned(),
            Self::LineEnds => "over the body with other line ends".to_owned(),
            Self::WithoutMark => "over the body without the byte order mark that was sent before it".to_owned(),
            Self::WithoutTimestamp => "made without the timestamp".to_owned(),
            Self::WithoutJoint => "made without what joins timestamp and body".to_owned(),
            Self::OtherJoint(joint) => format!("made with {joint:?} between timestamp and body"),
            Self::OtherTimestamp(seconds) => {
                let side = if seconds.is_negative() { "before" } else { "after" };
                let apart = seconds.unsigned_abs();
                format!("made with a timestamp {apart} s {side} that of the header")
            }
        }
    }

    /// How to do better.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Prefix => "write the demanded prefix before the digest",
            Self::Spaced => "send the header without white space or quotation marks",
            Self::LetterCase => "write the hexadecimal digits in lower case",
            Self::HexForBase64 => "encode the digest's bytes in base64",
            Self::Base64ForHex => "write the digest's bytes in hexadecimal digits",
            Self::OtherBase64 => "use standard base64 with its padding",
            Self::HexInBase64 => "encode the digest's bytes, not their hexadecimal text",
            Self::CutOff => "send the whole digest; a column or variable may be too short for it",
            Self::OtherAlgorithm(_) => "use the algorithm that is demanded",
            Self::Unkeyed | Self::NoHmac => "make an HMAC: a library's function that takes the secret as its key",
            Self::Swapped => "give the secret as the key and the body as the message",
            Self::SecretItself => {
                "send the HMAC of the body, never the secret, and replace this one: it has been on the way"
            }
            Self::PreviousSecret => "roll the new secret out to this client as well",
            Self::QuotedSecret => "take the quotation marks off when the secret is read from a file of variables",
            Self::SpacedSecret => "trim the secret when it is read from a file, a form or the environment",
            Self::TrimmedSecret => "keep the secret exactly as it is",
            Self::DecodedSecret(_) => "use the secret's text as the key, without decoding it",
            Self::OtherIntegration(_) => "use the secret of the integration whose URL is called",
            Self::EmptyBody => "sign after the body has been written, over its bytes",
            Self::Reserialised(_) => "write the JSON once, then sign and send those very bytes",
            Self::NewlineAdded | Self::NewlineRemoved | Self::Trimmed | Self::LineEnds | Self::WithoutMark => {
                "sign and send the very same bytes"
            }
            Self::WithoutTimestamp => "sign the timestamp along with the body, before it",
            Self::WithoutJoint | Self::OtherJoint(_) => "put the joint between the timestamp and the body",
            Self::OtherTimestamp(_) => "take the time once, and use it for both the signature and the header",
        }
    }
}
