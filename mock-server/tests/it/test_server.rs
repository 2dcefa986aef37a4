//! `MockServer` as a Rust test uses it: what it waits for, what it expects, and how it complains.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use serde_json::{Value, json};
use torq_mock_server::{
    ClockMode, Endpoint, Gate, Integration, MockServer, Release, Requests, Status, Workflow, Workspace, blocking,
};

use crate::client::{Answer, Connection, exchange, json_request};
use crate::support::address;

/// Sends an event to a URL of a server and reads the answer.
async fn post(url: &str, event: &Value) -> Answer {
    let (place, path) = parts(url);
    exchange(address(place), &json_request("POST", path, event)).await
}

/// A URL's origin and path.
fn parts(url: &str) -> (&str, &str) {
    url.split_at(url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at))
}

/// What a panic said.
fn message(outcome: Result<(), Box<dyn std::any::Any + Send>>) -> String {
    let panic = outcome.expect_err("it panics");
    panic.downcast_ref::<String>().expect("with a message").clone()
}

fn execution_of(answer: &Answer) -> String {
    answer.json()["execution_id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_client_with_a_fallback_of_50_s_is_tested_without_waiting_for_it() {
    let server = MockServer::start().await;
    let url = server.sync_url("slow");
    let calling = tokio::spawn(async move { post(&url, &json!({ "seconds": 70 })).await });
    server.wait_for_held(1).await;
    let moved = server.advance(Duration::from_secs(50)).await;
    assert_eq!(moved.answered, 1);
    let answer = calling.await.expect("it ends");
    assert_eq!(answer.status, 201);

    let id = execution_of(&answer);
    assert_eq!(server.wait_for_execution(&id, Status::Running).await.output, None);
    server.advance(Duration::from_secs(20)).await;
    let execution = server.wait_for_execution(&id, Status::Success).await;
    assert_eq!(execution.output, Some(json!({ "done": true })));
}

#[tokio::test]
async fn the_journal_has_types() {
    let server = MockServer::start().await;
    let accepted = post(&server.async_url("respond"), &json!({ "body": "hello" })).await;
    post(&server.async_url("guarded"), &json!({})).await;
    let requests = server.wait_for_requests(2).await;
    assert_eq!(requests[0].endpoint, Endpoint::Async);
    assert_eq!(requests[0].json(), Some(json!({ "body": "hello" })));
    assert_eq!(requests[0].status(), Some(200));
    assert_eq!(requests[0].executions[0].to_string(), execution_of(&accepted));
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    let refusal = requests[1].refusal.as_ref().expect("it was refused");
    assert_eq!((refusal.gate, requests[1].status()), (Gate::Header, Some(400)));
    assert_eq!(server.executions().len(), 1);
}

#[tokio::test]
async fn what_is_expected_and_so_is_not_mentioned() {
    let server = MockServer::start().await;
    server.expect(Requests::to_workflow("respond").exactly(2));
    server.expect(Requests::to_integration("open").accepted().at_least(3));
    server.expect(Requests::to(Endpoint::Sync).answered(200).between(1, 2));
    server.expect(Requests::refused_by(Gate::Event).at_most(1));
    server.expect(Requests::refused_by(Gate::Rate).never());
    server.expect(Requests::all().at_least(3));
    let guard = server.expect_scoped(Requests::to_workflow("respond").exactly(1));
    post(&server.async_url("respond"), &json!({})).await;
    guard.satisfied().await;
    assert_eq!(guard.received_requests().len(), 1);
    drop(guard);
    let none = server.expect_scoped(Requests::to_workflow("alert").never());
    post(&server.sync_url("respond"), &json!({ "body": "x" })).await;
    post(&server.webhook_url("open"), &json!({})).await;
    drop(none);
    server.verify();
    server.shutdown().await;
}

#[tokio::test]
async fn what_is_not_as_expected_is_told_with_the_journal() {
    let server = MockServer::builder().seed(7).start().await;
    server.expect(Requests::to_workflow("respond").exactly(2));
    server.expect(Requests::refused().never());
    server.expect(Requests::to_workflow("alert").never());
    post(&server.async_url("respond"), &json!({})).await;
    post(&server.async_url("guarded"), &json!({})).await;
    insta::assert_snapshot!(message(catch_unwind(AssertUnwindSafe(|| server.verify()))));
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(server)));
    assert!(message(dropped).contains("2 of 3 expectations are not met"));
}

#[tokio::test]
async fn every_way_to_expect_can_be_disappointed() {
    let server = MockServer::start().await;
    post(&server.async_url("respond"), &json!({})).await;
    for (expectation, told) in [
        (Requests::all().never(), "expected no requests, received 1"),
        (Requests::all().exactly(2), "expected exactly 2 requests, received 1"),
        (Requests::all().at_least(2), "expected at least 2 requests, received 1"),
        (Requests::all().at_most(0), "expected no requests, received 1"),
        (Requests::all().between(2, 3), "expected 2 to 3 requests, received 1"),
        (
            Requests::to(Endpoint::Sync).answered(201).at_least(1),
            "at least 1 requests to the endpoint `sync`, answered 201",
        ),
        (
            Requests::refused_by(Gate::Header).exactly(1),
            "that the gate `header` refused, received 0",
        ),
    ] {
        let server = MockServer::start().await;
        server.expect(expectation);
        post(&server.async_url("respond"), &json!({})).await;
        let said = message(catch_unwind(AssertUnwindSafe(|| drop(server))));
        assert!(said.contains(told), "{said}");
    }
    let scoped = || drop(server.expect_scoped(Requests::all().exactly(1)));
    assert!(message(catch_unwind(AssertUnwindSafe(scoped))).contains("received 0"));
    let misspelt = || server.expect(Requests::to_workflow("respnd").never());
    assert!(message(catch_unwind(AssertUnwindSafe(misspelt))).contains("did you mean `respond`?"));
}

#[tokio::test]
async fn a_panic_of_the_test_is_not_hidden_by_what_it_left_unmet() {
    let server = MockServer::start().await;
    server.expect(Requests::all().at_least(1));
    let failing = catch_unwind(AssertUnwindSafe(move || {
        let _server = server;
        std::panic::panic_any("the test's own".to_owned());
    }));
    assert_eq!(message(failing), "the test's own");
}

#[tokio::test]
async fn waiting_in_vain_says_what_has_come_instead() {
    let server = MockServer::builder().patience(Duration::from_millis(20)).start().await;
    let said = async |waiting: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        let panic = tokio::spawn(waiting).await.expect_err("it panics").into_panic();
        message(Err(panic))
    };
    let server = std::sync::Arc::new(server);
    let waiting = server.clone();
    let told = said(Box::pin(async move { drop(waiting.wait_for_requests(1).await) })).await;
    assert!(told.contains("0 of 1 requests have come"), "{told}");
    let waiting = server.clone();
    let told = said(Box::pin(async move { waiting.wait_for_held(1).await })).await;
    assert!(told.contains("0 of 1 calls are held"), "{told}");
    let id = execution_of(&post(&server.async_url("held"), &json!({})).await);
    let (waiting, held) = (server.clone(), id.clone());
    let told = said(Box::pin(async move {
        drop(waiting.wait_for_execution(held, Status::Success).await);
    }))
    .await;
    assert!(told.contains("is ON_HOLD and not SUCCESS"), "{told}");
    server.release(&id, Release::Failure);
    assert_eq!(server.wait_for_execution(&id, Status::Failed).await.output, None);
    let again = catch_unwind(AssertUnwindSafe(|| server.release(&id, Release::Failure)));
    assert!(message(again).contains("neither running nor on hold"));
}

#[tokio::test]
async fn a_world_is_built_from_parts() {
    let server = MockServer::builder()
        .workspace(
            "soc",
            Workspace::new()
                .concurrency(1)
                .client("poller", ("an-id", "not-a-secret")),
        )
        .integration(
            "alerts",
            Integration::new().workspace("soc").header("X-Key", "not-a-secret"),
        )
        .integration("http", Integration::new().raw())
        .workflow(
            "triage",
            Workflow::of("alerts")
                .hold("approval")
                .exit(json!({ "kind": "{{ $.event.kind }}" })),
        )
        .workflow(
            "teapot",
            Workflow::of("http").exit_with(json!({ "status": 418, "body": "short" })),
        )
        .workflow("sad", Workflow::of("http").wait(Duration::from_secs(1)).fail("always"))
        .rate_limit(2)
        .payload_limit(1_000)
        .sync_timeout(Duration::from_secs(2))
        .start()
        .await;
    assert_eq!(post(&server.sync_url("teapot"), &json!({})).await.status, 418);
    assert_eq!(
        post(&server.sync_url("teapot"), &json!("x".repeat(2_000))).await.status,
        413
    );
    assert_eq!(post(&server.async_url("teapot"), &json!({})).await.status, 200);
    assert_eq!(post(&server.async_url("teapot"), &json!({})).await.status, 429);
    assert_eq!(post(&server.async_url("triage"), &json!({})).await.status, 400);
    assert_eq!(
        server.headers_of("alerts"),
        [("X-Key".to_owned(), "not-a-secret".to_owned())]
    );
    assert_eq!(
        server.client_credentials("soc", "poller"),
        ("an-id".to_owned(), "not-a-secret".to_owned())
    );

    let id = execution_of(&post(&server.async_url("sad"), &json!({})).await);
    server.advance(Duration::from_secs(1)).await;
    server.wait_for_execution(&id, Status::Failed).await;
    let (place, path) = (server.execution_url(&id), server.bearer_token("main", "operator"));
    let (origin, target) = parts(&place);
    let mut connection = Connection::open(address(origin)).await;
    connection
        .send(format!("GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {path}\r\n\r\n").as_bytes())
        .await;
    assert_eq!(connection.answer().await.json()["status"], "FAILED");
    server.reset();
    assert!(server.executions().is_empty() && server.received_requests().is_empty());
}

#[tokio::test]
async fn a_wrong_configuration_is_told_with_its_places() {
    let told = async |builder: torq_mock_server::MockServerBuilder| {
        builder.try_start().await.expect_err("it is wrong").to_string()
    };
    let misspelt = told(MockServer::builder().configuration("workflow: {}\n")).await;
    assert!(misspelt.contains("did you mean `workflows`?"), "{misspelt}");
    let unknown = told(MockServer::builder().behaviour("rate", "limt", 1)).await;
    assert!(unknown.contains("did you mean `limit`?"), "{unknown}");
    let dangling = told(MockServer::builder().workflow("w", Workflow::of("nowhere"))).await;
    assert!(dangling.contains("there is no integration `nowhere`"), "{dangling}");
    let missing = MockServer::builder().configuration_file("no/such/file.yaml");
    assert!(
        missing
            .expect_err("there is none")
            .to_string()
            .contains("no/such/file.yaml")
    );
    let served = MockServer::builder()
        .configuration("workspaces: { w: {} }\nintegrations: { i: { workspace: w } }\n")
        .workflow("more", Workflow::of("i"))
        .clock(ClockMode::System)
        .start()
        .await;
    assert_eq!(post(&served.async_url("more"), &json!({})).await.status, 200);
}

#[test]
fn a_test_without_a_runtime_waits_as_well() {
    let server = blocking::MockServer::start();
    server.expect(Requests::to_workflow("slow").exactly(1));
    let url = server.sync_url("slow");
    let calling = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async { post(&url, &json!({})).await })
    });
    server.wait_for_held(1);
    server.advance(Duration::from_secs(50));
    let id = execution_of(&calling.join().expect("it ends"));
    server.advance(Duration::from_secs(10));
    assert!(server.wait_for_execution(id, Status::Success).output.is_some());
    assert_eq!(server.wait_for_requests(1).len(), 1);
}
