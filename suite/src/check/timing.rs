//! Whether an answer came when it had to.
//!
//! On a clock moved by hand this is exact. On a clock that runs by itself the network can only make an answer later, so it
//! excuses nothing that came too early, and as much of "too late" as the measured latency explains.

use std::time::Duration;

use located_yaml::Location;

use super::mismatch::{Findings, Part};
use crate::attempt::Took;

/// How close to a bound an answer may come before it is remarked on.
const NEAR: Duration = Duration::from_millis(100);

/// A window with its ends evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Not before this.
    pub after: Option<Duration>,
    /// Not after this.
    pub before: Option<Duration>,
}

pub(super) fn judge(bounds: Bounds, took: Took, at: &Location) -> Findings {
    let mut findings = Findings::default();
    match took {
        Took::Between { after, by } => exact(bounds, (after, by), at, &mut findings),
        Took::Measured {
            first_byte, latency, ..
        } => measured(bounds, (first_byte, latency), at, &mut findings),
    }
    findings
}

/// The answer came later than `low` and not later than `high`.
fn exact(bounds: Bounds, (low, high): (Duration, Duration), at: &Location, findings: &mut Findings) {
    if let Some(after) = bounds.after
        && high < after
    {
        findings.differs(
            Part::Time,
            format!("not before {}", seconds(after)),
            format!("{} or earlier, {} too early", seconds(high), seconds(after - high)),
            at,
        );
        return;
    }
    if let Some(before) = bounds.before {
        if low >= before && high > before {
            findings.differs(
                Part::Time,
                format!("not after {}", seconds(before)),
                format!(
                    "later than {}, {} too late or more",
                    seconds(low),
                    seconds(low - before)
                ),
                at,
            );
            return;
        }
        if high > before {
            let reason = format!(
                "the answer came between {} and {}, which does not tell whether it kept {}",
                seconds(low),
                seconds(high),
                seconds(before)
            );
            findings.doubt(reason, at);
        }
    }
    // The clock is stepped to one millisecond before a lower bound: later than that is as exact as it gets.
    if let Some(after) = bounds.after
        && low + Duration::from_millis(1) < after
        && high > after
    {
        let reason = format!(
            "the answer came between {} and {}, which does not tell whether it waited for {}",
            seconds(low),
            seconds(high),
            seconds(after)
        );
        findings.doubt(reason, at);
    }
}

fn measured(bounds: Bounds, (elapsed, latency): (Duration, Duration), at: &Location, findings: &mut Findings) {
    if let Some(after) = bounds.after {
        if elapsed < after {
            findings.differs(
                Part::Time,
                format!("not before {}", seconds(after)),
                format!("after {}, {} too early", seconds(elapsed), seconds(after - elapsed)),
                at,
            );
        } else if elapsed.saturating_sub(latency) < after + NEAR && latency > NEAR {
            findings.notes.push(format!(
                "the answer came within the network's {} of the bound",
                seconds(latency)
            ));
        }
    }
    if let Some(before) = bounds.before {
        let explained = elapsed.saturating_sub(latency);
        if explained > before {
            let found = format!(
                "after {}, {} too late, of which the network explains {}",
                seconds(elapsed),
                seconds(elapsed.saturating_sub(before)),
                seconds(latency)
            );
            findings.differs(Part::Time, format!("not after {}", seconds(before)), found, at);
        } else if elapsed + NEAR > before {
            findings.notes.push(format!(
                "the answer came after {}, near the bound of {}",
                seconds(elapsed),
                seconds(before)
            ));
        }
    }
}

pub(super) fn seconds(duration: Duration) -> String {
    located_yaml::write_duration(Duration::from_millis(
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Location {
        Location {
            file: "case.yaml".into(),
            line: 1,
            column: 1,
            length: 1,
        }
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// `+` holds, `-` differs, `?` cannot be told.
    #[track_caller]
    fn check(took: Took, expected: char) {
        let bounds = Bounds {
            after: Some(ms(50_000)),
            before: Some(ms(52_000)),
        };
        let findings = judge(bounds, took, &place());
        let verdict = match (findings.mismatches.is_empty(), findings.doubts.is_empty()) {
            (true, true) => '+',
            (false, _) => '-',
            (true, false) => '?',
        };
        assert_eq!(verdict, expected, "{took:?}: {findings:?}");
    }

    #[test]
    fn a_clock_moved_by_hand_tells_exactly() {
        let between = |after, by| Took::Between {
            after: ms(after),
            by: ms(by),
        };
        check(between(49_999, 50_000), '+');
        check(between(49_999, 52_000), '+');
        check(between(0, 49_999), '-');
        check(between(0, 45_000), '-');
        check(between(52_000, 60_000), '-');
        check(between(51_000, 60_000), '?');
        check(between(0, 51_000), '?');
    }

    #[test]
    fn the_network_excuses_lateness_and_nothing_else() {
        let measured = |elapsed, latency| Took::Measured {
            first_byte: ms(elapsed),
            complete: ms(elapsed),
            latency: ms(latency),
        };
        check(measured(50_001, 0), '+');
        check(measured(49_990, 500), '-');
        check(measured(52_100, 0), '-');
        check(measured(52_100, 200), '+');
        check(measured(60_000, 200), '-');
    }
}
