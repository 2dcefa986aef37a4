//! `torq-conformance new`: a case where its id says it must live, to be made into the one that is needed.
//!
//! Decides where, and whether it may be; what is written is `skeleton`'s.

mod skeleton;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use located_yaml::{Problem, did_you_mean};

use super::{refuse, show};
use crate::schema::Format;
use crate::spec::model::{Requirement, Specs};
use crate::spec::{self, Source};
use skeleton::Skeleton;

/// The folder that is written to when none is named.
const FOLDER: &str = "specs";

pub(super) const EXAMPLES: &str = "Examples:
  torq-conformance new urls.spelling.dots --requirement TRAILING-SLASH
      adds a case at the end of specs/cases/urls/spelling.yaml; nothing else in it changes
  torq-conformance new running.naps.short --requirement SYNC-ANSWER --specs my-specs
      makes my-specs/cases/running/naps.yaml, with a case and its negative twin";

/// What a new case can be told.
#[derive(Debug, clap::Args)]
pub(super) struct NewArguments {
    /// The case's id: section, suite and a name of its own, such as urls.spelling.dots; it says which file below
    /// `specs/`, or the folder named with --specs, the case is written to.
    id: String,
    /// The requirement it checks; its grade decides what kind of case is written.
    #[arg(long, value_name = "ID")]
    requirement: Option<String>,
}

/// Writes the case and says what to do with it.
pub(super) fn new(arguments: &NewArguments, source: &Source) -> ExitCode {
    match write(arguments, source) {
        Ok(said) => show(&said),
        Err(reason) => refuse(&reason),
    }
}

fn write(arguments: &NewArguments, source: &Source) -> Result<String, String> {
    let folder = folder(source)?;
    let id = Id::parse(&arguments.id)?;
    let source = Source::Folder(folder.clone());
    // Specs that do not hang together yet may be why a case is wanted: what is wrong with them is no obstacle.
    let before = spec::load(&source).map_err(|error| error.to_string())?;
    id.fits(&before.specs)?;
    let wanted = arguments.requirement.as_deref();
    let skeleton = Skeleton {
        id: id.whole,
        suite: id.suite,
        requirement: wanted.map(|it| requirement(&before.specs, it)).transpose()?,
        workflow: busiest_workflow(&before.specs)?,
    };
    skeleton.is_new_to(&before.specs)?;
    let file = folder.join("cases").join(id.section).join(format!("{}.yaml", id.suite));
    let made = put(&file, &skeleton)?;
    let after = spec::load(&source).map_err(|error| error.to_string())?;
    let is_new = |problem: &&Problem| !before.problems.iter().any(|it| it == *problem);
    Ok(said(
        &skeleton,
        (&folder, &file, made),
        after.problems.iter().filter(is_new),
    ))
}

/// The folder that may be written to.
fn folder(source: &Source) -> Result<PathBuf, String> {
    match source {
        Source::Folder(folder) => Ok(folder.clone()),
        Source::Embedded if Path::new(FOLDER).is_dir() => Ok(FOLDER.into()),
        Source::Embedded => Err(format!(
            "there is no folder `{FOLDER}` here, and the built-in specs cannot be added to; \
             go where it is, or name a folder with `--specs DIR`"
        )),
    }
}

/// A case's id, taken apart.
struct Id<'a> {
    whole: &'a str,
    section: &'a str,
    suite: &'a str,
}

impl<'a> Id<'a> {
    fn parse(whole: &'a str) -> Result<Self, String> {
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let parts: Vec<_> = whole.split('.').collect();
        match parts.as_slice() {
            [section, suite, _, ..] if parts.iter().all(|part| word(part)) => Ok(Self { whole, section, suite }),
            _ => Err(format!(
                "`{whole}` is no id of a case: section, suite and a name of its own, joined by dots, in lower-case letters, \
                 digits and hyphens, such as urls.spelling.dots"
            )),
        }
    }

    /// Whether there is such a section.
    fn fits(&self, specs: &Specs) -> Result<(), String> {
        let sections = specs.requirements.iter().map(|it| it.section.as_str());
        if sections.clone().any(|section| section == self.section) {
            return Ok(());
        }
        let mut known: Vec<_> = sections.collect();
        known.dedup();
        let hint = did_you_mean(self.section, known).map_or_else(String::new, |hint| format!("; {hint}"));
        Err(format!("no requirement belongs to a section `{}`{hint}", self.section))
    }
}

fn requirement<'s>(specs: &'s Specs, wanted: &str) -> Result<&'s Requirement, String> {
    let found = specs.requirements.iter().find(|it| it.id == wanted);
    found.ok_or_else(|| {
        let hint = did_you_mean(wanted, specs.requirements.iter().map(|it| it.id.as_str()));
        let hint = hint.unwrap_or_else(|| "`torq-conformance list --requirements` shows them".to_owned());
        format!("there is no requirement `{wanted}`; {hint}")
    })
}

/// The workflow that most cases call: one that is published, and known to work.
fn busiest_workflow(specs: &Specs) -> Result<&str, String> {
    let uses = |name: &String| {
        let cases = specs.cases.iter();
        cases.filter(|case| case.fixtures.workflows.contains(name)).count()
    };
    let busiest = specs.fixtures.workflows.keys().max_by_key(|name| uses(name));
    let none = "the fixtures have no workflow that a case could call";
    busiest.map(String::as_str).ok_or_else(|| none.to_owned())
}

/// What became of the file.
#[derive(Clone, Copy)]
enum Made {
    Anew,
    Longer,
}

/// Makes the file, or adds to its end.
fn put(path: &Path, skeleton: &Skeleton<'_>) -> Result<Made, String> {
    let trouble = |error: io::Error| format!("cannot write {}: {error}", path.display());
    let old = match fs::read_to_string(path) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(path)).map_err(trouble)?;
            let mut file = fs::File::create_new(path).map_err(trouble)?;
            file.write_all(skeleton.file().as_bytes()).map_err(trouble)?;
            return Ok(Made::Anew);
        }
        Err(error) => return Err(trouble(error)),
    };
    let Some(more) = skeleton.to_append(&old) else {
        return Err(format!(
            "{} does not end in a list of cases to which more can be added; put this under its `cases` by hand\n\n{}",
            path.display(),
            skeleton.cases("  ")
        ));
    };
    let mut file = fs::OpenOptions::new().append(true).open(path).map_err(trouble)?;
    file.write_all(more.as_bytes()).map_err(trouble)?;
    Ok(Made::Longer)
}

/// What was written, and what is left to do.
fn said<'p>(
    skeleton: &Skeleton<'_>,
    (folder, file, made): (&Path, &Path, Made),
    left: impl Iterator<Item = &'p Problem>,
) -> String {
    let mut out = match made {
        Made::Anew => format!("made {}\n", file.display()),
        Made::Longer => format!("added to the end of {}\n", file.display()),
    };
    for (id, title) in skeleton.written() {
        out.push_str(&format!("  {id}: {title}\n"));
    }
    out.push_str("\nnext\n");
    for problem in left {
        out.push_str(&format!("  {problem}\n"));
    }
    let has_schema = folder.join("schema").join(Format::Cases.file_name()).exists();
    let (folder, id) = (folder.display(), skeleton.id);
    out.push_str(&format!(
        "  {}\n  torq-conformance lint --specs {folder}\n  torq-conformance run --specs {folder} --filter '{id}*'\n",
        skeleton.advice()
    ));
    if !has_schema {
        out.push_str(&format!(
            "  torq-conformance schema --out {folder}/schema, for editors\n"
        ));
    }
    out
}
