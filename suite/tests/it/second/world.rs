//! A world of its own: who and what there is, what has happened, and the time, which others move.
//!
//! Made from the fixtures. Decides nothing about requests.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::workflow::Ending;

/// The largest event, in bytes: another one than the mock's.
pub(super) const PAYLOAD_LIMIT: usize = 400_000;
/// How long a synchronous caller waits.
pub(super) const SYNC_TIMEOUT: u64 = 50 * SECOND;
pub(super) const SECOND: u64 = 1_000_000_000;
/// After so long in the queue an execution is dropped.
const DAY: u64 = 86_400 * SECOND;
/// 2026-01-01, in nanoseconds since 1970.
const BEGINNING: u64 = 1_767_225_600 * SECOND;

pub(super) struct Integration {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) raw: bool,
    /// Names and secrets of the headers it demands.
    pub(super) headers: Vec<(String, String)>,
    /// The secret its signatures are made with.
    pub(super) signing: Option<String>,
}

pub(super) struct Workflow {
    /// The id in the workspace it comes from, then those in the workspaces it is shared with.
    pub(super) ids: Vec<String>,
    pub(super) name: String,
    pub(super) integration: String,
    pub(super) workspace: String,
    /// The definition, as the fixtures write it.
    pub(super) definition: Json,
}

pub(super) struct ApiKey {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) workspace: String,
    pub(super) permitted: bool,
}

#[derive(Clone)]
pub(super) struct Execution {
    pub(super) id: String,
    pub(super) workflow: usize,
    pub(super) workspace: String,
    pub(super) created: u64,
    /// When it leaves the queue, or is dropped from it.
    pub(super) starts: u64,
    pub(super) ends: u64,
    /// Nothing when it is dropped.
    pub(super) ending: Option<Ending>,
    pub(super) caller: Caller,
}

/// Whether somebody waits for what an execution comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Waits,
    IsGone,
}

/// Something the activity log tells.
#[derive(Clone)]
pub(super) struct Happening {
    pub(super) workspace: String,
    pub(super) at: u64,
    pub(super) workflow: Option<String>,
    pub(super) execution: Option<String>,
    pub(super) kind: &'static str,
    pub(super) event: Json,
}

/// What has happened.
#[derive(Default)]
pub(super) struct State {
    pub(super) now: u64,
    /// When each held call is due, by its number.
    pub(super) held: HashMap<u64, u64>,
    pub(super) calls: u64,
    pub(super) executions: Vec<Execution>,
    pub(super) log: Vec<Happening>,
    /// By token: the key it was given to, and when it ends.
    pub(super) tokens: HashMap<String, (usize, u64)>,
    /// By integration: starts that are left, in billionths, and since when.
    pub(super) buckets: HashMap<String, (u64, u64)>,
    /// By workspace: the present second, and the requests in it.
    pub(super) windows: HashMap<String, (u64, u64)>,
}

pub(super) struct World {
    pub(super) integrations: Vec<Integration>,
    pub(super) workflows: Vec<Workflow>,
    pub(super) keys: Vec<ApiKey>,
    concurrency: HashMap<String, u64>,
    state: Mutex<State>,
    pub(super) changed: Condvar,
    /// The world as a profile describes it.
    pub(super) profile: Json,
}

fn id() -> String {
    Uuid::new_v4().to_string()
}

fn secret() -> String {
    format!("Second-{}", Uuid::new_v4().simple())
}

fn members<'v>(value: &'v Json, key: &str) -> impl Iterator<Item = (&'v String, &'v Json)> + use<'v> {
    value[key].as_object().into_iter().flatten()
}

impl World {
    /// Makes everything the fixtures ask for; `url` is where it will be, `control` the surface and the name there.
    pub(super) fn new(fixtures: &Json, url: &str, control: (&str, &str)) -> Self {
        let mut world = Self {
            integrations: Vec::new(),
            workflows: Vec::new(),
            keys: Vec::new(),
            concurrency: HashMap::new(),
            state: Mutex::new(State {
                now: BEGINNING,
                ..State::default()
            }),
            changed: Condvar::new(),
            profile: json!({
                "profile": "second",
                "clock": "manual",
                "control": { "url": control.0, "sandbox": control.1 },
                "urls": { "hooks": url, "api": url, "auth": url },
                "limits": { "payload": PAYLOAD_LIMIT },
                "consent": { "bursts": true, "payloads_up_to": 16 << 20 },
            }),
        };
        for (name, workspace) in members(fixtures, "workspaces") {
            world.add_workspace(name, workspace);
        }
        for (name, integration) in members(fixtures, "integrations") {
            world.add_integration(name, integration);
        }
        for (name, workflow) in members(fixtures, "workflows") {
            world.add_workflow(name, workflow);
        }
        world
    }

    fn add_workspace(&mut self, name: &str, workspace: &Json) {
        if let Some(most) = workspace["concurrency"].as_u64() {
            self.concurrency.insert(name.to_owned(), most);
        }
        let mut clients = Map::new();
        for (client, role) in members(workspace, "clients") {
            let key = ApiKey {
                id: id(),
                secret: secret(),
                workspace: name.to_owned(),
                permitted: role.get("may").is_none(),
            };
            clients.insert(client.clone(), json!({ "id": key.id, "secret": key.secret }));
            self.keys.push(key);
        }
        self.profile["workspaces"][name] = json!({ "id": id(), "clients": clients });
    }

    fn add_integration(&mut self, name: &str, integration: &Json) {
        let headers = integration["headers"].as_array().into_iter().flatten();
        let headers = headers.map(|header| (header["name"].as_str().expect("a name").to_owned(), secret()));
        let made = Integration {
            id: id(),
            name: name.to_owned(),
            raw: integration["mode"] == "raw",
            headers: headers.collect(),
            signing: integration.get("hmac").map(|_| secret()),
        };
        let mut entry = json!({ "id": made.id, "workspace": integration["workspace"] });
        for (name, secret) in &made.headers {
            if entry["headers"].is_null() {
                entry["headers"] = json!([]);
            }
            let headers = entry["headers"].as_array_mut().expect("it is an array");
            headers.push(json!({ "name": name, "secret": secret }));
        }
        if let Some(secret) = &made.signing {
            entry["hmac"] = json!({
                "algorithm": "sha512", "encoding": "base64", "header": "X-Signed-By-Sender", "secret": secret,
            });
        }
        self.profile["integrations"][name] = entry;
        self.integrations.push(made);
    }

    fn add_workflow(&mut self, name: &str, definition: &Json) {
        let integration = definition["integration"].as_str().expect("it has one");
        let shared = definition["shared_with"].as_array().into_iter().flatten();
        let mut entry = json!({ "id": id(), "integration": integration });
        let mut ids = vec![entry["id"].as_str().expect("an id").to_owned()];
        for workspace in shared.filter_map(Json::as_str) {
            let id = id();
            entry["in"][workspace] = json!(id);
            ids.push(id);
        }
        let home = &self.profile["integrations"][integration]["workspace"];
        self.workflows.push(Workflow {
            ids,
            name: name.to_owned(),
            integration: integration.to_owned(),
            workspace: home.as_str().expect("it has one").to_owned(),
            definition: definition.clone(),
        });
        self.profile["workflows"][name] = entry;
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a workflow for an event, or queues it.
    pub(super) fn start(&self, state: &mut State, workflow: usize, (took, ending): (Duration, Ending)) -> Execution {
        let (now, workspace) = (state.now, &self.workflows[workflow].workspace);
        let most = self.concurrency.get(workspace).copied().unwrap_or(u64::MAX);
        // How long everything takes is known when it starts, and so is when there is room.
        let others: Vec<_> = state
            .executions
            .iter()
            .filter(|it| it.workspace == *workspace)
            .collect();
        let running = |at: u64| {
            others
                .iter()
                .filter(|it| it.ending.is_some() && it.starts <= at && at < it.ends)
                .count()
        };
        let ends = others.iter().map(|it| it.ends).filter(|end| *end > now);
        let free = std::iter::once(now)
            .chain(ends)
            .filter(|at| (running(*at) as u64) < most)
            .min();
        let starts = free.unwrap_or(now);
        let dropped = starts - now >= DAY;
        let execution = Execution {
            id: id(),
            workflow,
            workspace: workspace.clone(),
            created: now,
            starts: if dropped { now + DAY } else { starts },
            ends: if dropped {
                now + DAY
            } else {
                starts + took.as_nanos() as u64
            },
            ending: (!dropped).then_some(ending),
            caller: Caller::IsGone,
        };
        state.executions.push(execution.clone());
        execution
    }
}

impl State {
    /// Notes that the caller of an execution waits for it.
    pub(super) fn waits_for(&mut self, id: &str) {
        for execution in self.executions.iter_mut().filter(|it| it.id == id) {
            execution.caller = Caller::Waits;
        }
    }

    /// Takes a start out of an integration's bucket, which holds 25 and refills steadily.
    pub(super) fn take_start(&mut self, integration: &str) -> bool {
        const FULL: u64 = 25 * SECOND;
        let now = self.now;
        let (left, since) = self.buckets.entry(integration.to_owned()).or_insert((FULL, now));
        *left = FULL.min(left.saturating_add((now - *since).saturating_mul(25)));
        *since = now;
        let taken = *left >= SECOND;
        if taken {
            *left -= SECOND;
        }
        taken
    }

    /// Takes a request out of a workspace's second, which has 50.
    pub(super) fn take_request(&mut self, workspace: &str) -> bool {
        let second = self.now / SECOND;
        let window = self.windows.entry(workspace.to_owned()).or_default();
        if window.0 != second {
            *window = (second, 0);
        }
        window.1 += 1;
        window.1 <= 50
    }
}
