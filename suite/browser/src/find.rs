//! Where the browser is, and what is said when there is none.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::Error;

/// The environment variable that makes a missing browser a failure instead of a skip.
pub const REQUIRED: &str = "BROWSER_REQUIRED";

/// The environment variable that names the browser.
pub const SET_BY: &str = "CHROMIUM";

const NAMES: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

const HOW: &str = "put `chromium` or `google-chrome` on the PATH (`apt-get install chromium`, `brew install --cask chromium`), \
                   or name one in CHROMIUM";

/// The browser's program; with none, says on standard error what is skipped, or fails if it must not be.
pub(crate) fn find(test: &str) -> Result<Option<PathBuf>, Error> {
    let found = search(
        env::var_os(SET_BY).map(PathBuf::from),
        env::var_os("PATH").as_deref().map(env::split_paths),
    );
    match found {
        Some(program) => Ok(Some(program)),
        None if env::var_os(REQUIRED).is_some_and(|value| !value.is_empty()) => Err(Error::Missing {
            test: test.to_owned(),
            how: HOW,
        }),
        None => {
            // The test harness captures what `eprintln` writes, and a skip nobody sees is a hole.
            let line = format!("SKIPPED {test}: there is no browser; {HOW}\n");
            drop(std::io::stderr().write_all(line.as_bytes()));
            Ok(None)
        }
    }
}

fn search(named: Option<PathBuf>, path: Option<impl Iterator<Item = PathBuf>>) -> Option<PathBuf> {
    if let Some(named) = named.filter(|it| !it.as_os_str().is_empty()) {
        return Some(named);
    }
    let folders: Vec<PathBuf> = path?.collect();
    let candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|candidate| is_program(candidate))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(_: &Path) -> bool {
    // The pipes it is spoken to over exist on Unix only.
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_one_comes_first_and_nothing_is_made_up() {
        let folder = tempfile::tempdir().unwrap();
        let empty = || Some([folder.path().to_path_buf()].into_iter());
        assert_eq!(search(Some("/a/b".into()), empty()), Some(PathBuf::from("/a/b")));
        assert_eq!(search(None, empty()), None);
        assert_eq!(search(None, None::<std::iter::Empty<PathBuf>>), None);
    }

    #[cfg(unix)]
    #[test]
    fn only_programs_are_found() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chromium");
        std::fs::write(&file, "").unwrap();
        let path = || Some([folder.path().to_path_buf()].into_iter());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(search(None, path()), None);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(search(None, path()), Some(file));
    }
}
