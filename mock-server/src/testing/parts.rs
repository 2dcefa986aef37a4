//! What a test's configuration is made of: workspaces, integrations and workflows, written like in a file.
//!
//! Each is a piece of the configuration's document; what is wrong with it is said when it is read.

use std::time::Duration;

use located_yaml::write_duration;
use serde_json::{Map, Value, json};

/// A workspace.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Workspace(Map<String, Value>);

/// A trigger integration.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Integration(Map<String, Value>);

/// A workflow: what starts it, and its published steps in order.
#[derive(Clone, Debug)]
#[must_use]
pub struct Workflow {
    fields: Map<String, Value>,
    steps: Vec<Value>,
}

impl Workspace {
    /// A workspace with a client `operator` that may read everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many executions run at once; further ones are queued.
    pub fn concurrency(self, executions: u32) -> Self {
        self.with("concurrency", executions)
    }

    /// Adds a client with an id and a secret of the test's choice, which may read everything.
    pub fn client(mut self, name: &str, (id, secret): (&str, &str)) -> Self {
        let clients = self.0.entry("clients").or_insert_with(|| json!({}));
        clients[name] = json!({ "id": id, "secret": secret });
        self
    }

    /// Any key of a workspace in a configuration file.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn into_value(mut self) -> Value {
        self.0.entry("clients").or_insert_with(|| json!({ "operator": {} }));
        Value::Object(self.0)
    }
}

impl Integration {
    /// An integration that takes every request.
    pub fn new() -> Self {
        Self::default()
    }

    /// The workspace it belongs to.
    pub fn workspace(self, name: &str) -> Self {
        self.with("workspace", name)
    }

    /// Demands a header with a secret.
    pub fn header(mut self, name: &str, secret: &str) -> Self {
        let headers = self.0.entry("headers").or_insert_with(|| json!([]));
        if let Value::Array(headers) = headers {
            headers.push(json!({ "name": name, "secret": secret }));
        }
        self
    }

    /// Demands a signature: HMAC-SHA256 over the body, `sha256=<hex>` in `X-Torq-Signature`.
    pub fn signed(self, key: &str) -> Self {
        self.with("hmac", json!({ "secret": key }))
    }

    /// Hands the whole HTTP request to its workflows: the event is `{body, headers, http_method}`.
    pub fn raw(self) -> Self {
        self.with("mode", "raw")
    }

    /// Any key of an integration in a configuration file.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

impl Workflow {
    /// A workflow that an integration triggers. Without steps it ends at once, without output.
    pub fn of(integration: &str) -> Self {
        Self {
            fields: Map::new(),
            steps: Vec::new(),
        }
        .with("integration", integration)
    }

    /// Takes time.
    pub fn wait(self, time: Duration) -> Self {
        self.step(json!({ "wait": write_duration(time) }))
    }

    /// Waits until it is released by hand.
    pub fn hold(self, name: &str) -> Self {
        self.step(json!({ "hold": name }))
    }

    /// Ends with an output; templates such as `{{ $.event.kind }}` are filled in.
    pub fn exit(self, output: impl Into<Value>) -> Self {
        self.step(json!({ "exit": { "json": output.into() } }))
    }

    /// Ends with the parameters of an Exit operator; `status`, `headers` and `body` shape a synchronous answer.
    pub fn exit_with(self, parameters: impl Into<Value>) -> Self {
        self.step(json!({ "exit": { "parameters": parameters.into() } }))
    }

    /// Ends by failing.
    pub fn fail(self, reason: &str) -> Self {
        self.step(json!({ "fail": reason }))
    }

    /// Any step, as a configuration file writes it.
    pub fn step(mut self, step: Value) -> Self {
        self.steps.push(step);
        self
    }

    /// Any other key of a workflow in a configuration file, such as `condition` or `shared_with`.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn into_value(mut self) -> Value {
        self.fields
            .entry("published")
            .or_insert_with(|| Value::Array(self.steps));
        Value::Object(self.fields)
    }
}
