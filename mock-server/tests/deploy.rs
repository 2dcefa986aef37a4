//! `deploy/` says what is so: its arguments are the program's, its probes are routes, its image runs what it builds.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use assert_cmd::Command;
use serde_json::{Value, json};
use torq_mock_server::{Budget, Server, Settings};

const MANIFEST: &str = include_str!("../deploy/kubernetes.yaml");
const DOCKERFILE: &str = include_str!("../deploy/Dockerfile");

/// The container of the manifest's deployment.
fn container() -> Value {
    documents()[0]["spec"]["template"]["spec"]["containers"][0].clone()
}

/// The documents of the manifest: the deployment and its service.
fn documents() -> Vec<Value> {
    let documents = MANIFEST.split("\n---\n").map(serde_yaml::from_str);
    documents.collect::<Result<_, _>>().expect("YAML")
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

/// The value of an argument `--NAME=VALUE`.
fn argument(name: &str) -> String {
    let arguments: Vec<String> = serde_json::from_value(container()["args"].clone()).expect("a list of texts");
    let prefix = format!("--{name}=");
    let found = arguments.iter().find_map(|it| it.strip_prefix(&prefix));
    found.expect("it is among the arguments").to_owned()
}

#[test]
fn the_parts_of_the_manifest_refer_to_each_other() {
    let documents = documents();
    let [deployment, service] = &documents[..] else {
        panic!("a deployment and a service: {documents:?}");
    };
    assert_eq!(
        (&deployment["kind"], &service["kind"]),
        (&json!("Deployment"), &json!("Service"))
    );
    let pod = &deployment["spec"]["template"];
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], pod["metadata"]["labels"]);
    assert_eq!(service["spec"]["selector"], pod["metadata"]["labels"]);

    // Ports by name: where the program listens, what the container opens, what the service and the probes lead to.
    let container = container();
    let ports = container["ports"].as_array().expect("a list");
    let port = |name: &Value| {
        let found = ports.iter().find(|port| port["name"] == *name);
        found.expect("the container has a port of this name")["containerPort"].clone()
    };
    for (name, flag) in [("http", "listen"), ("control", "control")] {
        let address: std::net::SocketAddr = argument(flag).parse().expect("an address");
        assert!(
            address.ip().is_unspecified(),
            "a pod is reached from outside: {address}"
        );
        assert_eq!(port(&json!(name)), address.port(), "{name}");
    }
    // A service without an address of its own leads to the pod itself: no port is translated.
    assert_eq!(service["spec"]["clusterIP"], "None");
    for leads in service["spec"]["ports"].as_array().expect("a list") {
        assert_eq!(port(&leads["targetPort"]), leads["port"], "{leads}");
    }
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let port = &container[probe]["httpGet"]["port"];
        assert_eq!(*port, "control", "{probe}");
    }

    // The configuration is where the program looks for it, and comes from a volume that exists.
    let mount = &container["volumeMounts"][0];
    let volumes = pod["spec"]["volumes"].as_array().expect("a list");
    assert!(
        volumes.iter().any(|volume| volume["name"] == mount["name"]),
        "{volumes:?}"
    );
    let folder = mount["mountPath"].as_str().expect("a path");
    assert!(argument("config").starts_with(&format!("{folder}/")));

    // What is remembered leaves room for connections and what is being answered.
    let limit = container["resources"]["limits"]["memory"]
        .as_str()
        .and_then(|text| text.strip_suffix("Mi"));
    let limit: usize = limit.and_then(|text| text.parse().ok()).expect("a number of MiB");
    let budget: Budget = argument("memory").parse().expect("a size");
    assert!(budget.bytes() * 2 <= limit << 20, "{budget:?} of {limit} MiB");

    // Held calls are answered and connections get their 3 s before the kubelet loses its patience.
    let grace = pod["spec"]["terminationGracePeriodSeconds"].as_u64();
    assert!(grace.is_some_and(|seconds| seconds > 5), "{grace:?}");
    let token = &container["env"][0];
    assert_eq!(token["name"], "TORQ_MOCK_CONTROL_TOKEN");
    assert!(token["valueFrom"]["secretKeyRef"]["key"].is_string(), "{token}");
}

/// The image runs as nobody, so its ports have to be ones that nobody may open, and what it copies is what it built.
#[test]
fn the_image_opens_the_ports_it_declares_and_runs_what_it_builds() {
    let line = |word: &str| {
        let found = DOCKERFILE.lines().find_map(|line| line.strip_prefix(word));
        found.unwrap_or_else(|| panic!("no {word}")).trim().to_owned()
    };
    let exposed = line("EXPOSE ");
    let (declared, sandboxes) = exposed.rsplit_once(' ').expect("several");
    let declared: Vec<u16> = declared.split(' ').map(|port| port.parse().expect("a port")).collect();
    let first = sandboxes.split('-').next().and_then(|port| port.parse().ok());
    let nobody_may = |port: u16| port >= 1024;
    assert!(declared.iter().copied().chain(first).all(nobody_may), "{exposed}");
    let command: Vec<String> = serde_json::from_str(&line("CMD ")).expect("a list of texts");
    let value = |flag: &str| {
        let at = command.iter().position(|word| word == flag).expect("it says where");
        command[at + 1].as_str()
    };
    let opened = ["--listen", "--control"].map(|flag| {
        let address: std::net::SocketAddr = value(flag).parse().expect("an address");
        address.port()
    });
    assert_eq!(declared, opened);
    assert_eq!(sandboxes, value("--sandbox-ports"));
    let copied = line("COPY --from=build ");
    let (from, to) = copied.split_once(' ').expect("from and to");
    assert!(
        DOCKERFILE.contains(&format!("/release/torq-mock\" {from} ")),
        "it is built: {from}"
    );
    assert_eq!(line("ENTRYPOINT "), format!("[\"{to}\"]"));
    assert_eq!(line("USER "), "65534:65534");
}

#[tokio::test]
async fn the_probes_of_the_manifest_need_no_token_and_succeed() {
    let server = Server::start(Settings {
        control: ([0, 0, 0, 0], 0).into(),
        control_token: Some("a-token-for-control".to_owned()),
        ..Settings::default()
    });
    let server = server.await.expect("it listens");
    let address = server.control_url().replace("http://", "");
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
