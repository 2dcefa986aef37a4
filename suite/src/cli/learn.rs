//! `torq-conformance learn`: what a deployment does where nobody publishes what is right, as files that can be used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::announce::Announcer;
use super::run::{Refused, default_jobs, interrupted, read_profile, unreachable};
use super::{fail, refuse, show};
use crate::learn::{self, Facts, Learned};
use crate::plan;
use crate::run::Client;
use crate::spec::Loaded;
use crate::stop::{OnFailure, Stop, StopReason};
use crate::target::Target;
use crate::verdict::exit;
use crate::{Run, conduct};

const EXAMPLES: &str = "Examples:
  torq-conformance learn --profile staging.yaml
  torq-conformance learn --profile staging.yaml --out staging
  torq-mock serve --config staging/mock.yaml               a mock that makes the choices of that deployment

Writes three files: profile.yaml, the profile with what was measured; mock.yaml, a configuration of the mock whose
`behaviour` does what was seen; and facts.yaml, everything that was seen, for comparing releases. Which fact tells which
knob stands in specs/knobs.yaml.

Exit codes: 0 written, 2 usage, profile or specs, 3 unreachable, 4 ended early, and nothing was written, 5 harness fault.";

/// What `learn` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct LearnArguments {
    /// The deployment to learn from.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// Where the files are written.
    #[arg(long, value_name = "DIR", default_value = "learned")]
    out: PathBuf,
    /// Cases side by side.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    jobs: Option<u16>,
}

/// Learns from the deployment.
pub(super) fn learn(loaded: &Loaded, arguments: &LearnArguments) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime
            .block_on(observe(loaded, arguments))
            .unwrap_or_else(|Refused(code)| code),
        Err(error) => fail(exit::HARNESS, &format!("the runtime does not start: {error}")),
    }
}

async fn observe(loaded: &Loaded, arguments: &LearnArguments) -> Result<ExitCode, Refused> {
    let specs = &loaded.specs;
    if specs.knobs.is_empty() {
        return Err(Refused(refuse(
            "these specs have no `knobs.yaml`, so nothing could be learned",
        )));
    }
    let profile = read_profile(&arguments.profile)?;
    let client = Client::new(&profile.network).map_err(|error| Refused(fail(exit::HARNESS, &error.to_string())))?;
    let target = Target::of_profile(profile.clone(), client.http());
    let plan = plan::plan(specs, &[], Some(&profile));
    let mut plan = plan.map_err(|error| Refused(refuse(&error.to_string())))?;
    plan.cases.retain(|case| learn::teaches(case));
    plan.unavailable.retain(|(case, _)| learn::teaches(case));
    let latency = target.reach(&client).await;
    let latency = latency.map_err(|error| Refused(fail(exit::ENVIRONMENT, &unreachable(&error))))?;
    let announcer = Announcer::new(plan.cases.len());
    let stop = Stop::new(OnFailure::GoOn);
    let run = Run {
        specs,
        plan,
        target: &target,
        client: &client,
        jobs: arguments.jobs.map_or_else(default_jobs, usize::from),
        latency,
        stop: stop.clone(),
    };
    let watching = tokio::spawn({
        let stop = stop.clone();
        async move {
            interrupted().await;
            stop.now(StopReason::Interrupted);
        }
    });
    let outcome = conduct(run, &announcer).await;
    watching.abort();
    announcer.clear();
    if let Some(reason) = stop.reason() {
        return Err(Refused(fail(
            exit::INCONCLUSIVE,
            &format!("{reason}; nothing was written"),
        )));
    }
    let facts = learn::facts(&outcome);
    let learned = learn::learn(&specs.knobs, &facts, &profile);
    let completed = fs::read_to_string(&arguments.profile).map(|text| learn::completed(&text, &facts));
    let written = completed.and_then(|profile| {
        fs::create_dir_all(&arguments.out)?;
        fs::write(arguments.out.join("profile.yaml"), profile)?;
        fs::write(arguments.out.join("facts.yaml"), learn::as_yaml(&facts))?;
        fs::write(
            arguments.out.join("mock.yaml"),
            learned.configuration(specs, target.name()),
        )
    });
    if let Err(error) = written {
        let folder = arguments.out.display();
        return Err(Refused(fail(
            exit::HARNESS,
            &format!("cannot write to {folder}: {error}"),
        )));
    }
    Ok(show(&text(&facts, &learned, &arguments.out)))
}

fn text(facts: &Facts, learned: &Learned, folder: &Path) -> String {
    let (told, untold, folder) = (learned.knobs.len(), learned.untold.len(), folder.display());
    let mut out = format!(
        "{} facts tell {told} knobs of the mock, {untold} stay as they are by default\n",
        facts.len()
    );
    for (knob, why) in &learned.untold {
        out.push_str(&format!("  {knob}: {why}\n"));
    }
    out.push_str(&format!(
        "written  {folder}/profile.yaml, {folder}/mock.yaml, {folder}/facts.yaml\n"
    ));
    out
}
