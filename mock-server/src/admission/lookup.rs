//! Gates: ids well-formed, integration known, workflow known, bound to it and able to run.
//!
//! Nothing is checked of the caller here; credentials are other gates' business.

use std::fmt::Display;

use uuid::Uuid;

use crate::admission::{Candidate, Course, Run};
use crate::behaviour::running::{FanOut, SharedId, Unbound, Unpublished, WebhookStarts, WithoutWorkflow};
use crate::behaviour::urls::{IdForm, Urls, VendorUrls};
use crate::catalog::{Integration, Maker, NotRunnable, Origin, Workflow};
use crate::gate::Gate;
use crate::ids::{IntegrationId, WorkflowId, hyphenated};
use crate::rejection::{Advice, Refusal, Rejection};
use crate::route::{AnswerTime, Target};

const PUBLISHED: &str = "a workflow with a published revision";
const UUID_FORM: &str = "a UUID, written 8-4-4-4-12";

impl<'a> Candidate<'a> {
    pub(super) fn integration_id(&self) -> Result<IntegrationId, Rejection> {
        let text = self.url.integration.as_ref();
        let id = parse(text, &self.behaviour().urls).map(IntegrationId::from_uuid);
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
        let id = parse(text, &self.behaviour().urls).map(WorkflowId::from_uuid);
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
            .comparing("the id of an integration of this sandbox", self.named(id))
            .advising(Some(elsewhere()))
        })?;
        let integration = &self.catalog()[key];
        if !self.offers_the_url(integration) {
            let reason = "integrations made for a vendor have no such URL";
            return Err(
                Rejection::new(Gate::Integration, Refusal::UnknownPath, reason).comparing(
                    "a URL that integrations made for a vendor have",
                    format!("another one of `{}`", integration.name),
                ),
            );
        }
        Ok(self.integration.insert(integration))
    }

    fn offers_the_url(&self, integration: &Integration) -> bool {
        match (integration.maker, self.behaviour().urls.vendor_urls, &self.url.target) {
            (Maker::Anybody, ..) | (Maker::Vendor, VendorUrls::All, _) | (Maker::Vendor, _, Target::EveryWorkflow) => {
                true
            }
            (Maker::Vendor, VendorUrls::PlainOnly, Target::OneWorkflow { .. }) => false,
            (Maker::Vendor, VendorUrls::WithoutSync, Target::OneWorkflow { answer, .. }) => {
                *answer == AnswerTime::Async
            }
        }
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
            not_found("no workflow has this id")
                .comparing("the id of a workflow of this sandbox", self.named(id))
                .advising(Some(elsewhere()))
        })?;
        let workflow = &catalog[key];
        let (bound_to, running) = (&catalog[workflow.integration], &self.behaviour().running);
        if bound_to.id != integration.id && running.unbound == Unbound::Refused {
            let reason = "another integration triggers the workflow";
            let name = &workflow.definition.name;
            return Err(Rejection::new(Gate::Workflow, Refusal::UnboundWorkflow, reason)
                .comparing(
                    format!("`{name}` below its own integration, `{}`", bound_to.name),
                    format!("`{name}` below `{}`", integration.name),
                )
                .advising(Some(Advice::new(
                    "other-integration",
                    "take the workflow's URL as a whole; its two ids belong together",
                ))));
        }
        check_origin(workflow, running.shared_id)?;
        let revision = workflow
            .definition
            .runnable(&self.behaviour().running)
            .map_err(|why| match why {
                NotRunnable::Unpublished if running.unpublished == Unpublished::InvalidId => {
                    let reason = "the workflow has no published revision";
                    Rejection::new(Gate::Workflow, Refusal::InvalidWorkflowId, reason)
                        .comparing(PUBLISHED, workflow.definition.name.as_str())
                }
                NotRunnable::Unpublished => not_found("the workflow has no published revision")
                    .comparing(PUBLISHED, format!("`{}`, which has none", workflow.definition.name))
                    .advising(Some(Advice::new(
                        "unpublished",
                        "publish the workflow; in the configuration that is its `published`",
                    ))),
                NotRunnable::SwitchedOff => not_found("the workflow's triggers are switched off")
                    .comparing(
                        "a workflow whose triggers are switched on",
                        format!("`{}`, whose triggers are off", workflow.definition.name),
                    )
                    .advising(Some(Advice::new(
                        "switched-off",
                        "switch its triggers on; in the configuration that is `enabled`",
                    ))),
            })?;
        Ok(Run {
            workflow: key,
            revision,
            course: Course::Steps,
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
                    course: Course::Steps,
                })
            })
            .collect();
        match (runs.is_empty(), running.webhook_without_workflow) {
            (true, WithoutWorkflow::NotFound) => {
                let reason = "the integration has no workflow that could run";
                Err(
                    Rejection::new(Gate::Workflow, Refusal::WorkflowNotFound, reason).comparing(
                        "an integration with a published workflow whose triggers are switched on",
                        format!("`{}`, which has none", integration.name),
                    ),
                )
            }
            (true, WithoutWorkflow::Accepted) | (false, _) => Ok(runs),
        }
    }
}

impl Candidate<'_> {
    /// An id that names nothing of the kind it was taken for, and what else it names.
    fn named(&self, id: impl Display) -> String {
        let id = id.to_string();
        match self.catalog().name_of(&id) {
            Some(name) => format!("{id}, which is the id of {name}"),
            None => id,
        }
    }

    /// What a plain Webhook URL starts of what it could.
    pub(super) fn fan_out(&self, runs: &mut Vec<Run<'_>>) {
        if self.url.target != Target::EveryWorkflow {
            return;
        }
        match self.behaviour().running.fan_out {
            FanOut::Every | FanOut::AllOrNothing => {}
            FanOut::First => runs.truncate(1),
            FanOut::Last => {
                runs.drain(..runs.len().saturating_sub(1));
            }
            FanOut::Nothing => runs.clear(),
        }
    }
}

/// Where ids that nothing here has may come from.
fn elsewhere() -> Advice {
    Advice::new(
        "unknown-id",
        "another sandbox, seed or configuration has other ids; those of this one are in GET /profile",
    )
}

/// The id a text is, as far as it is one.
fn parse(text: &str, urls: &Urls) -> Option<Uuid> {
    let hyphenated = hyphenated(text, urls.id_case);
    match urls.id_form {
        IdForm::Hyphenated => hyphenated,
        IdForm::AnyForm => hyphenated.or_else(|| Uuid::try_parse(text).ok()),
        IdForm::Version4 => hyphenated.filter(|id| id.get_version_num() == 4),
        // Nothing has the nil UUID.
        IdForm::AnyText => Some(hyphenated.unwrap_or(Uuid::nil())),
    }
}

/// Whether the id a workflow was called by names it.
fn check_origin(workflow: &Workflow, shared_id: SharedId) -> Result<(), Rejection> {
    let refusal = match (workflow.origin, shared_id) {
        (Origin::Own, _) | (Origin::Shared, SharedId::Known) => return Ok(()),
        (Origin::Shared, SharedId::Unknown) => Refusal::WorkflowNotFound,
        (Origin::Shared, SharedId::Unbound) => Refusal::UnboundWorkflow,
    };
    Err(
        Rejection::new(Gate::Workflow, refusal, "the workflow is a shared one").comparing(
            "the id that the workflow has in the workspace it was made in",
            format!(
                "the id of `{}` in a workspace it is shared with",
                workflow.definition.name
            ),
        ),
    )
}
