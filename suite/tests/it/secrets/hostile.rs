//! A server that sends back every secret it was ever told, in every encoding, in headers and bodies; and every output of a run
//! against it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};
use torq_conformance::report::Format;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::scanner::Scanner;
use super::spellings;

/// What the token endpoint gives out; as secret as the rest.
const TOKEN: &str = "Canary-token/+&=%\"<'\\~zulu";
/// Cases that send every kind of secret, and that wait for nothing.
const FILTER: &str = "authentication.header.* or authentication.signature.* or retrieval.tokens.activity";

/// Sends all of it back, whatever it is asked.
struct Reflecting {
    secrets: Vec<String>,
}

impl Respond for Reflecting {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if request.url.path().ends_with("/auth/token") {
            return ResponseTemplate::new(200).set_body_json(json!({ "access_token": TOKEN, "expires_in": 3600 }));
        }
        let mut answer = ResponseTemplate::new(299);
        let echo: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        let mut body = format!(
            "{{\"echo\":{},\"text\":{}",
            Json::from(echo),
            Json::from(String::from_utf8_lossy(&request.body))
        );
        // One header for each encoding: clients take a hundred headers at most.
        let mut headers: BTreeMap<&str, String> = BTreeMap::new();
        // It knows a token once it gave it out, which is when it comes back.
        let knows_token = request
            .headers
            .get("authorization")
            .is_some_and(|it| it.as_bytes().starts_with(b"Bearer Canary"));
        let known = self.secrets.iter().filter(|secret| knows_token || *secret != TOKEN);
        for (number, secret) in known.enumerate() {
            for (name, spelling) in spellings::of(secret) {
                body.push_str(&format!(",\"{name}-{number}\":\"{spelling}\""));
                let header = headers.entry(name).or_default();
                header.push_str(&spelling);
                header.push(' ');
            }
        }
        for (name, value) in headers {
            answer = answer.append_header(format!("X-Reflected-{name}"), value.trim_end());
        }
        body.push('}');
        answer.set_body_raw(body, "application/json")
    }
}

/// Every secret of a profile is another canary from here on.
fn plant(value: &mut Json, planted: &mut Vec<String>) {
    match value {
        Json::Object(members) => {
            for (key, member) in members {
                if key == "secret" && member.is_string() {
                    let canary = format!("Canary{:02}/+&=%\"<'\\~zulu", planted.len());
                    *member = Json::from(canary.clone());
                    planted.push(canary);
                } else {
                    plant(member, planted);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| plant(item, planted)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// What a program said and left behind, each output with its name.
#[derive(Default)]
pub(crate) struct Outputs(Vec<(String, Vec<u8>)>);

impl Outputs {
    /// Runs the program as GitHub Actions would, and keeps what it says.
    pub(crate) fn of(&mut self, arguments: &[&str], environment: &[(String, String)]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torq-conformance"));
        command
            .args(arguments)
            .envs(environment.iter().cloned())
            .env("GITHUB_ACTIONS", "true");
        let output = command.output().expect("the program starts");
        let name = arguments.join(" ");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            !(said.is_empty() && output.stderr.is_empty()) || name.contains("quiet"),
            "{name} says nothing"
        );
        self.add(&format!("{name} (standard output)"), output.stdout);
        self.add(&format!("{name} (standard error)"), output.stderr);
        said
    }

    pub(crate) fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.0.push((name.to_owned(), bytes));
    }

    /// Every file of a folder.
    pub(crate) fn files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("it is listed").path();
            if path.is_file() {
                self.add(&path.display().to_string(), fs::read(&path).expect("it is read"));
            }
        }
    }

    /// Fails with what gives something away.
    #[track_caller]
    pub(crate) fn assert_without_leaks(&self, scanner: &Scanner) {
        let leaks = self.leaks(scanner);
        let first = leaks[..leaks.len().min(40)].join("\n");
        assert!(leaks.is_empty(), "{} leaks\n{first}", leaks.len());
    }

    fn leaks(&self, scanner: &Scanner) -> Vec<String> {
        let leaks = self.0.iter().flat_map(|(name, bytes)| {
            let found = scanner.find(bytes).into_iter();
            found.map(move |it| format!("{name}: {it}"))
        });
        leaks.collect()
    }

    pub(crate) fn contain(&self, text: &str) -> bool {
        self.0
            .iter()
            .any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(text))
    }
}

#[test]
fn no_output_of_a_run_gives_away_what_a_server_sends_back() {
    let folder = tempfile::tempdir().expect("a folder is made");
    let text = |name: &str| folder.path().join(name).to_str().expect("it is plain").to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let (mut profile, mut secrets) = (runtime.block_on(super::described()), Vec::new());
    plant(&mut profile, &mut secrets);
    secrets.push(TOKEN.to_owned());
    assert!(secrets.len() > 6, "{secrets:?}");
    let scanner = Scanner::of(secrets.clone());
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(Reflecting { secrets })
            .mount(&server)
            .await;
        server
    });
    let url = server.uri();
    profile["urls"] = json!({ "hooks": url, "api": url, "auth": url });
    profile["clock"] = "system".into();
    profile.as_object_mut().expect("it is an object").remove("control");
    let file = text("profile.yaml");
    fs::write(&file, profile.to_string()).expect("a file is written");

    let mut outputs = Outputs::default();
    let summary = [("GITHUB_STEP_SUMMARY".to_owned(), text("out/step-summary"))];
    let run = ["run", "--profile", &file, "--filter", FILTER, "--jobs", "8"];
    let mut with = |more: &[&str], environment: &[(String, String)]| outputs.of(&[&run, more].concat(), environment);
    let said = with(
        &[
            "--out",
            &text("out"),
            "--write-exemptions",
            &text("out/exemptions.yaml"),
        ],
        &summary,
    );
    assert!(
        said.contains("failed: authentication.header.right.async") && said.contains("curl -i -X POST"),
        "{said}"
    );
    for shard in ["1", "2"] {
        with(
            &[
                "--shard",
                &format!("{shard}/2"),
                "--format",
                "json",
                "--out",
                &text(shard),
            ],
            &[],
        );
    }
    let stored = text("out/report.json");
    outputs.of(
        &[
            "merge",
            &text("1/report.json"),
            &text("2/report.json"),
            "--out",
            &text("merged"),
        ],
        &[],
    );
    for format in ["text", "json", "markdown"] {
        outputs.of(&["diff", &stored, &text("merged/report.json"), "--format", format], &[]);
    }
    for format in Format::ALL {
        let format = clap::ValueEnum::to_possible_value(&format).expect("it has a name");
        outputs.of(&["report", &stored, "--format", format.get_name()], &[]);
    }
    for arguments in [
        &["doctor", "--profile", &file][..],
        &["doctor", "--profile", &file, "--format", "json"],
        &["plan", "--profile", &file],
        &[
            "explain",
            "authentication.header.wrong.async-prefix",
            "--profile",
            &file,
        ],
        &["explain", "retrieval.tokens.right", "--profile", &file],
    ] {
        outputs.of(arguments, &[]);
    }
    for name in ["out", "1", "2", "merged"] {
        outputs.files(&folder.path().join(name));
    }
    outputs.assert_without_leaks(&scanner);
    for stand_in in [
        "[bearer token]",
        "[guarded.X-Torq-Token]",
        "[guarded.X-Torq-Token, case-folded]",
        "[signed.hmac]",
        "[main.operator.secret]",
    ] {
        assert!(outputs.contain(stand_in), "nothing stands for {stand_in}");
    }
}
