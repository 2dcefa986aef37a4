//! Input that no careful client sends: each a clean refusal, and the next request is answered as usual.

use serde_json::{Value, json};

use crate::client::{Answer, Connection, exchange, request};
use crate::support::Mock;

const JSON: (&str, &str) = ("Content-Type", "application/json");
const XML: (&str, &str) = ("Content-Type", "application/xml");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Writes bytes however far the server takes them, says that this is all, and reads what comes.
async fn throw(mock: &Mock, bytes: &[u8]) -> Option<Answer> {
    let mut connection = Connection::open(mock.data).await;
    connection.throw(bytes).await;
    connection.answer_if_any().await
}

fn head(lines: &[&str]) -> Vec<u8> {
    format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

#[tokio::test]
async fn malformed_heads_are_refused_without_a_body() {
    let mock = Mock::start().await;
    let path = mock.path("respond");
    let post = format!("POST {path} HTTP/1.1");
    let malformed = [
        head(&["rubbish"]),
        head(&[&format!("POST {path}")]),
        head(&[&format!("POST {path} HTTP/9.9")]),
        head(&[&format!("POST {path} {path} HTTP/1.1"), "Host: a"]),
        head(&["P@ST / HTTP/1.1", "Host: a"]),
        head(&[&post, "Host: a", "no colon"]),
        head(&[&post, "Host: a", "bad name: x"]),
        head(&[&post, "Host: a", "X: a\0b"]),
        head(&[&post, "Host: a", "Content-Length: many"]),
        head(&[&post, "Host: a", "Content-Length: -1"]),
        head(&[&post, "Host: a", "Content-Length: 99999999999999999999999"]),
        head(&[&post, "Host: a", "Content-Length: 2", "Content-Length: 3"]),
        head(&[&post, "Host: a", "Transfer-Encoding: gzip"]),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client\r\n\r\n".to_vec(),
    ];
    for bytes in &malformed {
        let answer = throw(&mock, bytes).await;
        let answer = answer.unwrap_or_else(|| panic!("no answer to {:?}", String::from_utf8_lossy(bytes)));
        let refusal = (answer.status, answer.body.len());
        assert_eq!(refusal, (400, 0), "{:?}", String::from_utf8_lossy(bytes));
        mock.answers_as_usual().await;
    }
    assert!(mock.executions().await.is_empty());
    let refused = mock.ask("/requests?gate=connection").await.json();
    assert_eq!(refused["matching"], malformed.len(), "{refused}");
    let entry = &refused["requests"][0];
    let told = (&entry["method"], &entry["provenance"], &entry["answer"]["automatic"]);
    assert_eq!(told, (&Value::Null, &json!("self-protection"), &json!(true)), "{entry}");
}

#[tokio::test]
async fn malformed_bodies_start_nothing() {
    let mock = Mock::start().await;
    let chunked = head(&[
        &format!("POST {} HTTP/1.1", mock.path("respond")),
        "Host: a",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    ]);
    for body in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n{}\r\n",
        "2\r\n{}no line end\r\n0\r\n\r\n",
        "2\r\n{}\r\n",
    ] {
        let answer = throw(&mock, &[&chunked, body.as_bytes()].concat()).await;
        assert!(answer.is_none_or(|answer| answer.status == 400), "{body:?}");
        mock.answers_as_usual().await;
    }
    assert!(mock.executions().await.is_empty());
    let refused = mock.ask("/requests?gate=connection").await.json();
    assert_eq!(refused["matching"], 4, "{refused}");
}

#[tokio::test]
async fn oversized_heads_are_refused() {
    let mock = Mock::start().await;
    let post = format!("POST {} HTTP/1.1", mock.path("respond"));
    let long = "x".repeat(70_000);
    let huge = format!("X-Huge: {}", "x".repeat(2_000_000));
    let many: Vec<String> = (0..2_000).map(|number| format!("X-{number}: x")).collect();
    let many: Vec<&str> = std::iter::once(post.as_str())
        .chain(many.iter().map(String::as_str))
        .collect();
    for (bytes, status) in [
        (head(&[&format!("GET /{long} HTTP/1.1"), "Host: a"]), 414),
        (head(&many), 431),
    ] {
        let answer = throw(&mock, &bytes).await.expect("an answer");
        assert_eq!((answer.status, answer.body.len()), (status, 0));
        mock.answers_as_usual().await;
    }
    // A head of this size is not read to its end, which can cost the caller the answer.
    let answer = throw(&mock, &head(&[&post, "Host: a", &huge])).await;
    assert!(answer.is_none_or(|answer| answer.status == 431));
    mock.answers_as_usual().await;
    let refused = mock.ask("/requests?gate=connection").await.json();
    assert_eq!(refused["matching"], 3, "{refused}");
    assert!(mock.executions().await.is_empty());
}

#[tokio::test]
async fn unknown_methods_and_paths_are_refused_in_so_many_words() {
    let mock = Mock::start().await;
    let path = mock.path("respond");
    let (upper, api) = (path.to_uppercase(), "/public/v1alpha/executions/x");
    for (method, target, status) in [
        ("BREW", path.as_str(), 405),
        ("DELETE", &path, 405),
        ("TRACE", &path, 405),
        ("POST", api, 405),
        ("OPTIONS", "*", 404),
        ("POST", "/", 404),
        ("POST", "//", 404),
        ("POST", "/v1/webhooks/../webhooks", 404),
        ("POST", "/%ff%00%", 404),
        ("POST", upper.as_str(), 404),
        ("POST", "/v1/webhooks/%ff", 400),
        ("POST", "/v1/webhooks/%2e%2e", 400),
        ("POST", "/v1/webhooks/{}", 400),
    ] {
        let answer = exchange(mock.data, &request(method, target, &[JSON], b"{}")).await;
        assert_eq!(answer.status, status, "{method} {target}: {}", answer.text());
        assert_eq!(answer.json()["status"], "error", "{method} {target}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{method} {target}");
    }
    assert!(mock.executions().await.is_empty());
    mock.answers_as_usual().await;
}

#[tokio::test]
async fn a_refused_head_has_no_body_for_a_caller_that_asks_for_none() {
    let mock = Mock::start().await;
    let mut connection = Connection::open(mock.data).await;
    connection.send(&request("HEAD", &mock.path("respond"), &[], b"")).await;
    connection.half_close().await;
    let answer = connection.rest().await;
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_where_text_is_needed() {
    let mock = Mock::start().await;
    let path = mock.path("respond");
    for kind in [JSON, XML, FORM] {
        let answer = exchange(mock.data, &request("POST", &path, &[kind], b"<a>\xff\xfe</a>")).await;
        assert_eq!(answer.status, 400, "{kind:?}: {}", answer.text());
    }
    let mut bytes = request("POST", &path, &[JSON, ("X-Odd", "???")], b"{}");
    let at = bytes
        .windows(3)
        .position(|window| window == b"???")
        .expect("it is there");
    bytes[at..at + 3].copy_from_slice(b"\xff\xfe\xfd");
    assert_eq!(exchange(mock.data, &bytes).await.status, 200);
    let raw = mock.sync_path("cors");
    let bytes = String::from_utf8_lossy(&bytes).into_owned().replace(&path, &raw);
    assert_eq!(exchange(mock.data, bytes.as_bytes()).await.status, 200);
    let binary = exchange(mock.data, &request("POST", &raw, &[], b"\xff\xfe")).await;
    assert_eq!(binary.status, 200, "{}", binary.text());
    mock.answers_as_usual().await;
}

/// Bodies that are small to send and large to understand.
fn bombs() -> Vec<(&'static str, (&'static str, &'static str), Vec<u8>)> {
    let depth = 100_000;
    let entities = (1..30).fold(String::from("<!ENTITY e0 \"boom\">"), |all, level| {
        let inner = format!("&e{};", level - 1).repeat(10);
        format!("{all}<!ENTITY e{level} \"{inner}\">")
    });
    let bomb = format!("<?xml version=\"1.0\"?><!DOCTYPE a [{entities}]><a>&e29;</a>");
    let external = "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><a>&e;</a>";
    let attributes: String = (0..30_000)
        .map(|number| format!(" a{}=\"\"", number % 29_999))
        .collect();
    vec![
        ("arrays in arrays", JSON, "[".repeat(depth).into_bytes()),
        (
            "closed arrays",
            JSON,
            ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes(),
        ),
        ("objects in objects", JSON, "{\"a\":".repeat(depth).into_bytes()),
        ("arrays under the form type", FORM, "[".repeat(depth).into_bytes()),
        ("entities in entities", XML, bomb.into_bytes()),
        ("an external entity", XML, external.into()),
        ("elements in elements", XML, "<a>".repeat(depth).into_bytes()),
        (
            "closed elements",
            XML,
            ["<a>".repeat(depth), "</a>".repeat(depth)].concat().into_bytes(),
        ),
        ("many attributes", XML, format!("<a{attributes}/>").into_bytes()),
    ]
}

#[tokio::test]
async fn bodies_that_explode_when_they_are_understood_are_refused() {
    let mock = Mock::start().await;
    let (path, raw) = (mock.path("respond"), mock.sync_path("cors"));
    for (name, kind, body) in bombs() {
        let answer = exchange(mock.data, &request("POST", &path, &[kind], &body)).await;
        // Anything without markup is a form with one key.
        let expected = if kind == FORM { 200 } else { 400 };
        assert_eq!(answer.status, expected, "{name}: {}", answer.text());
        let as_text = exchange(mock.data, &request("POST", &raw, &[kind], &body)).await;
        assert_eq!(
            (as_text.status, as_text.body == body),
            (200, true),
            "{name} in raw mode"
        );
        mock.answers_as_usual().await;
    }
}

#[tokio::test]
async fn configurations_that_explode_are_refused_with_their_problems() {
    let mock = Mock::start().await;
    let aliases = (1..30).fold(String::from("a0: &a0 [x]\n"), |all, level| {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("{all}a{level}: &a{level} [{inner}]\n")
    });
    let nested = "[".repeat(100_000);
    let indented: String = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    for (name, config) in [
        ("aliases", aliases),
        ("nested lists", nested),
        ("nested maps", indented),
    ] {
        let refused = mock.tell("/sandboxes", &json!({ "config": config })).await;
        assert_eq!(refused.status, 422, "{name}: {}", refused.text());
        let problems = refused.json()["problems"].as_array().map_or(0, Vec::len);
        assert!((1..=100).contains(&problems), "{name}: {problems}");
        assert!(refused.body.len() < 1 << 20, "{name}: {}", refused.body.len());
        mock.answers_as_usual().await;
    }
    let deep = format!("{{\"config\":{}", "[".repeat(100_000));
    for path in ["/sandboxes", "/clock"] {
        let refused = exchange(mock.control, &request("POST", path, &[JSON], deep.as_bytes())).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
    let sandboxes: Value = mock.ask("/sandboxes").await.json();
    assert_eq!(sandboxes["sandboxes"].as_array().map(Vec::len), Some(1));
}
