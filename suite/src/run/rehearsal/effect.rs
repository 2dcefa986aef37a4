//! What a request comes to at a deployment that conforms: whose quota it uses and how many executions it may start.
//!
//! Derived from the step and the profile alone.

use crate::profile::Profile;
use crate::run::case::counts;
use crate::run::pace::Counts;
use crate::spec::model::{Destination, IdRef, Mode, RawBytes, Send, Step, SurfaceName, WorkflowRef};

/// What comes of a request besides its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The quota it counts against.
    pub counts: Counts,
    /// How many executions it starts at most.
    pub starts: u64,
    /// The workspace they run in; `None` when its ids are none of the profile's.
    pub workspace: Option<String>,
    /// Whether it may draw a token.
    pub draws: Draws,
}

/// Whether a request draws a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draws {
    /// It may.
    AToken,
    /// It cannot.
    Nothing,
}

impl Effect {
    /// Of the request for a token that comes before another one.
    pub(super) const fn of_token() -> Self {
        Self {
            counts: Counts::Api,
            starts: 0,
            workspace: None,
            draws: Draws::AToken,
        }
    }

    pub(super) fn of_raw(raw: &RawBytes, step: &Step) -> Self {
        let started = raw.surface == SurfaceName::Hooks && !is_refused(step);
        Self {
            counts: Counts::Execution,
            starts: u64::from(started),
            workspace: None,
            draws: Draws::Nothing,
        }
    }

    pub(super) fn of(send: &Send, step: &Step, profile: &Profile) -> Self {
        let (starts, workspace, draws) = match &send.to {
            Destination::Trigger {
                mode,
                integration,
                workflow,
                ..
            } => {
                let workspace = workspace(integration, workflow.as_ref(), profile);
                (started_by(*mode, integration, profile), workspace, Draws::Nothing)
            }
            Destination::Execution { .. } => (0, None, Draws::Nothing),
            Destination::Path { surface, .. } => match surface {
                SurfaceName::Hooks => (1, None, Draws::Nothing),
                SurfaceName::Api => (0, None, Draws::Nothing),
                SurfaceName::Auth => (0, None, Draws::AToken),
            },
        };
        let effect = Self {
            counts: counts(send),
            starts,
            workspace: workspace.map(str::to_owned),
            draws,
        };
        if is_refused(step) {
            Self {
                starts: 0,
                draws: Draws::Nothing,
                ..effect
            }
        } else {
            effect
        }
    }
}

/// A plain Webhook URL starts every workflow behind its integration, the others start one.
fn started_by(mode: Mode, integration: &IdRef, profile: &Profile) -> u64 {
    match (mode, integration) {
        (Mode::Webhook, IdRef::Fixture(name)) => {
            let workflows = profile.workflows.values();
            workflows.filter(|it| it.integration == *name).count() as u64
        }
        (Mode::Webhook | Mode::Async | Mode::Sync, _) => 1,
    }
}

fn workspace<'p>(integration: &IdRef, workflow: Option<&'p WorkflowRef>, profile: &'p Profile) -> Option<&'p str> {
    let of_integration = |name: &str| profile.integrations.get(name).map(|it| it.workspace.as_str());
    match workflow {
        Some(WorkflowRef::Fixture {
            shared_into: Some(workspace),
            ..
        }) => Some(workspace),
        Some(WorkflowRef::Fixture {
            name,
            shared_into: None,
        }) => profile
            .workflows
            .get(name)
            .and_then(|it| of_integration(&it.integration)),
        Some(WorkflowRef::Given(_)) | None => match integration {
            IdRef::Fixture(name) => of_integration(name),
            IdRef::Given(_) => None,
        },
    }
}

/// Whether a step expects to be refused: then nothing comes of its request.
fn is_refused(step: &Step) -> bool {
    step.expected_status().is_some_and(|status| status >= 400)
}
