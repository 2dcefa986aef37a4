//! Where specs come from: the ones built into the binary, or a folder.
//!
//! The only file of `spec` that touches the disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use thiserror::Error;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// Where specs come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The specs this binary was built with.
    Embedded,
    /// A folder laid out like `specs/`.
    Folder(PathBuf),
}

/// What a file holds, by its place in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Requirements,
    Fixtures,
    Cases,
    Probes,
    Knobs,
    Faults,
    KillMatrix,
    Survivors,
}

/// One file of the specs.
#[derive(Debug)]
pub(super) struct File {
    /// Its name for messages and reports, with forward slashes.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) kind: Kind,
}

/// Why specs cannot be read.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The folder or a file in it.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        reason: io::Error,
    },
    /// There is nothing in it.
    #[error("{0} holds no specs: expected `fixtures.yaml`, `requirements/` and `cases/` in it")]
    Empty(PathBuf),
}

impl Source {
    /// All files in the order of their names.
    pub(super) fn files(&self) -> Result<Vec<File>, SourceError> {
        let mut files: Vec<File> = match self {
            Self::Embedded => {
                let files = embedded::FILES.iter();
                files
                    .filter_map(|(path, text)| file("specs".as_ref(), path, (*text).to_owned()))
                    .collect()
            }
            Self::Folder(folder) => {
                let mut files = Vec::new();
                collect(folder, folder, &mut files)?;
                if files.is_empty() {
                    return Err(SourceError::Empty(folder.clone()));
                }
                files
            }
        };
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

/// SHA-256 over names and texts, lower hex.
pub(super) fn digest(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [&file.name, &file.text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    HEXLOWER.encode(&hash.finalize())
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<(), SourceError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |reason| SourceError::Unreadable { path, reason }
    };
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let relative = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace('\\', "/");
        if kind_of(&relative).is_some() {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            files.extend(file(root, &relative, text));
        }
    }
    Ok(())
}

fn file(root: &Path, relative: &str, text: String) -> Option<File> {
    let kind = kind_of(relative)?;
    let root = root.to_string_lossy();
    Some(File {
        name: format!("{}/{relative}", root.trim_end_matches('/')),
        text,
        kind,
    })
}

fn kind_of(relative: &str) -> Option<Kind> {
    let yaml = Path::new(relative)
        .extension()
        .is_some_and(|extension| extension == "yaml");
    match relative.split('/').next()? {
        "fixtures.yaml" => Some(Kind::Fixtures),
        "knobs.yaml" => Some(Kind::Knobs),
        "probes.yaml" => Some(Kind::Probes),
        "faults.yaml" => Some(Kind::Faults),
        "kill-matrix.yaml" => Some(Kind::KillMatrix),
        "survivors.yaml" => Some(Kind::Survivors),
        "requirements" if yaml => Some(Kind::Requirements),
        "cases" if yaml => Some(Kind::Cases),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_are_those_of_the_checkout_the_tests_run_in() {
        // Not `env!`: that is where this was compiled.
        let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names it");
        let folder = Path::new(&package).join("../specs");
        let read = |source: Source, root: &str| -> Vec<(String, String)> {
            let files = source.files().expect("they can be read").into_iter();
            files
                .map(|file| (file.name.replacen(root, "specs", 1), file.text))
                .collect()
        };
        let root = folder.to_string_lossy().into_owned();
        let (embedded, there) = (read(Source::Embedded, "specs"), read(Source::Folder(folder), &root));
        let names = |files: &[(String, String)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&embedded), names(&there));
        let stale: Vec<_> = embedded
            .iter()
            .zip(&there)
            .filter(|(a, b)| a != b)
            .map(|(a, _)| &a.0)
            .collect();
        assert!(
            stale.is_empty(),
            "built from other texts: {stale:?}; touch suite/build.rs and build again"
        );
    }
}
