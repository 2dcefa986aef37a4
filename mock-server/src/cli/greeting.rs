//! What `torq-mock serve` prints: where everything is, and a line to paste for each kind of trigger.
//!
//! Text from a profile; the lines it shows are run by a test.

use std::fmt::Write as _;

use serde_json::Value;
use torq_mock_server::Tls;
use torq_mock_server::config::ClockMode;

/// What a server was started with.
pub(super) struct Introduction {
    /// The configuration's file.
    pub(super) origin: String,
    /// Where its ids and secrets come from.
    pub(super) seed: u64,
    /// Which clock it follows.
    pub(super) clock: ClockMode,
    /// The names of its deliberate defects; possibly none.
    pub(super) faults: String,
    /// The certificate, in words, when it serves over TLS.
    pub(super) tls: Option<String>,
    /// How curl is called so that it trusts the certificate.
    pub(super) curl: &'static str,
}

/// A workflow that can be started without credentials, and the ids it takes.
struct Callable<'a> {
    integration: (&'a str, &'a str),
    workflow: (&'a str, &'a str),
    workspace: &'a str,
}

/// How curl is called.
pub(super) const CURL: &str = "curl -s";
const WRITTEN: &str = "a String takes everything that is written";

impl Introduction {
    /// Served with a certificate, made for these names unless it was given.
    pub(super) fn over(self, tls: &Tls, names: &[String]) -> Self {
        let fingerprint = tls.fingerprint();
        let told = match tls.authority() {
            None => format!("certificate                     SHA-256 {fingerprint}\n"),
            Some(_) => format!(
                "certificate                     for {}, SHA-256 {fingerprint}\n  its authority                   curl -s \
                 CONTROL/ca.pem > ca.pem, then curl --cacert ca.pem\n",
                names.join(", ")
            ),
        };
        Self {
            tls: Some(told),
            curl: match tls.authority() {
                None => CURL,
                Some(_) => "curl -s --cacert ca.pem",
            },
            ..self
        }
    }

    /// The whole text, newline included.
    pub(super) fn greet(&self, base_url: &str, control_url: &str, profile: &Value) -> String {
        let clock = match self.clock {
            ClockMode::System => "system (real time)",
            ClockMode::Manual => "manual (stands still until POST /clock moves it)",
        };
        let mut text = format!(
            "torq-mock {} serves {}, seed {}\n\n  triggers, executions, tokens    {base_url}\n  control surface and dashboard   \
             {control_url}\n  clock                           {clock}\n",
            env!("CARGO_PKG_VERSION"),
            self.origin,
            self.seed,
        );
        if !self.faults.is_empty() {
            writeln!(text, "  deliberate faults               {}", self.faults).expect(WRITTEN);
        }
        if let Some(tls) = &self.tls {
            write!(text, "  {}", tls.replace("CONTROL", control_url)).expect(WRITTEN);
        }
        match callable(profile) {
            Some(callable) => write_lines(&mut text, (self.curl, base_url), profile, &callable),
            None => text.push_str("\nEvery integration asks for credentials; the profile has them.\n"),
        }
        write!(
            text,
            "\nEvery id and secret:\n  curl -s {control_url}/profile\nWhat came in, and why anything was refused:\n  curl -s \
             {control_url}/requests\n"
        )
        .expect(WRITTEN);
        if matches!(self.clock, ClockMode::Manual) {
            write!(
                text,
                "Move the clock:\n  curl -s -X POST {control_url}/clock -d '{{\"advance\": \"50s\"}}'\n"
            )
            .expect(WRITTEN);
        }
        text.push_str("\nCtrl-C answers what is held and stops.\n");
        text
    }
}

fn write_lines(text: &mut String, (curl, base_url): (&str, &str), profile: &Value, callable: &Callable<'_>) {
    let (integration, integration_id) = callable.integration;
    let (workflow, workflow_id) = callable.workflow;
    let hook = format!("{base_url}/v1/webhooks/{integration_id}");
    let one = format!("{hook}/workflows/{workflow_id}");
    let json = "-H 'Content-Type: application/json' -d '{\"body\": \"hello\"}'";
    write!(
        text,
        "\nStart every workflow of `{integration}`:\n  {curl} {json} {hook}\nStart `{workflow}` and get an execution's id:\n  \
         {curl} {json} {one}\nStart `{workflow}` and wait for its output:\n  {curl} {json} {one}/sync\n"
    )
    .expect(WRITTEN);
    let clients = profile["workspaces"][callable.workspace]["clients"].as_object();
    if let Some((_, client)) = clients.and_then(|clients| clients.iter().next()) {
        let (id, secret) = (text_of(&client["id"]), text_of(&client["secret"]));
        write!(
            text,
            "Read an execution (an hour's token first):\n  TOKEN=$({curl} -u {id}:{secret} -d \
             grant_type=client_credentials {base_url}/v1/auth/token | sed 's/.*\"access_token\": *\"//; s/\".*//')\n  {curl} -H \
             \"Authorization: Bearer $TOKEN\" {base_url}/public/v1alpha/executions/EXECUTION_ID\n"
        )
        .expect(WRITTEN);
    }
}

/// The first workflow of a profile whose integration asks for nothing.
fn callable(profile: &Value) -> Option<Callable<'_>> {
    let open = |integration: &Value| integration.get("headers").is_none() && integration.get("hmac").is_none();
    profile["workflows"].as_object()?.iter().find_map(|(name, workflow)| {
        let integration = workflow["integration"].as_str()?;
        let described = &profile["integrations"][integration];
        open(described).then(|| Callable {
            integration: (integration, text_of(&described["id"])),
            workflow: (name, text_of(&workflow["id"])),
            workspace: text_of(&described["workspace"]),
        })
    })
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
