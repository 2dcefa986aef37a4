//! `torq-mock` as its users start it: what it prints works, what is wrong is said, and it stops cleanly.

use assert_cmd::Command as Checked;
use served::{Serve, Served, exchange};

const PROGRAM: &str = env!("CARGO_BIN_EXE_torq-mock");

fn serve(arguments: &[&str]) -> Served {
    Serve::new(PROGRAM).with(arguments).start()
}

/// The URL of the `curl` line below the line that begins like this.
fn url_below<'s>(served: &'s Served, heading: &str) -> &'s str {
    let mut lines = served.greeting().lines().skip_while(|line| !line.starts_with(heading));
    let line = lines.nth(1).expect("a line follows every heading");
    line.rsplit(' ').next().expect("the URL comes last")
}

fn torq_mock(arguments: &[&str]) -> Checked {
    let mut program = Checked::new(PROGRAM);
    program.env_remove("TORQ_MOCK_CONTROL_TOKEN").args(arguments);
    program
}

#[test]
fn every_line_the_server_prints_works() {
    let served = serve(&["--clock", "manual"]);
    let hello = r#"{"body": "hello"}"#;
    for (heading, expected) in [
        ("Start every workflow", "HTTP/1.1 200"),
        ("Start `respond` and get", "\"execution_id\":\""),
        ("Start `respond` and wait", "\r\n\r\nhello"),
    ] {
        let answer = exchange("POST", url_below(&served, heading), hello);
        assert!(answer.contains(expected), "{heading}: {answer}");
    }
    let profile = exchange("GET", url_below(&served, "Every id and secret"), "");
    assert!(profile.contains("profile: torq-mock"), "{profile}");
    let journal = exchange("GET", url_below(&served, "What came in"), "");
    assert!(journal.contains("/v1/webhooks/"), "{journal}");
    let control = url_below(&served, "Every id and secret").trim_end_matches("/profile");
    let moved = exchange("POST", &format!("{control}/clock"), r#"{"advance": "50s"}"#);
    assert!(moved.contains("\"answered\""), "{moved}");
}

/// Runs lines that were printed, as somebody who pastes them does.
fn pasted(lines: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = std::process::Command::new("sh")
        .args(["-c", lines])
        .current_dir(folder.path())
        .env("TORQ_MOCK_CONTROL_TOKEN", "a-token-for-control")
        .output();
    String::from_utf8_lossy(&ran.expect("there is a shell").stdout).into_owned()
}

/// The line that gets the authority of a certificate.
fn line_of_authority(served: &Served) -> &str {
    let mut lines = served.greeting().lines();
    let line = lines.find_map(|line| line.trim().strip_prefix("its authority"));
    line.expect("it says where")
}

#[test]
fn over_tls_the_lines_trust_the_authority_that_they_fetch() {
    for token in [None, Some("a-token-for-control")] {
        let tls = ["--clock", "manual", "--tls-self-signed", "hooks.torq.test"];
        let token: Vec<_> = token.iter().flat_map(|token| ["--control-token", token]).collect();
        let served = serve(&[&tls[..], &token[..]].concat());
        let authority = line_of_authority(&served);
        let said = pasted(&format!("{authority} && cat ca.pem"));
        assert!(said.contains("BEGIN CERTIFICATE"), "{authority}: {said}");
    }
    let served = serve(&["--clock", "manual", "--tls-self-signed", "hooks.torq.test"]);
    let authority = line_of_authority(&served);
    let greeting = served.greeting();
    let mut lines = greeting
        .lines()
        .skip_while(|line| !line.starts_with("Start `respond` and wait"));
    let call = lines.nth(1).expect("a line follows every heading");
    let said = pasted(&format!("{authority}\n{call}"));
    assert_eq!(said, "hello", "{greeting}");
    assert_eq!(served.ask("/sandboxes/default")["certificate"], "made-here");
    let again = served.ask("/requests/0")["curl"].clone();
    let again = again
        .as_str()
        .filter(|it| it.starts_with("curl -i --cacert ca.pem -X POST https://"));
    let said = pasted(&format!("{authority}\n{}", again.expect("it trusts the same")));
    assert!(said.ends_with("hello"), "{said}");
}

#[test]
fn where_a_token_is_demanded_the_lines_send_it_and_no_secret_is_printed() {
    let served = serve(&["--clock", "manual", "--control-token", "a-token-for-control"]);
    let line_below = |heading: &str| {
        let mut lines = served.greeting().lines().skip_while(|line| !line.starts_with(heading));
        lines.nth(1).expect("a line follows every heading")
    };
    let profile = pasted(line_below("Every id and secret"));
    assert!(profile.contains("profile: torq-mock"), "{profile}");
    assert!(pasted(line_below("What came in")).contains("\"received\":0"));
    assert!(pasted(line_below("Move the clock")).contains("\"answered\":0"));
    let secrets = profile.lines().filter_map(|line| line.trim().strip_prefix("secret: "));
    for secret in secrets.chain(["a-token-for-control"]) {
        assert!(!served.greeting().contains(secret), "{}", served.greeting());
    }
    assert!(
        line_below("Read an execution").contains(":SECRET -d "),
        "{}",
        served.greeting()
    );
}

#[test]
fn the_same_seed_gives_the_same_ids_and_another_one_others() {
    let of = |seed: &str| {
        let output = torq_mock(&["profile", "--seed", seed]).output().expect("it runs");
        String::from_utf8(output.stdout).expect("it is text")
    };
    assert_eq!(of("7"), of("7"));
    assert_ne!(of("7"), of("8"));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_server_cleanly() {
    for signal in ["TERM", "INT"] {
        let said = serve(&[]).end_by(signal);
        assert!(said.contains("stopping"), "{signal}: {said}");
    }
}

#[test]
fn everything_wrong_with_a_configuration_is_said_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "seed: many\nworkflow: {}\n").expect("it is written");
    for command in [vec!["check"], vec!["serve", "--config"], vec!["profile", "--config"]] {
        let outcome = torq_mock(&command).arg(&file).assert().code(2);
        let said = String::from_utf8_lossy(&outcome.get_output().stderr).into_owned();
        for part in [
            "mine.yaml:1:7",
            "found the text",
            "mine.yaml:2:1",
            "did you mean `workflows`?",
            "2 problems",
        ] {
            assert!(said.contains(part), "{command:?}: {said}");
        }
    }
}

#[test]
fn the_printed_configuration_passes_its_own_check() {
    let printed = torq_mock(&["config"]).output().expect("it runs").stdout;
    torq_mock(&["check", "-"]).write_stdin(printed).assert().success();
}

#[test]
fn faults_are_listed_and_served() {
    let printed = |arguments: &[&str]| {
        let output = torq_mock(arguments).output().expect("it runs");
        String::from_utf8(output.stdout).expect("it is text")
    };
    let text = printed(&["faults"]);
    for part in [
        "\nSYNC-FALLBACK-STATUS\n",
        "  fallback-at-45s\n      A synchronous call is answered with 201 after 45 s.\n      sets running.sync_timeout: 45s\n",
        "      also SYNC-FALLBACK-ID\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    let json: serde_json::Value = serde_json::from_str(&printed(&["faults", "--format", "json"])).expect("it is JSON");
    let names: Vec<_> = json
        .as_array()
        .expect("an array")
        .iter()
        .map(|it| it["name"].as_str())
        .collect();
    assert!(
        names.len() >= 80 && names.contains(&Some("charset-dropped")),
        "{names:?}"
    );
    let served = serve(&["--fault", "triggers-answered-with-202", "--fault", "draft-runs"]);
    assert!(
        served.greeting().contains("triggers-answered-with-202, draft-runs"),
        "{}",
        served.greeting()
    );
    let answer = exchange("POST", url_below(&served, "Start every workflow"), "{}");
    assert!(answer.contains("HTTP/1.1 202"), "{answer}");
}

#[test]
fn faults_that_cannot_be_are_refused() {
    for (names, said) in [
        (["fallback-at-45", "draft-runs"], "did you mean `fallback-at-45s`?"),
        (["draft-runs", "previous-revision-runs"], "both set `running.revision`"),
    ] {
        let arguments = ["serve", "--fault", names[0], "--fault", names[1]];
        let outcome = torq_mock(&arguments).assert().code(2);
        let error = String::from_utf8_lossy(&outcome.get_output().stderr).into_owned();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_token_that_is_empty_is_refused_wherever_it_comes_from() {
    for (option, variable) in [
        (Some(""), None),
        (Some("  "), None),
        (None, Some("")),
        (None, Some(" \n")),
    ] {
        let mut program = torq_mock(&["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]);
        program.args(option.iter().map(|token| format!("--control-token={token}")));
        program.envs(variable.map(|token| ("TORQ_MOCK_CONTROL_TOKEN", token)));
        let outcome = program.assert().code(2);
        let said = String::from_utf8_lossy(&outcome.get_output().stderr).into_owned();
        assert!(
            said.contains("it is empty") && said.contains("TORQ_MOCK_CONTROL_TOKEN"),
            "{said}"
        );
    }
}

#[test]
fn an_open_control_surface_and_a_taken_address_are_refused_with_advice() {
    let refused = |arguments: &[&str], code: i32| {
        let outcome = torq_mock(&["serve"]).args(arguments).assert().code(code);
        String::from_utf8_lossy(&outcome.get_output().stderr).into_owned()
    };
    let open = refused(&["--listen", "127.0.0.1:0", "--control", "0.0.0.0:0"], 2);
    assert!(open.contains("TORQ_MOCK_CONTROL_TOKEN"), "{open}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it has one").to_string();
    let said = refused(&["--listen", &address, "--control", "127.0.0.1:0"], 3);
    assert!(said.contains(&address) && said.contains("--listen"), "{said}");
}
