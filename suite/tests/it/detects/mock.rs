//! The real cases against the embedded mock with one thing changed: exactly the right ones notice.

use std::collections::BTreeMap;

use torq_conformance::spec::{self, Source};
use torq_conformance::verdict::Verdict;

use crate::bench::run_against_mock;

/// A change to the mock, and what some cases make of it.
struct Change {
    /// The cases.
    filter: &'static str,
    /// The change, below `behaviour:`.
    behaviour: &'static str,
    /// All that did not come to `passed` or `recorded`: verdict and id, or the beginning of ids and a star.
    noticed: &'static [&'static str],
    /// Facts and what they come to.
    facts: &'static [(&'static str, &'static str)],
}

#[track_caller]
fn check(changes: &[Change]) {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let complaints = runtime.expect("a runtime starts").block_on(async {
        let mut complaints = Vec::new();
        for change in changes {
            let behaviour = change.behaviour;
            let seen = run_against_mock(&loaded, change.filter, &format!("  {behaviour}")).await;
            for (id, verdict) in &seen.verdicts {
                let expected = expected(change, id);
                let as_expected = match expected {
                    Some(word) => verdict.word() == word,
                    None => matches!(verdict, Verdict::Passed | Verdict::Recorded),
                };
                if !as_expected {
                    complaints.push(format!("{behaviour}: {id} {verdict}, expected {expected:?}"));
                }
            }
            let facts: BTreeMap<_, _> = seen.facts.into_iter().collect();
            for (name, value) in change.facts {
                if facts.get(*name).map(String::as_str) != Some(value) {
                    complaints.push(format!("{behaviour}: {name} is {:?}", facts.get(*name)));
                }
            }
        }
        complaints
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The word that a change's list has for a case.
fn expected(change: &Change, id: &str) -> Option<&'static str> {
    change.noticed.iter().find_map(|line| {
        let (word, wanted) = line.split_once(' ')?;
        let matches = wanted
            .strip_suffix('*')
            .map_or(id == wanted, |start| id.starts_with(start));
        matches.then_some(word)
    })
}

#[test]
fn changes_to_how_long_a_synchronous_caller_waits_are_noticed() {
    check(&[
        Change {
            filter: "running.sync-fallback.*",
            behaviour: "running: { sync_timeout: 30s }",
            noticed: &[
                "failed running.sync-fallback.at-the-limit",
                "failed running.sync-fallback.inside",
                "failed running.sync-fallback.just-after",
                "failed running.sync-fallback.just-before",
                "failed running.sync-fallback.not-a-millisecond-early",
                "failed running.sync-fallback.not-early",
                "failed running.sync-fallback.outlives",
            ],
            facts: &[],
        },
        Change {
            filter: "running.sync-fallback.*",
            behaviour: "running: { sync_timeout: 51s }",
            noticed: &["failed running.sync-fallback.just-after"],
            facts: &[],
        },
        Change {
            filter: "running.sync-fallback.*",
            behaviour: "running: { ends_at_timeout: in-progress }",
            noticed: &["failed running.sync-fallback.at-the-limit"],
            facts: &[],
        },
        Change {
            filter: "running.sync-fallback.*",
            behaviour: "answers: { in_progress: 200 Execution is in progress }",
            noticed: &[
                "failed running.sync-fallback.just-after",
                "failed running.sync-fallback.not-a-millisecond-early",
                "failed running.sync-fallback.not-early",
                "failed running.sync-fallback.outlives",
                "failed running.sync-fallback.pollable",
                "failed running.sync-fallback.side-by-side",
            ],
            facts: &[],
        },
        Change {
            filter: "running.sync-fallback.*",
            behaviour: "answers: { in_progress: 201 Still running }",
            noticed: &[
                "failed running.sync-fallback.just-after",
                "failed running.sync-fallback.not-a-millisecond-early",
                "failed running.sync-fallback.outlives",
            ],
            facts: &[],
        },
    ]);
}

#[test]
fn changes_to_what_runs_and_what_is_answered_are_noticed() {
    check(&[
        Change {
            filter: "running.published.*",
            behaviour: "running: { revision: draft }",
            noticed: &[
                "failed running.published.latest",
                "failed running.published.latest-async",
            ],
            facts: &[],
        },
        Change {
            filter: "running.published.*",
            behaviour: "running: { unpublished: runs-draft }",
            noticed: &[
                "failed running.published.never-by-plain-url",
                "failed running.published.never.*",
            ],
            facts: &[],
        },
        Change {
            filter: "responses.content-types.*",
            behaviour: "exit: { content_types: [application/json, text/plain, text/html, text/xml] }",
            noticed: &[
                "failed responses.content-types.charset.csv",
                "failed responses.content-types.empty-body.csv",
                "failed responses.content-types.large.csv",
                "failed responses.content-types.supported.csv",
            ],
            facts: &[],
        },
        Change {
            filter: "responses.body.*",
            behaviour: "exit: { beside_body: kept }",
            noticed: &[
                "failed responses.body.alone",
                "failed responses.body.empty-alone",
                "failed responses.body.json.*",
                "failed responses.body.text.*",
            ],
            facts: &[],
        },
        Change {
            filter: "responses.status.invalid-number",
            behaviour: "exit: { invalid_status: ignored }",
            noticed: &[],
            facts: &[
                ("invalid-status-number-too-high", "200"),
                ("invalid-status-number-zero", "200"),
            ],
        },
        Change {
            filter: "events.raw-mode.*",
            behaviour: "urls: { methods: [POST, OPTIONS] }",
            noticed: &[
                "deviates events.raw-mode.method-get",
                "deviates events.raw-mode.repeated-headers.get",
            ],
            facts: &[],
        },
        Change {
            filter: "events.cors.*",
            behaviour: "urls: { methods: [POST, GET] }",
            noticed: &[
                "failed events.cors.browser",
                "failed events.cors.preflight",
                "deviates events.cors.first-exit-ends",
            ],
            facts: &[],
        },
        Change {
            filter: "responses.output.*",
            behaviour: "exit: { default_content_type: text/plain }",
            noticed: &["failed responses.output.default-type.*"],
            facts: &[],
        },
        Change {
            filter: "events.documented-curl.*",
            behaviour: "events: { json_under_form_type: form }",
            noticed: &[
                "failed events.documented-curl.async",
                "failed events.documented-curl.sync",
                "inconclusive events.documented-curl.wrong-secret",
            ],
            facts: &[],
        },
    ]);
}

#[test]
fn changes_to_limits_are_noticed() {
    check(&[
        Change {
            filter: "answers.rate-limit.*",
            behaviour: "rate: { limit: 26 }",
            noticed: &[
                "failed answers.rate-limit.one-over.*",
                "failed answers.rate-limit.refused-does-not-run.*",
                "failed answers.rate-limit.sustained",
            ],
            facts: &[],
        },
        Change {
            filter: "answers.rate-limit.*",
            behaviour: "rate: { limit: 24 }",
            noticed: &[
                "failed answers.rate-limit.a-second-later",
                "failed answers.rate-limit.at-the-limit.*",
                "failed answers.rate-limit.one-over.*",
                "failed answers.rate-limit.refills",
                "failed answers.rate-limit.refused-does-not-run.*",
                "inconclusive answers.rate-limit.sustained",
            ],
            facts: &[],
        },
        Change {
            filter: "answers.rate-limit.*",
            behaviour: "answers: { rate_limited: 503 Slow down }",
            noticed: &[
                "failed answers.rate-limit.one-over.*",
                "failed answers.rate-limit.refused-does-not-run.*",
                "failed answers.rate-limit.sustained",
            ],
            facts: &[],
        },
        Change {
            filter: "answers.rate-limit-facts.retry-after",
            behaviour: "rate: { retry_after: omitted }",
            noticed: &[],
            facts: &[("retry-after", "not-sent")],
        },
        Change {
            filter: "answers.payload-limit.*",
            behaviour: "answers: { payload_too_large: 400 Payload is too large }",
            noticed: &[
                "failed answers.payload-limit.far-over.*",
                "failed answers.payload-limit.one-byte-over.*",
            ],
            facts: &[],
        },
        Change {
            filter: "retrieval.api-rate-limit.*",
            behaviour: "executions: { requests_per_second: 51 }",
            noticed: &[
                "deviates retrieval.api-rate-limit.activity-one-over",
                "deviates retrieval.api-rate-limit.one-over",
                "deviates retrieval.api-rate-limit.sustained",
            ],
            facts: &[],
        },
    ]);
}

#[test]
fn changes_to_refusals_are_noticed() {
    check(&[
        Change {
            filter: "authentication.header.*",
            behaviour: "answers: { invalid_header: 401 Invalid header }",
            noticed: &[
                "failed authentication.header.misnamed.*",
                "failed authentication.header.missing.*",
                "failed authentication.header.refused-does-not-run.*",
                "failed authentication.header.wrong.*",
            ],
            facts: &[],
        },
        Change {
            filter: "authentication.signature.*",
            behaviour: "answers: { invalid_signature: 400 Invalid HMAC signature }",
            noticed: &[
                "failed authentication.signature.empty-body-refused.*",
                "failed authentication.signature.nonsense.*",
                "failed authentication.signature.refused-does-not-run.*",
                "failed authentication.signature.wrong.*",
            ],
            facts: &[],
        },
        Change {
            filter: "urls.ids.workflow-elsewhere.*",
            behaviour: "answers: { unbound_workflow: 404 Workflow not found }",
            noticed: &["failed urls.ids.workflow-elsewhere.*"],
            facts: &[],
        },
        Change {
            filter: "urls.methods.*",
            behaviour: "urls: { methods: [POST, OPTIONS] }",
            noticed: &[
                "deviates urls.methods.async.get",
                "deviates urls.methods.plain.get",
                "deviates urls.methods.sync.get",
            ],
            facts: &[],
        },
        Change {
            filter: "retrieval.execution.*",
            behaviour: "answers: { execution_not_found: 410 Execution not found }",
            noticed: &[
                "failed retrieval.execution.not-a-workflow",
                "failed retrieval.execution.unknown",
            ],
            facts: &[],
        },
        Change {
            filter: "retrieval.tokens.*",
            behaviour: "answers: { token_expired: 401 Token expired }",
            noticed: &[
                "deviates retrieval.tokens.lifetime",
                "deviates retrieval.tokens.renewed",
            ],
            facts: &[],
        },
    ]);
}
