//! What a step sends: requests in their three forms, and raw bytes.

use located_yaml::{Fields, Node};

use super::Context;
use super::body::BODY_KEYS;
use crate::spec::model::{
    AfterWriting, Body, Destination, HeaderLine, IdRef, Mode, RawBytes, SecretUse, Send, SignatureUse, SurfaceName,
    Template, Text, Token, WorkflowRef,
};

const MODES: [(&str, Mode); 3] = [("webhook", Mode::Webhook), ("async", Mode::Async), ("sync", Mode::Sync)];
const SURFACES: [(&str, SurfaceName); 3] = [
    ("hooks", SurfaceName::Hooks),
    ("api", SurfaceName::Api),
    ("auth", SurfaceName::Auth),
];

/// The workspace whose client asks when a request does not say.
const MAIN_WORKSPACE: &str = "main";

impl Context<'_> {
    /// `trigger`, `retrieve` or `request`: the request one of these keys describes.
    pub(super) fn send(&mut self, kind: &str, node: Node<'_>) -> Option<Send> {
        match kind {
            "trigger" => self.trigger(node),
            "retrieve" => self.retrieve(node),
            _ => self.request(node),
        }
    }

    fn trigger(&mut self, node: Node<'_>) -> Option<Send> {
        let own = [
            "mode",
            "workflow",
            "in",
            "integration",
            "workflow_id",
            "integration_id",
            "method",
            "path_suffix",
            "query",
            "headers",
            "content_type",
            "secret",
            "signature",
        ];
        let fields = node.fields(&[&own[..], &BODY_KEYS].concat(), &mut self.problems)?;
        let mode = fields
            .required("mode", &mut self.problems)
            .and_then(|node| node.choice(&MODES, &mut self.problems));
        let method = self.method(&fields, "POST");
        let (to, fallback) = (self.trigger_destination(&fields, mode), Self::implied_body(&fields));
        let secret = self.secret(&fields);
        let signature = self.signature(&fields);
        let rest = self.rest(&fields, fallback);
        let (path_suffix, query, headers, body, content_type) = rest?;
        Some(Send {
            to: to?,
            method: method?,
            path_suffix,
            query,
            headers,
            body,
            content_type,
            secret: secret?,
            signature: signature?,
            token: Token::None,
            basic: None,
            at: node.location(),
        })
    }

    fn trigger_destination(&mut self, fields: &Fields<'_>, mode: Option<Mode>) -> Option<Destination> {
        let mode = mode?;
        if let Some(key) = fields.key("in")
            && (fields.optional("workflow").is_none() || fields.optional("workflow_id").is_some())
        {
            let problem = key.problem("`in` says which id of a shared workflow is meant");
            self.push(problem.hint("it goes with `workflow` alone"));
            return None;
        }
        let fixture = fields.optional("workflow").and_then(|node| self.workflow(node));
        if fields.optional("workflow").is_some() && fixture.is_none() {
            return None;
        }
        let workflow = match (fields.optional("workflow_id"), &fixture) {
            (Some(node), _) => Some(WorkflowRef::Given(self.text(node)?)),
            (None, Some(name)) => {
                let shared_into = match fields.optional("in") {
                    Some(node) => Some(self.shared_workspace(node, name)?),
                    None => None,
                };
                Some(WorkflowRef::Fixture {
                    name: name.clone(),
                    shared_into,
                })
            }
            (None, None) => None,
        };
        if workflow.is_none() && mode != Mode::Webhook {
            let problem = fields.node().problem("this URL names a workflow");
            self.push(problem.hint("add `workflow: NAME` or `workflow_id: TEXT`"));
            return None;
        }
        let named = match fields.optional("integration") {
            Some(node) => {
                let name = node.string(&mut self.problems)?.to_owned();
                self.use_integration(node, &name);
                Some(name)
            }
            None => fixture.and_then(|name| Some(self.fixtures.workflows.get(&name)?.integration.clone())),
        };
        let integration = match (fields.optional("integration_id"), &named) {
            (Some(node), _) => IdRef::Given(self.text(node)?),
            (None, Some(name)) => IdRef::Fixture(name.clone()),
            (None, None) => {
                let problem = fields.node().problem("this URL names an integration");
                self.push(problem.hint("add `integration: NAME` or `integration_id: TEXT`"));
                return None;
            }
        };
        Some(Destination::Trigger {
            mode,
            integration,
            workflow,
            credentials: named,
        })
    }

    fn workflow(&mut self, node: Node<'_>) -> Option<String> {
        let name = node.string(&mut self.problems)?;
        self.use_workflow(node, name);
        self.fixtures.workflows.contains_key(name).then(|| name.to_owned())
    }

    fn shared_workspace(&mut self, node: Node<'_>, workflow: &str) -> Option<String> {
        let workspace = node.string(&mut self.problems)?;
        self.use_workspace(node, workspace);
        let shared = self
            .fixtures
            .workflows
            .get(workflow)
            .is_some_and(|it| it.shared_with.iter().any(|to| to == workspace));
        if !shared {
            self.push(node.problem(format!("the workflow `{workflow}` is not shared into `{workspace}`")));
            return None;
        }
        Some(workspace.to_owned())
    }

    fn retrieve(&mut self, node: Node<'_>) -> Option<Send> {
        let fields = node.fields(
            &[
                "execution",
                "workspace",
                "token",
                "method",
                "path_suffix",
                "query",
                "headers",
            ],
            &mut self.problems,
        )?;
        let id = fields
            .required("execution", &mut self.problems)
            .and_then(|node| self.text(node));
        let workspace = self.workspace(&fields)?;
        let token = self.token(&fields, &workspace, Token::Right);
        let method = self.method(&fields, "GET");
        let (path_suffix, query, headers, body, content_type) = self.rest(&fields, Body::None)?;
        Some(Send {
            to: Destination::Execution { id: id?, workspace },
            method: method?,
            path_suffix,
            query,
            headers,
            body,
            content_type,
            secret: SecretUse::Missing,
            signature: SignatureUse::Missing,
            token: token?,
            basic: None,
            at: node.location(),
        })
    }

    fn request(&mut self, node: Node<'_>) -> Option<Send> {
        let own = [
            "surface",
            "method",
            "path",
            "query",
            "headers",
            "content_type",
            "token",
            "workspace",
            "basic",
        ];
        let fields = node.fields(&[&own[..], &BODY_KEYS].concat(), &mut self.problems)?;
        let surface = self.surface(&fields);
        let path = fields
            .required("path", &mut self.problems)
            .and_then(|node| self.path_text(node));
        let workspace = self.workspace(&fields)?;
        let fallback = match surface {
            Some(SurfaceName::Api) => Token::Right,
            Some(SurfaceName::Hooks | SurfaceName::Auth) | None => Token::None,
        };
        let token = self.token(&fields, &workspace, fallback);
        let basic = self.basic(&fields, &workspace);
        let method = self.method(&fields, "GET");
        let (path_suffix, query, headers, body, content_type) = self.rest(&fields, Body::None)?;
        Some(Send {
            to: Destination::Path {
                surface: surface?,
                path: path?,
                workspace,
            },
            method: method?,
            path_suffix,
            query,
            headers,
            body,
            content_type,
            secret: SecretUse::Missing,
            signature: SignatureUse::Missing,
            token: token?,
            basic: basic?,
            at: node.location(),
        })
    }

    pub(super) fn raw(&mut self, node: Node<'_>) -> Option<RawBytes> {
        let fields = node.fields(&["surface", "text", "half_close"], &mut self.problems)?;
        let surface = self.surface(&fields);
        let bytes = fields.required("text", &mut self.problems).and_then(|node| {
            self.refuse_hidden_limits("", node);
            self.text(node)
        });
        let after = match fields.optional("half_close") {
            Some(node) if node.boolean(&mut self.problems)? => AfterWriting::HalfClose,
            Some(_) | None => AfterWriting::KeepOpen,
        };
        Some(RawBytes {
            surface: surface?,
            bytes: bytes?,
            after,
            at: node.location(),
        })
    }

    #[expect(
        clippy::type_complexity,
        reason = "the parts every request form has, taken apart at once by its three callers"
    )]
    fn rest(
        &mut self,
        fields: &Fields<'_>,
        fallback: Body,
    ) -> Option<(
        Option<Text>,
        Vec<(Text, Text)>,
        Vec<HeaderLine>,
        Body,
        crate::spec::model::ContentType,
    )> {
        let path_suffix = match fields.optional("path_suffix") {
            Some(node) => Some(self.text(node)?),
            None => None,
        };
        let query = match fields.optional("query") {
            Some(node) => {
                self.refuse_hidden_limits("", node);
                self.pairs(node)?
            }
            None => Vec::new(),
        };
        let headers = match fields.optional("headers") {
            Some(node) => {
                self.refuse_hidden_limits("", node);
                self.header_lines(node)?
            }
            None => Vec::new(),
        };
        let body = self.body(fields, fallback);
        let content_type = self.content_type(fields);
        Some((path_suffix, query, headers, body?, content_type?))
    }

    fn header_lines(&mut self, node: Node<'_>) -> Option<Vec<HeaderLine>> {
        let mut lines = Vec::new();
        for (key, node) in node.entries(&mut self.problems)? {
            let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if key.text.is_empty() || !key.text.bytes().all(token) {
                let problem = key.problem(format!("`{}` is no header name", key.text));
                self.push(problem.hint("send what is no HTTP with `raw`"));
                continue;
            }
            let values = if node.is_null() {
                Vec::new()
            } else if node.is_sequence() {
                let items = node.items(&mut self.problems)?;
                items.into_iter().map(|node| self.text(node)).collect::<Option<_>>()?
            } else {
                vec![self.text(node)?]
            };
            lines.push(HeaderLine {
                name: key.text.to_owned(),
                values,
            });
        }
        Some(lines)
    }

    /// A trigger that says nothing about its body sends an empty event by POST and nothing by any other method.
    fn implied_body(fields: &Fields<'_>) -> Body {
        match fields.optional("method").and_then(|node| node.value().as_str()) {
            None | Some("POST") => Body::Json(Template::Object(Vec::new())),
            Some(_) => Body::None,
        }
    }

    fn method(&mut self, fields: &Fields<'_>, implied: &str) -> Option<Text> {
        match fields.optional("method") {
            Some(node) => self.text(node),
            None => Some(Text::literal(implied)),
        }
    }

    fn surface(&mut self, fields: &Fields<'_>) -> Option<SurfaceName> {
        fields
            .required("surface", &mut self.problems)
            .and_then(|node| node.choice(&SURFACES, &mut self.problems))
    }

    fn path_text(&mut self, node: Node<'_>) -> Option<Text> {
        let text = node.string(&mut self.problems)?;
        if !text.starts_with('/') {
            self.push(node.problem("a path starts with a slash"));
            return None;
        }
        self.text(node)
    }

    pub(super) fn workspace(&mut self, fields: &Fields<'_>) -> Option<String> {
        let Some(node) = fields.optional("workspace") else {
            if self.fixtures.workspaces.contains_key(MAIN_WORKSPACE) {
                self.workspaces.insert(MAIN_WORKSPACE.to_owned());
            }
            return Some(MAIN_WORKSPACE.to_owned());
        };
        let name = node.string(&mut self.problems)?;
        self.use_workspace(node, name);
        Some(name.to_owned())
    }
}
