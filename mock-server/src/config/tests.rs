//! Good configurations are read, bad ones are explained.

use located_yaml::{Paint, Sources};

use super::*;
use crate::catalog::Origin;

fn problems(text: &str) -> String {
    let mut sources = Sources::default();
    sources.add("bad.yaml", text);
    let problems = Config::load("bad.yaml", text, None).expect_err("a bad configuration");
    problems.render(&sources, Paint::Plain)
}

#[test]
fn the_built_in_configuration_can_be_read() {
    let config = Config::load(Config::BUILT_IN_NAME, Config::BUILT_IN, None).expect("the built-in configuration");
    assert_eq!(config.behaviour, Behaviour::default());
    assert_eq!(config.clock, ClockMode::System);
    assert!(
        config
            .catalog
            .workflows()
            .iter()
            .any(|workflow| workflow.origin == Origin::Shared)
    );
}

#[test]
fn an_empty_configuration_is_one() {
    for text in ["{}", "workspaces:\nintegrations:\nworkflows:\n"] {
        let config = Config::load("empty.yaml", text, None).expect("a good configuration");
        assert!(config.catalog.integrations().is_empty());
    }
}

#[test]
fn a_seed_that_is_given_takes_the_place_of_the_written_one() {
    let text = "seed: 5\nclock: manual\nworkspaces: { main: {} }\nintegrations: { open: { workspace: main } }";
    let of = |seed| Config::load("seed.yaml", text, seed).expect("a good configuration");
    let (written, given) = (of(None), of(Some(Seed::new(6))));
    assert_eq!((written.seed(), given.seed()), (Seed::new(5), Seed::new(6)));
    assert_eq!(written.clock(), ClockMode::Manual);
    assert_ne!(written.catalog.integrations()[0].id, given.catalog.integrations()[0].id);
    assert_eq!(
        written.catalog.integrations()[0].id,
        of(Some(Seed::new(5))).catalog.integrations()[0].id
    );
}

#[test]
fn ids_and_secrets_can_be_written() {
    let id = "af6aab8d-0000-4000-8000-74259a93b18f";
    let text = format!(
        "workspaces: {{ main: {{ clients: {{ c: {{ id: me, secret: s }} }} }} }}\n\
         integrations: {{ open: {{ id: {id}, workspace: main, headers: [ {{ name: X-A, secret: t }} ] }} }}"
    );
    let config = Config::load("ids.yaml", &text, None).expect("a good configuration");
    let integration = &config.catalog.integrations()[0];
    assert_eq!(
        (
            integration.id.to_string().as_str(),
            integration.headers[0].secret.expose()
        ),
        (id, "t")
    );
    assert_eq!(config.catalog.workspaces()[0].clients[0].id, "me");
}

#[test]
fn misspelt_keys_and_references_are_explained_together() {
    insta::assert_snapshot!(problems(
        r"
sed: 1
clock: manuel
workspaces:
  main: { concurency: 2 }
integrations:
  open: { workspace: mian, mode: row }
  guarded: { workspace: main, headers: [ { nam: X-Token }, { name: 'X Token' } ] }
workflows:
  slow: { integration: opn, published: [] }
  lost: { published: [] }
  shared: { integration: guarded, shared_with: [ main, other ], published: [] }
"
    ));
}

#[test]
fn steps_and_conditions_are_explained() {
    insta::assert_snapshot!(problems(
        r#"
workspaces: { main: {} }
integrations: { open: { workspace: main } }
workflows:
  steps:
    integration: open
    published:
      - wiat: 5
      - wait: soon
      - wait: [5]
      - wait: 5
        exit: {}
      - exit: { parameters: { a: { type: txt, value: 1 } }, json: {} }
      - exit: { parameters: { a: { type: txt, value: 1 }, b: "{{ event.x }}", c: "{{ $.event.x" } }
      - when: { path: event.kind, equals: a }
        then: []
      - when: { path: $.event.kind, equal: a }
        thn: []
      - when: { equals: a }
        then: []
      - fail: x
        else: []
      - just text
  condition:
    integration: open
    condition: { all: [ { path: $.event.a, exists: maybe }, { not: { any: 7 } } ], equals: 1 }
"#
    ));
}

#[test]
fn behaviour_is_explained() {
    insta::assert_snapshot!(problems(
        r"
behaviour:
  urls: { methods: [POST, 'NO METHOD'], trailing_slash: striped }
  paylod: {}
  payload: { limit: -1 }
  running: { sync_timeout: 50 seconds }
  admission: { order: [method, heder, method, token] }
  rate: { limit: 0, model: leaky }
  exit: { content_types: text/plain, default_content_type: 'ž' }
  answers: { invalid_header: 99 Nothing, success: Success }
"
    ));
}

#[test]
fn ids_that_cannot_be_are_explained() {
    insta::assert_snapshot!(problems(
        r"
workspaces: { main: { id: 5 } }
integrations:
  one: { workspace: main, id: af6aab8d-0000-4000-8000-74259a93b18f }
  two: { workspace: main, id: AF6AAB8D-0000-4000-8000-74259A93B18F }
  three: { workspace: main, id: '{af6aab8d-0000-4000-8000-74259a93b18f}' }
  four: { workspace: main, headers: [ { name: X-A }, { name: x-a } ], hmac: { algorithm: md5, header: '' } }
"
    ));
}

#[test]
fn credentials_that_protect_nothing_or_cannot_be_sent_are_explained() {
    insta::assert_snapshot!(problems(
        r#"
workspaces: { main: { clients: { c: { secret: '' } } } }
integrations:
  empty: { workspace: main, headers: [ { name: X-A, secret: '' } ], hmac: { secret: '' } }
  once: { workspace: main, headers: [ { name: X-A, secret: good, previous_secrets: ['', "old\n"] } ] }
  newline: { workspace: main, headers: [ { name: X-A, secret: "s3cret\n" }, { name: X-B, secret: "s3\0cret" } ] }
  http: { workspace: main, headers: [ { name: Host } ], hmac: { header: Content-Length, timestamp_header: connection } }
"#
    ));
    // A key of an HMAC travels nowhere, and may be anything.
    let spaced = "workspaces: { main: {} }\nintegrations: { i: { workspace: main, hmac: { secret: \" key\\n\" } } }";
    assert!(Config::load("spaced.yaml", spaced, None).is_ok());
}

#[test]
fn what_is_no_configuration_at_all_is_explained() {
    for text in ["", "[]", "workspaces: {", "a: 1\na: 2", "workspaces: 7\nworkflows: []"] {
        assert!(!problems(text).is_empty(), "{text}");
    }
}
