//! Sandboxes that are used again: reset between two cases, and thrown away when a case left something behind.
//!
//! A reset forgets requests, executions, tokens and quotas and draws ids from the beginning; only the clock goes on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ControlClient;
use crate::profile::Profile;

/// The sandboxes that nobody uses at the moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool(Arc<Mutex<Vec<Idle>>>);

/// A sandbox that can be used.
#[derive(Clone, Debug)]
pub(super) struct Idle {
    pub(super) id: String,
    pub(super) profile: Arc<Profile>,
    /// What its clock says, if that is known.
    pub(super) now: Option<u64>,
}

impl Pool {
    /// One of them.
    pub(super) fn take(&self) -> Option<Idle> {
        self.lock().pop()
    }

    /// Takes a sandbox back, as if nothing had happened in it; or throws it away when calls of a case are still held there,
    /// or it does not do as it is told.
    pub(super) async fn give_back(&self, idle: Idle, control: &ControlClient) {
        match control.reset(&idle.id).await {
            Ok(now @ Some(_)) => self.lock().push(Idle { now, ..idle }),
            // Its failure to go hurts nobody.
            Ok(None) | Err(_) => drop(control.delete_sandbox(&idle.id).await),
        }
    }

    /// Throws all of them away.
    pub(super) async fn empty(&self, control: &ControlClient) {
        let all = std::mem::take(&mut *self.lock());
        for idle in all {
            let _ = control.delete_sandbox(&idle.id).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
