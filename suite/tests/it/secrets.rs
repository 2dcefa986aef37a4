//! Canaries: secrets that a run uses, and that nothing it leaves behind may contain in any encoding.

mod hostile;
mod mock;
mod scanner;
mod spellings;

use std::collections::BTreeSet;

use data_encoding::{BASE64, HEXLOWER};
use torq_conformance::evidence::Evidence;
use torq_conformance::plan;
use torq_conformance::profile::Network;
use torq_conformance::progress::Silent;
use torq_conformance::report;
use torq_conformance::run::Client;
use torq_conformance::spec::{self, Source};
use torq_conformance::target::Target;
use torq_conformance::verdict::{Strictness, Verdict};
use torq_conformance::{Run, conduct};
use torq_mock_server::config::Config;
use torq_mock_server::{Server, Settings};

/// Every value below a key `secret`.
fn secrets(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                match value.as_str().filter(|_| key == "secret") {
                    Some(secret) => {
                        found.insert(secret.to_owned());
                    }
                    None => secrets(value, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| secrets(item, found)),
        _ => {}
    }
}

/// The profile of a mock that has the fixtures; the mock is gone.
async fn described() -> serde_json::Value {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let config = Config::load("fixtures.yaml", &loaded.specs.fixtures.text, None);
    let settings = Settings {
        config: Some(config.unwrap_or_else(|problems| panic!("{problems:?}"))),
        ..Settings::default()
    };
    let server = Server::start(settings).await.expect("it listens");
    let profile = server.profile().expect("the sandbox is there");
    server.shutdown().await;
    profile
}

#[test]
fn no_report_contains_a_secret_or_a_token_even_when_everything_fails() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
        let specs = &loaded.specs;
        // Answers that nobody expects, so that failures are told at length; echoes stay as they are.
        let wrong = "behaviour: { answers: { in_progress: 299 Wrong, invalid_signature: 499 Wrong } }";
        let configuration = format!("{}\n{wrong}\n", specs.fixtures.text);
        let server = Server::start(Settings::default()).await.expect("it listens");
        let client = Client::new(&Network::default()).expect("a client is made");
        let control = torq_conformance::target::ControlClient::new(client.http().clone(), &server.control_url(), None);
        let sandbox = control
            .create_sandbox(&configuration, "fixtures")
            .await
            .expect("it is made");
        let mut canaries = BTreeSet::new();
        secrets(&sandbox.profile, &mut canaries);
        assert!(canaries.len() > 5, "the fixtures have secrets");

        let target = Target::sandboxes("canaries".to_owned(), control, ("fixtures", &configuration));
        let mut shown = String::new();
        for filter in ["authentication.*", "retrieval.*"] {
            let run = Run {
                jobs: 8,
                ..Run::new(
                    specs,
                    plan::plan(specs, &[filter.to_owned()], None).expect("the filter matches"),
                    (&target, &client),
                )
            };
            let outcome = conduct(run, &Silent).await;
            let evidence = Evidence::of(&outcome, Strictness::Lenient);
            shown.push_str(&report::to_json(&evidence));
            shown.push_str(&report::to_junit(&evidence).expect("it can be written"));
            shown.push_str(&report::summary(&evidence));
            for case in &evidence.cases {
                shown.push_str(&report::explain_failure(case, &evidence));
            }
            if filter == "authentication.*" {
                assert!(outcome.cases.iter().any(|it| it.judgement.verdict == Verdict::Failed));
            }
        }
        server.shutdown().await;

        assert!(
            shown.contains("[main.operator.secret]") || shown.contains(".secret]"),
            "what is left out is named"
        );
        assert!(shown.contains("Bearer [bearer token]"), "tokens are left out");
        for secret in &canaries {
            let inside_base64 = (0..3).map(|offset| {
                let encoded = BASE64.encode(&[vec![0; offset], secret.as_bytes().to_vec()].concat());
                encoded[4..secret.len() * 8 / 6 - 2].to_owned()
            });
            let spellings = [secret.clone(), HEXLOWER.encode(secret.as_bytes())];
            for spelling in spellings.into_iter().chain(inside_base64) {
                assert!(!shown.contains(&spelling), "a secret is shown as {spelling}");
            }
        }
        let token = regex::Regex::new(r"Bearer [0-9a-f]{16}").expect("it is a pattern");
        assert!(!token.is_match(&shown), "a token is shown");
    });
}
