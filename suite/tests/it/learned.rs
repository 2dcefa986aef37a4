//! `learn` against a mock with every open knob at another value than usual: a mock with what was learned makes the same choices.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value as Json;
use serde_yaml::Value as Yaml;
use torq_conformance::learn::{self, Facts};
use torq_conformance::profile::{Environment, Profile};
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::target::{Embedded, Target};
use torq_conformance::{Run, conduct, plan};
use torq_mock_server::behaviour::{Behaviour, Grade};
use torq_mock_server::config::{ClockMode, Config};
use torq_mock_server::{Server, Settings};

use crate::cli::torq_conformance;

/// Open knobs that nothing on the wire tells, and why.
const NOT_TOLD: [&str; 1] = [
    // It matters only where an integration has the time of signing signed, and no fixture does.
    "authentication.signature_joint",
];

/// A mock on a clock that is moved by hand, and its profile, which does not name the payload limit.
async fn serve(configuration: &str) -> (Server, Json) {
    let config = Config::load("learned.yaml", configuration, None);
    let settings = Settings {
        config: Some(config.unwrap_or_else(|problems| panic!("{problems:?}\n{configuration}"))),
        clock: Some(ClockMode::Manual),
        ..Settings::default()
    };
    let server = Server::start(settings).await.expect("it listens");
    let mut profile = server.profile().expect("the sandbox is there");
    profile["limits"]["payload"] = "unknown".into();
    (server, profile)
}

/// Everything a deployment does where nobody publishes what is right.
async fn observe(loaded: &Loaded, target: &Target, client: &Client) -> Facts {
    let mut plan = plan::plan(&loaded.specs, &[], None).expect("nothing is filtered");
    plan.cases.retain(|case| learn::teaches(case));
    let run = Run::new(&loaded.specs, plan, (target, client));
    learn::facts(&conduct(run, &Silent).await)
}

/// Knobs that hide each other: what the one does cannot be seen while the other is at another value than usual.
const APART: [&str; 2] = ["rate.scope", "rate.partly_refused"];

/// For every open knob but one the value in the table of open questions that is not its default.
fn unusual(but: &str) -> String {
    let table: Yaml = serde_yaml::from_str(include_str!("../data/open-questions.yaml")).expect("the table is YAML");
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    for knob in Behaviour::default()
        .knobs()
        .into_iter()
        .filter(|it| it.grade == Grade::Open)
    {
        let full = format!("{}.{}", knob.section, knob.name);
        if NOT_TOLD.contains(&full.as_str()) || full == but {
            continue;
        }
        let values = table["knobs"][full.as_str()].as_mapping().expect("it is in the table");
        let values = values.keys().map(|key| key.as_str().expect("a key in quotes"));
        // Of three values the last: the second is what a default is most easily taken for.
        let value = values
            .filter(|value| *value != knob.value)
            .last()
            .expect("another value");
        let is_word = knob.accepts.split(" | ").any(|word| word == value);
        let written = if is_word {
            format!("'{value}'")
        } else {
            value.to_owned()
        };
        let section = sections.entry(knob.section.to_owned()).or_default();
        section.push_str(&format!("    {}: {written}\n", knob.name));
    }
    let sections = sections.into_iter().map(|(name, knobs)| format!("  {name}:\n{knobs}"));
    format!("\nbehaviour:\n{}", sections.collect::<String>())
}

#[test]
fn every_open_knob_is_in_the_table_of_what_tells_it() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let told = loaded
        .specs
        .knobs
        .iter()
        .map(|it| format!("{}.{}", it.section, it.name));
    let told: BTreeSet<String> = told.chain(NOT_TOLD.map(str::to_owned)).collect();
    let open = Behaviour::default()
        .knobs()
        .into_iter()
        .filter(|it| it.grade == Grade::Open);
    let open: BTreeSet<String> = open.map(|it| format!("{}.{}", it.section, it.name)).collect();
    assert_eq!(told, open);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mock_that_was_learned_makes_the_same_choices() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    for but in APART {
        learn_and_compare(&loaded, &unusual(but)).await;
    }
}

async fn learn_and_compare(loaded: &Loaded, behaviour: &str) {
    let (server, profile) = serve(&format!("{}{behaviour}", loaded.specs.fixtures.text)).await;
    let folder = tempfile::tempdir().expect("a folder is made");
    let (file, out) = (folder.path().join("profile.yaml"), folder.path().join("learned"));
    fs::write(&file, profile.to_string()).expect("a file is written");
    let arguments = [&file, &out].map(|path| path.to_str().expect("temporary folders have plain names").to_owned());
    let ended = tokio::task::spawn_blocking(move || {
        let [file, out] = &arguments;
        torq_conformance(&["learn", "--profile", file, "--out", out])
    });
    let ended = ended.await.expect("it ends");
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let read = |name: &str| fs::read_to_string(out.join(name)).expect("it is written");
    let client = Client::new(&torq_conformance::profile::Network::default()).expect("a client is made");
    // The profile that was written is whole, and names the limit.
    let completed = Profile::parse("profile.yaml", &read("profile.yaml"), &Environment::default());
    let completed = completed.unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(completed.limits.payload, Some(300_000));
    let original = observe(loaded, &Target::of_profile(completed, client.http()), &client).await;
    server.shutdown().await;

    let configuration = read("mock.yaml");
    if let Err(problems) = Embedded::check("mock.yaml", &configuration) {
        panic!("{problems:?}");
    }
    let (again, mut profile) = serve(&configuration).await;
    profile["limits"]["payload"] = 300_000.into();
    let profile = Profile::parse("again.yaml", &profile.to_string(), &Environment::default()).expect("it can be read");
    let learned = observe(loaded, &Target::of_profile(profile, client.http()), &client).await;
    again.shutdown().await;

    let all: BTreeSet<&String> = original.keys().chain(learned.keys()).collect();
    let differences: Vec<_> = all
        .into_iter()
        .filter(|name| original.get(*name) != learned.get(*name))
        .map(|name| format!("{name}: {:?}, learned {:?}", original.get(name), learned.get(name)))
        .collect();
    assert!(
        differences.is_empty(),
        "{}\n{}\n{configuration}",
        differences.join("\n"),
        ended.stdout
    );
    assert!(original.len() > 150, "{}", original.len());
}
