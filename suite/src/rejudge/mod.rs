//! A stored run judged again, offline, with the specs there are now; and what changed by that.
//!
//! Pure: evidence and specs in, evidence out. Touches no network, no file and no clock. A verdict that what was stored does not
//! bear any more becomes `inconclusive` with the reason: nothing passes that was not seen to.

mod bench;
mod deeds;
mod excuses;
mod recorded;
mod text;

use serde::Serialize;

pub use text::{to_markdown, to_text};

use crate::diff::{self, Difference};
use crate::evidence::Evidence;
use crate::plan::{self, Shard};
use crate::spec::model::{Case, Level, Specs};
use crate::verdict::{self, Verdict, exit};
use bench::Bench;

/// A run that was judged again.
#[derive(Clone, Debug, Serialize)]
pub struct Rejudged {
    /// How many cases could be judged again.
    pub judged_again: usize,
    /// Those that could not, in the order of their ids.
    pub not_judged_again: Vec<NotJudged>,
    /// Cases of the run that these specs do not have, by id.
    pub unknown: Vec<String>,
    /// What else has to be known of it.
    pub remarks: Vec<String>,
    /// What changed.
    pub difference: Difference,
    /// The run, as if it had been judged with these specs.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// A case that could not be judged again; it is inconclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotJudged {
    /// Its id.
    pub case: String,
    /// Why.
    pub why: String,
}

/// Judges a run again.
#[must_use]
pub fn rejudge(stored: &Evidence, specs: &Specs) -> Rejudged {
    let mut bench = Bench::new(stored, specs);
    let (mut unknown, mut remarks) = (Vec::new(), Vec::new());
    for recorded in &stored.cases {
        match specs.cases.iter().find(|case| case.id == recorded.id) {
            Some(case) => bench.judge(recorded, case),
            None => unknown.push(recorded.id.clone()),
        }
    }
    match new_cases(stored, specs) {
        Ok(new) => new.into_iter().for_each(|case| bench.nothing_recorded(case)),
        Err(why) => remarks.push(why),
    }
    let (evidence, not_judged_again) = bench.conclude();
    Rejudged {
        judged_again: evidence.cases.len() - not_judged_again.len(),
        difference: diff::compare(stored, &evidence),
        not_judged_again,
        unknown,
        remarks,
        evidence,
    }
}

/// The cases that a run with the filters of a stored one would have now and did not have then.
fn new_cases<'s>(stored: &Evidence, specs: &'s Specs) -> Result<Vec<&'s Case>, String> {
    if !stored.complete {
        // What it did not come to and what is new cannot be told apart.
        return Ok(Vec::new());
    }
    let mut plan = plan::plan(specs, &stored.filters, None).map_err(|error| {
        format!("whether these specs have new cases is not known: the filters of the run do not fit them ({error})")
    })?;
    if let Some(shard) = stored
        .shard
        .as_ref()
        .and_then(|it| it.to_string().parse::<Shard>().ok())
    {
        plan.keep(shard);
    }
    let is_new = |case: &&Case| stored.case(&case.id).is_none() && !stored.left_out.contains(&case.id);
    Ok(plan.all().filter(is_new).collect())
}

impl Rejudged {
    /// The code to end with: that of a comparison, and 4 where a MUST has lost its verdict.
    #[must_use]
    pub fn code(&self, stored: &Evidence) -> u8 {
        let came_to = |id: &str| stored.case(id).map(|case| case.verdict);
        let mut code = exit::CONFORMS;
        if !self.difference.new_divergences.is_empty() {
            code = exit::DIVERGES;
        }
        for case in &self.evidence.cases {
            let before = came_to(&case.id);
            let not_judged = || self.not_judged_again.iter().any(|it| it.case == case.id);
            code = match case.verdict {
                Verdict::HarnessError if before != Some(Verdict::HarnessError) => verdict::graver(code, exit::HARNESS),
                Verdict::Inconclusive
                    if case.level == Level::Must && (before != Some(case.verdict) || not_judged()) =>
                {
                    verdict::graver(code, exit::INCONCLUSIVE)
                }
                Verdict::Passed
                | Verdict::Failed
                | Verdict::Deviates
                | Verdict::Inconclusive
                | Verdict::Unavailable
                | Verdict::Exempt
                | Verdict::UnexpectedPass
                | Verdict::Recorded
                | Verdict::HarnessError => code,
            };
        }
        code
    }
}

#[cfg(test)]
mod tests;
