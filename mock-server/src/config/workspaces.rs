//! Workspaces and their API clients as they are written.
//!
//! Only reads; what a client may do is checked in `retrieval`.

use std::num::NonZeroU32;

use located_yaml::{Key, Node, Problems};

use crate::behaviour::knob::Knob;
use crate::catalog::{Client, Permission, Workspace};
use crate::config::integrations::not_empty;
use crate::config::reader::{Reader, entries, items};
use crate::ids::WorkspaceId;
use crate::secret::Secret;

impl<'a> Reader<'a> {
    pub(super) fn read_workspace(&mut self, key: &Key<'a>, node: Node<'a>, problems: &mut Problems) {
        let name = key.text;
        let Some(fields) = node.fields(&["build", "about", "id", "concurrency", "clients"], problems) else {
            return;
        };
        let workspace = Workspace {
            name: name.to_owned(),
            id: WorkspaceId::from_uuid(self.id(&fields, ("workspace", name), problems)),
            concurrency: fields
                .optional("concurrency")
                .and_then(|node| NonZeroU32::read(node, problems)),
            clients: entries(fields.optional("clients"), problems)
                .into_iter()
                .filter_map(|(client, node)| self.read_client((name, client.text), node, problems))
                .collect(),
        };
        self.workspaces.insert(name, self.catalog.add_workspace(workspace));
    }

    fn read_client(&self, (workspace, name): (&str, &str), node: Node<'a>, problems: &mut Problems) -> Option<Client> {
        let drawn = format!("{workspace}/{name}");
        let fields = node.fields(&["about", "id", "secret", "may"], problems)?;
        let mut text = |key| {
            fields
                .optional(key)
                .and_then(|node| node.string(problems))
                .map(str::to_owned)
        };
        let id = text("id").unwrap_or_else(|| self.seed.draw("client", &drawn).to_string());
        let secret = text("secret").unwrap_or_else(|| self.seed.draw_secret("client", &drawn));
        if let Some(node) = fields.optional("secret") {
            not_empty(node, problems);
        }
        let may = match fields.optional("may") {
            None => Permission::ALL.iter().map(|(_, permission)| *permission).collect(),
            list => items(list, problems)
                .into_iter()
                .filter_map(|item| Permission::read(item, problems))
                .collect(),
        };
        Some(Client {
            name: name.to_owned(),
            id,
            secret: Secret::new(secret),
            may,
        })
    }
}
