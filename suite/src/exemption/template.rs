//! The failures of a run as exemptions that wait for a reason and an owner.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::fingerprint;
use crate::report::{Finished, Outcome};
use crate::verdict::Verdict;

/// How long an exemption lasts unless somebody says otherwise.
const DAYS: i32 = 30;

/// The longest remark about a failure, in characters.
const REMARK: usize = 160;

/// A file with an exemption for every case that failed; nothing when none did.
///
/// It is refused as it is: reasons and owners are for people to say.
#[must_use]
pub fn template(outcome: &Outcome<'_>, today: Date) -> Option<String> {
    let expires = today.checked_add(DAYS.days()).unwrap_or(today);
    let mut out =
        "# Failures that are known. Fill in why each is excused and who answers for it; `expires` is the last day.\n\
        # A failure with another fingerprint is not excused.\n\
        exemptions:\n"
            .to_owned();
    let mut any = false;
    for finished in &outcome.cases {
        if !matches!(finished.judgement.verdict, Verdict::Failed | Verdict::Deviates) {
            continue;
        }
        let Some(fingerprint) = fingerprint(&finished.run) else {
            continue;
        };
        any = true;
        let _ = write!(
            out,
            "  # {}\n  # {}\n  - case: {}\n    reason: \"\"\n    owner: \"\"\n    expires: {expires}\n    fingerprint: {fingerprint}\n",
            one_line(&finished.case.title),
            one_line(&remark(finished)),
            finished.case.id,
        );
    }
    any.then_some(out)
}

fn remark(finished: &Finished<'_>) -> String {
    let mut mismatches = finished.run.steps.iter().flat_map(|step| &step.findings.mismatches);
    match (mismatches.next(), &finished.judgement.reason) {
        (Some(it), _) => format!("{}: expected {}, found {}", it.part, it.expected, it.found),
        (None, Some(reason)) => reason.clone(),
        (None, None) => String::new(),
    }
}

/// A remark must not end its line: what came back could go on as YAML.
fn one_line(text: &str) -> String {
    let visible = |it: char| {
        if it.is_control() || ['\u{2028}', '\u{2029}', '\u{85}', '\u{feff}'].contains(&it) {
            ' '
        } else {
            it
        }
    };
    text.chars().map(visible).take(REMARK).collect()
}
