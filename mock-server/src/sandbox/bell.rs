//! A bell that wakes those who wait for the next thing to happen.
//!
//! Carries nothing: whoever is woken looks for themselves. Rung several times for each request, so it costs next to nothing while
//! nobody waits.

use tokio::sync::watch;

/// Wakes those who wait.
#[derive(Debug)]
pub(crate) struct Bell(watch::Sender<()>);

impl Bell {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Something happened. To be rung after what happened can be seen: who begins to wait meanwhile sees it then.
    pub(crate) fn ring(&self) {
        if self.is_heard() {
            self.0.send_replace(());
        }
    }

    /// Changes when it rings.
    pub(crate) fn heard(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }

    /// Whether anybody waits.
    pub(crate) fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }
}
