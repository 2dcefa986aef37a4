//! The facts a run records of the mock, held against the knobs that decide them: `tests/data/open-questions.yaml`.
//!
//! A knob, a value or a fact that is not in the table fails here, so neither the mock nor the specs can grow one alone.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};
use proptest::prelude::*;
use proptest::sample;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_yaml::Value as Yaml;
use tokio::runtime::Runtime;
use torq_conformance::evidence::Evidence;
use torq_conformance::plan::Plan;
use torq_conformance::profile::{Network, Profile};
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::model::{Case, Level, Specs};
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::target::{Embedded, Target};
use torq_conformance::verdict::{Strictness, Verdict};
use torq_conformance::{Run, conduct};
use torq_mock_server::behaviour::{Behaviour, Grade, KnobEntry};

use crate::bench::run_against_mock;

/// What the table calls the parts of a profile that knobs decide.
const PROFILE: &str = "the profile";

/// Facts by name, and what they come to.
type Facts = BTreeMap<String, String>;

/// The table.
struct Table {
    /// By knob: its values as a configuration writes them, and the facts of each.
    knobs: BTreeMap<String, BTreeMap<String, Facts>>,
    /// By knob: a text of the fixtures and what takes its place.
    places: BTreeMap<String, BTreeMap<String, String>>,
    /// All other facts.
    others: Facts,
}

impl Table {
    fn read() -> Self {
        let text = include_str!("../data/open-questions.yaml");
        let table: Yaml = serde_yaml::from_str(text).expect("the table is YAML");
        let groups = table["without_a_knob"].as_sequence().expect("groups of facts");
        let others = groups.iter().flat_map(|group| {
            assert!(group["because"].is_string(), "a reason is missing: {group:?}");
            facts(&group["facts"])
        });
        Self {
            knobs: entries(&table["knobs"], |knob| entries(knob, facts)),
            places: entries(&table["where"], facts),
            others: others.collect(),
        }
    }

    /// Every fact the table knows.
    fn facts(&self) -> BTreeSet<&str> {
        let of_knobs = self.knobs.values().flat_map(BTreeMap::values).flat_map(BTreeMap::keys);
        let all = of_knobs.chain(self.others.keys()).map(String::as_str);
        all.filter(|name| *name != PROFILE).collect()
    }
}

fn entries<T>(mapping: &Yaml, read: impl Fn(&Yaml) -> T) -> BTreeMap<String, T> {
    let mapping = mapping.as_mapping().expect("a mapping");
    mapping
        .iter()
        .map(|(key, value)| (key.as_str().expect("a key in quotes").to_owned(), read(value)))
        .collect()
}

fn facts(mapping: &Yaml) -> Facts {
    entries(mapping, |value| value.as_str().expect("a fact in quotes").to_owned())
}

/// The open knobs of the mock by their full names.
fn open_knobs() -> BTreeMap<String, KnobEntry> {
    let knobs = Behaviour::default().knobs().into_iter();
    knobs
        .filter(|knob| knob.grade == Grade::Open)
        .map(|knob| (format!("{}.{}", knob.section, knob.name), knob))
        .collect()
}

fn built_in() -> Specs {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    loaded.specs
}

/// The names of the facts a case records.
fn recorded(case: &Case) -> impl Iterator<Item = &str> {
    case.facts().map(|fact| fact.name.as_str())
}

#[test]
fn every_open_knob_and_every_word_of_it_is_tried() {
    let (table, knobs) = (Table::read(), open_knobs());
    let known: Vec<_> = knobs.keys().collect();
    assert_eq!(table.knobs.keys().collect::<Vec<_>>(), known);
    for (name, knob) in &knobs {
        let tried: BTreeSet<&str> = table.knobs[name].keys().map(String::as_str).collect();
        if knob.accepts.contains(" | ") {
            assert_eq!(tried, knob.accepts.split(" | ").collect(), "{name}");
        }
        assert!(
            tried.contains(knob.value.as_str()),
            "{name}: the default is {}",
            knob.value
        );
        let told: BTreeSet<&Facts> = table.knobs[name].values().collect();
        assert!(told.len() > 1, "{name}: only one value is tried");
        assert_eq!(told.len(), tried.len(), "{name}: two values have the same facts");
    }
    assert!(table.places.keys().all(|name| knobs.contains_key(name)));
}

#[test]
fn every_fact_belongs_to_a_knob_or_has_a_reason_to_have_none() {
    let (table, specs) = (Table::read(), built_in());
    let recorded: BTreeSet<&str> = specs.cases.iter().flat_map(recorded).collect();
    assert_eq!(table.facts(), recorded);
    let of_knobs: BTreeSet<_> = table
        .knobs
        .values()
        .flat_map(BTreeMap::values)
        .flat_map(BTreeMap::keys)
        .collect();
    let twice: Vec<_> = table.others.keys().filter(|name| of_knobs.contains(name)).collect();
    assert_eq!(twice, Vec::<&String>::new(), "these have a knob");
}

/// How a reason begins that says no mock takes a choice.
const NO_KNOB: &str = "No knob";

#[test]
fn no_survivor_is_excused_by_the_lack_of_a_knob_that_is_there() {
    let (table, specs) = (Table::read(), built_in());
    let of_knobs = table.knobs.values().flat_map(BTreeMap::values).flatten();
    let given: BTreeSet<(&str, &str)> = of_knobs
        .chain(&table.others)
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let score = &specs.power.assertions;
    let reasons = score.immaterial.iter().chain(&score.survivors);
    let without: Vec<_> = reasons.filter(|reason| reason.because.starts_with(NO_KNOB)).collect();
    assert!(!without.is_empty(), "no reason begins with `{NO_KNOB}`");
    let mut wrong = Vec::new();
    for like in without.iter().flat_map(|reason| &reason.like) {
        let choice = like
            .strip_prefix("*, fact ")
            .and_then(|rest| rest.split_once(" choice "))
            .map(|(fact, rest)| (fact, rest.split(' ').next().unwrap_or_default()));
        match choice {
            None => wrong.push(format!("`{like}` names no choice of a fact")),
            Some(choice) if given.contains(&choice) => wrong.push(format!("`{like}`: the mock gives it")),
            Some(_) => {}
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_facts_of_the_mock_are_what_its_behaviour_says() {
    let (table, specs) = (Table::read(), built_in());
    let mut trials: Vec<Trial> = Vec::new();
    let mut defaults = table.others.clone();
    for (name, knob) in open_knobs() {
        for (value, expected) in &table.knobs[&name] {
            let changes = table.places.get(&name);
            if *value == knob.value && changes.is_none() {
                defaults.extend(expected.clone());
            } else {
                trials.push(Trial::of(&knob, value, expected, changes));
            }
        }
    }
    trials.push(Trial {
        what: "the defaults".to_owned(),
        behaviour: String::new(),
        changes: BTreeMap::new(),
        expected: defaults,
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let complaints = runtime.expect("a runtime starts").block_on(async {
        let mock = Embedded::start().await.expect("it starts");
        let client = Client::new(&Network::default()).expect("a client is made");
        let scene = (&mock, &client, &specs);
        let tried = stream::iter(&trials).map(|trial| trial.complaints(scene));
        let complaints: Vec<_> = tried.buffer_unordered(4).collect().await;
        mock.shut_down().await;
        complaints.concat()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// How many mocks of each kind are drawn; `PROPTEST_CASES` asks for more.
const DRAWN: u32 = 2;

/// Which values of the knobs are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// All but the defaults, so that every knob is moved.
    Others,
    /// The defaults as well.
    All,
}

/// Every open knob with the values of the table as a configuration takes them.
fn choices(values: Values) -> Vec<(KnobEntry, Vec<String>)> {
    let (table, knobs) = (Table::read(), open_knobs());
    let choices = knobs.into_iter().map(|(name, knob)| {
        let default = written(&knob, &knob.value);
        let mut written: Vec<_> = table.knobs[&name].keys().map(|value| written(&knob, value)).collect();
        match values {
            Values::Others => written.retain(|it| *it != default),
            // The default first: what fails is told with as few changes as will do.
            Values::All => written.sort_by_key(|it| *it != default),
        }
        (knob, written)
    });
    choices.collect()
}

/// A `behaviour` in which knobs have these values.
fn behaviour<'k>(values: impl IntoIterator<Item = (&'k KnobEntry, String)>) -> String {
    let mut sections: BTreeMap<&str, String> = BTreeMap::new();
    for (knob, value) in values {
        let line = format!("    {}: {value}\n", knob.name);
        sections.entry(knob.section).or_default().push_str(&line);
    }
    let sections = sections.into_iter();
    sections
        .map(|(section, lines)| format!("  {section}:\n{lines}"))
        .collect()
}

/// A `behaviour` in which every open knob has some value of the table.
fn drawn(values: Values) -> impl Strategy<Value = String> {
    let choices = choices(values).into_iter();
    let values: Vec<_> = choices
        .map(|(knob, values)| sample::select(values).prop_map(move |value| (knob.clone(), value)))
        .collect();
    values.prop_map(|values| behaviour(values.iter().map(|(knob, value)| (knob, value.clone()))))
}

/// Mocks that answer all open questions, and the cases that each of them has to pass.
struct Worlds {
    loaded: Loaded,
    runtime: Runtime,
}

impl Worlds {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        Self {
            loaded: spec::load(&Source::Embedded).expect("the specs are in the binary"),
            runtime: runtime.expect("a runtime starts"),
        }
    }

    /// What a mock with this behaviour does not pass, of all cases.
    fn wrong(&self, behaviour: &str) -> Vec<(String, Verdict)> {
        let cases = self.loaded.specs.cases.iter();
        let levels: BTreeMap<&str, Level> = cases.map(|case| (case.id.as_str(), case.level)).collect();
        let seen = self.runtime.block_on(run_against_mock(&self.loaded, "*", behaviour));
        let wrong = |(id, verdict): &(String, Verdict)| match levels[id.as_str()] {
            Level::Must | Level::Should => *verdict != Verdict::Passed,
            Level::Recorded => !matches!(verdict, Verdict::Recorded | Verdict::Inconclusive),
        };
        seen.verdicts.into_iter().filter(wrong).collect()
    }
}

#[test]
fn every_value_of_every_open_knob_is_among_mocks_that_pass_every_judged_case() {
    let (worlds, choices) = (Worlds::new(), choices(Values::All));
    let rounds = choices.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let mut untried: BTreeSet<(&str, &str, &String)> = choices
        .iter()
        .flat_map(|(knob, values)| values.iter().map(|value| (knob.section, knob.name, value)))
        .collect();
    for round in 0..rounds {
        // Each knob begins at another place of its list, so that no mock has the defaults of all of them.
        let values = choices.iter().enumerate().map(|(index, (knob, values))| {
            let value = &values[(index + round) % values.len()];
            (knob, value)
        });
        for (knob, value) in values.clone() {
            untried.remove(&(knob.section, knob.name, value));
        }
        let behaviour = behaviour(values.map(|(knob, value)| (knob, value.clone())));
        let wrong = worlds.wrong(&behaviour);
        assert!(wrong.is_empty(), "{wrong:#?} with\n{behaviour}");
    }
    assert!(untried.is_empty(), "{untried:?}");
}

#[test]
fn a_mock_with_any_legal_answers_to_all_open_questions_passes_every_judged_case() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let config = Config::with_cases(cases.unwrap_or(DRAWN));
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let worlds = Worlds::new();
    let passes = |behaviour: String| {
        let wrong = worlds.wrong(&behaviour);
        prop_assert!(wrong.is_empty(), "{wrong:#?} with\n{behaviour}");
        Ok(())
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    for values in [Values::Others, Values::All] {
        let found = runner.run(&drawn(values), passes);
        assert!(
            found.is_ok(),
            "{values:?}: {}",
            found.map_or_else(|error| error.to_string(), |()| String::new())
        );
    }
}

/// A value of the table as a configuration takes it.
fn written(knob: &KnobEntry, value: &str) -> String {
    let is_word = knob.accepts.split(" | ").any(|word| word == value);
    // One of the words is `null`.
    if is_word {
        format!("'{value}'")
    } else {
        value.to_owned()
    }
}

/// One value of one knob, and the facts that have to come of it.
struct Trial {
    what: String,
    behaviour: String,
    changes: BTreeMap<String, String>,
    expected: Facts,
}

impl Trial {
    fn of(knob: &KnobEntry, value: &str, expected: &Facts, changes: Option<&BTreeMap<String, String>>) -> Self {
        let written = written(knob, value);
        Self {
            what: format!("{}.{}: {value}", knob.section, knob.name),
            behaviour: format!("\nbehaviour:\n  {}:\n    {}: {written}\n", knob.section, knob.name),
            changes: changes.cloned().unwrap_or_default(),
            expected: expected.clone(),
        }
    }

    /// Runs the cases that record the facts, and says which came to something else.
    async fn complaints(&self, (mock, client, specs): (&Embedded, &Client, &Specs)) -> Vec<String> {
        let mut configuration = specs.fixtures.text.clone();
        for (from, to) in &self.changes {
            assert!(
                configuration.contains(from),
                "{}: no `{from}` in the fixtures",
                self.what
            );
            configuration = configuration.replace(from, to);
        }
        configuration.push_str(&self.behaviour);
        let target = mock.target(client.http(), (&specs.fixtures.file, &configuration));
        let mut found = self.record(&target, client, specs).await;
        if self.expected.contains_key(PROFILE) {
            let stage = target.stage().await.expect("a sandbox is made");
            found.insert(PROFILE.to_owned(), named_by(&stage.profile));
            stage.clear().await;
        }
        let differs = self
            .expected
            .iter()
            .filter(|(name, value)| found.get(*name) != Some(value));
        differs
            .map(|(name, value)| format!("{}: {name} is {:?}, expected {value:?}", self.what, found.get(name)))
            .collect()
    }

    async fn record(&self, target: &Target, client: &Client, specs: &Specs) -> Facts {
        let wanted = |case: &&Case| recorded(case).any(|name| self.expected.contains_key(name));
        let run = Run::new(
            specs,
            Plan {
                cases: specs.cases.iter().filter(wanted).collect(),
                ..Plan::default()
            },
            (target, client),
        );
        let outcome = conduct(run, &Silent).await;
        let evidence = Evidence::of(&outcome, Strictness::Lenient);
        evidence.facts.into_iter().collect()
    }
}

/// What a profile says that no run could find out.
fn named_by(profile: &Profile) -> String {
    let payload = profile.limits.payload.unwrap_or_default();
    let hmac = profile.integrations.get("signed").and_then(|it| it.hmac.as_ref());
    let signature = hmac.map(|it| {
        let words = format!("{:?} as {:?}", it.algorithm, it.encoding).to_lowercase();
        format!("{}: {}<{words}>", it.header, it.prefix)
    });
    format!("{payload} bytes, {}", signature.unwrap_or_default())
}
