//! `torq-mock serve` as a process that somebody operates: stopped, watched over, and read by machines.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A server on free ports.
struct Served {
    child: Child,
    base_url: String,
    control: String,
    _stdout: BufReader<ChildStdout>,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_torq-mock"))
            .args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .args(arguments)
            .env_remove("TORQ_MOCK_CONTROL_TOKEN")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it was piped"));
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C") {
            assert_ne!(stdout.read_line(&mut greeting).expect("it is text"), 0, "{greeting}");
        }
        let url = |heading: &str| {
            let line = greeting.lines().find(|line| line.trim_start().starts_with(heading));
            let url = line.and_then(|line| line.rsplit(' ').next());
            url.expect("it says where").to_owned()
        };
        Self {
            base_url: url("triggers"),
            control: url("control surface"),
            child,
            _stdout: stdout,
        }
    }

    fn ask(&self, path: &str) -> Value {
        let answer = exchange(&self.control, &request("GET", path, ""));
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        serde_json::from_str(&body.expect("an answer")).expect("JSON")
    }

    /// The path of a workflow, from the profile.
    fn path(&self, workflow: &str) -> String {
        let profile = &self.ask("/sandboxes/default")["profile"];
        let workflow = &profile["workflows"][workflow];
        let integration = workflow["integration"].as_str().expect("an integration");
        let text = |value: &Value| value.as_str().expect("an id").to_owned();
        let integration = text(&profile["integrations"][integration]["id"]);
        format!("/v1/webhooks/{integration}/workflows/{}", text(&workflow["id"]))
    }

    /// Ends it, and gives what it wrote to standard error.
    fn terminate(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill exists");
        assert!(sent.success());
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().expect("it was piped");
        stderr.read_to_string(&mut said).expect("it is text");
        assert!(self.child.wait().expect("it ends").success(), "{said}");
        said
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

fn open(url: &str) -> TcpStream {
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    TcpStream::connect(address).expect("it listens")
}

fn exchange(url: &str, bytes: &str) -> String {
    let mut stream = open(url);
    stream.write_all(bytes.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn a_call_that_is_held_is_answered_before_the_process_ends() {
    let served = Served::start(&["--clock", "manual"]);
    let mut held = open(&served.base_url);
    let path = format!("{}/sync", served.path("slow"));
    held.write_all(request("POST", &path, "{}").as_bytes())
        .expect("it reads");
    assert_eq!(served.ask("/wait?held=1&timeout=20s")["matched"], true);
    let said = served.terminate();
    let mut answer = String::new();
    held.read_to_string(&mut answer).expect("it was answered");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(answer.contains("Execution is in progress"), "{answer}");
    assert!(said.contains("answering what is held"), "{said}");
}

#[test]
fn a_log_in_json_has_a_line_for_each_request_and_no_secret() {
    let served = Served::start(&["--clock", "manual", "--log", "json"]);
    let secret = served.ask("/sandboxes/default")["profile"]["integrations"]["guarded"]["headers"][0]["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    let path = served.path("respond");
    exchange(&served.base_url, &request("POST", &path, "{}"));
    exchange(&served.base_url, &request("POST", &served.path("guarded"), "{}"));
    exchange(&served.base_url, &request("GET", &format!("/{secret}"), ""));
    let said = served.terminate();
    let lines: Vec<Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let requests: Vec<_> = lines.iter().filter(|line| line["message"] == "request").collect();
    assert_eq!(requests.len(), 3, "{said}");
    assert_eq!(
        (&requests[0]["path"], &requests[0]["status"]),
        (&path.into(), &"200".into())
    );
    assert_eq!(
        (&requests[1]["gate"], &requests[1]["outcome"]),
        (&"header".into(), &"refused".into())
    );
    assert_eq!(
        (&requests[1]["sandbox"], &requests[2]["route"]),
        (&"default".into(), &"unknown".into())
    );
    assert!(!said.contains(&secret), "{said}");
}

/// Writes a file as a careful editor does, and waits until the server has looked at it.
fn save(file: &Path, text: &str, (served, done): (&Served, &dyn Fn(&Value) -> bool)) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).expect("it is written");
    std::fs::rename(&beside, file).expect("it is put in place");
    until_reloaded(served, done);
}

/// Waits until the server has looked at its configuration once more.
fn until_reloaded(served: &Served, done: &dyn Fn(&Value) -> bool) {
    let mut told = Value::Null;
    // Each question takes a turn of the server's; thousands of them are more than a minute.
    for _ in 0..20_000 {
        told = served.ask("/reload");
        if done(&told) {
            return;
        }
    }
    panic!("the server has not noticed: {told}");
}

#[test]
fn a_configuration_is_served_anew_when_its_file_is_saved_and_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    let rest = "workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\n";
    std::fs::write(&file, rest).expect("it is written");
    let served = Served::start(&["--watch", "--config", &file.display().to_string()]);
    save(&file, "workflow: {}\n", (&served, &|told| told["wrong"].is_string()));
    assert_eq!(served.ask("/reload")["reloads"], 0);
    let added = format!("{rest}workflows: {{ late: {{ integration: i, published: [] }} }}\n");
    save(&file, &added, (&served, &|told| told["reloads"] == 1));
    let answer = exchange(&served.base_url, &request("POST", &served.path("late"), "{}"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let said = served.terminate();
    for part in [
        "mine.yaml:1:1",
        "did you mean `workflows`?",
        "the old one is served on",
        "is served; executions",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// In a cluster a mounted file is a link into a folder that is itself a link, and that is what changes.
#[test]
fn a_configuration_that_is_mounted_is_served_anew_when_its_mount_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mount = |name: &str, text: &str| {
        let version = folder.path().join(name);
        std::fs::create_dir(&version).expect("a folder");
        std::fs::write(version.join("mine.yaml"), text).expect("it is written");
        let beside = folder.path().join("..data_tmp");
        symlink(name, &beside).expect("a link");
        std::fs::rename(&beside, folder.path().join("..data")).expect("it is put in place");
    };
    mount(
        "..version-1",
        "workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\n",
    );
    let file = folder.path().join("mine.yaml");
    symlink("..data/mine.yaml", &file).expect("a link");
    let served = Served::start(&["--watch", "--config", &file.display().to_string()]);
    mount(
        "..version-2",
        "workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\nworkflows: { late: { integration: i, published: [] } }\n",
    );
    // Notices of the folders in between may come first, and are answered by the configuration as it was.
    until_reloaded(&served, &|_| {
        served.ask("/sandboxes/default")["profile"]["workflows"]["late"].is_object()
    });
    let answer = exchange(&served.base_url, &request("POST", &served.path("late"), "{}"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_certificate_made_here_is_told_of_and_its_authority_handed_out() {
    let served = Served::start(&["--tls-self-signed", "hooks.torq.test"]);
    assert!(served.base_url.starts_with("https://"), "{}", served.base_url);
    let authority = exchange(&served.control, &request("GET", "/ca.pem", ""));
    assert!(authority.contains("BEGIN CERTIFICATE"), "{authority}");
    assert!(!authority.contains("PRIVATE"), "{authority}");
}
