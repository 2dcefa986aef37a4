//! What stands between the suite and a server: tunnelling proxies, TLS, and a network with faults of its own.
//!
//! Every relay listens on port 0, carries bytes as they are, and stops when it is dropped.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Something that listens and passes on.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    /// What its callers asked for, in order.
    pub(crate) seen: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Relay {
    /// Treats every connection like this; `serve` is given what to note things in and the connection's number.
    async fn start<F, R>(serve: F) -> Self
    where
        F: Fn(TcpStream, Arc<Mutex<Vec<String>>>, u64) -> R + Send + 'static,
        R: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = seen.clone();
        let accepting = tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                // What goes wrong on a connection is its caller's to see.
                tokio::spawn(serve(stream, noted.clone(), number));
            }
        });
        Self {
            address,
            seen,
            accepting,
        }
    }

    /// An HTTP proxy: opens tunnels and passes on absolute URLs, for whoever knows the credentials, if there are any.
    pub(crate) async fn proxy(credentials: Option<&'static str>) -> Self {
        Self::start(move |stream, seen, _| proxy(stream, seen, credentials)).await
    }

    /// Speaks TLS with a certificate of its own and passes on what it decrypts.
    pub(crate) async fn tls(identity: &Identity, to: SocketAddr) -> Self {
        let acceptor = identity.acceptor();
        Self::start(move |stream, _, _| {
            let acceptor = acceptor.clone();
            async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut behind = TcpStream::connect(to).await?;
                tokio::io::copy_bidirectional(&mut stream, &mut behind).await?;
                Ok(())
            }
        })
        .await
    }

    /// A network with faults of its own.
    pub(crate) async fn rough(weather: Weather, to: SocketAddr) -> Self {
        Self::start(move |stream, seen, number| async move {
            let dice = Dice::new(weather.seed, number);
            if dice.chance("reset", weather.resets) {
                seen.lock().expect("nobody panicked").push("reset".to_owned());
                return reset(stream, dice.below("when", 400)).await;
            }
            let behind = TcpStream::connect(to).await?;
            stream.set_nodelay(true)?;
            behind.set_nodelay(true)?;
            let (from_caller, to_caller) = stream.into_split();
            let (from_server, to_server) = behind.into_split();
            let (out, mut back) = (weather.delay(&dice, "out"), weather.delay(&dice, "back"));
            if dice.chance("slow", weather.slow) {
                back.at_once = TRICKLE;
            }
            tokio::try_join!(carry(from_caller, to_server, out), carry(from_server, to_caller, back))?;
            Ok(())
        })
        .await
    }

    /// What was noted so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("nobody panicked").clone()
    }
}

async fn proxy(mut caller: TcpStream, seen: Arc<Mutex<Vec<String>>>, wanted: Option<&str>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(caller.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let line = head.lines().next().unwrap_or_default().to_owned();
    seen.lock().expect("nobody panicked").push(line.clone());
    let given = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("proxy-authorization").then_some(value)
    });
    if given != wanted {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return caller.write_all(refusal.as_bytes()).await;
    }
    let asked_for = line.split(' ').nth(1).unwrap_or_default().to_owned();
    if line.starts_with("CONNECT ") {
        let mut behind = TcpStream::connect(asked_for).await?;
        caller.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        tokio::io::copy_bidirectional(&mut caller, &mut behind).await?;
        return Ok(());
    }
    let authority = asked_for
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap_or_default();
    let mut behind = TcpStream::connect(authority).await?;
    let origin_form = head.replacen(&format!("http://{authority}"), "", 1);
    behind.write_all(origin_form.as_bytes()).await?;
    tokio::io::copy_bidirectional(&mut caller, &mut behind).await?;
    Ok(())
}

/// A certificate authority and one certificate it has issued.
pub(crate) struct Identity {
    authority: String,
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    /// A certificate for a name.
    pub(crate) fn of(name: &str) -> Self {
        Self::made(name, |_| {})
    }

    /// A certificate for a name that was good once.
    pub(crate) fn expired(name: &str) -> Self {
        Self::made(name, |params| {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        })
    }

    fn made(name: &str, change: impl Fn(&mut CertificateParams)) -> Self {
        let mut of_authority = CertificateParams::new(Vec::new()).expect("no name is no wrong name");
        of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(of_authority, KeyPair::generate().expect("a key is made"));
        let authority = authority.expect("it signs itself");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("it is a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key is made");
        let certificate = params.signed_by(&key, &authority).expect("the authority signs it");
        Self {
            authority: authority.pem(),
            certificate,
            key,
        }
    }

    /// Writes the authority's certificate, so that somebody can trust it.
    pub(crate) fn write_authority(&self, path: &Path) {
        std::fs::write(path, &self.authority).expect("a file is written");
    }

    fn acceptor(&self) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).expect("it is a key");
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], key)
            .expect("certificate and key belong together");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// How many bytes of an answer that trickles arrive at a time.
const TRICKLE: usize = 64;

/// What a rough network does to connections; the same to the same connection of every run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// What chance begins with.
    pub(crate) seed: u64,
    /// How long every byte is under way at least, one way.
    pub(crate) latency: Duration,
    /// How much longer it may be.
    pub(crate) jitter: Duration,
    /// Connections reset instead of served, in a thousand.
    pub(crate) resets: u64,
    /// Connections whose answers trickle, in a thousand.
    pub(crate) slow: u64,
}

/// How bytes travel in one direction.
#[derive(Clone, Copy, Debug)]
struct Delay {
    each: Duration,
    /// At most this many bytes at a time.
    at_once: usize,
}

impl Weather {
    fn delay(&self, dice: &Dice, way: &str) -> Delay {
        let jitter = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        Delay {
            each: self.latency + Duration::from_millis(dice.below(way, jitter + 1)),
            at_once: 64 << 10,
        }
    }
}

/// Chance that can be repeated.
#[derive(Clone, Copy, Debug)]
struct Dice {
    seed: u64,
    connection: u64,
}

impl Dice {
    const fn new(seed: u64, connection: u64) -> Self {
        Self { seed, connection }
    }

    fn below(&self, what: &str, limit: u64) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        (self.seed, self.connection, what).hash(&mut hasher);
        hasher.finish() % limit.max(1)
    }

    fn chance(&self, what: &str, in_a_thousand: u64) -> bool {
        self.below(what, 1_000) < in_a_thousand
    }
}

/// Reads a little and resets the connection: closing with unread data, or without lingering, sends no FIN.
async fn reset(mut stream: TcpStream, after_bytes: u64) -> io::Result<()> {
    let mut read = vec![0; usize::try_from(after_bytes).unwrap_or_default()];
    let count = stream.read(&mut read).await?;
    drop(read.drain(..count));
    stream.set_zero_linger()?;
    Ok(())
}

async fn carry(
    mut from: impl AsyncRead + Unpin + Send,
    mut to: impl AsyncWrite + Unpin + Send,
    delay: Delay,
) -> io::Result<()> {
    let mut buffer = vec![0; delay.at_once];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        tokio::time::sleep(delay.each).await;
        to.write_all(&buffer[..count]).await?;
    }
}
