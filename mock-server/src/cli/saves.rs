//! Saves of one file, as the system tells of them: several notices close together are one save.
//!
//! Says that something in its folder may have changed; whoever asks reads the file and finds out whether it has.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// A save is over once nothing has happened for this long; editors write, rename and touch within it.
const QUIET: Duration = Duration::from_millis(50);

/// In a folder that is never quiet, because a log grows there, a save is taken to be over after this long.
const LONGEST: Duration = Duration::from_millis(500);

/// The saves of a file.
#[derive(Debug)]
pub(super) struct Saves {
    notices: mpsc::Receiver<()>,
    /// Tells until it is dropped.
    _watcher: RecommendedWatcher,
}

impl Saves {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the file's folder cannot be watched.
    pub(super) fn of(file: &Path) -> notify::Result<Self> {
        // One notice says as much as several.
        let (teller, notices) = mpsc::channel(1);
        // The folder, because the file itself may be replaced by another of its name; a mounted one changes by its link.
        let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // A notice of trouble is taken for a change: to look once too often does no harm.
            if event.map_or(true, |event| is_change(event.kind)) {
                let _ = teller.try_send(());
            }
        })?;
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
        Ok(Self {
            notices,
            _watcher: watcher,
        })
    }

    /// Waits until the file may have been saved; `None` when it never will be again.
    pub(super) async fn next(&mut self) -> Option<()> {
        self.notices.recv().await?;
        let settled = async { while let Ok(Some(())) = tokio::time::timeout(QUIET, self.notices.recv()).await {} };
        // Whether it is quiet by now or not, it is time to look.
        let _ = tokio::time::timeout(LONGEST, settled).await;
        Some(())
    }
}

/// Reading is no change, and we read the file ourselves; the end of writing is one.
const fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}
