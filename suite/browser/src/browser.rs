//! A running browser, and the pages opened in it.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::connection::Connection;
use crate::process::Process;
use crate::seen::Seen;
use crate::{Error, Page, find};

/// A headless Chromium with an empty profile; ended when it is dropped.
#[derive(Debug)]
pub struct Browser {
    /// Closed before the process is waited for: that is how the browser learns that it is over.
    connection: Connection,
    _process: Process,
}

impl Browser {
    /// For the test of that name: `None`, and a line on standard error, when there is no browser.
    ///
    /// # Errors
    /// When there is none although `BROWSER_REQUIRED` is set, or when it does not start.
    pub fn for_test(test: &str) -> Result<Option<Self>, Error> {
        find::find(test)?.map(|program| Self::start(&program)).transpose()
    }

    /// Starts the one at that path.
    ///
    /// # Errors
    /// When it does not start or does not speak the protocol.
    pub fn start(program: &Path) -> Result<Self, Error> {
        let (process, writer, reader) = Process::start(program)?;
        let browser = Self {
            connection: Connection::new(writer, reader),
            _process: process,
        };
        let version = browser.connection.ask("Browser.getVersion", json!({}));
        version.map_err(|error| Error::NotStarted {
            program: program.display().to_string(),
            why: error.to_string(),
        })?;
        Ok(browser)
    }

    /// Opens an address (`http://…`, `file://…`) in a page of its own, which shares no storage with any other, and waits until it has loaded.
    ///
    /// # Errors
    /// When it does not load.
    pub fn open(&self, url: &str) -> Result<Page<'_>, Error> {
        let page = self.blank()?;
        page.go(url)?;
        Ok(page)
    }

    /// Opens a file.
    ///
    /// # Errors
    /// When there is no such file, or it does not load.
    pub fn open_file(&self, path: &Path) -> Result<Page<'_>, Error> {
        self.open(&file_url(path)?)
    }

    /// An empty page, to be set up before it goes anywhere.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub fn blank(&self) -> Result<Page<'_>, Error> {
        let text = |json: &serde_json::Value| json.as_str().unwrap_or_default().to_owned();
        let context = self.connection.ask("Target.createBrowserContext", json!({}))?;
        let context = text(&context["browserContextId"]);
        let target = json!({ "url": "about:blank", "browserContextId": context, "width": 1280, "height": 900 });
        let target = self.connection.ask("Target.createTarget", target)?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.connection.ask("Target.attachToTarget", attach)?;
        let session = text(&session["sessionId"]);
        let seen = Arc::new(Seen::of(&text(&target["targetId"])));
        self.connection.listen(&session, Arc::clone(&seen));
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.connection
                .ask_in(&session, &format!("{domain}.enable"), json!({}))?;
        }
        let lifecycle = json!({ "enabled": true });
        self.connection
            .ask_in(&session, "Page.setLifecycleEventsEnabled", lifecycle)?;
        Ok(Page::new(&self.connection, (session, context), seen))
    }
}

/// The address of a file.
fn file_url(path: &Path) -> Result<String, Error> {
    let path = path.canonicalize().map_err(|error| Error::NotLoaded {
        url: path.display().to_string(),
        why: error.to_string(),
    })?;
    let mut url = "file://".to_owned();
    for byte in path.display().to_string().bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => url.push(char::from(byte)),
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_file_is_escaped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b#c?.html");
        std::fs::write(&path, "").unwrap();
        assert!(file_url(&path).unwrap().ends_with("/a%20b%23c%3F.html"));
        assert!(file_url(&folder.path().join("none")).is_err());
    }
}
