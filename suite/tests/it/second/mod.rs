//! A second implementation of the contract, made by other choices wherever there is one: it passes everything as well.
//!
//! What is wrong with it is wrong with the suite: a case that fails here rests on how the reference mock happens to answer.

mod event;
mod http;
mod retrieval;
mod server;
mod triggers;
mod workflow;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use torq_conformance::evidence::{Case, Evidence};
use torq_conformance::plan::plan;
use torq_conformance::profile::Network;
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::model::Level;
use torq_conformance::spec::{self, Source};
use torq_conformance::target::{ControlClient, Target};
use torq_conformance::verdict::{Strictness, Verdict};
use torq_conformance::{Run, conduct, report};

use crate::bench::run_against_mock;
use http::Answer;
use server::Second;

/// How it refuses: another type, other keys, and a sign instead of words.
fn refusal(status: u16, why: &str) -> Answer {
    let sign: String = why.split(' ').filter_map(|word| word.chars().next()).collect();
    let body = json!({ "error": { "code": status, "sign": sign } });
    Answer::new(status, "application/problem+json", body.to_string())
}

/// Recorded cases that learn nothing of a deployment like this one, and why.
const LEARN_NOTHING: [(&str, &str); 2] = [
    (
        "responses.modes.output-after-answer",
        "it finds the execution by a key that nobody publishes, and here it is another one",
    ),
    (
        "answers.payload-facts.before-the-body",
        "a server that waits for the rest of a body says nothing until it comes",
    ),
];

/// Why facts come to the same with the mock, and which: everywhere else it is another choice that is made here.
const ALIKE: [(&str, &str); 5] = [
    (
        "it is published, or several clients rely on it",
        "async-content-type execution-output payload-of-the-limit payload-over-the-limit rate-after-exactly-a-second \
         signature-missing status-word-failed status-word-later status-word-running status-word-stopped status-word-success",
    ),
    (
        "it follows from what a signature and a limit are",
        "rate-counts-refused-calls rate-shared-between-modes rate-shared-between-workspaces rate-shared-within-workspace \
         signature-of-empty-body signature-other-encoding signature-other-prefix signature-over-equal-json \
         signature-wrong-of-empty-body",
    ),
    (
        "no order of checks differs from another in every pair",
        "order-integration-form-or-workflow order-signature-or-event order-signature-or-payload order-workflow-or-event",
    ),
    (
        "what belongs to the same question is another choice: all fields of forms are arrays, and the plain URL takes everything",
        "form-repeated-field plain-url-starts-shared-copies plain-url-without-workflow rate-partly-refused-fan-out \
         type-mismatch-names-the-parameter",
    ),
    (
        "nobody would expect anything else",
        "activity-steps-name-their-run form-digits invalid-status-empty json-null-as-body query-string source-run-for-the-source",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn another_implementation_that_chooses_otherwise_passes_every_case() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let specs = &loaded.specs;
    let client = Client::new(&Network::default()).expect("a client is made");
    let second = Second::start();
    let control = ControlClient::new(client.http().clone(), &second.control_url(), None);
    let fixtures = (specs.fixtures.file.as_str(), specs.fixtures.text.as_str());
    let target = Target::sandboxes("the second implementation".to_owned(), control, fixtures);
    let run = Run::new(
        specs,
        plan(specs, &[], None).expect("everything is planned"),
        (&target, &client),
    );
    let outcome = conduct(run, &Silent).await;
    let evidence = Evidence::of(&outcome, Strictness::Strict);
    let troubled = |case: &&Case| !matches!(case.verdict, Verdict::Passed | Verdict::Recorded);
    let told: Vec<_> = evidence
        .cases
        .iter()
        .filter(troubled)
        .filter(|case| case.verdict != Verdict::Inconclusive || LEARN_NOTHING.iter().all(|(id, _)| *id != case.id))
        .map(|case| report::explain_failure(case, &evidence))
        .collect();
    assert!(told.is_empty(), "{} cases:\n{}", told.len(), told.join("\n"));
    let judged = specs.cases.iter().filter(|case| case.level != Level::Recorded);
    let passed = evidence.cases.iter().filter(|case| case.verdict == Verdict::Passed);
    assert_eq!(passed.count(), judged.count(), "every case is judged");
    let mock = run_against_mock(&loaded, "*", "  {}").await;
    let mock: BTreeMap<_, _> = mock.facts.into_iter().collect();
    let alike: BTreeSet<&str> = ALIKE.iter().flat_map(|(_, facts)| facts.split(' ')).collect();
    let same = evidence
        .facts
        .iter()
        .filter(|(name, value)| mock.get(*name) == Some(value));
    let same: BTreeSet<&str> = same.map(|(name, _)| name.as_str()).collect();
    // Whoever answers as the mock does shows nothing of a case that rests on the mock's answer.
    assert_eq!(same, alike);
}
