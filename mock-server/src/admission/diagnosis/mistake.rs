//! The mistakes that signers make, each with a name, a phrase and a remedy.
//!
//! Words only: what to try for each is in the tables.

use std::borrow::Cow;

use crate::behaviour::authentication::Algorithm;

/// Something to sign over or with, and the mistake it would be.
#[derive(Debug)]
pub(super) struct Tried<'a> {
    /// The bytes.
    pub(super) bytes: Cow<'a, [u8]>,
    /// The mistake; nothing if it is none.
    pub(super) mistake: Option<Mistake>,
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
    OtherAlgorithm(Algorithm),
    /// A secret that was in force before.
    PreviousSecret,
    /// White space around the secret, as a file or a form adds it.
    SpacedSecret,
    /// The secret without white space that belongs to it.
    TrimmedSecret,
    /// The bytes that the secret stands for when it is read as an encoding.
    DecodedSecret(&'static str),
    /// The secret of another integration.
    OtherIntegration(String),
    /// No body.
    EmptyBody,
    /// The body's JSON, written anew.
    Reserialised,
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
            | Self::PreviousSecret
            | Self::SpacedSecret
            | Self::TrimmedSecret
            | Self::DecodedSecret(_)
            | Self::OtherIntegration(_)
            | Self::EmptyBody
            | Self::Reserialised
            | Self::NewlineAdded
            | Self::NewlineRemoved
            | Self::Trimmed
            | Self::LineEnds
            | Self::WithoutMark
            | Self::WithoutTimestamp
            | Self::WithoutJoint
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
            Self::PreviousSecret => "previous-secret",
            Self::SpacedSecret => "white-space-around-secret",
            Self::TrimmedSecret => "trimmed-secret",
            Self::DecodedSecret(_) => "decoded-secret",
            Self::OtherIntegration(_) => "secret-of-another-integration",
            Self::EmptyBody => "empty-body",
            Self::Reserialised => "json-written-anew",
            Self::NewlineAdded => "newline-added",
            Self::NewlineRemoved => "newline-removed",
            Self::Trimmed => "body-trimmed",
            Self::LineEnds => "line-ends",
            Self::WithoutMark => "byte-order-mark",
            Self::WithoutTimestamp => "timestamp-left-out",
            Self::WithoutJoint => "joint-left-out",
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
            Self::PreviousSecret => "made with a previous secret".to_owned(),
            Self::SpacedSecret => "made with the secret and white space around it".to_owned(),
            Self::TrimmedSecret => "made with the secret without the white space that belongs to it".to_owned(),
            Self::DecodedSecret(encoding) => {
                format!("made with the bytes that the secret stands for in {encoding}, not with its text")
            }
            Self::OtherIntegration(name) => format!("made with the secret of the integration `{name}`"),
            Self::EmptyBody => "over an empty body".to_owned(),
            Self::Reserialised => "over the body's JSON written anew, not over the bytes that were sent".to_owned(),
            Self::NewlineAdded => "over the body with a newline after it that was not sent".to_owned(),
            Self::NewlineRemoved => "over the body without the newline that was sent at its end".to_owned(),
            Self::Trimmed => "over the body without the white space around it".to_owned(),
            Self::LineEnds => "over the body with other line ends".to_owned(),
            Self::WithoutMark => "over the body without the byte order mark that was sent before it".to_owned(),
            Self::WithoutTimestamp => "made without the timestamp".to_owned(),
            Self::WithoutJoint => "made without what joins timestamp and body".to_owned(),
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
            Self::PreviousSecret => "roll the new secret out to this client as well",
            Self::SpacedSecret => "trim the secret when it is read from a file, a form or the environment",
            Self::TrimmedSecret => "keep the secret exactly as it is",
            Self::DecodedSecret(_) => "use the secret's text as the key, without decoding it",
            Self::OtherIntegration(_) => "use the secret of the integration whose URL is called",
            Self::EmptyBody => "sign after the body has been written, over its bytes",
            Self::Reserialised => "write the JSON once, then sign and send those very bytes",
            Self::NewlineAdded | Self::NewlineRemoved | Self::Trimmed | Self::LineEnds | Self::WithoutMark => {
                "sign and send the very same bytes"
            }
            Self::WithoutTimestamp => "sign the timestamp along with the body, before it",
            Self::WithoutJoint => "put the joint between the timestamp and the body",
            Self::OtherTimestamp(_) => "take the time once, and use it for both the signature and the header",
        }
    }
}
