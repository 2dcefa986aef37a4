//! Saves of files, as the system tells of them: several notices close together are one save.
//!
//! Says that something may have changed; whoever asks reads the files and finds out what has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// A save is over once nothing has happened for this long. Editors that write a new file and rename it over the old one do so
/// within a few milliseconds.
const QUIET: Duration = Duration::from_millis(25);
/// And after this long at the latest.
const AT_MOST: Duration = Duration::from_millis(250);

/// Something was saved.
#[derive(Debug)]
pub(super) struct Saved {
    /// When the system first told of it.
    pub(super) at: Instant,
    /// The YAML files concerned, as far as they are still there.
    pub(super) files: BTreeSet<String>,
}

/// The saves in a folder, and of one more file.
#[derive(Debug)]
pub(super) struct Saves {
    notices: mpsc::UnboundedReceiver<Vec<PathBuf>>,
    root: PathBuf,
    /// Tells until it is dropped.
    _watcher: RecommendedWatcher,
}

impl Saves {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the folders cannot be watched.
    pub(super) fn of(folder: &Path, file: Option<&Path>) -> notify::Result<Self> {
        let (teller, notices) = mpsc::unbounded_channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // A notice of trouble is taken for a change: to look once too often does no harm.
            let paths = match event {
                Ok(event) if is_change(event.kind) => event.paths,
                Ok(_) => return,
                Err(error) => error.paths,
            };
            // Nobody listens any longer when the program ends.
            let _ = teller.send(paths);
        })?;
        watcher.watch(folder, RecursiveMode::Recursive)?;
        if let Some(file) = file {
            // The folder, because the file itself may be replaced by another of its name.
            let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
            watcher.watch(parent.unwrap_or(Path::new(".")), RecursiveMode::NonRecursive)?;
        }
        Ok(Self {
            notices,
            root: folder.to_owned(),
            _watcher: watcher,
        })
    }

    /// Waits for the next save; `None` when there will be none.
    pub(super) async fn next(&mut self) -> Option<Saved> {
        let mut paths = self.notices.recv().await?;
        let at = Instant::now();
        while at.elapsed() < AT_MOST {
            match tokio::time::timeout(QUIET, self.notices.recv()).await {
                Ok(Some(more)) => paths.extend(more),
                Ok(None) | Err(_) => break,
            }
        }
        let files = paths.iter().filter(|path| is_yaml(path) && path.is_file());
        Some(Saved {
            at,
            files: files.map(|path| self.name(path)).collect(),
        })
    }

    fn name(&self, path: &Path) -> String {
        let below = path.canonicalize().ok().zip(self.root.canonicalize().ok());
        let below = below.and_then(|(path, root)| path.strip_prefix(root).ok().map(Path::to_owned));
        below.as_deref().unwrap_or(path).display().to_string()
    }
}

/// Reading is no change, and we read the files ourselves; the end of writing is one.
const fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}
