//! The command line of `torq-conformance`: what is asked for, and the code it ends with.
//!
//! Reads arguments and prints; running is `conduct`'s, rendering is `report`'s.

mod announce;
mod budget;
mod diff;
mod doctor;
mod exempting;
mod explain;
mod github;
mod learn;
mod listing;
mod matrix;
mod merge;
mod new;
mod openapi;
mod packed;
mod place;
mod plan;
mod publish;
mod recording;
mod rejudge;
mod report;
mod run;
mod schema;
mod watch;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use located_yaml::{Paint, Sources};

use crate::spec::{self, Loaded, Source};
use crate::target::Embedded;
use crate::verdict::exit;
use diff::DiffArguments;
use doctor::DoctorArguments;
use explain::ExplainArguments;
use learn::LearnArguments;
use merge::MergeArguments;
use new::NewArguments;
use openapi::OpenapiArguments;
use plan::PlanArguments;
use publish::PublishArguments;
use rejudge::RejudgeArguments;
use report::ReportArguments;
use run::RunArguments;
use schema::SchemaArguments;

/// Checks any deployment of Torq's webhook-trigger API against its documented behaviour.
#[derive(Debug, Parser)]
#[command(name = "torq-conformance", version, after_help = EXAMPLES, override_usage = USAGE)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
    /// Use the specs in this folder instead of the built-in ones.
    #[arg(long, global = true, value_name = "DIR")]
    specs: Option<PathBuf>,
}

const USAGE: &str = "torq-conformance [OPTIONS]
       torq-conformance <COMMAND>";

const EXAMPLES: &str = "Examples:
  torq-conformance                                       check the embedded mock, write reports/latest/
  torq-conformance run --profile staging.yaml            check a deployment
  torq-conformance run --filter 'running.*'              only some cases
  torq-conformance run --watch                           after every save, the cases it affects
  torq-conformance explain running.sync-fallback.at-the-limit

Exit codes: 0 conforms, 1 diverges, 2 usage, profile or specs, 3 unreachable, 4 inconclusive, 5 harness fault,
6 stale exemption.";

const LIST_EXAMPLES: &str = "Examples:
  torq-conformance list                              every case: id, level, title
  torq-conformance list --requirements               every requirement, its source and its cases
  torq-conformance list --requirements --format json";

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ListFormat {
    /// Lines for people.
    Text,
    /// One JSON document.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run cases and write reports (what happens without a command).
    Run(RunArguments),
    /// List the cases, or the requirements and what covers them.
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// The traceability matrix: every requirement with its source and the cases that check it.
        #[arg(long)]
        requirements: bool,
        /// For people or for machines.
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
    },
    /// Say what a case or a requirement is about, and which bytes a case would send.
    Explain(ExplainArguments),
    /// Say, before anything is sent, what a run would cost: requests, time, quota, side effects, consent that is missing.
    Plan(PlanArguments),
    /// Ask a deployment whether every fixture and credential is what the cases need, and say what to do where it is not.
    Doctor(DoctorArguments),
    /// Record what a deployment does where nobody publishes what is right: as a profile, and as a mock that does the same.
    Learn(LearnArguments),
    /// Say how to build, in a real workspace, what the cases need.
    Fixtures,
    /// Check the specs: every problem, with its place.
    Lint,
    /// Write a case, and its negative twin, where its id says it must live.
    #[command(after_help = new::EXAMPLES)]
    New(NewArguments),
    /// Show a stored run again, in any format.
    #[command(after_help = report::EXAMPLES)]
    Report(ReportArguments),
    /// Say what changed from one stored run to another; fails on a new divergence only.
    #[command(after_help = diff::EXAMPLES)]
    Diff(DiffArguments),
    /// Join the shards of a run, and prove that no case was lost or doubled.
    #[command(after_help = merge::EXAMPLES)]
    Merge(MergeArguments),
    /// Keep a run beside code: every format of it, without what differs between two equal runs.
    #[command(after_help = publish::EXAMPLES)]
    Publish(PublishArguments),
    /// Judge a stored run again with the present specs, offline, and say what changed.
    #[command(after_help = rejudge::EXAMPLES)]
    Rejudge(RejudgeArguments),
    /// Print the JSON Schema of a format, for editors.
    #[command(after_help = schema::EXAMPLES)]
    Schema(SchemaArguments),
    /// Print the OpenAPI 3.1 document of the API.
    #[command(after_help = openapi::EXAMPLES)]
    Openapi(OpenapiArguments),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// Does what the command line asks for.
#[must_use]
pub fn main() -> ExitCode {
    let cli = parsed();
    let source = cli.specs.map_or(Source::Embedded, Source::Folder);
    match cli.command.unwrap_or(Command::Run(cli.run)) {
        Command::Run(arguments) if arguments.watches() => watch::watch(&source, &arguments),
        Command::Run(arguments) => with_specs(&source, |loaded| run::run(loaded, &arguments)),
        Command::List { requirements, format } => with_specs(&source, |loaded| {
            let list = match (requirements, format) {
                (true, ListFormat::Text) => matrix::requirements,
                (true, ListFormat::Json) => matrix::requirements_json,
                (false, ListFormat::Text) => matrix::cases,
                (false, ListFormat::Json) => matrix::cases_json,
            };
            show(&list(&loaded.specs))
        }),
        Command::Explain(arguments) => with_specs(&source, |loaded| explain::explain(loaded, &arguments)),
        Command::Plan(arguments) => with_specs(&source, |loaded| plan::plan(loaded, &arguments)),
        Command::Doctor(arguments) => with_specs(&source, |loaded| doctor::doctor(loaded, &arguments)),
        Command::Learn(arguments) => with_specs(&source, |loaded| learn::learn(loaded, &arguments)),
        Command::Fixtures => with_specs(&source, |loaded| show(&listing::fixtures(&loaded.specs))),
        Command::Lint => with_specs(&source, lint),
        Command::New(arguments) => new::new(&arguments, &source),
        Command::Report(arguments) => report::report(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
        Command::Merge(arguments) => with_specs(&source, |loaded| merge::merge(loaded, &arguments)),
        Command::Publish(arguments) => publish::publish(&arguments),
        Command::Rejudge(arguments) => with_specs(&source, |loaded| rejudge::rejudge(loaded, &arguments)),
        Command::Schema(arguments) => schema::schema(&arguments),
        Command::Openapi(arguments) => openapi::openapi(&arguments),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "torq-conformance", &mut script);
            show(&String::from_utf8_lossy(&script))
        }
        Command::Man => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(Cli::command()).render(&mut page) {
                Ok(()) => show(&String::from_utf8_lossy(&page)),
                Err(error) => fail(exit::HARNESS, &error.to_string()),
            }
        }
    }
}

/// The arguments, where an option of `run` before another command is a mistake and `--specs` there is not.
fn parsed() -> Cli {
    let mut command = Cli::command();
    let matches = command.get_matches_mut();
    let is_stray = |id: &&clap::Id| {
        id.as_str() != "specs" && matches!(matches.try_get_raw(id.as_str()), Ok(Some(_))) && {
            matches.value_source(id.as_str()) == Some(ValueSource::CommandLine)
        }
    };
    if let (Some((name, _)), Some(stray)) = (matches.subcommand(), matches.ids().find(is_stray)) {
        let option = command
            .get_arguments()
            .find(|argument| argument.get_id() == stray)
            .map_or_else(|| stray.to_string(), ToString::to_string);
        let message = format!(
            "'{option}' belongs to `run`: write it after the command, `torq-conformance {name} …`, if that takes it"
        );
        command.error(ErrorKind::ArgumentConflict, message).exit();
    }
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Asks the mock about the fixtures as well: they are its configuration.
fn lint(loaded: &Loaded) -> ExitCode {
    let fixtures = &loaded.specs.fixtures;
    if let Err(problems) = Embedded::check(&fixtures.file, &fixtures.text) {
        return refuse_problems(&problems, &loaded.sources);
    }
    let (requirements, cases) = (loaded.specs.requirements.len(), loaded.specs.cases.len());
    show(&format!(
        "{requirements} requirements and {cases} cases hang together.\n"
    ))
}

/// Reads the specs; goes on only when nothing is wrong with them.
fn with_specs(source: &Source, and_then: impl FnOnce(&Loaded) -> ExitCode) -> ExitCode {
    match spec::load(source) {
        Err(error) => refuse(&error.to_string()),
        Ok(loaded) if loaded.problems.is_empty() => and_then(&loaded),
        Ok(loaded) => refuse_problems(&loaded.problems, &loaded.sources),
    }
}

/// Shows everything that is wrong with files.
fn refuse_problems(problems: &located_yaml::Problems, sources: &Sources) -> ExitCode {
    let noun = if problems.len() == 1 { "problem" } else { "problems" };
    refuse(&format!(
        "{}\n\n{} {noun}; nothing was sent",
        problems.render(sources, paint()),
        problems.len()
    ))
}

fn paint() -> Paint {
    let wanted = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted { Paint::Colour } else { Paint::Plain }
}

/// Prints to standard output; a reader that closed the pipe has seen enough.
fn show(text: &str) -> ExitCode {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(exit::HARNESS, &error.to_string()),
        _ => ExitCode::SUCCESS,
    }
}

fn refuse(message: &str) -> ExitCode {
    fail(exit::USAGE, message)
}

fn fail(code: u8, message: &str) -> ExitCode {
    // Without standard error there is nobody left to tell.
    let _ = writeln!(anstream::stderr(), "{}", message.trim_end());
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_hangs_together() {
        Cli::command().debug_assert();
    }
}
