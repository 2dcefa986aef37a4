//! URLs that are told: they lead where their reader can go, on whichever interface and ports the server listens.

use std::net::SocketAddr;

use serde_json::{Value, json};
use torq_mock_server::{Server, Settings};

use crate::client::exchange;
use crate::support::{Mock, address, path_in};

/// Asks the control surface under a name, as a container's neighbours do.
async fn ask(control: SocketAddr, (method, path): (&str, &str), name: &str) -> Value {
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: {name}:7081\r\nAuthorization: Bearer a-token\r\nAccept: application/json\r\n\
         Content-Length: 0\r\n\r\n"
    );
    exchange(control, text.as_bytes()).await.json()
}

fn everywhere() -> Settings {
    let free = ([0, 0, 0, 0], 0).into();
    Settings {
        data: free,
        control: free,
        control_token: Some("a-token".to_owned()),
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_server_on_every_interface_is_told_of_as_it_was_called() {
    let mock = Mock::serving(everywhere()).await;
    let (data, control) = (mock.data.port(), mock.control.port());
    assert!(
        mock.data.ip().is_loopback() && mock.control.ip().is_loopback(),
        "{mock:?}"
    );
    exchange(mock.data, b"GET /v1/webhook HTTP/1.1\r\nHost: a\r\n\r\n").await;
    for (name, told) in [
        ("torq-mock", "torq-mock"),
        ("localhost", "localhost"),
        ("[::1]", "[::1]"),
        ("a\"b", "127.0.0.1"),
    ] {
        let hooks = format!("http://{told}:{data}");
        let profile = ask(mock.control, ("GET", "/profile"), name).await;
        assert_eq!(profile["urls"]["hooks"], hooks, "{name}");
        assert_eq!(profile["control"]["url"], format!("http://{told}:{control}"), "{name}");
        assert_eq!(
            ask(mock.control, ("GET", "/sandboxes"), name).await["sandboxes"][0]["base_url"],
            hooks
        );
        let request = ask(mock.control, ("GET", "/requests/0"), name).await;
        for url in [&request["curl"], &request["nearest"]] {
            assert!(url.as_str().is_some_and(|it| it.contains(&hooks)), "{name}: {request}");
        }
    }
}

#[tokio::test]
async fn sandboxes_are_reached_where_the_server_is() {
    let mock = Mock::serving(everywhere()).await;
    let made = ask(mock.control, ("POST", "/sandboxes"), "torq-mock").await;
    let url = made["base_url"].as_str().expect("a URL");
    let port = url.strip_prefix("http://torq-mock:").expect("the name of its maker");
    let place = SocketAddr::new(mock.data.ip(), port.parse().expect("a port"));
    let path = path_in(&made["profile"], "respond");
    let head = format!("POST {path} HTTP/1.1\r\nHost: torq-mock\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(exchange(place, head.as_bytes()).await.status, 200);
}

#[tokio::test]
async fn a_public_name_stands_in_every_url_of_the_data_surface() {
    let server = Server::start(Settings {
        public_host: Some("hooks.torq.test".parse().expect("a name")),
        ..Settings::default()
    });
    let server = server.await.expect("it listens");
    let base_url = server.base_url().expect("it is there");
    assert!(base_url.starts_with("http://hooks.torq.test:"), "{base_url}");
    let profile = server.profile().expect("it is there");
    assert_eq!(profile["urls"]["auth"], base_url);
    assert_eq!(profile["control"]["url"], server.control_url());
    assert!(server.control_url().starts_with("http://127.0.0.1:"));
    server.shutdown().await;
}

#[tokio::test]
async fn sandboxes_take_the_ports_they_are_given_and_no_others() {
    // One that is free, and below those that are given to whoever asks for any: no other test takes it meanwhile.
    let begin = u16::try_from(32_000 + std::process::id() % 700).expect("it is small");
    let port = (begin..).find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let port = port.expect("one is free");
    let mock = Mock::serving(Settings {
        sandbox_ports: Some(port.to_string().parse().expect("a range")),
        ..Settings::default()
    })
    .await;
    let made = mock.tell("/sandboxes", &json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(address(made.json()["base_url"].as_str().expect("a URL")).port(), port);
    let refused = mock.tell("/sandboxes", &json!({})).await;
    assert_eq!(refused.status, 429);
    assert!(refused.text().contains("--sandbox-ports"), "{}", refused.text());
}
