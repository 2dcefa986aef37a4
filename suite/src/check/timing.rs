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
            first_byte,
            complete,
            latency,
        } => {
            measured(bounds, (first_byte, latency), at, &mut findings);
            if findings.is_clean() {
                ended(bounds, (first_byte, complete), latency, at, &mut findings);
            }
        }
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
        } else if elapsed.saturating_sub(latency) < after && latency > NEAR {
            findings.notes.push(format!(
                "the answer came after {} by this machine's clock, and {} of it may be the network's: near the bound of {}",
                seconds(elapsed),
                seconds(latency),
                seconds(after)
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
                "the answer came after {} by this machine's clock, near the bound of {}",
                seconds(elapsed),
                seconds(before)
            ));
        }
    }
}

/// The answer began in time; whether it also ended in time is the server's and the network's doing, and nobody here can tell whose.
fn ended(
    bounds: Bounds,
    (first_byte, complete): (Duration, Duration),
    latency: Duration,
    at: &Location,
    findings: &mut Findings,
) {
    if let Some(before) = bounds.before
        && complete.saturating_sub(latency) > before
    {
        let (began, ended, before) = (seconds(first_byte), seconds(complete), seconds(before));
        let reason = format!(
            "the answer began after {began} and was complete after {ended}, {before} being allowed: the server or the network is slow"
        );
        findings.doubt(reason, at);
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
        check(between(52_000, 52_000), '+');
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
        check(measured(50_000, 0), '+');
        check(measured(50_001, 0), '+');
        check(measured(49_990, 500), '-');
        check(measured(52_100, 0), '-');
        check(measured(52_100, 200), '+');
        check(measured(52_200, 200), '+');
        check(measured(52_201, 200), '-');
        check(measured(60_000, 200), '-');
    }

    /// The remark on an answer that took so long, by this machine's clock, with this latency.
    fn remark(elapsed: u64, latency: u64) -> Vec<String> {
        let took = Took::Measured {
            first_byte: ms(elapsed),
            complete: ms(elapsed),
            latency: ms(latency),
        };
        let bounds = Bounds {
            after: Some(ms(50_000)),
            before: Some(ms(52_000)),
        };
        judge(bounds, took, &place()).notes
    }

    #[test]
    fn a_pass_near_a_bound_is_remarked_on() {
        assert_eq!(remark(50_010, 2), [""; 0]);
        assert_eq!(remark(51_800, 2), [""; 0]);
        // Just far enough from a bound.
        assert_eq!(remark(51_900, 2), [""; 0]);
        assert_eq!(remark(50_050, 100), [""; 0], "so little latency is no remark");
        assert_eq!(remark(50_300, 300), [""; 0]);
        assert_eq!(
            remark(51_950, 2),
            ["the answer came after 51.95s by this machine's clock, near the bound of 52s"]
        );
        assert_eq!(
            remark(52_100, 200),
            ["the answer came after 52.1s by this machine's clock, near the bound of 52s"]
        );
        assert_eq!(
            remark(50_100, 300),
            [
                "the answer came after 50.1s by this machine's clock, and 300ms of it may be the network's: near the bound of 50s"
            ]
        );
    }

    #[test]
    fn an_answer_that_begins_in_time_and_ends_late_cannot_be_told() {
        let took = |complete| Took::Measured {
            first_byte: ms(50_100),
            complete: ms(complete),
            latency: ms(100),
        };
        check(took(51_900), '+');
        check(took(52_100), '+');
        check(took(52_101), '?');
    }
}
