//! JUnit XML: failures, errors and skips in their own elements.
//!
//! There is no one schema of it; this is what the readers of Jenkins (JUnit plugin), GitLab, GitHub actions, Azure and CircleCI
//! have in common. What each of them takes from where is held by `tests/views/junit.rs`.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::explain_failure;
use crate::evidence::{Case, Evidence};
use crate::verdict::Verdict;

/// The whole run; one test suite per section.
///
/// # Errors
/// When the XML cannot be written, which a text in memory does not do.
pub fn to_junit(evidence: &Evidence) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("torq-conformance");
    report.set_time(Duration::from_secs_f64(evidence.seconds));
    let mut suites: Vec<TestSuite> = Vec::new();
    for case in &evidence.cases {
        let section = case.section.as_str();
        if suites.last().is_none_or(|suite| suite.name.as_str() != section) {
            let mut suite = TestSuite::new(section);
            suite.extra.insert("timestamp".into(), evidence.started.as_str().into());
            suites.push(suite);
        }
        if let Some(suite) = suites.last_mut() {
            if let Some(shard) = evidence.shard.as_ref().filter(|_| suite.test_cases.is_empty()) {
                suite.add_property(("shard", shard.to_string().as_str()));
            }
            let so_far = suite.time.unwrap_or_default();
            suite.set_time(so_far + Duration::from_secs_f64(case.seconds));
            suite.add_test_case(test_case(case, evidence));
        }
    }
    report.add_test_suites(suites);
    report.to_string()
}

fn test_case(case: &Case, evidence: &Evidence) -> TestCase {
    let message = || {
        let first = case.steps.iter().flat_map(|step| &step.mismatches).next();
        match (first, &case.reason) {
            (Some(it), _) => format!("{}: expected {}, found {}", it.part, it.expected, it.found),
            (None, Some(reason)) => reason.clone(),
            (None, None) => case.verdict.word().to_owned(),
        }
    };
    let because = || case.reason.clone().unwrap_or_else(|| case.verdict.word().to_owned());
    let told = |mut status: TestCaseStatus, message: String, text: String| {
        // Some readers show the attribute and others the text.
        status.set_type(case.verdict.word());
        status.set_message(message);
        status.set_description(text);
        status
    };
    let story = || explain_failure(case, evidence);
    let unsuccessful = |kind| told(TestCaseStatus::non_success(kind), message(), story());
    let status = match case.verdict {
        Verdict::Passed | Verdict::Recorded => TestCaseStatus::success(),
        Verdict::Failed | Verdict::UnexpectedPass => unsuccessful(NonSuccessKind::Failure),
        Verdict::HarnessError => unsuccessful(NonSuccessKind::Error),
        Verdict::Inconclusive => unsuccessful(NonSuccessKind::Error),
        Verdict::Deviates => told(TestCaseStatus::skipped(), message(), story()),
        Verdict::Exempt => told(TestCaseStatus::skipped(), because(), story()),
        Verdict::Unavailable => told(TestCaseStatus::skipped(), because(), because()),
    };
    let mut test = TestCase::new(case.id.clone(), status);
    test.set_classname(format!("{}.{}", case.section, case.suite));
    test.set_time(Duration::from_secs_f64(case.seconds));
    if let Some(repeats) = case.repeats.as_ref().filter(|_| case.is_intermittent()) {
        test.set_system_out(format!("intermittent: {}", repeats.verdicts.counts()));
    }
    for id in &case.requirements {
        test.add_property(("requirement", id.as_str()));
    }
    for (name, value) in [
        ("level", case.level.word()),
        ("verdict", case.verdict.word()),
        ("file", &case.at.file),
        ("line", &case.at.line.to_string()),
    ] {
        test.add_property((name, value));
    }
    // Readers that show the source of a test take it from here.
    test.extra.insert("file".into(), case.at.file.as_str().into());
    test.extra.insert("line".into(), case.at.line.to_string().into());
    test
}
