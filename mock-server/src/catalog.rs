//! What exists in a sandbox: workspaces and their clients, integrations and their credentials, workflows.
//!
//! Plain data that never changes once it is read; what happens to it is in `store`.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::Index;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;

use crate::behaviour::authentication::{Algorithm, Encoding};
use crate::behaviour::knob::words;
use crate::behaviour::running::{Disabled, RevisionChoice, Running, Unpublished};
use crate::ids::{IntegrationId, RevisionId, WorkflowId, WorkspaceId};
use crate::secret::Secret;
use crate::tokens::ClientKey;
use crate::workflow::condition::Condition;
use crate::workflow::step::Step;

macro_rules! keys {
    ($($(#[doc = $doc:literal])* $Key:ident -> $Item:ident in $items:ident),* $(,)?) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $Key(u32);

        impl $Key {
            /// The position in a table with one row for each.
            pub(crate) const fn position(self) -> usize {
                self.0 as usize
            }
        }

        impl Index<$Key> for Catalog {
            type Output = $Item;

            fn index(&self, key: $Key) -> &$Item {
                &self.$items[key.position()]
            }
        }
    )*};
}

keys! {
    /// A workspace of the catalog.
    WorkspaceKey -> Workspace in workspaces,
    /// An integration of the catalog.
    IntegrationKey -> Integration in integrations,
    /// A workflow of the catalog.
    WorkflowKey -> Workflow in workflows,
}

/// Everything that exists.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    workspaces: Vec<Workspace>,
    integrations: Vec<Integration>,
    workflows: Vec<Workflow>,
    /// For the gate that looks an integration up.
    integration_ids: HashMap<IntegrationId, IntegrationKey>,
    /// For the gate that looks a workflow up, those of consumer workspaces included.
    workflow_ids: HashMap<WorkflowId, WorkflowKey>,
}

/// A workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its name in the configuration.
    pub(crate) name: String,
    /// Its id.
    pub(crate) id: WorkspaceId,
    /// How many executions run at once; more are queued (contract section 6).
    pub(crate) concurrency: Option<NonZeroU32>,
    /// Who may ask for tokens.
    pub(crate) clients: Vec<Client>,
}

/// An API client of a workspace.
#[derive(Debug)]
pub(crate) struct Client {
    /// Its name in the configuration.
    pub(crate) name: String,
    /// The user of HTTP Basic.
    pub(crate) id: String,
    /// The password of HTTP Basic.
    pub(crate) secret: Secret,
    /// What its role permits.
    pub(crate) may: Vec<Permission>,
}

/// Something a client's role may permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Retrieving executions.
    Executions,
    /// Reading the activity log.
    Activity,
}

words!(Permission { Executions = "executions", Activity = "activity" });

/// A trigger integration, generic or of a vendor.
#[derive(Debug)]
pub(crate) struct Integration {
    /// Its name in the configuration.
    pub(crate) name: String,
    /// Its id, the first in every trigger URL.
    pub(crate) id: IntegrationId,
    /// The workspace it belongs to.
    pub(crate) workspace: WorkspaceKey,
    /// The authentication headers it demands; possibly none.
    pub(crate) headers: Vec<AuthenticationHeader>,
    /// The signature it demands.
    pub(crate) signature: Option<SignatureScheme>,
    /// How its bodies become events.
    pub(crate) mode: EventMode,
    /// Who it is made for.
    pub(crate) maker: Maker,
    /// The workflows it triggers, those shared into other workspaces last.
    pub(crate) workflows: Vec<WorkflowKey>,
}

/// Who an integration is made for. They all work alike (contract section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// Anybody: a generic one.
    Anybody,
    /// A vendor.
    Vendor,
}

/// How an integration's bodies become events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventMode {
    /// The body becomes JSON.
    Default,
    /// The event holds body, headers and method.
    Raw,
}

words!(EventMode { Default = "default", Raw = "raw" });

/// A header with a secret.
#[derive(Debug)]
pub(crate) struct AuthenticationHeader {
    /// Its name as HTTP compares names.
    pub(crate) name: HeaderName,
    /// Its name as it was written.
    pub(crate) written: String,
    /// The value it must have.
    pub(crate) secret: Secret,
    /// Values it had before, none of which is accepted; they explain refusals.
    pub(crate) previous: Vec<Secret>,
}

/// How a request is signed (contract section 2).
#[derive(Debug)]
pub(crate) struct SignatureScheme {
    /// The digest.
    pub(crate) algorithm: Algorithm,
    /// The header the signature is in.
    pub(crate) header: HeaderName,
    /// Its name as it was written.
    pub(crate) written: String,
    /// How the digest is written.
    pub(crate) encoding: Encoding,
    /// What stands before the digest.
    pub(crate) prefix: String,
    /// A header whose value is signed along with the body, before it.
    pub(crate) timestamp_header: Option<HeaderName>,
    /// The same as it is written in the configuration.
    pub(crate) timestamp_written: Option<String>,
    /// How far that time may be from now, either way; unbounded without it.
    pub(crate) timestamp_tolerance: Option<Duration>,
    /// The key.
    pub(crate) secret: Secret,
    /// Keys it had before, none of which is accepted; they explain refusals.
    pub(crate) previous: Vec<Secret>,
}

/// A workflow as one workspace has it.
#[derive(Debug)]
pub(crate) struct Workflow {
    /// Its id in that workspace.
    pub(crate) id: WorkflowId,
    /// The workspace it runs and is retrieved in (contract section 7).
    pub(crate) workspace: WorkspaceKey,
    /// The integration that triggers it.
    pub(crate) integration: IntegrationKey,
    /// Whether it was made there or shared into there.
    pub(crate) origin: Origin,
    /// What it does, the same one wherever it is shared.
    pub(crate) definition: Arc<Definition>,
}

/// Where a workflow comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Made in the workspace.
    Own,
    /// Shared into the workspace.
    Shared,
}

/// What a workflow does.
#[derive(Debug)]
pub(crate) struct Definition {
    /// Its name in the configuration.
    pub(crate) name: String,
    /// Whether its triggers are switched on.
    pub(crate) triggers: Triggers,
    /// What an event must meet.
    pub(crate) condition: Option<Condition>,
    /// The revision published last.
    pub(crate) published: Option<Revision>,
    /// The revision published before it.
    pub(crate) previous: Option<Revision>,
    /// What is being written.
    pub(crate) draft: Option<Revision>,
}

/// Whether a workflow's triggers are switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Triggers {
    /// They are.
    On,
    /// They are switched off, published or not.
    Off,
}

/// One revision of a workflow.
#[derive(Debug)]
pub(crate) struct Revision {
    /// Its id.
    pub(crate) id: RevisionId,
    /// What it does.
    pub(crate) steps: Vec<Step>,
}

/// Why a workflow does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotRunnable {
    /// It has no published revision.
    Unpublished,
    /// Its triggers are switched off.
    SwitchedOff,
}

impl Definition {
    /// The revision a trigger runs (contract section 4: the latest published one).
    pub(crate) fn runnable(&self, running: &Running) -> Result<&Revision, NotRunnable> {
        if (self.triggers, running.disabled) == (Triggers::Off, Disabled::NotFound) {
            return Err(NotRunnable::SwitchedOff);
        }
        let published = match (&self.published, running.unpublished) {
            (Some(published), _) => published,
            (None, Unpublished::RunsDraft) => return self.draft.as_ref().ok_or(NotRunnable::Unpublished),
            (None, Unpublished::NotFound | Unpublished::InvalidId) => return Err(NotRunnable::Unpublished),
        };
        Ok(match running.revision {
            RevisionChoice::Published => published,
            RevisionChoice::Previous => self.previous.as_ref().unwrap_or(published),
            RevisionChoice::Draft => self.draft.as_ref().unwrap_or(published),
        })
    }
}

impl Catalog {
    /// Adds a workspace.
    pub(crate) fn add_workspace(&mut self, workspace: Workspace) -> WorkspaceKey {
        self.workspaces.push(workspace);
        WorkspaceKey(last_position(self.workspaces.len()))
    }

    /// Adds an integration.
    pub(crate) fn add_integration(&mut self, integration: Integration) -> IntegrationKey {
        let id = integration.id;
        self.integrations.push(integration);
        let key = IntegrationKey(last_position(self.integrations.len()));
        self.integration_ids.insert(id, key);
        key
    }

    /// Adds a workflow to its integration.
    pub(crate) fn add_workflow(&mut self, workflow: Workflow) {
        let (id, integration) = (workflow.id, workflow.integration);
        self.workflows.push(workflow);
        let key = WorkflowKey(last_position(self.workflows.len()));
        self.workflow_ids.insert(id, key);
        self.integrations[integration.position()].workflows.push(key);
    }

    /// The integration of this id.
    pub(crate) fn integration(&self, id: IntegrationId) -> Option<IntegrationKey> {
        self.integration_ids.get(&id).copied()
    }

    /// The workflow of this id, in whichever workspace.
    pub(crate) fn workflow(&self, id: WorkflowId) -> Option<WorkflowKey> {
        self.workflow_ids.get(&id).copied()
    }

    /// What an id names, whatever it was taken for: "the workflow `x`" or "the integration `y`".
    pub(crate) fn name_of(&self, id: &str) -> Option<String> {
        let workflow = WorkflowId::parse(id).and_then(|id| self.workflow(id));
        let integration = IntegrationId::parse(id).and_then(|id| self.integration(id));
        let workflow = workflow.map(|key| format!("the workflow `{}`", self[key].definition.name));
        workflow.or_else(|| integration.map(|key| format!("the integration `{}`", self[key].name)))
    }

    /// Every workspace, in the order of the configuration.
    pub(crate) fn workspaces(&self) -> &[Workspace] {
        &self.workspaces
    }

    /// Every integration, in the order of the configuration.
    pub(crate) fn integrations(&self) -> &[Integration] {
        &self.integrations
    }

    /// Every workflow, a shared one once for each workspace that has it.
    pub(crate) fn workflows(&self) -> &[Workflow] {
        &self.workflows
    }

    /// The first client of the first workspace that has one.
    pub(crate) fn first_client(&self) -> Option<ClientKey> {
        let (workspace, _) = self.workspace_keys().find(|(_, row)| !row.clients.is_empty())?;
        Some(ClientKey { workspace, client: 0 })
    }

    /// Every workspace with its key.
    pub(crate) fn workspace_keys(&self) -> impl Iterator<Item = (WorkspaceKey, &Workspace)> {
        (0..).map(WorkspaceKey).zip(&self.workspaces)
    }
}

/// The position of the row added last. A configuration file is far too small for 2^32 rows.
fn last_position(length: usize) -> u32 {
    u32::try_from(length - 1).expect("a configuration of at most 4 MiB has fewer rows")
}

#[cfg(test)]
impl WorkflowKey {
    /// The key of the workflow added first.
    pub(crate) const fn first() -> Self {
        Self(0)
    }
}
