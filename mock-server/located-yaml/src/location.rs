//! Where something stands in a file.
//!
//! Pure data: it does not know what stands there.

use std::fmt;
use std::sync::Arc;

/// A stretch of one line of a file; lines and columns count from 1, columns and lengths in characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// The file as it was named when its text was parsed.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column of the first character, from 1.
    pub column: u32,
    /// How many characters; 0 where something is missing.
    pub length: u32,
}

impl Location {
    /// The very beginning of a file: for what is wrong with the file as a whole.
    #[must_use]
    pub fn start_of(file: &str) -> Self {
        Self {
            file: file.into(),
            line: 1,
            column: 1,
            length: 0,
        }
    }
}

/// `file:line:column`, as editors and terminals recognise it.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
