//! The examples in other languages, run as they are shown.

use std::path::PathBuf;
use std::process::Command;

use crate::support::Mock;

/// Makes a missing interpreter a failure instead of a skip.
const REQUIRED: &str = "CLIENTS_REQUIRED";

/// The program that runs what is to be run, or a line that nobody misses to say that it is skipped.
pub(crate) fn interpreter<'p>(program: &'p str, what: &str) -> Option<&'p str> {
    let found = Command::new(program).arg("--version").output().is_ok() || program == "sh";
    if found {
        return Some(program);
    }
    assert!(std::env::var_os(REQUIRED).is_none(), "there is no {program}");
    // The test harness captures what `eprintln` writes, and a skip nobody sees is a hole.
    let line = format!("SKIPPED {what}: there is no `{program}` on the PATH\n");
    drop(std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()));
    None
}

/// Runs an example against a server of its own.
async fn runs(program: &str, file: &str) {
    let Some(program) = interpreter(program, file) else {
        return;
    };
    let mock = Mock::start().await;
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "examples", "clients", file]
        .iter()
        .collect();
    let mut command = Command::new(program);
    command.arg(path).env("CONTROL", format!("http://{}", mock.control));
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("it ends");
    let output = output.expect("it starts");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with("201 after 50 s, SUCCESS after 70 s, refused by "),
        "{text}"
    );
    assert_eq!(lines[1..], ["replayed and told of, approved by hand, 200 with a fault"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_does_it() {
    runs("sh", "client.sh").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_does_it() {
    runs("python3", "client.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_does_it() {
    runs("node", "client.mjs").await;
}
