//! Where cases run: the embedded mock, another mock by its control surface, or any deployment by its profile.
//!
//! Prepares the place and hands out stages; runs nothing on them.

mod control;
mod described;
mod embedded;

use std::sync::Arc;

use thiserror::Error;

pub use control::{Advance, ControlClient, ControlError, Moved};
pub use embedded::{Embedded, EmbeddedError};

pub use described::Described;

use crate::profile::{ClockKind, Isolation, Profile};

/// A place to run cases.
#[derive(Debug)]
pub enum Target {
    /// A mock that makes a sandbox for every case.
    Sandboxes {
        /// What reports call it.
        name: String,
        /// Its control surface.
        control: ControlClient,
        /// The configuration of every sandbox.
        configuration: Arc<str>,
        /// The configuration's file name, for messages.
        file: String,
        /// The profile read last, since sandboxes of one configuration differ in their addresses only.
        described: Described,
    },
    /// A deployment that all cases share.
    Deployment {
        /// What is known about it.
        profile: Arc<Profile>,
        /// Its control surface, when its clock is moved by hand.
        control: Option<ControlClient>,
    },
}

/// What one case runs on.
#[derive(Debug)]
pub struct Stage {
    /// The deployment as this case sees it.
    pub profile: Arc<Profile>,
    /// The control surface and the sandbox whose clock is moved by hand; `None` on a system clock.
    pub clock: Option<(ControlClient, String)>,
    /// The sandbox to throw away afterwards.
    disposable: Option<(ControlClient, String)>,
}

/// Why there is no stage. The harness's trouble, not the deployment's.
#[derive(Debug, Error)]
pub enum StageError {
    /// The control surface did not do what it should.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The sandbox's profile makes no sense.
    #[error("the sandbox's own profile is wrong:\n{0}")]
    Profile(String),
}

impl Target {
    /// The target a profile describes.
    #[must_use]
    pub fn of_profile(profile: Profile, fixtures: (&str, &str), http: &reqwest::Client) -> Self {
        let control = profile.control.as_ref().filter(|_| profile.clock == ClockKind::Manual);
        let client = control.map(|it| ControlClient::new(http.clone(), &it.url, it.token.clone()));
        match (control.map(|it| it.isolation), client) {
            (Some(Isolation::FreshSandboxes), Some(control)) => Self::Sandboxes {
                name: profile.name,
                control,
                configuration: fixtures.1.into(),
                file: fixtures.0.to_owned(),
                described: Described::default(),
            },
            (_, control) => Self::Deployment {
                profile: Arc::new(profile),
                control,
            },
        }
    }

    /// What reports call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Sandboxes { name, .. } => name,
            Self::Deployment { profile, .. } => &profile.name,
        }
    }

    /// Whose time counts.
    #[must_use]
    pub fn clock(&self) -> ClockKind {
        match self {
            Self::Sandboxes { .. } => ClockKind::Manual,
            Self::Deployment { profile, .. } => profile.clock,
        }
    }

    /// A stage for one case.
    ///
    /// # Errors
    /// When a sandbox cannot be made.
    pub async fn stage(&self) -> Result<Stage, StageError> {
        match self {
            Self::Sandboxes {
                control,
                configuration,
                file,
                described,
                ..
            } => {
                let sandbox = control.create_sandbox(configuration, file).await?;
                let profile = described.profile(sandbox.profile)?;
                let clock = (control.clone(), sandbox.id);
                Ok(Stage {
                    profile: Arc::new(profile),
                    clock: Some(clock.clone()),
                    disposable: Some(clock),
                })
            }
            Self::Deployment { profile, control } => {
                let sandbox = profile
                    .control
                    .as_ref()
                    .map(|it| it.sandbox.clone())
                    .unwrap_or_default();
                let clock = control.clone().map(|control| (control, sandbox));
                Ok(Stage {
                    profile: profile.clone(),
                    clock,
                    disposable: None,
                })
            }
        }
    }
}

impl Stage {
    /// Throws a sandbox away; its failure to go hurts nobody.
    pub async fn clear(self) {
        if let Some((control, sandbox)) = self.disposable {
            let _ = control.delete_sandbox(&sandbox).await;
        }
    }
}
