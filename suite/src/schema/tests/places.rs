//! Where in a value a schema knows every key, and what it knows there.

use std::collections::BTreeMap;

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::{Value as Json, json};

use crate::schema::Format;

/// A mapping of a value, and the form the schema gives it.
pub(super) struct Place {
    /// Where the mapping stands: a JSON pointer.
    pub(super) at: String,
    /// Where its form is described: a schema's file and a JSON pointer.
    pub(super) form: String,
}

/// Every schema, taken apart on demand.
pub(super) struct Schemas {
    documents: BTreeMap<&'static str, Json>,
    validators: BTreeMap<String, Validator>,
}

/// Finds schemas by the names of their files.
struct Shelf;

impl Retrieve for Shelf {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        let wanted = |format: &Format| uri.as_str().ends_with(format.file_name());
        let format = Format::ALL.into_iter().find(wanted).ok_or("no such schema")?;
        Ok(serde_json::from_str(format.text())?)
    }
}

impl Schemas {
    pub(super) fn new() -> Self {
        let parse = |format: Format| serde_json::from_str(format.text()).expect("a schema is JSON");
        Self {
            documents: Format::ALL.map(|format| (format.file_name(), parse(format))).into(),
            validators: BTreeMap::new(),
        }
    }

    /// Whether the schema at `form` takes a value.
    pub(super) fn takes(&mut self, form: &str, value: &Json) -> bool {
        self.validator(form).is_valid(value)
    }

    /// What the schema at `form` has against a value.
    pub(super) fn objections(&mut self, form: &str, value: &Json) -> Vec<String> {
        let errors = self.validator(form).iter_errors(value);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    fn validator(&mut self, form: &str) -> &Validator {
        let build = || {
            jsonschema::options()
                .with_base_uri("json-schema:///it.json")
                .with_retriever(Shelf)
                .build(&json!({ "$ref": form }))
                .expect("every schema can be compiled")
        };
        self.validators.entry(form.to_owned()).or_insert_with(build)
    }

    /// The schema at `form`.
    pub(super) fn at(&self, form: &str) -> &Json {
        let (file, pointer) = form.split_once('#').expect("a form is a file and a pointer");
        self.documents[file]
            .pointer(pointer)
            .expect("a form points at a schema")
    }

    /// Every form of a schema's own that knows all of its keys.
    pub(super) fn closed(&self, format: Format) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![format!("{}#", format.file_name())];
        while let Some(form) = waiting.pop() {
            let schema = self.at(&form);
            if schema.get("additionalProperties") == Some(&Json::Bool(false)) {
                found.push(form.clone());
            }
            match schema {
                Json::Object(entries) => waiting.extend(entries.keys().map(|key| child(&form, key))),
                Json::Array(items) => waiting.extend((0..items.len()).map(|index| child(&form, &index.to_string()))),
                _ => {}
            }
        }
        found
    }

    /// The mappings of `value` of which the schema at `form` knows every key.
    pub(super) fn places(&mut self, form: &str, value: &Json) -> Vec<Place> {
        let mut found = Vec::new();
        self.walk(form, value, "", &mut found);
        found
    }

    fn walk(&mut self, form: &str, value: &Json, at: &str, found: &mut Vec<Place>) {
        let schema = self.at(form).clone();
        if let Some(target) = schema["$ref"].as_str() {
            self.walk(&resolve(form, target), value, at, found);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for index in 0..schema[keyword].as_array().map_or(0, Vec::len) {
                let branch = child(&child(form, keyword), &index.to_string());
                if self.takes(&branch, value) {
                    self.walk(&branch, value, at, found);
                }
            }
        }
        if schema.get("if").is_some() {
            let branch = if self.takes(&child(form, "if"), value) {
                "then"
            } else {
                "else"
            };
            if schema.get(branch).is_some() {
                self.walk(&child(form, branch), value, at, found);
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            if schema.get("items").is_some() {
                self.walk(&child(form, "items"), item, &child(at, &index.to_string()), found);
            }
        }
        let Some(entries) = value.as_object() else { return };
        if schema.get("additionalProperties") == Some(&Json::Bool(false)) {
            found.push(Place {
                at: at.to_owned(),
                form: form.to_owned(),
            });
        }
        for (key, inner) in entries {
            let own = child(&child(form, "properties"), key);
            let others = child(form, "additionalProperties");
            if schema["properties"].get(key).is_some() {
                self.walk(&own, inner, &child(at, key), found);
            } else if let Some(pattern) = pattern_for(&schema, key) {
                let form = child(&child(form, "patternProperties"), &pattern);
                self.walk(&form, inner, &child(at, key), found);
            } else if schema["additionalProperties"].is_object() {
                self.walk(&others, inner, &child(at, key), found);
            }
        }
    }
}

fn pattern_for(schema: &Json, key: &str) -> Option<String> {
    let patterns = schema["patternProperties"].as_object()?.keys();
    let fits = |pattern: &&String| regex::Regex::new(pattern).is_ok_and(|it| it.is_match(key));
    patterns.into_iter().find(fits).cloned()
}

/// The pointer to a part of what `parent` points at.
pub(super) fn child(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The form that a `$ref` in another one means.
pub(super) fn resolve(form: &str, target: &str) -> String {
    match (target.strip_prefix('#'), form.split_once('#')) {
        (Some(pointer), Some((file, _))) => format!("{file}#{pointer}"),
        _ if target.contains('#') => target.to_owned(),
        _ => format!("{target}#"),
    }
}
