//! `torq-mock serve`: from the first line printed to the last call answered.
//!
//! Starts, greets, waits for a signal and stops; it answers no request itself.

use std::error::Error as _;
use std::process::ExitCode;

use located_yaml::Paint;

use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::{Limits, ReloadError, Saved, Server, Settings, Source, StartError, Tls, TlsError, Traces};

use super::saves::Saves;
use super::{
    ENVIRONMENT, Log, ServeArguments, USAGE, configuration, configured, greeting, logging, paint, read, refuse, show,
    tell,
};

/// Serves until it is told to stop.
pub(super) fn serve(arguments: &ServeArguments) -> ExitCode {
    logging::begin(arguments.log);
    let end = |code, message: &str| end(arguments.log, (code, message));
    let (config, source) = match opened(arguments) {
        Ok(opened) => opened,
        Err(message) => return end(USAGE, &message),
    };
    let tls = match tls(arguments) {
        Ok(tls) => tls,
        Err(error) => return end(USAGE, &error.to_string()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return end(ENVIRONMENT, &format!("the runtime does not start: {error}")),
    };
    runtime.block_on(run(arguments.clone(), (config, source), tls))
}

/// Says why it does not serve, in the form in which everything else is said.
fn end(log: Log, (code, message): (u8, &str)) -> ExitCode {
    match log {
        Log::Off | Log::Text => refuse(code, message),
        Log::Json => {
            tracing::error!(problem = message, "it does not serve");
            ExitCode::from(code)
        }
    }
}

/// The certificate that is asked for.
fn tls(arguments: &ServeArguments) -> Result<Option<Tls>, TlsError> {
    match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(certificate), Some(key)) => Tls::from_files(certificate, key).map(Some),
        _ if !arguments.tls_self_signed.is_empty() => Tls::self_signed(&arguments.tls_self_signed).map(Some),
        _ => Ok(None),
    }
}

/// The configuration, and where it can be read again; what came through standard input cannot.
fn opened(arguments: &ServeArguments) -> Result<(Config, Option<Source>), String> {
    let Some(file) = arguments.config.clone().filter(|file| file.as_os_str() != "-") else {
        return Ok((configuration(arguments)?, None));
    };
    let text = read(&file)?;
    let config = configured(arguments, &text, paint())?;
    let (name, arguments) = (file.display().to_string(), arguments.clone());
    // Not painted: what is wrong later is told in the log and over the control surface too.
    let load = move |text: &str| configured(&arguments, text, Paint::Plain);
    Ok((config, Some(Source::new(name, text, move || read(&file), load))))
}

async fn run(arguments: ServeArguments, (config, source): (Config, Option<Source>), tls: Option<Tls>) -> ExitCode {
    let log = arguments.log;
    let end = |code, message: &str| end(log, (code, message));
    let clock = arguments.clock.map_or(config.clock(), ClockMode::from);
    let origin = match &arguments.config {
        Some(file) => file.display().to_string(),
        None => "the built-in configuration".to_owned(),
    };
    let introduction = greeting::Introduction {
        origin,
        seed: config.seed().number(),
        clock,
        faults: config.faults().to_string(),
        tls: None,
        curl: greeting::CURL,
        access: match arguments.control_token {
            Some(_) => greeting::Access::Token,
            None => greeting::Access::Open,
        },
    };
    let mut saves = match arguments.config.as_deref().filter(|_| arguments.watch).map(Saves::of) {
        None => None,
        Some(Ok(saves)) => Some(saves),
        Some(Err(error)) => return end(ENVIRONMENT, &format!("the configuration cannot be watched: {error}")),
    };
    let introduction = match &tls {
        Some(tls) => introduction.over(tls, &arguments.tls_self_signed),
        None => introduction,
    };
    let traces = match Traces::from_environment() {
        Ok(traces) => traces,
        Err(error) => return end(USAGE, &error.to_string()),
    };
    let settings = Settings {
        traces: traces.clone(),
        tls,
        public_host: arguments.public_host,
        sandbox_ports: arguments.sandbox_ports,
        source,
        data: arguments.listen,
        control: arguments.control,
        control_token: arguments.control_token,
        config: Some(config),
        clock: Some(clock),
        seed: None,
        budget: arguments.memory,
        latency: arguments.latency,
        limits: Limits::default(),
    };
    let stop = Stop::listen();
    let server = match Server::start(settings).await {
        Ok(server) => server,
        Err(error @ StartError::OpenControl(_)) => return end(USAGE, &explain(&error)),
        Err(error @ StartError::Bind { .. }) => return end(ENVIRONMENT, &explain(&error)),
    };
    if let (Some(base_url), Some(profile)) = (server.base_url(), server.profile()) {
        show(&introduction.greet(&base_url, &server.control_url(), &profile));
    }
    let stopped = stop.heard();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => break,
            Some(()) = next_save(&mut saves) => tell_of_save(log, server.reload_if_changed()),
        }
    }
    match log {
        Log::Off => tell("stopping: answering what is held …"),
        Log::Text | Log::Json => tracing::info!("stopping: answering what is held"),
    }
    server.shutdown().await;
    traces.finish().await;
    ExitCode::SUCCESS
}

async fn next_save(saves: &mut Option<Saves>) -> Option<()> {
    match saves {
        Some(saves) => saves.next().await,
        None => std::future::pending().await,
    }
}

/// Says what became of a save, unless the log has said it.
fn tell_of_save(log: Log, outcome: Result<Saved, ReloadError>) {
    match log {
        Log::Off => {}
        Log::Text | Log::Json => return,
    }
    match outcome {
        Ok(Saved::Unchanged) => {}
        Ok(Saved::Anew) => tell("the configuration was saved and is served; executions and journal begin anew"),
        Ok(Saved::AsServed) => tell("the configuration is again the one that is served"),
        Err(error) => tell(&format!(
            "{error}\nthe configuration was saved and is wrong; the old one is served on"
        )),
    }
}

/// What is wrong and what to do about it.
fn explain(error: &StartError) -> String {
    let reason = error.source().map_or_else(String::new, |reason| format!(": {reason}"));
    let advice = match error {
        StartError::Bind { .. } => "choose other addresses with --listen and --control; port 0 takes a free one",
        StartError::OpenControl(_) => "set TORQ_MOCK_CONTROL_TOKEN, or keep --control on 127.0.0.1",
    };
    format!("{error}{reason}\n{advice}")
}

/// The signals that end the server. Heard from the moment it is made, so that none is missed while starting.
struct Stop {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    interrupt: Option<tokio::signal::unix::Signal>,
}

impl Stop {
    #[cfg(unix)]
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            terminate: signal(SignalKind::terminate()).ok(),
            interrupt: signal(SignalKind::interrupt()).ok(),
        }
    }

    #[cfg(unix)]
    async fn heard(self) {
        let wait = async |signal: Option<tokio::signal::unix::Signal>| match signal {
            Some(mut signal) => {
                signal.recv().await;
            }
            // Such a signal ends the process the hard way, which needs nobody to wait.
            None => std::future::pending().await,
        };
        tokio::select! {
            () = wait(self.terminate) => {}
            () = wait(self.interrupt) => {}
        }
    }

    #[cfg(not(unix))]
    fn listen() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn heard(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
