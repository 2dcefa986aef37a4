//! The files about what the suite notices: faults, and the kill matrix.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Document, Fields, Node, Problems};

use crate::spec::model::{Fault, Kills};

/// The faults of `faults.yaml`. What a fault sets in the mock is the mock's to read.
pub(crate) fn faults(document: &Document, problems: &mut Problems) -> Vec<Fault> {
    let fields = document.root().fields(&["about", "faults"], problems);
    let list = fields.and_then(|fields| fields.required("faults", problems));
    let items = list.and_then(|list| list.items(problems)).unwrap_or_default();
    items.into_iter().filter_map(|item| fault(item, problems)).collect()
}

fn fault(node: Node<'_>, problems: &mut Problems) -> Option<Fault> {
    let fields = node.fields(&["name", "about", "violates", "behaviour"], problems)?;
    let name = fields.required("name", problems)?;
    let about = fields.required("about", problems)?.string(problems)?;
    fields.required("behaviour", problems)?;
    Some(Fault {
        name: name.string(problems)?.to_owned(),
        about: about.to_owned(),
        violates: texts(fields.required("violates", problems)?, problems),
        at: name.location(),
    })
}

/// The kill matrix.
pub(crate) fn kills(document: &Document, problems: &mut Problems) -> BTreeMap<String, Kills> {
    let fields = document.root().fields(&["kills"], problems);
    let entries = fields.and_then(|fields| fields.required("kills", problems));
    let entries = entries.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut kills = BTreeMap::new();
    for (key, node) in entries {
        if let Some(fields) = node.fields(&["failed", "deviates", "inconclusive", "facts"], problems) {
            kills.insert(key.text.to_owned(), of_fault(&fields, problems));
        }
    }
    kills
}

fn of_fault(fields: &Fields<'_>, problems: &mut Problems) -> Kills {
    let mut list = |name| -> BTreeSet<String> {
        let node = fields.optional(name);
        node.map(|node| texts(node, problems))
            .unwrap_or_default()
            .into_iter()
            .collect()
    };
    Kills {
        failed: list("failed"),
        deviates: list("deviates"),
        inconclusive: list("inconclusive"),
        facts: list("facts"),
    }
}

fn texts(node: Node<'_>, problems: &mut Problems) -> Vec<String> {
    let items = node.items(problems).unwrap_or_default();
    items
        .into_iter()
        .filter_map(|item| item.string(problems).map(str::to_owned))
        .collect()
}
