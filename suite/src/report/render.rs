//! The formats a run can be shown in, and the one function that makes each of them.
//!
//! Every format is a pure view of the evidence: the same run always gives the same text.

use super::{to_annotations, to_badge, to_badge_json, to_html, to_json, to_junit, to_markdown, to_sarif, to_terminal};
use crate::evidence::Evidence;

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Every failure and a summary, for terminals.
    Human,
    /// The evidence itself.
    Json,
    /// JUnit XML, for CI systems.
    Junit,
    /// One file for a browser, with everything in it.
    Html,
    /// Markdown that fits the summary of a CI job.
    Markdown,
    /// SARIF 2.1.0, whose places are the assertions in the YAML.
    Sarif,
    /// A badge, as an SVG picture.
    Badge,
    /// A badge, as the JSON that shields.io asks an endpoint for.
    BadgeJson,
    /// Workflow commands that make annotations in GitHub Actions.
    Github,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Human,
        Self::Json,
        Self::Junit,
        Self::Html,
        Self::Markdown,
        Self::Sarif,
        Self::Badge,
        Self::BadgeJson,
        Self::Github,
    ];

    /// The file a run writes in this format; nothing for one that is only shown.
    #[must_use]
    pub const fn file_name(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("report.json"),
            Self::Junit => Some("junit.xml"),
            Self::Html => Some("report.html"),
            Self::Markdown => Some("summary.md"),
            Self::Sarif => Some("report.sarif"),
            Self::Badge => Some("badge.svg"),
            Self::BadgeJson => Some("badge.json"),
            Self::Human | Self::Github => None,
        }
    }
}

/// A run in a format.
#[must_use]
pub fn render(evidence: &Evidence, format: Format) -> String {
    const WRITTEN: &str = "a text in memory can always be written to";
    match format {
        Format::Human => to_terminal(evidence),
        Format::Json => to_json(evidence),
        Format::Junit => to_junit(evidence).expect(WRITTEN),
        Format::Html => to_html(evidence).expect(WRITTEN),
        Format::Markdown => to_markdown(evidence),
        Format::Sarif => to_sarif(evidence),
        Format::Badge => to_badge(evidence),
        Format::BadgeJson => to_badge_json(evidence),
        Format::Github => to_annotations(evidence),
    }
}
