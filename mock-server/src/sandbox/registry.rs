//! The sandboxes of a process by id.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Happening, Sandbox};
use crate::server::DEFAULT_SANDBOX;

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

    /// Adds one that goes by itself after a while, if nobody throws it away before. One timer each: nothing looks around.
    pub(crate) fn add_for(self: &Arc<Self>, sandbox: Sandbox, time_to_live: Option<Duration>) -> Arc<Sandbox> {
        let sandbox = self.add(sandbox);
        self.tell(&Happening::SandboxMade(sandbox.id.as_str().into()));
        if let Some(time) = time_to_live {
            // Weak, so that a timer keeps neither the sandboxes nor this one.
            let (registry, id, mut closing) = (Arc::downgrade(self), sandbox.id.clone(), sandbox.world.closing());
            tokio::spawn(async move {
                let closed = closing.wait_for(|closing| *closing);
                if tokio::time::timeout(time, closed).await.is_err()
                    && let Some(sandbox) = registry.upgrade().and_then(|registry| registry.take(&id))
                {
                    sandbox.stop().await;
                }
            });
        }
        sandbox
    }

    pub(crate) fn add(&self, sandbox: Sandbox) -> Arc<Sandbox> {
        let sandbox = Arc::new(sandbox);
        self.lock().insert(sandbox.id.clone(), sandbox.clone());
        sandbox
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<Sandbox>> {
        self.lock().get(id).cloned()
    }

    /// Takes one out, to be stopped, and tells those who watch it or another one.
    pub(crate) fn take(&self, id: &str) -> Option<Arc<Sandbox>> {
        let sandbox = self.lock().remove(id)?;
        let gone = Happening::SandboxGone(id.into());
        sandbox.world.feed.tell(gone.clone());
        self.tell(&gone);
        Some(sandbox)
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

    /// Tells of something that concerns every sandbox. Those that nobody watches are spared, except the one that is always there.
    fn tell(&self, happening: &Happening) {
        for sandbox in self.all() {
            if sandbox.id == DEFAULT_SANDBOX || sandbox.world.feed.is_watched() {
                sandbox.world.feed.tell(happening.clone());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Sandbox>>> {
        self.sandboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
