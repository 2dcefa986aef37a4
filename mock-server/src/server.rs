//! A mock server: a control listener, a default sandbox, and as many more as are asked for.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{ClockMode, Config};
use crate::control::{Access, Control, ReloadError, Saved, Source, Surface};
use crate::edge::listener::{self, Door};
use crate::edge::tls::Tls;
use crate::ids::Seed;
use crate::latency::Latency;
use crate::limits::Limits;
use crate::naming::PublicHost;
use crate::retention::Budget;
use crate::sandbox::{Berths, Common, Plan, Ports, Registry, Sandbox, World};
use crate::traces::Traces;

/// The name of the sandbox every server starts with.
pub const DEFAULT_SANDBOX: &str = "default";

/// How much longer than the sandboxes the control surface serves at most, in real time.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a server is started. The default: loopback, free ports, the built-in configuration.
#[derive(Debug)]
pub struct Settings {
    /// Where the default sandbox listens.
    pub data: SocketAddr,
    /// Where the control surface listens.
    pub control: SocketAddr,
    /// What the control surface demands as `Authorization: Bearer`; required off loopback.
    pub control_token: Option<String>,
    /// The default sandbox's configuration; `None`: the built-in one.
    pub config: Option<Config>,
    /// Its clock; `None`: the configuration's.
    pub clock: Option<ClockMode>,
    /// The seed of the built-in configuration.
    pub seed: Option<Seed>,
    /// How much a sandbox remembers when its maker says nothing else.
    pub budget: Budget,
    /// How long answers of the default sandbox take on the way.
    pub latency: Latency,
    /// What connections may cost.
    pub limits: Limits,
    /// The certificate of the data listeners; without one they speak HTTP in the clear.
    pub tls: Option<Tls>,
    /// What clients call the data listeners in the URLs they are told; their addresses without it.
    pub public_host: Option<PublicHost>,
    /// The ports of sandboxes that are made at run time; free ones without it.
    pub sandbox_ports: Option<Ports>,
    /// Where the default sandbox's configuration can be read again.
    pub source: Option<Source>,
    /// Where spans of requests go. Whoever made it has it [finish](Traces) once the server has stopped.
    pub traces: Traces,
}

impl Default for Settings {
    fn default() -> Self {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            data: free,
            control: free,
            control_token: None,
            config: None,
            clock: None,
            seed: None,
            budget: Budget::DEFAULT,
            latency: Latency::None,
            limits: Limits::default(),
            tls: None,
            public_host: None,
            sandbox_ports: None,
            source: None,
            traces: Traces::default(),
        }
    }
}

/// Why a server does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        reason: io::Error,
    },
    /// The control surface would be open to everybody.
    #[error("the control surface at {0} is not on loopback and has no token")]
    OpenControl(SocketAddr),
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    control: Arc<Control>,
    stop: watch::Sender<bool>,
    /// Until somebody waits for it.
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Starts listening.
    ///
    /// # Errors
    /// When an address is taken, or the control surface would be open off loopback.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        if !settings.control.ip().is_loopback() && settings.control_token.is_none() {
            return Err(StartError::OpenControl(settings.control));
        }
        let bind = async |address| {
            TcpListener::bind(address)
                .await
                .map_err(|reason| StartError::Bind { address, reason })
        };
        let (data, control) = (bind(settings.data).await?, bind(settings.control).await?);
        let unusable = |address| move |reason| StartError::Bind { address, reason };
        let address = control.local_addr().map_err(unusable(settings.control))?;
        let config = settings.config.unwrap_or_else(|| Config::built_in(settings.seed));
        let clock = settings.clock.unwrap_or(config.clock());
        let plan = Plan {
            id: DEFAULT_SANDBOX.to_owned(),
            config: Arc::new(config),
            clock,
            budget: settings.budget,
            latency: settings.latency,
            time_to_live: None,
        };
        let registry = Arc::new(Registry::default());
        let berths = Berths::new(settings.data.ip(), settings.sandbox_ports);
        let common = Common::new(settings.tls, settings.limits, settings.traces).at(berths, settings.public_host);
        registry.add(Sandbox::start(plan, data, &common).map_err(unusable(settings.data))?);
        let access = Access {
            address,
            token: settings.control_token,
        };
        let surface = Arc::new(Control::new(
            registry,
            access,
            (settings.budget, common),
            settings.source,
        ));
        let stop = watch::Sender::new(false);
        let serving = tokio::spawn(listener::serve(
            Door {
                listener: control,
                tls: None,
                places: vec![listener::places(settings.limits.control_connections)],
                limits: settings.limits,
            },
            Surface(surface.clone()),
            stop.subscribe(),
        ));
        Ok(Self {
            control: surface,
            stop,
            serving: Mutex::new(Some(serving)),
        })
    }

    /// Where the control surface is.
    #[must_use]
    pub fn control_url(&self) -> String {
        self.control.url(None)
    }

    /// The base URL of the default sandbox, while it exists.
    #[must_use]
    pub fn base_url(&self) -> Option<String> {
        self.control
            .registry()
            .get(DEFAULT_SANDBOX)
            .map(|sandbox| sandbox.base_url(None))
    }

    /// The default sandbox's profile.
    #[must_use]
    pub fn profile(&self) -> Option<serde_json::Value> {
        self.control
            .registry()
            .get(DEFAULT_SANDBOX)
            .map(|sandbox| self.control.profile_of(&sandbox, None))
    }

    /// Reads the default sandbox's configuration again, and serves it if nothing is wrong with it. Executions, journal and
    /// ids begin anew; the clock, the port and open connections stay.
    ///
    /// # Errors
    /// When there is nothing to read again, or what is read is wrong; the old configuration is served on then.
    pub fn reload(&self) -> Result<(), ReloadError> {
        self.control.reload()
    }

    /// The same for a configuration whose file may have been saved: nothing happens unless it says something else.
    ///
    /// # Errors
    /// Those of [`Self::reload`], once for each thing that is wrong.
    pub fn reload_if_changed(&self) -> Result<Saved, ReloadError> {
        self.control.reload_if_changed()
    }

    /// What the default sandbox's connections work on.
    pub(crate) fn default_world(&self) -> Option<Arc<World>> {
        let sandbox = self.control.registry().get(DEFAULT_SANDBOX)?;
        Some(sandbox.world.clone())
    }

    /// Stops: held calls are answered as if their time were up, connections get a moment to finish.
    pub async fn shutdown(self) {
        self.finish().await;
    }

    /// The same, for those who keep it.
    pub(crate) async fn finish(&self) {
        self.control.stop();
        // All at once: each may take its moment.
        let sandboxes = self.control.registry().take_all();
        let stopping: Vec<_> = sandboxes.into_iter().map(|it| tokio::spawn(it.stop())).collect();
        let stopping = async {
            for stopped in stopping {
                // One that panicked has stopped as well.
                let _ = stopped.await;
            }
        };
        tokio::pin!(stopping);
        // The control surface stays a little longer, to say that nothing new is served.
        let stopped = tokio::time::timeout(LAST_WORDS, &mut stopping).await;
        self.stop.send_replace(true);
        if stopped.is_err() {
            stopping.await;
        }
        let serving = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(serving) = serving {
            // A serving task that panicked has nothing left to finish.
            let _ = serving.await;
        }
    }
}

/// A server that nobody has stopped stops listening, and answers what it holds on its runtime's time.
impl Drop for Server {
    fn drop(&mut self) {
        for sandbox in self.control.registry().all() {
            sandbox.world.close();
        }
        self.stop.send_replace(true);
    }
}
