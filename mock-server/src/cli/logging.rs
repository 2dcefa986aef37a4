//! The log on standard error.
//!
//! Decides where lines go and what they look like; what is said in them is the library's.

use std::io;

use super::Log;

/// Begins to log. A program that logs already goes on as it does.
pub(super) fn begin(log: Log) {
    let subscriber = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO);
    let begun = match log {
        Log::Off => return,
        Log::Text => subscriber.try_init(),
        Log::Json => subscriber.json().flatten_event(true).try_init(),
    };
    // Only a second call could fail, and the first one's log does as well.
    drop(begun);
}
