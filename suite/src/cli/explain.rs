//! `torq-conformance explain`: a requirement with its cases, a case with its twin, its steps and the bytes it would send, a
//! fault with the cases that notice it, or what no case notices.
//!
//! The bytes are the run's own (`run::rehearse`); here they are only made readable.

mod bytes;
mod power;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use located_yaml::{Location, Sources, write_duration};

use super::place::{Place, Whose};
use super::run::Refused;
use super::{fail, matrix, refuse, show};
use crate::profile::{Network, Profile};
use crate::redaction::Redaction;
use crate::run::{self, Client, Pacing, Purpose, Rehearsed};
use crate::spec::Loaded;
use crate::spec::model::{Action, Background, Case, Requirement, Specs};
use crate::verdict::exit;

const WRITTEN: &str = "a String takes everything that is written";

const EXAMPLES: &str = "Examples:
  torq-conformance explain running.sync-fallback.at-the-limit    a case, and what it sends to the embedded mock
  torq-conformance explain SYNC-FALLBACK-STATUS                  a requirement and its cases
  torq-conformance explain fallback-at-45s                       a fault of the mock and the cases that notice it
  torq-conformance explain survivors                             what nothing notices, and why
  torq-conformance explain urls.methods.async.get --profile staging.yaml

Nothing is sent to the deployment of a profile: its URLs and ids are filled in, secrets are not shown. What only the answers
of a run bring, such as an execution's id, stands as ${name}.";

/// What `explain` can be told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArguments {
    /// The id of a case or of a requirement, the name of a fault, or `survivors`.
    id: String,
    /// Show the requests as this deployment would get them; nothing is sent to it.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
}

/// Explains what the id names.
pub(super) fn explain(loaded: &Loaded, arguments: &ExplainArguments) -> ExitCode {
    let (specs, id) = (&loaded.specs, &arguments.id);
    if let Some(requirement) = specs.requirements.iter().find(|it| it.id == *id) {
        return show(&of_requirement(requirement, specs));
    }
    if let Some(fault) = specs.power.faults.iter().find(|fault| fault.name == *id) {
        return show(&power::of_fault(fault, specs));
    }
    if id == power::SURVIVORS {
        return show(&power::of_survivors(&specs.power));
    }
    let Some(case) = specs.cases.iter().find(|case| case.id == *id) else {
        return refuse(&unknown(specs, id));
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(exit::HARNESS, &format!("the runtime does not start: {error}")),
    };
    match runtime.block_on(of_case(case, loaded, arguments)) {
        Ok(text) => show(&text),
        Err(Refused(code)) => code,
    }
}

fn unknown(specs: &Specs, id: &str) -> String {
    let cases = specs.cases.iter().map(|case| case.id.as_str());
    let requirements = specs.requirements.iter().map(|it| it.id.as_str());
    let faults = specs.power.faults.iter().map(|it| it.name.as_str());
    let known = cases.chain(requirements).chain(faults).chain([power::SURVIVORS]);
    let near = located_yaml::did_you_mean(id, known);
    let near = near.map_or_else(String::new, |near| format!("; {near}"));
    format!("there is no case, no requirement and no fault `{id}`{near}")
}

fn of_requirement(requirement: &Requirement, specs: &Specs) -> String {
    let mut out = statement(requirement);
    writeln!(out, "  written: {}\n", requirement.at).expect(WRITTEN);
    if let Some(reason) = &requirement.untested {
        writeln!(out, "untested: {reason}").expect(WRITTEN);
    }
    let covering = matrix::Covering::of(requirement, specs);
    for (heading, cases) in [
        ("positive cases", &covering.positive),
        ("negative cases", &covering.negative),
        ("observing cases", &covering.observed),
    ] {
        if !cases.is_empty() {
            writeln!(out, "{heading}").expect(WRITTEN);
        }
        for case in cases {
            writeln!(out, "  {}\n    {}", case.id, case.title).expect(WRITTEN);
        }
    }
    out.push_str(&power::of_requirement(requirement, specs));
    out
}

fn statement(it: &Requirement) -> String {
    let (level, id, grade) = (it.grade.level(), &it.id, it.grade);
    let (statement, page, place) = (&it.statement, &it.page, &it.place);
    format!("{level} {id} ({grade})\n  {statement}\n  source: {page}, {place}\n")
}

async fn of_case(case: &Case, loaded: &Loaded, arguments: &ExplainArguments) -> Result<String, Refused> {
    // Everything stays on this machine, so the network of the deployment does not matter.
    let client = Client::new(&Network::default()).map_err(|error| Refused(fail(exit::HARNESS, &error.to_string())))?;
    let place = Place::of(arguments.profile.as_deref(), &loaded.specs, &client).await?;
    let rehearsed = run::rehearse(case, place.setting(&loaded.specs), &client).await;
    let mut out = intent(case, &loaded.specs);
    let (steps, finally) = rehearsed.split_at(case.steps.len().min(rehearsed.len()));
    let redaction = redaction(&place.profile);
    for (heading, steps) in [("steps", steps), ("finally", finally)] {
        if !steps.is_empty() {
            writeln!(out, "\n{heading}").expect(WRITTEN);
        }
        for (index, step) in steps.iter().enumerate() {
            write_step(&mut out, index + 1, step, (&loaded.sources, &redaction));
        }
    }
    let note = match place.whose {
        Whose::Deployment => "Nothing was sent to the deployment.",
        Whose::EmbeddedMock => "PORT is the sandbox's, a new one for every case of a run.",
    };
    writeln!(out, "\n{NOTATION}\n{note}").expect(WRITTEN);
    out.push_str(&power::of_case(case, &loaded.specs));
    Ok(out)
}

const NOTATION: &str = "Lines end in CR LF. [name] stands for a secret, ${name} for what only a run brings.";

fn redaction(profile: &Profile) -> Redaction {
    let mut secrets: Vec<_> = profile
        .secrets()
        .map(|(name, secret)| (name, secret.expose().to_owned()))
        .collect();
    secrets.extend(run::nearly_secrets(profile));
    Redaction::of(&secrets)
}

fn intent(case: &Case, specs: &Specs) -> String {
    let mut out = format!(
        "{}\n  {}\n  {}\n  written: {}\n",
        case.id,
        case.title,
        case.about.trim_end(),
        case.at
    );
    for (key, value) in &case.each {
        writeln!(out, "  ${{each.{key}}} is {value}").expect(WRITTEN);
    }
    out.push('\n');
    for requirement in specs
        .requirements
        .iter()
        .filter(|it| case.requirements.contains(&it.id))
    {
        out.push_str(&statement(requirement));
    }
    if let Some(twin) = &case.twin {
        let title = specs
            .cases
            .iter()
            .find(|it| it.id == twin.case)
            .map(|it| it.title.as_str());
        let (title, id, differs) = (title.unwrap_or_default(), &twin.case, &twin.differs);
        writeln!(
            out,
            "\ntwin: {id}\n  {title}\n  It differs in the {differs} and has to succeed in the same run."
        )
        .expect(WRITTEN);
    }
    out
}

fn write_step(
    out: &mut String,
    number: usize,
    rehearsed: &Rehearsed<'_>,
    (sources, redaction): (&Sources, &Redaction),
) {
    let step = rehearsed.step;
    let background = match &step.action {
        Action::Send(_, Background::Label(label)) | Action::Raw(_, Background::Label(label)) => {
            format!(", in the background as `{label}`")
        }
        Action::Send(..) | Action::Raw(..) | Action::Burst(_) | Action::Poll(_) => String::new(),
        Action::Elapse(_) | Action::Await { .. } => String::new(),
    };
    writeln!(out, "\n{number}. {}{background}", run::title(step)).expect(WRITTEN);
    for line in as_written(&step.at, sources) {
        writeln!(out, "     {line}").expect(WRITTEN);
    }
    match &rehearsed.pacing {
        Pacing::Once => {}
        Pacing::Burst { count, at_once, within } => {
            let within = write_duration(*within);
            writeln!(out, "   sent {count} times within {within}, {at_once} at once").expect(WRITTEN);
        }
        Pacing::Poll {
            every,
            back_off,
            budget,
            at_most: _,
        } => {
            let (every, budget) = (write_duration(*every), write_duration(*budget));
            let growing = if *back_off > 1.0 {
                format!(", each pause {back_off} times the one before")
            } else {
                String::new()
            };
            writeln!(out, "   sent every {every}{growing}, for {budget} at most").expect(WRITTEN);
        }
    }
    match &rehearsed.requests {
        Err(reason) => writeln!(out, "   what is sent cannot be told beforehand: {reason}").expect(WRITTEN),
        Ok(requests) => {
            for written in requests {
                let purpose = match written.purpose {
                    Purpose::Step => "",
                    Purpose::Token => " (for the token, unless the case has one already)",
                };
                let url = bytes::readable(&written.url, &written.placeholders, redaction);
                writeln!(out, "   to {url}{purpose}").expect(WRITTEN);
                for line in bytes::lines(written, redaction) {
                    writeln!(out, "{}", format!("   | {line}").trim_end()).expect(WRITTEN);
                }
            }
        }
    }
}

/// The YAML of the list item that begins where `at` says.
fn as_written<'s>(at: &Location, sources: &'s Sources) -> Vec<&'s str> {
    let Some(text) = sources.get(&at.file) else {
        return Vec::new();
    };
    let indent = at.column.saturating_sub(1) as usize;
    let belongs = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() >= indent;
    let mut lines = text.lines().skip(at.line.saturating_sub(1) as usize);
    let first = lines.next();
    let mut item: Vec<_> = first.into_iter().chain(lines.take_while(belongs)).collect();
    while item.last().is_some_and(|line| line.trim().is_empty()) {
        item.pop();
    }
    // The dash of the first line stands two columns before the others.
    let dash = indent.saturating_sub(2);
    item.iter().map(|line| line.get(dash..).unwrap_or(line)).collect()
}
