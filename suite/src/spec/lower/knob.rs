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

fn told(node: Node<'_>, problems: &mut Problems) -> Option<Told> {
    let fields = node.fields(&KEYS, problems)?;
    if let Some(place) = fields.optional("profile") {
        return place.choice(&PLACES, problems).map(Told::ByProfile);
    }
    if let Some(pairs) = fields.optional("pairs") {
        let gates = fields.required("gates", problems)?;
        return Some(Told::ByOrder {
            gates: list(gates, problems)?,
            pairs: mapping(pairs, problems, |node, problems| mapping(node, problems, pair))?,
        });
    }
    let fact = fields.required("fact", problems)?;
    if let Some(values) = fields.optional("values") {
        let facts = if fact.is_sequence() {
            list(fact, problems)?
        } else {
            vec![fact.string(problems)?.to_owned()]
        };
        return Some(Told::ByWords {
            facts,
            or: text(&fields, "or", problems),
            values: mapping(values, problems, string)?,
        });
    }
    let name = fact.string(problems)?.to_owned();
    if let Some(phrase) = text(&fields, "phrase", problems) {
        return Some(Told::ByStatus {
            fact: name,
            or: text(&fields, "or", problems),
            phrase,
        });
    }
    let Some(object) = fields.optional("object") else {
        let problem = node.problem("nothing says what the fact means for the knob");
        problems.push(problem.hint("one of `values`, `phrase`, `object`, `pairs` and `profile`"));
        return None;
    };
    Some(Told::ByKeys {
        fact: name,
        id: text(&fields, "id", problems),
        texts: mapping(object, problems, string)?,
    })
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
