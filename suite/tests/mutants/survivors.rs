//! What nothing noticed, held against `specs/survivors.yaml`: everything there has a reason, and every reason has something.
//!
//! Compares and writes figures; finds nothing itself.

use std::fmt;

use torq_conformance::spec::model::{Score, Survivors};

/// The key of the file under which a score stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The assertions of the cases.
    Assertions,
    /// The fields of the mock's answers.
    Answers,
}

/// What was tried, and what of it nothing noticed.
pub(crate) struct Tried {
    pub(crate) of: Of,
    /// How many changes.
    pub(crate) count: usize,
    pub(crate) survivors: Vec<Survivor>,
}

/// A change that nothing notices.
pub(crate) struct Survivor {
    pub(crate) name: String,
    /// Where what was changed is written, when it is written anywhere.
    pub(crate) place: Option<String>,
}

impl Of {
    const fn key(self) -> &'static str {
        match self {
            Self::Assertions => "assertions",
            Self::Answers => "answers",
        }
    }
}

impl fmt::Display for Survivor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.place.iter().try_for_each(|place| write!(f, " ({place})"))
    }
}

/// The figures of a score: what of the file a program writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) noticed: usize,
    pub(crate) of: usize,
    /// How many each reason excuses, in the order of the file: those that are immaterial first.
    pub(crate) counts: Vec<usize>,
}

impl Figures {
    /// As the file has them.
    pub(crate) fn written(score: &Score) -> Self {
        Self {
            noticed: score.noticed,
            of: score.of,
            counts: reasons(score).map(|(_, reason)| reason.count).collect(),
        }
    }
}

impl Tried {
    /// The figures as they are now.
    pub(crate) fn now(&self, score: &Score) -> Figures {
        let mut counts = vec![0; reasons(score).count()];
        for survivor in &self.survivors {
            let first = reasons(score).position(|(_, reason)| reason.cover(&survivor.name));
            if let Some(first) = first {
                counts[first] += 1;
            }
        }
        let immaterial: usize = counts[..score.immaterial.len()].iter().sum();
        Figures {
            noticed: self.count - self.survivors.len(),
            of: self.count - immaterial,
            counts,
        }
    }

    /// Survivors that nothing excuses.
    pub(crate) fn unexplained<'t>(&'t self, score: &'t Score) -> impl Iterator<Item = &'t Survivor> {
        let excused = |it: &Survivor| reasons(score).any(|(_, reason)| reason.cover(&it.name));
        self.survivors.iter().filter(move |it| !excused(it))
    }

    /// Everything that is wrong with the file, or with the suite.
    pub(crate) fn complaints(&self, score: &Score) -> Vec<String> {
        let unexplained = self.unexplained(score).map(|it| format!("nothing notices {it}"));
        let mut complaints: Vec<_> = unexplained.collect();
        for (_, reason) in reasons(score) {
            for like in &reason.like {
                let mut one = reason.clone();
                one.like = vec![like.clone()];
                if !self.survivors.iter().any(|it| one.cover(&it.name)) {
                    complaints.push(format!(
                        "{}: `{like}` is like no survivor any more: take it away",
                        reason.at
                    ));
                }
            }
        }
        let Figures { noticed, of, .. } = self.now(score);
        if noticed * score.of < score.noticed * of {
            complaints.push(format!(
                "fewer are noticed than were: {score} of the {} before",
                self.of.key()
            ));
        }
        complaints
    }

    /// How many there are, and how many of those that nothing notices each reason excuses.
    pub(crate) fn told(&self, score: &Score) -> String {
        let Figures { noticed, of, counts } = self.now(score);
        let now = Score {
            noticed,
            of,
            ..Score::default()
        };
        let mut told = format!("{}: {now} noticed\n", self.of.key());
        for ((kind, reason), count) in reasons(score).zip(counts) {
            told.push_str(&format!("{count:>6} {kind}: {}\n", reason.because));
        }
        told
    }

    /// The file with the figures as they are now.
    pub(crate) fn written_into(&self, text: &str, score: &Score) -> String {
        let Figures { noticed, of, counts } = self.now(score);
        let mut counts = counts.into_iter();
        let mut inside = false;
        let mut out = String::new();
        for line in text.lines() {
            if !line.starts_with([' ', '#']) {
                inside = line == format!("{}:", self.of.key());
            }
            let written = match line {
                _ if !inside => None,
                _ if line.starts_with("  noticed:") => Some(format!("  noticed: {noticed}")),
                _ if line.starts_with("  of:") => Some(format!("  of: {of}")),
                _ if line.starts_with("    - count:") => counts.next().map(|count| format!("    - count: {count}")),
                _ => None,
            };
            out.push_str(written.as_deref().unwrap_or(line));
            out.push('\n');
        }
        assert_eq!(
            counts.len(),
            0,
            "every reason begins with its count, the immaterial ones first"
        );
        out
    }
}

/// All reasons with what they make of a survivor, in the order of the file.
fn reasons(score: &Score) -> impl Iterator<Item = (&'static str, &Survivors)> {
    let immaterial = score.immaterial.iter().map(|it| ("immaterial", it));
    immaterial.chain(score.survivors.iter().map(|it| ("excused", it)))
}
