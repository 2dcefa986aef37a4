//! A sandbox to call, and what its answers look like.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use located_yaml::{Paint, Sources};
use serde_json::{Value, json};

use crate::app::App;
use crate::catalog::Origin;
use crate::config::Config;
use crate::edge::response::render;
use crate::ids::ExecutionId;
use crate::inbound::{Body, Inbound};
use crate::journal::JournalQuery;
use crate::reply::{HeldCall, Outcome};
use crate::retention::Budget;
use crate::timestamp::Timestamp;

/// A sandbox that stands still unless a test moves it.
pub(super) struct World {
    pub(super) app: App,
    pub(super) now: Timestamp,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// What became of a call.
#[derive(Debug)]
pub(super) enum Called {
    Answered(Answered),
    Held { until: Timestamp, call: HeldCall },
}

impl World {
    /// A sandbox of a configuration.
    pub(super) fn new(yaml: &str) -> Self {
        let config = Config::load("test.yaml", yaml, None).unwrap_or_else(|problems| {
            let mut sources = Sources::default();
            sources.add("test.yaml", yaml);
            panic!("{}", problems.render(&sources, Paint::Plain))
        });
        Self {
            app: App::new(Arc::new(config), Budget::DEFAULT),
            now: Timestamp::from_seconds(1_767_225_600),
        }
    }

    /// A sandbox of some workflows behind the integration `open`, and of some behaviour.
    pub(super) fn with(behaviour: &str, workflows: &str) -> Self {
        Self::new(&format!(
            "behaviour: {{ {behaviour} }}\nworkspaces: {{ main: {{ clients: {{ operator: {{}} }} }} }}\n\
             integrations: {{ open: {{ workspace: main }} }}\nworkflows:\n{workflows}"
        ))
    }

    pub(super) fn after(&mut self, time: Duration) -> &mut Self {
        self.now = self.now + time;
        self
    }

    pub(super) fn integration_path(&self, name: &str) -> String {
        let integrations = self.app.config().catalog.integrations();
        let integration = integrations
            .iter()
            .find(|integration| integration.name == name)
            .expect("a known integration");
        format!("/v1/webhooks/{}", integration.id)
    }

    /// The asynchronous URL of a workflow.
    pub(super) fn path(&self, name: &str) -> String {
        self.path_of(name, Origin::Own)
    }

    pub(super) fn path_of(&self, name: &str, origin: Origin) -> String {
        let catalog = &self.app.config().catalog;
        let mut workflows = catalog.workflows().iter();
        let workflow = workflows
            .find(|workflow| workflow.definition.name == name && workflow.origin == origin)
            .expect("a known workflow");
        let integration = &catalog[workflow.integration].name;
        format!("{}/workflows/{}", self.integration_path(integration), workflow.id)
    }

    pub(super) fn send(&self, inbound: &Inbound) -> Called {
        let handled = self.app.handle(inbound, self.now);
        self.called(handled.outcome)
    }

    pub(super) fn resume(&self, call: &HeldCall) -> Called {
        self.called(self.app.resume(call, self.now))
    }

    fn called(&self, outcome: Outcome) -> Called {
        match outcome {
            Outcome::Wait(wait) => Called::Held {
                until: wait.until,
                call: wait.call,
            },
            Outcome::Reply(reply) => {
                Called::Answered(taken_apart(render(&reply, self.app.in_force().behaviour(), self.now)))
            }
        }
    }

    /// Posts JSON.
    pub(super) fn post(&self, path: &str, event: &Value) -> Answered {
        self.send(&post(path, event)).answered()
    }

    /// Calls a workflow's asynchronous URL, and gives the id of the answer.
    pub(super) fn start(&self, workflow: &str, event: &Value) -> String {
        let answered = self.post(&self.path(workflow), event);
        assert_eq!(answered.status, 200, "{answered:?}");
        answered.json()["execution_id"].as_str().expect("an id").to_owned()
    }

    /// Calls a workflow's synchronous URL.
    pub(super) fn call(&self, workflow: &str, event: &Value) -> Called {
        self.send(&post(&format!("{}/sync", self.path(workflow)), event))
    }

    /// A bearer token of a workspace's client.
    pub(super) fn token(&self, workspace: &str, client: &str) -> String {
        let workspaces = self.app.config().catalog.workspaces();
        let workspace = workspaces
            .iter()
            .find(|row| row.name == workspace)
            .expect("a known workspace");
        let client = workspace
            .clients
            .iter()
            .find(|row| row.name == client)
            .expect("a known client");
        let basic = BASE64.encode(format!("{}:{}", client.id, client.secret.expose()).as_bytes());
        let request = request(
            Method::POST,
            "/v1/auth/token",
            &[
                ("authorization", &format!("Basic {basic}")),
                ("content-type", "application/x-www-form-urlencoded"),
            ],
            b"grant_type=client_credentials",
        );
        let answered = self.send(&request).answered();
        assert_eq!(answered.status, 200, "{answered:?}");
        answered.json()["access_token"].as_str().expect("a token").to_owned()
    }

    pub(super) fn get(&self, path: &str, token: &str) -> Answered {
        self.send(&request(
            Method::GET,
            path,
            &[("authorization", &format!("Bearer {token}"))],
            b"",
        ))
        .answered()
    }

    /// Retrieves an execution of `main`.
    pub(super) fn retrieve(&self, id: &str) -> Answered {
        self.get(
            &format!("/public/v1alpha/executions/{id}"),
            &self.token("main", "operator"),
        )
    }

    /// The newest entry of the journal.
    pub(super) fn last_entry(&self) -> Value {
        self.app
            .journal(&JournalQuery::default())
            .requests
            .pop()
            .map_or(json!(null), |request| request.to_json())
    }
}

impl Called {
    #[track_caller]
    pub(super) fn answered(self) -> Answered {
        match self {
            Self::Answered(answered) => answered,
            Self::Held { until, .. } => panic!("held until {until}"),
        }
    }

    #[track_caller]
    pub(super) fn held(self) -> (Timestamp, HeldCall) {
        match self {
            Self::Held { until, call } => (until, call),
            Self::Answered(answered) => panic!("answered: {answered:?}"),
        }
    }
}

impl Answered {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a text"))
    }

    pub(super) fn message(&self) -> String {
        self.json()["message"].as_str().expect("a message").to_owned()
    }
}

pub(super) fn request(method: Method, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Inbound {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    let headers = headers.iter().map(|(name, value)| {
        (
            HeaderName::from_bytes(name.as_bytes()).expect("a header name"),
            HeaderValue::from_str(value).expect("a header value"),
        )
    });
    Inbound {
        method,
        path: path.to_owned(),
        query,
        headers: headers.collect(),
        body: Body::Complete(Bytes::copy_from_slice(body)),
    }
}

pub(super) fn post(path: &str, event: &Value) -> Inbound {
    request(
        Method::POST,
        path,
        &[("content-type", "application/json")],
        event.to_string().as_bytes(),
    )
}

pub(super) fn execution_id(text: &str) -> ExecutionId {
    ExecutionId::parse(text).expect("an execution id")
}

fn taken_apart(response: Response<Bytes>) -> Answered {
    let (parts, body) = response.into_parts();
    Answered {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.into()).expect("a text"),
    }
}
