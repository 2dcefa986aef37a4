//! Sandboxes made and deleted at run time: worlds that cannot meet, and the same again from the same seed.

use serde_json::{Value, json};
use torq_mock_server::Settings;
use torq_mock_server::config::{ClockMode, Config};

use crate::client::{Answer, Connection, exchange, json_request, request};
use crate::support::{Mock, address, path_in};

/// Makes a sandbox and returns its description.
async fn make(mock: &Mock, wanted: &Value) -> Value {
    let made = mock.tell("/sandboxes", wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

/// Sends an event to a workflow of a sandbox.
async fn post(sandbox: &Value, workflow: &str) -> Answer {
    let path = path_in(&sandbox["profile"], workflow);
    exchange(place(sandbox), &json_request("POST", &path, &json!({}))).await
}

fn place(sandbox: &Value) -> std::net::SocketAddr {
    address(sandbox["base_url"].as_str().expect("a base URL"))
}

fn name(sandbox: &Value) -> &str {
    sandbox["id"].as_str().expect("an id")
}

#[tokio::test]
async fn two_sandboxes_share_neither_requests_nor_executions_nor_time() {
    let mock = Mock::start().await;
    let manual = json!({ "clock": "manual" });
    let (one, other) = (make(&mock, &manual).await, make(&mock, &manual).await);
    assert_eq!(post(&one, "respond").await.status, 200);
    let moved = mock
        .tell(&format!("/clock?sandbox={}", name(&one)), &json!({ "advance": "1h" }))
        .await;
    assert_eq!(moved.status, 200, "{}", moved.text());

    let counts = async |id: &str| {
        let journal = mock.ask(&format!("/requests?sandbox={id}")).await.json();
        let executions = mock.ask(&format!("/executions?sandbox={id}")).await.json();
        let clock = mock.ask(&format!("/clock?sandbox={id}")).await.json();
        (
            journal["received"].clone(),
            executions["executions"].as_array().map(Vec::len),
            clock["now"].clone(),
        )
    };
    assert_eq!(
        counts(name(&one)).await,
        (json!(1), Some(1), json!("2026-01-01T01:00:00.000000Z"))
    );
    for id in [name(&other), "default"] {
        assert_eq!(
            counts(id).await,
            (json!(0), Some(0), json!("2026-01-01T00:00:00.000000Z")),
            "{id}"
        );
    }
}

#[tokio::test]
async fn one_sandboxes_executions_do_not_use_up_anothers_limit() {
    let mock = Mock::start().await;
    let manual = json!({ "clock": "manual" });
    let (one, other) = (make(&mock, &manual).await, make(&mock, &manual).await);
    for _ in 0..25 {
        assert_eq!(post(&one, "respond").await.status, 200);
    }
    assert_eq!(post(&one, "respond").await.status, 429);
    assert_eq!(post(&other, "respond").await.status, 200);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids_and_another_one_others() {
    let mock = Mock::start().await;
    let mut seen = Vec::new();
    for seed in [7, 7, 8] {
        let sandbox = make(&mock, &json!({ "seed": seed, "clock": "manual" })).await;
        let mut ids = vec![
            sandbox["profile"]["workflows"].clone(),
            sandbox["profile"]["integrations"].clone(),
        ];
        for _ in 0..3 {
            ids.push(post(&sandbox, "respond").await.json()["execution_id"].clone());
        }
        seen.push(ids);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(
        seen[0].iter().zip(&seen[2]).all(|(one, other)| one != other),
        "{seen:?}"
    );
    assert_ne!(seen[0][2], seen[0][3]);
}

#[tokio::test]
async fn a_sandbox_of_the_tests_own_configuration_knows_only_what_is_in_it() {
    let mock = Mock::start().await;
    let config = "clock: manual\nworkspaces: { w: {} }\nintegrations: { i: { workspace: w } }\n\
                  workflows: { only: { integration: i, published: [ { exit: { json: { own: true } } } ] } }\n";
    let sandbox = make(&mock, &json!({ "config": config })).await;
    let names: Vec<_> = sandbox["profile"]["workflows"]
        .as_object()
        .expect("workflows")
        .keys()
        .collect();
    assert_eq!(names, ["only"]);
    assert_eq!(post(&sandbox, "only").await.status, 200);
    let stranger = exchange(
        mock.data,
        &json_request("POST", &path_in(&sandbox["profile"], "only"), &json!({})),
    )
    .await;
    assert_eq!(stranger.status, 404, "{}", stranger.text());

    let wrong = mock
        .tell(
            "/sandboxes",
            &json!({ "config": "workflow: {}\n", "file": "mine.yaml" }),
        )
        .await;
    assert_eq!(wrong.status, 422);
    let problem = &wrong.json()["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["line"]),
        (&json!("mine.yaml"), &json!(1)),
        "{problem}"
    );
}

#[tokio::test]
async fn a_sandbox_is_what_is_served_with_nothing_that_happened_there() {
    let text = "seed: 3\nfaults: [charset-dropped]\nbehaviour: { rate: { limit: 2 } }\nworkspaces: { w: {} }\n\
                integrations: { i: { workspace: w } }\n\
                workflows: { only: { integration: i, published: [ { exit: { json: { own: true } } } ] } }\n";
    let mock = Mock::serving(Settings {
        config: Some(Config::load("mine.yaml", text, None).expect("it is fine")),
        clock: Some(ClockMode::Manual),
        latency: "fixed:0ms".parse().expect("a latency"),
        ..Settings::default()
    })
    .await;
    let used = mock.ask("/sandboxes/default").await.json();
    post(&used, "only").await;

    let made = make(&mock, &json!({})).await;
    let ids = |it: &Value| it["profile"]["workflows"].clone();
    assert_eq!(ids(&made), ids(&used));
    assert_eq!(
        (&made["profile"]["clock"], &made["latency"], &made["faults"]),
        (&json!("manual"), &used["latency"], &json!(["charset-dropped"]))
    );
    let answers = [post(&made, "only").await, post(&made, "only").await];
    assert_eq!(answers.map(|it| it.status), [200; 2], "none of the quota is used");
    assert_eq!(post(&made, "only").await.status, 429, "but it is that of the file");

    let switched = exchange(
        mock.control,
        &json_request("PUT", "/faults", &json!({ "faults": ["fallback-with-200"] })),
    )
    .await;
    assert_eq!(switched.status, 200, "{}", switched.text());
    let later = make(&mock, &json!({})).await;
    assert_eq!(later["faults"], json!(["fallback-with-200"]), "those that are on now");
    let like = make(&mock, &json!({ "like": name(&made), "clock": "system" })).await;
    assert_eq!(
        (&like["faults"], &like["profile"]["clock"]),
        (&json!(["charset-dropped"]), &json!("system"))
    );
    let other = make(&mock, &json!({ "seed": 4, "faults": [], "memory": "1MiB" })).await;
    assert_eq!(
        (&other["faults"], &other["memory"]["budget"]),
        (&json!([]), &json!(1 << 20))
    );
    assert_ne!(ids(&other)["only"]["id"], ids(&used)["only"]["id"]);
}

#[tokio::test]
async fn what_a_sandbox_is_made_from_is_said_once() {
    let mock = Mock::start().await;
    for (wrong, expected) in [
        (
            json!({ "like": "default", "config": "seed: 1" }),
            "`config` and `like` exclude each other",
        ),
        (json!({ "like": "nobody" }), "no sandbox \\\"nobody\\\" to be like"),
        (json!({ "like": 1 }), "`like` is the id of a sandbox"),
        (json!({ "file": "mine.yaml" }), "there is no `config`"),
    ] {
        let refused = mock.tell("/sandboxes", &wrong).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.text().contains(expected), "{}", refused.text());
    }
}

#[tokio::test]
async fn a_deleted_sandbox_answers_what_it_holds_and_is_gone() {
    let mock = Mock::start().await;
    let sandbox = make(&mock, &json!({ "clock": "manual" })).await;
    let id = name(&sandbox);
    let path = format!("{}/sync", path_in(&sandbox["profile"], "slow"));
    let mut held = Connection::open(place(&sandbox)).await;
    held.send(&json_request("POST", &path, &json!({}))).await;
    assert_eq!(
        mock.ask(&format!("/wait?sandbox={id}&held=1")).await.json()["matched"],
        true
    );

    let delete = request("DELETE", &format!("/sandboxes/{id}"), &[], b"");
    assert_eq!(exchange(mock.control, &delete).await.status, 200);
    assert_eq!(held.answer().await.status, 201);
    assert!(held.answer_if_any().await.is_none());
    assert_eq!(exchange(mock.control, &delete).await.status, 404);
    assert_eq!(mock.ask(&format!("/requests?sandbox={id}")).await.status, 404);
    let kept = exchange(mock.control, &request("DELETE", "/sandboxes/default", &[], b"")).await;
    assert_eq!(kept.status, 409, "{}", kept.text());
    mock.answers_as_usual().await;
}

#[tokio::test]
async fn a_reset_forgets_what_happened_and_draws_the_same_ids_again() {
    let mock = Mock::start().await;
    let path = mock.path("respond");
    let first = mock.post(&path, &json!({})).await.json();
    assert_eq!(mock.tell("/reset?scope=journal", &json!({})).await.status, 200);
    assert_eq!((mock.journal().await.len(), mock.executions().await.len()), (0, 1));
    assert_eq!(mock.tell("/reset", &json!({})).await.status, 200);
    assert_eq!((mock.journal().await.len(), mock.executions().await.len()), (0, 0));
    assert_eq!(mock.post(&path, &json!({})).await.json(), first);
    assert_eq!(mock.tell("/reset?scope=everything", &json!({})).await.status, 400);
}

#[tokio::test]
async fn a_reset_lets_nobody_wait_for_an_execution_that_was_forgotten() {
    let mock = Mock::start().await;
    let mut call = mock.call(&mock.sync_path("slow"), &json!({})).await;
    mock.advance("1s", 1).await;
    assert_eq!(mock.tell("/reset", &json!({})).await.status, 200);
    let answer = call.answer().await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert_eq!(mock.ask("/clock").await.json()["held"], 0);
}

#[tokio::test]
async fn a_sandbox_goes_when_its_time_is_over_and_answers_what_it_holds() {
    let mock = Mock::start().await;
    let sandbox = make(&mock, &json!({ "clock": "manual", "ttl": "300ms" })).await;
    assert!(sandbox["expires_at"].is_string(), "{sandbox}");
    let mut held = Connection::open(place(&sandbox)).await;
    let path = format!("{}/sync", path_in(&sandbox["profile"], "slow"));
    held.send(&json_request("POST", &path, &json!({}))).await;
    assert_eq!(held.answer().await.status, 201);
    assert!(held.answer_if_any().await.is_none());
    assert!(tokio::net::TcpStream::connect(place(&sandbox)).await.is_err());
    assert_eq!(mock.ask(&format!("/sandboxes/{}", name(&sandbox))).await.status, 404);
    let kept = make(&mock, &json!({ "ttl": "1h" })).await;
    let delete = request("DELETE", &format!("/sandboxes/{}", name(&kept)), &[], b"");
    assert_eq!(exchange(mock.control, &delete).await.status, 200);
    assert_eq!(make(&mock, &json!({})).await["expires_at"], Value::Null);
}

#[tokio::test]
async fn a_sandbox_forgets_what_is_more_than_its_budget_and_says_so() {
    let mock = Mock::start().await;
    let sandbox = make(&mock, &json!({ "clock": "manual", "memory": "256KiB" })).await;
    assert_eq!(sandbox["memory"]["budget"], 256 << 10);
    let path = path_in(&sandbox["profile"], "shared");
    for _ in 0..30 {
        let event = json!({ "text": "x".repeat(20_000) });
        let status = exchange(place(&sandbox), &json_request("POST", &path, &event))
            .await
            .status;
        assert!([200, 429].contains(&status), "{status}");
    }
    let described = mock.ask(&format!("/sandboxes/{}", name(&sandbox))).await.json();
    let used = described["memory"]["used"].as_u64().expect("a number");
    assert!(used > 100_000 && used <= 256 << 10, "{described}");
    let journal = mock.ask(&format!("/requests?sandbox={}", name(&sandbox))).await.json();
    assert_eq!(journal["received"], 30);
    assert!(journal["evicted"].as_u64() > Some(20), "{}", journal["evicted"]);
}

#[tokio::test]
async fn times_and_sizes_that_are_none_are_refused() {
    let mock = Mock::start().await;
    for wrong in [
        json!({ "ttl": "soon" }),
        json!({ "ttl": "0s" }),
        json!({ "memory": "16MB" }),
        json!({ "memory": 1_000 }),
        json!({ "memory": [] }),
        json!({ "lifetime": "1h" }),
    ] {
        let refused = mock.tell("/sandboxes", &wrong).await;
        assert_eq!(refused.status, 400, "{wrong}");
    }
}
