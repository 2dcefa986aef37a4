//! Integrations and their credentials as they are written.
//!
//! Only reads; the gates check requests against them.

use http::HeaderName;
use located_yaml::{Fields, Key, Node, Problems};

use crate::behaviour::knob::Knob;
use crate::catalog::{AuthenticationHeader, EventMode, Integration, Maker, SignatureScheme};
use crate::config::reader::{Reader, items, named};
use crate::ids::IntegrationId;
use crate::secret::Secret;

impl<'a> Reader<'a> {
    pub(super) fn read_integration(&mut self, key: &Key<'a>, node: Node<'a>, problems: &mut Problems) {
        const KEYS: [&str; 8] = ["build", "about", "id", "workspace", "headers", "hmac", "mode", "vendor"];
        let name = key.text;
        let Some(fields) = node.fields(&KEYS, problems) else {
            return;
        };
        let id = IntegrationId::from_uuid(self.id(&fields, ("integration", name), problems));
        let headers = self.read_headers(name, fields.optional("headers"), problems);
        let signature = fields
            .optional("hmac")
            .and_then(|node| self.read_signature(name, node, problems));
        let mode = fields.optional("mode").and_then(|node| EventMode::read(node, problems));
        // Integrations made for a vendor work like the generic ones (contract section 1), so its name changes nothing.
        let vendor = fields.optional("vendor").and_then(|node| node.string(problems));
        let maker = vendor.map_or(Maker::Anybody, |_| Maker::Vendor);
        let workspace = fields
            .required("workspace", problems)
            .and_then(|node| named(node, ("workspace", &self.workspaces), problems));
        let Some(workspace) = workspace else { return };
        let integration = Integration {
            name: name.to_owned(),
            id,
            workspace,
            headers,
            signature,
            mode: mode.unwrap_or(EventMode::Default),
            maker,
            workflows: Vec::new(),
        };
        self.integrations
            .insert(name, self.catalog.add_integration(integration));
    }

    fn read_headers(
        &self,
        integration: &str,
        list: Option<Node<'a>>,
        problems: &mut Problems,
    ) -> Vec<AuthenticationHeader> {
        let mut headers: Vec<AuthenticationHeader> = Vec::new();
        for item in items(list, problems) {
            let Some(fields) = item.fields(&["name", "secret", "previous_secrets"], problems) else {
                continue;
            };
            let Some(node) = fields.required("name", problems) else {
                continue;
            };
            let Some((name, written)) = header_name(node, problems) else {
                continue;
            };
            if headers.iter().any(|header| header.name == name) {
                problems.push(node.problem(format!("the header `{written}` is in the list twice")));
            }
            let secret = self.secret(&fields, ("header", &format!("{integration}/{name}")), problems);
            for node in fields.optional("secret").into_iter().chain(previous(&fields)) {
                sendable(node, problems);
            }
            headers.push(AuthenticationHeader {
                name,
                written,
                secret,
                previous: previous_secrets(&fields, problems),
            });
        }
        headers
    }

    fn read_signature(&self, integration: &str, node: Node<'a>, problems: &mut Problems) -> Option<SignatureScheme> {
        const KEYS: [&str; 8] = [
            "algorithm",
            "header",
            "encoding",
            "prefix",
            "timestamp_header",
            "timestamp_tolerance",
            "secret",
            "previous_secrets",
        ];
        let fields = node.fields(&KEYS, problems)?;
        let defaults = &self.behaviour.authentication;
        let algorithm = read(&fields, "algorithm", problems).unwrap_or(defaults.signature_algorithm);
        let encoding = read(&fields, "encoding", problems).unwrap_or(defaults.signature_encoding);
        let prefix = read(&fields, "prefix", problems).unwrap_or_else(|| defaults.signature_prefix.clone());
        let header = match fields.optional("header") {
            Some(node) => header_name(node, problems),
            None => {
                let written = defaults.signature_header.clone();
                let name = HeaderName::from_bytes(written.as_bytes()).ok();
                if name.is_none() {
                    problems.push(node.problem(format!("the default header `{written}` is no header name")));
                }
                name.map(|name| (name, written))
            }
        };
        let timestamp_header = fields
            .optional("timestamp_header")
            .filter(|node| !node.is_null())
            .and_then(|node| header_name(node, problems));
        let (timestamp_header, timestamp_written) = timestamp_header.unzip();
        let timestamp_tolerance = fields
            .optional("timestamp_tolerance")
            .filter(|node| !node.is_null())
            .and_then(|node| node.duration(problems));
        let secret = self.secret(&fields, ("signature", integration), problems);
        let previous = previous_secrets(&fields, problems);
        let (header, written) = header?;
        Some(SignatureScheme {
            algorithm,
            header,
            written,
            encoding,
            prefix: prefix.replace("{algorithm}", algorithm.word()),
            timestamp_header,
            timestamp_written,
            timestamp_tolerance,
            secret,
            previous,
        })
    }

    /// The secret that is written, or the one that is drawn.
    fn secret(&self, fields: &Fields<'a>, (kind, name): (&str, &str), problems: &mut Problems) -> Secret {
        for node in fields.optional("secret").into_iter().chain(previous(fields)) {
            not_empty(node, problems);
        }
        match read::<String>(fields, "secret", problems) {
            Some(secret) => Secret::new(secret),
            None => Secret::new(self.seed.draw_secret(kind, name)),
        }
    }
}

fn read<K: Knob>(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<K> {
    fields.optional(key).and_then(|node| K::read(node, problems))
}

/// The previous secrets as they are written.
fn previous<'a>(fields: &Fields<'a>) -> Vec<Node<'a>> {
    let list = fields.optional("previous_secrets");
    items(list, &mut Problems::default())
}

/// A secret that is empty lets everybody in, who sends as much.
pub(super) fn not_empty(node: Node<'_>, problems: &mut Problems) {
    if node.value().as_str().is_some_and(str::is_empty) {
        let problem = node.problem("a secret cannot be empty: whoever sends nothing would know it");
        problems.push(problem.hint("leave `secret` out, and one is drawn from the seed"));
    }
}

/// Whether a client can send a secret in a header: HTTP takes white space off its ends and knows no line ends.
fn sendable(node: Node<'_>, problems: &mut Problems) {
    let Some(secret) = node.value().as_str() else { return };
    if secret.trim() != secret {
        let problem = node.problem("no client can send this secret: HTTP takes white space off the ends of a header");
        problems.push(problem.hint("take the white space off; a newline comes from `|` or a file that ends in one"));
    } else if http::HeaderValue::from_bytes(secret.as_bytes()).is_err() {
        let problem = node.problem("no client can send this secret: it has control characters in it");
        problems.push(problem.hint("write it in one line of visible characters"));
    }
}

fn previous_secrets(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Secret> {
    let secrets = read::<Vec<String>>(fields, "previous_secrets", problems).unwrap_or_default();
    secrets.into_iter().map(Secret::new).collect()
}

/// Headers that HTTP's own machinery writes.
const HTTPS_OWN: [&str; 9] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
];

fn header_name(node: Node<'_>, problems: &mut Problems) -> Option<(HeaderName, String)> {
    let written = node.string(problems)?;
    let name = HeaderName::from_bytes(written.as_bytes()).ok();
    match &name {
        None => problems.push(node.problem(format!("`{written}` is no header name"))),
        Some(name) if HTTPS_OWN.contains(&name.as_str()) => problems.push(
            node.problem(format!(
                "`{written}` is a header of HTTP itself, whose value no client can choose"
            ))
            .hint("choose a name of your own, such as `X-Token`"),
        ),
        Some(_) => {}
    }
    Some((name?, written.to_owned()))
}
