//! The way to a deployment: proxies, private certificate authorities, and what is said when there is no way.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::bench::{profile, specs_of_one_case};
use crate::cli::{Ended, torq_conformance};
use crate::relays::{Identity, Relay};
use crate::servers::{Server, says, statuses};

/// One request of the ordinary client, and one that is written byte by byte.
const BOTH_CARRIERS: &str = "- request: { surface: hooks, path: /probe, text: hello }
  expect: { status: 200 }
- request: { surface: hooks, path: /probe, generated: { bytes: 20000, framing: chunked } }
  expect: { status: 200 }";

/// A deployment, and a profile that leads to it by some way.
struct Way {
    runtime: Runtime,
    server: Server,
    folder: TempDir,
    out: PathBuf,
}

impl Way {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let server = runtime.block_on(Server::start(statuses(&[200])));
        let folder = specs_of_one_case(BOTH_CARRIERS);
        let out = folder.path().join("out");
        Self {
            runtime,
            server,
            folder,
            out,
        }
    }

    fn server(&self) -> SocketAddr {
        let url = self.server.url();
        let address = url.trim_start_matches("http://");
        address.parse().expect("servers of tests have numeric addresses")
    }

    /// Runs the program with a deployment at `url` and this `network` in the profile.
    fn run(&self, url: &str, network: &str) -> Ended {
        let path = self.folder.path().join("profile.yaml");
        fs::write(&path, format!("{}{network}\n", profile(url))).expect("a file is written");
        let text = |path: &std::path::Path| path.to_str().expect("temporary folders have plain names").to_owned();
        let (specs, profile, out) = (text(self.folder.path()), text(&path), text(&self.out));
        torq_conformance(&["run", "--specs", &specs, "--profile", &profile, "--out", &out])
    }
}

/// Ended with 3, judged nothing, and said all of this.
#[track_caller]
fn assert_no_way(way: &Way, ended: &Ended, parts: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (3, ""), "{}", ended.stderr);
    for part in parts.iter().chain(&["nothing was judged"]) {
        assert!(ended.stderr.contains(part), "`{part}` is missing:\n{}", ended.stderr);
    }
    assert!(!way.out.exists(), "nothing was judged, so nothing is reported");
}

#[test]
fn a_proxy_carries_what_both_carriers_send_and_its_password_shows_up_nowhere() {
    let way = Way::new();
    // `tester:open sesame` in Base64.
    let proxy = way
        .runtime
        .block_on(Relay::proxy(Some("Basic dGVzdGVyOm9wZW4gc2VzYW1l")));
    let network = format!(
        "network: {{ proxy: {{ url: \"http://{}\", user: tester, password: open sesame }} }}",
        proxy.address
    );
    let ended = way.run(&way.server.url(), &network);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let seen = proxy.seen();
    let (target, url) = (way.server(), way.server.url());
    let tunnel = format!("CONNECT {target} HTTP/1.1");
    assert!(
        seen.iter().filter(|it| **it == tunnel).count() >= 2,
        "one to look, one to write: {seen:?}"
    );
    assert!(seen.contains(&format!("GET {url}/probe HTTP/1.1")), "{seen:?}");
    let report = fs::read_to_string(way.out.join("report.json")).expect("there is a report");
    for text in [&ended.stdout, &ended.stderr, &report] {
        assert!(!text.contains("open sesame") && !text.contains("dGVzdGVyOm9wZW4gc2VzYW1l"));
    }
}

#[test]
fn hosts_that_are_excepted_are_reached_without_the_proxy() {
    let way = Way::new();
    let proxy = way.runtime.block_on(Relay::proxy(None));
    let network = format!(
        "network: {{ proxy: {{ url: \"http://{}\", except: [127.0.0.1] }} }}",
        proxy.address
    );
    let ended = way.run(&way.server.url(), &network);
    assert_eq!((ended.code, proxy.seen()), (0, Vec::new()), "{}", ended.stderr);
}

#[test]
fn a_proxy_that_wants_a_password_says_so_through_us() {
    let way = Way::new();
    let proxy = way
        .runtime
        .block_on(Relay::proxy(Some("Basic dGVzdGVyOm9wZW4gc2VzYW1l")));
    let network = format!("network: {{ proxy: {{ url: \"http://{}\" }} }}", proxy.address);
    let ended = way.run(&way.server.url(), &network);
    let proxy = proxy.address.to_string();
    assert_no_way(
        &way,
        &ended,
        &["407", &proxy, "`network.proxy.user` and `network.proxy.password`"],
    );
}

#[test]
fn a_private_authority_is_trusted_when_the_profile_names_it() {
    let way = Way::new();
    let identity = Identity::of("localhost");
    let tls = way.runtime.block_on(Relay::tls(&identity, way.server()));
    let url = format!("https://localhost:{}", tls.address.port());
    let ended = way.run(&url, "");
    assert_no_way(&way, &ended, &["certificate of localhost", "`network.authorities`"]);
    identity.write_authority(&way.folder.path().join("authority.pem"));
    let ended = way.run(&url, "network: { authorities: [authority.pem] }");
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn tls_goes_through_the_tunnel_of_a_proxy_for_both_carriers() {
    let way = Way::new();
    let identity = Identity::of("localhost");
    let (tls, proxy) = way
        .runtime
        .block_on(async { (Relay::tls(&identity, way.server()).await, Relay::proxy(None).await) });
    identity.write_authority(&way.folder.path().join("authority.pem"));
    let url = format!("https://localhost:{}", tls.address.port());
    let network = format!(
        "network: {{ authorities: [authority.pem], proxy: {{ url: \"http://{}\" }} }}",
        proxy.address
    );
    let ended = way.run(&url, &network);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let tunnel = format!("CONNECT localhost:{} HTTP/1.1", tls.address.port());
    let seen = proxy.seen();
    assert_eq!(seen, vec![tunnel; seen.len()]);
    assert!(seen.len() >= 3, "one to look, one for each carrier: {seen:?}");
}

#[test]
fn certificates_that_are_wrong_are_told_apart() {
    let way = Way::new();
    for (identity, host, advice) in [
        (Identity::expired("localhost"), "localhost", "expired"),
        (
            Identity::of("elsewhere.example"),
            "localhost",
            "issued for another name",
        ),
    ] {
        let tls = way.runtime.block_on(Relay::tls(&identity, way.server()));
        identity.write_authority(&way.folder.path().join("authority.pem"));
        let url = format!("https://{host}:{}", tls.address.port());
        let ended = way.run(&url, "network: { authorities: [authority.pem] }");
        assert_no_way(&way, &ended, &[advice]);
    }
}

#[test]
fn names_nobody_knows_and_ports_without_tls_come_with_advice() {
    let way = Way::new();
    // No resolver has to be asked about a label of more than 63 characters.
    let name = format!("{}.invalid", "x".repeat(64));
    let ended = way.run(&format!("http://{name}"), "");
    assert_no_way(&way, &ended, &[&format!("nobody knows the name {name}"), "`urls`"]);
    let plain = way
        .runtime
        .block_on(Server::start(crate::servers::always(says("plain"))));
    let url = plain.url().replace("http://", "https://");
    let ended = way.run(&url, "");
    assert_no_way(&way, &ended, &["no TLS with 127.0.0.1", "`http://`"]);
}

#[test]
fn a_deployment_that_never_accepts_ends_the_wait_in_time() {
    let way = Way::new();
    // A proxy that reads and never answers looks, to who waits for a tunnel, like packets that are swallowed.
    let silent = way.runtime.block_on(Server::start(crate::servers::on_every_connection(
        crate::servers::Turn::Keeps,
    )));
    let proxy = silent.url();
    let network = format!("network: {{ connect_timeout: 200ms, proxy: {{ url: \"{proxy}\" }} }}");
    let ended = way.run(&way.server.url(), &network);
    assert_no_way(&way, &ended, &["within 200ms", "`network.connect_timeout`"]);
}
