//! The views of a run as their readers find them: the HTML report in a headless Chromium, the other formats by their own rules.
//!
//! The runs are real ones, of the mock as it is and of one that differs. `SCREENSHOTS=DIR` keeps pictures of the HTML to look at.

mod accessible;
mod formats;
mod hostile;
mod junit;
mod large;
mod runs;
mod used;
