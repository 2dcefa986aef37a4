//! The mock, right or wrong or with another answer to an open question, and cases run on it.
//!
//! Runs and records; judges nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};
use serde_yaml::Value as Yaml;
use torq_conformance::profile::Network;
use torq_conformance::run::{CaseRun, Client, Surroundings, Trouble, run_case};
use torq_conformance::spec::model::{Case, Specs};
use torq_conformance::target::{Embedded, Target};

use crate::faulty;

/// How many cases side by side.
const JOBS: usize = 8;

/// The mock and who calls it.
pub(crate) struct Scene<'s> {
    mock: Embedded,
    client: Client,
    specs: &'s Specs,
}

/// A mock that is configured in one way.
#[derive(Clone, Debug)]
pub(crate) enum World {
    /// The right one.
    Right,
    /// One with a fault, by its name.
    Faulty(String),
    /// One with another answer to an open question.
    Open {
        /// What is written under `behaviour`.
        behaviour: String,
        /// Texts of the fixtures and what takes their places.
        changes: BTreeMap<String, String>,
    },
}

impl<'s> Scene<'s> {
    pub(crate) async fn start(specs: &'s Specs) -> Self {
        Self {
            mock: Embedded::start().await.expect("it starts"),
            client: Client::new(&Network::default()).expect("a client is made"),
            specs,
        }
    }

    pub(crate) async fn end(self) {
        self.mock.shut_down().await;
    }

    /// Runs cases, each on a sandbox of its own.
    pub(crate) async fn run(&self, world: &World, cases: &[&Case]) -> Vec<CaseRun> {
        let target = self.target(world);
        let began = Instant::now();
        let runs = stream::iter(cases).map(|case| self.run_one((&target, began), case));
        let runs = runs.buffered(JOBS).collect().await;
        target.close().await;
        runs
    }

    async fn run_one(&self, (target, began): (&Target, Instant), case: &Case) -> CaseRun {
        let stage = match target.stage().await {
            Ok(stage) => stage,
            Err(error) => {
                return CaseRun {
                    trouble: Some(Trouble::Harness(error.to_string())),
                    ..CaseRun::default()
                };
            }
        };
        let surroundings = Surroundings {
            client: &self.client,
            pace: target.pace(),
            latency: Duration::ZERO,
            began,
        };
        let run = run_case(case, &stage, surroundings).await;
        stage.clear().await;
        run
    }

    fn target(&self, world: &World) -> Target {
        let fixtures = &self.specs.fixtures;
        let configuration = match world {
            World::Right => faulty::configuration(fixtures, None),
            World::Faulty(name) => faulty::configuration(fixtures, Some(name)),
            World::Open { behaviour, changes } => {
                let replace = |text: String, (from, to): (&String, &String)| text.replace(from, to);
                let text = changes.iter().fold(fixtures.text.clone(), replace);
                format!("{text}{behaviour}")
            }
        };
        let target = self.mock.target(self.client.http(), (&fixtures.file, &configuration));
        target.recycling()
    }
}

/// Every value of every open knob that is tried elsewhere, as `tests/data/open-questions.yaml` lists them.
pub(crate) fn open_worlds() -> Vec<World> {
    let table: Yaml = serde_yaml::from_str(include_str!("../data/open-questions.yaml")).expect("it is YAML");
    let text = |value: &Yaml| value.as_str().expect("a text").to_owned();
    let mut worlds = Vec::new();
    for (knob, values) in table["knobs"].as_mapping().expect("knobs") {
        let name = text(knob);
        let (section, key) = name.split_once('.').expect("a section and a name");
        let changes = table["where"][knob].as_mapping().into_iter().flatten();
        let changes: BTreeMap<_, _> = changes.map(|(from, to)| (text(from), text(to))).collect();
        for value in values.as_mapping().expect("values").keys() {
            // A word of YAML's own, such as `null`, is a word of the knob here.
            let value = match text(value).as_str() {
                "null" => "'null'".to_owned(),
                other => other.to_owned(),
            };
            worlds.push(World::Open {
                behaviour: format!("\nbehaviour:\n  {section}:\n    {key}: {value}\n"),
                changes: changes.clone(),
            });
        }
    }
    worlds
}
