//! Deployments that all cases share: a server with the fixtures, described by its own profile, in real time and on a
//! clock that is moved by hand.

use torq_conformance::profile::{Environment, Profile};
use torq_conformance::progress::Silent;
use torq_conformance::report::Outcome;
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::stop::{OnFailure, Stop, StopReason};
use torq_conformance::target::Target;
use torq_conformance::verdict::Verdict;
use torq_conformance::{Run, conduct, plan};
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::fault::Faults;
use torq_mock_server::{Server, Settings};

/// A server with the fixtures, and the profile it prints.
async fn serve(loaded: &Loaded, clock: ClockMode) -> (Server, serde_json::Value) {
    serve_wrong(loaded, clock, &[]).await
}

/// The same with faults.
async fn serve_wrong(loaded: &Loaded, clock: ClockMode, faults: &[&str]) -> (Server, serde_json::Value) {
    let fixtures = &loaded.specs.fixtures;
    let config = Config::load(&fixtures.file, &fixtures.text, None).expect("the fixtures are a configuration");
    let faults = Faults::named(faults.iter().copied()).expect("there are such faults");
    let config = config.with_faults(faults);
    let settings = Settings {
        config: Some(config),
        clock: Some(clock),
        ..Settings::default()
    };
    let server = Server::start(settings).await.expect("it listens");
    let profile = server.profile().expect("the sandbox is there");
    (server, profile)
}

/// Header secrets that are not the right ones.
fn spoil_secrets(profile: &mut serde_json::Value) {
    let integrations = profile["integrations"].as_object_mut().expect("it is an object");
    for integration in integrations.values_mut() {
        if integration.get("headers").is_some() {
            integration["headers"][0]["secret"] = "not the right one".into();
        }
    }
}

/// Runs the cases that a filter takes, one target and one pace for all of them.
async fn run(loaded: &Loaded, profile: &serde_json::Value, filter: &str, stop: &Stop) -> Vec<(String, Verdict)> {
    let specs = &loaded.specs;
    let profile = Profile::parse("profile", &profile.to_string(), &Environment::default()).expect("it can be read");
    let client = Client::new(&profile.network).expect("a client is made");
    let target = Target::of_profile(profile.clone(), client.http());
    let plan = plan::plan(specs, &[filter.to_owned()], Some(&profile)).expect("the filter matches");
    let latency = target.reach(&client).await.expect("it listens");
    let run = Run {
        jobs: 8,
        latency,
        stop: stop.clone(),
        ..Run::new(specs, plan, (&target, &client))
    };
    let outcome: Outcome<'_> = conduct(run, &Silent).await;
    let cases = outcome.cases.iter();
    cases.map(|it| (it.case.id.clone(), it.judgement.verdict)).collect()
}

fn in_time<F: Future>(test: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(test)
}

#[track_caller]
fn assert_all_hold(seen: &[(String, Verdict)]) {
    let holds = |verdict| matches!(verdict, Verdict::Passed | Verdict::Recorded | Verdict::Unavailable);
    let other: Vec<_> = seen.iter().filter(|(_, verdict)| !holds(*verdict)).collect();
    assert!(other.is_empty(), "{other:?}");
    assert!(seen.iter().any(|(_, verdict)| *verdict == Verdict::Passed));
}

/// More triggers than a second allows, and bursts that need the whole of it: nobody trips a limit by accident.
#[test]
fn a_shared_deployment_in_real_time_is_judged_without_tripping_its_limits() {
    in_time(async {
        let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
        let (server, profile) = serve(&loaded, ClockMode::System).await;
        for filter in ["authentication.signature.*", "answers.rate-limit.at-the-limit.*"] {
            assert_all_hold(&run(&loaded, &profile, filter, &Stop::default()).await);
        }
        server.shutdown().await;
    });
}

#[test]
fn one_sandbox_for_all_cases_does_as_well_as_one_for_each() {
    in_time(async {
        let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
        let (server, mut profile) = serve(&loaded, ClockMode::Manual).await;
        profile["control"]["fresh_sandboxes"] = false.into();
        for filter in ["running.*", "answers.rate-limit.*"] {
            assert_all_hold(&run(&loaded, &profile, filter, &Stop::default()).await);
        }
        server.shutdown().await;
    });
}

/// A mock that makes a sandbox for every case is judged as it is, and by what its profile says.
#[test]
fn sandboxes_of_their_own_excuse_neither_a_mock_nor_a_profile() {
    in_time(async {
        let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
        let failed = |seen: &[(String, Verdict)]| seen.iter().any(|(_, verdict)| *verdict == Verdict::Failed);
        let filter = "authentication.header*";
        let (server, profile) = serve_wrong(&loaded, ClockMode::Manual, &["secret-not-checked"]).await;
        assert!(failed(&run(&loaded, &profile, filter, &Stop::default()).await));
        server.shutdown().await;

        let (server, mut profile) = serve(&loaded, ClockMode::Manual).await;
        assert!(!failed(&run(&loaded, &profile, filter, &Stop::default()).await));
        spoil_secrets(&mut profile);
        assert!(failed(&run(&loaded, &profile, filter, &Stop::default()).await));
        server.shutdown().await;
    });
}

#[test]
fn a_run_that_is_ended_judges_nothing_it_has_not_seen() {
    in_time(async {
        let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
        let (server, profile) = serve(&loaded, ClockMode::Manual).await;
        let stop = Stop::default();
        stop.now(StopReason::Interrupted);
        let seen = run(&loaded, &profile, "urls.*", &stop).await;
        assert!(!seen.is_empty());
        assert!(
            seen.iter().all(|(_, verdict)| *verdict == Verdict::Inconclusive),
            "{seen:?}"
        );
        server.shutdown().await;
    });
}

#[test]
fn the_first_failure_ends_a_run_that_asked_for_it() {
    in_time(async {
        let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
        let (server, mut profile) = serve(&loaded, ClockMode::Manual).await;
        // One job at a time, and a header secret that is not the right one.
        profile["control"]["fresh_sandboxes"] = false.into();
        spoil_secrets(&mut profile);
        let seen = run(&loaded, &profile, "authentication.header*", &Stop::new(OnFailure::Stop)).await;
        let count = |wanted| seen.iter().filter(|(_, verdict)| *verdict == wanted).count();
        assert_eq!(count(Verdict::Failed), 1, "{seen:?}");
        assert!(count(Verdict::Inconclusive) > 0, "{seen:?}");
        server.shutdown().await;
    });
}
