//! One part of a run that is split over several machines: which cases are on it.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::spec::model::Case;

/// The `number`th of `of` parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    of: u64,
}

/// A text that names no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected K/N with 1 ≤ K ≤ N, such as 2/4")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (number, of) = text.split_once('/').ok_or(NoShard)?;
        let number: u32 = number.parse().map_err(|_| NoShard)?;
        let of: u32 = of.parse().map_err(|_| NoShard)?;
        if (1..=of).contains(&number) {
            Ok(Self {
                number: number.into(),
                of: of.into(),
            })
        } else {
            Err(NoShard)
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Which one it is, from 1.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub const fn of(self) -> u64 {
        self.of
    }

    /// Whether a case is on it: by its twin's id if it has a twin, so that the two are judged in the same run.
    #[must_use]
    pub fn has(self, case: &Case) -> bool {
        let id = case.twin.as_ref().map_or(&case.id, |twin| &twin.case);
        // Not the hasher of the standard library: the parts have to be the same on every machine and in every version.
        let digest = Sha256::digest(id.as_bytes());
        let hash = digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        hash % self.of == self.number - 1
    }
}
