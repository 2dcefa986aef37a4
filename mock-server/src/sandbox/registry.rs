//! The sandboxes of a process by id.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Sandbox;

/// How many sandboxes a process keeps at most, the default one included.
pub(crate) const MAX_SANDBOXES: usize = 1_001;

/// The sandboxes of a process.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    sandboxes: Mutex<BTreeMap<String, Arc<Sandbox>>>,
    next: AtomicU64,
}

impl Registry {
    /// An id nobody has.
    pub(crate) fn next_id(&self) -> String {
        format!("sandbox-{}", self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    pub(crate) fn add(&self, sandbox: Sandbox) -> Arc<Sandbox> {
        let sandbox = Arc::new(sandbox);
        self.lock().insert(sandbox.id.clone(), sandbox.clone());
        sandbox
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Sandbox>> {
        self.lock().get(id).cloned()
    }

    pub(crate) fn remove(&self, id: &str) -> Option<Arc<Sandbox>> {
        self.lock().remove(id)
    }

    pub(crate) fn all(&self) -> Vec<Arc<Sandbox>> {
        self.lock().values().cloned().collect()
    }

    pub(crate) fn take_all(&self) -> Vec<Arc<Sandbox>> {
        std::mem::take(&mut *self.lock()).into_values().collect()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.lock().len() >= MAX_SANDBOXES
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Sandbox>>> {
        self.sandboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
