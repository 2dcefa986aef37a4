//! Case by case from what was stored to a verdict, then all of them together as a run does it.

use std::collections::BTreeMap;

use super::{NotJudged, deeds, excuses, recorded};
use crate::evidence::{self, Baseline, Evidence, Planned, Requirement, Suite};
use crate::exemption::fingerprint;
use crate::judging::{Recording, judge_again};
use crate::report::Finished;
use crate::spec::model::{Case, Level, Specs};
use crate::verdict::{self, Judgement, Repeats, Verdict};

/// Said of a case that the run did not have.
const NEW: &str = "nothing was recorded of it: these specs have it and those of the run did not";

/// Where the cases of a run are judged again.
pub(super) struct Bench<'r> {
    stored: &'r Evidence,
    specs: &'r Specs,
    finished: Vec<Finished<'r>>,
    /// By id: why a case could not be judged again.
    gaps: BTreeMap<String, String>,
}

impl<'r> Bench<'r> {
    pub(super) const fn new(stored: &'r Evidence, specs: &'r Specs) -> Self {
        Self {
            stored,
            specs,
            finished: Vec::new(),
            gaps: BTreeMap::new(),
        }
    }

    /// Judges a case by what was recorded of it.
    pub(super) fn judge(&mut self, recorded: &evidence::Case, case: &'r Case) {
        if recorded.verdict == Verdict::Unavailable {
            let judgement = Judgement {
                verdict: Verdict::Unavailable,
                reason: recorded.reason.clone(),
            };
            self.finished.push(Finished::unseen(case, judgement));
            return;
        }
        let run = recorded::case_run(recorded, case);
        let mut deeds = deeds::compare((recorded, &run), case, self.specs);
        if self.stored.suite.version != env!("CARGO_PKG_VERSION") {
            // Another program may find something else in the same answer.
            deeds.unchanged.clear();
        }
        let again = judge_again(
            case,
            &Recording {
                run: &run,
                unchanged: deeds.unchanged,
                departure: deeds.departure,
            },
        );
        let failure = fingerprint(&again.run);
        let judgement = excuses::excuse(recorded, failure.as_deref(), verdict::judge(case, &again.run));
        let judgement = excuses::other_repeats(recorded, judgement);
        if let Some(gap) = again.gap {
            self.gaps.insert(case.id.clone(), gap.to_string());
        }
        self.finished.push(Finished {
            case,
            run: again.run,
            judgement,
            repeats: Repeats::default(),
        });
    }

    /// Takes in a case that the run did not have.
    pub(super) fn nothing_recorded(&mut self, case: &'r Case) {
        self.gaps.insert(case.id.clone(), NEW.to_owned());
        let judgement = Judgement {
            verdict: Verdict::Inconclusive,
            reason: Some(format!("not judged again: {NEW}")),
        };
        self.finished.push(Finished::unseen(case, judgement));
    }

    /// The run as it comes out, and the cases that could not be judged again.
    pub(super) fn conclude(mut self) -> (Evidence, Vec<NotJudged>) {
        self.finished.sort_by(|a, b| a.case.id.cmp(&b.case.id));
        let each = self.finished.iter();
        let mut judgements: BTreeMap<String, Judgement> =
            each.map(|it| (it.case.id.clone(), it.judgement.clone())).collect();
        if self.stored.complete {
            verdict::consider_twins(self.finished.iter().map(|it| it.case), &mut judgements);
        }
        let mut cases = Vec::new();
        for mut finished in std::mem::take(&mut self.finished) {
            let recorded = self.stored.case(&finished.case.id);
            if let Some(judgement) = judgements.remove(&finished.case.id) {
                finished.judgement = excuses::notice_pass(recorded, judgement);
            }
            let mut case = evidence::Case::of(&finished, self.specs);
            let same = recorded.filter(|it| it.verdict == case.verdict && it.fingerprint == case.fingerprint);
            case.repeats = same.and_then(|it| it.repeats.clone());
            cases.push(case);
        }
        let mut evidence = self.evidence(cases);
        if !evidence.complete {
            evidence.await_twins();
        }
        evidence.derive();
        let is_open = |id: &str| evidence.case(id).is_some_and(|it| it.verdict == Verdict::Inconclusive);
        let gaps = self.gaps.into_iter().filter(|(id, _)| is_open(id));
        let not_judged = gaps.map(|(case, why)| NotJudged { case, why }).collect();
        (evidence, not_judged)
    }

    fn evidence(&self, cases: Vec<evidence::Case>) -> Evidence {
        let (stored, specs) = (self.stored, self.specs);
        let case = |id: &String| specs.cases.iter().find(|case| case.id == *id);
        let left_out: Vec<_> = stored.left_out.iter().filter_map(case).collect();
        let is_must = |level: Level| level == Level::Must;
        let must = cases
            .iter()
            .map(|it| it.level)
            .chain(left_out.iter().map(|it| it.level));
        let planned = Planned {
            cases: cases.len() + left_out.len(),
            must: must.filter(|level| is_must(*level)).count(),
        };
        Evidence {
            suite: Suite::from(specs),
            // Of a run that did not reach its end nobody knows what else there was.
            planned: if stored.complete { planned } else { stored.planned },
            left_out: left_out.iter().map(|case| case.id.clone()).collect(),
            baseline: stored.baseline.as_ref().map(|it| Baseline {
                known: known(it, stored, &cases),
                ..it.clone()
            }),
            requirements: specs.requirements.iter().map(Requirement::from).collect(),
            cases,
            ..stored.clone()
        }
    }
}

/// The cases that diverge just as in the run before the stored one: those that did and have not changed since.
fn known(baseline: &Baseline, stored: &Evidence, cases: &[evidence::Case]) -> Vec<String> {
    let is_same = |id: &&String| {
        let now = cases.iter().find(|case| case.id == **id);
        now.zip(stored.case(id)).is_some_and(|(now, then)| {
            let diverges = matches!(now.verdict, Verdict::Failed | Verdict::Deviates);
            diverges && now.fingerprint == then.fingerprint
        })
    };
    baseline.known.iter().filter(is_same).cloned().collect()
}
