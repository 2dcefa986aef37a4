//! What a reader is told of failures of many kinds: a golden file for each.
//!
//! Real cases run against the mock with one thing changed; what the mock cannot be wrong in is played by a small server.

use torq_conformance::spec::{self, Source};
use torq_conformance::verdict::Verdict;

use crate::bench::{judge, judge_at, run_against_mock};
use crate::servers::{Play, Turn, always, answer, bytes, nobody, on_every_connection, says, statuses};

/// A kind of failure: the golden file, the case, and what of the mock's behaviour is changed.
type OnMock = (&'static str, &'static str, &'static str);

const ON_MOCK: [OnMock; 24] = [
    (
        "wrong-status",
        "authentication.header.wrong.async-swapped",
        "answers: { invalid_header: 401 Invalid header }",
    ),
    (
        "missing-field",
        "running.asynchronous.answer",
        "running: { async_body: '{\"id\":\"{execution_id}\",\"status\":\"ok\"}' }",
    ),
    (
        "wrong-value",
        "running.asynchronous.answer",
        "running: { async_body: '{\"execution_id\":\"{execution_id}\",\"status\":\"accepted\"}' }",
    ),
    (
        "malformed-execution-id",
        "running.asynchronous.answer",
        "running: { async_body: '{\"execution_id\":\"urn:uuid:{execution_id}\",\"status\":\"ok\"}' }",
    ),
    (
        "body-is-not-json",
        "running.asynchronous.answer",
        "running: { async_body: 'execution_id={execution_id}' }",
    ),
    ("extra-field", "responses.body.alone", "exit: { beside_body: kept }"),
    (
        "wrong-content-type",
        "responses.output.default-type.body",
        "exit: { default_content_type: text/plain }",
    ),
    (
        "charset-lost",
        "responses.content-types.charset.csv",
        "exit: { content_types: [application/json, text/plain, text/html, text/xml] }",
    ),
    (
        "too-large-is-another-status",
        "answers.payload-limit.one-byte-over.async-declared",
        "answers: { payload_too_large: 400 Payload is too large }",
    ),
    (
        "never-refused",
        "answers.rate-limit.sustained",
        "rate: { limit: unlimited }",
    ),
    (
        "one-too-many",
        "answers.rate-limit.one-over.async",
        "rate: { limit: 26 }",
    ),
    (
        "refused-too-early",
        "answers.rate-limit.at-the-limit.async",
        "rate: { limit: 24 }",
    ),
    ("refill-too-late", "answers.rate-limit.refills", "rate: { window: 5s }"),
    (
        "fallback-too-early",
        "running.sync-fallback.outlives",
        "running: { sync_timeout: 30s }",
    ),
    (
        "fallback-too-late",
        "running.sync-fallback.just-after",
        "running: { sync_timeout: 60s }",
    ),
    (
        "fallback-without-phrase",
        "running.sync-fallback.outlives",
        "answers: { in_progress: 201 Still running }",
    ),
    (
        "fallback-without-id",
        "running.sync-fallback.pollable",
        "running: { in_progress_body: '{\"status\":\"{phrase}\"}' }",
    ),
    (
        "unauthenticated-accepted",
        "authentication.header.missing.sync",
        "admission: { order: [method, integration-id, workflow-id, integration, payload, signature, workflow, rate, event, condition] }",
    ),
    (
        "bad-signature-accepted",
        "authentication.signature.wrong.async-other-secret",
        "admission: { order: [method, integration-id, workflow-id, integration, header, payload, workflow, rate, event, condition] }",
    ),
    (
        "preflight-refused",
        "events.cors.preflight",
        "urls: { methods: [POST, GET] }",
    ),
    (
        "unpublished-answered",
        "running.published.never.sync",
        "running: { unpublished: runs-draft }",
    ),
    (
        "answered-too-early",
        "running.sync-fallback.not-early",
        "running: { sync_timeout: 30s }",
    ),
    (
        "fan-out-lost",
        "urls.fan-out.all-of-them",
        "rate: { limit: 2, scope: integration }",
    ),
    (
        "wrong-revision",
        "running.published.latest",
        "running: { revision: draft }",
    ),
];

/// What a small server is played for and nobody could judge.
const COULD_NOT_TELL: [&str; 1] = ["connection-closed"];

fn golden(name: &str, story: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("messages");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"127\.0\.0\.1([: ])\d+", "127.0.0.1$1[port]");
    settings.add_filter(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[uuid]",
    );
    settings.add_filter(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[time]");
    settings.add_filter(r"/tmp/[^ )]*/cases/", "specs/cases/");
    // Where an assertion stands changes with every line above it.
    settings.add_filter(r"(specs/cases/[^ )]*[.]yaml):[0-9]+:[0-9]+", "$1:[line]");
    // Only what is measured on this machine's clock: on the mock's own one times are exact.
    settings.add_filter(
        r"(came back: \d+ after|      \d{3} after|nothing within) [0-9.]+m?s",
        "$1 [measured]",
    );
    settings.add_filter(
        r"(\d accepted, \d+ refused in|accepted within) [0-9.]+m?s",
        "$1 [measured]",
    );
    if name == "poll-never-finishes" {
        // How often is a matter of how busy this machine is.
        settings.add_filter(r"\d+( × (GET|200)| requests|( times))", "[several]$1");
    }
    settings.bind(|| insta::assert_snapshot!(name, story));
}

#[test]
fn what_is_told_of_a_mock_that_is_wrong_in_one_thing_names_demand_difference_and_a_way_to_see_it() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let mut complaints = Vec::new();
    for (name, case, behaviour) in ON_MOCK {
        let seen = runtime.block_on(run_against_mock(&loaded, case, &format!("  {behaviour}")));
        // Its twin runs along.
        let verdict = seen.verdicts.iter().find(|(id, _)| id == case).map(|(_, it)| *it);
        let Some((_, story)) = seen.stories.iter().find(|(id, _)| id == case) else {
            complaints.push(format!("{name}: there is no case {case}"));
            continue;
        };
        if verdict != Some(Verdict::Failed) {
            complaints.push(format!("{name}: {verdict:?}"));
            continue;
        }
        let parts = ["source: ", "expected: ", "found: ", "again: ", "more: "];
        let lacks = parts.into_iter().filter(|part| !story.contains(part));
        complaints.extend(lacks.map(|part| format!("{name} lacks `{part}`:\n{story}")));
        golden(name, story);
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn what_is_told_of_a_refusal_whose_twin_failed_names_the_twin() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let seen = runtime.expect("a runtime starts").block_on(run_against_mock(
        &loaded,
        "events.documented-curl.*",
        "  events: { json_under_form_type: form }",
    ));
    let inconclusive = seen.stories.iter().find(|(id, _)| id.ends_with("wrong-secret"));
    golden("twin-failed", &inconclusive.expect("it ran").1);
}

#[test]
fn what_is_told_of_a_server_that_speaks_no_http_or_not_as_demanded_says_what_came() {
    let get = |expect: &str| format!("- request: {{ surface: hooks, path: /probe }}\n  expect: {{ {expect} }}");
    let long = |end: &str| format!("{}{end}{}", "same ".repeat(200), " and so on".repeat(50));
    let played: Vec<(&str, String, Play)> = vec![
        (
            "missing-header",
            get("status: 200, headers: { X-Note: added }"),
            always(says("{}")),
        ),
        (
            "extra-header",
            get("headers: { Access-Control-Allow-Origin: { is: absent } }"),
            always(says("{}").append_header("Access-Control-Allow-Origin", "*")),
        ),
        (
            "repeated-header-dropped",
            get("headers: { Set-Cookie: { some: b=2 } }"),
            always(says("{}").append_header("Set-Cookie", "a=1")),
        ),
        (
            "wrong-type-of-value",
            get("json: { $.output.count: 3 }"),
            always(says(r#"{"output":{"count":"3","note":"ordinary"}}"#)),
        ),
        (
            "long-body-differs-late",
            get(&format!("json: {{ $.text: \"{}\" }}", long("right"))),
            always(says(&format!("{{\"text\":\"{}\"}}", long("wrong")))),
        ),
        (
            "connection-closed",
            get("status: 200"),
            on_every_connection(Turn::HangsUp),
        ),
        (
            "timed-out",
            get("status: 200").replace("\n", "\n  patience: 800ms\n"),
            on_every_connection(Turn::Keeps),
        ),
        (
            "no-http",
            get("status: 200"),
            on_every_connection(Turn::Says("SSH-2.0-OpenSSH_9.6\r\n\r\n".to_owned())),
        ),
        (
            "raw-bytes-refused",
            "- raw: { surface: hooks, text: \"GET /probe HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\" }\n  expect: { status: 200 }".to_owned(),
            on_every_connection(Turn::Says(bytes("400 Bad Request"))),
        ),
        (
            "poll-never-finishes",
            "- poll: { request: { surface: hooks, path: /probe }, every: 10ms }\n  until: { json: { $.status: SUCCESS } }\n  budget: 30ms".to_owned(),
            always(says(r#"{"status":"RUNNING"}"#)),
        ),
        (
            "poll-ends-in-the-wrong-state",
            "- poll: { request: { surface: hooks, path: /probe }, every: 10ms }\n  until: { json: { $.status: SUCCESS } }\n  stop_when: { json: { $.status: FAILED } }\n  budget: 1s".to_owned(),
            Play::Answers(vec![says(r#"{"status":"RUNNING"}"#), says(r#"{"status":"FAILED","output":{}}"#)]),
        ),
        (
            "nothing-to-keep",
            "- request: { surface: auth, method: POST, path: /v1/auth/token, form: { grant_type: client_credentials } }\n  capture: { token: { json: $.access_token } }\n- request: { surface: api, path: /probe, headers: { X-Token: \"${token}\" } }".to_owned(),
            always(says(r#"{"token":"abc"}"#)),
        ),
        (
            "one-answer-of-a-burst",
            "- burst: { count: 3, within: 30ms, concurrency: 1, request: { surface: hooks, path: /probe } }\n  expect: { each: { \"429\": { headers: { Retry-After: { pattern: \"^[0-9]+$\" } } } } }".to_owned(),
            Play::Answers(vec![answer(200), answer(429).append_header("Retry-After", "soon"), answer(200)]),
        ),
        (
            "too-large-accepted",
            "- request: { surface: hooks, method: POST, path: /probe, json: { note: small } }\n  expect: { status: 200 }\n- request: { surface: hooks, method: POST, path: /probe, generated: { bytes: limits.payload + 1, framing: chunked, event: { note: large } } }\n  expect: { status: 413 }".to_owned(),
            always(says(r#"{"status":"ok"}"#)),
        ),
        (
            "nothing-extracted",
            "- request: { surface: hooks, path: /probe }\n  expect: { status: 201 }\n  capture: { execution: { first: uuid } }".to_owned(),
            always(answer(201).set_body_string("Execution is in progress")),
        ),
        (
            "none-of-the-choices",
            get("status: { any_of: [200, 201] }"),
            statuses(&[418]),
        ),
    ];
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    for (name, steps, play) in played {
        let seen = runtime.block_on(judge(&steps, play));
        let expected = if COULD_NOT_TELL.contains(&name) {
            Verdict::Inconclusive
        } else {
            Verdict::Failed
        };
        assert_eq!(seen.verdict, expected, "{name}: {}", seen.story);
        golden(name, &seen.story);
    }
    let (_port, url) = nobody();
    let seen = runtime.block_on(judge_at(&get("status: 200"), &url));
    golden("no-connection", &seen.story);
}
