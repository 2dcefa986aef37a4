//! The place that requests are shown or counted for without being sent: a profile's deployment, or the embedded mock.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::fail;
use super::run::{Refused, read_profile};
use crate::profile::{Profile, Urls};
use crate::run::{Client, Setting};
use crate::spec::model::Specs;
use crate::target::{Embedded, Target};
use crate::verdict::exit;

/// Where a case would run.
pub(super) struct Place {
    /// The deployment as cases see it.
    pub(super) profile: Profile,
    /// Its time, in seconds since the Unix epoch.
    now: u64,
    /// Whose it is.
    pub(super) whose: Whose,
}

/// Whose deployment a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// A profile names it.
    Deployment,
    /// It would be started by the run.
    EmbeddedMock,
}

impl Place {
    /// The deployment of the profile in a file, or the embedded mock without one.
    pub(super) async fn of(profile: Option<&Path>, specs: &Specs, client: &Client) -> Result<Self, Refused> {
        match profile {
            Some(path) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH);
                Ok(Self {
                    profile: read_profile(path)?,
                    now: now.map_or(0, |since| since.as_secs()),
                    whose: Whose::Deployment,
                })
            }
            None => Self::of_mock(specs, client)
                .await
                .map_err(|error| Refused(fail(exit::HARNESS, &error))),
        }
    }

    /// What a rehearsal needs to know of it.
    pub(super) const fn setting<'p>(&'p self, specs: &'p Specs) -> Setting<'p> {
        Setting {
            profile: &self.profile,
            fixtures: &specs.fixtures,
            now: self.now,
        }
    }

    /// A sandbox like those that cases run in, its port left open.
    async fn of_mock(specs: &Specs, client: &Client) -> Result<Self, String> {
        let mock = Embedded::start().await.map_err(|error| error.to_string())?;
        let fixtures = &specs.fixtures;
        let target: Target = mock.target(client.http(), (&fixtures.file, &fixtures.text));
        let stage = target.stage().await.map_err(|error| error.to_string())?;
        let mut profile = Profile::clone(&stage.profile);
        let now = match &stage.clock {
            Some((control, sandbox)) => control.now(sandbox).await.map_err(|error| error.to_string())?,
            None => 0,
        };
        stage.clear().await;
        mock.shut_down().await;
        let anywhere = || "http://127.0.0.1:PORT".to_owned();
        profile.urls = Urls {
            hooks: anywhere(),
            api: anywhere(),
            auth: anywhere(),
        };
        Ok(Self {
            profile,
            now: now / 1_000_000_000,
            whose: Whose::EmbeddedMock,
        })
    }
}
