//! `deploy/` says what is so: its arguments are the program's, its probes are routes, its image runs what it builds.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use assert_cmd::Command;
use serde_json::Value;
use torq_mock_server::{Server, Settings};

const MANIFEST: &str = include_str!("../deploy/kubernetes.yaml");
const DOCKERFILE: &str = include_str!("../deploy/Dockerfile");

/// The container of the manifest's deployment.
fn container() -> Value {
    let first = MANIFEST.split("\n---\n").next().expect("a document");
    let deployment: Value = serde_yaml::from_str(first).expect("YAML");
    deployment["spec"]["template"]["spec"]["containers"][0].clone()
}

/// Has the program read arguments of `serve` without serving.
fn is_understood(arguments: &[String]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "seed: 1\n").expect("it is written");
    let here = format!("--config={}", file.display());
    let arguments = arguments.iter().map(|it| match it.strip_prefix("--config=") {
        Some(_) => here.as_str(),
        None => it,
    });
    let mut program = Command::new(env!("CARGO_BIN_EXE_torq-mock"));
    program.arg("profile").args(arguments).assert().success();
}

#[test]
fn the_program_understands_the_arguments_of_the_manifest_and_of_the_image() {
    let arguments: Vec<String> = serde_json::from_value(container()["args"].clone()).expect("a list of texts");
    assert_eq!(arguments[0], "serve");
    is_understood(&arguments[1..]);
    let command = DOCKERFILE.lines().find_map(|line| line.strip_prefix("CMD "));
    let command: Vec<String> = serde_json::from_str(command.expect("it has one")).expect("a list of texts");
    assert_eq!(command[0], "serve");
    is_understood(&command[1..]);
}

#[tokio::test]
async fn the_probes_of_the_manifest_need_no_token_and_succeed() {
    let server = Server::start(Settings {
        control: ([0, 0, 0, 0], 0).into(),
        control_token: Some("a-token-for-control".to_owned()),
        ..Settings::default()
    });
    let server = server.await.expect("it listens");
    let address = server.control_url().replace("http://0.0.0.0", "127.0.0.1");
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let path = container()[probe]["httpGet"]["path"].as_str().expect(probe).to_owned();
        let address = address.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(&address).expect("it listens");
            // A kubelet calls a pod by its address.
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nHost: 10.1.2.3:7081\r\nConnection: close\r\n\r\n"
            )
            .expect("it reads");
            let mut text = String::new();
            stream.read_to_string(&mut text).expect("it answers");
            text
        });
        let answer = answer.await.expect("it ends");
        assert!(answer.starts_with("HTTP/1.1 200"), "{probe}: {answer}");
    }
    server.shutdown().await;
}
