//! Identifiers: what they look like on the wire, and how a sandbox draws its own.
//!
//! Knows nothing of what the ids name, and uses no randomness: a drawn id is a function of the seed.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Which letter cases of a hexadecimal digit an id may use (contract section 1, open).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetterCase {
    /// `a` and `A` are the same digit.
    Any,
    /// Only `a` is a digit.
    Lower,
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $Id:ident),* $(,)?) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $Id(Uuid);

        impl $Id {
            /// Reads the hyphenated form, 8-4-4-4-12 hexadecimal digits; any other form is malformed (contract section 1).
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                hyphenated(text, LetterCase::Any).map(Self)
            }

            /// Wraps a UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        /// The hyphenated form in lower case.
        impl fmt::Display for $Id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $Id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

ids! {
    /// Names a workspace.
    WorkspaceId,
    /// Names a trigger integration.
    IntegrationId,
    /// Names a workflow in one workspace; a workflow shared into another one has a second id there (contract section 7).
    WorkflowId,
    /// Names one run of a workflow.
    ExecutionId,
    /// Names one revision of a workflow.
    RevisionId,
}

impl ExecutionId {
    /// An id that no execution has: the same one, but for its last bit.
    pub(crate) fn another(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128() ^ 1))
    }
}

/// Reads the hyphenated form of a UUID and no other.
pub(crate) fn hyphenated(text: &str, letters: LetterCase) -> Option<Uuid> {
    let well_formed = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match (at, letters) {
            (8 | 13 | 18 | 23, _) => byte == b'-',
            (_, LetterCase::Any) => byte.is_ascii_hexdigit(),
            (_, LetterCase::Lower) => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        });
    if well_formed { Uuid::try_parse(text).ok() } else { None }
}

/// The number from which a sandbox draws its ids and secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// Wraps a number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number itself.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The id of the thing of this kind and name: the same one for the same seed, always.
    pub(crate) fn draw(self, kind: &str, name: &str) -> Uuid {
        uuid_from(&self.digest(kind, name))
    }

    /// The secret of the thing of this kind and name: 32 hexadecimal digits.
    pub(crate) fn draw_secret(self, kind: &str, name: &str) -> String {
        // Apart from the id of the same thing, which everybody may know.
        HEXLOWER.encode(&self.digest(&format!("{kind} secret"), name)[..16])
    }

    fn digest(self, kind: &str, name: &str) -> [u8; 32] {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        let kind_length = u64::try_from(kind.len()).unwrap_or(u64::MAX);
        Sha256::new()
            .chain_update(self.0.to_le_bytes())
            .chain_update(kind_length.to_le_bytes())
            .chain_update(kind)
            .chain_update(name)
            .finalize()
            .into()
    }
}

/// Makes the bits of a digest a version 4 UUID.
fn uuid_from(digest: &[u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Ids and secrets of one kind for things that have no name, drawn one after the other.
#[derive(Debug)]
pub(crate) struct Sequence {
    /// Has taken in the seed and the kind already, so that a draw hashes one block.
    prefix: Sha256,
    /// How many have been drawn. Atomic, so that drawing needs no lock.
    drawn: AtomicU64,
}

impl Sequence {
    pub(crate) fn new(seed: Seed, kind: &str) -> Self {
        let prefix = Sha256::new()
            .chain_update(seed.0.to_le_bytes())
            .chain_update(kind)
            .chain_update([0]);
        Self {
            prefix,
            drawn: AtomicU64::new(0),
        }
    }

    /// The next id.
    pub(crate) fn draw(&self) -> Uuid {
        uuid_from(&self.next_digest())
    }

    /// The next secret: 64 hexadecimal digits.
    pub(crate) fn draw_secret(&self) -> String {
        HEXLOWER.encode(&self.next_digest())
    }

    /// The next two numbers from 0 (included) to 1 (not included).
    pub(crate) fn draw_fractions(&self) -> (f64, f64) {
        let digest = self.next_digest();
        let number = |at: usize| u32::from_le_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
        let fraction = |at| f64::from(number(at)) / (f64::from(u32::MAX) + 1.0);
        (fraction(0), fraction(4))
    }

    /// Starts over, as if nothing had been drawn.
    pub(crate) fn rewind(&self) {
        self.drawn.store(0, Ordering::Relaxed);
    }

    fn next_digest(&self) -> [u8; 32] {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        self.prefix.clone().chain_update(number.to_le_bytes()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        for (text, any, lower) in [
            ("af6aab8d-0000-4000-8000-74259a93b18f", true, true),
            ("AF6AAB8D-0000-4000-8000-74259A93B18F", true, false),
            ("{af6aab8d-0000-4000-8000-74259a93b18f}", false, false),
            ("urn:uuid:af6aab8d-0000-4000-8000-74259a93b18f", false, false),
            ("af6aab8d00004000800074259a93b18f", false, false),
            ("af6aab8d-0000-4000-8000-74259a93b18", false, false),
            ("af6aab8d-0000-4000-8000-74259a93b18g", false, false),
            ("af6aab8d_0000_4000_8000_74259a93b18f", false, false),
            ("af6aab8-d0000-4000-8000-74259a93b18f", false, false),
            ("", false, false),
            ("ééééééééééééé-ééé-", false, false),
        ] {
            assert_eq!(hyphenated(text, LetterCase::Any).is_some(), any, "{text}");
            assert_eq!(hyphenated(text, LetterCase::Lower).is_some(), lower, "{text}");
        }
    }

    #[test]
    fn drawn_ids_depend_on_seed_kind_and_name_only() {
        let seed = Seed::new(1);
        assert_eq!(seed.draw("workflow", "slow"), seed.draw("workflow", "slow"));
        assert_ne!(seed.draw("workflow", "slow"), seed.draw("integration", "slow"));
        assert_ne!(seed.draw("ab", "c"), seed.draw("a", "bc"));
        assert_ne!(seed.draw("workflow", "slow"), Seed::new(2).draw("workflow", "slow"));
        assert_eq!(seed.draw("workflow", "slow").get_version_num(), 4);
        assert_eq!(seed.draw_secret("header", "guarded").len(), 32);
    }

    #[test]
    fn a_rewound_sequence_draws_the_same_ids_again() {
        let sequence = Sequence::new(Seed::new(7), "execution");
        let (first, second) = (sequence.draw(), sequence.draw());
        assert_ne!(first, second);
        sequence.rewind();
        assert_eq!((sequence.draw(), sequence.draw()), (first, second));
    }

    proptest! {
        #[test]
        fn ids_survive_being_written_and_read(bits: u128) {
            let id = ExecutionId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(ExecutionId::parse(&id.to_string()), Some(id));
            prop_assert_eq!(ExecutionId::parse(&id.to_string().to_uppercase()), Some(id));
        }
    }
}
