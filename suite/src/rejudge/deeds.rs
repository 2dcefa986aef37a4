//! Whether a case does now what was recorded of it: step by step, as both are written.
//!
//! Compares YAML and the values of names; what is expected of the answers is no deed. Builds no request.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::Document;
use serde_json::Value as Json;
use serde_yaml::Value as Yaml;

use crate::attempt::Exchange;
use crate::check;
use crate::evidence::{self, Value};
use crate::run::CaseRun;
use crate::spec::model::{Case, Specs, Step};

/// What a step asks of answers, and how people call it.
const NO_DEEDS: [&str; 6] = ["name", "expect", "capture", "observe", "until", "stop_when"];
/// The least length of a value that is recognised in a request.
const TELLING: usize = 8;

/// What a case does now, held against what was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    /// The steps that are written as they were and mean the same.
    pub(super) unchanged: BTreeSet<usize>,
    /// The first one that does something else, and in which way.
    pub(super) departure: Option<(usize, String)>,
}

/// Holds the steps of a case against those that were recorded.
pub(super) fn compare((stored, run): (&evidence::Case, &CaseRun), case: &Case, specs: &Specs) -> Deeds {
    let mut deeds = Deeds::default();
    let mut others = other_rows(stored, case);
    let steps: Vec<&Step> = case.steps.iter().chain(&case.finally).collect();
    for (recorded, seen) in stored.steps.iter().zip(&run.steps) {
        let number = recorded.number;
        let Some(step) = number.checked_sub(1).and_then(|index| steps.get(index)) else {
            continue;
        };
        let then = Written::of(&recorded.yaml, &rows_of(stored));
        let now = Written::of(&specs.excerpt(&step.at), &case.each);
        if let Some(way) = departs((&then, &now), &others, &seen.exchanges) {
            deeds.departure = Some((number, way));
            break;
        }
        if then == now && !others.keys().any(|name| now.names(name)) {
            deeds.unchanged.insert(number);
        }
        for capture in &step.capture {
            let (old, new) = (then.capture(&capture.name), now.capture(&capture.name));
            let same = old == new && !others.keys().any(|name| new.is_some_and(|it| mentions(it, name)));
            if same {
                others.remove(&capture.name);
            } else {
                let answer = seen.exchanges.last().and_then(Exchange::answer);
                let value = answer.and_then(|answer| check::extract(&capture.extract, answer));
                others.insert(capture.name.clone(), value);
            }
        }
    }
    deeds
}

/// How a step does something else than what was recorded of it.
fn departs(
    (then, now): (&Written, &Written),
    others: &BTreeMap<String, Option<Json>>,
    exchanges: &[Exchange],
) -> Option<String> {
    if then.deed() != now.deed() {
        return Some("does something else now than what was recorded of it".to_owned());
    }
    let deed = now.deed();
    let named = others.iter().filter(|(name, _)| mentions(&deed, name));
    let mut unsent = named.filter(|(_, value)| !value.as_ref().is_some_and(|value| was_sent(value, exchanges)));
    let (name, _) = unsent.next()?;
    Some(format!(
        "uses `{name}`, which stands for something else now than what was sent"
    ))
}

/// Whether a value can be seen in every request, so that it is the one that was sent.
fn was_sent(value: &Json, exchanges: &[Exchange]) -> bool {
    let text = check::fact_text(value);
    let sent_in = |exchange: &Exchange| {
        let request = &exchange.request;
        let headers = request.headers.iter().any(|(_, value)| value.contains(&text));
        headers || request.url.contains(&text) || request.body.text().contains(&text)
    };
    text.len() >= TELLING && !exchanges.is_empty() && exchanges.iter().all(sent_in)
}

/// The row a case had then.
fn rows_of(stored: &evidence::Case) -> BTreeMap<String, Json> {
    let rows = stored.values.iter().filter_map(|(name, value)| {
        let key = name.strip_prefix("each.")?;
        match value {
            Value::Json(json) => Some((key.to_owned(), json.clone())),
            Value::Seconds(_) => None,
        }
    });
    rows.collect()
}

/// The names of the row that stand for something else now.
fn other_rows(stored: &evidence::Case, case: &Case) -> BTreeMap<String, Option<Json>> {
    let then = rows_of(stored);
    let names: BTreeSet<&String> = then.keys().chain(case.each.keys()).collect();
    let others = names.into_iter().filter(|name| then.get(*name) != case.each.get(*name));
    others.map(|name| (format!("each.{name}"), None)).collect()
}

/// A step as it is written, the values of its row filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Written {
    /// Keys and what is written under them, in a form in which order counts.
    Mapping {
        /// All of them.
        entries: BTreeMap<String, String>,
        /// Those of `capture`.
        captures: BTreeMap<String, String>,
    },
    /// What cannot be read by itself.
    Text(String),
}

impl Written {
    fn of(yaml: &str, row: &BTreeMap<String, Json>) -> Self {
        let as_text = || Self::Text(yaml.trim().to_owned());
        let Ok(document) = Document::parse("step", yaml) else {
            return as_text();
        };
        let filled = document.rewritten(&|text| filled_in(text, row));
        let root = filled.root().value();
        if !root.is_mapping() {
            return as_text();
        }
        Self::Mapping {
            entries: entries(Some(root)),
            captures: entries(root.get("capture")),
        }
    }

    /// What is done.
    fn deed(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Mapping { entries, .. } => {
                let deeds = entries.iter().filter(|(key, _)| !NO_DEEDS.contains(&key.as_str()));
                deeds.map(|(key, value)| format!("{key}: {value}\n")).collect()
            }
        }
    }

    fn names(&self, name: &str) -> bool {
        match self {
            Self::Text(text) => mentions(text, name),
            Self::Mapping { entries, .. } => entries.values().any(|value| mentions(value, name)),
        }
    }

    /// How a value is captured, as it is written.
    fn capture(&self, name: &str) -> Option<&String> {
        match self {
            Self::Text(_) => None,
            Self::Mapping { captures, .. } => captures.get(name),
        }
    }
}

fn entries(mapping: Option<&Yaml>) -> BTreeMap<String, String> {
    let entries = mapping.and_then(Yaml::as_mapping).into_iter().flatten();
    let text = |value| serde_yaml::to_string(value).unwrap_or_default();
    entries
        .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), text(value))))
        .collect()
}

/// A text with the values of a row in it; the value itself when there is nothing else in the text.
fn filled_in(text: &str, row: &BTreeMap<String, Json>) -> Option<Yaml> {
    if !text.contains("${each.") {
        return None;
    }
    let mut out = text.to_owned();
    for (key, value) in row {
        let reference = format!("${{each.{key}}}");
        if text == reference {
            return serde_yaml::to_value(value).ok();
        }
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        out = out.replace(&reference, &written);
    }
    Some(Yaml::String(out))
}

/// Whether a name stands in a text as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pairs: &[(&str, Json)]) -> BTreeMap<String, Json> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        pairs.collect()
    }

    #[test]
    fn a_deed_is_what_is_sent_however_it_is_written_and_whatever_is_expected() {
        let none = BTreeMap::new();
        let then = Written::of(
            "trigger: { mode: sync, json: { a: 1 } }\nexpect: { status: 200 }\n",
            &none,
        );
        for (now, is_same) in [
            ("trigger:\n  mode: sync\n  json: {a: 1}\n", true),
            (
                "expect: { status: 201 }\nname: other\ntrigger: { mode: sync, json: { a: 1 } }\n",
                true,
            ),
            ("trigger: { mode: async, json: { a: 1 } }\n", false),
            ("trigger: { json: { a: 1 }, mode: sync }\n", false),
            ("trigger: { mode: sync, json: { a: 1 } }\npatience: 1s\n", false),
            ("trigger: { mode: sync, json: { a: 1 } }\nbackground: it\n", false),
        ] {
            assert_eq!(Written::of(now, &none).deed() == then.deed(), is_same, "{now}");
        }
    }

    #[test]
    fn rows_are_filled_in_before_deeds_are_held_against_each_other() {
        let yaml = "request: { path: '/${each.path}', json: '${each.body}' }\nexpect: { status: '${each.status}' }\n";
        let one = row(&[("path", "a".into()), ("body", 1.into()), ("status", 200.into())]);
        let expected = row(&[("path", "a".into()), ("body", 1.into()), ("status", 201.into())]);
        let sent = row(&[("path", "b".into()), ("body", 1.into()), ("status", 200.into())]);
        let deed = |row: &BTreeMap<String, Json>| Written::of(yaml, row).deed();
        assert_eq!(deed(&one), deed(&expected));
        assert_ne!(deed(&one), deed(&sent));
        assert_ne!(Written::of(yaml, &one), Written::of(yaml, &expected));
        let written = Written::of("request: { path: /a, json: 1 }\n", &BTreeMap::new());
        assert_eq!(deed(&one), written.deed());
    }

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for (text, is_named) in [
            ("path: '/x/${id}'", true),
            ("elapse: id + 1s", true),
            ("path: '/x/${other.id}'", false),
            ("path: '/x/${id-2}'", false),
            ("identity", false),
        ] {
            assert_eq!(mentions(text, "id"), is_named, "{text}");
        }
    }
}
