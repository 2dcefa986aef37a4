//! What the journal keeps, and what it says of what it forgot.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::json;

use super::*;
use crate::catalog::Catalog;
use crate::gate::Gate;
use crate::inbound::{Body, Inbound};
use crate::journal::entry::{Decision, Started};
use crate::journal::redaction::Redaction;
use crate::rejection::Refusal;
use crate::retention::Budget;
use crate::route::Endpoint;
use crate::timestamp::Timestamp;

fn entry(path: &str, rejection: Option<Rejection>) -> Entry {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer token"));
    let inbound = Inbound {
        method: Method::POST,
        path: path.to_owned(),
        query: Some("a=1".to_owned()),
        headers,
        body: Body::Complete(Bytes::from_static(b"{}")),
    };
    let decision = Decision {
        endpoint: Endpoint::Async,
        rejection,
        started: Started::Nothing,
        provenance: Provenance::Contract,
    };
    Entry::new(
        &inbound,
        decision,
        &Redaction::of(&Catalog::default()),
        Timestamp::from_seconds(0),
    )
}

fn refused() -> Option<Rejection> {
    Some(Rejection::new(Gate::Header, Refusal::InvalidHeader, "the header is missing").comparing("a", "b"))
}

#[test]
fn an_entry_says_what_came_and_what_became_of_it() {
    let mut journal = Journal::new(Budget::DEFAULT.journal());
    let (key, _) = journal.add(entry("/v1/webhooks/x", refused()));
    journal.record_answer(
        key,
        AnswerNote::Sent { status: 400, bytes: 12 },
        Timestamp::from_seconds(1),
    );
    let expected = json!({
        "seq": 0,
        "at": "1970-01-01T00:00:00.000000Z",
        "real_at": null,
        "method": "POST",
        "path": "/v1/webhooks/x?a=1",
        "integration": null,
        "workflow": null,
        "headers": [["authorization", "Bearer [redacted]"]],
        "body": {"text": "{}", "bytes": 2, "cut_off": false},
        "route": "async",
        "outcome": "refused",
        "gate": "header",
        "reason": "the header is missing",
        "expected": "a",
        "received": "b",
        "mistakes": [],
        "hint": null,
        "nearest": null,
        "provenance": "contract",
        "executions": [],
        "answer": {"at": "1970-01-01T00:00:01.000000Z", "status": 400, "bytes": 12},
        "replay_of": null,
    });
    let page = journal.page(&JournalQuery::default());
    assert_eq!(page.to_json()["requests"], json!([expected]));
    let request = &page.requests[0];
    assert_eq!(request.header("Authorization"), Some("Bearer [redacted]"));
    assert_eq!(request.status(), Some(400));
    assert_eq!(request.json(), Some(json!({})));
}

#[test]
fn a_query_selects_and_limits() {
    let mut journal = Journal::new(Budget::DEFAULT.journal());
    for number in 0..4 {
        journal.add(entry(
            &format!("/{number}"),
            if number % 2 == 0 { refused() } else { None },
        ));
    }
    let paths = |query: JournalQuery| -> Vec<String> {
        journal
            .page(&query)
            .requests
            .iter()
            .map(|entry| entry.path.clone())
            .collect()
    };
    assert_eq!(
        paths(JournalQuery {
            limit: Some(1),
            ..JournalQuery::default()
        }),
        ["/3?a=1"]
    );
    assert_eq!(
        paths(JournalQuery {
            gate: Some(Gate::Header),
            ..JournalQuery::default()
        }),
        ["/0?a=1", "/2?a=1"]
    );
    let accepted = JournalQuery {
        outcome: Some(JournalOutcome::Accepted),
        ..JournalQuery::default()
    };
    assert_eq!(paths(accepted), ["/1?a=1", "/3?a=1"]);
    assert!(
        paths(JournalQuery {
            gate: Some(Gate::Rate),
            ..JournalQuery::default()
        })
        .is_empty()
    );
}

#[test]
fn what_is_forgotten_is_counted() {
    let mut journal = Journal::new(Retention {
        count: 2,
        bytes: usize::MAX,
    });
    let (first, _) = journal.add(entry("/0", None));
    for number in 1..5 {
        let (_, forgotten) = journal.add(entry(&format!("/{number}"), None));
        assert_eq!(forgotten.len(), usize::from(number > 1));
    }
    journal.record_answer(first, AnswerNote::CallerGone, Timestamp::from_seconds(1));
    let page = journal.page(&JournalQuery::default());
    assert_eq!((page.received, page.evicted, page.matching), (5, 3, 2));
    assert_eq!(page.requests[0].number, 3);
    assert_eq!(page.requests[0].answer, None);
    journal.empty();
    let (_, _) = journal.add(entry("/5", None));
    let page = journal.page(&JournalQuery::default());
    assert_eq!((page.received, page.evicted, page.requests[0].number), (1, 0, 0));
}

#[test]
fn bytes_bound_the_journal_as_well() {
    let one = entry("/", None).bytes();
    let mut journal = Journal::new(Retention {
        count: usize::MAX,
        bytes: one * 2,
    });
    for _ in 0..5 {
        journal.add(entry("/", None));
    }
    assert_eq!(journal.page(&JournalQuery::default()).evicted, 3);
}
