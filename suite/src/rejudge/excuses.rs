//! What a run knew of a case besides its answers: exemptions, and runs of which nothing was kept.
//!
//! The file of exemptions is not in the evidence; what it did to a verdict is, and holds for the same failure.

use crate::evidence::Case;
use crate::verdict::{Judgement, Verdict};

/// Excuses a failure that was excused then, and keeps what was said of a failure that was not.
pub(super) fn excuse(recorded: &Case, failure: Option<&str>, judgement: Judgement) -> Judgement {
    if !matches!(judgement.verdict, Verdict::Failed | Verdict::Deviates) {
        return judgement;
    }
    let is_same = failure.is_some() && recorded.fingerprint.as_deref() == failure;
    let old = recorded.fingerprint.as_deref().unwrap_or_default();
    let new = failure.unwrap_or_default();
    match recorded.verdict {
        Verdict::Exempt if is_same => Judgement {
            verdict: Verdict::Exempt,
            reason: recorded.reason.clone(),
        },
        Verdict::Failed | Verdict::Deviates if is_same => Judgement {
            verdict: judgement.verdict,
            reason: recorded.reason.clone(),
        },
        Verdict::Exempt => remark(
            judgement,
            &format!("another failure than the one that was exempt: {new}, not {old}"),
        ),
        Verdict::UnexpectedPass => remark(
            judgement,
            "whether this failure was exempt is not recorded: it passed then",
        ),
        Verdict::Passed
        | Verdict::Failed
        | Verdict::Deviates
        | Verdict::Inconclusive
        | Verdict::Unavailable
        | Verdict::Recorded
        | Verdict::HarnessError => judgement,
    }
}

fn remark(judgement: Judgement, remark: &str) -> Judgement {
    let said: Vec<_> = judgement.reason.into_iter().chain([remark.to_owned()]).collect();
    Judgement {
        verdict: judgement.verdict,
        reason: Some(said.join("; ")),
    }
}

/// Turns a pass of what was exempt into a verdict of its own; twins have been considered.
pub(super) fn notice_pass(recorded: Option<&Case>, judgement: Judgement) -> Judgement {
    let Some(recorded) = recorded.filter(|_| judgement.verdict == Verdict::Passed) else {
        return judgement;
    };
    let said = recorded.reason.clone().unwrap_or_default();
    let reason = match recorded.verdict {
        Verdict::UnexpectedPass => said,
        Verdict::Exempt => format!("passes although it was {said}; take the exemption out"),
        Verdict::Passed
        | Verdict::Failed
        | Verdict::Deviates
        | Verdict::Inconclusive
        | Verdict::Unavailable
        | Verdict::Recorded
        | Verdict::HarnessError => return judgement,
    };
    Judgement {
        verdict: Verdict::UnexpectedPass,
        reason: Some(reason),
    }
}

/// Takes back what the worst of several runs comes to where another one may come to worse now.
pub(super) fn other_repeats(recorded: &Case, judgement: Judgement) -> Judgement {
    let Some(repeats) = &recorded.repeats else {
        return judgement;
    };
    // A pass that its exemption or its twin turned into something else was a pass.
    let was_a_pass = matches!(recorded.verdict, Verdict::UnexpectedPass | Verdict::Inconclusive);
    let was_better = !was_a_pass && judgement.verdict.badness() < recorded.verdict.badness();
    if !was_better {
        return judgement;
    }
    Judgement {
        verdict: Verdict::Inconclusive,
        reason: Some(format!(
            "not judged again: of its {} runs only the worst was recorded, and that one is {} now",
            repeats.verdicts.total(),
            judgement.verdict
        )),
    }
}
