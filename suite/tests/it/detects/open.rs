//! MUST cases against the embedded mock with its answers to open questions changed: none of them takes notice.

use torq_conformance::spec::{self, Source};
use torq_conformance::verdict::Verdict;

use crate::bench::run_against_mock;

/// The answers to open questions that a deployment may just as well give, apart from those of the other table.
const OTHERWISE: &str = "
  urls: { allow_header: omitted, trailing_slash: kept, query: ignored, id_case: lower }
  authentication: { several_headers: any, header_on_options: exempt }
  events:
    empty_body: refused
    invalid_body: text
    unrecognised_type: text
    missing_type: unrecognised
    repeated_form_key: first
    xml_root: dropped
  running:
    disabled: runs
    in_progress_body: 'Execution is in progress, ask for {execution_id}'
    webhook_body: '{}'
    webhook_starts: shared-too
    webhook_without_workflow: workflow-not-found
    async_condition_rejects: execution-not-found
    sync_condition_rejects: empty-object
    sync_failed: empty-object
    sync_stopped: empty-object
    sync_without_exit: internal-error
  exit:
    other_content_type: internal-error
    mismatched_value: ignored
    invalid_status: ignored
    invalid_headers: ignored
    framing_headers: internal-error
    special_names: kept
    json_mode: ordinary
    retrieved_output: body
  executions: { incomplete: 201 Execution is in progress }
  rate: { model: bucket, retry_after: omitted, rejected_event: counted, partly_refused: starts-nothing }
  answers: { error_body: '{phrase}' }";

/// More of them, where there is a third answer or two changes would be in each other's way.
const OTHERWISE_AGAIN: &str = "
  events: { empty_body: 'null', unrecognised_type: json, repeated_form_key: last }
  exit: { other_content_type: sent, framing_headers: ignored }
  rate: { model: fixed }
  payload: { limit: 300000 }
  admission:
    order: [signature, header, payload, workflow-id, workflow, integration-id, integration, method, event, condition, rate]";

#[track_caller]
fn no_must_case_fails(behaviour: &str) {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let run = run_against_mock(&loaded, "level:must", behaviour);
    let seen = runtime.expect("a runtime starts").block_on(run);
    let complaints: Vec<_> = seen
        .verdicts
        .iter()
        .filter(|(_, verdict)| *verdict != Verdict::Passed)
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn no_must_case_rests_on_how_the_mock_answers_open_questions() {
    no_must_case_fails(OTHERWISE);
}

#[test]
fn nor_on_any_other_answer_to_them() {
    no_must_case_fails(OTHERWISE_AGAIN);
}
