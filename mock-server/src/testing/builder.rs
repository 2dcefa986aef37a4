//! From what a test asks for to a running server.
//!
//! Writes a configuration and has it read like any other, so that nothing exists here that a file could not say.

use std::path::Path;
use std::time::Duration;

use located_yaml::{Paint, Problems, Sources, write_duration};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::MockServer;
use super::parts::{Integration, Workflow, Workspace};
use crate::config::{ClockMode, Config};
use crate::edge::tls::Tls;
use crate::ids::Seed;
use crate::latency::Latency;
use crate::limits::Limits;
use crate::retention::Budget;
use crate::server::{Server, Settings, StartError};

/// What the configuration that is written here is called in messages.
const WRITTEN_HERE: &str = "the builder's configuration";
/// The workspace of integrations that name none.
const USUAL_WORKSPACE: &str = "main";
/// How long, in real time, a test waits for what it waits for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Says what a [`MockServer`] is started with. Without anything said: the built-in configuration on a manual clock.
///
/// ```
/// use serde_json::json;
/// use std::time::Duration;
/// use torq_mock_server::{Integration, MockServer, Workflow, Workspace};
///
/// # let runtime = tokio::runtime::Runtime::new().unwrap();
/// # runtime.block_on(async {
/// let server = MockServer::builder()
///     .workspace("soc", Workspace::new().concurrency(2))
///     .integration("alerts", Integration::new().workspace("soc").header("X-Torq-Token", "not-a-secret"))
///     .workflow(
///         "triage",
///         Workflow::of("alerts")
///             .wait(Duration::from_secs(70))
///             .exit(json!({ "verdict": "{{ $.event.kind }}" })),
///     )
///     .rate_limit(5)
///     .start()
///     .await;
/// assert!(server.sync_url("triage").ends_with("/sync"));
/// assert_eq!(server.headers_of("alerts"), [("X-Torq-Token".to_owned(), "not-a-secret".to_owned())]);
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder starts nothing until it is told to"]
pub struct MockServerBuilder {
    /// A configuration's name and text.
    text: Option<(String, String)>,
    /// What is added to it, by section.
    parts: Map<String, Value>,
    seed: Option<Seed>,
    clock: ClockMode,
    budget: Budget,
    latency: Latency,
    limits: Limits,
    tls: Option<Tls>,
    /// Names of deliberate defects.
    faults: Vec<String>,
    patience: Duration,
}

/// Why a [`MockServer`] does not start.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A configuration's file cannot be read.
    #[error("cannot read {file}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        #[source]
        reason: std::io::Error,
    },
    /// The configuration is wrong; the text shows every problem with its place.
    #[error("{0}")]
    Configuration(String),
    /// No port could be had.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl Default for MockServerBuilder {
    fn default() -> Self {
        Self {
            text: None,
            parts: Map::new(),
            seed: None,
            clock: ClockMode::Manual,
            budget: Budget::DEFAULT,
            latency: Latency::None,
            limits: Limits::default(),
            tls: None,
            faults: Vec::new(),
            patience: PATIENCE,
        }
    }
}

impl MockServerBuilder {
    /// Serves a configuration, given as the text of a file. What else is said here is added to it.
    pub fn configuration(mut self, text: impl Into<String>) -> Self {
        self.text = Some(("the test's configuration".to_owned(), text.into()));
        self
    }

    /// Serves the configuration in a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn configuration_file(mut self, file: impl AsRef<Path>) -> Result<Self, BuildError> {
        let file = file.as_ref().display().to_string();
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                self.text = Some((file, text));
                Ok(self)
            }
            Err(reason) => Err(BuildError::Unreadable { file, reason }),
        }
    }

    /// Adds a workspace.
    pub fn workspace(self, name: impl Into<String>, workspace: Workspace) -> Self {
        self.add("workspaces", name.into(), workspace.into_value())
    }

    /// Adds an integration. Its workspace is `main` unless it names one; a workspace that nobody added is added, with a
    /// client `operator` that may read everything.
    pub fn integration(self, name: impl Into<String>, integration: Integration) -> Self {
        self.add("integrations", name.into(), integration.into_value())
    }

    /// Adds a workflow.
    pub fn workflow(self, name: impl Into<String>, workflow: Workflow) -> Self {
        self.add("workflows", name.into(), workflow.into_value())
    }

    /// How many executions of a workflow may start in a second; the 25 of the documentation without this.
    pub fn rate_limit(self, executions: u32) -> Self {
        self.behaviour("rate", "limit", json!(executions))
    }

    /// How many bytes a body may have.
    pub fn payload_limit(self, bytes: usize) -> Self {
        self.behaviour("payload", "limit", json!(bytes))
    }

    /// How long a synchronous call is held at most; the 50 s of the documentation without this.
    pub fn sync_timeout(self, timeout: Duration) -> Self {
        self.behaviour("running", "sync_timeout", json!(write_duration(timeout)))
    }

    /// Any knob, by its section and name, as `torq-mock config` prints them.
    pub fn behaviour(mut self, section: &str, knob: &str, value: impl Into<Value>) -> Self {
        let sections = self.parts.entry("behaviour").or_insert_with(|| json!({}));
        sections[section][knob] = value.into();
        self
    }

    /// Where ids and secrets come from, in place of the configuration's seed.
    pub fn seed(mut self, number: u64) -> Self {
        self.seed = Some(Seed::new(number));
        self
    }

    /// A clock that runs by itself, or the default: one that stands still until it is moved.
    pub fn clock(mut self, clock: ClockMode) -> Self {
        self.clock = clock;
        self
    }

    /// How long answers take on the way, on the server's clock.
    pub fn latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// What connections may cost.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Serves over TLS, for clients that insist on it; the control surface stays in the clear.
    ///
    /// ```
    /// use torq_mock_server::{MockServer, Tls};
    ///
    /// # let runtime = tokio::runtime::Runtime::new().unwrap();
    /// # runtime.block_on(async {
    /// let tls = Tls::self_signed(&["hooks.torq.test".to_owned()]).expect("a certificate");
    /// // What the client under test has to trust.
    /// let authority = tls.authority().expect("one was made").to_owned();
    /// let server = MockServer::builder().tls(tls).start().await;
    /// assert!(authority.starts_with("-----BEGIN CERTIFICATE-----"));
    /// assert!(server.sync_url("slow").starts_with("https://127.0.0.1:"));
    /// # });
    /// ```
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Switches a deliberate defect on, by its name; `torq-mock faults` lists them.
    pub fn fault(mut self, name: &str) -> Self {
        self.faults.push(name.to_owned());
        self
    }

    /// How much the server remembers, the oldest is forgotten first.
    pub fn memory(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// How long, in real time, the server's `wait_for_…` wait before they fail the test; 5 s without this.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    /// When the configuration is wrong or no port can be had.
    pub async fn start(self) -> MockServer {
        match self.try_start().await {
            Ok(server) => server,
            Err(error) => panic!("torq-mock does not start: {error}"),
        }
    }

    /// Starts the server, or says why not.
    ///
    /// # Errors
    /// When the configuration is wrong or no port can be had.
    pub async fn try_start(self) -> Result<MockServer, BuildError> {
        let (clock, budget, patience) = (self.clock, self.budget, self.patience);
        let (latency, limits, tls) = (self.latency, self.limits, self.tls.clone());
        let wanted = self.faults.clone();
        let config = self.config()?;
        let mut faults = config.faults().clone();
        for name in &wanted {
            faults
                .add(name)
                .map_err(|error| BuildError::Configuration(error.to_string()))?;
        }
        let server = Server::start(Settings {
            config: Some(config.with_faults(faults)),
            latency,
            limits,
            tls,
            clock: Some(clock),
            budget,
            ..Settings::default()
        })
        .await?;
        let world = server
            .default_world()
            .expect("a server starts with its default sandbox");
        Ok(MockServer::of(server, world, patience))
    }

    fn config(self) -> Result<Config, BuildError> {
        let Self { text, parts, seed, .. } = self;
        let only_behaviour = parts.keys().all(|section| section == "behaviour");
        let (file, text) = match text {
            // Read as it is, so that problems have their places.
            Some((file, text)) if parts.is_empty() => (file, text),
            Some((file, text)) => (WRITTEN_HERE.to_owned(), merged(&file, &text, parts)?),
            None if only_behaviour => (
                WRITTEN_HERE.to_owned(),
                merged(Config::BUILT_IN_NAME, Config::BUILT_IN, parts)?,
            ),
            None => (WRITTEN_HERE.to_owned(), completed(Value::Object(parts))),
        };
        Config::load(&file, &text, seed).map_err(|problems| BuildError::Configuration(drawn(&problems, &file, &text)))
    }

    fn add(mut self, section: &str, name: String, part: Value) -> Self {
        let entries = self.parts.entry(section).or_insert_with(|| json!({}));
        entries[name] = part;
        self
    }
}

/// A configuration's text with more in it.
fn merged(file: &str, text: &str, parts: Map<String, Value>) -> Result<String, BuildError> {
    // A text that cannot be read by itself is told with its own places.
    Config::load(file, text, None).map_err(|problems| BuildError::Configuration(drawn(&problems, file, text)))?;
    let mut document: Value = serde_yaml::from_str(text).unwrap_or_default();
    merge(&mut document, Value::Object(parts));
    Ok(completed(document))
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// The document as text, once every integration has a workspace that exists.
fn completed(mut document: Value) -> String {
    let mut missing = Vec::new();
    if let Some(integrations) = document["integrations"].as_object_mut() {
        for (_, integration) in integrations {
            if integration["workspace"].is_null() {
                integration["workspace"] = json!(USUAL_WORKSPACE);
            }
            missing.extend(integration["workspace"].as_str().map(str::to_owned));
        }
    }
    for name in missing {
        if document["workspaces"][&name].is_null() {
            document["workspaces"][name] = Workspace::new().into_value();
        }
    }
    // JSON is YAML, and its lines are what a problem is shown on.
    serde_json::to_string_pretty(&document).expect("a JSON value has text keys only")
}

fn drawn(problems: &Problems, file: &str, text: &str) -> String {
    let mut sources = Sources::default();
    sources.add(file, text);
    format!(
        "the configuration is wrong\n{}",
        problems.render(&sources, Paint::Plain)
    )
}
