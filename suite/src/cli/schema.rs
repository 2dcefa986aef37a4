//! `torq-conformance schema`: the JSON Schemas, for people who keep specs in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use super::{refuse, show};
use crate::schema::Format;

pub(super) const EXAMPLES: &str = "Examples:
  torq-conformance schema cases                  print the schema of case files
  torq-conformance schema --out my-specs/schema  write all of them where the files of my-specs look for them

The first line of a file tells editors which schema it follows:
  # yaml-language-server: $schema=../../schema/cases.schema.json";

/// Which schemas, and where to.
#[derive(Debug, clap::Args)]
pub(super) struct SchemaArguments {
    /// The format; all of them when they are written to a folder.
    #[arg(value_enum, required_unless_present = "out")]
    format: Option<Format>,
    /// Write files to this folder instead of printing.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints or writes what is asked for.
pub(super) fn schema(arguments: &SchemaArguments) -> ExitCode {
    let formats = match &arguments.format {
        // The ones refer to the others.
        Some(Format::Fixtures) if arguments.out.is_some() => vec![Format::Fixtures, Format::Configuration],
        Some(Format::Faults) if arguments.out.is_some() => vec![Format::Faults, Format::Configuration],
        Some(Format::Probes) if arguments.out.is_some() => vec![Format::Probes, Format::Cases],
        Some(format) => vec![*format],
        None => Format::ALL.to_vec(),
    };
    let Some(folder) = &arguments.out else {
        return show(&formats.into_iter().map(Format::text).collect::<String>());
    };
    match write(folder, &formats) {
        Ok(written) => show(&written),
        Err(error) => refuse(&format!("cannot write to {}: {error}", folder.display())),
    }
}

fn write(folder: &Path, formats: &[Format]) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    let mut written = String::new();
    for format in formats {
        let file = folder.join(format.file_name());
        fs::write(&file, format.text())?;
        written.push_str(&format!("{}\n", file.display()));
    }
    Ok(written)
}
