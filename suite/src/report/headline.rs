//! What a run comes to in one line, and the stamps that qualify it: the same words at the top of every view.
//!
//! Words only; how they look is for the views.

use crate::evidence::Evidence;
use crate::verdict::exit;

/// The one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Headline {
    /// The line.
    pub(super) words: &'static str,
    /// How good that is.
    pub(super) tone: Tone,
}

/// How good something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it should be.
    Good,
    /// Nobody can tell, or it has to be looked at.
    Doubtful,
    /// Not as it should be.
    Bad,
}

impl Tone {
    /// The word for style sheets.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
        }
    }
}

/// The line of a run.
pub(super) fn headline(evidence: &Evidence) -> Headline {
    let of = |words, tone| Headline { words, tone };
    match evidence.exit_code {
        _ if !evidence.complete => of("Incomplete: the run did not reach its end", Tone::Doubtful),
        Some(exit::CONFORMS) if evidence.coverage.judged == evidence.coverage.of => of("Conforms", Tone::Good),
        Some(exit::CONFORMS) => of("No divergence in what was judged", Tone::Good),
        Some(exit::DIVERGES) => of("Diverges from the documented behaviour", Tone::Bad),
        Some(exit::INCONCLUSIVE) => of("Inconclusive: something could not be judged", Tone::Doubtful),
        Some(exit::STALE) => of("An exemption is stale", Tone::Bad),
        Some(exit::HARNESS) => of("A fault of the suite itself", Tone::Bad),
        Some(_) | None => of("No verdict", Tone::Doubtful),
    }
}

/// What a reader has to know before they believe the figures; each a sentence of its own.
pub(super) fn stamps(evidence: &Evidence) -> Vec<String> {
    let mut stamps = Vec::new();
    if !evidence.conformance_claim {
        let limits = evidence.overridden_limits.join(", ");
        stamps.push(format!("No conformance claim: the profile overrides {limits}"));
    }
    if !evidence.complete {
        let (cases, planned) = (evidence.cases.len(), evidence.planned.cases);
        stamps.push(format!(
            "Incomplete: {cases} of {planned} cases had ended when this was written"
        ));
    }
    if let Some(reason) = &evidence.ended_early {
        stamps.push(format!("Ended early: {reason}"));
    }
    if let Some(shard) = &evidence.shard {
        let elsewhere = shard.elsewhere;
        stamps.push(format!(
            "Shard {shard}: {elsewhere} cases are elsewhere, and the figures count them"
        ));
    }
    if !evidence.left_out.is_empty() {
        let count = evidence.left_out.len();
        stamps.push(format!("A budget left out {count} cases, and the figures count them"));
    }
    if !evidence.filters.is_empty() {
        stamps.push(format!("Only the cases of {}", evidence.filters.join(" and ")));
    }
    stamps
}

/// A part of all in percent, with one digit; never 100 for less than all of it.
pub(super) fn percent(part: usize, all: usize) -> String {
    if part >= all {
        return if all == 0 { "–".to_owned() } else { "100 %".to_owned() };
    }
    let tenths = part * 1000 / all;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// What an exit code says.
pub(super) const fn meaning(code: u8) -> &'static str {
    match code {
        exit::CONFORMS => "conforms",
        exit::DIVERGES => "the deployment diverges",
        exit::USAGE => "the command line, a profile or the specs are wrong",
        exit::ENVIRONMENT => "the deployment could not be reached",
        exit::INCONCLUSIVE => "nothing failed, but something could not be judged",
        exit::HARNESS => "a fault of the suite itself",
        exit::STALE => "an exemption is stale",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_it_is_a_hundred_percent() {
        for (part, all, words) in [
            (377, 377, "100 %"),
            (376, 377, "99.7 %"),
            (99_999, 100_000, "99.9 %"),
            (0, 3, "0.0 %"),
            (0, 0, "–"),
        ] {
            assert_eq!(percent(part, all), words);
        }
    }
}
