//! Workflows as they are written: what triggers them, their revisions, and whom they are shared with.
//!
//! Only reads; steps and conditions are read beside it.

use std::sync::Arc;

use located_yaml::{Fields, Key, Node, Problems};

use crate::catalog::{Definition, Origin, Revision, Triggers, Workflow, WorkspaceKey};
use crate::config::conditions::read_condition;
use crate::config::reader::{Reader, items, named};
use crate::config::steps::read_steps;
use crate::ids::{RevisionId, WorkflowId};

impl<'a> Reader<'a> {
    pub(super) fn read_workflow(&mut self, key: &Key<'a>, node: Node<'a>, problems: &mut Problems) {
        const KEYS: [&str; 10] = [
            "build",
            "about",
            "id",
            "integration",
            "condition",
            "published",
            "draft",
            "previous",
            "enabled",
            "shared_with",
        ];
        let name = key.text;
        let Some(fields) = node.fields(&KEYS, problems) else {
            return;
        };
        let id = WorkflowId::from_uuid(self.id(&fields, ("workflow", name), problems));
        let definition = Arc::new(self.read_definition(name, &fields, problems));
        let integration = fields
            .required("integration", problems)
            .and_then(|node| named(node, ("integration", &self.integrations), problems));
        let Some(integration) = integration else { return };
        let workspace = self.catalog[integration].workspace;
        let consumers = self.read_consumers(&fields, workspace, problems);
        let own = Workflow {
            id,
            workspace,
            integration,
            origin: Origin::Own,
            definition: Arc::clone(&definition),
        };
        self.catalog.add_workflow(own);
        for (consumer, consumer_name) in consumers {
            let drawn = self.seed.draw("workflow", &format!("{name} in {consumer_name}"));
            self.catalog.add_workflow(Workflow {
                id: WorkflowId::from_uuid(drawn),
                workspace: consumer,
                integration,
                origin: Origin::Shared,
                definition: Arc::clone(&definition),
            });
        }
    }

    fn read_definition(&self, name: &str, fields: &Fields<'a>, problems: &mut Problems) -> Definition {
        let mut revision = |key: &str| {
            let node = fields.optional(key)?;
            let id = RevisionId::from_uuid(self.seed.draw("revision", &format!("{name} {key}")));
            Some(Revision {
                id,
                steps: read_steps(node, problems),
            })
        };
        let (published, previous, draft) = (revision("published"), revision("previous"), revision("draft"));
        let enabled = fields.optional("enabled").and_then(|node| node.boolean(problems));
        Definition {
            name: name.to_owned(),
            triggers: if enabled == Some(false) {
                Triggers::Off
            } else {
                Triggers::On
            },
            condition: fields
                .optional("condition")
                .and_then(|node| read_condition(node, problems)),
            published,
            previous,
            draft,
        }
    }

    /// The other workspaces a workflow is shared into, each once.
    fn read_consumers(
        &self,
        fields: &Fields<'a>,
        own: WorkspaceKey,
        problems: &mut Problems,
    ) -> Vec<(WorkspaceKey, String)> {
        let mut consumers: Vec<(WorkspaceKey, String)> = Vec::new();
        for item in items(fields.optional("shared_with"), problems) {
            let Some(workspace) = named(item, ("workspace", &self.workspaces), problems) else {
                continue;
            };
            let name = self.catalog[workspace].name.clone();
            if workspace == own {
                problems.push(item.problem(format!("the workflow is made in `{name}`")));
            } else if consumers.iter().any(|(known, _)| *known == workspace) {
                problems.push(item.problem(format!("the workspace `{name}` is in the list twice")));
            } else {
                consumers.push((workspace, name));
            }
        }
        consumers
    }
}
