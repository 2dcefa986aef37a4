//! Listeners, one for the control surface and one for each world, and a thread for every connection.
//!
//! The control surface has what moving time needs and no more: worlds, their clocks, and waiting for held calls.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use located_yaml::parse_duration;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::http::{Answer, Request};
use super::triggers::{self, Called};
use super::world::{PAYLOAD_LIMIT, World};
use super::{refusal, retrieval};

/// How long the control surface waits for what it is asked to wait for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A listener that can be closed.
struct Door {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Door {
    /// Listens, and hands every connection to a thread of its own.
    fn open(serve: impl Fn(&TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it has an address");
        let closed = Arc::new(AtomicBool::new(false));
        let (serve, seen) = (Arc::new(serve), closed.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if seen.load(Ordering::Relaxed) {
                    return;
                }
                let serve = serve.clone();
                thread::spawn(move || serve(&stream));
            }
        });
        Self { address, closed }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        // Somebody has to knock for the listener to notice.
        let _ = TcpStream::connect(self.address);
    }
}

type Worlds = Arc<Mutex<HashMap<String, (Arc<World>, Door)>>>;

/// The whole implementation.
pub(super) struct Second {
    control: Door,
}

impl Second {
    pub(super) fn start() -> Self {
        let worlds = Worlds::default();
        let own = Arc::new(Mutex::new(String::new()));
        let told = own.clone();
        let control = Door::open(move |stream| {
            let url = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
            exchange(
                stream,
                usize::MAX,
                |request| Called::Answered(command(&worlds, &url, request)),
                |_| {},
            );
        });
        *own.lock().unwrap_or_else(PoisonError::into_inner) = control.url();
        Self { control }
    }

    pub(super) fn control_url(&self) -> String {
        self.control.url()
    }
}

/// One request and its answer, sent when it is due.
fn exchange(stream: &TcpStream, limit: usize, answer: impl FnOnce(&Request) -> Called, wait: impl FnOnce(u64)) {
    let Ok(Some(request)) = Request::read(stream, limit) else {
        let _ = refusal(400, "this is no request").write(stream, "");
        return;
    };
    let answer = match answer(&request) {
        Called::Answered(answer) => answer,
        Called::Due(due, answer) => {
            wait(due);
            answer
        }
    };
    // A caller that is gone needs no answer.
    let _ = answer.write(stream, &request.method);
}

/// Serves one connection of a world.
fn serve(world: &World, stream: &TcpStream) {
    let mut held = None;
    exchange(
        stream,
        PAYLOAD_LIMIT,
        |request| route(world, request),
        |due| held = wait_until(world, due),
    );
    if let Some(call) = held {
        // Only now the answer is on its way.
        world.lock().held.remove(&call);
        world.changed.notify_all();
    }
}

/// Holds a call until its time has come; nothing when that was so at once.
fn wait_until(world: &World, due: u64) -> Option<u64> {
    let mut state = world.lock();
    if state.now >= due {
        return None;
    }
    state.calls += 1;
    let call = state.calls;
    state.held.insert(call, due);
    world.changed.notify_all();
    while state.now < due {
        state = world.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    Some(call)
}

fn route(world: &World, request: &Request) -> Called {
    let path = request.path.as_str();
    if let Some(rest) = path.strip_prefix("/v1/webhooks/") {
        triggers::call(world, rest, request)
    } else if let Some(rest) = path.strip_prefix("/public/v1alpha/") {
        retrieval::ask(world, rest, request).into()
    } else if path == "/v1/auth/token" {
        retrieval::grant(world, request).into()
    } else {
        refusal(400, "nothing is here").into()
    }
}

fn command(worlds: &Worlds, url: &str, request: &Request) -> Answer {
    let asked = |name: &str| {
        let mut given = form_urlencoded::parse(request.query.as_bytes());
        given
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
    let locked = || worlds.lock().unwrap_or_else(PoisonError::into_inner);
    let world = |name: &str| locked().get(name).map(|(world, _)| world.clone());
    let answer = match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/sandboxes") => {
            let (name, world, door) = create(&body, url);
            let made = json!({ "id": name, "profile": world.profile });
            locked().insert(name, (world, door));
            Some(made)
        }
        ("DELETE", path) => {
            let gone = locked().remove(path.trim_start_matches("/sandboxes/"));
            gone.map(|_| json!({}))
        }
        ("GET", "/clock") => world(&asked("sandbox")).map(|world| reading(&world, 0)),
        ("POST", "/clock") => world(&asked("sandbox")).and_then(|world| advance(&world, &body)),
        ("GET", "/wait") => world(&asked("sandbox")).map(|world| {
            let held = asked("held").parse().unwrap_or_default();
            json!({ "matched": are_held(&world, held) })
        }),
        _ => None,
    };
    match answer {
        Some(answer) => Answer::new(200, "application/json", answer.to_string()),
        None => refusal(409, "that cannot be done"),
    }
}

fn create(body: &Json, url: &str) -> (String, Arc<World>, Door) {
    let fixtures: Json = serde_yaml::from_str(body["config"].as_str().unwrap_or_default()).expect("they are YAML");
    let name = Uuid::new_v4().to_string();
    // The door is there before the world behind it.
    let place: Arc<Mutex<Option<Arc<World>>>> = Arc::default();
    let behind = place.clone();
    let door = Door::open(move |stream| {
        let world = behind.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(world) = world {
            serve(&world, stream);
        }
    });
    let world = Arc::new(World::new(&fixtures, &door.url(), (url, &name)));
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(world.clone());
    (name, world, door)
}

fn reading(world: &World, answered: usize) -> Json {
    let state = world.lock();
    json!({ "now_nanos": state.now.to_string(), "answered": answered, "held": state.held.len() })
}

/// Waits until so many calls are held; tells whether they are.
fn are_held(world: &World, held: usize) -> bool {
    let state = world.lock();
    let waited = world
        .changed
        .wait_timeout_while(state, PATIENCE, |state| state.held.len() < held);
    waited.is_ok_and(|(_, timeout)| !timeout.timed_out())
}

/// Moves time through everything that is due, in its order.
fn advance(world: &World, body: &Json) -> Option<Json> {
    let by = parse_duration(body["advance"].as_str()?).ok()?;
    let held = body["when"]["held"].as_u64().unwrap_or_default();
    if !are_held(world, usize::try_from(held).ok()?) {
        return None;
    }
    let enough = body["until"]["answered"].as_u64().unwrap_or(u64::MAX);
    let target = world.lock().now + u64::try_from(by.as_nanos()).ok()?;
    let mut answered = 0;
    while answered < enough {
        let mut state = world.lock();
        let Some(due) = state.held.values().copied().filter(|due| *due <= target).min() else {
            state.now = target;
            break;
        };
        state.now = due;
        world.changed.notify_all();
        answered += state.held.values().filter(|it| **it == due).count() as u64;
        let deadline = Instant::now() + PATIENCE;
        while state.held.values().any(|it| *it == due) && Instant::now() < deadline {
            let waited = world.changed.wait_timeout(state, PATIENCE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
    Some(reading(world, usize::try_from(answered).ok()?))
}
