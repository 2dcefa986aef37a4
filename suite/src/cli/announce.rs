//! Progress while a run goes on: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::progress::Progress;
use crate::report::Finished;
use crate::verdict::Verdict;

/// How often a line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// Shows progress on standard error.
pub(super) enum Announcer {
    /// On a terminal.
    Bar(ProgressBar),
    /// In a log.
    Lines(Mutex<Lines>),
    /// Not at all.
    Silent,
}

/// What the lines of a log say.
pub(super) struct Lines {
    cases: usize,
    done: usize,
    failed: usize,
    printed: Instant,
}

impl Announcer {
    /// For a run of `cases`.
    pub(super) fn new(cases: usize) -> Self {
        if !io::stderr().is_terminal() {
            return Self::Lines(Mutex::new(Lines {
                cases,
                done: 0,
                failed: 0,
                printed: Instant::now(),
            }));
        }
        let bar = ProgressBar::new(cases as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// Leaves nothing behind.
    pub(super) fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Announcer {
    fn finished(&self, finished: &Finished<'_>) {
        let (case, verdict) = (finished.case, finished.judgement.verdict);
        let bad = matches!(verdict, Verdict::Failed | Verdict::HarnessError);
        match self {
            Self::Bar(bar) => {
                if bad {
                    bar.println(format!("{verdict}: {}", case.id));
                }
                bar.set_message(case.id.clone());
                bar.inc(1);
            }
            Self::Lines(lines) => {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.done += 1;
                lines.failed += usize::from(bad);
                if lines.printed.elapsed() >= EVERY {
                    lines.printed = Instant::now();
                    let (done, cases, failed) = (lines.done, lines.cases, lines.failed);
                    // Without standard error there is nobody to keep informed.
                    let _ = writeln!(anstream::stderr(), "{done} of {cases} cases, {failed} failed so far");
                }
            }
            Self::Silent => {}
        }
    }
}
