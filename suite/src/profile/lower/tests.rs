//! Profiles that load, and what is said about those that do not.

use located_yaml::{Document, Paint, Sources};

use super::super::{Algorithm, Environment, Missing, Profile};

const GOOD: &str = r#"
profile: staging
clock: system
urls: { hooks: "https://hooks.torq.io/", api: https://api.torq.io, auth: https://auth.torq.io }
limits: { payload: unknown }
tolerance: 3s
workspaces:
  main: { clients: { operator: { id: abc, secret: "${env:SECRET}" } } }
integrations:
  open: { id: af6aab8d-0000-4000-8000-74259a93b18f, workspace: main }
  signed: { id: af6aab8d-0000-4000-8000-74259a93b180, workspace: main, hmac: { algorithm: sha512, header: X-Sig, secret: "${env:SECRET}" } }
workflows:
  respond: { id: 710c5349-b617-4000-8000-e15671ca4ffb, integration: open, in: { other: 710c5349-b617-4000-8000-e15671ca4ff0 } }
consent: { bursts: true, payloads_up_to: 2097152 }
unavailable: [ { fixture: vendor, reason: no licence } ]
"#;

#[test]
fn a_complete_profile_loads() {
    let profile = Profile::parse("p.yaml", GOOD, &Environment::from([("SECRET", "hunter2")])).expect("it is right");
    assert_eq!(profile.urls.hooks, "https://hooks.torq.io");
    assert_eq!(profile.limits.payload, None);
    assert!(profile.overridden_limits().is_empty());
    let signed = profile.integrations["signed"].hmac.as_ref().expect("it is signed");
    assert_eq!(
        (signed.algorithm, signed.secret.expose()),
        (Algorithm::Sha512, "hunter2")
    );
    assert_eq!(profile.unavailable[0].what, Missing::Fixture("vendor".into()));
    assert_eq!(profile.secrets().count(), 2);
    assert!(!format!("{profile:?}").contains("hunter2"));
}

#[track_caller]
fn check(text: &str) -> String {
    let problems = Profile::parse("p.yaml", text, &Environment::default()).expect_err("it is wrong");
    let document = Document::parse("p.yaml", text).expect("it is YAML");
    problems.render(&Sources::of(&document), Paint::Plain)
}

#[test]
fn every_problem_is_listed_with_its_place_and_a_way_out() {
    insta::assert_snapshot!(check(
        r#"
profil: staging
clock: manual
urls: { hooks: hooks.torq.io, api: "https://user:pw@api.torq.io" }
limits: { executions_per_second: 0, payload: many }
workspaces:
  main: { clients: { operator: { id: abc, secret: "${env:NOT_SET}" } } }
integrations:
  open: { id: x, workspace: mian }
workflows:
  respond: { integration: opne }
unavailable: [ { reason: none } ]
"#
    ));
}

#[test]
fn every_problem_of_the_network_is_listed_too() {
    insta::assert_snapshot!(check(
        r#"
profile: staging
urls: { hooks: https://hooks.torq.io, api: https://api.torq.io, auth: https://auth.torq.io }
network:
  proxy: { url: "https://proxy.example:3128", user: tester }
  authorities: [7]
  connect_timeout: 0s
  answer_timeout: 30s
  read_timeout: 5s
"#
    ));
    insta::assert_snapshot!(check(
        r#"
profile: staging
urls: { hooks: https://hooks.torq.io, api: https://api.torq.io, auth: https://auth.torq.io }
network: { proxy: { url: "http://proxy.example:3128", user: tester } }
"#
    ));
}

#[test]
fn a_network_loads_with_its_proxy_and_time_outs() {
    let text = format!(
        "{GOOD}network: {{ proxy: {{ url: \"http://proxy.example\", user: tester, password: \"${{env:SECRET}}\" }}, answer_timeout: 2m }}\n"
    );
    let profile = Profile::parse("p.yaml", &text, &Environment::from([("SECRET", "hunter2")])).expect("it is right");
    let proxy = profile.network.proxy.clone().expect("there is one");
    assert_eq!(
        (proxy.address.as_str(), profile.secrets().count()),
        ("proxy.example:80", 3)
    );
    assert_eq!(
        profile.network.answer_timeout,
        Some(std::time::Duration::from_secs(120))
    );
    assert!(!format!("{profile:?}").contains("hunter2"));
}

/// A case that ends a run inside the time-out, and one that sees it go over, need room on both sides.
#[test]
fn a_tolerance_that_tells_nothing_apart_is_refused() {
    let short = "limits: { payload: unknown, sync_timeout: 10s }";
    let accepted = GOOD
        .replace("limits: { payload: unknown }", short)
        .replace("tolerance: 3s", "tolerance: 2s");
    let environment = Environment::from([("SECRET", "x")]);
    Profile::parse("p.yaml", &accepted, &environment).expect("a fifth is enough");
    insta::assert_snapshot!(check(
        &accepted
            .replace("tolerance: 2s", "tolerance: 2001ms")
            .replace("${env:SECRET}", "x")
    ));
    insta::assert_snapshot!(check(
        &GOOD
            .replace("tolerance: 3s", "tolerance: 11s")
            .replace("${env:SECRET}", "x")
    ));
}

#[test]
fn authorities_that_cannot_be_used_are_named_with_their_place() {
    let text = format!("{GOOD}network: {{ authorities: [no-such-file.pem, Cargo.toml] }}\n");
    let profile = Profile::parse("p.yaml", &text, &Environment::from([("SECRET", "x")])).expect("it is right");
    let problems = profile.network.certificates().expect_err("neither is one");
    let document = Document::parse("p.yaml", &text).expect("it is YAML");
    insta::assert_snapshot!(problems.render(&Sources::of(&document), Paint::Plain));
}
