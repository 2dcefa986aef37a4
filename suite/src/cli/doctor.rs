//! `torq-conformance doctor`: whether a deployment is ready for a run, and what to do where it is not.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde_json::{Value as Json, json};

use super::announce::Announcer;
use super::run::{Refused, default_jobs, interrupted, read_profile, unreachable};
use super::{ListFormat, fail, refuse, show};
use crate::doctor::{self, Ailment, Examination, Examiner, Finding, Fixture};
use crate::run::Client;
use crate::spec::Loaded;
use crate::stop::{OnFailure, Stop, StopReason};
use crate::verdict::exit;

const EXAMPLES: &str = "Examples:
  torq-conformance doctor --profile staging.yaml
  torq-conformance doctor --profile staging.yaml --format json

Calls every workflow a time or two, and asks for a token with each client: some fifty requests, none of them large, none of
them a burst, all within the rate limits. What it finds missing or wrong it tells with the fix and the section of `fixtures`.

Exit codes: 0 ready for a run, 1 something is missing or wrong, 2 usage, profile or specs, 3 unreachable, 4 nothing is wrong
but something could not be told, 5 harness fault.";

const WRITTEN: &str = "a String takes everything that is written";
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();

/// What `doctor` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DoctorArguments {
    /// The deployment to examine.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// Probes side by side.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    jobs: Option<u16>,
    /// For people or for machines.
    #[arg(long, value_enum, default_value = "text")]
    format: ListFormat,
}

/// Examines the deployment.
pub(super) fn doctor(loaded: &Loaded, arguments: &DoctorArguments) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime
            .block_on(examine(loaded, arguments))
            .unwrap_or_else(|Refused(code)| code),
        Err(error) => fail(exit::HARNESS, &format!("the runtime does not start: {error}")),
    }
}

async fn examine(loaded: &Loaded, arguments: &DoctorArguments) -> Result<ExitCode, Refused> {
    let specs = &loaded.specs;
    if specs.probes.is_empty() {
        return Err(Refused(refuse(
            "these specs have no `probes.yaml`, so there is nothing to ask",
        )));
    }
    let profile = read_profile(&arguments.profile)?;
    let client = Client::new(&profile.network).map_err(|error| Refused(fail(exit::HARNESS, &error.to_string())))?;
    let target = doctor::target(profile.clone(), &client);
    let latency = target.reach(&client).await;
    let latency = latency.map_err(|error| Refused(fail(exit::ENVIRONMENT, &unreachable(&error))))?;
    let stop = Stop::new(OnFailure::GoOn);
    let examiner = Examiner {
        client: &client,
        latency,
        jobs: arguments.jobs.map_or_else(default_jobs, usize::from),
        stop: stop.clone(),
    };
    let announcer = match arguments.format {
        ListFormat::Text => Announcer::new(specs.probes.len()),
        ListFormat::Json => Announcer::Silent,
    };
    let watching = tokio::spawn(async move {
        interrupted().await;
        stop.now(StopReason::Interrupted);
    });
    let examination = doctor::examine(specs, (&profile, &target), examiner, &announcer).await;
    watching.abort();
    announcer.clear();
    match arguments.format {
        ListFormat::Text => show(&text(&profile.name, &examination)),
        ListFormat::Json => show(&format!("{:#}\n", json(&profile.name, &examination))),
    };
    Ok(ExitCode::from(examination.exit_code()))
}

fn text(name: &str, examination: &Examination) -> String {
    let mut out = String::new();
    for finding in &examination.findings {
        write_finding(&mut out, finding).expect(WRITTEN);
    }
    write_summary(&mut out, name, examination).expect(WRITTEN);
    out
}

fn write_finding(out: &mut String, finding: &Finding) -> fmt::Result {
    let (word, fixture) = (finding.ailment.word(), &finding.fixture);
    let style = match finding.ailment {
        Ailment::Missing | Ailment::Wrong | Ailment::Harness => BAD,
        Ailment::Unclear => DOUBTFUL,
    };
    writeln!(
        out,
        "{style}{word}{style:#}  {} {}: {}",
        fixture.kind.word(),
        fixture.name,
        finding.what
    )?;
    for seen in &finding.seen {
        writeln!(out, "  seen   {seen}")?;
    }
    writeln!(out, "  fix    {}", finding.advice)?;
    writeln!(out, "  guide  {}\n", finding.build)
}

fn write_summary(out: &mut String, name: &str, examination: &Examination) -> fmt::Result {
    let count = |ailment: Ailment| {
        let findings = examination.findings.iter();
        findings.filter(|it| it.ailment == ailment).count()
    };
    let (well, requests) = (examination.well.len(), examination.requests);
    writeln!(
        out,
        "{name}: {well} fixtures are what the cases need, told from {requests} requests"
    )?;
    let ailments = [Ailment::Missing, Ailment::Wrong, Ailment::Unclear, Ailment::Harness];
    for ailment in ailments.into_iter().filter(|ailment| count(*ailment) > 0) {
        writeln!(out, "{:<16}{}", ailment.word(), count(ailment))?;
    }
    if !examination.declared.is_empty() {
        let declared: Vec<String> = examination.declared.iter().map(named).collect();
        writeln!(out, "unavailable     {}", declared.join(", "))?;
    }
    if examination.findings.is_empty() {
        writeln!(out, "ready for a run")?;
    }
    Ok(())
}

fn named(fixture: &Fixture) -> String {
    format!("{} {}", fixture.kind.word(), fixture.name)
}

fn json(name: &str, examination: &Examination) -> Json {
    json!({
        "target": name,
        "ready": examination.findings.is_empty(),
        "requests": examination.requests,
        "findings": examination.findings.iter().map(|it| json!({
            "ailment": it.ailment.word(),
            "kind": it.fixture.kind.word(),
            "fixture": it.fixture.name,
            "what": it.what,
            "seen": it.seen,
            "advice": it.advice,
            "build": it.build,
        })).collect::<Vec<_>>(),
        "well": examination.well.iter().map(named).collect::<Vec<_>>(),
        "unavailable": examination.declared.iter().map(named).collect::<Vec<_>>(),
    })
}
