//! The status words of executions (contract section 6).
//!
//! Only words; `Progress` decides which one applies.

use std::fmt;

/// Where an execution stands, in the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waits for its turn.
    Queued,
    /// Waited for its turn too long.
    Dropped,
    /// Runs.
    Running,
    /// Waits at a hold.
    OnHold,
    /// Ended with or without output.
    Success,
    /// Ended by failing.
    Failed,
    /// Ended by being stopped.
    Stopped,
}

impl Status {
    /// Every status.
    pub(crate) const ALL: [Self; 7] = [
        Self::Queued,
        Self::Dropped,
        Self::Running,
        Self::OnHold,
        Self::Success,
        Self::Failed,
        Self::Stopped,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Dropped => "DROPPED",
            Self::Running => "RUNNING",
            Self::OnHold => "ON_HOLD",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }

    /// True when nothing can change any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Queued | Self::Running | Self::OnHold => false,
            Self::Dropped | Self::Success | Self::Failed | Self::Stopped => true,
        }
    }
}

/// The word on the wire.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_words_are_the_last_ones() {
        let told = Status::ALL.map(|status| (status.to_string(), status.is_terminal()));
        let expected = [
            ("QUEUED", false),
            ("DROPPED", true),
            ("RUNNING", false),
            ("ON_HOLD", false),
            ("SUCCESS", true),
            ("FAILED", true),
            ("STOPPED", true),
        ];
        assert_eq!(told, expected.map(|(word, last)| (word.to_owned(), last)));
    }
}
