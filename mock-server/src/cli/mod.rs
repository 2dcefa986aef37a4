//! The command line of `torq-mock`: what is asked for, and the code it ends with.
//!
//! Reads arguments and files and prints; everything a command does beyond that is the library's.

mod faults;
mod greeting;
mod logging;
mod saves;
mod serve;

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use located_yaml::{Paint, Sources};
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::ids::Seed;
use torq_mock_server::profile::profile;
use torq_mock_server::{Budget, Latency, Ports, PublicHost, naming};

/// The exit code for a wrong command line or configuration.
const USAGE: u8 = 2;
/// The exit code for an address that cannot be had, or output that cannot be written.
const ENVIRONMENT: u8 = 3;

/// A faithful, deterministic stand-in for Torq's webhook-trigger, executions and token endpoints.
#[derive(Debug, Parser)]
#[command(name = "torq-mock", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  torq-mock serve                                  the built-in workflows in real time
  torq-mock serve --clock manual                   a clock that moves when told: POST /clock
  torq-mock serve --config mine.yaml               your own integrations and workflows
  torq-mock serve --fault fallback-at-45s          with a defect, to see whether somebody notices
  torq-mock check mine.yaml                        what is wrong with a configuration
  torq-mock config > mine.yaml                     the built-in configuration and every knob, to start from

Exit codes: 0 done, 2 wrong arguments or configuration, 3 an address cannot be had.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until Ctrl-C or SIGTERM; then answer what is held and stop.
    Serve(ServeArguments),
    /// Check a configuration: every problem, with its place.
    Check {
        /// The configuration; `-` reads standard input.
        file: PathBuf,
    },
    /// Print the built-in configuration and every knob with its default and what it accepts.
    Config,
    /// Print every deliberate defect that `serve --fault` takes, with the requirements each breaks.
    Faults {
        /// How to write it.
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: faults::Format,
    },
    /// Print the profile under which `torq-conformance` would check a server, without starting one.
    Profile(ServeArguments),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

#[derive(Clone, Debug, clap::Args)]
struct ServeArguments {
    /// What to serve; the built-in configuration without it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where ids and secrets come from, in place of the configuration's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where triggers, executions and tokens are served.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7080")]
    listen: SocketAddr,
    /// Where the control surface is served; off loopback it needs a token.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7081")]
    control: SocketAddr,
    /// What callers of the control surface must send as `Authorization: Bearer`.
    #[arg(long, value_name = "TOKEN", env = "TORQ_MOCK_CONTROL_TOKEN", hide_env_values = true, value_parser = token)]
    control_token: Option<String>,
    /// Which clock to use, in place of the configuration's.
    #[arg(long, value_name = "CLOCK")]
    clock: Option<Clock>,
    /// A deliberate defect to serve with, by its name; repeat it for several. `torq-mock faults` lists them.
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
    /// How much each sandbox remembers, such as 16MiB; the oldest is forgotten first.
    #[arg(long, value_name = "SIZE", default_value = "320MiB")]
    memory: Budget,
    /// How long answers take on the way: none, lan, wan, mobile, fixed:200ms, uniform:50ms..250ms, lognormal:80ms..900ms.
    #[arg(long, value_name = "LATENCY", default_value = "none")]
    latency: Latency,
    /// Serve the configuration again whenever its file is saved; a file that is wrong changes nothing.
    #[arg(long, requires = "config")]
    watch: bool,
    /// Serve over TLS with this certificate chain, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve over TLS with a certificate made for these names, such as hooks.torq.test; clients trust GET /ca.pem.
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',', conflicts_with = "tls_cert")]
    tls_self_signed: Vec<String>,
    /// What clients call the triggers' host in the URLs they are told, such as hooks.torq.test; its address without it.
    #[arg(long, value_name = "NAME")]
    public_host: Option<PublicHost>,
    /// The ports of sandboxes made at run time, such as 7100-7119, where free ones would not do: a container publishes its ports.
    #[arg(long, value_name = "FIRST-LAST")]
    sandbox_ports: Option<Ports>,
    /// What to log on standard error: a line for each request, and what happens to the server.
    #[arg(long, value_name = "FORM", default_value = "off", env = "TORQ_MOCK_LOG")]
    log: Log,
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Log {
    /// Nothing.
    Off,
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Clock {
    /// The machine's.
    System,
    /// One that stands still until it is advanced over the control surface.
    Manual,
}

impl From<Clock> for ClockMode {
    fn from(clock: Clock) -> Self {
        match clock {
            Clock::System => Self::System,
            Clock::Manual => Self::Manual,
        }
    }
}

/// A token that protects something.
fn token(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() {
        return Err(
            "it is empty, and would let everybody in; give it a value, or leave out both the option and TORQ_MOCK_CONTROL_TOKEN",
        );
    }
    Ok(text.to_owned())
}

/// Does what the command line asks for.
pub(crate) fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(arguments) => serve::serve(&arguments),
        Command::Check { file } => check(&file),
        Command::Config => show(&commented_configuration()),
        Command::Faults { format } => show(&faults::list(format)),
        Command::Profile(arguments) => print_profile(&arguments),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "torq-mock", &mut script);
            show(&String::from_utf8_lossy(&script))
        }
        Command::Man => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(Cli::command()).render(&mut page) {
                Ok(()) => show(&String::from_utf8_lossy(&page)),
                Err(error) => refuse(ENVIRONMENT, &error.to_string()),
            }
        }
    }
}

fn check(file: &Path) -> ExitCode {
    match read(file).and_then(|text| load(&file.display().to_string(), &text, None, paint())) {
        Ok(config) => show(&format!(
            "{} is fine: {} integrations, {} workflows.\n",
            file.display(),
            config.integration_count(),
            config.workflow_count()
        )),
        Err(message) => refuse(USAGE, &message),
    }
}

/// The built-in configuration, followed by every knob: together one configuration that says everything.
fn commented_configuration() -> String {
    let behaviour = Config::built_in(None).behaviour().to_yaml();
    format!(
        "{}\n# Every knob with its default. Keep the lines you change.\n{behaviour}",
        Config::BUILT_IN
    )
}

fn print_profile(arguments: &ServeArguments) -> ExitCode {
    let config = match configuration(arguments) {
        Ok(config) => config,
        Err(message) => return refuse(USAGE, &message),
    };
    let clock = arguments.clock.map_or(config.clock(), ClockMode::from);
    let scheme = if arguments.tls_cert.is_some() || !arguments.tls_self_signed.is_empty() {
        "https"
    } else {
        "http"
    };
    let hooks = naming::authority(arguments.listen, arguments.public_host.as_ref(), None);
    let (base_url, control) = (
        format!("{scheme}://{hooks}"),
        format!("http://{}", naming::authority(arguments.control, None, None)),
    );
    let described = profile(
        &config,
        clock,
        &base_url,
        Some((&control, torq_mock_server::server::DEFAULT_SANDBOX)),
    );
    match serde_yaml::to_string(&described) {
        Ok(yaml) => show(&yaml),
        Err(error) => refuse(ENVIRONMENT, &error.to_string()),
    }
}

/// The configuration that is asked for, or what is wrong with it, drawn.
fn configuration(arguments: &ServeArguments) -> Result<Config, String> {
    match &arguments.config {
        Some(file) => configured(arguments, &read(file)?, paint()),
        None => with_faults(arguments, Config::built_in(arguments.seed.map(Seed::new))),
    }
}

/// What this text comes to, with what the command line says beside it.
fn configured(arguments: &ServeArguments, text: &str, paint: Paint) -> Result<Config, String> {
    let name = arguments.config.as_ref().map(|file| file.display().to_string());
    let config = load(&name.unwrap_or_default(), text, arguments.seed.map(Seed::new), paint)?;
    with_faults(arguments, config)
}

fn with_faults(arguments: &ServeArguments, config: Config) -> Result<Config, String> {
    let mut faults = config.faults().clone();
    for name in &arguments.faults {
        faults.add(name).map_err(|error| error.to_string())?;
    }
    Ok(config.with_faults(faults))
}

/// The text of a file, or of standard input.
fn read(file: &Path) -> Result<String, String> {
    let read = if file.as_os_str() == "-" {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(file)
    };
    read.map_err(|error| format!("cannot read {}: {error}", file.display()))
}

fn load(name: &str, text: &str, seed: Option<Seed>, paint: Paint) -> Result<Config, String> {
    Config::load(name, text, seed).map_err(|problems| {
        let mut sources = Sources::default();
        sources.add(name, text);
        let count = problems.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        format!("{}\n\n{name}: {count} {noun}", problems.render(&sources, paint))
    })
}

fn paint() -> Paint {
    let wanted = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted { Paint::Colour } else { Paint::Plain }
}

/// Prints to standard output; a reader that closed the pipe has seen enough.
fn show(text: &str) -> ExitCode {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => refuse(ENVIRONMENT, &error.to_string()),
        _ => ExitCode::SUCCESS,
    }
}

fn refuse(code: u8, message: &str) -> ExitCode {
    tell(message);
    ExitCode::from(code)
}

/// Prints to standard error.
fn tell(message: &str) {
    // Without standard error there is nobody left to tell.
    let _ = writeln!(anstream::stderr(), "{}", message.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_hangs_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_printed_configuration_can_be_served_and_changes_nothing() {
        let printed = Config::load("printed", &commented_configuration(), None).expect("it can be read");
        assert_eq!(printed.behaviour(), Config::built_in(None).behaviour());
    }
}
