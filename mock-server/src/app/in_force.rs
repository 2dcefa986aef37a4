//! What holds in a sandbox right now: its configuration under the faults that are switched on.
//!
//! A value that requests take once, so that one request sees one behaviour however often faults change.

use std::sync::{Arc, PoisonError};

use super::App;
use crate::behaviour::Behaviour;
use crate::config::Config;
use crate::fault::Faults;

/// A configuration under faults.
#[derive(Debug)]
pub struct InForce {
    /// The configuration, its behaviour changed by the faults.
    pub(crate) config: Arc<Config>,
    /// The configuration as it was made, where a fault makes a difference.
    pub(crate) intended: Option<Arc<Config>>,
    /// The faults.
    faults: Faults,
}

impl InForce {
    pub(super) fn new(config: &Arc<Config>, faults: Faults) -> Self {
        if faults.is_empty() {
            return Self {
                config: config.clone(),
                intended: None,
                faults,
            };
        }
        Self {
            config: Arc::new(config.under(&faults)),
            intended: Some(config.clone()),
            faults,
        }
    }

    /// How the sandbox behaves.
    #[must_use]
    pub fn behaviour(&self) -> &Behaviour {
        &self.config.behaviour
    }

    /// How it would behave without its faults; nothing where that is the same.
    #[must_use]
    pub fn intended(&self) -> Option<&Behaviour> {
        self.intended.as_ref().map(|config| &config.behaviour)
    }
}

impl App {
    /// What holds right now.
    #[must_use]
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The faults that are switched on.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.in_force().faults.clone()
    }

    /// Switches these faults on and all others off, for the requests that come after. Limits that change begin anew; what
    /// has been started goes on.
    pub fn set_faults(&self, faults: Faults) {
        let mut in_force = self.in_force.write().unwrap_or_else(PoisonError::into_inner);
        let next = Arc::new(InForce::new(&self.config, faults));
        self.lock().adopt(&in_force.config, &next.config);
        *in_force = next;
    }
}
