//! The file as a whole: its sections in the order in which they need each other.
//!
//! Knows which sections there are; what is in them is read beside it.

use std::collections::HashMap;
use std::sync::Arc;

use located_yaml::{Fields, Key, Node, Problems, did_you_mean};
use uuid::Uuid;

use crate::behaviour::Behaviour;
use crate::behaviour::knob::Knob;
use crate::catalog::{Catalog, IntegrationKey, WorkspaceKey};
use crate::config::{ClockMode, Config};
use crate::fault::{self, Faults};
use crate::ids::{LetterCase, Seed, hyphenated};

/// The seed of a file that names none.
const DEFAULT_SEED: u64 = 1;

/// A configuration in the making.
pub(super) struct Reader<'a> {
    /// Where ids and secrets come from.
    pub(super) seed: Seed,
    /// Read first, as it holds the defaults of signatures.
    pub(super) behaviour: Behaviour,
    /// What has been read so far.
    pub(super) catalog: Catalog,
    /// The workspaces by name.
    pub(super) workspaces: HashMap<&'a str, WorkspaceKey>,
    /// The integrations by name.
    pub(super) integrations: HashMap<&'a str, IntegrationKey>,
    /// The ids so far, with what has them.
    ids: HashMap<Uuid, String>,
}

impl<'a> Reader<'a> {
    /// Reads a whole file.
    pub(super) fn read(root: Node<'a>, seed: Option<Seed>, problems: &mut Problems) -> Config {
        const SECTIONS: [&str; 8] = [
            "about",
            "seed",
            "clock",
            "behaviour",
            "faults",
            "workspaces",
            "integrations",
            "workflows",
        ];
        let fields = root.fields(&SECTIONS, problems);
        let section = |name| fields.as_ref().and_then(|fields| fields.optional(name));
        let written = section("seed").and_then(|node| read_seed(node, problems));
        let mut reader = Self {
            seed: seed.or(written).unwrap_or(Seed::new(DEFAULT_SEED)),
            behaviour: Behaviour::default(),
            catalog: Catalog::default(),
            workspaces: HashMap::new(),
            integrations: HashMap::new(),
            ids: HashMap::new(),
        };
        let clock = section("clock")
            .and_then(|node| ClockMode::read(node, problems))
            .unwrap_or(ClockMode::System);
        if let Some(node) = section("behaviour").filter(|node| !node.is_null()) {
            reader.behaviour.read(node, problems);
        }
        let faults = read_faults(section("faults"), problems);
        for (key, node) in entries(section("workspaces"), problems) {
            reader.read_workspace(&key, node, problems);
        }
        for (key, node) in entries(section("integrations"), problems) {
            reader.read_integration(&key, node, problems);
        }
        for (key, node) in entries(section("workflows"), problems) {
            reader.read_workflow(&key, node, problems);
        }
        Config {
            seed: reader.seed,
            clock,
            behaviour: reader.behaviour,
            faults,
            catalog: Arc::new(reader.catalog),
            source: Arc::default(),
            redaction: Arc::default(),
        }
    }

    /// The id that is written, or the one that is drawn for this kind and name; either only once.
    pub(super) fn id(&mut self, fields: &Fields<'a>, (kind, name): (&str, &str), problems: &mut Problems) -> Uuid {
        let Some(node) = fields.optional("id") else {
            return self.seed.draw(kind, name);
        };
        let Some(text) = node.string(problems) else {
            return Uuid::nil();
        };
        let Some(id) = hyphenated(text, LetterCase::Any) else {
            problems.push(
                node.problem(format!("`{text}` is no UUID"))
                    .hint("write it 8-4-4-4-12, with hyphens"),
            );
            return Uuid::nil();
        };
        let owner = format!("the {kind} `{name}`");
        if let Some(other) = self.ids.insert(id, owner) {
            problems.push(node.problem(format!("{other} has this id already")));
        }
        id
    }
}

fn read_faults(list: Option<Node<'_>>, problems: &mut Problems) -> Faults {
    let mut faults = Faults::default();
    for item in items(list.filter(|node| !node.is_null()), problems) {
        let Some(name) = item.string(problems) else { continue };
        if let Err(error) = faults.add(name) {
            let (message, hint) = fault::explain(&error);
            problems.push(item.problem(message).maybe_hint(hint));
        }
    }
    faults
}

fn read_seed(node: Node<'_>, problems: &mut Problems) -> Option<Seed> {
    let number = node.integer(problems)?;
    let seed = u64::try_from(number).ok().map(Seed::new);
    if seed.is_none() {
        problems.push(node.problem(format!("expected a whole number, zero or more, found {number}")));
    }
    seed
}

/// The entries of a section; one that is left empty has none.
pub(super) fn entries<'a>(section: Option<Node<'a>>, problems: &mut Problems) -> Vec<(Key<'a>, Node<'a>)> {
    match section {
        Some(node) if !node.is_null() => node.entries(problems).unwrap_or_default(),
        Some(_) | None => Vec::new(),
    }
}

/// The items of a list; one that is left out has none.
pub(super) fn items<'a>(list: Option<Node<'a>>, problems: &mut Problems) -> Vec<Node<'a>> {
    list.and_then(|node| node.items(problems)).unwrap_or_default()
}

/// What a node refers to by name.
pub(super) fn named<K: Copy>(
    node: Node<'_>,
    (kind, known): (&str, &HashMap<&str, K>),
    problems: &mut Problems,
) -> Option<K> {
    let name = node.string(problems)?;
    let found = known.get(name).copied();
    if found.is_none() {
        let hint = did_you_mean(name, known.keys().copied());
        problems.push(node.problem(format!("there is no {kind} `{name}`")).maybe_hint(hint));
    }
    found
}
