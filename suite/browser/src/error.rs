//! What can go wrong between a test and its browser.

/// Why a call did not do what was asked. Its text says enough to find the mistake.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no browser, and the test must not be skipped.
    #[error("no browser for {test}, and BROWSER_REQUIRED is set: {how}")]
    Missing {
        /// The test that wanted it.
        test: String,
        /// How to get one.
        how: &'static str,
    },
    /// The browser does not start.
    #[error("the browser {program} does not start: {why}")]
    NotStarted {
        /// Its path.
        program: String,
        /// What the system or the browser says.
        why: String,
    },
    /// The browser has ended or does not speak its protocol.
    #[error("the browser is gone: {0}")]
    Gone(String),
    /// The browser did not answer in time.
    #[error("the browser did not answer {method} within {seconds} s")]
    Late {
        /// What it was asked.
        method: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The browser refuses what it is asked.
    #[error("{method}: {why}")]
    Refused {
        /// What it was asked.
        method: String,
        /// What it says.
        why: String,
    },
    /// A page does not load.
    #[error("{url} does not load: {why}")]
    NotLoaded {
        /// Its address.
        url: String,
        /// What the browser says.
        why: String,
    },
    /// An expression throws, in the page.
    #[error("`{expression}` throws {thrown}")]
    Thrown {
        /// The expression.
        expression: String,
        /// What it throws.
        thrown: String,
    },
    /// An expression did not become true in time.
    #[error("`{expression}` did not become true within {seconds} s; it was {last}")]
    NeverTrue {
        /// The expression.
        expression: String,
        /// How long was waited.
        seconds: u64,
        /// Its last value.
        last: String,
    },
    /// Nothing on the page is what a selector names, or it cannot be clicked.
    #[error("nothing to click at `{selector}`: {why}")]
    NotThere {
        /// The selector.
        selector: String,
        /// What is wrong with it.
        why: String,
    },
    /// A key has no such name.
    #[error(
        "no key is called `{0}`; a character, or Tab, Enter, Escape, Space, Backspace, Delete, Home, End, PageUp, PageDown, Arrow…"
    )]
    UnknownKey(String),
    /// A file cannot be written.
    #[error("cannot write {path}: {why}")]
    NotWritten {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
}
