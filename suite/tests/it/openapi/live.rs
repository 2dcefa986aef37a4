//! Every answer the mock gives to every case, held against the document; and that this can fail.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use torq_conformance::report::Outcome;

use super::answers::judge;
use super::document::{Document, TEXT};
use super::{catalogue, document, walk};
use crate::bench::read_against_mock;

/// What a run came to by the document.
#[derive(Debug, Default)]
struct Seen {
    violations: Vec<String>,
    /// Where the answers are listed: path and status.
    listed: BTreeSet<(String, String)>,
    /// How many answers were looked at.
    answers: usize,
    /// The bodies that are JSON.
    bodies: Vec<Json>,
}

fn seen(document: &Document, outcome: &Outcome<'_>) -> Seen {
    let mut seen = Seen::default();
    for finished in &outcome.cases {
        for exchange in finished.run.steps.iter().flat_map(|step| &step.exchanges) {
            let judged = judge(document, finished.case, exchange);
            seen.violations.extend(judged.violations);
            seen.listed.extend(judged.listed);
            if let Some(answer) = exchange.answer() {
                seen.answers += 1;
                seen.bodies.extend(answer.body.json());
            }
        }
    }
    seen
}

/// Answers that are documented and that the mock is never asked for.
const NEVER_SEEN: [(&str, &str, &str); 3] = [
    (
        "/v1/webhooks/{integration}/workflows/{workflow}",
        "500",
        "no request is documented to cause an internal error",
    ),
    (
        "/public/v1alpha/executions/{execution}",
        "500",
        "no request is documented to cause an internal error",
    ),
    (
        "/public/v1alpha/executions/{execution}",
        "201",
        "the mock has chosen 200, which is as good",
    ),
];

/// Every answer that the document lists: path and status. The methods of a path share theirs.
fn all_listed(document: &Document) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for (_, path, operation) in document.operations() {
        let responses = document.member(&operation, "responses").expect("there are some");
        let keys = responses.value.as_object().into_iter().flatten();
        all.extend(keys.map(|(status, _)| (path.to_owned(), status.clone())));
    }
    all
}

/// Refusals among the examples that nobody was answered.
fn invented(document: &Document, bodies: &[Json]) -> Vec<String> {
    let mut invented = Vec::new();
    walk("", document.root(), &mut |pointer, object| {
        let quoted = object.get("value").filter(|value| value["status"] == "error");
        if let Some(value) = quoted.filter(|value| !bodies.contains(value)) {
            invented.push(format!("#{pointer}: nobody is answered {value}"));
        }
    });
    invented
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_case_is_listed_and_everything_that_is_listed_is_answered() {
    let (document, loaded) = (document(), catalogue());
    let seen = read_against_mock(&loaded, ("*", "  {}"), |outcome| seen(&document, outcome)).await;
    assert!(seen.violations.is_empty(), "{}", seen.violations.join("\n"));
    assert!(seen.answers > 1500, "only {} answers were looked at", seen.answers);
    let excused = NEVER_SEEN.map(|(path, status, _)| (path.to_owned(), status.to_owned()));
    let unseen: BTreeSet<_> = all_listed(&document).difference(&seen.listed).cloned().collect();
    assert_eq!(unseen, excused.into(), "listed answers that no case is given");
    let made_up = invented(&document, &seen.bodies);
    assert!(made_up.is_empty(), "{}", made_up.join("\n"));
    assert!(!invented(&document, &[]).is_empty(), "no refusal is quoted");
}

/// The same cases, a mock that answers otherwise, and what is said of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mock_that_answers_otherwise_is_told_where() {
    let (document, loaded) = (document(), catalogue());
    for (filter, behaviour, parts) in [
        (
            "authentication.header.missing.*",
            "  answers: { invalid_header: 403 Forbidden }",
            [
                "authentication.header.missing.async: POST /v1/webhooks/",
                " -> 403: the status is not listed at #/paths/~1v1~1webhooks~1{integration}~1workflows~1{workflow}/post/responses",
            ],
        ),
        (
            "authentication.header.missing.*",
            "  answers: { error_body: '{\"error\":\"{phrase}\"}' }",
            [
                "/sync -> 400: \"status\" is a required property (by `required` of #/components/schemas/Refusal)",
                " -> 400: \"message\" is a required property (by `required` of #/components/schemas/Refusal)",
            ],
        ),
        (
            "running.asynchronous.*",
            "  running: { async_body: '{\"execution_id\":\"none\",\"status\":\"ok\"}' }",
            [
                " -> 200: \"none\" is not a \"uuid\" (/execution_id, by `format` of #/components/schemas/Started)",
                "",
            ],
        ),
        (
            "running.asynchronous.*",
            "  answers: { content_type: text/json }",
            [
                " -> 200: the type text/json is not listed at #/components/responses/Started/content",
                "",
            ],
        ),
        (
            "running.asynchronous.*",
            "  running: { async_body: '' }",
            [
                " -> 200: there is no body; #/components/responses/Started/content lists one",
                "",
            ],
        ),
        (
            "running.asynchronous.*",
            "  running: { async_body: started }",
            [
                " -> 200: the body is no JSON: expected value at line 1 column 1; \
                 #/components/responses/Started/content/application~1json has a schema",
                "",
            ],
        ),
        (
            "urls.methods.put",
            "  urls: { methods: [POST, brew] }",
            [
                "urls.methods.put: PUT /v1/webhooks/",
                " -> 405: header Allow: \"POST, brew\" does not match",
            ],
        ),
        (
            "urls.ids.integration-unknown.async",
            "  answers: { integration_not_found: 200 Success }",
            [
                " -> 200: \"execution_id\" is a required property",
                "-> 200: \"ok\" was expected (/status, by `const`",
            ],
        ),
        (
            "running.condition.*",
            "  answers: { execution_not_found: 202 Not yet }",
            [
                "/sync -> 202: the status is not listed at #/paths/",
                "~1sync/post/responses",
            ],
        ),
    ] {
        let seen = read_against_mock(&loaded, (filter, behaviour), |outcome| seen(&document, outcome)).await;
        for part in parts {
            let found = seen.violations.iter().any(|it| it.contains(part));
            assert!(found, "{behaviour}: {part}: {:#?}", seen.violations);
        }
    }
}

/// The same answers, a document that says otherwise, and what is said of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_says_otherwise_is_told_by_which_answer() {
    let loaded = catalogue();
    let alterations = [
        (
            "\"404\": { $ref: \"#/components/responses/ExecutionNotFound\" }",
            "\"410\": { $ref: \"#/components/responses/ExecutionNotFound\" }",
            "retrieval.execution.malformed: GET /public/v1alpha/executions/not-a-uuid -> 404: the status is not listed at \
             #/paths/~1public~1v1alpha~1executions~1{execution}/get/responses",
        ),
        (
            "enum: [SUCCESS, FAILED,",
            "enum: [COMPLETED, FAILED,",
            "-> 200: \"SUCCESS\" is not one of \"COMPLETED\", \"FAILED\" or 6 other candidates (/status, by `enum` of \
             #/components/schemas/Execution)",
        ),
        (
            "expires_in: { const: 3600,",
            "expires_in: { const: 7200,",
            "retrieval.tokens.endpoint: POST /v1/auth/token -> 200: 7200 was expected (/expires_in, by `const` of #/components/schemas/Token)",
        ),
        (
            "workflow_name: { type: string }",
            "workflow_name: { type: integer }",
            "\"first\" is not of type \"integer\" (/workflow_name, by `type` of #/components/schemas/Execution)",
        ),
        (
            "  /v1/auth/token:",
            "  /v2/auth/token:",
            "retrieval.tokens.endpoint: POST /v1/auth/token -> 200: \"status\" is a required property",
        ),
        (
            "enum: [Bearer, Basic]",
            "enum: [Basic]",
            "-> 401: header WWW-Authenticate: \"Bearer\" is not one of \"Basic\" (by `enum` of #/components/headers/Challenge/schema)",
        ),
    ];
    read_against_mock(&loaded, ("retrieval.*", "  {}"), |outcome| {
        assert_eq!(seen(&document(), outcome).violations, Vec::<String>::new());
        for (right, wrong, part) in alterations {
            let altered = TEXT.replacen(right, wrong, 1);
            assert_ne!(altered, TEXT, "{right} is not in the document");
            let found = seen(&Document::of(&altered), outcome).violations;
            assert!(found.iter().any(|it| it.contains(part)), "{wrong}: {part}: {found:#?}");
        }
    })
    .await;
}
