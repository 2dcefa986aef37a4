//! Runs to show: of the mock as it is, and of one that differs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use torq_conformance::evidence::Evidence;
use torq_conformance::report::to_html;

use browser::{Browser, Error, Page};

/// What a test of a page comes to.
pub(crate) type Done = Result<(), Error>;

/// Few cases, of every kind: a burst, time windows, refusals, facts.
const FILTER: &str =
    "answers.rate-limit.* or running.sync-fallback.* or authentication.signature.* or answers.error-bodies.*";

/// What is different about a deployment that fails.
const DIFFERENT: &str = "behaviour:
  running: { sync_timeout: 45s }
  rate: { limit: 40 }
  answers: { invalid_signature: \"403 Invalid HMAC signature\" }
";

/// The evidence of a run against a mock that differs in three ways.
pub(crate) fn diverging() -> Evidence {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let specs = folder.path().join("specs");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs"), &specs);
    let fixtures = specs.join("fixtures.yaml");
    let text = fs::read_to_string(&fixtures).expect("the fixtures are there");
    fs::write(&fixtures, text + DIFFERENT).expect("they can be written");
    run(&["--specs".into(), specs])
}

/// The evidence of a run against the mock.
pub(crate) fn conforming() -> Evidence {
    run(&[])
}

fn run(more: &[PathBuf]) -> Evidence {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_torq-conformance"));
    command
        .args(["run", "--format", "quiet", "--filter", FILTER, "--out"])
        .arg(folder.path());
    let output = command.args(more).output().expect("the program starts");
    let report = fs::read_to_string(folder.path().join("report.json"));
    let report = report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(&report).expect("the evidence can be read")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the specs are there") {
        let entry = entry.expect("it can be listed");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("it can be copied");
        }
    }
}

/// A report that lies in a file, as one from a CI artifact does.
pub(crate) struct Report {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Report {
    /// Of some evidence.
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("report.html");
        let html = to_html(evidence).expect("it can be rendered");
        fs::write(&path, html).expect("it can be written");
        Self { _folder: folder, path }
    }

    /// Opened, and ready.
    pub(crate) fn open<'b>(&self, browser: &'b Browser) -> Result<Page<'b>, Error> {
        let page = browser.open_file(&self.path)?;
        page.wait_for("document.documentElement.dataset.ready")?;
        Ok(page)
    }
}

/// It logged nothing wrong and asked for nothing but itself.
pub(crate) fn is_quiet(page: &Page<'_>) {
    assert_eq!(page.console_errors(), Vec::<String>::new());
    let requests = page.requests();
    assert!(
        requests
            .iter()
            .all(|it| it.starts_with("file:///") && it.contains("report.html")),
        "{requests:?}"
    );
}

/// Keeps a picture, when somebody wants to look.
pub(crate) fn keep(page: &Page<'_>, name: &str) -> Done {
    match std::env::var_os("SCREENSHOTS") {
        Some(folder) => page.screenshot(Path::new(&folder).join(format!("{name}.png"))),
        None => Ok(()),
    }
}
