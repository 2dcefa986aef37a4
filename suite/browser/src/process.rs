//! The browser as a process: started with nothing of the person's own in it, ended with the test.
//!
//! Knows no protocol; it hands out two pipes.

use std::io::{self, BufRead as _, BufReader, PipeReader, PipeWriter};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::Error;

/// How long a browser may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

const FLAGS: [&str; 22] = [
    "--headless",
    "--remote-debugging-pipe",
    // As root, as in most containers, Chromium does not start with it.
    "--no-sandbox",
    // The shared memory of containers is small.
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-sync",
    "--metrics-recording-only",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    "--force-color-profile=srgb",
    // No name leads anywhere and no address but this machine's is one: a page that loads from elsewhere fails.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// A running browser; ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Says nothing and hangs up when the last process of the browser is gone.
    ended: Receiver<()>,
    /// Its profile, empty at the start.
    _profile: TempDir,
}

impl Process {
    /// Starts it, with the pipe it listens to and the one it speaks on.
    pub(crate) fn start(program: &Path) -> Result<(Self, PipeWriter, PipeReader), Error> {
        let failed = |why: String| Error::NotStarted {
            program: program.display().to_string(),
            why,
        };
        let profile = tempfile::Builder::new().prefix("browser-").tempdir();
        let profile = profile.map_err(|error| failed(error.to_string()))?;
        let (mut command, writer, reader) = command(program, &profile).map_err(|error| failed(error.to_string()))?;
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        // The command still holds the browser's ends of the pipes; without them its death would go unnoticed.
        drop(command);
        let ended = drain(&mut child);
        let process = Self {
            child,
            ended,
            _profile: profile,
        };
        Ok((process, writer, reader))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends by itself when its pipe closes, which has happened by now.
        if let Err(RecvTimeoutError::Timeout) = self.ended.recv_timeout(GRACE) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

#[cfg(unix)]
fn command(program: &Path, profile: &TempDir) -> io::Result<(Command, PipeWriter, PipeReader)> {
    use command_fds::{CommandFdExt as _, FdMapping};
    let (theirs_in, writer) = io::pipe()?;
    let (reader, theirs_out) = io::pipe()?;
    let mut command = Command::new(program);
    command
        .args(FLAGS)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg("about:blank")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mapping = |parent_fd, child_fd| FdMapping { parent_fd, child_fd };
    let mappings = vec![mapping(theirs_in.into(), 3), mapping(theirs_out.into(), 4)];
    command.fd_mappings(mappings).map_err(io::Error::other)?;
    Ok((command, writer, reader))
}

#[cfg(not(unix))]
fn command(_: &Path, _: &TempDir) -> io::Result<(Command, PipeWriter, PipeReader)> {
    Err(io::Error::other("the pipes it is spoken to over exist on Unix only"))
}

/// Reads away what the browser says about itself, and notices when it ends.
fn drain(child: &mut Child) -> Receiver<()> {
    let (end, ended) = channel();
    let stderr = child.stderr.take();
    thread::spawn(move || {
        let lines = stderr.into_iter().flat_map(|it| BufReader::new(it).split(b'\n'));
        for line in lines {
            if line.is_err() {
                break;
            }
        }
        drop(end);
    });
    ended
}
