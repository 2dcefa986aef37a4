//! The table of knobs: which facts tell which open knob of the mock.

use std::collections::BTreeMap;

use located_yaml::{Document, Fields, Node, Problems};

use crate::spec::model::{Knob, ProfilePlace, Told};

const KEYS: [&str; 9] = [
    "fact", "or", "values", "phrase", "object", "id", "gates", "pairs", "profile",
];

const PLACES: [(&str, ProfilePlace); 5] = [
    ("hmac-algorithm", ProfilePlace::HmacAlgorithm),
    ("hmac-header", ProfilePlace::HmacHeader),
    ("hmac-encoding", ProfilePlace::HmacEncoding),
    ("hmac-prefix", ProfilePlace::HmacPrefix),
    ("payload-limit", ProfilePlace::PayloadLimit),
];

/// The knobs of one file.
pub(crate) fn knobs(document: &Document, problems: &mut Problems) -> Vec<Knob> {
    let Some(fields) = document.root().fields(&["knobs"], problems) else {
        return Vec::new();
    };
    let entries = fields.required("knobs", problems);
    let entries = entries.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut knobs = Vec::new();
    for (key, node) in entries {
        let Some((section, name)) = key.text.split_once('.') else {
            problems.push(
                node.problem("a knob is named by its section and its name")
                    .hint("`rate.model`"),
            );
            continue;
        };
        knobs.extend(told(node, problems).map(|told| Knob {
            section: section.to_owned(),
            name: name.to_owned(),
            told,
        }));
    }
    knobs
}

/// The ways in which something tells a knob: the key that names the way, and the keys that go with it.
const WAYS: [(&str, &[&str]); 5] = [
    ("values", &["fact", "or"]),
    ("phrase", &["fact", "or"]),
    ("object", &["fact", "id"]),
    ("pairs", &["gates"]),
    ("profile", &[]),
];

fn told(node: Node<'_>, problems: &mut Problems) -> Option<Told> {
    let fields = node.fields(&KEYS, problems)?;
    let there: Vec<_> = WAYS.iter().filter(|(way, _)| fields.optional(way).is_some()).collect();
    let [(way, beside)] = there.as_slice() else {
        let problem = node.problem("a knob is told in exactly one way");
        problems.push(problem.hint("one of `values`, `phrase`, `object`, `pairs` and `profile`"));
        return None;
    };
    for (key, _) in fields.iter().filter(|(key, _)| key.text != *way) {
        if KEYS.contains(&key.text) && !beside.contains(&key.text) {
            problems.push(key.problem(format!("`{}` says nothing beside `{way}`", key.text)));
            return None;
        }
    }
    let told = fields.required(way, problems)?;
    match *way {
        "profile" => told.choice(&PLACES, problems).map(Told::ByProfile),
        "pairs" => Some(Told::ByOrder {
            gates: list(fields.required("gates", problems)?, problems)?,
            pairs: mapping(told, problems, |node, problems| mapping(node, problems, pair))?,
        }),
        "values" => {
            let fact = fields.required("fact", problems)?;
            let facts = if fact.is_sequence() {
                list(fact, problems)?
            } else {
                vec![fact.string(problems)?.to_owned()]
            };
            Some(Told::ByWords {
                facts,
                or: text(&fields, "or", problems),
                values: mapping(told, problems, string)?,
            })
        }
        "phrase" => Some(Told::ByStatus {
            fact: string(fields.required("fact", problems)?, problems)?,
            or: text(&fields, "or", problems),
            phrase: string(told, problems)?,
        }),
        _ => Some(Told::ByKeys {
            fact: string(fields.required("fact", problems)?, problems)?,
            id: text(&fields, "id", problems),
            texts: mapping(told, problems, string)?,
        }),
    }
}

fn text(fields: &Fields<'_>, key: &str, problems: &mut Problems) -> Option<String> {
    fields.optional(key).and_then(|node| string(node, problems))
}

fn string(node: Node<'_>, problems: &mut Problems) -> Option<String> {
    node.string(problems).map(str::to_owned)
}

fn list(node: Node<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let items = node.items(problems)?;
    Some(items.into_iter().filter_map(|node| string(node, problems)).collect())
}

fn pair(node: Node<'_>, problems: &mut Problems) -> Option<(String, String)> {
    match list(node, problems)?.as_slice() {
        [first, second] => Some((first.clone(), second.clone())),
        _ => {
            problems.push(node.problem("expected two gates, the first one first"));
            None
        }
    }
}

fn mapping<T>(
    node: Node<'_>,
    problems: &mut Problems,
    read: impl Fn(Node<'_>, &mut Problems) -> Option<T>,
) -> Option<BTreeMap<String, T>> {
    let entries = node.entries(problems)?;
    let read = entries
        .into_iter()
        .filter_map(|(key, node)| Some((key.text.to_owned(), read(node, problems)?)));
    Some(read.collect())
}
