//! `specs/control.openapi.yaml`: its routes are those that are served, and what is answered fits it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{Answer, exchange, request};
use crate::support::Mock;

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/control.openapi.yaml"));

fn document() -> Value {
    serde_yaml::from_str(TEXT).expect("it is YAML")
}

#[test]
fn it_is_openapi_3_1() {
    let document = document();
    oas3::from_json(document.to_string()).expect("it is OpenAPI");
    for schema in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(
            TEXT.contains(&format!("#/components/schemas/{schema}\"")),
            "nothing refers to {schema}"
        );
        validator(&document, &json!({ "$ref": format!("#/components/schemas/{schema}") }));
    }
}

#[tokio::test]
async fn its_routes_are_those_that_are_served() {
    let mock = Mock::start().await;
    let index = mock.ask("/").await.text();
    let served: BTreeSet<String> = index
        .lines()
        .filter(|line| line.contains(" /"))
        .map(str::to_owned)
        .collect();
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = ["get", "post", "put", "delete"]
                .into_iter()
                .filter(|method| item.get(method).is_some());
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    assert_eq!(
        described, served,
        "describe in specs/control.openapi.yaml what is served, and nothing else"
    );
}

/// Every operation takes the parameters that are described, and no others.
#[tokio::test]
async fn its_parameters_are_those_that_are_taken() {
    let mock = Mock::start().await;
    let document = document();
    let mut seen = 0;
    for (template, item) in document["paths"].as_object().expect("paths") {
        if ["/", "/healthz", "/readyz", "/metrics"].contains(&template.as_str()) {
            continue;
        }
        for method in ["get", "post", "put", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let listed = [&item["parameters"], &operation["parameters"]];
            let listed = listed.into_iter().filter_map(Value::as_array).flatten();
            let listed = listed.map(|parameter| followed(&document, parameter));
            let described: BTreeSet<&str> = listed
                .filter(|parameter| parameter["in"] == "query")
                .filter_map(|parameter| parameter["name"].as_str())
                .chain(["sandbox"])
                .collect();
            let path = template.replace("{seq}", "0").replace("{id}", "default");
            let asked = request(&method.to_uppercase(), &format!("{path}?zzz=1"), &[], b"");
            let refused = exchange(mock.control, &asked).await;
            assert_eq!(refused.status, 400, "{method} {path}: {}", refused.text());
            let told = refused.json()["error"].as_str().expect("an error").to_owned();
            let (_, known) = told.split_once("known: ").expect("it lists them");
            assert_eq!(known.split(", ").collect::<BTreeSet<_>>(), described, "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    jsonschema::validator_for(&whole).expect("a JSON Schema")
}

/// Follows the references of a response.
fn followed<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).expect("it is there"),
        None => value,
    }
}

#[track_caller]
fn fits(document: &Value, (method, path): (&str, &str), answer: &Answer) {
    let operation = &document["paths"][path][method.to_lowercase()];
    let response = followed(document, &operation["responses"][answer.status.to_string()]);
    assert!(
        response.is_object(),
        "{method} {path} answers {}, which is not described: {}",
        answer.status,
        answer.text()
    );
    let schema = &response["content"]["application/json"]["schema"];
    let errors: Vec<_> = validator(document, schema)
        .iter_errors(&answer.json())
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{method} {path}: {errors:#?}\n{}", answer.text());
}

#[tokio::test]
async fn what_is_answered_fits_it() {
    let mock = Mock::start().await;
    let document = document();
    let started = mock.post(&mock.path("held"), &json!({})).await.json();
    let id = started["execution_id"].as_str().expect("an id").to_owned();
    mock.post(&mock.path("guarded"), &json!({})).await;
    mock.post("/v1/webhook", &json!({})).await;
    let mut held = mock.call(&mock.sync_path("slow"), &json!({ "seconds": 70 })).await;
    let release = format!("/executions/{id}/release");
    for (method, template, path, body) in [
        ("GET", "/healthz", "/healthz", json!(null)),
        ("GET", "/readyz", "/readyz", json!(null)),
        ("GET", "/reload", "/reload", json!(null)),
        ("POST", "/reload", "/reload", json!({})),
        ("GET", "/ca.pem", "/ca.pem", json!(null)),
        ("GET", "/wait", "/wait?held=1", json!(null)),
        ("GET", "/clock", "/clock", json!(null)),
        ("GET", "/requests", "/requests", json!(null)),
        ("GET", "/requests", "/requests?view=summary", json!(null)),
        ("GET", "/requests", "/requests?gat=x", json!(null)),
        ("GET", "/requests/{seq}", "/requests/1", json!(null)),
        ("GET", "/requests/{seq}", "/requests/2", json!(null)),
        ("GET", "/requests/{seq}", "/requests/99", json!(null)),
        ("POST", "/requests/{seq}/replay", "/requests/0/replay", json!({})),
        ("GET", "/executions", "/executions?limit=10", json!(null)),
        ("GET", "/executions/{id}", &format!("/executions/{id}"), json!(null)),
        (
            "POST",
            "/executions/{id}/release",
            &release,
            json!({ "output": { "fine": true } }),
        ),
        ("POST", "/executions/{id}/release", &release, json!({})),
        (
            "GET",
            "/wait",
            &format!("/wait?execution={id}&status=SUCCESS"),
            json!(null),
        ),
        ("GET", "/wait", "/wait?requests=1", json!(null)),
        (
            "POST",
            "/clock",
            "/clock",
            json!({ "advance": "50s", "when": { "held": 1 } }),
        ),
        ("POST", "/clock", "/clock", json!({ "mode": "manual" })),
        ("POST", "/clock", "/clock", json!({ "advance": "soon" })),
        (
            "POST",
            "/clock",
            "/clock",
            json!({ "advance": "1s", "when": { "held": 9 }, "timeout": "1ms" }),
        ),
        ("GET", "/faults", "/faults", json!(null)),
        ("PUT", "/faults", "/faults", json!({ "faults": [] })),
        ("PUT", "/faults", "/faults", json!({ "faults": ["none such"] })),
        (
            "POST",
            "/sandboxes",
            "/sandboxes",
            json!({ "seed": 7, "clock": "manual" }),
        ),
        ("POST", "/sandboxes", "/sandboxes", json!({ "config": "seeed: 1" })),
        ("GET", "/sandboxes", "/sandboxes", json!(null)),
        ("GET", "/sandboxes/{id}", "/sandboxes/sandbox-1", json!(null)),
        ("DELETE", "/sandboxes/{id}", "/sandboxes/sandbox-1", json!(null)),
        ("DELETE", "/sandboxes/{id}", "/sandboxes/sandbox-1", json!(null)),
        ("DELETE", "/sandboxes/{id}", "/sandboxes/default", json!(null)),
        ("GET", "/profile", "/profile", json!(null)),
        ("POST", "/reset", "/reset?scope=journal", json!({})),
        ("POST", "/reset", "/reset?scope=some", json!({})),
    ] {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = [("Accept", "application/json"), ("Content-Type", "application/json")];
        let answer = exchange(mock.control, &request(method, path, &headers, body.as_bytes())).await;
        fits(&document, (method, template), &answer);
    }
    assert_eq!(held.answer().await.status, 201);
}
