//! A server to call, and its control surface.
//!
//! No sockets and no bytes: those are the client's.

use std::net::SocketAddr;

use serde_json::{Value, json};
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::{Server, Settings};

use crate::client::{Answer, Connection, exchange, json_request, request};

/// A running server and what it says of its default sandbox.
#[derive(Debug)]
pub(crate) struct Mock {
    pub(crate) server: Server,
    pub(crate) control: SocketAddr,
    pub(crate) data: SocketAddr,
    pub(crate) profile: Value,
}

impl Mock {
    /// The built-in configuration on a manual clock.
    pub(crate) async fn start() -> Self {
        Self::serving(Settings {
            clock: Some(ClockMode::Manual),
            ..Settings::default()
        })
        .await
    }

    /// A configuration of the test's own on a manual clock.
    pub(crate) async fn with(configuration: &str) -> Self {
        let config = Config::load("test.yaml", configuration, None).expect("the test's configuration is right");
        Self::serving(Settings {
            clock: Some(ClockMode::Manual),
            config: Some(config),
            ..Settings::default()
        })
        .await
    }

    pub(crate) async fn serving(settings: Settings) -> Self {
        let server = Server::start(settings).await.expect("it starts");
        let base_url = server.base_url().expect("the default sandbox is there");
        Self {
            control: address(&server.control_url()),
            data: address(&base_url),
            profile: server.profile().expect("the default sandbox is there"),
            server,
        }
    }

    /// The Asynchronous URL's path of a workflow.
    pub(crate) fn path(&self, workflow: &str) -> String {
        path_in(&self.profile, workflow)
    }

    /// The Synchronous URL's path of a workflow.
    pub(crate) fn sync_path(&self, workflow: &str) -> String {
        format!("{}/sync", self.path(workflow))
    }

    /// Sends a JSON event and leaves the answer to be read.
    pub(crate) async fn call(&self, path: &str, event: &Value) -> Connection {
        let mut connection = Connection::open(self.data).await;
        connection.send(&json_request("POST", path, event)).await;
        connection
    }

    /// Sends a JSON event and reads the answer.
    pub(crate) async fn post(&self, path: &str, event: &Value) -> Answer {
        self.call(path, event).await.answer().await
    }

    /// Asks the control surface.
    pub(crate) async fn ask(&self, path: &str) -> Answer {
        exchange(self.control, &request("GET", path, &[], b"")).await
    }

    /// Tells the control surface.
    pub(crate) async fn tell(&self, path: &str, body: &Value) -> Answer {
        exchange(self.control, &json_request("POST", path, body)).await
    }

    /// Moves the clock once so many calls are held.
    pub(crate) async fn advance(&self, by: &str, held: usize) -> Value {
        let moved = self
            .tell(
                "/clock",
                &json!({ "advance": by, "when": { "held": held }, "timeout": "20s" }),
            )
            .await;
        assert_eq!(moved.status, 200, "{}", moved.text());
        moved.json()
    }

    /// A bearer token of the client `operator` in the workspace `main`.
    pub(crate) async fn bearer_token(&self) -> String {
        let client = &self.profile["workspaces"]["main"]["clients"]["operator"];
        let (Some(id), Some(secret)) = (client["id"].as_str(), client["secret"].as_str()) else {
            panic!("the profile has the client's credentials: {client}");
        };
        let credentials = data_encoding::BASE64.encode(format!("{id}:{secret}").as_bytes());
        let headers = [
            ("Authorization", format!("Basic {credentials}")),
            ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let granted = exchange(
            self.data,
            &request("POST", "/v1/auth/token", &headers, b"grant_type=client_credentials"),
        )
        .await;
        assert_eq!(granted.status, 200, "{}", granted.text());
        granted.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// Every entry of the journal.
    pub(crate) async fn journal(&self) -> Vec<Value> {
        let page = self.ask("/requests").await.json();
        page["requests"].as_array().expect("a list of requests").clone()
    }

    /// Every execution.
    pub(crate) async fn executions(&self) -> Vec<Value> {
        let page = self.ask("/executions").await.json();
        page["executions"].as_array().expect("a list of executions").clone()
    }

    /// Asserts that nothing that came before has harmed the server.
    pub(crate) async fn answers_as_usual(&self) {
        let health = self.ask("/healthz").await;
        assert_eq!(health.status, 200, "{}", health.text());
        let unknown = exchange(self.data, &request("GET", "/", &[], b"")).await;
        assert_eq!(unknown.status, 404, "{}", unknown.text());
    }
}

/// The Asynchronous URL's path of a workflow, from a sandbox's profile.
pub(crate) fn path_in(profile: &Value, workflow: &str) -> String {
    let entry = &profile["workflows"][workflow];
    let integration = entry["integration"].as_str().expect("the workflow is in the profile");
    let ids = (&profile["integrations"][integration]["id"], &entry["id"]);
    let (Some(integration), Some(workflow)) = (ids.0.as_str(), ids.1.as_str()) else {
        panic!("ids are text: {ids:?}");
    };
    format!("/v1/webhooks/{integration}/workflows/{workflow}")
}

/// The address in a base URL.
pub(crate) fn address(url: &str) -> SocketAddr {
    let address = url.strip_prefix("http://").expect("a URL without TLS");
    address.parse().expect("an address and a port")
}
