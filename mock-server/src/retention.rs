//! How much a sandbox remembers: everything it keeps is bounded by count and by bytes, the oldest goes first.

use std::str::FromStr;

use thiserror::Error;

/// The memory a sandbox may fill with what it remembers, in bytes.
///
/// Executions take up to 20 parts of 32, activity 6, the journal 4, bearer tokens 2. Each counts what its entries take,
/// texts and bookkeeping included; what the allocator adds is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Budget(usize);

/// A text that is no budget.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BudgetError {
    /// It is no size.
    #[error("`{0}` is no size; write bytes, or a number with KiB, MiB or GiB, such as 16MiB")]
    NoSize(String),
    /// It is too small to work with.
    #[error("{0} bytes are too few; a sandbox needs 256KiB")]
    TooSmall(usize),
}

impl Budget {
    /// What a sandbox gets when nothing else is said: enough for hours of tests.
    pub const DEFAULT: Self = Self(320 << 20);
    /// Below this, a single large request would be more than everything.
    const LEAST: usize = 256 << 10;
    const PARTS: usize = 32;

    /// A budget of this many bytes.
    ///
    /// # Errors
    /// When it is below 256 KiB.
    pub const fn of(bytes: usize) -> Result<Self, BudgetError> {
        if bytes < Self::LEAST {
            return Err(BudgetError::TooSmall(bytes));
        }
        Ok(Self(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0
    }

    /// Executions with their outputs.
    pub(crate) const fn executions(self) -> Retention {
        self.share(20, 100_000)
    }

    /// As many records of activity as there are executions, in less room: a record holds an event, not an output.
    pub(crate) const fn activity(self) -> Retention {
        self.share(6, 100_000)
    }

    /// Requests: a long test run fits, a runaway client does not fill the memory.
    pub(crate) const fn journal(self) -> Retention {
        self.share(4, 10_000)
    }

    /// Bearer tokens.
    pub(crate) const fn tokens(self) -> Retention {
        self.share(2, 100_000)
    }

    const fn share(self, parts: usize, count: usize) -> Retention {
        Retention {
            count,
            bytes: self.0 / Self::PARTS * parts,
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Reads `16MiB`, `512KiB`, `1GiB` or a number of bytes.
impl FromStr for Budget {
    type Err = BudgetError;

    fn from_str(text: &str) -> Result<Self, BudgetError> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim() {
            "" | "B" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            _ => return Err(BudgetError::NoSize(text.to_owned())),
        };
        let number: usize = number.parse().map_err(|_| BudgetError::NoSize(text.to_owned()))?;
        let bytes = number.checked_mul(1 << shift);
        Self::of(bytes.ok_or_else(|| BudgetError::NoSize(text.to_owned()))?)
    }
}

/// How much of one kind is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// Things at most.
    pub(crate) count: usize,
    /// Bytes of what they hold at most: of requests, events or outputs.
    pub(crate) bytes: usize,
}

impl Retention {
    /// Whether this much is more than is remembered.
    pub(crate) const fn is_exceeded_by(self, count: usize, bytes: usize) -> bool {
        count > self.count || bytes > self.bytes
    }
}

/// What a sandbox remembers at some moment, in bytes as its budget counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Executions with their outputs.
    pub executions: usize,
    /// Activity with its events.
    pub activity: usize,
    /// The journal.
    pub journal: usize,
    /// Bearer tokens.
    pub tokens: usize,
}

impl Usage {
    /// All of it.
    #[must_use]
    pub const fn total(self) -> usize {
        self.executions + self.activity + self.journal + self.tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_with_its_unit() {
        for (text, bytes) in [
            ("262144", Some(262_144)),
            ("256KiB", Some(262_144)),
            ("16 MiB", Some(16 << 20)),
            ("1GiB", Some(1 << 30)),
        ] {
            assert_eq!(text.parse::<Budget>().ok().map(Budget::bytes), bytes, "{text}");
        }
        for (text, told) in [
            ("", "no size"),
            ("MiB", "no size"),
            ("16MB", "no size"),
            ("-1", "no size"),
            ("99999999999GiB", "no size"),
            ("1KiB", "1024 bytes are too few"),
        ] {
            let error = text.parse::<Budget>().expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn the_shares_are_the_budget() {
        let budget = Budget::DEFAULT;
        let shares = [
            budget.executions(),
            budget.activity(),
            budget.journal(),
            budget.tokens(),
        ];
        assert_eq!(shares.iter().map(|share| share.bytes).sum::<usize>(), budget.bytes());
    }
}
