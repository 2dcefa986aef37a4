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
    /// The certificate, when it serves over TLS.
    pub(super) tls: Option<Certificate>,
    /// How curl is called so that it trusts the certificate.
    pub(super) curl: &'static str,
    /// Who may use the control surface.
    pub(super) access: Access,
}

/// What is said of a certificate.
pub(super) struct Certificate {
    fingerprint: String,
    /// The names it was made for; without any it was given.
    made_for: Option<String>,
}

/// Who may use the control surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Whoever is on this machine.
    Open,
    /// Whoever has the token. What is printed may be read by others, and says no secret.
    Token,
}

impl Access {
    /// How curl is called for the control surface.
    const fn curl(self) -> &'static str {
        match self {
            Self::Open => CURL,
            Self::Token => "curl -s -H \"Authorization: Bearer $TORQ_MOCK_CONTROL_TOKEN\"",
        }
    }
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
        let certificate = Certificate {
            fingerprint: tls.fingerprint().to_owned(),
            made_for: tls.authority().map(|_| names.join(", ")),
        };
        Self {
            tls: Some(certificate),
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
        let control = self.access.curl();
        if let Some(certificate) = &self.tls {
            let fingerprint = &certificate.fingerprint;
            match &certificate.made_for {
                None => writeln!(text, "  certificate                     SHA-256 {fingerprint}"),
                Some(names) => writeln!(
                    text,
                    "  certificate                     for {names}, SHA-256 {fingerprint}\n  its authority                   {control} \
                     {control_url}/ca.pem > ca.pem"
                ),
            }
            .expect(WRITTEN);
        }
        match callable(profile) {
            Some(callable) => self.write_lines(&mut text, base_url, profile, &callable),
            None => text.push_str("\nEvery integration asks for credentials; the profile has them.\n"),
        }
        write!(
            text,
            "\nEvery id and secret:\n  {control} {control_url}/profile\nWhat came in, and why anything was refused:\n  {control} \
             {control_url}/requests\n"
        )
        .expect(WRITTEN);
        if matches!(self.clock, ClockMode::Manual) {
            write!(
                text,
                "Move the clock:\n  {control} -X POST {control_url}/clock -d '{{\"advance\": \"50s\"}}'\n"
            )
            .expect(WRITTEN);
        }
        text.push_str("\nCtrl-C answers what is held and stops.\n");
        text
    }

    fn write_lines(&self, text: &mut String, base_url: &str, profile: &Value, callable: &Callable<'_>) {
        let curl = self.curl;
        let (integration, integration_id) = callable.integration;
        let (workflow, workflow_id) = callable.workflow;
        let hook = format!("{base_url}/v1/webhooks/{integration_id}");
        let one = format!("{hook}/workflows/{workflow_id}");
        let json = "-H 'Content-Type: application/json' -d '{\"body\": \"hello\"}'";
        for (heading, url) in [
            (format!("\nStart every workflow of `{integration}`"), &hook),
            (format!("Start `{workflow}` and get an execution's id"), &one),
            (
                format!("Start `{workflow}` and wait for its output"),
                &format!("{one}/sync"),
            ),
        ] {
            write!(text, "{heading}:\n  {curl} {json} {url}\n").expect(WRITTEN);
        }
        let clients = profile["workspaces"][callable.workspace]["clients"].as_object();
        if let Some((_, client)) = clients.and_then(|clients| clients.iter().next()) {
            let id = text_of(&client["id"]);
            let secret = match self.access {
                Access::Open => text_of(&client["secret"]),
                Access::Token => "SECRET",
            };
            let granted = format!("{curl} -u {id}:{secret} -d grant_type=client_credentials {base_url}/v1/auth/token");
            let token = "sed 's/.*\"access_token\": *\"//; s/\".*//'";
            let bearer = "-H \"Authorization: Bearer $TOKEN\"";
            write!(
                text,
                "Read an execution (an hour's token first):\n  TOKEN=$({granted} | {token})\n  {curl} {bearer} \
                 {base_url}/public/v1alpha/executions/EXECUTION_ID\n"
            )
            .expect(WRITTEN);
        }
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
