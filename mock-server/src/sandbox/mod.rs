//! A world of its own: configuration, state, clock and port.
//!
//! Sandboxes share nothing, so that parallel cases and parallel builds cannot meet.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{ClockMode, Config};
use crate::edge::listener::{self, Door};
use crate::edge::room::Room;
use crate::edge::service::Data;
use crate::edge::tls::Tls;
use crate::journal::JournalKey;
use crate::latency::{Delays, Latency};
use crate::limits::Limits;
use crate::meters::{Counted, Meters};
use crate::naming::{self, PublicHost};
use crate::retention::Budget;
use crate::timestamp::Timestamp;
use crate::traces::{Span, Traces};

mod access_log;
mod bell;
mod berths;
mod feed;
mod intervention;
mod registry;

use bell::Bell;
pub(crate) use berths::{Berths, NoBerth};
pub use berths::{Ports, PortsError};
pub(crate) use feed::{Feed, Happening, Seen};
pub(crate) use registry::Registry;

/// What a sandbox's connections work on.
#[derive(Debug)]
pub(crate) struct World {
    /// What happens; another one once another configuration is served.
    app: RwLock<Arc<App>>,
    /// When.
    pub(crate) clock: Arc<Clock>,
    /// Rings when something was seen, so that somebody can wait for the next thing.
    seen: Bell,
    /// What happened, for those who watch.
    pub(crate) feed: Feed,
    /// Turns true when the sandbox goes.
    closing: watch::Sender<bool>,
    /// What it is called in the log.
    name: String,
    /// What its server counts.
    meters: Arc<Meters>,
    /// Where its server's spans go.
    pub(crate) traces: Traces,
    /// How long its answers take on the way.
    pub(crate) delays: Delays,
    /// What its connections may cost.
    pub(crate) limits: Limits,
    /// Room for large bodies that are being read, of all sandboxes together.
    pub(crate) room: Arc<Room>,
    /// Places for held calls, of all sandboxes together.
    pub(crate) places_to_hold: Arc<Semaphore>,
}

/// What the sandboxes of one server have in common.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    /// What the server counts.
    pub(crate) meters: Arc<Meters>,
    /// Where spans of requests go.
    traces: Traces,
    /// The certificate of their listeners; without one they speak HTTP in the clear.
    pub(crate) tls: Option<Tls>,
    /// What their connections may cost.
    pub(crate) limits: Limits,
    /// Room for large bodies that are being read.
    room: Arc<Room>,
    /// Places for connections.
    places: Arc<Semaphore>,
    /// Places for held calls.
    places_to_hold: Arc<Semaphore>,
    /// Where those listen that are made at run time.
    pub(crate) berths: Arc<Berths>,
    /// What clients call them, if their addresses would not do.
    public_host: Option<Arc<PublicHost>>,
}

impl Common {
    pub(crate) fn new(tls: Option<Tls>, limits: Limits, traces: Traces) -> Self {
        Self {
            meters: Arc::default(),
            traces,
            tls,
            limits,
            room: Arc::new(Room::new(limits.body_room)),
            places: listener::places(limits.all_connections),
            places_to_hold: listener::places(limits.all_held),
            berths: Arc::default(),
            public_host: None,
        }
    }

    /// The same for sandboxes that listen there and are called so.
    pub(crate) fn at(self, berths: Berths, public_host: Option<PublicHost>) -> Self {
        Self {
            berths: Arc::new(berths),
            public_host: public_host.map(Arc::new),
            ..self
        }
    }
}

impl World {
    /// A world in which nothing has happened.
    pub(crate) fn new((app, delays): (App, Delays), clock: Arc<Clock>, (name, common): (&str, &Common)) -> Self {
        Self {
            app: RwLock::new(Arc::new(app)),
            clock,
            seen: Bell::new(),
            feed: Feed::new(),
            closing: watch::Sender::new(false),
            name: name.to_owned(),
            meters: common.meters.clone(),
            traces: common.traces.clone(),
            delays,
            limits: common.limits,
            room: common.room.clone(),
            places_to_hold: common.places_to_hold.clone(),
        }
    }

    /// Something else happens from now on.
    pub(crate) fn serve(&self, app: App) {
        *self.app.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(app);
        self.delays.rewind();
        self.announce();
    }

    /// A request has its answer: it is counted, if it is still remembered, a line about it is logged, and its span ends.
    pub(crate) fn account(&self, (app, span): (&App, &Span), key: JournalKey, counted: Option<Counted>) {
        if let Some(counted) = counted {
            self.meters.count(&counted);
        }
        let is_logged = tracing::enabled!(target: access_log::TARGET, tracing::Level::INFO);
        if (is_logged || span.is_wanted())
            && let Some(request) = app.request_at(key)
        {
            if is_logged {
                access_log::write(&self.name, &request);
            }
            span.end(&self.name, &request);
        }
    }

    /// What happens now. Whoever has begun with one ends with it.
    pub(crate) fn app(&self) -> Arc<App> {
        self.app.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests came since the journal was last emptied, or another configuration was served.
    pub(crate) fn received(&self) -> u64 {
        self.app().received()
    }

    pub(crate) fn announce(&self) {
        self.seen.ring();
    }

    /// Waits, at most `timeout` of real time, until something seen makes `reached` true. Looked at again now and then,
    /// since time alone changes executions.
    pub(crate) async fn until(&self, timeout: Duration, reached: impl Fn(&Self) -> bool) -> bool {
        const AGAIN: Duration = Duration::from_millis(50);
        let mut seen = self.seen.heard();
        let waiting = async {
            loop {
                seen.mark_unchanged();
                if reached(self) {
                    return;
                }
                // Either something was seen or it is time to look again.
                let _ = tokio::time::timeout(AGAIN, seen.changed()).await;
            }
        };
        tokio::time::timeout(timeout, waiting).await.is_ok()
    }

    /// The sandbox goes: what is held is answered as if its time were up.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Turns true when the sandbox goes.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}

/// What a sandbox is to be.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Its name on the control surface.
    pub(crate) id: String,
    /// What exists in it and how it behaves.
    pub(crate) config: Arc<Config>,
    /// Which clock it follows.
    pub(crate) clock: ClockMode,
    /// How much it remembers.
    pub(crate) budget: Budget,
    /// How long its answers take on the way.
    pub(crate) latency: Latency,
    /// How long it lives, in real time; as long as the process without it.
    pub(crate) time_to_live: Option<Duration>,
}

/// A running sandbox.
#[derive(Debug)]
pub(crate) struct Sandbox {
    /// Its name on the control surface.
    pub(crate) id: String,
    /// Where its data listener is.
    pub(crate) address: SocketAddr,
    /// What its base URL begins with.
    scheme: &'static str,
    /// What clients call it, if its address would not do.
    public_host: Option<Arc<PublicHost>>,
    /// When it goes by itself, in real time.
    pub(crate) expires_at: Option<Timestamp>,
    /// What its connections work on.
    pub(crate) world: Arc<World>,
    serving: JoinHandle<()>,
}

impl Sandbox {
    /// Starts serving on a bound listener.
    pub(crate) fn start(plan: Plan, listener: TcpListener, common: &Common) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let delays = Delays::new(plan.latency, plan.config.seed);
        let expires_at = plan.time_to_live.map(|time| Clock::new(ClockMode::System).now() + time);
        let world = Arc::new(World::new(
            (App::new(plan.config, plan.budget), delays),
            Clock::new(plan.clock),
            (&plan.id, common),
        ));
        let stop = world.closing();
        let serving = tokio::spawn(listener::serve(
            Door {
                listener,
                tls: common.tls.clone(),
                places: vec![listener::places(common.limits.connections), common.places.clone()],
                limits: common.limits,
            },
            Data(world.clone()),
            stop,
        ));
        Ok(Self {
            id: plan.id,
            address,
            scheme: if common.tls.is_some() { "https" } else { "http" },
            public_host: common.public_host.clone(),
            expires_at,
            world,
            serving,
        })
    }

    /// The base URL of all three surfaces, for somebody who called this machine `called`.
    pub(crate) fn base_url(&self, called: Option<&str>) -> String {
        let authority = naming::authority(self.address, self.public_host.as_deref(), called);
        format!("{}://{authority}", self.scheme)
    }

    /// Answers what is held, lets connections finish, and ends.
    pub(crate) async fn stop(self: Arc<Self>) {
        self.world.close();
        if let Some(sandbox) = Arc::into_inner(self) {
            // A serving task that panicked has nothing left to finish.
            let _ = sandbox.serving.await;
        }
    }
}
