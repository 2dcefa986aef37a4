//! The forms a run can be told in, by name, and the one way from its evidence to each of them.
//!
//! Knows names and files; how a form looks is for its own module.

use super::{to_html, to_json, to_junit, to_terminal};
use crate::evidence::Evidence;

/// A form of the same evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum View {
    /// Every failure and a summary, for a terminal.
    #[value(alias = "human")]
    Terminal,
    /// The evidence itself, as it is stored.
    Json,
    /// JUnit XML, for CI systems.
    Junit,
    /// One file for a browser, with everything in it.
    Html,
}

/// Why a form cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the {view} cannot be written: {why}")]
pub struct Unwritten {
    /// The form's file.
    pub view: &'static str,
    /// The reason.
    pub why: String,
}

impl View {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Json, Self::Junit, Self::Html];

    /// The file a run writes it to; `None` for what is shown and not written.
    #[must_use]
    pub const fn file(self) -> Option<&'static str> {
        match self {
            Self::Terminal => None,
            Self::Json => Some("report.json"),
            Self::Junit => Some("junit.xml"),
            Self::Html => Some("report.html"),
        }
    }

    /// Tells a run in this form. The terminal's has styles in it; whoever prints it takes them out where there is no terminal.
    ///
    /// # Errors
    /// When it cannot be written, which texts in memory do not do.
    pub fn render(self, evidence: &Evidence) -> Result<String, Unwritten> {
        let failed = |why: String| Unwritten {
            view: self.file().unwrap_or("summary"),
            why,
        };
        match self {
            Self::Terminal => Ok(to_terminal(evidence)),
            Self::Json => Ok(to_json(evidence)),
            Self::Junit => to_junit(evidence).map_err(|error| failed(error.to_string())),
            Self::Html => to_html(evidence).map_err(|error| failed(error.to_string())),
        }
    }
}
