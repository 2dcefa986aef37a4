//! `torq-mock serve` as a process that somebody operates: stopped, watched over, and read by machines.

#![cfg(unix)]

use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use served::{Serve, Served, exchange, send};

fn serve(arguments: &[&str]) -> Served {
    Serve::new(env!("CARGO_BIN_EXE_torq-mock")).with(arguments).start()
}

#[test]
fn a_call_that_is_held_is_answered_before_the_process_ends() {
    let served = serve(&["--clock", "manual"]);
    let mut held = send(("POST", &format!("{}/sync", served.async_url("slow"))), "", "{}");
    assert_eq!(served.ask("/wait?held=1&timeout=20s")["matched"], true);
    let said = served.end_by("TERM");
    let mut answer = String::new();
    held.read_to_string(&mut answer).expect("it was answered");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(answer.contains("Execution is in progress"), "{answer}");
    assert!(said.contains("answering what is held"), "{said}");
}

#[test]
fn a_log_in_json_has_a_line_for_each_request_and_no_secret() {
    let served = serve(&["--clock", "manual", "--log", "json"]);
    let secret = served.profile()["integrations"]["guarded"]["headers"][0]["secret"]
        .as_str()
        .expect("a secret")
        .to_owned();
    let url = served.async_url("respond");
    let path = url.trim_start_matches(served.base_url()).to_owned();
    for (method, url) in [
        ("POST", url),
        ("POST", served.async_url("guarded")),
        ("GET", format!("{}/{secret}", served.base_url())),
    ] {
        let answer = exchange(method, &url, "{}");
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    }
    let said = served.end_by("TERM");
    let lines = json_lines(&said);
    let requests: Vec<_> = lines.iter().filter(|line| line["message"] == "request").collect();
    assert_eq!(requests.len(), 3, "{said}");
    assert_eq!(
        (&requests[0]["path"], &requests[0]["status"]),
        (&path.into(), &200.into())
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

/// Every line of a log.
fn json_lines(said: &str) -> Vec<Value> {
    let lines = said.lines();
    let lines = lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{said}")));
    lines.collect()
}

#[test]
fn a_log_in_json_is_nothing_else_whatever_happens() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, BARE).expect("it is written");
    let served = serve(&["--log", "json", "--watch", "--config", &file.display().to_string()]);
    save(&file, "workflow: {}\n", (&served, &|told| told["wrong"].is_string()));
    save(&file, BARE, (&served, &|told| told["wrong"].is_null()));
    save(
        &file,
        &format!("{BARE}seed: 9\n"),
        (&served, &|told| told["reloads"] == 1),
    );
    let said = served.end_by("TERM");
    let lines = json_lines(&said);
    let told: Vec<_> = lines.iter().map(|line| (&line["level"], &line["message"])).collect();
    let about = |part: &str| {
        lines
            .iter()
            .find(|line| line["message"].as_str().is_some_and(|it| it.contains(part)))
    };
    let wrong = about("is wrong; the old one is served on").unwrap_or_else(|| panic!("{told:?}"));
    let problem = wrong["problem"].as_str().unwrap_or_default();
    assert!(
        problem.contains("mine.yaml:1:1") && problem.contains("did you mean `workflows`?"),
        "{wrong}"
    );
    assert_eq!(wrong["level"], "WARN");
    for part in ["again the one that is served", "read again and is served", "stopping"] {
        assert!(
            about(part).is_some_and(|line| line["level"] == "INFO"),
            "{part}: {told:?}"
        );
    }
}

#[test]
fn a_log_in_json_says_why_nothing_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "workflow: {}\n").expect("it is written");
    let ended = Command::new(env!("CARGO_BIN_EXE_torq-mock"))
        .args(["serve", "--log", "json", "--config", &file.display().to_string()])
        .output()
        .expect("it starts");
    assert_eq!(ended.status.code(), Some(2));
    let lines = json_lines(&String::from_utf8_lossy(&ended.stderr));
    let problem = lines[0]["problem"].as_str().unwrap_or_default();
    assert!(problem.contains("did you mean `workflows`?"), "{lines:?}");
}

const BARE: &str = "workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\n";

/// Waits until the server has looked at its configuration since it was asked last.
fn until_read(served: &Served) -> Value {
    let before = served.ask("/reload")["reads"].as_u64();
    until_reloaded(served, &|told| told["reads"].as_u64() > before);
    served.ask("/reload")
}

#[test]
fn what_else_is_written_in_the_folder_is_no_save() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    let text = format!("{BARE}workflows: {{ w: {{ integration: i, published: [] }} }}\n");
    std::fs::write(&file, &text).expect("it is written");
    let log = std::fs::File::create(folder.path().join("log")).expect("a file");
    let arguments = ["--log", "json", "--watch", "--config", &file.display().to_string()];
    let served = Serve::new(env!("CARGO_BIN_EXE_torq-mock"))
        .with(&arguments)
        .log_to(log)
        .start();
    // The log of a request is a write in the folder, and so is a neighbour.
    let answer = exchange("POST", &served.async_url("w"), "{}");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(until_read(&served)["reloads"], 0);
    std::fs::write(folder.path().join("neighbour"), "hello").expect("it is written");
    assert_eq!(until_read(&served)["reloads"], 0);
    // Saved with the same text, too.
    std::fs::write(&file, &text).expect("it is written");
    assert_eq!(until_read(&served)["reloads"], 0);
    assert_eq!(served.ask("/requests")["received"], 1, "its journal is as it was");
    // What is wrong is told once, and the line that tells it makes the server look once more.
    save(&file, "workflow: {}\n", (&served, &|told| told["wrong"].is_string()));
    until_read(&served);
    let log = std::fs::read_to_string(folder.path().join("log")).expect("a log");
    assert_eq!(log.matches("did you mean").count(), 1, "{log}");
    save(
        &file,
        &format!("{text}seed: 9\n"),
        (&served, &|told| told["reloads"] == 1),
    );
    std::fs::write(folder.path().join("neighbour"), "again").expect("it is written");
    assert_eq!(until_read(&served)["reloads"], 1);
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
    let served = serve(&["--watch", "--config", &file.display().to_string()]);
    save(&file, "workflow: {}\n", (&served, &|told| told["wrong"].is_string()));
    assert_eq!(served.ask("/reload")["reloads"], 0);
    let added = format!("{rest}workflows: {{ late: {{ integration: i, published: [] }} }}\n");
    save(&file, &added, (&served, &|told| told["reloads"] == 1));
    let answer = exchange("POST", &served.async_url("late"), "{}");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let said = served.end_by("TERM");
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
    let served = serve(&["--watch", "--config", &file.display().to_string()]);
    mount(
        "..version-2",
        "workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\nworkflows: { late: { integration: i, published: [] } }\n",
    );
    // Notices of the folders in between may come first, and are answered by the configuration as it was.
    until_reloaded(&served, &|_| served.profile()["workflows"]["late"].is_object());
    let answer = exchange("POST", &served.async_url("late"), "{}");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_certificate_made_here_is_told_of_and_its_authority_handed_out() {
    let served = serve(&["--tls-self-signed", "hooks.torq.test"]);
    assert!(served.base_url().starts_with("https://"), "{}", served.base_url());
    let authority = exchange("GET", &format!("{}/ca.pem", served.control_url()), "");
    assert!(authority.contains("BEGIN CERTIFICATE"), "{authority}");
    assert!(!authority.contains("PRIVATE"), "{authority}");
}

/// Sends a request with a header of its own and reads the answer.
fn call(method: &str, url: &str, header: &str, body: &str) -> String {
    let mut answer = String::new();
    let mut stream = send((method, url), header, body);
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// Everything a sandbox says to a story with refusals, a call that is held, a token and what it reads, and what is kept of it.
fn story(served: &Served, sandbox: &str) -> Vec<String> {
    let control = served.control_url();
    let described = served.ask(&format!("/sandboxes/{sandbox}"));
    let base_url = described["base_url"].as_str().expect("a URL");
    let profile = &described["profile"];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let url = |workflow: &str| {
        let entry = &profile["workflows"][workflow];
        let integration = text(&profile["integrations"][text(&entry["integration"])]["id"]);
        format!("{base_url}/v1/webhooks/{integration}/workflows/{}", text(&entry["id"]))
    };
    let mut said = Vec::new();
    for (workflow, suffix) in [
        ("respond", ""),
        ("respond", "/sync"),
        ("guarded", ""),
        ("signed", ""),
        ("failing", "/sync"),
        ("respond", "/nowhere"),
    ] {
        said.push(call(
            "POST",
            &format!("{}{suffix}", url(workflow)),
            "",
            r#"{"body": {"a": [1, 2.5]}}"#,
        ));
    }
    said.extend((0..26).map(|_| call("POST", &url("respond"), "", "{}")));
    let mut held = send(("POST", &format!("{}/sync", url("slow"))), "", r#"{"seconds": 70}"#);
    let advance = r#"{"advance": "50s", "when": {"held": 1}, "timeout": "20s"}"#;
    let moved = call("POST", &format!("{control}/clock?sandbox={sandbox}"), "", advance);
    assert!(moved.starts_with("HTTP/1.1 200"), "{moved}");
    let mut fallback = String::new();
    held.read_to_string(&mut fallback).expect("it is answered");
    let id = fallback
        .split("\"execution_id\":\"")
        .nth(1)
        .and_then(|rest| rest.get(..36))
        .expect("an id")
        .to_owned();
    let client = &profile["workspaces"]["main"]["clients"]["operator"];
    let basic = data_encoding::BASE64.encode(format!("{}:{}", text(&client["id"]), text(&client["secret"])).as_bytes());
    let basic = format!("Authorization: Basic {basic}\r\n");
    let granted = call(
        "POST",
        &format!("{base_url}/v1/auth/token"),
        &basic,
        "grant_type=client_credentials",
    );
    let token: Value = serde_json::from_str(served::body_of(&granted)).expect("a document");
    let bearer = format!("Authorization: Bearer {}\r\n", text(&token["access_token"]));
    said.push(call(
        "GET",
        &format!("{base_url}/public/v1alpha/executions/{id}"),
        &bearer,
        "",
    ));
    said.push(call(
        "GET",
        &format!("{base_url}/public/v1alpha/activity_logs"),
        &bearer,
        "",
    ));
    said.extend([fallback, granted]);
    for kept in ["requests", "executions"] {
        let mut kept = served.ask(&format!("/{kept}?sandbox={sandbox}"));
        for entry in kept["requests"].as_array_mut().into_iter().flatten() {
            assert!(entry["real_at"].take().is_string(), "{entry}");
        }
        let kept = kept.to_string();
        // The port is the system's choice.
        said.push(kept.replace(base_url.trim_start_matches("http://"), "ORIGIN"));
    }
    said
}

#[test]
fn the_same_seed_says_the_same_bytes_in_every_process_and_every_sandbox() {
    let serve = |clock: &str| serve(&["--clock", clock, "--seed", "7"]);
    let (one, other) = (serve("manual"), serve("manual"));
    let expected = story(&one, "default");
    assert!(expected.len() > 30, "{}", expected.len());
    for fragment in [
        "HTTP/1.1 201",
        "HTTP/1.1 400",
        "HTTP/1.1 401",
        "HTTP/1.1 404",
        "HTTP/1.1 429",
        "HTTP/1.1 500",
    ] {
        assert!(expected.iter().any(|it| it.starts_with(fragment)), "{fragment}");
    }
    let make = |served: &Served, seed: u64| {
        let made = call(
            "POST",
            &format!("{}/sandboxes", served.control_url()),
            "",
            &format!(r#"{{"seed": {seed}, "clock": "manual"}}"#),
        );
        let made: Value = serde_json::from_str(served::body_of(&made)).expect("a document");
        made["id"].as_str().expect("an id").to_owned()
    };
    for (served, sandbox) in [
        (&other, "default".to_owned()),
        (&one, make(&one, 7)),
        (&one, make(&one, 7)),
    ] {
        for (one, other) in expected.iter().zip(story(served, &sandbox)) {
            assert_eq!(*one, other, "{sandbox}");
        }
    }
    assert_ne!(expected, story(&one, &make(&one, 8)), "another seed");
}
