//! Where cases run: the embedded mock, another mock by its control surface, or any deployment by its profile.
//!
//! Prepares the place and hands out stages; runs nothing on them.

mod control;
mod described;
mod embedded;
mod pool;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;

pub use control::{Advance, ControlClient, ControlError, Moved};
use described::Described;
pub use embedded::{Embedded, EmbeddedError};
use pool::{Idle, Pool};

use crate::profile::{ClockKind, Isolation, Profile};
use crate::run::{Client, NoConnection, Pace};

/// Longer than any window of a documented rate limit (contract sections 6 and 8).
const QUOTA_WINDOW: Duration = Duration::from_secs(2);

/// A place to run cases.
#[derive(Debug)]
pub enum Target {
    /// A mock that makes a sandbox for every case.
    Sandboxes(Box<Sandboxes>),
    /// A deployment that all cases share.
    Deployment {
        /// What is known about it.
        profile: Arc<Profile>,
        /// Its control surface, when its clock is moved by hand.
        control: Option<ControlClient>,
        /// How fast it may be asked, by everybody who asks it.
        pace: Pace,
    },
}

/// Sandboxes made to order, all of one kind.
#[derive(Debug)]
pub struct Sandboxes {
    name: String,
    control: ControlClient,
    origin: Origin,
    /// Nobody else is asked.
    pace: Pace,
    /// Where sandboxes go after a case and come from before the next, if they are used again.
    pool: Option<Pool>,
}

/// What sandboxes are made from, and who says what is in them.
#[derive(Debug)]
enum Origin {
    /// A configuration; each says of itself what it has.
    Configuration {
        /// Its name, for messages.
        file: String,
        text: String,
        described: Box<Described>,
    },
    /// A sandbox that is there, as a profile describes it. What the profile says is what is judged, so only addresses are taken
    /// from those that are made.
    Like(Arc<Profile>, String),
}

/// What one case runs on.
#[derive(Debug)]
pub struct Stage {
    /// The deployment as this case sees it.
    pub profile: Arc<Profile>,
    /// The control surface and the sandbox whose clock is moved by hand; `None` on a system clock.
    pub clock: Option<(ControlClient, String)>,
    /// What that clock says before anybody has moved it, if it is known; it need not be asked then.
    reading: Mutex<Option<u64>>,
    /// What becomes of its sandbox afterwards.
    afterwards: Afterwards,
}

/// What becomes of a sandbox after its case.
#[derive(Debug)]
enum Afterwards {
    /// It is nobody's business.
    Stays,
    /// It is thrown away.
    Thrown(ControlClient, String),
    /// It is used again.
    Used(Pool, ControlClient, Idle),
}

/// A target nobody can be reached at.
#[derive(Debug, Error)]
#[error("{url} cannot be reached: {reason}")]
pub struct Unreachable {
    /// Which of its addresses.
    pub url: String,
    /// A name, a certificate, a proxy, or nobody who listens.
    pub reason: NoConnection,
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
    /// Sandboxes of the mock behind `control`, made from the configuration `(file, text)`.
    #[must_use]
    pub fn sandboxes(name: String, control: ControlClient, (file, text): (&str, &str)) -> Self {
        let origin = Origin::Configuration {
            file: file.to_owned(),
            text: text.to_owned(),
            described: Box::default(),
        };
        Self::made_from(origin, name, control)
    }

    fn made_from(origin: Origin, name: String, control: ControlClient) -> Self {
        Self::Sandboxes(Box::new(Sandboxes {
            name,
            control,
            origin,
            pace: Pace::unlimited(),
            pool: None,
        }))
    }

    /// The target a profile describes. A mock whose clock is moved by hand makes a sandbox for every case, each like the one that is
    /// described, faults included.
    #[must_use]
    pub fn of_profile(profile: Profile, http: &reqwest::Client) -> Self {
        let described = profile.control.as_ref().filter(|_| profile.clock == ClockKind::Manual);
        let Some(described) = described.cloned() else {
            return Self::shared(profile, None);
        };
        let control = ControlClient::new(http.clone(), &described.url, described.token);
        match described.isolation {
            Isolation::NamedSandbox => Self::shared(profile, Some(control)),
            Isolation::FreshSandboxes => {
                let name = profile.name.clone();
                let origin = Origin::Like(Arc::new(profile), described.sandbox);
                Self::made_from(origin, name, control)
            }
        }
    }

    fn shared(profile: Profile, control: Option<ControlClient>) -> Self {
        Self::Deployment {
            pace: Pace::of(&profile),
            profile: Arc::new(profile),
            control,
        }
    }

    /// The profile that says what there is, unless the target says so itself.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        match self {
            Self::Deployment { profile, .. } => Some(profile),
            Self::Sandboxes(it) => match &it.origin {
                Origin::Like(profile, _) => Some(profile),
                Origin::Configuration { .. } => None,
            },
        }
    }

    /// The same, but its sandboxes are used again: for many runs one after the other, which would use up the ports of a
    /// machine otherwise. [`Target::close`] throws them away.
    #[must_use]
    pub fn recycling(self) -> Self {
        match self {
            Self::Sandboxes(mut it) => {
                it.pool = Some(Pool::default());
                Self::Sandboxes(it)
            }
            Self::Deployment { .. } => self,
        }
    }

    /// Throws away the sandboxes that were kept to be used again.
    pub async fn close(self) {
        if let Self::Sandboxes(it) = self
            && let Some(pool) = it.pool
        {
            pool.empty(&it.control).await;
        }
    }

    /// What reports call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Sandboxes(it) => &it.name,
            Self::Deployment { profile, .. } => &profile.name,
        }
    }

    /// Whose time counts.
    #[must_use]
    pub fn clock(&self) -> ClockKind {
        match self {
            Self::Sandboxes(_) => ClockKind::Manual,
            Self::Deployment { profile, .. } => profile.clock,
        }
    }

    /// Connects to every address of the target; tells how long that took at most, for judging times.
    ///
    /// # Errors
    /// When one of them cannot be reached.
    pub async fn reach(&self, client: &Client) -> Result<Duration, Unreachable> {
        let urls: BTreeSet<&str> = match self {
            Self::Sandboxes(it) => BTreeSet::from([it.control.url()]),
            Self::Deployment { profile, control, .. } => {
                let urls = &profile.urls;
                let surfaces = [urls.hooks.as_str(), &urls.api, &urls.auth];
                surfaces
                    .into_iter()
                    .chain(control.iter().map(ControlClient::url))
                    .collect()
            }
        };
        let mut slowest = Duration::ZERO;
        for url in urls {
            let took = client.reach(url).await;
            let took = took.map_err(|reason| Unreachable {
                url: url.to_owned(),
                reason,
            })?;
            slowest = slowest.max(took);
        }
        Ok(slowest)
    }

    /// How fast its cases may send; counts what they have sent.
    #[must_use]
    pub const fn pace(&self) -> &Pace {
        match self {
            Self::Sandboxes(it) => &it.pace,
            Self::Deployment { pace, .. } => pace,
        }
    }

    /// A stage for one case.
    ///
    /// # Errors
    /// When a sandbox cannot be made.
    pub async fn stage(&self) -> Result<Stage, StageError> {
        match self {
            Self::Sandboxes(it) => {
                if let Some(pool) = &it.pool
                    && let Some(idle) = pool.take()
                {
                    return Ok(it.stage_on(idle));
                }
                let (id, profile) = it.origin.make(&it.control).await?;
                Ok(it.stage_on(Idle { id, profile, now: None }))
            }
            Self::Deployment { profile, control, .. } => {
                let sandbox = profile
                    .control
                    .as_ref()
                    .map(|it| it.sandbox.clone())
                    .unwrap_or_default();
                if let Some(control) = control {
                    // Nothing the case before used up counts any longer, the way a pause would bring it about.
                    control.advance(&sandbox, Advance::by(QUOTA_WINDOW)).await?;
                }
                let clock = control.clone().map(|control| (control, sandbox));
                Ok(Stage {
                    profile: profile.clone(),
                    clock,
                    reading: Mutex::default(),
                    afterwards: Afterwards::Stays,
                })
            }
        }
    }
}

impl Origin {
    /// Makes a sandbox; tells its id and what is known about it.
    async fn make(&self, control: &ControlClient) -> Result<(String, Arc<Profile>), StageError> {
        let (sandbox, profile) = match self {
            Self::Configuration { file, text, described } => {
                let sandbox = control.create_sandbox(text, file).await?;
                let profile = described.profile(sandbox.profile)?;
                (sandbox.id, profile)
            }
            Self::Like(described, model) => {
                let sandbox = control.create_sandbox_like(model).await?;
                let mut profile = Profile::clone(described);
                described::address(&mut profile, &sandbox.profile["urls"], &sandbox.id);
                (sandbox.id, profile)
            }
        };
        Ok((sandbox, Arc::new(profile)))
    }
}

impl Sandboxes {
    fn stage_on(&self, idle: Idle) -> Stage {
        let control = self.control.clone();
        Stage {
            profile: idle.profile.clone(),
            clock: Some((control.clone(), idle.id.clone())),
            reading: Mutex::new(idle.now),
            afterwards: match &self.pool {
                None => Afterwards::Thrown(control, idle.id),
                Some(pool) => Afterwards::Used(pool.clone(), control, idle),
            },
        }
    }
}

impl Stage {
    /// What its clock says, if that is known; whoever takes it may move the clock, so nobody gets it twice.
    pub(crate) fn first_reading(&self) -> Option<u64> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Throws a sandbox away, or makes it ready for the next case; its failure to go hurts nobody.
    pub async fn clear(self) {
        match self.afterwards {
            Afterwards::Stays => {}
            Afterwards::Thrown(control, sandbox) => {
                let _ = control.delete_sandbox(&sandbox).await;
            }
            Afterwards::Used(pool, control, idle) => pool.give_back(idle, &control).await,
        }
    }
}
