//! The HTML report in a headless Chromium: it renders, filters, tells its stories, and asks for nothing.
//!
//! The runs it shows are real ones, of the mock with a behaviour that differs. `SCREENSHOTS=DIR` keeps pictures of it to look at.

mod accessible;
mod hostile;
mod large;
mod runs;
mod used;
