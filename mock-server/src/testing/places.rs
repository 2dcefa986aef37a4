//! Where a client under test has to go, and with which credentials.
//!
//! Looks names up in the configuration; a name that is not there fails the test with the nearest one.

use std::fmt::Display;

use located_yaml::did_you_mean;

use super::{MockServer, execution_id};
use crate::catalog::{Integration, Origin, Workflow};
use crate::config::Config;
use crate::tokens::ClientKey;

impl MockServer {
    /// The base URL of triggers, executions API and token endpoint.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where the control surface is, for tools that are not Rust.
    #[must_use]
    pub fn control_url(&self) -> String {
        self.server.control_url()
    }

    /// The Webhook URL of an integration: it triggers every workflow of it.
    ///
    /// # Panics
    /// When the configuration has no integration of this name.
    #[must_use]
    pub fn webhook_url(&self, integration: &str) -> String {
        let id = self.world.app().config().integration_named(integration).id;
        format!("{}/v1/webhooks/{id}", self.base_url)
    }

    /// The Asynchronous URL of a workflow: it triggers it and answers with the execution's id.
    ///
    /// # Panics
    /// When the configuration has no workflow of this name.
    #[must_use]
    pub fn async_url(&self, workflow: &str) -> String {
        let app = self.world.app();
        let workflow = app.config().workflow_named(workflow);
        let integration = app.config().catalog[workflow.integration].id;
        format!("{}/v1/webhooks/{integration}/workflows/{}", self.base_url, workflow.id)
    }

    /// The Synchronous URL of a workflow: it triggers it and answers with its output.
    ///
    /// # Panics
    /// When the configuration has no workflow of this name.
    #[must_use]
    pub fn sync_url(&self, workflow: &str) -> String {
        format!("{}/sync", self.async_url(workflow))
    }

    /// Where an execution is retrieved.
    ///
    /// # Panics
    /// When `id` is no execution's id.
    #[must_use]
    pub fn execution_url(&self, id: impl Display) -> String {
        format!("{}/public/v1alpha/executions/{}", self.base_url, execution_id(&id))
    }

    /// Where a client exchanges its id and secret for a bearer token.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/v1/auth/token", self.base_url)
    }

    /// The headers an integration demands, each with its secret.
    ///
    /// # Panics
    /// When the configuration has no integration of this name.
    #[must_use]
    pub fn headers_of(&self, integration: &str) -> Vec<(String, String)> {
        let app = self.world.app();
        let headers = app.config().integration_named(integration).headers.iter();
        headers
            .map(|header| (header.written.clone(), header.secret.expose().to_owned()))
            .collect()
    }

    /// The key with which an integration's requests are signed, if it demands that.
    ///
    /// # Panics
    /// When the configuration has no integration of this name.
    #[must_use]
    pub fn signing_key_of(&self, integration: &str) -> Option<String> {
        let app = self.world.app();
        let scheme = app.config().integration_named(integration).signature.as_ref();
        scheme.map(|scheme| scheme.secret.expose().to_owned())
    }

    /// The id and the secret of a client of a workspace.
    ///
    /// # Panics
    /// When the configuration has no such client.
    #[must_use]
    pub fn client_credentials(&self, workspace: &str, client: &str) -> (String, String) {
        let app = self.world.app();
        let key = app.config().client_named(workspace, client);
        let client = &app.config().catalog[key.workspace].clients[key.client];
        (client.id.clone(), client.secret.expose().to_owned())
    }

    /// A bearer token of a client, without the detour over the token endpoint; it is valid as long as any other.
    ///
    /// # Panics
    /// When the configuration has no such client.
    #[must_use]
    pub fn bearer_token(&self, workspace: &str, client: &str) -> String {
        let app = self.world.app();
        let key = app.config().client_named(workspace, client);
        app.grant_to(key, self.now()).access_token
    }
}

impl Config {
    /// The integration of this name.
    pub(super) fn integration_named(&self, name: &str) -> &Integration {
        let all = self.catalog.integrations();
        let found = all.iter().find(|it| it.name == name);
        found.unwrap_or_else(|| unknown("integration", name, all.iter().map(|it| it.name.as_str())))
    }

    /// The workflow of this name, where it was made.
    pub(super) fn workflow_named(&self, name: &str) -> &Workflow {
        let all = self.catalog.workflows();
        let found = all
            .iter()
            .find(|it| it.origin == Origin::Own && it.definition.name == name);
        found.unwrap_or_else(|| unknown("workflow", name, all.iter().map(|it| it.definition.name.as_str())))
    }

    /// The client of this name in the workspace of that one.
    pub(super) fn client_named(&self, workspace: &str, client: &str) -> ClientKey {
        let all = || self.catalog.workspace_keys();
        let (key, row) = all()
            .find(|(_, row)| row.name == workspace)
            .unwrap_or_else(|| unknown("workspace", workspace, all().map(|(_, row)| row.name.as_str())));
        let position = row.clients.iter().position(|it| it.name == client);
        let position =
            position.unwrap_or_else(|| unknown("client", client, row.clients.iter().map(|it| it.name.as_str())));
        ClientKey {
            workspace: key,
            client: position,
        }
    }

    /// Whether an id, as it was sent, is that of the workflow of this name, in whichever workspace.
    pub(super) fn is_workflow(&self, id: &str, name: &str) -> bool {
        let all = self.catalog.workflows().iter();
        all.filter(|it| it.definition.name == name)
            .any(|it| it.id.to_string().eq_ignore_ascii_case(id))
    }

    /// Whether an id, as it was sent, is that of the integration of this name.
    pub(super) fn is_integration(&self, id: &str, name: &str) -> bool {
        let all = self.catalog.integrations().iter();
        all.filter(|it| it.name == name)
            .any(|it| it.id.to_string().eq_ignore_ascii_case(id))
    }
}

fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> ! {
    let known: Vec<_> = known.collect();
    let hint = did_you_mean(name, known.iter().copied());
    let hint = hint.unwrap_or_else(|| format!("there are: {}", known.join(", ")));
    panic!("torq-mock: there is no {kind} `{name}` in the configuration; {hint}")
}
