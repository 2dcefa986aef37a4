//! The files about what the suite notices: faults, the kill matrix, and what is lost without anybody noticing.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Document, Fields, Node, Problems};

use crate::spec::model::{Fault, Kills, Score, Survivors};

/// The faults of `faults.yaml`. What a fault sets in the mock is the mock's to read.
pub(crate) fn faults(document: &Document, problems: &mut Problems) -> Vec<Fault> {
    let fields = document.root().fields(&["faults"], problems);
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

/// The scores of assertions and of answers, and the digest of what they were measured of.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) basis: String,
    pub(crate) assertions: Score,
    pub(crate) answers: Score,
}

/// What is lost without anybody noticing.
pub(crate) fn survivors(document: &Document, problems: &mut Problems) -> Measured {
    let Some(fields) = document.root().fields(&["basis", "assertions", "answers"], problems) else {
        return Measured::default();
    };
    let basis = fields.required("basis", problems);
    let basis = basis.and_then(|node| node.string(problems)).unwrap_or_default();
    let mut read = |key| {
        let node = fields.required(key, problems);
        node.and_then(|node| score(node, problems)).unwrap_or_default()
    };
    Measured {
        basis: basis.to_owned(),
        assertions: read("assertions"),
        answers: read("answers"),
    }
}

fn score(node: Node<'_>, problems: &mut Problems) -> Option<Score> {
    let fields = node.fields(&["noticed", "of", "immaterial", "survivors"], problems)?;
    let noticed = count(fields.required("noticed", problems), problems);
    let of = count(fields.required("of", problems), problems);
    let mut reasons = |key| -> Option<Vec<Survivors>> {
        let list = fields.required(key, problems)?.items(problems)?;
        Some(list.into_iter().filter_map(|item| one_reason(item, problems)).collect())
    };
    let (immaterial, survivors) = (reasons("immaterial"), reasons("survivors"));
    let (noticed, of) = (noticed?, of?);
    if noticed > of {
        problems.push(node.problem(format!("of {of} changes, {noticed} cannot be noticed")));
    }
    Some(Score {
        noticed,
        of,
        immaterial: immaterial?,
        survivors: survivors?,
    })
}

fn count(node: Option<Node<'_>>, problems: &mut Problems) -> Option<usize> {
    let node = node?;
    let count = usize::try_from(node.integer(problems)?).ok();
    if count.is_none() {
        problems.push(node.problem("expected a count, which is never negative"));
    }
    count
}

fn one_reason(node: Node<'_>, problems: &mut Problems) -> Option<Survivors> {
    let fields = node.fields(&["count", "like", "because"], problems)?;
    let number = count(fields.required("count", problems), problems);
    let like = fields.required("like", problems)?;
    let because = fields.required("because", problems)?.string(problems)?;
    Some(Survivors {
        like: texts(like, problems),
        count: number?,
        because: because.to_owned(),
        at: like.location(),
    })
}

fn texts(node: Node<'_>, problems: &mut Problems) -> Vec<String> {
    let items = node.items(problems).unwrap_or_default();
    items
        .into_iter()
        .filter_map(|item| item.string(problems).map(str::to_owned))
        .collect()
}
