//! `mock-server/README.md` says what is so: its configurations can be served, its routes exist.

use std::collections::BTreeSet;

use torq_mock_server::config::Config;
use torq_mock_server::{Server, Settings};

const README: &str = include_str!("../README.md");

#[test]
fn every_configuration_it_shows_can_be_served() {
    let blocks: Vec<_> = README
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        if let Err(problems) = Config::load("README.md", block, None) {
            panic!("{problems}\n{block}");
        }
    }
}

#[tokio::test]
async fn its_table_of_routes_is_the_index_of_the_control_surface() {
    let server = Server::start(Settings::default()).await.expect("it listens");
    let url = server.control_url();
    let index = tokio::task::spawn_blocking(move || served::exchange("GET", &url, ""));
    let index = index.await.expect("it ends");
    let is_route = |text: &&str| {
        ["GET /", "POST /", "DELETE /", "PUT /"]
            .iter()
            .any(|it| text.starts_with(it))
    };
    let served: BTreeSet<_> = index.lines().filter(is_route).collect();
    let shown: BTreeSet<_> = README
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(is_route)
        .collect();
    assert!(!served.is_empty());
    assert_eq!(shown, served);
    server.shutdown().await;
}
