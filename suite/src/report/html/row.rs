//! The plain parts of the page: rows of cases, counts by verdict and section, the requirement matrix.
//!
//! Counts what the evidence lists; the words and their order are those of every view.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::explain_failure;
use super::super::told::first_line;
use crate::evidence::{Case, Evidence, Requirement, Standing};
use crate::spec::model::Level;
use crate::verdict::Verdict;

/// The most stories that are there without a script, for viewers that run none.
const PLAIN_STORIES: usize = 100;
/// The most kinds of differences that are listed.
const CAUSES: usize = 12;
/// The most characters of one of them that a search takes.
const SEARCHED: usize = 160;

/// A verdict and how many cases came to it.
pub(super) struct Count {
    pub(super) verdict: Verdict,
    pub(super) count: usize,
}

/// A case in the list.
pub(super) struct Row<'e> {
    pub(super) case: &'e Case,
    /// What is wrong with it, in one line; nothing when it needs no looking at.
    pub(super) why: Option<String>,
    /// What a search finds it by, besides what is shown.
    pub(super) found_by: String,
    /// Its story as text, for viewers that run no script.
    pub(super) plain: Option<String>,
}

/// A difference, and how many cases show it first.
pub(super) struct Cause {
    pub(super) verdict: Verdict,
    pub(super) words: String,
    pub(super) count: usize,
}

impl Cause {
    /// What the filter of the page has to say to show those cases.
    pub(super) fn fragment(&self) -> String {
        let words: String = self.words.chars().take(SEARCHED).collect();
        let words = utf8_percent_encode(&words, NON_ALPHANUMERIC);
        format!("q={words}&verdict={}", self.verdict.word())
    }
}

/// A section in the overview.
pub(super) struct Section {
    pub(super) name: String,
    pub(super) requirements: Share,
    /// Must, should and recorded.
    pub(super) levels: [Share; 3],
}

/// How many of how many are as they should be.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) good: usize,
    pub(super) all: usize,
}

impl Share {
    pub(super) const fn tone(self) -> &'static str {
        match (self.all, self.good == self.all) {
            (0, _) => "none",
            (_, true) => "good",
            (_, false) => "bad",
        }
    }
}

/// The requirements of a section.
pub(super) struct Group<'e> {
    pub(super) name: &'e str,
    pub(super) requirements: Vec<Kept<'e>>,
}

/// A requirement and how it did.
pub(super) struct Kept<'e> {
    pub(super) requirement: &'e Requirement,
    /// How it did, in words.
    pub(super) words: &'static str,
    pub(super) tone: &'static str,
    /// Its cases by verdict.
    pub(super) counts: Vec<Count>,
}

/// Every case: those to look at first, otherwise in the order of the evidence.
pub(super) fn rows(evidence: &Evidence) -> Vec<Row<'_>> {
    let mut cases: Vec<&Case> = evidence.cases.iter().collect();
    cases.sort_by_key(|case| urgency(case));
    let mut plain = PLAIN_STORIES;
    let row = |case| {
        let case: &Case = case;
        let told = case.is_troubled() && !case.was_not_run() && plain > 0;
        plain -= usize::from(told);
        Row {
            case,
            why: (case.is_troubled() && !case.was_not_run()).then(|| first_line(case).1),
            found_by: found_by(case),
            plain: told.then(|| explain_failure(case, evidence)),
        }
    };
    cases.into_iter().map(row).collect()
}

/// Every difference that is the first of a case, those of most cases first, and how many more there are.
pub(super) fn causes(rows: &[Row<'_>]) -> (Vec<Cause>, usize) {
    let mut causes: Vec<Cause> = Vec::new();
    for (row, words) in rows.iter().filter_map(|row| Some((row, row.why.as_ref()?))) {
        let verdict = row.case.verdict;
        match causes.iter_mut().find(|it| it.verdict == verdict && it.words == *words) {
            Some(known) => known.count += 1,
            None => causes.push(Cause {
                verdict,
                words: words.clone(),
                count: 1,
            }),
        }
    }
    causes.sort_by_key(|it| std::cmp::Reverse(it.count));
    let more = causes.len().saturating_sub(CAUSES);
    causes.truncate(CAUSES);
    (causes, more)
}

/// What is looked at first.
fn urgency(case: &Case) -> u8 {
    match case.verdict {
        Verdict::HarnessError => 0,
        Verdict::Failed => 1,
        Verdict::UnexpectedPass => 2,
        Verdict::Deviates => 3,
        Verdict::Inconclusive if case.was_not_run() => 5,
        Verdict::Inconclusive => 4,
        Verdict::Exempt => 6,
        Verdict::Unavailable => 7,
        Verdict::Passed | Verdict::Recorded => 8,
    }
}

fn found_by(case: &Case) -> String {
    let mut words = case.requirements.clone();
    words.extend(case.reason.clone());
    for step in &case.steps {
        words.extend(
            step.mismatches
                .iter()
                .map(|it| format!("{} {} {}", it.part, it.expected, it.found)),
        );
        words.extend(step.doubts.iter().map(|it| it.reason.clone()));
    }
    words.extend(case.facts.keys().cloned());
    words.join(" ")
}

/// How many cases came to what, in the order of reports.
pub(super) fn verdicts(evidence: &Evidence) -> Vec<Count> {
    counts(|verdict| evidence.tally.count(verdict))
}

fn counts(count: impl Fn(Verdict) -> usize) -> Vec<Count> {
    let all = Verdict::ALL.into_iter().map(|verdict| Count {
        verdict,
        count: count(verdict),
    });
    all.filter(|it| it.count > 0).collect()
}

/// The overview.
pub(super) fn sections(evidence: &Evidence) -> Vec<Section> {
    let mut names: Vec<&str> = evidence.cases.iter().map(|case| case.section.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let section = |name: &str| {
        let requirements = evidence.requirements.iter().filter(|it| it.section == name);
        let asked: Vec<_> = requirements
            .map(Requirement::standing)
            .filter(|standing| *standing != Standing::NotAsked)
            .collect();
        let level = |level: Level| {
            let tally = evidence.tally(name, level);
            let good = match level {
                Level::Must | Level::Should => tally.held(),
                Level::Recorded => tally.count(Verdict::Recorded),
            };
            Share {
                good,
                all: tally.total(),
            }
        };
        Section {
            name: name.to_owned(),
            requirements: Share {
                good: asked.iter().filter(|standing| **standing == Standing::Holds).count(),
                all: asked.len(),
            },
            levels: [Level::Must, Level::Should, Level::Recorded].map(level),
        }
    };
    names.into_iter().map(section).collect()
}

/// The requirement matrix.
pub(super) fn groups(evidence: &Evidence) -> Vec<Group<'_>> {
    let mut names: Vec<&str> = evidence.requirements.iter().map(|it| it.section.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let group = |name| Group {
        name,
        requirements: evidence
            .requirements
            .iter()
            .filter(|it| it.section == name)
            .map(kept)
            .collect(),
    };
    names.into_iter().map(group).collect()
}

fn kept(requirement: &Requirement) -> Kept<'_> {
    let (words, tone) = match requirement.standing() {
        Standing::Holds => ("holds", "good"),
        Standing::Broken => ("does not hold", "bad"),
        Standing::Unclear => ("could not be told", "doubtful"),
        Standing::NotAsked if requirement.untested.is_some() => ("cannot be tested", "none"),
        Standing::NotAsked => ("not asked", "none"),
    };
    Kept {
        requirement,
        words,
        tone,
        counts: counts(|verdict| requirement.cases.iter().filter(|it| it.verdict == verdict).count()),
    }
}
