//! `torq-conformance diff`: what changed from one stored run to another; and the earlier run that a new one is held against.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::report::read;
use super::{fail, show};
use crate::diff::{Difference, compare, to_markdown, to_text};
use crate::evidence::{Baseline, Evidence};
use crate::verdict::exit;

pub(super) const EXAMPLES: &str = "Examples:
  torq-conformance diff monday/report.json tuesday/report.json
  torq-conformance diff release.json reports/latest/report.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"
  torq-conformance run --profile staging.yaml --baseline release.json     the same as a gate

Ids, times and ports are no change: two runs of the same deployment do not differ.

Exit codes: 0 nothing diverges that did not before, 1 something does, 2 a file is no evidence.";

/// Which runs, and how their difference is shown.
#[derive(Debug, clap::Args)]
pub(super) struct DiffArguments {
    /// The evidence of the earlier run.
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The evidence of the later run.
    #[arg(value_name = "AFTER", default_value = "reports/latest/report.json")]
    after: PathBuf,
    /// For people, for machines, or for the summary of a CI job.
    #[arg(long, value_enum, default_value = "text")]
    format: DiffFormat,
}

/// How a difference is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum DiffFormat {
    /// Lines for people.
    Text,
    /// One JSON document.
    Json,
    /// Tables.
    Markdown,
}

/// Shows what changed.
pub(super) fn diff(arguments: &DiffArguments) -> ExitCode {
    let (before, after) = match (read(&arguments.before), read(&arguments.after)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(code), _) | (_, Err(code)) => return code,
    };
    let difference = compare(&before, &after);
    let text = match arguments.format {
        DiffFormat::Text => to_text(&difference),
        DiffFormat::Markdown => to_markdown(&difference),
        DiffFormat::Json => match serde_json::to_string_pretty(&difference) {
            Ok(json) => json + "\n",
            Err(error) => return fail(exit::HARNESS, &error.to_string()),
        },
    };
    show(&text);
    let code = if difference.new_divergences.is_empty() {
        exit::CONFORMS
    } else {
        exit::DIVERGES
    };
    ExitCode::from(code)
}

/// Holds a run against an earlier one: what diverged then just as now does not fail it.
pub(super) fn hold_against(evidence: &mut Evidence, (file, before): (&Path, &Evidence)) -> Difference {
    let difference = compare(before, evidence);
    evidence.baseline = Some(Baseline {
        file: file.display().to_string(),
        started: before.started.clone(),
        known: difference.known_divergences.clone(),
    });
    evidence.derive();
    difference
}
