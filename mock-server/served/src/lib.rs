//! `torq-mock serve` as a process of its own, for tests: started on free ports, asked over sockets, stopped.
//!
//! Knows the program by its path, by what it prints and by its sockets, never by its crate. Whatever goes wrong ends the test.

mod http;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use serde_json::Value;

pub use http::{body_of, exchange, send};

/// The last words of a greeting: from then on requests are served.
const READY: &str = "Ctrl-C";

/// How the program is to be started.
#[derive(Debug)]
#[must_use = "it starts nothing until it is told to"]
pub struct Serve(Command);

/// The program while it serves. It is killed when this is dropped.
#[derive(Debug)]
pub struct Served {
    child: Child,
    greeting: String,
    /// What it writes to standard error, read as it comes so that it never has to wait; nothing if that goes to a file.
    said: Option<JoinHandle<String>>,
    /// Kept open, so that it can go on printing.
    _stdout: BufReader<ChildStdout>,
}

impl Serve {
    /// On free ports of loopback, and with nothing of the caller's environment that would change what it does.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .env_remove("TORQ_MOCK_CONTROL_TOKEN")
            .env_remove("TORQ_MOCK_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self(command)
    }

    /// Adds arguments.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    /// Sets variables of its environment.
    pub fn environment(mut self, variables: &[(&str, &str)]) -> Self {
        self.0.envs(variables.iter().copied());
        self
    }

    /// Has it write standard error to a file, where others can read it meanwhile.
    pub fn log_to(mut self, file: File) -> Self {
        self.0.stderr(file);
        self
    }

    /// Starts it, and waits until it serves.
    #[must_use]
    pub fn start(mut self) -> Served {
        let mut child = self.0.spawn().expect("the program starts");
        let said = child.stderr.take().map(|stderr| thread::spawn(|| text_of(stderr)));
        let mut stdout = BufReader::new(child.stdout.take().expect("it was piped"));
        let mut greeting = String::new();
        while !greeting.contains(READY) {
            if stdout.read_line(&mut greeting).expect("it prints text") == 0 {
                let why = said.map_or_else(String::new, |said| said.join().unwrap_or_default());
                panic!("it ended before it served: {greeting}{why}");
            }
        }
        Served {
            child,
            greeting,
            said,
            _stdout: stdout,
        }
    }
}

fn text_of(mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    // What came before an error is worth having.
    let _ = stderr.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

impl Served {
    /// What it printed before it was ready.
    #[must_use]
    pub fn greeting(&self) -> &str {
        &self.greeting
    }

    /// The base URL of triggers, executions API and token endpoint.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.url("triggers")
    }

    /// Where the control surface is.
    #[must_use]
    pub fn control_url(&self) -> &str {
        self.url("control surface")
    }

    /// The URL at the end of the line that begins like this.
    fn url(&self, heading: &str) -> &str {
        let mut lines = self.greeting.lines();
        let line = lines.find(|line| line.trim_start().starts_with(heading));
        line.and_then(|line| line.rsplit(' ').next()).expect("it says where")
    }

    /// The document that the control surface has at this path.
    #[must_use]
    pub fn ask(&self, path: &str) -> Value {
        let answer = exchange("GET", &format!("{}{path}", self.control_url()), "");
        serde_json::from_str(body_of(&answer)).unwrap_or_else(|error| panic!("{path}: {error}: {answer}"))
    }

    /// The URLs, ids and secrets of the default sandbox.
    #[must_use]
    pub fn profile(&self) -> Value {
        self.ask("/sandboxes/default")["profile"].clone()
    }

    /// The Asynchronous URL of a workflow.
    #[must_use]
    pub fn async_url(&self, workflow: &str) -> String {
        let profile = self.profile();
        let entry = &profile["workflows"][workflow];
        let integration = entry["integration"].as_str().expect("the workflow is in the profile");
        let ids = (&profile["integrations"][integration]["id"], &entry["id"]);
        let (Some(integration), Some(workflow)) = (ids.0.as_str(), ids.1.as_str()) else {
            panic!("ids are text: {ids:?}");
        };
        format!("{}/v1/webhooks/{integration}/workflows/{workflow}", self.base_url())
    }

    /// Ends it with a signal such as `TERM`, has it end cleanly, and gives what it wrote to standard error.
    pub fn end_by(mut self, signal: &str) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(sent.expect("there is a `kill`").success(), "{signal}");
        let ended = self.child.wait().expect("it ends");
        let said = self.said.take().map(JoinHandle::join);
        let said = said.map_or_else(String::new, |said| said.expect("it was read to the end"));
        assert!(ended.success(), "{signal}: {ended}: {said}");
        said
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
