//! What several runs of one case come to: the worst of them, and whether they agree.

use serde::{Deserialize, Serialize};

use super::{Tally, Verdict};

/// Whether the runs of a case agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Stability {
    /// They all came to the same verdict.
    Deterministic,
    /// They did not.
    Intermittent,
}

/// The verdicts of all runs of one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeats(Vec<Verdict>);

impl Stability {
    /// The word used in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deterministic => "deterministic",
            Self::Intermittent => "intermittent",
        }
    }
}

impl Repeats {
    /// Adds a run; true when it is worse than all before it, or the first.
    pub fn add(&mut self, verdict: Verdict) -> bool {
        let worst = self.worst();
        self.0.push(verdict);
        worst.is_none_or(|worst| verdict.badness() > worst.badness())
    }

    /// The verdict that counts: a case that failed once has failed.
    #[must_use]
    pub fn worst(&self) -> Option<Verdict> {
        self.0.iter().copied().max_by_key(|verdict| verdict.badness())
    }

    /// How many runs came to what.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.0.iter().for_each(|verdict| tally.add(*verdict));
        tally
    }

    /// Whether they agree; nothing can be said of a case that ran once.
    #[must_use]
    pub fn stability(&self) -> Option<Stability> {
        let (first, rest) = self.0.split_first()?;
        if rest.is_empty() {
            return None;
        }
        Some(if rest.iter().all(|it| it == first) {
            Stability::Deterministic
        } else {
            Stability::Intermittent
        })
    }
}

impl Verdict {
    /// How much a verdict weighs against others of the same case.
    pub(crate) const fn badness(self) -> u8 {
        match self {
            Self::Passed | Self::Recorded => 0,
            Self::Unavailable => 1,
            Self::UnexpectedPass => 2,
            Self::Exempt => 3,
            Self::Inconclusive => 4,
            Self::Deviates => 5,
            Self::Failed => 6,
            Self::HarnessError => 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(verdicts: &[Verdict]) -> Repeats {
        let mut repeats = Repeats::default();
        for verdict in verdicts {
            repeats.add(*verdict);
        }
        repeats
    }

    #[test]
    fn the_worst_of_several_runs_counts() {
        use Stability::{Deterministic, Intermittent};
        use Verdict::{Deviates, Exempt, Failed, HarnessError, Inconclusive, Passed, Recorded};
        for (verdicts, worst, stability) in [
            (&[][..], None, None),
            (&[Passed], Some(Passed), None),
            (&[Failed], Some(Failed), None),
            (&[Passed, Passed, Passed], Some(Passed), Some(Deterministic)),
            (&[Failed, Failed], Some(Failed), Some(Deterministic)),
            (&[Passed, Failed, Passed], Some(Failed), Some(Intermittent)),
            (&[Failed, Passed, Passed], Some(Failed), Some(Intermittent)),
            (&[Inconclusive, Passed], Some(Inconclusive), Some(Intermittent)),
            (&[Inconclusive, Failed], Some(Failed), Some(Intermittent)),
            (&[Deviates, Passed], Some(Deviates), Some(Intermittent)),
            (&[Deviates, Inconclusive], Some(Deviates), Some(Intermittent)),
            (&[Exempt, Passed], Some(Exempt), Some(Intermittent)),
            (&[Exempt, Inconclusive], Some(Inconclusive), Some(Intermittent)),
            (&[Exempt, Failed], Some(Failed), Some(Intermittent)),
            (&[Recorded, Inconclusive], Some(Inconclusive), Some(Intermittent)),
            (&[HarnessError, Failed], Some(HarnessError), Some(Intermittent)),
        ] {
            let repeats = of(verdicts);
            assert_eq!(
                (repeats.worst(), repeats.stability()),
                (worst, stability),
                "{verdicts:?}"
            );
        }
        assert_eq!(of(&[Failed, Passed, Passed]).tally().counts(), "2 passed, 1 failed");
    }

    proptest! {
        #[test]
        fn another_run_never_turns_red_to_green(
            verdicts in prop::collection::vec(prop::sample::select(Verdict::ALL.to_vec()), 1..8),
            more in prop::sample::select(Verdict::ALL.to_vec()),
        ) {
            let before = of(&verdicts);
            let mut after = before.clone();
            let is_worse = after.add(more);
            let badness = |repeats: &Repeats| repeats.worst().map(Verdict::badness);
            prop_assert!(badness(&after) >= badness(&before));
            prop_assert_eq!(is_worse, badness(&after) > badness(&before));
            prop_assert_eq!(after.tally().total(), verdicts.len() + 1);
            if verdicts.contains(&Verdict::Failed) {
                let worst = after.worst();
                prop_assert!(matches!(worst, Some(Verdict::Failed | Verdict::HarnessError)));
            }
        }
    }
}
