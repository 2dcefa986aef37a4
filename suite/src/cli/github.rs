//! What GitHub Actions is told at the end of a run: annotations on standard output, the summary of the job in its file.
//!
//! Does nothing elsewhere.

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;

use super::{fail, show};
use crate::evidence::Evidence;
use crate::report::{Format, render};
use crate::verdict::exit;

/// Whether annotations may be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Nobody else reads standard output.
    Free,
    /// A program reads it.
    Taken,
}

/// Tells it, when it is there. That a summary cannot be written changes no verdict, and is said.
pub(super) fn tell(evidence: &Evidence, output: Output) {
    if env::var_os("GITHUB_ACTIONS").is_none_or(|it| it != "true") {
        return;
    }
    if output == Output::Free {
        show(&render(evidence, Format::Github));
    }
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|it| !it.is_empty()) else {
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(render(evidence, Format::Markdown).as_bytes()));
    if let Err(error) = written {
        let path = path.display();
        let _ = fail(
            exit::HARNESS,
            &format!("the summary of the job cannot be written to {path}: {error}"),
        );
    }
}
