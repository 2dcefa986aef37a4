//! The command line: what is asked for, and what is shown.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use located_yaml::{Paint, Sources};

use crate::plan;
use crate::profile::{Environment, Profile};
use crate::progress::Progress;
use crate::report::{self, Outcome};
use crate::run::{CaseRun, Client};
use crate::spec::model::{Case, Specs};
use crate::spec::{self, Loaded, Source};
use crate::target::{ControlClient, Described, Embedded, Target};
use crate::verdict::{self, Strictness, exit};
use crate::{Run, conduct};

/// Checks any deployment of Torq's webhook-trigger API against its documented behaviour.
#[derive(Debug, Parser)]
#[command(name = "torq-conformance", version, after_help = EXAMPLES)]
pub struct Cli {
    /// Use the specs in this folder instead of the built-in ones.
    #[arg(long, global = true, value_name = "DIR")]
    specs: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "Examples:
  torq-conformance                                       check the embedded mock, write reports/latest/
  torq-conformance run --profile staging.yaml            check a deployment
  torq-conformance run --filter 'running.*'              only some cases
  torq-conformance explain running.sync-fallback.at-the-limit

Exit codes: 0 conforms, 1 diverges, 2 usage or specs, 3 unreachable, 4 inconclusive, 5 harness fault.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run cases and write reports (what happens without a command).
    Run(RunArguments),
    /// List the cases, or the requirements and what covers them.
    List {
        /// The requirements with their cases.
        #[arg(long)]
        requirements: bool,
    },
    /// Say what a case checks and why.
    Explain {
        /// The case's id.
        id: String,
    },
    /// Check the specs: every problem, with its place.
    Lint,
}

#[derive(Debug, clap::Args)]
struct RunArguments {
    /// The deployment to check; the embedded mock without it.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Only these cases: a glob of ids, or requirement:, level:, grade:, tag:, section: (all filters must hold).
    #[arg(long, value_name = "EXPR")]
    filter: Vec<String>,
    /// A SHOULD that differs fails the run.
    #[arg(long)]
    strict: bool,
    /// Cases side by side.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Where reports are written.
    #[arg(long, value_name = "DIR", default_value = "reports/latest")]
    out: PathBuf,
    /// What is shown.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Human,
    Quiet,
    Json,
}

/// Does what the command line asks for.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let source = cli.specs.map_or(Source::Embedded, Source::Folder);
    let loaded = match spec::load(&source) {
        Ok(loaded) => loaded,
        Err(error) => return refuse(&error.to_string()),
    };
    if !loaded.problems.is_empty() {
        return refuse(&loaded.problems.render(&loaded.sources, paint()));
    }
    let code = match cli.command {
        Some(Command::List { requirements: true }) => show(&list_requirements(&loaded.specs)),
        Some(Command::List { requirements: false }) => show(&list(&loaded.specs)),
        Some(Command::Explain { id }) => return explain(&loaded.specs, &id),
        Some(Command::Lint) => show(&format!(
            "{} requirements and {} cases hang together.\n",
            loaded.specs.requirements.len(),
            loaded.specs.cases.len()
        )),
        Some(Command::Run(arguments)) => return run(&loaded, &arguments),
        None => {
            let Cli {
                command: Some(Command::Run(arguments)),
                ..
            } = Cli::parse_from(["torq-conformance", "run"])
            else {
                return ExitCode::from(exit::HARNESS);
            };
            return run(&loaded, &arguments);
        }
    };
    ExitCode::from(code)
}

fn run(loaded: &Loaded, arguments: &RunArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(exit::HARNESS, &format!("the runtime does not start: {error}")),
    };
    runtime.block_on(run_async(loaded, arguments))
}

async fn run_async(loaded: &Loaded, arguments: &RunArguments) -> ExitCode {
    let specs = &loaded.specs;
    let client = match Client::new() {
        Ok(client) => client,
        Err(error) => return fail(exit::HARNESS, &error.to_string()),
    };
    let http = client.http().clone();
    let mut embedded = None;
    let (target, profile) = match &arguments.profile {
        Some(path) => {
            let text = match fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) => return refuse(&format!("cannot read {}: {error}", path.display())),
            };
            let name = path.display().to_string();
            match Profile::parse(&name, &text, &Environment::of_process()) {
                Ok(profile) => {
                    let target =
                        Target::of_profile(profile.clone(), (&specs.fixtures.file, &specs.fixtures.text), &http);
                    (target, Some(profile))
                }
                Err(problems) => {
                    let mut sources = Sources::default();
                    sources.add(&name, &text);
                    return refuse(&problems.render(&sources, paint()));
                }
            }
        }
        None => {
            let mock = match Embedded::start().await {
                Ok(mock) => mock,
                Err(error) => return fail(exit::HARNESS, &error.to_string()),
            };
            let control = ControlClient::new(http, &mock.control_url(), None);
            embedded = Some(mock);
            let target = Target::Sandboxes {
                name: "the embedded mock".to_owned(),
                control,
                configuration: specs.fixtures.text.as_str().into(),
                file: specs.fixtures.file.clone(),
                described: Described::default(),
            };
            (target, None)
        }
    };
    let plan = match plan::plan(specs, &arguments.filter, profile.as_ref()) {
        Ok(plan) => plan,
        Err(error) => return refuse(&error.to_string()),
    };
    let jobs = arguments
        .jobs
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(8, |cores| cores.get() * 4));
    let bar = Bar::new(plan.cases.len(), arguments.format);
    let outcome = conduct(
        Run {
            specs,
            plan,
            target,
            client,
            jobs,
        },
        &bar,
    )
    .await;
    bar.clear();
    if let Some(mock) = embedded {
        mock.shut_down().await;
    }
    finish(&outcome, arguments)
}

fn finish(outcome: &Outcome<'_>, arguments: &RunArguments) -> ExitCode {
    let json = report::to_json(outcome);
    let junit = report::to_junit(outcome).unwrap_or_default();
    let written = fs::create_dir_all(&arguments.out)
        .and_then(|()| fs::write(arguments.out.join("report.json"), format!("{json:#}\n")))
        .and_then(|()| fs::write(arguments.out.join("junit.xml"), junit));
    if let Err(error) = written {
        return fail(
            exit::HARNESS,
            &format!("cannot write to {}: {error}", arguments.out.display()),
        );
    }
    let strictness = if arguments.strict {
        Strictness::Strict
    } else {
        Strictness::Lenient
    };
    let code = verdict::exit_code(
        outcome.cases.iter().map(|it| (it.case.level, it.judgement.verdict)),
        strictness,
    );
    match arguments.format {
        Format::Json => {
            show(&format!("{json:#}\n"));
        }
        Format::Quiet => {}
        Format::Human => {
            let mut text = String::new();
            for finished in outcome.troubled() {
                text.push_str(&report::explain_failure(finished, outcome.specs));
                text.push('\n');
            }
            text.push_str(&report::summary(outcome));
            let files = arguments.out.display();
            text.push_str(&format!("reports       {files}/report.json, {files}/junit.xml\n"));
            show(&text);
        }
    }
    ExitCode::from(code)
}

fn list(specs: &Specs) -> String {
    let mut out = String::new();
    for case in &specs.cases {
        out.push_str(&format!("{:<60} {:<9} {}\n", case.id, case.level.word(), case.title));
    }
    out
}

fn list_requirements(specs: &Specs) -> String {
    let mut out = String::new();
    for requirement in &specs.requirements {
        let cases: Vec<_> = specs
            .cases
            .iter()
            .filter(|case| case.requirements.contains(&requirement.id))
            .collect();
        let covered = match (&requirement.untested, cases.len()) {
            (Some(reason), _) => format!("untested: {reason}"),
            (None, count) => format!("{count} cases"),
        };
        out.push_str(&format!(
            "{} ({}, {covered})\n    {}\n",
            requirement.id, requirement.grade, requirement.statement
        ));
        for case in cases {
            out.push_str(&format!("    - {}\n", case.id));
        }
    }
    out
}

fn explain(specs: &Specs, id: &str) -> ExitCode {
    let Some(case) = specs.cases.iter().find(|case| case.id == id) else {
        let near = located_yaml::did_you_mean(id, specs.cases.iter().map(|case| case.id.as_str()));
        return refuse(&format!(
            "there is no case `{id}`{}",
            near.map_or_else(String::new, |near| format!("; {near}"))
        ));
    };
    let mut out = format!("{}\n  {}\n  {}\n\n", case.id, case.title, case.at);
    for requirement in specs
        .requirements
        .iter()
        .filter(|it| case.requirements.contains(&it.id))
    {
        out.push_str(&format!(
            "{} {} ({})\n  {}\n",
            requirement.grade.level(),
            requirement.id,
            requirement.grade,
            requirement.statement
        ));
        out.push_str(&format!("  source: {}, {}\n", requirement.page, requirement.place));
    }
    if let Some(twin) = &case.twin {
        out.push_str(&format!(
            "\nits positive twin is {}; they differ in the {}\n",
            twin.case, twin.differs
        ));
    }
    out.push_str("\nsteps\n");
    for (index, step) in case.steps.iter().enumerate() {
        out.push_str(&format!("  {}. {} ({})\n", index + 1, crate::run::title(step), step.at));
    }
    ExitCode::from(show(&out))
}

/// Progress on a terminal; nothing elsewhere, where the summary says it all.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(cases: usize, format: Format) -> Self {
        let wanted = format == Format::Human && io::stderr().is_terminal();
        Self(wanted.then(|| {
            let bar = ProgressBar::new(cases as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar
        }))
    }

    fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn finished(&self, case: &Case, _: &CaseRun) {
        if let Some(bar) = &self.0 {
            bar.set_message(case.id.clone());
            bar.inc(1);
        }
    }
}

fn paint() -> Paint {
    if io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        Paint::Colour
    } else {
        Paint::Plain
    }
}

fn show(text: &str) -> u8 {
    // A reader that closed the pipe has seen enough.
    let _ = anstream::stdout().write_all(text.as_bytes());
    exit::CONFORMS
}

fn refuse(message: &str) -> ExitCode {
    fail(exit::USAGE, message)
}

fn fail(code: u8, message: &str) -> ExitCode {
    let _ = writeln!(anstream::stderr(), "{}", message.trim_end());
    ExitCode::from(code)
}
