//! Everything that the mock shows of what happened to it, and what the suite says of a mock, while secrets come in every way.

use std::fs;
use std::time::Duration;

use serde_json::Value as Json;
use torq_conformance::profile::Network;
use torq_conformance::run::Client;

use super::hostile::Outputs;
use super::scanner::Scanner;
use super::spellings;
use crate::rough_network::Mock;

/// Takes the secrets of a profile into the environment, as a profile of a real deployment has them there.
fn into_environment(value: &mut Json, environment: &mut Vec<(String, String)>) {
    match value {
        Json::Object(members) => {
            for (key, member) in members {
                match member.as_str().filter(|_| key == "secret").map(str::to_owned) {
                    Some(secret) => {
                        let name = format!("CANARY_{}", environment.len());
                        *member = Json::from(format!("${{env:{name}}}"));
                        environment.push((name, secret));
                    }
                    None => into_environment(member, environment),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| into_environment(item, environment)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The beginning of a stream that never ends.
async fn beginning(http: &Client, url: &str) -> Vec<u8> {
    let mut seen = Vec::new();
    let reading = async {
        let mut answer = http.http().get(url).send().await.expect("it answers");
        while let Some(chunk) = answer.chunk().await.expect("it goes on") {
            seen.extend_from_slice(&chunk);
        }
    };
    // What has happened is all there at once; then it waits for more.
    let _ = tokio::time::timeout(Duration::from_secs(2), reading).await;
    seen
}

#[test]
fn neither_the_journal_nor_the_log_nor_any_page_of_the_mock_gives_a_secret_away() {
    let folder = tempfile::tempdir().expect("a folder is made");
    let text = |name: &str| folder.path().join(name).to_str().expect("it is plain").to_owned();
    let mock = Mock::start(
        folder.path(),
        "manual",
        "  answers: { in_progress: 299 Wrong, invalid_header: 498 Wrong, invalid_signature: 499 Wrong }",
    );
    let (mut profile, mut environment) = (mock.profile.clone(), Vec::new());
    into_environment(&mut profile, &mut environment);
    let secrets: Vec<_> = environment.iter().map(|(_, secret)| secret.clone()).collect();
    assert!(secrets.len() > 6, "{}", secrets.len());
    let scanner = Scanner::of(secrets.clone());
    let file = text("profile.yaml");
    fs::write(&file, profile.to_string()).expect("a file is written");

    let mut outputs = Outputs::default();
    let out = text("out");
    let filter = "authentication.* or retrieval.tokens.* or events.*";
    for arguments in [
        &["run", "--profile", &file, "--filter", filter, "--out", &out][..],
        &["doctor", "--profile", &file],
        &["plan", "--profile", &file],
        &["learn", "--profile", &file, "--out", &text("learned")],
    ] {
        outputs.of(arguments, &environment);
    }
    outputs.files(&folder.path().join("out"));
    outputs.files(&folder.path().join("learned"));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let client = Client::new(&Network::default()).expect("a client is made");
    let url = |place: &str| {
        mock.profile
            .pointer(place)
            .and_then(Json::as_str)
            .expect("it is a URL")
            .to_owned()
    };
    let (data, control) = (url("/urls/hooks"), url("/control/url"));
    runtime.block_on(async {
        // Secrets where no client should put them, in every encoding.
        for (name, spelling) in spellings::of(&secrets[0]) {
            for path in [
                format!("{data}/v1/{}", spelling.replace('\\', "%5C")),
                format!("{data}/v1/x?{name}={}", spelling.replace('#', "%23")),
            ] {
                let request = client
                    .http()
                    .post(path)
                    .header("X-Some-Token", &spelling)
                    .body(format!("{{\"it\":\"{spelling}\"}}"));
                request.send().await.expect("it answers");
            }
        }
        for path in [
            "/",
            "/requests",
            "/executions",
            "/faults",
            "/clock",
            "/metrics",
            "/sandboxes",
            "/limits",
        ] {
            let answer = client
                .http()
                .get(format!("{control}{path}"))
                .send()
                .await
                .expect("it answers");
            outputs.add(path, answer.bytes().await.expect("it has a body").to_vec());
        }
        let events = beginning(&client, &format!("{control}/events")).await;
        outputs.add("/events", events);
    });
    outputs.add("the log", fs::read(&mock.log).expect("it is kept"));
    drop(mock);

    outputs.assert_without_leaks(&scanner);
    assert!(
        outputs.contain("[redacted]"),
        "the journal says that something was taken out"
    );
    assert!(outputs.contain("POST"), "the log tells of requests");
}
