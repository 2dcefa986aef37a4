//! `torq-conformance publish`: a run in every format, fit to be kept beside code, and whether what is kept is up to date.
//!
//! Reads and writes files; what is taken out of a run is decided by `evidence`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::report::read;
use super::{fail, packed, refuse, show};
use crate::diff::{compare, to_text};
use crate::evidence::{self, Evidence};
use crate::report::{Format, render};
use crate::verdict::exit;

pub(super) const EXAMPLES: &str = "Times of this machine, ids and ports have stand-ins, so that two runs that behave the same are the same files:
`--check` in CI says when what is kept is no longer what the deployment does. The evidence is packed (report.json.gz);
report, diff, rejudge and --baseline read it as it is.

Examples:
  torq-conformance publish --out docs/conformance                     the last run
  torq-conformance publish reports/latest/report.json --out docs/conformance --check

Exit codes: 0 it is published, or up to date; 1 it is not up to date; 2 the file is no evidence, or is not fit to be published.";

/// What to publish, and where.
#[derive(Debug, clap::Args)]
pub(super) struct PublishArguments {
    /// The evidence of a run that reached its end, on a clock that is moved by hand.
    #[arg(default_value = "reports/latest/report.json", value_name = "FILE")]
    file: PathBuf,
    /// Where the formats are kept.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write nothing, and exit 1 when what is kept there is not what would be written.
    #[arg(long)]
    check: bool,
}

/// A file as it is to be.
struct Wanted {
    path: PathBuf,
    text: String,
}

impl Wanted {
    /// Whether the file says that already.
    fn is_there(&self) -> bool {
        packed::read(&self.path).is_ok_and(|kept| kept == self.text)
    }

    fn write(&self) -> std::io::Result<()> {
        if self.path.extension().is_some_and(|it| it == "gz") {
            fs::write(&self.path, packed::pack(&self.text))
        } else {
            fs::write(&self.path, &self.text)
        }
    }
}

/// Publishes a run, or says whether it is published.
pub(super) fn publish(arguments: &PublishArguments) -> ExitCode {
    let published = match read(&arguments.file).map(|evidence| evidence.published()) {
        Ok(Ok(published)) => published,
        Ok(Err(unfit)) => return refuse(&format!("{}: {unfit}", arguments.file.display())),
        Err(code) => return code,
    };
    let folder = &arguments.out;
    let files = files(&published, folder);
    let drifted: Vec<_> = files.iter().filter(|it| !it.is_there()).collect();
    if drifted.is_empty() {
        return show(&format!("{} is up to date\n", folder.display()));
    }
    if arguments.check {
        let names = drifted.iter().map(|it| format!("  {}\n", it.path.display()));
        return fail(
            exit::DIVERGES,
            &format!(
                "not up to date:\n{}{}run the same without --check, and review what changed",
                names.collect::<String>(),
                changes(&published, folder)
            ),
        );
    }
    let written = fs::create_dir_all(folder).and_then(|()| drifted.iter().try_for_each(|it| it.write()));
    match written {
        Ok(()) => show(&format!("{}: {} files written\n", folder.display(), drifted.len())),
        Err(error) => fail(exit::HARNESS, &format!("cannot write to {}: {error}", folder.display())),
    }
}

/// Every format, as a file. Annotations are for the log of a job and have none.
fn files(evidence: &Evidence, folder: &Path) -> Vec<Wanted> {
    let named = |format: Format| match format {
        Format::Json => Some("report.json.gz"),
        Format::Human => Some("terminal.txt"),
        Format::Junit
        | Format::Html
        | Format::Markdown
        | Format::Sarif
        | Format::Badge
        | Format::BadgeJson
        | Format::Github => format.file_name(),
    };
    let wanted = |format| {
        let path = folder.join(named(format)?);
        let text = render(evidence, format);
        let text = if format == Format::Human {
            anstream::adapter::strip_str(&text).to_string()
        } else {
            text
        };
        Some(Wanted { path, text })
    };
    Format::ALL.into_iter().filter_map(wanted).collect()
}

/// What a run does that the kept one did not, in words; nothing where no run is kept.
fn changes(published: &Evidence, folder: &Path) -> String {
    let file = folder.join("report.json.gz");
    let kept = packed::read(&file).ok();
    let kept = kept.and_then(|text| evidence::read(&file.display().to_string(), &text).ok());
    kept.map_or_else(String::new, |kept| {
        format!("what changed:\n{}", to_text(&compare(&kept, published)))
    })
}
