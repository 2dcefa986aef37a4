//! A deployment as the suite knows it: where it answers, its real ids and credentials, its limits and what was agreed.
//!
//! Says nothing about what is right. Everything wrong with a profile is found here, before any traffic.

mod lower;
mod network;
mod secret;

use std::collections::BTreeMap;
use std::time::Duration;

use located_yaml::{Document, Problems};

pub use network::{Authority, Network, Proxy};
pub use secret::{Environment, Secret};

/// The limits the documentation names, and their values there (contract sections 4, 6 and 8).
pub mod documented {
    use std::time::Duration;

    /// A synchronous call is answered after this at the latest.
    pub const SYNC_TIMEOUT: Duration = Duration::from_secs(50);
    /// Workflow executions per second.
    pub const EXECUTIONS_PER_SECOND: u64 = 25;
    /// Requests to the executions API per second.
    pub const API_REQUESTS_PER_SECOND: u64 = 50;
}

/// One deployment.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What reports call it.
    pub name: String,
    /// A sentence for people.
    pub about: String,
    /// Whose time counts.
    pub clock: ClockKind,
    /// The mock's control surface, when the deployment is a mock.
    pub control: Option<Control>,
    /// Where the three surfaces answer.
    pub urls: Urls,
    /// Limits, documented or overridden.
    pub limits: Limits,
    /// How much later than documented an answer may come, on top of what the network explains.
    pub tolerance: Duration,
    /// How requests get there.
    pub network: Network,
    /// By logical name.
    pub workspaces: BTreeMap<String, Workspace>,
    /// By logical name.
    pub integrations: BTreeMap<String, Integration>,
    /// By logical name.
    pub workflows: BTreeMap<String, Workflow>,
    /// What may be sent to a host that is not loopback.
    pub consent: Consent,
    /// What is declared missing, and why.
    pub unavailable: Vec<Unavailable>,
}

/// Whose time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKind {
    /// The deployment's time is everybody's time.
    System,
    /// The deployment's clock stands still until it is moved over the control surface.
    Manual,
}

/// A mock's control surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Its base URL, without a slash at the end.
    pub url: String,
    /// The sandbox the profile describes.
    pub sandbox: String,
    /// The bearer token it wants, when it wants one.
    pub token: Option<Secret>,
    /// Where cases run.
    pub isolation: Isolation,
}

/// Where the cases of a controllable mock run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Each in a sandbox of its own, like the one the profile describes.
    FreshSandboxes,
    /// All in the sandbox the profile describes, one after the other.
    NamedSandbox,
}

/// Base URLs without a slash at the end; they may have a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// Trigger URLs.
    pub hooks: String,
    /// The public API.
    pub api: String,
    /// The token endpoint.
    pub auth: String,
}

/// The limits of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// When a synchronous call is answered with 201.
    pub sync_timeout: Duration,
    /// The largest event body, in bytes; `None` when nobody has found out yet (no page documents it).
    pub payload: Option<u64>,
    /// Workflow executions per second.
    pub executions_per_second: u64,
    /// Requests to the executions API per second.
    pub api_requests_per_second: u64,
}

/// A workspace.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// Its id, where one is needed.
    pub id: Option<String>,
    /// API clients by name, in the order written: the first one is used unless a case names another.
    pub clients: Vec<(String, Client)>,
}

/// An API client.
#[derive(Clone, Debug)]
pub struct Client {
    /// The public half.
    pub id: Secret,
    /// The secret half.
    pub secret: Secret,
}

/// A trigger integration.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Its id.
    pub id: String,
    /// The workspace it lives in.
    pub workspace: String,
    /// The authentication headers it demands.
    pub headers: Vec<(String, Secret)>,
    /// The signature it demands.
    pub hmac: Option<Hmac>,
}

/// How an integration wants requests signed.
#[derive(Clone, Debug)]
pub struct Hmac {
    /// The digest.
    pub algorithm: Algorithm,
    /// The header that carries the signature.
    pub header: String,
    /// How its bytes are written.
    pub encoding: Encoding,
    /// What stands before them.
    pub prefix: String,
    /// The key.
    pub secret: Secret,
    /// The header with the time of signing, which is then part of what is signed (`<time>.<body>`).
    pub timestamp_header: Option<String>,
}

/// A digest for HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a signature's bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Lower hex.
    Hex,
    /// Base64 with padding.
    Base64,
}

/// A workflow.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Its id in its own workspace.
    pub id: String,
    /// The integration that triggers it.
    pub integration: String,
    /// Its ids in the workspaces it is shared into.
    pub shared_into: BTreeMap<String, String>,
}

/// What may be sent to a host that is not loopback. Nothing, unless it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Bursts over the rate limit.
    pub bursts: BurstConsent,
    /// The largest body that may be sent, in bytes.
    pub payloads_up_to: u64,
}

/// Whether bursts were agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BurstConsent {
    /// They were.
    Given,
    /// They were not.
    #[default]
    Withheld,
}

/// Something a deployment is declared not to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable {
    /// What.
    pub what: Missing,
    /// Why, for the report.
    pub reason: String,
}

/// What can be declared missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A fixture by logical name.
    Fixture(String),
    /// Cases by id, `*` for any run of characters.
    Case(String),
    /// Every case that cites a requirement.
    Requirement(String),
}

impl Profile {
    /// Reads a profile; `${env:NAME}` is looked up in `environment`; opens no other file.
    ///
    /// # Errors
    /// Every problem of the file, with its position: syntax, unknown keys, missing variables, contradictions.
    pub fn parse(file: &str, text: &str, environment: &Environment) -> Result<Self, Problems> {
        lower::profile(&Document::parse(file, text)?, environment)
    }

    /// The documented limits this profile overrides; a run with any of them makes no conformance claim.
    #[must_use]
    pub fn overridden_limits(&self) -> Vec<&'static str> {
        let limits = &self.limits;
        [
            ("sync_timeout", limits.sync_timeout != documented::SYNC_TIMEOUT),
            (
                "executions_per_second",
                limits.executions_per_second != documented::EXECUTIONS_PER_SECOND,
            ),
            (
                "api_requests_per_second",
                limits.api_requests_per_second != documented::API_REQUESTS_PER_SECOND,
            ),
        ]
        .into_iter()
        .filter_map(|(name, overridden)| overridden.then_some(name))
        .collect()
    }

    /// Every secret in it with a name for reports, for redaction.
    pub fn secrets(&self) -> impl Iterator<Item = (String, &Secret)> {
        let clients = self.workspaces.iter().flat_map(|(workspace, it)| {
            it.clients
                .iter()
                .map(move |(name, client)| (format!("{workspace}.{name}.secret"), &client.secret))
        });
        let headers = self.integrations.iter().flat_map(|(name, it)| {
            it.headers
                .iter()
                .map(move |(header, secret)| (format!("{name}.{header}"), secret))
        });
        let hmac = self
            .integrations
            .iter()
            .filter_map(|(name, it)| it.hmac.as_ref().map(|hmac| (format!("{name}.hmac"), &hmac.secret)));
        let control = self
            .control
            .iter()
            .filter_map(|it| it.token.as_ref().map(|token| ("control.token".into(), token)));
        let proxy = self.network.proxy.iter().filter_map(|it| it.credentials.as_ref());
        let proxy = proxy.map(|(_, password)| ("network.proxy.password".into(), password));
        clients.chain(headers).chain(hmac).chain(control).chain(proxy)
    }
}
