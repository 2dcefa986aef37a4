//! `doctor` against deployments that are wrong in one way each: it says which fixture, and what is wrong with it.
//!
//! A mock is set up wrongly, or its profile is, in just that way; nothing else may be complained about.

use std::fs;

use serde_json::{Value as Json, json};
use torq_conformance::doctor::{self, Ailment, Examination, Examiner};
use torq_conformance::profile::{Environment, Profile};
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::stop::Stop;
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::{Server, Settings};

use crate::cli::torq_conformance;

/// One way to be wrong.
struct Row {
    /// A text of the fixtures and what stands there instead.
    configuration: Option<(&'static str, &'static str)>,
    /// A place of the profile and what stands there instead; `null` takes it away.
    profile: Option<(&'static str, Json)>,
    /// What has to be said: how it ails, the fixture, and a part of the sentence.
    says: (Ailment, &'static str, &'static str),
}

const fn set_up(from: &'static str, to: &'static str, says: (Ailment, &'static str, &'static str)) -> Row {
    Row {
        configuration: Some((from, to)),
        profile: None,
        says,
    }
}

fn named(place: &'static str, value: Json, says: (Ailment, &'static str, &'static str)) -> Row {
    Row {
        configuration: None,
        profile: Some((place, value)),
        says,
    }
}

/// A workflow of the fixtures whose steps come right after its integration.
fn rows() -> Vec<Row> {
    use Ailment::{Missing, Wrong};
    let unknown = || json!("7c9e6679-7425-40de-944b-e07fc1f90ae7");
    vec![
        // Deployments that are not what the guide says.
        set_up(
            "    integration: fan-out\n    published:\n      - exit: { parameters: { note: { type: string, value: \"{{ $.event.note }}\" } } }\n\n  second:",
            "    integration: fan-out\n    draft:\n      - exit: { parameters: { note: { type: string, value: \"{{ $.event.note }}\" } } }\n\n  second:",
            (Wrong, "workflow first", "it has no published version"),
        ),
        set_up(
            "    integration: fan-out\n    draft:",
            "    integration: fan-out\n    published:",
            (Wrong, "workflow draft", "it has a published version"),
        ),
        set_up(
            "    condition: { path: $.event.kind, equals: alert }\n",
            "",
            (
                Wrong,
                "workflow conditional",
                "not so: an event of another kind is held back by the trigger condition",
            ),
        ),
        set_up(
            "value: latest",
            "value: earlier",
            (
                Wrong,
                "workflow revised",
                "not so: its latest published version says \"latest\"",
            ),
        ),
        set_up(
            "count: { type: number, value: \"{{ $.event.count }}\" }",
            "counted: { type: number, value: \"{{ $.event.count }}\" }",
            (
                Wrong,
                "workflow respond-without-body",
                "not so: its Exit operator takes",
            ),
        ),
        set_up(
            "      - fail: the only step of this workflow always fails",
            "      - exit: {}",
            (Wrong, "workflow failing", "not so: its run fails"),
        ),
        set_up(
            "    headers:\n      - name: X-Torq-Token\n",
            "",
            (
                Missing,
                "integration guarded",
                "the profile names no authentication header of it",
            ),
        ),
        set_up(
            "    workspace: main\n    mode: raw",
            "    workspace: main",
            (Wrong, "workflow raw", "not so: its event is the request itself"),
        ),
        set_up(
            "      outsider: { may: [] }",
            "      outsider: {}",
            (
                Wrong,
                "workspace main",
                "not so: the client `outsider` is given a token and may not read executions",
            ),
        ),
        set_up(
            "    concurrency: 2\n    clients:\n      operator: {}",
            "    concurrency: 2\n    clients:\n      operator: { may: [] }",
            (
                Wrong,
                "workspace second",
                "not so: the client `operator` is given a token and may read executions",
            ),
        ),
        set_up(
            "  shared:\n    build: >-\n      Triggered by `sharing`",
            "  shared:\n    enabled: false\n    build: >-\n      Triggered by `sharing`",
            (Wrong, "workflow shared", "it has no published version"),
        ),
        // Profiles that name something else than there is.
        named(
            "/integrations/guarded/headers/0/secret",
            json!("another secret"),
            (
                Wrong,
                "integration guarded",
                "it demands another authentication header, or another secret",
            ),
        ),
        named(
            "/integrations/open/headers",
            json!([{ "name": "X-Stray", "secret": "stray" }]),
            (Wrong, "nothing", ""),
        ),
        named(
            "/integrations/twice-guarded/headers/1/name",
            json!("X-Third-Token"),
            (
                Wrong,
                "integration twice-guarded",
                "it demands another authentication header",
            ),
        ),
        named(
            "/integrations/signed/hmac/secret",
            json!("another key"),
            (Wrong, "integration signed", "it wants requests signed in another way"),
        ),
        named(
            "/integrations/signed/hmac/encoding",
            json!("base64"),
            (Wrong, "integration signed", "it wants requests signed in another way"),
        ),
        named(
            "/integrations/vendor/id",
            unknown(),
            (
                Wrong,
                "integration vendor",
                "no integration has the id the profile names",
            ),
        ),
        named(
            "/integrations/idle/id",
            unknown(),
            (Wrong, "integration idle", "no integration has the id the profile names"),
        ),
        named(
            "/integrations/vendor/id",
            json!("no-uuid"),
            (Wrong, "integration vendor", "the id the profile names is no UUID"),
        ),
        named(
            "/workflows/slow/id",
            unknown(),
            (Wrong, "workflow slow", "no workflow has the id the profile names"),
        ),
        named(
            "/workflows/shared/in/consumer",
            unknown(),
            (Wrong, "workflow shared", "no workflow has the id the profile names"),
        ),
        named(
            "/workspaces/consumer/clients/operator/secret",
            json!("another secret"),
            (
                Wrong,
                "workspace consumer",
                "the token endpoint gives the first client of it no token",
            ),
        ),
        named(
            "/workspaces/main/clients/outsider/id",
            json!("nobody"),
            (
                Wrong,
                "workspace main",
                "the token endpoint gives the client `outsider` of it no token",
            ),
        ),
        // Profiles that lack something.
        named(
            "/workflows/cors",
            Json::Null,
            (Missing, "workflow cors", "the profile does not name it"),
        ),
        named(
            "/workspaces/consumer/clients/operator",
            Json::Null,
            (
                Missing,
                "workspace consumer",
                "the profile has no client `operator` of it",
            ),
        ),
        named(
            "/integrations/signed/hmac",
            Json::Null,
            (
                Missing,
                "integration signed",
                "the profile does not say how it wants requests signed",
            ),
        ),
        named(
            "/workflows/shared/in",
            Json::Null,
            (
                Missing,
                "workflow shared",
                "the profile does not say which id it has in the workspace `consumer`",
            ),
        ),
        named(
            "/workflows/echo/integration",
            json!("raw"),
            (
                Missing,
                "workflow echo",
                "the profile says that `raw` triggers it; the cases need it behind `open`",
            ),
        ),
    ]
}

async fn serve(text: &str) -> (Server, Json) {
    let config = Config::load("fixtures.yaml", text, None);
    let settings = Settings {
        config: Some(config.unwrap_or_else(|problems| panic!("{problems:?}"))),
        clock: Some(ClockMode::Manual),
        ..Settings::default()
    };
    let server = Server::start(settings).await.expect("it listens");
    let profile = server.profile().expect("the sandbox is there");
    (server, profile)
}

async fn examine(loaded: &Loaded, profile: &Json) -> Examination {
    let profile = Profile::parse("profile", &profile.to_string(), &Environment::default());
    let profile = profile.unwrap_or_else(|problems| panic!("{problems:?}"));
    let client = Client::new(&profile.network).expect("a client is made");
    let target = doctor::target(profile.clone(), &client);
    let examiner = Examiner {
        client: &client,
        latency: target.reach(&client).await.expect("it listens"),
        jobs: 4,
        stop: Stop::default(),
    };
    doctor::examine(&loaded.specs, (&profile, &target), examiner, &Silent).await
}

/// Puts a value in its place.
fn replace(profile: &mut Json, (place, value): (&str, Json)) {
    let (parent, key) = place.rsplit_once('/').expect("a place has a parent");
    let parent = profile.pointer_mut(parent).expect("the parent is there");
    match (parent, value) {
        (Json::Object(entries), Json::Null) => {
            entries.remove(key).expect("it was there");
        }
        (parent, value) => parent[key] = value,
    }
}

fn told(examination: &Examination) -> Vec<(Ailment, String, String)> {
    let findings = examination.findings.iter();
    findings
        .map(|it| {
            let fixture = format!("{} {}", it.fixture.kind.word(), it.fixture.name);
            (it.ailment, fixture, it.what.clone())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_be_wrong_is_told() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let fixtures = &loaded.specs.fixtures.text;
    let mut complaints = Vec::new();
    for Row {
        configuration,
        profile: edit,
        says: (ailment, fixture, part),
    } in rows()
    {
        let text = configuration.map_or_else(
            || fixtures.clone(),
            |(from, to)| {
                assert!(fixtures.contains(from), "the fixtures have no {from}");
                fixtures.replacen(from, to, 1)
            },
        );
        let what = format!("{configuration:?} {edit:?}");
        let (server, mut profile) = serve(&text).await;
        if let Some(edit) = edit {
            replace(&mut profile, edit);
        }
        let examination = examine(&loaded, &profile).await;
        server.shutdown().await;
        let told = told(&examination);
        let expected = |one: &(Ailment, String, String)| one.0 == ailment && one.1 == fixture && one.2.contains(part);
        // An integration set up wrongly may show in several of its workflows.
        let right = match told.as_slice() {
            [] => fixture == "nothing",
            [one] => expected(one),
            [one, other] => fixture == "workflow raw" && (expected(one) || expected(other)),
            _ => false,
        };
        if !right {
            complaints.push(format!("{what}\n  {told:?}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_is_ready_is_told_to_be_in_few_requests() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let (server, profile) = serve(&loaded.specs.fixtures.text).await;
    let examination = examine(&loaded, &profile).await;
    server.shutdown().await;
    assert_eq!(told(&examination), []);
    assert_eq!(examination.well.len(), loaded.specs.probes.len());
    assert!(examination.requests <= 60, "{}", examination.requests);
    assert_eq!(examination.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_unavailable_is_not_asked_for() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let (server, mut profile) = serve(&loaded.specs.fixtures.text).await;
    for (kind, name) in [
        ("workflows", "signed"),
        ("integrations", "signed"),
        ("workflows", "shared"),
    ] {
        profile[kind].as_object_mut().expect("it is an object").remove(name);
    }
    profile["unavailable"] = json!([
        { "fixture": "signed", "reason": "no integration checks signatures" },
        { "fixture": "shared", "reason": "there is one workspace only" },
    ]);
    let examination = examine(&loaded, &profile).await;
    server.shutdown().await;
    assert_eq!(told(&examination), []);
    assert_eq!(examination.declared.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_how_it_went() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let (server, ready) = serve(&loaded.specs.fixtures.text).await;
    let mut wrong = ready.clone();
    replace(
        &mut wrong,
        ("/integrations/guarded/headers/0/secret", json!("a canary of a secret")),
    );
    let mut elsewhere = ready.clone();
    elsewhere["urls"]["hooks"] = "https://deployment.invalid".into();
    let mut unreadable = ready.clone();
    unreadable["limits"]["payload"] = "much".into();
    let folder = tempfile::tempdir().expect("a folder is made");
    let ended = |name: &str, profile: &Json| {
        let file = folder.path().join(name);
        fs::write(&file, profile.to_string()).expect("a file is written");
        let file = file.to_str().expect("temporary folders have plain names").to_owned();
        tokio::task::spawn_blocking(move || torq_conformance(&["doctor", "--profile", &file]))
    };
    for (name, profile, code, part) in [
        ("ready.yaml", &ready, 0, "ready for a run"),
        (
            "wrong.yaml",
            &wrong,
            1,
            "wrong  integration guarded: it demands another authentication header",
        ),
        ("unreadable.yaml", &unreadable, 2, "nothing was sent"),
        (
            "elsewhere.yaml",
            &elsewhere,
            3,
            "https://deployment.invalid cannot be reached",
        ),
    ] {
        let ended = ended(name, profile).await.expect("it ends");
        let all = format!("{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, code, "{name}: {all}");
        assert!(all.contains(part), "{name}: {all}");
        assert!(!all.contains("canary"), "{name}: {all}");
    }
    server.shutdown().await;
}
