//! `torq-conformance report`: a stored run, shown again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{fail, packed, refuse, show};
use crate::evidence::{self, Evidence};
use crate::report::{Format, render};
use crate::verdict::exit;

pub(super) const EXAMPLES: &str = "Examples:
  torq-conformance report                                      the last run, as it was shown then
  torq-conformance report reports/latest/report.json --format junit
  torq-conformance report nightly.json.gz --format junit --out junit.xml      packed with gzip does as well

Exit codes: 0 it is shown, whatever the run came to; 2 the file is no evidence or contradicts itself.
A run that did not reach its end is shown as far as it came, and says so.";

/// Which run, and how.
#[derive(Debug, clap::Args)]
pub(super) struct ReportArguments {
    /// The evidence of the run.
    #[arg(default_value = "reports/latest/report.json", value_name = "FILE")]
    file: PathBuf,
    /// What to make of it.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Shows or writes what is asked for.
pub(super) fn report(arguments: &ReportArguments) -> ExitCode {
    let evidence = match read(&arguments.file) {
        Ok(evidence) => evidence,
        Err(code) => return code,
    };
    let text = render(&evidence, arguments.format);
    let Some(out) = &arguments.out else {
        return show(&text);
    };
    let plain = anstream::adapter::strip_str(&text).to_string();
    match fs::write(out, plain) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(exit::USAGE, &format!("cannot write {}: {error}", out.display())),
    }
}

/// The evidence of a file, or the code that says that there is none.
pub(super) fn read(path: &Path) -> Result<Evidence, ExitCode> {
    let name = path.display().to_string();
    let text = packed::read(path).map_err(|error| {
        refuse(&format!(
            "cannot read {name}: {error}\na run writes its evidence to reports/latest/report.json, or to --out DIR"
        ))
    })?;
    evidence::read(&name, &text).map_err(|error| refuse(&error.to_string()))
}
