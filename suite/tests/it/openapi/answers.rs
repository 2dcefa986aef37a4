//! Whether an answer is one the document lists: status, type, headers, body.
//!
//! Pure: from a document and an exchange to sentences that name the case, the exchange and the place in the document.

use serde_json::Value as Json;
use torq_conformance::attempt::{Answer, Exchange};
use torq_conformance::spec::model::Case;

use super::document::{Asked, Document, Place};

/// What an answer turned out to be.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// How it differs from the document; nothing when it does not.
    pub(crate) violations: Vec<String>,
    /// Where the answer is listed: path and status.
    pub(crate) listed: Option<(String, String)>,
}

/// Holds the answer of an exchange against the document.
pub(crate) fn judge(document: &Document, case: &Case, exchange: &Exchange) -> Judged {
    let Some(answer) = exchange.answer() else {
        return Judged::default();
    };
    let request = &exchange.request;
    let target = target_of(&request.url);
    let heard = Heard {
        method: &request.method,
        answer,
    };
    let (listed, differences) = match document.asked(&request.method, target) {
        Asked::Nothing(other) => (None, differences(document, &other, heard)),
        Asked::Operation(path, operation) => {
            let (status, differences) = of_operation(document, (case, &operation), heard);
            (status.map(|status| (path.to_owned(), status)), differences)
        }
    };
    let exchange = format!("{} {target} -> {}", request.method, answer.status);
    Judged {
        violations: differences
            .into_iter()
            .map(|difference| format!("{}: {exchange}: {difference}", case.id))
            .collect(),
        listed,
    }
}

/// An answer and the method it is one to.
#[derive(Clone, Copy)]
struct Heard<'e> {
    method: &'e str,
    answer: &'e Answer,
}

/// The path and query of a URL.
fn target_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// Under which status an operation lists the answer, and how it differs from that.
fn of_operation(
    document: &Document,
    (case, operation): (&Case, &Place<'_>),
    heard: Heard<'_>,
) -> (Option<String>, Vec<String>) {
    let listed = document.answer(operation, heard.answer.status);
    let listed = listed.map(|(status, place)| (Some(status), differences(document, &place, heard)));
    // A workflow may choose any status, listed ones included; only in a case that is about this it does.
    let default = document.default_answer(operation);
    let default = default.filter(|default| concerns(case, default));
    match (listed, default) {
        (Some((status, differences)), None) => (status, differences),
        (Some((status, differences)), Some(_)) if differences.is_empty() => (status, differences),
        (Some(_) | None, Some(default)) => (Some("default".to_owned()), differences(document, &default, heard)),
        (None, None) => {
            let responses = format!("#{}/responses", operation.pointer);
            (None, vec![format!("the status is not listed at {responses}")])
        }
    }
}

/// Whether a case cites a requirement that stands behind an answer.
fn concerns(case: &Case, place: &Place<'_>) -> bool {
    let behind = place.value["x-requirements"].as_array().into_iter().flatten();
    behind
        .filter_map(Json::as_str)
        .any(|id| case.requirements.iter().any(|cited| cited == id))
}

/// How an answer differs from one that is listed.
fn differences(document: &Document, listed: &Place<'_>, heard: Heard<'_>) -> Vec<String> {
    let mut differences = header_differences(document, listed, heard.answer);
    let body = &heard.answer.body;
    let declared = heard.answer.header("content-type").next();
    let content = document.member(listed, "content");
    match (content, declared) {
        _ if body.size == 0 => {
            let may_be_empty = heard.method == "HEAD" || matches!(heard.answer.status, 204 | 304);
            if !may_be_empty && !accepts_nothing(document, listed) {
                differences.push(format!("there is no body; #{}/content lists one", listed.pointer));
            }
        }
        (None, _) => differences.push(format!("there is a body; #{} lists none", listed.pointer)),
        (Some(content), None) => differences.push(format!("there is no Content-Type; #{} lists some", content.pointer)),
        (Some(content), Some(declared)) => {
            let essence = declared
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            match document
                .member(&content, &essence)
                .or_else(|| document.member(&content, "*/*"))
            {
                None => differences.push(format!("the type {declared} is not listed at #{}", content.pointer)),
                Some(media) => {
                    let json = essence == "application/json";
                    differences.extend(body_differences(document, &media, (json, &body.kept)));
                }
            }
        }
    }
    differences
}

/// Whether some listed type says nothing of its bodies, so that an empty one will do.
fn accepts_nothing(document: &Document, listed: &Place<'_>) -> bool {
    let Some(content) = document.member(listed, "content") else {
        return true;
    };
    let mut types = document.members(&content).into_iter();
    types.any(|(_, media)| is_anything(&document.member(&media, "schema")))
}

/// Whether a schema says nothing.
fn is_anything(schema: &Option<Place<'_>>) -> bool {
    schema
        .as_ref()
        .is_none_or(|schema| schema.value.as_object().is_some_and(serde_json::Map::is_empty))
}

fn header_differences(document: &Document, listed: &Place<'_>, answer: &Answer) -> Vec<String> {
    let Some(headers) = document.member(listed, "headers") else {
        return Vec::new();
    };
    let mut differences = Vec::new();
    for (name, header) in document.members(&headers) {
        let schema = document.member(&header, "schema").expect("headers have schemas");
        for value in answer.header(name) {
            let found = document.disagreements(&schema.pointer, &Json::from(value));
            differences.extend(found.into_iter().map(|it| format!("header {name}: {it}")));
        }
    }
    differences
}

fn body_differences(document: &Document, media: &Place<'_>, (json, bytes): (bool, &[u8])) -> Vec<String> {
    let schema = document.member(media, "schema");
    let Some(schema) = schema.filter(|schema| !is_anything(&Some(schema.clone()))) else {
        return Vec::new();
    };
    let value = if json {
        serde_json::from_slice(bytes)
            .map_err(|error| format!("the body is no JSON: {error}; #{} has a schema", media.pointer))
    } else {
        std::str::from_utf8(bytes)
            .map(Json::from)
            .map_err(|error| format!("the body is no text: {error}"))
    };
    match value {
        Ok(value) => document.disagreements(&schema.pointer, &value),
        Err(difference) => vec![difference],
    }
}
