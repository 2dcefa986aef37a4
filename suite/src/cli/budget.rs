//! The budget of a run on the command line, the same for `plan`, which shows it, and `run`, which keeps to it.

use std::path::Path;
use std::time::Duration;

use super::fail;
use super::place::Place;
use super::run::{Refused, time};
use crate::forecast::Forecast;
use crate::plan::{Budget, Plan, Schedule, is_loopback};
use crate::profile::{ClockKind, Network, Profile};
use crate::run::Client;
use crate::spec::Loaded;
use crate::verdict::exit;

/// How long a request and its answer are taken to be on the way on this machine.
const HERE: Duration = Duration::from_millis(1);
/// The same anywhere else.
const ELSEWHERE: Duration = Duration::from_millis(80);

/// What a run may cost.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct BudgetArguments {
    /// Only the cases that cover the most requirements in this time, such as 90s or 2m; `plan` says which.
    ///
    /// Cases come with the twins they need. Those left out are named in the report, and the figures count them.
    #[arg(long, value_name = "TIME", value_parser = time)]
    budget: Option<Duration>,
    /// Only the cases that cover the most requirements with so many requests.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_requests: Option<u64>,
}

impl BudgetArguments {
    pub(super) const fn budget(self) -> Budget {
        Budget {
            time: self.budget,
            requests: self.max_requests,
        }
    }

    /// Takes out of a plan what the budget does not reach.
    pub(super) async fn apply<'s>(
        self,
        plan: &mut Plan<'s>,
        (profile, jobs): (Option<&Path>, usize),
        loaded: &'s Loaded,
    ) -> Result<(), Refused> {
        if !self.budget().is_set() {
            return Ok(());
        }
        let client = rehearsing_client()?;
        let place = Place::of(profile, &loaded.specs, &client).await?;
        let mut forecast = Forecast::of(plan, place.setting(&loaded.specs), &client).await;
        let schedule = Schedule::of(&place.profile, (jobs, round_trip(&place.profile)));
        forecast.keep_within(self.budget(), (plan, &schedule));
        Ok(())
    }
}

/// Everything stays on this machine, so the network of the deployment does not matter.
pub(super) fn rehearsing_client() -> Result<Client, Refused> {
    Client::new(&Network::default()).map_err(|error| Refused(fail(exit::HARNESS, &error.to_string())))
}

/// What is assumed of the way to a deployment before it is measured. A clock that is moved by hand takes a call for each move.
pub(super) fn round_trip(profile: &Profile) -> Duration {
    let one = if is_loopback(&profile.urls.hooks) {
        HERE
    } else {
        ELSEWHERE
    };
    match profile.clock {
        ClockKind::System => one,
        ClockKind::Manual => one * 3,
    }
}
