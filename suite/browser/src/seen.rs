//! What a page did while the test looked elsewhere: loads, console, requests.
//!
//! Collects and judges nothing.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use crate::connection::PATIENCE;

/// Everything seen of one page so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The page's own frame: what is embedded in it loads for itself.
    frame: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The documents of the page itself that have loaded, by the protocol's id of each.
    loaded: Vec<String>,
    gone: bool,
    console: Vec<Said>,
    requests: Vec<String>,
}

/// A line of the console.
#[derive(Debug)]
struct Said {
    /// Whether it speaks of something wrong.
    weight: Weight,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Wrong,
    Remark,
}

impl Seen {
    /// Of the page with that frame, nothing so far.
    pub(crate) fn of(frame: &str) -> Self {
        Self {
            frame: frame.to_owned(),
            ..Self::default()
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of one event of the protocol.
    pub(crate) fn note(&self, event: &str, parameters: &Json) {
        let mut state = self.state();
        match event {
            "Page.lifecycleEvent" if parameters["name"] == "load" && parameters["frameId"] == self.frame.as_str() => {
                let document = parameters["loaderId"].as_str().unwrap_or_default();
                state.loaded.push(document.to_owned());
            }
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str().unwrap_or_default();
                state.requests.push(url.to_owned());
            }
            "Network.webSocketCreated" => {
                let url = parameters["url"].as_str().unwrap_or_default();
                state.requests.push(url.to_owned());
            }
            "Runtime.consoleAPICalled" => {
                let weight = match parameters["type"].as_str() {
                    Some("error" | "warning" | "assert") => Weight::Wrong,
                    _ => Weight::Remark,
                };
                let text = words(&parameters["args"]);
                state.console.push(Said { weight, text });
            }
            "Runtime.exceptionThrown" => {
                let details = &parameters["exceptionDetails"];
                let text = thrown(details);
                state.console.push(Said {
                    weight: Weight::Wrong,
                    text,
                });
            }
            "Log.entryAdded" => {
                let entry = &parameters["entry"];
                let weight = match entry["level"].as_str() {
                    Some("error" | "warning") => Weight::Wrong,
                    _ => Weight::Remark,
                };
                let text = entry["text"].as_str().unwrap_or_default();
                let url = entry["url"].as_str().map(|it| format!(" ({it})")).unwrap_or_default();
                state.console.push(Said {
                    weight,
                    text: format!("{text}{url}"),
                });
            }
            "gone" => state.gone = true,
            _ => return,
        }
        drop(state);
        self.changed.notify_all();
    }

    /// The documents that have loaded so far.
    pub(crate) fn loaded(&self) -> Vec<String> {
        self.state().loaded.clone()
    }

    /// Waits until a document has loaded that is wanted; false when none does.
    pub(crate) fn wait_until_loaded(&self, wanted: impl Fn(&str) -> bool) -> bool {
        let is_there = |state: &State| state.loaded.iter().any(|document| wanted(document));
        let waits = |state: &mut State| !is_there(state) && !state.gone;
        let waited = self.changed.wait_timeout_while(self.state(), PATIENCE, waits);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        is_there(&state)
    }

    /// Every line of the console.
    pub(crate) fn console(&self) -> Vec<String> {
        self.state().console.iter().map(|it| it.text.clone()).collect()
    }

    /// The lines that speak of something wrong: errors, warnings, what was thrown and not caught.
    pub(crate) fn console_errors(&self) -> Vec<String> {
        let state = self.state();
        let wrong = state.console.iter().filter(|it| it.weight == Weight::Wrong);
        wrong.map(|it| it.text.clone()).collect()
    }

    /// The address of every request.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }
}

/// The words of a call of the console.
fn words(arguments: &Json) -> String {
    let word = |it: &Json| match &it["value"] {
        Json::Null => it["description"].as_str().unwrap_or("null").to_owned(),
        Json::String(text) => text.clone(),
        value => value.to_string(),
    };
    let words: Vec<_> = arguments.as_array().into_iter().flatten().map(word).collect();
    words.join(" ")
}

/// What was thrown, in the words of the page.
pub(crate) fn thrown(details: &Json) -> String {
    let exception = &details["exception"];
    let text = exception["description"].as_str().map(str::to_owned);
    let value = || (!exception["value"].is_null()).then(|| exception["value"].to_string());
    text.or_else(value)
        .unwrap_or_else(|| details["text"].as_str().unwrap_or("something").to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_is_told_from_what_is_a_remark() {
        let seen = Seen::default();
        seen.note(
            "Runtime.consoleAPICalled",
            &json!({ "type": "log", "args": [{ "value": "hello" }] }),
        );
        seen.note(
            "Runtime.consoleAPICalled",
            &json!({ "type": "error", "args": [{ "value": "a" }, { "value": 1 }] }),
        );
        seen.note(
            "Runtime.exceptionThrown",
            &json!({ "exceptionDetails": { "text": "Uncaught", "exception": { "description": "Error: x" } } }),
        );
        seen.note(
            "Log.entryAdded",
            &json!({ "entry": { "level": "error", "text": "404", "url": "http://a/b" } }),
        );
        seen.note(
            "Log.entryAdded",
            &json!({ "entry": { "level": "verbose", "text": "slow" } }),
        );
        assert_eq!(seen.console_errors(), ["a 1", "Error: x", "404 (http://a/b)"]);
        assert_eq!(seen.console().len(), 5);
    }

    #[test]
    fn only_the_page_itself_loads_and_each_document_is_told_from_the_others() {
        let seen = Seen::of("main");
        for (frame, document, name) in [("main", "1", "load"), ("inner", "2", "load"), ("main", "3", "init")] {
            let event = json!({ "frameId": frame, "loaderId": document, "name": name });
            seen.note("Page.lifecycleEvent", &event);
        }
        assert_eq!(seen.loaded(), ["1"]);
        assert!(seen.wait_until_loaded(|document| document == "1"));
    }

    #[test]
    fn a_page_that_never_loads_is_not_waited_for_when_the_browser_is_gone() {
        let seen = Seen::default();
        seen.note("gone", &Json::Null);
        assert!(!seen.wait_until_loaded(|_| true));
    }
}
