//! Workspaces, integrations and workflows of a profile: real ids, and the credentials to call them with.

use located_yaml::Node;

use super::Reader;
use crate::profile::{Algorithm, Client, Encoding, Hmac, Integration, Workflow, Workspace};

impl Reader<'_> {
    pub(super) fn workspace(&mut self, node: Node<'_>) -> Option<Workspace> {
        let fields = node.fields(&["id", "clients"], &mut self.problems)?;
        let id = fields.optional("id").and_then(|node| self.text(node));
        let mut clients = Vec::new();
        if let Some(node) = fields.optional("clients") {
            for (name, node) in node.entries(&mut self.problems)? {
                let Some(fields) = node.fields(&["id", "secret"], &mut self.problems) else {
                    continue;
                };
                let id = fields
                    .required("id", &mut self.problems)
                    .and_then(|node| self.secret(node));
                let secret = fields
                    .required("secret", &mut self.problems)
                    .and_then(|node| self.secret(node));
                // One that could not be read leaves the others to be read.
                if let (Some(id), Some(secret)) = (id, secret) {
                    clients.push((name.text.to_owned(), Client { id, secret }));
                }
            }
        }
        Some(Workspace { id, clients })
    }

    pub(super) fn integration(&mut self, node: Node<'_>) -> Option<Integration> {
        let fields = node.fields(&["id", "workspace", "headers", "hmac"], &mut self.problems)?;
        let id = fields
            .required("id", &mut self.problems)
            .and_then(|node| self.text(node));
        let workspace = fields
            .required("workspace", &mut self.problems)
            .and_then(|node| self.text(node));
        let mut headers = Vec::new();
        for node in fields
            .optional("headers")
            .and_then(|node| node.items(&mut self.problems))
            .unwrap_or_default()
        {
            let Some(fields) = node.fields(&["name", "secret"], &mut self.problems) else {
                continue;
            };
            let name = fields
                .required("name", &mut self.problems)
                .and_then(|node| self.text(node));
            let secret = fields
                .required("secret", &mut self.problems)
                .and_then(|node| self.secret(node));
            headers.extend(name.zip(secret));
        }
        let hmac = fields
            .optional("hmac")
            .filter(|node| !node.is_null())
            .and_then(|node| self.hmac(node));
        Some(Integration {
            id: id?,
            workspace: workspace?,
            headers,
            hmac,
        })
    }

    fn hmac(&mut self, node: Node<'_>) -> Option<Hmac> {
        let known = [
            "algorithm",
            "header",
            "encoding",
            "prefix",
            "secret",
            "timestamp_header",
        ];
        let fields = node.fields(&known, &mut self.problems)?;
        let algorithms = [
            ("sha1", Algorithm::Sha1),
            ("sha256", Algorithm::Sha256),
            ("sha512", Algorithm::Sha512),
        ];
        let algorithm = match fields.optional("algorithm") {
            Some(node) => node.choice(&algorithms, &mut self.problems)?,
            None => Algorithm::Sha256,
        };
        let encoding = match fields.optional("encoding") {
            Some(node) => node.choice(
                &[("hex", Encoding::Hex), ("base64", Encoding::Base64)],
                &mut self.problems,
            )?,
            None => Encoding::Hex,
        };
        let header = fields
            .required("header", &mut self.problems)
            .and_then(|node| self.text(node));
        let prefix = fields
            .optional("prefix")
            .and_then(|node| self.text(node))
            .unwrap_or_default();
        let secret = fields
            .required("secret", &mut self.problems)
            .and_then(|node| self.secret(node));
        let timestamp = fields.optional("timestamp_header").filter(|node| !node.is_null());
        let timestamp_header = timestamp.and_then(|node| self.text(node));
        Some(Hmac {
            algorithm,
            header: header?,
            encoding,
            prefix,
            secret: secret?,
            timestamp_header,
        })
    }

    pub(super) fn workflow(&mut self, node: Node<'_>) -> Option<Workflow> {
        let fields = node.fields(&["id", "integration", "in"], &mut self.problems)?;
        let id = fields
            .required("id", &mut self.problems)
            .and_then(|node| self.text(node));
        let integration = fields
            .required("integration", &mut self.problems)
            .and_then(|node| self.text(node));
        let shared_into = self.named(&fields, "in", Self::text);
        Some(Workflow {
            id: id?,
            integration: integration?,
            shared_into,
        })
    }
}
