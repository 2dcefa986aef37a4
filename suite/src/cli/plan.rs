//! `torq-conformance plan`: what a run would send, take and bring about, before anything is sent.
//!
//! Asks for the forecast and shows it; `plan::estimate` adds it up, `plan::cover` chooses within a budget.

mod text;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::budget::{BudgetArguments, rehearsing_client, round_trip};
use super::place::{Place, Whose};
use super::run::{Refused, default_jobs};
use super::{ListFormat, fail, refuse, show};
use crate::forecast::Forecast;
use crate::plan::{self, Estimate, Plan, Range, Schedule, Shard};
use crate::profile::ClockKind;
use crate::run::Waits;
use crate::spec::Loaded;
use crate::spec::model::{Case, Need, Specs};
use crate::verdict::exit;

const EXAMPLES: &str = "Examples:
  torq-conformance plan                                    what a run against the embedded mock costs
  torq-conformance plan --profile staging.yaml             what it costs there, and what consent is missing
  torq-conformance plan --profile staging.yaml --budget 2m what covers most within two minutes, and what that leaves out
  torq-conformance plan --filter 'level:must' --format json
  torq-conformance run --profile staging.yaml --budget 2m  run just that

Nothing is sent to the deployment: every request is written to this machine and counted. A range is what polls make of it.
Times assume a round trip of 80 ms (1 ms on loopback); --timeout of `run` is a bound that holds whatever happens.";

/// What `plan` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct PlanArguments {
    /// The deployment; the embedded mock without it.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Only these cases, as for `run`.
    #[arg(long, value_name = "EXPR")]
    filter: Vec<String>,
    #[command(flatten)]
    budget: BudgetArguments,
    /// Only the K-th of N parts of the cases.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Every case N times.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    repeat: u16,
    /// Cases side by side.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    jobs: Option<u16>,
    /// For people or for machines.
    #[arg(long, value_enum, default_value = "text")]
    format: ListFormat,
}

/// Everything there is to show.
struct Planned<'s> {
    specs: &'s Specs,
    target: &'s str,
    plan: &'s Plan<'s>,
    forecast: &'s Forecast<'s>,
    schedule: &'s Schedule,
    total: Estimate,
    wall_time: Waits,
    limits: (u64, u64),
}

/// Plans what is asked for.
pub(super) fn plan(loaded: &Loaded, arguments: &PlanArguments) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime
            .block_on(forecast(loaded, arguments))
            .unwrap_or_else(|Refused(code)| code),
        Err(error) => fail(exit::HARNESS, &format!("the runtime does not start: {error}")),
    }
}

async fn forecast(loaded: &Loaded, arguments: &PlanArguments) -> Result<ExitCode, Refused> {
    let client = rehearsing_client()?;
    let place = Place::of(arguments.profile.as_deref(), &loaded.specs, &client).await?;
    let of_profile = match place.whose {
        Whose::Deployment => Some(&place.profile),
        Whose::EmbeddedMock => None,
    };
    let plan = plan::plan(&loaded.specs, &arguments.filter, of_profile);
    let mut plan = plan.map_err(|error| Refused(refuse(&error.to_string())))?;
    if let Some(shard) = arguments.shard {
        plan.keep(shard);
    }
    plan.repeat = arguments.repeat;
    let jobs = arguments.jobs.map_or_else(default_jobs, usize::from);
    let mut forecast = Forecast::of(&plan, place.setting(&loaded.specs), &client).await;
    let schedule = Schedule::of(&place.profile, (jobs, round_trip(&place.profile)));
    if arguments.budget.budget().is_set() {
        forecast.keep_within(arguments.budget.budget(), (&mut plan, &schedule));
    }
    let limits = &place.profile.limits;
    let planned = Planned {
        specs: &loaded.specs,
        target: match place.whose {
            Whose::Deployment => &place.profile.name,
            Whose::EmbeddedMock => "the embedded mock",
        },
        total: forecast.total(),
        wall_time: schedule.wall_time(forecast.cases.iter().map(|(case, estimate)| (*case, estimate))),
        plan: &plan,
        forecast: &forecast,
        schedule: &schedule,
        limits: (limits.executions_per_second, limits.api_requests_per_second),
    };
    Ok(match arguments.format {
        ListFormat::Text => show(&planned.text()),
        ListFormat::Json => show(&format!("{:#}\n", planned.json())),
    })
}

impl<'s> Planned<'s> {
    const fn clock(&self) -> &'static str {
        match self.schedule.clock {
            ClockKind::System => "system",
            ClockKind::Manual => "manual",
        }
    }

    /// Cases that use up the quota and therefore run alone.
    fn alone(&self) -> impl Iterator<Item = &'s Case> {
        let shared = self.schedule.clock == ClockKind::System;
        let cases = self.plan.cases.iter().copied();
        cases.filter(move |case| shared && case.needs.contains(&Need::Quota))
    }

    /// Cases that are known to end before they can judge.
    fn hopeless(&self) -> impl Iterator<Item = (&'s Case, &str)> {
        let cases = self.forecast.cases.iter();
        cases.filter_map(|(case, estimate)| Some((*case, estimate.ends_early.as_deref()?)))
    }

    /// Requirements that cases cite, but only such as are not run.
    fn uncovered(&self) -> Vec<&'s str> {
        let covered = |id: &String| self.plan.cases.iter().any(|case| case.requirements.contains(id));
        let absent = self.plan.unavailable.iter().map(|(case, _)| *case);
        let others: Vec<&Case> = absent.chain(self.plan.left_out.iter().copied()).collect();
        let cited = |id: &String| others.iter().any(|case| case.requirements.contains(id));
        let requirements = self.specs.requirements.iter().map(|it| &it.id);
        requirements
            .filter(|id| cited(id) && !covered(id))
            .map(String::as_str)
            .collect()
    }

    fn json(&self) -> Json {
        let range = |it: Range| json!({ "least": it.least, "most": it.most });
        let waits = |it: Waits| json!({ "likely": it.likely.as_secs_f64(), "at_most": it.at_most.as_secs_f64() });
        let total = &self.total;
        json!({
            "target": self.target,
            "clock": self.clock(),
            "jobs": self.schedule.jobs,
            "round_trip_seconds": self.schedule.round_trip.as_secs_f64(),
            "requests": range(total.requests),
            "bytes": range(total.bytes),
            "wall_time_seconds": waits(self.wall_time),
            "quota": {
                "triggers": range(total.triggers),
                "api": range(total.api),
                "largest_burst": total.largest_burst,
                "cases_that_run_alone": self.alone().map(|case| &case.id).collect::<Vec<_>>(),
            },
            "side_effects": {
                "executions_at_most": total.executions_at_most(),
                "by_workspace": total.executions.iter().map(|(workspace, count)| json!({
                    "workspace": workspace, "executions_at_most": count,
                })).collect::<Vec<_>>(),
                "tokens": range(total.tokens),
                "largest_body": total.largest_body,
            },
            "payload_search_requests": self.forecast.payload_search.map(range),
            "cases": self.forecast.cases.iter().map(|(case, estimate)| json!({
                "id": case.id,
                "level": case.level.word(),
                "requirements": case.requirements,
                "requests": range(estimate.requests),
                "bytes": range(estimate.bytes),
                "executions_at_most": estimate.executions_at_most(),
                "tokens": range(estimate.tokens),
                "seconds": waits(self.schedule.of_case(estimate)),
                "ends_early": estimate.ends_early,
            })).collect::<Vec<_>>(),
            "not_run": self.plan.unavailable.iter().map(|(case, absence)| json!({
                "id": case.id, "why": absence.word(), "reason": absence.to_string(),
            })).collect::<Vec<_>>(),
            "left_out": self.plan.left_out.iter().map(|case| &case.id).collect::<Vec<_>>(),
            "uncovered_requirements": self.uncovered(),
        })
    }
}

/// A time as people say it: whole seconds, or milliseconds when it is short.
fn shortly(time: Duration) -> String {
    let unit = if time >= Duration::from_secs(10) { 1_000 } else { 10 };
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    located_yaml::write_duration(Duration::from_millis(millis.div_ceil(unit) * unit))
}
