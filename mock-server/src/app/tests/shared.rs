//! Workflows shared into other workspaces: the source's URL, the consumer's id.

use serde_json::json;

use super::world::World;
use crate::catalog::Origin;

const REST: &str = r"
workspaces: { source: { clients: { operator: {} } }, consumer: { clients: { operator: {} } } }
integrations: { open: { workspace: source } }
workflows: { w: { integration: open, shared_with: [ consumer ], published: [ { exit: { json: { ran: true } } } ] } }
";

#[test]
fn the_consumers_id_works_under_the_sources_url_and_runs_there() {
    let world = World::new(REST);
    let (own, shared) = (world.path_of("w", Origin::Own), world.path_of("w", Origin::Shared));
    assert_ne!(own, shared);
    for (path, home, foreign) in [(&own, "source", "consumer"), (&shared, "consumer", "source")] {
        assert_eq!(
            world.post(&format!("{path}/sync"), &json!({})).json(),
            json!({"ran": true})
        );
        let answered = world.post(path, &json!({})).json();
        let id = answered["execution_id"].as_str().unwrap();
        let target = format!("/public/v1alpha/executions/{id}");
        let document = world.get(&target, &world.token(home, "operator"));
        assert_eq!(
            (document.status, document.json()["workflow_id"].as_str()),
            (200, path.rsplit('/').next())
        );
        assert_eq!(world.get(&target, &world.token(foreign, "operator")).status, 404);
        let activity = world.get("/public/v1alpha/activity_logs", &world.token(home, "operator"));
        assert_eq!(activity.json()["activity_logs"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn the_webhook_url_starts_the_source_only_unless_it_shall_start_all() {
    for (knobs, workspaces) in [
        ("", vec!["source"]),
        (
            "behaviour: { running: { webhook_starts: shared-too } }",
            vec!["source", "consumer"],
        ),
    ] {
        let world = World::new(&format!("{knobs}\n{REST}"));
        world.post(&world.integration_path("open"), &json!({}));
        let executions = world.app.executions(world.now);
        let ran_in: Vec<_> = executions
            .iter()
            .map(|execution| execution["workspace"].as_str().unwrap())
            .collect();
        assert_eq!(ran_in, workspaces);
    }
}
