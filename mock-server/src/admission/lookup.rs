//! Gates: ids well-formed, integration known, workflow known, bound to it and able to run.
//!
//! Nothing is checked of the caller here; credentials are other gates' business.

use crate::admission::{Candidate, Run};
use crate::behaviour::running::{WebhookStarts, WithoutWorkflow};
use crate::catalog::{Integration, NotRunnable, Origin};
use crate::gate::Gate;
use crate::ids::{IntegrationId, WorkflowId, hyphenated};
use crate::rejection::{Refusal, Rejection};
use crate::route::Target;

const UUID_FORM: &str = "a UUID, written 8-4-4-4-12";

impl<'a> Candidate<'a> {
    pub(super) fn integration_id(&self) -> Result<IntegrationId, Rejection> {
        let text = self.url.integration.as_ref();
        let id = hyphenated(text, self.behaviour().urls.id_case).map(IntegrationId::from_uuid);
        id.ok_or_else(|| {
            Rejection::new(
                Gate::IntegrationId,
                Refusal::InvalidIntegrationId,
                "the integration id is malformed",
            )
            .comparing(UUID_FORM, text)
        })
    }

    /// The workflow's id, on URLs that have one.
    pub(super) fn workflow_id(&self) -> Result<Option<WorkflowId>, Rejection> {
        let text = match &self.url.target {
            Target::EveryWorkflow => return Ok(None),
            Target::OneWorkflow { workflow, .. } => workflow.as_ref(),
        };
        let id = hyphenated(text, self.behaviour().urls.id_case).map(WorkflowId::from_uuid);
        id.map(Some).ok_or_else(|| {
            Rejection::new(
                Gate::WorkflowId,
                Refusal::InvalidWorkflowId,
                "the workflow id is malformed",
            )
            .comparing(UUID_FORM, text)
        })
    }

    /// The integration, looked up when it is first needed.
    pub(super) fn integration(&mut self) -> Result<&'a Integration, Rejection> {
        if let Some(integration) = self.integration {
            return Ok(integration);
        }
        let id = self.integration_id()?;
        let key = self.catalog().integration(id).ok_or_else(|| {
            Rejection::new(
                Gate::Integration,
                Refusal::IntegrationNotFound,
                "no integration has this id",
            )
            .comparing("the id of an integration of this sandbox", id.to_string())
        })?;
        Ok(self.integration.insert(&self.catalog()[key]))
    }

    /// What would run, looked up when it is first needed.
    pub(super) fn runs(&mut self) -> Result<&mut Vec<Run<'a>>, Rejection> {
        let runs = match self.runs.take() {
            Some(runs) => runs,
            None => self.find_runs()?,
        };
        Ok(self.runs.insert(runs))
    }

    fn find_runs(&mut self) -> Result<Vec<Run<'a>>, Rejection> {
        let integration = self.integration()?;
        match self.workflow_id()? {
            Some(id) => self.find_run(id, integration).map(|run| vec![run]),
            None => self.find_every_run(integration),
        }
    }

    fn find_run(&self, id: WorkflowId, integration: &Integration) -> Result<Run<'a>, Rejection> {
        let not_found = |reason: &'static str| Rejection::new(Gate::Workflow, Refusal::WorkflowNotFound, reason);
        let catalog = self.catalog();
        let key = catalog.workflow(id).ok_or_else(|| {
            not_found("no workflow has this id").comparing("the id of a workflow of this sandbox", id.to_string())
        })?;
        let workflow = &catalog[key];
        let bound_to = &catalog[workflow.integration];
        if bound_to.id != integration.id {
            let reason = "another integration triggers the workflow";
            return Err(Rejection::new(Gate::Workflow, Refusal::UnboundWorkflow, reason)
                .comparing(bound_to.name.as_str(), integration.name.as_str()));
        }
        let revision = workflow
            .definition
            .runnable(&self.behaviour().running)
            .map_err(|why| match why {
                NotRunnable::Unpublished => not_found("the workflow has no published revision").comparing(
                    "a workflow with a published revision",
                    format!("`{}`, which has none", workflow.definition.name),
                ),
                NotRunnable::SwitchedOff => not_found("the workflow's triggers are switched off").comparing(
                    "a workflow whose triggers are switched on",
                    format!("`{}`, whose triggers are off", workflow.definition.name),
                ),
            })?;
        Ok(Run {
            workflow: key,
            revision,
        })
    }

    fn find_every_run(&self, integration: &Integration) -> Result<Vec<Run<'a>>, Rejection> {
        let (catalog, running) = (self.catalog(), &self.behaviour().running);
        let runs: Vec<_> = integration
            .workflows
            .iter()
            .filter(|key| match (catalog[**key].origin, running.webhook_starts) {
                (Origin::Own, _) | (Origin::Shared, WebhookStarts::SharedToo) => true,
                (Origin::Shared, WebhookStarts::OwnWorkspace) => false,
            })
            .filter_map(|key| {
                let revision = catalog[*key].definition.runnable(running).ok()?;
                Some(Run {
                    workflow: *key,
                    revision,
                })
            })
            .collect();
        match (runs.is_empty(), running.webhook_without_workflow) {
            (true, WithoutWorkflow::NotFound) => {
                let reason = "the integration has no workflow that could run";
                Err(Rejection::new(Gate::Workflow, Refusal::WorkflowNotFound, reason))
            }
            (true, WithoutWorkflow::Accepted) | (false, _) => Ok(runs),
        }
    }
}
