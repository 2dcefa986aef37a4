//! Asks a parser and a schema about the same values, changed in every way, and collects where they disagree.

use std::collections::BTreeSet;

use located_yaml::Problems;
use serde_json::{Value as Json, json};

use super::places::{Place, Schemas, child, resolve};
use crate::schema::Format;

/// A key and a word that are like no other.
const STRANGE: &str = "§";

/// A format, its parser, and what only the parser can know.
pub(super) struct Language<'l> {
    pub(super) format: Format,
    /// What the parser finds wrong with a text.
    pub(super) problems: &'l dyn Fn(&str) -> Problems,
    /// Parts of the messages about names, expressions and whatever else is no matter of form.
    pub(super) meaning: &'l [&'l str],
    /// Parts of the names of forms that another test looks after.
    pub(super) unseen: &'l [&'l str],
}

/// What has been compared so far, and what came of it.
pub(super) struct Agreement<'l> {
    language: &'l Language<'l>,
    schemas: Schemas,
    /// Forms with the keys they were met with: the same again tells nothing new.
    met: BTreeSet<(String, Vec<String>)>,
    /// Keys by their forms.
    seen: BTreeSet<(String, String)>,
    /// Keys whose value has been replaced by each sample.
    replaced: BTreeSet<(String, String, usize)>,
    disagreements: BTreeSet<String>,
}

impl<'l> Agreement<'l> {
    pub(super) fn new(language: &'l Language<'l>) -> Self {
        Self {
            language,
            schemas: Schemas::new(),
            met: BTreeSet::new(),
            seen: BTreeSet::new(),
            replaced: BTreeSet::new(),
            disagreements: BTreeSet::new(),
        }
    }

    /// Compares what parser and schema say about a value that is right, and about everything near it.
    pub(super) fn check(&mut self, value: &Json) {
        let root = format!("{}#", self.language.format.file_name());
        let said = messages(&(self.language.problems)(&text(value)));
        assert!(said.is_empty(), "{value}\n{said:?}");
        let objections = self.schemas.objections(&root, value);
        if !objections.is_empty() {
            let objections = objections.join("; ");
            let brief: String = value.to_string().chars().take(300).collect();
            self.disagree(format!("the schema has something against {brief}…: {objections}"));
            return;
        }
        for place in self.schemas.places(&root, value) {
            self.vary(value, &place);
        }
    }

    /// Every disagreement, one about each key of the schema that was never met among them.
    pub(super) fn finish(mut self) -> Vec<String> {
        for form in self.schemas.closed(self.language.format) {
            if self.is_unseen(&form) {
                continue;
            }
            for key in self.keys(&form) {
                if !self.seen.contains(&(form.clone(), key.clone())) {
                    self.disagree(format!("{form}: no file has the key `{key}`, see everything/"));
                }
            }
        }
        self.disagreements.into_iter().collect()
    }

    fn vary(&mut self, value: &Json, place: &Place) {
        let mapping = value
            .pointer(&place.at)
            .and_then(Json::as_object)
            .expect("a place is a mapping");
        let present: Vec<String> = mapping.keys().cloned().collect();
        for key in &present {
            self.seen.insert((place.form.clone(), key.clone()));
        }
        if !self.met.insert((place.form.clone(), present.clone())) {
            return;
        }
        self.unknown_key(value, place);
        for key in &present {
            self.compare(
                &changed(value, &place.at, key, None),
                &format!("{} without `{key}`", place.form),
            );
            self.words(value, place, key);
        }
        for key in self.keys(&place.form) {
            for (index, sample) in samples().into_iter().enumerate() {
                let first = self.replaced.insert((place.form.clone(), key.clone(), index));
                // What goes beside what is seen with any two samples; what a key itself takes, with all of them once.
                let beside = !present.contains(&key) && (sample == STRANGE || sample.is_object());
                if first || beside {
                    let what = format!("{} with `{key}: {sample}`", place.form);
                    self.compare(&changed(value, &place.at, &key, Some(sample)), &what);
                }
            }
        }
    }

    /// Both refuse a key that neither knows, and they know the same keys.
    fn unknown_key(&mut self, value: &Json, place: &Place) {
        let strange = changed(value, &place.at, STRANGE, Some(json!(1)));
        self.compare(&strange, &format!("{} with an unknown key", place.form));
        let problems = (self.language.problems)(&text(&strange));
        if problems.is_empty() {
            self.disagree(format!("the parser takes any key in {}", place.form));
        }
        let keys = self.keys(&place.form);
        let unknown = format!("unknown key `{STRANGE}`");
        let own_words = self.schemas.at(&place.form).get("patternProperties").is_some();
        let listed = known(&problems, &unknown);
        match listed {
            Some(listed) if listed != keys => {
                let (form, only) = (&place.form, |a: &BTreeSet<String>, b| {
                    a.difference(b).cloned().collect::<Vec<_>>()
                });
                let (parser, schema) = (only(&listed, &keys), only(&keys, &listed));
                self.disagree(format!(
                    "{form}: only the parser knows {parser:?}, only the schema {schema:?}"
                ));
            }
            None if !own_words && !self.is_unseen(&place.form) => {
                self.disagree(format!("the parser does not say which keys it knows in {}", place.form));
            }
            _ => {}
        }
    }

    /// Where the value is one of a few words, they are the same words.
    fn words(&mut self, value: &Json, place: &Place, key: &str) {
        let form = child(&child(&place.form, "properties"), key);
        if self.schemas.at(&place.form)["properties"].get(key).is_none() {
            return;
        }
        let (words, only_words) = self.words_of(&form);
        let strange = changed(value, &place.at, key, Some(json!(STRANGE)));
        let problems = (self.language.problems)(&text(&strange));
        let listed = known(&problems, &format!("unknown value `{STRANGE}`")).unwrap_or_default();
        let boolean = listed.iter().all(|word| word == "true" || word == "false");
        if listed != words && (only_words && !words.is_empty() || !boolean) {
            self.disagree(format!(
                "{form}: the parser knows the words {listed:?}, the schema {words:?}"
            ));
        }
    }

    /// The words of a form, and whether it is made of nothing else (a row's value may always stand in their place).
    fn words_of(&self, form: &str) -> (BTreeSet<String>, bool) {
        let schema = self.schemas.at(form);
        let mut words = BTreeSet::new();
        let mut only = true;
        if let Some(target) = schema["$ref"].as_str().filter(|target| !target.ends_with("/each")) {
            return self.words_of(&resolve(form, target));
        }
        let listed = schema["enum"].as_array().into_iter().flatten();
        words.extend(listed.chain(schema.get("const")).map(word));
        for keyword in ["anyOf", "oneOf"] {
            for index in 0..schema[keyword].as_array().map_or(0, Vec::len) {
                let (more, only_more) = self.words_of(&child(&child(form, keyword), &index.to_string()));
                words.extend(more);
                only &= only_more;
            }
        }
        (words, only && schema.get("type").is_none())
    }

    /// Neither takes what the other refuses, as far as form goes.
    fn compare(&mut self, value: &Json, what: &str) {
        let root = format!("{}#", self.language.format.file_name());
        let taken = self.schemas.takes(&root, value);
        let said = messages(&(self.language.problems)(&text(value)));
        if said.is_empty() && !taken {
            self.disagree(format!("the schema refuses and the parser takes {what}"));
        }
        let of_form = |message: &&String| !self.language.meaning.iter().any(|part| message.contains(part));
        if let Some(message) = said.iter().find(of_form).filter(|_| taken) {
            self.disagree(format!("the schema takes and the parser refuses ({message}) {what}"));
        }
    }

    fn keys(&self, form: &str) -> BTreeSet<String> {
        let properties = self.schemas.at(form)["properties"].as_object();
        properties.into_iter().flatten().map(|(key, _)| key.clone()).collect()
    }

    fn is_unseen(&self, form: &str) -> bool {
        self.language.unseen.iter().any(|part| form.contains(part))
    }

    fn disagree(&mut self, sentence: String) {
        self.disagreements.insert(sentence);
    }
}

/// Values of every type.
fn samples() -> [Json; 9] {
    [
        Json::Null,
        json!(true),
        json!(7),
        json!(STRANGE),
        json!([]),
        json!([STRANGE]),
        json!([7]),
        json!({}),
        json!({ STRANGE: 7 }),
    ]
}

/// JSON is YAML.
fn text(value: &Json) -> String {
    format!("{value:#}")
}

fn messages(problems: &Problems) -> Vec<String> {
    problems.iter().map(|it| it.message.clone()).collect()
}

fn word(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The names that the hint of a problem lists.
fn known(problems: &Problems, message: &str) -> Option<BTreeSet<String>> {
    let problem = problems.iter().find(|it| it.message == message)?;
    let listed = problem.hint.as_deref()?.strip_prefix("known: ")?;
    Some(listed.split(", ").map(str::to_owned).collect())
}

/// The value with one key of one mapping set or taken away.
fn changed(value: &Json, at: &str, key: &str, to: Option<Json>) -> Json {
    let mut value = value.clone();
    let mapping = value
        .pointer_mut(at)
        .and_then(Json::as_object_mut)
        .expect("a place is a mapping");
    match to {
        Some(to) => mapping.insert(key.to_owned(), to),
        None => mapping.remove(key),
    };
    value
}
