//! What a comparison comes to: differences, doubts, and remarks.
//!
//! A mismatch says the deployment is wrong, a doubt says that it could not be told. Neither is ever turned into the other.

use std::fmt;

use located_yaml::Location;

/// One difference between what was expected and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Which part of the answer.
    pub part: Part,
    /// What was expected, in words.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The assertion.
    pub at: Location,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The status code.
    Status,
    /// A header.
    Header(String),
    /// The body as text.
    Body,
    /// A place in the body as JSON, by path.
    Json(String),
    /// When it came.
    Time,
    /// The answers of a burst together.
    Burst,
    /// One answer of a burst, by its number from 1.
    Nth(usize, Box<Self>),
    /// A value an earlier or later step needs.
    Capture(String),
    /// Whether there is an answer.
    Answer,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("status"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Body => f.write_str("body"),
            Self::Json(path) => write!(f, "body at {path}"),
            Self::Time => f.write_str("time of the answer"),
            Self::Burst => f.write_str("answers of the burst"),
            Self::Nth(number, part) => write!(f, "answer {number}: {part}"),
            Self::Capture(name) => write!(f, "value `{name}`"),
            Self::Answer => f.write_str("answer"),
        }
    }
}

/// A reason why something could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Why.
    pub reason: String,
    /// The assertion.
    pub at: Location,
}

/// Everything one comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The deployment differs.
    pub mismatches: Vec<Mismatch>,
    /// It could not be told.
    pub doubts: Vec<Doubt>,
    /// It holds, but only just, or something else a reader should know.
    pub notes: Vec<String>,
}

impl Findings {
    /// Whether everything held and could be told.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.mismatches.is_empty() && self.doubts.is_empty()
    }

    /// Adds what another comparison found.
    pub fn absorb(&mut self, other: Self) {
        self.mismatches.extend(other.mismatches);
        self.doubts.extend(other.doubts);
        self.notes.extend(other.notes);
    }

    pub(super) fn differs(&mut self, part: Part, expected: impl Into<String>, found: impl Into<String>, at: &Location) {
        let (expected, found) = (expected.into(), found.into());
        self.mismatches.push(Mismatch {
            part,
            expected,
            found,
            at: at.clone(),
        });
    }

    pub(super) fn doubt(&mut self, reason: impl Into<String>, at: &Location) {
        self.doubts.push(Doubt {
            reason: reason.into(),
            at: at.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_name() {
        let nth = |part| Part::Nth(3, Box::new(part));
        for (part, name) in [
            (Part::Status, "status"),
            (Part::Header("X-A".to_owned()), "header X-A"),
            (Part::Body, "body"),
            (Part::Json("$.a".to_owned()), "body at $.a"),
            (Part::Time, "time of the answer"),
            (Part::Burst, "answers of the burst"),
            (nth(Part::Body), "answer 3: body"),
            (Part::Capture("id".to_owned()), "value `id`"),
            (Part::Answer, "answer"),
        ] {
            assert_eq!(part.to_string(), name);
        }
    }

    #[test]
    fn a_difference_and_a_doubt_are_no_clean_finding_and_a_remark_is() {
        let at = Location::start_of("case.yaml");
        let (mut different, mut doubtful, mut noted) = (Findings::default(), Findings::default(), Findings::default());
        different.differs(Part::Body, "a", "b", &at);
        doubtful.doubt("slow", &at);
        noted.notes.push("near".to_owned());
        assert!(!different.is_clean() && !doubtful.is_clean() && noted.is_clean());
        let mut all = Findings::default();
        for one in [different, doubtful, noted] {
            all.absorb(one);
        }
        assert_eq!((all.mismatches.len(), all.doubts.len(), all.notes.len()), (1, 1, 1));
    }
}
