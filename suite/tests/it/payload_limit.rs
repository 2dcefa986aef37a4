//! Looking for the payload limit that a profile does not name: mocks of several limits and one of none, over real sockets.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use torq_conformance::evidence::Evidence;
use torq_conformance::profile::{Environment, Profile};
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::target::Target;
use torq_conformance::verdict::Strictness;
use torq_conformance::{Run, conduct, plan};
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::{Server as Mock, Settings};

use crate::servers::{Server, Turn, on_every_connection};

/// The cases about the limit, and the evidence for it.
const FILTER: &str = "answers.payload-*";

/// A mock with this limit, and its profile without it.
async fn serve(loaded: &Loaded, limit: u64, clock: ClockMode) -> (Mock, Json) {
    let fixtures = &loaded.specs.fixtures;
    let text = format!("{}\nbehaviour: {{ payload: {{ limit: {limit} }} }}\n", fixtures.text);
    let config = Config::load(&fixtures.file, &text, None).expect("the fixtures are a configuration");
    let settings = Settings {
        config: Some(config),
        clock: Some(clock),
        ..Settings::default()
    };
    let server = Mock::start(settings).await.expect("it listens");
    let mut profile = server.profile().expect("the sandbox is there");
    profile["limits"]["payload"] = "unknown".into();
    if clock == ClockMode::Manual {
        profile["control"]["fresh_sandboxes"] = false.into();
    }
    (server, profile)
}

/// The report of a run with many jobs.
async fn run(loaded: &Loaded, profile: &Json, filter: &str) -> Json {
    let profile = Profile::parse("profile", &profile.to_string(), &Environment::default()).expect("it can be read");
    let client = Client::new(&profile.network).expect("a client is made");
    let target = Target::of_profile(profile.clone(), client.http());
    let run = Run {
        jobs: 8,
        latency: target.reach(&client).await.expect("it listens"),
        ..Run::new(
            &loaded.specs,
            plan::plan(&loaded.specs, &[filter.to_owned()], Some(&profile)).expect("the filter matches"),
            (&target, &client),
        )
    };
    let evidence = Evidence::of(&conduct(run, &Silent).await, Strictness::Lenient);
    serde_json::to_value(evidence).expect("it is JSON")
}

/// How many cases came to what, and one reason.
fn verdicts(report: &Json) -> (BTreeMap<&str, usize>, &str) {
    let mut counts = BTreeMap::new();
    let cases = report["cases"].as_array().expect("cases");
    for case in cases {
        *counts.entry(case["verdict"].as_str().expect("a word")).or_default() += 1;
    }
    let reason = cases.iter().find_map(|case| case["reason"].as_str());
    (counts, reason.unwrap_or_default())
}

fn built_in() -> Loaded {
    spec::load(&Source::Embedded).expect("the specs are in the binary")
}

fn sizes(report: &Json) -> Vec<u64> {
    let exchanges = report["payload_search"]["exchanges"].as_array().expect("exchanges");
    let sizes = exchanges.iter().map(|it| it["request"]["body"]["size"].as_u64());
    sizes.map(|size| size.expect("a size")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_limit_is_found_to_the_byte_once_for_all_cases() {
    let loaded = built_in();
    for (limit, clock) in [
        (1 << 20, ClockMode::Manual),
        (300_001, ClockMode::Manual),
        (9_999, ClockMode::Manual),
        (100_000, ClockMode::System),
    ] {
        let (server, profile) = serve(&loaded, limit, clock).await;
        let report = run(&loaded, &profile, FILTER).await;
        server.shutdown().await;
        assert_eq!(
            report["payload_search"]["limit"], limit,
            "{:?}",
            report["payload_search"]["reason"]
        );
        assert_eq!(report["facts"]["payload-limit"], limit.to_string());
        let (counts, _) = verdicts(&report);
        assert!(
            counts.keys().all(|it| ["passed", "recorded"].contains(it)) && counts["passed"] > 0,
            "{limit}: {counts:?}"
        );
        let sizes = sizes(&report);
        assert!(
            sizes.contains(&limit) && sizes.contains(&(limit + 1)),
            "{limit}: {sizes:?}"
        );
        assert!(sizes.len() < 40, "{limit}: {sizes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_beyond_what_is_consented_to_makes_its_cases_inconclusive() {
    let loaded = built_in();
    let (server, mut profile) = serve(&loaded, 1 << 30, ClockMode::Manual).await;
    profile["consent"] = json!({ "payloads_up_to": 200_000 });
    let report = run(&loaded, &profile, "answers.payload-limit.*").await;
    server.shutdown().await;
    assert_eq!(sizes(&report), [65_536, 131_072, 200_000]);
    assert_eq!(report["facts"]["payload-limit"], Json::Null);
    let (counts, reason) = verdicts(&report);
    assert_eq!(counts.keys().collect::<Vec<_>>(), [&"inconclusive"], "{counts:?}");
    assert!(
        reason.starts_with("no 413 up to 200000 bytes, which is what the profile consents to; raise"),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_known_is_not_looked_for() {
    let loaded = built_in();
    let (server, mut profile) = serve(&loaded, 5_000, ClockMode::Manual).await;
    profile["limits"]["payload"] = 5_000.into();
    let report = run(&loaded, &profile, FILTER).await;
    server.shutdown().await;
    assert_eq!(report["payload_search"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_about_the_size_never_becomes_a_limit() {
    let loaded = built_in();
    let (mock, mut profile) = serve(&loaded, 5_000, ClockMode::System).await;
    mock.shutdown().await;
    for (turn, expected) in [
        (Turn::HangsUp, "had its connection closed before an answer"),
        (
            Turn::Says(crate::servers::bytes("503 Busy")),
            "was answered 503, 3 times",
        ),
        (
            Turn::Says(crate::servers::bytes("404 Nobody")),
            "a body of 65536 bytes was answered 404",
        ),
        (
            Turn::Says(crate::servers::bytes("413 Always")),
            "even a body of 256 bytes is answered 413",
        ),
    ] {
        let server = Server::start(on_every_connection(turn)).await;
        for surface in ["hooks", "api", "auth"] {
            profile["urls"][surface] = server.url().into();
        }
        let report = run(&loaded, &profile, "answers.payload-facts.limit").await;
        assert_eq!(report["payload_search"]["limit"], Json::Null);
        let (counts, reason) = verdicts(&report);
        assert_eq!(counts.keys().collect::<Vec<_>>(), [&"inconclusive"], "{counts:?}");
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
}
