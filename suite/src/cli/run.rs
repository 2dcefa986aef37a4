//! `torq-conformance run`: from the arguments to the exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use located_yaml::{Sources, parse_duration};

use super::announce::Announcer;
use super::budget::BudgetArguments;
use super::diff;
use super::exempting;
use super::github;
use super::recording::Recorder;
use super::report as stored;
use super::{fail, refuse, refuse_problems, show};
use crate::diff::to_text;
use crate::evidence::Evidence;
use crate::plan::{self, Shard};
use crate::profile::{Environment, Profile};
use crate::report::{self, Outcome};
use crate::run::Client;
use crate::spec::Loaded;
use crate::stop::{OnFailure, Stop, StopReason};
use crate::target::{Embedded, Target, Unreachable};
use crate::verdict::{Strictness, exit};
use crate::{Run, conduct};

/// What a run can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RunArguments {
    /// The deployment to check; the embedded mock without it.
    #[arg(long, value_name = "FILE")]
    pub(super) profile: Option<PathBuf>,
    /// Only these cases: terms with and, or, not, parentheses (all filters must hold).
    ///
    /// A term is a glob of ids, or one of `requirement:ID`, `level:must|should|recorded`,
    /// `grade:documented|vendor|observed|open`, `tag:NAME`, `section:NAME`. `&`, `|` and `!` do as well as the words.
    #[arg(long, value_name = "EXPR")]
    pub(super) filter: Vec<String>,
    /// Keep running: after every save in the specs folder or of the profile, the cases it affects. Writes no reports.
    ///
    /// Watches the folder of --specs, or `specs/` where there is one. Ctrl-C ends it with exit code 0.
    #[arg(long, conflicts_with_all = ["strict", "exemptions", "write_exemptions", "shard", "repeat", "fail_fast", "timeout", "out", "format", "budget", "max_requests", "baseline"])]
    watch: bool,
    /// A SHOULD that differs fails the run.
    #[arg(long)]
    strict: bool,
    /// Failures that are known: which, why, who answers for them, until when.
    #[arg(long, value_name = "FILE")]
    exemptions: Option<PathBuf>,
    /// Write the failures of this run to a new file, as exemptions to be filled in.
    #[arg(long, value_name = "FILE")]
    write_exemptions: Option<PathBuf>,
    /// Only the K-th of N parts of the cases, the same ones on every machine; a case and its twin stay together.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// Run every case N times; the worst verdict counts, and cases whose runs differ are named.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    repeat: u16,
    /// Begin no further case once one has failed.
    #[arg(long)]
    fail_fast: bool,
    /// End the run after this time, such as 90s or 10m; what was not judged by then is inconclusive.
    #[arg(long, value_name = "TIME", value_parser = time)]
    timeout: Option<Duration>,
    #[command(flatten)]
    budget: BudgetArguments,
    /// Cases side by side.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) jobs: Option<u16>,
    /// The evidence of an earlier run: what diverged then, and does so in the same way, does not fail this one.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Where reports are written.
    #[arg(long, value_name = "DIR", default_value = "reports/latest")]
    out: PathBuf,
    /// What is shown on standard output.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

const EXAMPLES: &str = "Examples:
  torq-conformance run --filter 'running.* and level:must and not tag:slow'
  torq-conformance run --filter 'section:urls or (requirement:HMAC-* and grade:documented)'
  torq-conformance run --profile staging.yaml --write-exemptions exemptions.yaml
  torq-conformance run --profile staging.yaml --exemptions exemptions.yaml
  torq-conformance run --shard 2/4 --repeat 5
  torq-conformance run --profile staging.yaml --baseline release.json     fail on new divergences only
  torq-conformance run --profile staging.yaml --budget 2m     what `plan --budget 2m` shows";

impl RunArguments {
    /// Whether saves are waited for.
    pub(super) const fn watches(&self) -> bool {
        self.watch
    }

    /// Whether a SHOULD that differs fails it.
    const fn strictness(&self) -> Strictness {
        if self.strict {
            Strictness::Strict
        } else {
            Strictness::Lenient
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Every failure and a summary.
    Human,
    /// Nothing; the exit code and the files say it.
    Quiet,
    /// The report itself.
    Json,
}

pub(super) fn time(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

/// Why a run does not come about, and the code that says so.
pub(super) struct Refused(pub(super) ExitCode);

/// Runs what is asked for.
pub(super) fn run(loaded: &Loaded, arguments: &RunArguments) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime
            .block_on(run_and_report(loaded, arguments))
            .unwrap_or_else(|Refused(code)| code),
        Err(error) => fail(exit::HARNESS, &format!("the runtime does not start: {error}")),
    }
}

async fn run_and_report(loaded: &Loaded, arguments: &RunArguments) -> Result<ExitCode, Refused> {
    let profile = arguments.profile.as_deref().map(read_profile).transpose()?;
    let network = profile.as_ref().map(|it| it.network.clone()).unwrap_or_default();
    let client = Client::new(&network).map_err(|error| Refused(fail(exit::HARNESS, &error.to_string())))?;
    let (target, embedded) = prepare(loaded, profile.as_ref(), &client).await?;
    let plan = plan::plan(&loaded.specs, &arguments.filter, profile.as_ref());
    let mut plan = plan.map_err(|error| Refused(refuse(&error.to_string())))?;
    if let Some(path) = &arguments.exemptions {
        plan.exemptions = exempting::read(path)?;
    }
    if let Some(path) = &arguments.write_exemptions {
        exempting::is_new(path)?;
    }
    let baseline = arguments
        .baseline
        .as_deref()
        .map(|path| Ok((path, stored::read(path)?)));
    let baseline = baseline.transpose().map_err(Refused)?;
    if let Some(shard) = arguments.shard {
        plan.keep(shard);
    }
    plan.repeat = arguments.repeat;
    let jobs = arguments.jobs.map_or_else(default_jobs, usize::from);
    let profile = arguments.profile.as_deref();
    arguments.budget.apply(&mut plan, (profile, jobs), loaded).await?;
    let latency = target.reach(&client).await;
    let latency = latency.map_err(|error| Refused(fail(exit::ENVIRONMENT, &unreachable(&error))))?;
    let announcer = match arguments.format {
        Format::Human => Announcer::new(plan.cases.len()),
        Format::Quiet | Format::Json => Announcer::Silent,
    };
    let recorder = Recorder::new(&arguments.out, announcer, (&loaded.specs, arguments.strictness()));
    let recorder = recorder.map_err(|error| {
        let folder = arguments.out.display();
        Refused(fail(exit::HARNESS, &format!("cannot write to {folder}: {error}")))
    })?;
    let stop = Stop::new(if arguments.fail_fast {
        OnFailure::Stop
    } else {
        OnFailure::GoOn
    });
    let run = Run {
        specs: &loaded.specs,
        plan,
        target: &target,
        client: &client,
        jobs,
        latency,
        stop: stop.clone(),
    };
    let watching = tokio::spawn(watch(stop.clone(), arguments.timeout));
    let outcome = conduct(run, &recorder).await;
    watching.abort();
    recorder.announcer.clear();
    if let Some(mock) = embedded {
        mock.shut_down().await;
    }
    Ok(finish(&outcome, (&recorder, baseline), arguments))
}

/// Enough to keep every core busy while cases wait for the network.
pub(super) fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(8, |cores| cores.get() * 4)
}

/// Where cases run, and the mock behind it if it is ours.
async fn prepare(
    loaded: &Loaded,
    profile: Option<&Profile>,
    client: &Client,
) -> Result<(Target, Option<Embedded>), Refused> {
    let http = client.http();
    if let Some(profile) = profile {
        let target = Target::of_profile(profile.clone(), http);
        return Ok((target, None));
    }
    let mock = Embedded::start().await;
    let mock = mock.map_err(|error| Refused(fail(exit::HARNESS, &error.to_string())))?;
    let fixtures = &loaded.specs.fixtures;
    let target = mock.target(http, (&fixtures.file, &fixtures.text));
    Ok((target, Some(mock)))
}

/// What is wrong, what to do about it, and that no verdict came of it.
pub(super) fn unreachable(error: &Unreachable) -> String {
    format!("{error}\n{}\nnothing was judged", error.reason.advice())
}

pub(super) fn read_profile(path: &Path) -> Result<Profile, Refused> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Refused(refuse(&format!("cannot read {name}: {error}"))))?;
    let profile = Profile::parse(&name, &text, &Environment::of_process());
    // Its certificates are read again where they are used; here their problems still have a place.
    let profile = profile.and_then(|profile| profile.network.certificates().map(|_| profile));
    profile.map_err(|problems| {
        let mut sources = Sources::default();
        sources.add(&name, &text);
        Refused(refuse_problems(&problems, &sources))
    })
}

/// Ends the run when its time is up or somebody says so.
async fn watch(stop: Stop, timeout: Option<Duration>) {
    let time_is_up = async {
        match timeout {
            Some(timeout) => {
                tokio::time::sleep(timeout).await;
                timeout
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        timeout = time_is_up => stop.now(StopReason::TimedOut(timeout)),
        () = interrupted() => stop.now(StopReason::Interrupted),
    }
}

#[cfg(unix)]
pub(super) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
pub(super) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Writes the reports, shows what is to be shown, and says how it went.
fn finish(
    outcome: &Outcome<'_>,
    (recorder, baseline): (&Recorder<'_>, Option<(&Path, Evidence)>),
    arguments: &RunArguments,
) -> ExitCode {
    let mut evidence = Evidence::of(outcome, arguments.strictness());
    let change = baseline.map(|(path, before)| diff::hold_against(&mut evidence, (path, &before)));
    let folder = arguments.out.display();
    let json = match recorder.finish(&evidence) {
        Ok(json) => json,
        Err(error) => return fail(exit::HARNESS, &format!("cannot write to {folder}: {error}")),
    };
    match arguments.format {
        Format::Json => drop(show(&json)),
        Format::Quiet => {}
        Format::Human => {
            let mut text = report::to_terminal(&evidence);
            if let Some(change) = &change {
                text.push_str(&format!("\nsince the baseline\n{}\n", to_text(change)));
            }
            text.push_str(&format!(
                "reports       {folder}/report.html, and in other formats beside it\n"
            ));
            show(&text);
        }
    }
    github::tell(
        &evidence,
        match arguments.format {
            Format::Json => github::Output::Taken,
            Format::Quiet | Format::Human => github::Output::Free,
        },
    );
    if let Some(path) = &arguments.write_exemptions
        && let Err(error) = exempting::write(path, outcome)
    {
        return fail(exit::HARNESS, &format!("cannot write {}: {error}", path.display()));
    }
    ExitCode::from(evidence.exit_code.unwrap_or(exit::HARNESS))
}
