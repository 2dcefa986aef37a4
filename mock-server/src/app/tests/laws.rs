//! What no sequence of requests, releases and times may break.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::world::{World, execution_id};
use crate::app::Release;

#[derive(Clone, Debug)]
enum Act {
    Start { workflow: &'static str, seconds: u8 },
    Release { which: usize, failure: bool },
    Pass { milliseconds: u32 },
}

fn act() -> impl Strategy<Value = Act> {
    let workflow = prop::sample::select(vec!["slow", "held", "failing", "narrow"]);
    prop_oneof![
        3 => (workflow, 0u8..100).prop_map(|(workflow, seconds)| Act::Start { workflow, seconds }),
        1 => (any::<prop::sample::Index>(), any::<bool>())
            .prop_map(|(which, failure)| Act::Release { which: which.index(1_000), failure }),
        2 => (0u32..200_000).prop_map(|milliseconds| Act::Pass { milliseconds }),
    ]
}

const REST: &str = r#"
workspaces: { main: {}, narrow: { concurrency: 2 } }
integrations: { open: { workspace: main }, narrow: { workspace: narrow } }
behaviour: { executions: { queue_timeout: 100s } }
workflows:
  slow: { integration: open, published: [ { wait: "{{ $.event.seconds }}" }, { exit: {} } ] }
  held: { integration: open, published: [ { wait: "{{ $.event.seconds }}" }, { hold: gate }, { exit: {} } ] }
  failing: { integration: open, published: [ { wait: "{{ $.event.seconds }}" }, { fail: x } ] }
  narrow: { integration: narrow, published: [ { wait: "{{ $.event.seconds }}" }, { hold: gate }, { exit: {} } ] }
"#;

proptest! {
    #[test]
    fn an_execution_that_is_complete_never_changes(acts in prop::collection::vec(act(), 1..60)) {
        let mut world = World::new(REST);
        let mut ids: Vec<String> = Vec::new();
        let mut complete: HashMap<String, serde_json::Value> = HashMap::new();
        for act in acts {
            match act {
                Act::Start { workflow, seconds } => {
                    let answered = world.post(&world.path(workflow), &json!({"seconds": seconds}));
                    if let Some(id) = answered.json()["execution_id"].as_str() {
                        ids.push(id.to_owned());
                    }
                }
                Act::Release { which, failure } => {
                    if let Some(id) = ids.get(which % ids.len().max(1)) {
                        let how = if failure { Release::Failure } else { Release::Success { output: None } };
                        let _ = world.app.release(execution_id(id), how, world.now);
                    }
                }
                Act::Pass { milliseconds } => {
                    world.after(Duration::from_millis(milliseconds.into()));
                }
            }
            let mut running_in_narrow = 0;
            for execution in world.app.executions(world.now) {
                let id = execution["id"].as_str().unwrap().to_owned();
                if let Some(before) = complete.get(&id) {
                    prop_assert_eq!(before, &execution);
                } else if execution["complete"] == json!(true) {
                    complete.insert(id, execution);
                } else if execution["workspace"] == "narrow" && execution["status"] != "QUEUED" {
                    running_in_narrow += 1;
                }
            }
            prop_assert!(running_in_narrow <= 2);
        }
    }

    #[test]
    fn no_burst_starts_more_than_the_limit_in_any_second(gaps in prop::collection::vec(0u64..200, 1..120)) {
        let mut world = World::with("", "  w: { integration: open, published: [] }");
        let mut started = Vec::new();
        for gap in gaps {
            world.after(Duration::from_millis(gap));
            if world.post(&world.path("w"), &json!({})).status == 200 {
                started.push(world.now);
            }
        }
        for (first, start) in started.iter().enumerate() {
            let within = started[first..].iter().filter(|time| **time < *start + Duration::from_secs(1)).count();
            prop_assert!(within <= 25);
        }
    }
}
