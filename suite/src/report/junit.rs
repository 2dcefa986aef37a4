//! JUnit XML: failures, errors and skips in their own elements.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Finished, Outcome, explain_failure};
use crate::spec::model::Specs;
use crate::verdict::{Stability, Verdict};

/// The whole run; one test suite per section.
///
/// # Errors
/// When the XML cannot be written, which a text in memory does not do.
pub fn to_junit(outcome: &Outcome<'_>) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("torq-conformance");
    report.set_time(Duration::from_secs_f64(outcome.seconds));
    let mut suites: Vec<TestSuite> = Vec::new();
    for finished in &outcome.cases {
        let section = finished.case.section.as_str();
        if suites.last().is_none_or(|suite| suite.name.as_str() != section) {
            suites.push(TestSuite::new(section));
        }
        if let Some(suite) = suites.last_mut() {
            if let Some(part) = outcome.part.filter(|_| suite.test_cases.is_empty()) {
                suite.add_property(("shard", part.shard.to_string().as_str()));
            }
            suite.add_test_case(case(finished, outcome.specs));
        }
    }
    report.add_test_suites(suites);
    report.to_string()
}

fn case(finished: &Finished<'_>, specs: &Specs) -> TestCase {
    let unsuccessful = |kind: NonSuccessKind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(finished.judgement.verdict.word());
        let first = finished
            .run
            .steps
            .iter()
            .flat_map(|step| &step.findings.mismatches)
            .next();
        let message = match (first, &finished.judgement.reason) {
            (Some(it), _) => format!("{}: expected {}, found {}", it.part, it.expected, it.found),
            (None, Some(reason)) => reason.clone(),
            (None, None) => finished.judgement.verdict.word().to_owned(),
        };
        status.set_message(message);
        status.set_description(explain_failure(finished, specs));
        status
    };
    let skipped = || {
        let mut status = TestCaseStatus::skipped();
        status.set_message(
            finished
                .judgement
                .reason
                .clone()
                .unwrap_or_else(|| finished.judgement.verdict.word().to_owned()),
        );
        status
    };
    let status = match finished.judgement.verdict {
        Verdict::Passed | Verdict::Recorded => TestCaseStatus::success(),
        Verdict::Failed | Verdict::UnexpectedPass => unsuccessful(NonSuccessKind::Failure),
        Verdict::HarnessError => unsuccessful(NonSuccessKind::Error),
        Verdict::Inconclusive => unsuccessful(NonSuccessKind::Error),
        Verdict::Deviates | Verdict::Unavailable | Verdict::Exempt => skipped(),
    };
    let mut case = TestCase::new(finished.case.id.clone(), status);
    case.set_classname(format!("{}.{}", finished.case.section, finished.case.suite));
    case.set_time(finished.run.took);
    if finished.repeats.stability() == Some(Stability::Intermittent) {
        case.set_system_out(format!("intermittent: {}", finished.repeats.counts()));
    }
    case.extra.insert("file".into(), (&*finished.case.at.file).into());
    case.extra
        .insert("line".into(), finished.case.at.line.to_string().into());
    case
}
