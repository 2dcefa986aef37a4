//! The files of a run: the evidence as the run goes, and every other format once it has ended.
//!
//! Writes; what is written is made by `evidence` and `report`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::announce::Announcer;
use crate::evidence::{self, Evidence, Stream};
use crate::progress::Progress;
use crate::report::{Finished, Format, Outcome, render};
use crate::spec::model::Specs;
use crate::verdict::Strictness;

/// Keeps the evidence of a run on disk while the run goes on, and lets an announcer hear of it too.
pub(super) struct Recorder<'r> {
    pub(super) announcer: Announcer,
    specs: &'r Specs,
    strictness: Strictness,
    folder: PathBuf,
    state: Mutex<State>,
}

/// How far the writing has come.
enum State {
    /// The file is there and empty.
    Ready(File),
    /// Cases are added.
    Writing(Stream<File>),
    /// Something could not be written.
    Broken(io::Error),
    /// All is said.
    Done,
}

impl<'r> Recorder<'r> {
    /// Makes the folder and an empty file of evidence, and takes away what an earlier run left there.
    pub(super) fn new(
        folder: &Path,
        announcer: Announcer,
        (specs, strictness): (&'r Specs, Strictness),
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = File::create(folder.join("report.json"))?;
        for name in Format::ALL.into_iter().filter_map(Format::file_name) {
            if name != "report.json" && folder.join(name).exists() {
                fs::remove_file(folder.join(name))?;
            }
        }
        Ok(Self {
            announcer,
            specs,
            strictness,
            folder: folder.to_owned(),
            state: Mutex::new(State::Ready(file)),
        })
    }

    /// Writes every format of a run that has ended; gives back the evidence as it was written.
    pub(super) fn finish(&self, evidence: &Evidence) -> io::Result<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Broken(error) = std::mem::replace(&mut *state, State::Done) {
            return Err(error);
        }
        write_all(&self.folder, evidence)
    }

    fn advance(&self, next: impl FnOnce(State) -> io::Result<State>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *state, State::Done);
        *state = next(before).unwrap_or_else(State::Broken);
    }
}

/// Writes every format of complete evidence; each file is there as a whole or as it was before.
pub(super) fn write_all(folder: &Path, evidence: &Evidence) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    for format in Format::ALL {
        if let Some(name) = format.file_name() {
            let unfinished = folder.join(format!(".{name}.unfinished"));
            fs::write(&unfinished, render(evidence, format))?;
            fs::rename(&unfinished, folder.join(name))?;
        }
    }
    fs::read_to_string(folder.join("report.json"))
}

impl Progress for Recorder<'_> {
    fn begun(&self, outcome: &Outcome<'_>) {
        let begun = Evidence::begun(outcome, self.strictness);
        self.advance(|state| match state {
            State::Ready(file) => {
                let mut stream = Stream::begin(file, &begun)?;
                for finished in &outcome.cases {
                    stream.add(&evidence::Case::of(finished, self.specs))?;
                }
                Ok(State::Writing(stream))
            }
            other => Ok(other),
        });
    }

    fn finished(&self, finished: &Finished<'_>) {
        self.advance(|state| match state {
            State::Writing(mut stream) => {
                stream.add(&evidence::Case::of(finished, self.specs))?;
                Ok(State::Writing(stream))
            }
            other => Ok(other),
        });
        self.announcer.finished(finished);
    }
}
