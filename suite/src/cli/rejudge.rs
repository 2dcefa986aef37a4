//! `torq-conformance rejudge`: a stored run, judged again with the present specs.
//!
//! Reads and writes files; sends nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use super::recording::write_all;
use super::report::read;
use super::{fail, show};
use crate::rejudge::{self, to_markdown, to_text};
use crate::spec::Loaded;
use crate::verdict::exit;

pub(super) const EXAMPLES: &str = "Examples:
  torq-conformance rejudge                                the last run, with the built-in specs
  torq-conformance rejudge nightly.json --specs specs     after a change of the specs in a folder
  torq-conformance rejudge nightly.json --out rejudged    the run as judged now, in every format
  torq-conformance rejudge nightly.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"

Nothing is sent. A verdict that the recorded answers do not bear any more is inconclusive, and the
reason is told: the case is new, or does something else now, or a secret or the end of a long body
would have to be read.

Exit codes: 0 nothing diverges that did not before, 1 something does, 4 a MUST lost its verdict,
5 a case is wrong in itself; the first of 5, 1, 4, 0 counts. 2 the file is no evidence, or the specs
are wrong.";

/// Which run, and what to make of it.
#[derive(Debug, clap::Args)]
pub(super) struct RejudgeArguments {
    /// The evidence of the run.
    #[arg(value_name = "FILE", default_value = "reports/latest/report.json")]
    file: PathBuf,
    /// Write the run as it is judged now to this folder, in every format.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How the change is shown: for people, for machines, or for the summary of a CI job.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// How the change is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Lines for people.
    Text,
    /// One JSON document.
    Json,
    /// Tables.
    Markdown,
}

/// Judges again, shows what changed, and writes what is asked for.
pub(super) fn rejudge(loaded: &Loaded, arguments: &RejudgeArguments) -> ExitCode {
    let stored = match read(&arguments.file) {
        Ok(stored) => stored,
        Err(code) => return code,
    };
    let rejudged = rejudge::rejudge(&stored, &loaded.specs);
    let text = match arguments.format {
        Format::Text => to_text(&rejudged),
        Format::Markdown => to_markdown(&rejudged),
        Format::Json => match serde_json::to_string_pretty(&rejudged) {
            Ok(json) => json + "\n",
            Err(error) => return fail(exit::HARNESS, &error.to_string()),
        },
    };
    if let Some(folder) = &arguments.out
        && let Err(error) = write_all(folder, &rejudged.evidence)
    {
        return fail(exit::USAGE, &format!("cannot write to {}: {error}", folder.display()));
    }
    show(&text);
    ExitCode::from(rejudged.code(&stored))
}
