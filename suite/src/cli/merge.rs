//! `torq-conformance merge`: the shards of a run as one run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use super::recording::write_all;
use super::report::read;
use super::{fail, refuse, show};
use crate::evidence::{self, Evidence};
use crate::plan;
use crate::report;
use crate::spec::Loaded;
use crate::verdict::exit;

pub(super) const EXAMPLES: &str = "Examples:
  torq-conformance run --shard 1/3 --out shard-1     and 2/3, 3/3, on other machines
  torq-conformance merge shard-*/report.json --out reports/latest

Merges only what it can prove to be one run: the same specs, every shard once, every case of the specs once.

Exit codes: those of a run; 2 when the files are no shards of one run.";

/// Which shards, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct MergeArguments {
    /// The evidence of every shard.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the reports of the whole are written.
    #[arg(long, value_name = "DIR", default_value = "reports/latest")]
    out: PathBuf,
}

/// Merges, writes and shows.
pub(super) fn merge(loaded: &Loaded, arguments: &MergeArguments) -> ExitCode {
    let mut shards = Vec::new();
    for file in &arguments.files {
        match read(file) {
            Ok(evidence) => shards.push((file.display().to_string(), evidence)),
            Err(code) => return code,
        }
    }
    let whole = match evidence::merge(shards, |shard| cases(loaded, shard)) {
        Ok(whole) => whole,
        Err(problems) => return refuse(&format!("{}\nnothing was written", problems.join("\n"))),
    };
    let folder = arguments.out.display();
    if let Err(error) = write_all(&arguments.out, &whole) {
        return fail(exit::HARNESS, &format!("cannot write to {folder}: {error}"));
    }
    show(&report::to_terminal(&whole));
    ExitCode::from(whole.exit_code.unwrap_or(exit::HARNESS))
}

/// The ids of the cases that a run with the filters of a shard consists of.
fn cases(loaded: &Loaded, shard: &Evidence) -> Result<BTreeSet<String>, String> {
    let specs = &loaded.specs;
    if specs.digest != shard.suite.specs {
        return Err(
            "the shards ran with other specs than these, so that nobody can say whether a case is missing: \
             use the same version of this program, and --specs DIR if they did"
                .to_owned(),
        );
    }
    let plan = plan::plan(specs, &shard.filters, None).map_err(|error| error.to_string())?;
    Ok(plan.all().map(|case| case.id.clone()).collect())
}
