//! Where cases run: the embedded mock, another mock by its control surface, or any deployment by its profile.
//!
//! Prepares the place and hands out stages; runs nothing on them.

mod control;
mod embedded;

use std::sync::Arc;

use thiserror::Error;

pub use control::{Advance, ControlClient, ControlError, Moved};
pub use embedded::{Embedded, EmbeddedError};

use crate::profile::{ClockKind, Environment, Isolation, Limits, Profile};

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
                ..
            } => {
                let sandbox = control.create_sandbox(configuration, file).await?;
                let text = sandbox.profile.to_string();
                let mut profile =
                    Profile::parse("sandbox profile", &text, &Environment::default()).map_err(|problems| {
                        let lines: Vec<_> = problems
                            .iter()
                            .map(|it| format!("{}: {}", it.location, it.message))
                            .collect();
                        StageError::Profile(lines.join("\n"))
                    })?;
                // What is documented holds for a sandbox as well: a mock that answers at 30 s must not excuse itself by saying so.
                profile.limits = Limits {
                    payload: profile.limits.payload,
                    ..Limits::default()
                };
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
