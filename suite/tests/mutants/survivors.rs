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

impl Tried {
    fn noticed(&self) -> usize {
        self.count - self.survivors.len()
    }

    /// The figures as they are now.
    pub(crate) fn now(&self, score: &Score) -> (usize, usize) {
        let immaterial = self
            .survivors
            .iter()
            .filter(|it| is_like(&score.immaterial, it))
            .count();
        (self.noticed(), self.count - immaterial)
    }

    /// Survivors that nothing excuses.
    pub(crate) fn unexplained<'t>(&'t self, score: &'t Score) -> impl Iterator<Item = &'t Survivor> {
        let excused = |it: &Survivor| is_like(&score.immaterial, it) || is_like(&score.survivors, it);
        self.survivors.iter().filter(move |it| !excused(it))
    }

    /// Everything that is wrong with the file, or with the suite.
    pub(crate) fn complaints(&self, score: &Score) -> Vec<String> {
        let unexplained = self.unexplained(score).map(|it| format!("nothing notices {it}"));
        let mut complaints: Vec<_> = unexplained.collect();
        for reason in score.immaterial.iter().chain(&score.survivors) {
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
        let (noticed, of) = self.now(score);
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
        let (noticed, of) = self.now(score);
        let now = Score {
            noticed,
            of,
            ..Score::default()
        };
        let mut told = format!("{}: {now} noticed\n", self.of.key());
        for (word, reasons) in [("immaterial", &score.immaterial), ("excused", &score.survivors)] {
            for reason in reasons {
                let like_it = self.survivors.iter().filter(|it| reason.cover(&it.name)).count();
                told.push_str(&format!("{like_it:>6} {word}: {}\n", reason.because));
            }
        }
        told
    }

    /// The file with the figures as they are now.
    pub(crate) fn written_into(&self, text: &str, score: &Score) -> String {
        let (noticed, of) = self.now(score);
        let mut inside = false;
        let mut out = String::new();
        for line in text.lines() {
            if !line.starts_with([' ', '#']) {
                inside = line == format!("{}:", self.of.key());
            }
            match line {
                _ if inside && line.starts_with("  noticed:") => out.push_str(&format!("  noticed: {noticed}")),
                _ if inside && line.starts_with("  of:") => out.push_str(&format!("  of: {of}")),
                other => out.push_str(other),
            }
            out.push('\n');
        }
        out
    }
}

fn is_like(reasons: &[Survivors], it: &Survivor) -> bool {
    reasons.iter().any(|reason| reason.cover(&it.name))
}
