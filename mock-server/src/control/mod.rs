//! The management surface: clock, journal, executions, sandboxes. Not part of the emulated API.
//!
//! Routes and reads; what happens is the sandbox's. Every answer is JSON, every refusal says what would have been right.

mod answer;
mod asked;
mod configurations;
mod dashboard;
mod events;
mod faults;
mod history;
mod reloading;
mod requests;
mod routes;
mod running;
mod sandboxes;
mod time;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body as _, Incoming};
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use answer::{AnswerBody, ControlAnswer};
use configurations::Configurations;
use dashboard::Token;
use reloading::Reloading;

pub use reloading::{ReloadError, Saved, Source};

use crate::edge::delivery::Outbox;
use crate::edge::listener::{self, HalfClose, Service, Unserved};
use crate::meters::Meters;
use crate::naming;
use crate::profile;
use crate::retention::Budget;
use crate::sandbox::{Common, Registry, Sandbox};

/// The largest control request: a configuration with room to spare.
const MAX_BODY: usize = 8 << 20;

/// Bodies up to this length are read at any time.
const SMALL_BODY: u64 = 64 << 10;

/// What the control surface works on.
#[derive(Debug)]
pub(crate) struct Control {
    registry: Arc<Registry>,
    configurations: Configurations,
    access: Access,
    /// How much a sandbox remembers when its maker says nothing else.
    budget: Budget,
    /// What its sandboxes have in common.
    common: Common,
    reloading: Reloading,
    /// Places for bodies that are not small.
    large_bodies: Arc<Semaphore>,
    /// Turns true when the server ends.
    stopping: AtomicBool,
    /// Places for those who watch.
    readers: Arc<Semaphore>,
}

/// Where the control surface is and who may use it.
#[derive(Debug)]
pub(crate) struct Access {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it demands as `Authorization: Bearer`.
    pub(crate) token: Option<String>,
}

impl Control {
    pub(crate) fn new(
        registry: Arc<Registry>,
        access: Access,
        (budget, common): (Budget, Common),
        source: Option<Source>,
    ) -> Self {
        let large_bodies = listener::places(common.limits.control_bodies);
        Self {
            registry,
            configurations: Configurations::default(),
            access,
            budget,
            common,
            reloading: Reloading::of(source),
            stopping: AtomicBool::new(false),
            large_bodies,
            readers: Arc::new(Semaphore::new(events::MAX_READERS)),
        }
    }

    fn meters(&self) -> &Meters {
        &self.common.meters
    }

    const fn reloading(&self) -> &Reloading {
        &self.reloading
    }

    /// The server ends: it is ready for nothing new.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) const fn configurations(&self) -> &Configurations {
        &self.configurations
    }

    fn readers(&self) -> Arc<Semaphore> {
        self.readers.clone()
    }

    pub(crate) const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Where it is, for somebody who called this machine `called`.
    pub(crate) fn url(&self, called: Option<&str>) -> String {
        format!("http://{}", naming::authority(self.access.address, None, called))
    }

    pub(crate) fn profile_of(&self, sandbox: &Sandbox, called: Option<&str>) -> Value {
        let world = &sandbox.world;
        profile::profile(
            world.app().config(),
            world.clock.mode(),
            &sandbox.base_url(called),
            Some((&self.url(called), &sandbox.id)),
        )
    }

    /// Refuses other sites: a foreign `Host` is a page that rebound its name to us, a foreign `Origin` one that sends blindly.
    fn refuse_foreigner(&self, host: &str, headers: &HeaderMap) -> Option<ControlAnswer> {
        let name = naming::host_of(host);
        let own = self.access.address.ip().to_string();
        let local = matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name == own || name == format!("[{own}]");
        if !local && self.access.token.is_none() {
            return Some(ControlAnswer::error(
                403,
                format!("the control surface is not called {host:?}"),
            ));
        }
        let origin = headers.get(ORIGIN).and_then(|it| it.to_str().ok())?;
        let is_own = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
        (!is_own).then(|| ControlAnswer::error(403, format!("pages of {origin:?} have no say here")))
    }

    /// Refuses whoever does not have the token, where one is demanded.
    fn refuse_stranger(&self, path: &str, headers: &HeaderMap) -> Option<ControlAnswer> {
        // A probe knows no secrets, and learns none.
        if matches!(path, "/healthz" | "/readyz") {
            return None;
        }
        let token = self.access.token.as_ref()?;
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|it| it.to_str().ok())
            .and_then(|it| it.strip_prefix("Bearer "));
        let known = given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.as_bytes())));
        (!known).then(|| ControlAnswer::error(401, "send the control token as `Authorization: Bearer …`"))
    }

    /// A file of the dashboard, if that is what is asked for.
    fn page(&self, head: &Parts) -> Option<ControlAnswer> {
        let accept = head
            .headers
            .get(ACCEPT)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default();
        let token = self.access.token.as_ref().map_or(Token::None, |_| Token::Required);
        let path = Some(head.uri.path()).filter(|_| head.method == Method::GET)?;
        dashboard::file(path, accept, token)
    }
}

impl Control {
    /// Reads a body. Large ones are read a few at a time, and none for long.
    async fn read(&self, body: Incoming) -> Result<Bytes, ControlAnswer> {
        let limits = &self.common.limits;
        let _place = match body.size_hint().upper() {
            Some(length) if length <= SMALL_BODY => None,
            Some(_) | None => match tokio::time::timeout(limits.turn, self.large_bodies.acquire()).await {
                // The semaphore is never closed.
                Ok(place) => place.ok(),
                Err(_) => {
                    let message = format!(
                        "{} bodies over {SMALL_BODY} bytes are being read already; send this one again",
                        limits.control_bodies
                    );
                    return Err(ControlAnswer::error(503, message));
                }
            },
        };
        let reading = Limited::new(body, MAX_BODY).collect();
        match tokio::time::timeout(limits.body, reading).await {
            Ok(Ok(read)) => Ok(read.to_bytes()),
            Ok(Err(_)) | Err(_) => {
                let message = format!("the body could not be read, took too long, or is larger than {MAX_BODY} bytes");
                Err(ControlAnswer::error(413, message))
            }
        }
    }
}

/// What the control listener serves.
#[derive(Clone, Debug)]
pub(crate) struct Surface(pub(crate) Arc<Control>);

impl Service for Surface {
    type Body = AnswerBody;

    const HALF_CLOSE: HalfClose = HalfClose::Hangup;

    async fn answer(self, request: Request<Incoming>, _: Outbox) -> Response<AnswerBody> {
        answer(&self.0, request).await
    }

    /// The journals are the sandboxes'; nothing that happens here is in them.
    fn note(&self, _: Unserved) {}
}

/// What the caller calls this listener: `Host`, or what stands for it in HTTP/2.
fn host(head: &Parts) -> &str {
    let written = head.headers.get(HOST).and_then(|it: &HeaderValue| it.to_str().ok());
    let authority = || head.uri.authority().map(http::uri::Authority::as_str);
    written.or_else(authority).unwrap_or_default()
}

async fn answer(control: &Control, request: Request<Incoming>) -> Response<AnswerBody> {
    let (head, body) = request.into_parts();
    let host = host(&head);
    let early = control
        .refuse_foreigner(host, &head.headers)
        .or_else(|| control.page(&head))
        .or_else(|| control.refuse_stranger(head.uri.path(), &head.headers));
    if let Some(answer) = early {
        return answer.into_response();
    }
    let body = match control.read(body).await {
        Ok(body) => body,
        Err(answer) => return answer.into_response(),
    };
    let query = head.uri.query().unwrap_or_default();
    let asked = asked::Asked {
        // A HEAD is a GET whose body stays here, which the HTTP layer sees to.
        method: if head.method == Method::HEAD {
            "GET"
        } else {
            head.method.as_str()
        },
        path: head.uri.path(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        body: &body,
        called: Some(naming::host_of(host)),
        last_event_id: head.headers.get("last-event-id").and_then(|it| it.to_str().ok()),
        wants_json: head
            .headers
            .get("accept")
            .is_some_and(|it| it.to_str().is_ok_and(|it| it.contains("json"))),
    };
    routes::dispatch(control, &asked).await.into_response()
}
