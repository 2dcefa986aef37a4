//! A headless Chromium for tests: open a page, use it as a person does, and see what it shows, logs and requests.
//!
//! For tests alone: no product depends on it, and it knows nothing of what the pages are about. All calls block and have a deadline,
//! so they work in a plain `#[test]`; in an asynchronous one use them on a runtime with several threads.
//!
//! ```no_run
//! use browser::{Browser, Scheme};
//!
//! fn the_page_filters() -> Result<(), browser::Error> {
//!     // Without a browser the test says so and passes; with BROWSER_REQUIRED set it fails instead.
//!     let Some(browser) = Browser::for_test("the_page_filters")? else { return Ok(()) };
//!     let page = browser.open("http://127.0.0.1:7081/")?;
//!     page.wait_for("document.querySelector('h1') !== null")?;
//!     page.click("input[type=search]")?;
//!     page.type_text("urls.ids")?;
//!     page.press("Tab")?;
//!     page.press("Shift+Tab")?;
//!     page.wait_for("document.querySelectorAll('article:not([hidden])').length === 3")?;
//!     page.scheme(Scheme::Dark)?;
//!     page.screenshot("target/dark.png")?;
//!     assert_eq!(page.console_errors(), Vec::<String>::new());
//!     assert_eq!(page.requests(), ["http://127.0.0.1:7081/"]);
//!     Ok(())
//! }
//! # the_page_filters().unwrap();
//! ```

mod browser;
mod connection;
mod error;
mod find;
mod input;
mod page;
mod process;
mod seen;

pub use browser::Browser;
pub use error::Error;
pub use find::{REQUIRED, SET_BY};
pub use page::{Page, Role, Scheme};
