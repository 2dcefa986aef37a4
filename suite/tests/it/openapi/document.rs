//! `specs/openapi.yaml` as a tree that is walked by pointer: operations by request, answers by status, schemas by place.
//!
//! Finds; judges nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jsonschema::Validator;
use serde_json::Value as Json;

/// The text in the repository.
pub(crate) const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/openapi.yaml"));

/// The methods that a path item may have operations for.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The document.
pub(crate) struct Document {
    root: Json,
    validators: RefCell<HashMap<String, Rc<Validator>>>,
}

/// A value of the document and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Place<'d> {
    /// A JSON pointer behind `#`.
    pub(crate) pointer: String,
    /// What is there.
    pub(crate) value: &'d Json,
}

/// What the document says of a request.
#[derive(Clone, Debug)]
pub(crate) enum Asked<'d> {
    /// An operation of a path.
    Operation(&'d str, Place<'d>),
    /// A path or a method that it does not have: every such request is answered like this.
    Nothing(Place<'d>),
}

impl Document {
    /// Reads a text that is YAML.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            root: serde_yaml::from_str(text).expect("the document is YAML with a JSON form"),
            validators: RefCell::default(),
        }
    }

    /// All of it.
    pub(crate) const fn root(&self) -> &Json {
        &self.root
    }

    /// What is behind a pointer, references followed.
    pub(crate) fn at(&self, pointer: &str) -> Option<Place<'_>> {
        let value = self.root.pointer(pointer)?;
        match value.get("$ref").and_then(Json::as_str) {
            Some(reference) => self.at(reference.strip_prefix('#')?),
            None => Some(Place {
                pointer: pointer.to_owned(),
                value,
            }),
        }
    }

    /// A member of a place, references followed.
    pub(crate) fn member(&self, place: &Place<'_>, key: &str) -> Option<Place<'_>> {
        self.at(&format!("{}/{}", place.pointer, escaped(key)))
    }

    /// All members of a place, by key.
    pub(crate) fn members<'d>(&'d self, place: &Place<'d>) -> Vec<(&'d str, Place<'d>)> {
        let entries = place.value.as_object().into_iter().flatten();
        entries
            .filter_map(|(key, _)| Some((key.as_str(), self.member(place, key)?)))
            .collect()
    }

    /// Every operation: method, path, place.
    pub(crate) fn operations(&self) -> Vec<(&str, &str, Place<'_>)> {
        let paths = self.at("/paths").expect("there are paths");
        let mut operations = Vec::new();
        for (path, item) in self.members(&paths) {
            for (method, operation) in self.members(&item) {
                if METHODS.contains(&method) {
                    operations.push((method, path, operation));
                }
            }
        }
        operations
    }

    /// What a request asks for; `target` is its path and query.
    pub(crate) fn asked(&self, method: &str, target: &str) -> Asked<'_> {
        let path = target.split('?').next().unwrap_or_default();
        let path = path.strip_suffix('/').unwrap_or(path);
        let paths = self.at("/paths").expect("there are paths");
        let items = self.members(&paths).into_iter();
        let item = items.into_iter().find(|(template, _)| fits(template, path));
        let Some((path, item)) = item else {
            return Asked::Nothing(self.at("/x-other-paths").expect("it says what is not there"));
        };
        match self.member(&item, &method.to_ascii_lowercase()) {
            // Methods are written in capitals.
            Some(operation) if method.chars().all(|letter| letter.is_ascii_uppercase()) => {
                Asked::Operation(path, operation)
            }
            Some(_) | None => {
                let other = self.member(&item, "x-other-methods");
                Asked::Nothing(other.expect("it says what other methods get"))
            }
        }
    }

    /// The answer of an operation that is listed for a status, or for its class.
    pub(crate) fn answer(&self, operation: &Place<'_>, status: u16) -> Option<(String, Place<'_>)> {
        let responses = self.member(operation, "responses")?;
        let keys = [status.to_string(), format!("{}XX", status / 100)];
        keys.into_iter()
            .find_map(|key| Some((key.clone(), self.member(&responses, &key)?)))
    }

    /// The answer of an operation for every status that is not listed.
    pub(crate) fn default_answer(&self, operation: &Place<'_>) -> Option<Place<'_>> {
        let responses = self.member(operation, "responses")?;
        self.member(&responses, "default")
    }

    /// What is wrong with a value by the schema at a pointer: one sentence for each place.
    pub(crate) fn disagreements(&self, pointer: &str, value: &Json) -> Vec<String> {
        let validator = self.validator(pointer);
        let told = validator.iter_errors(value).map(|error| {
            let keyword = error.schema_path().as_str().rsplit('/').next().unwrap_or_default();
            let at = match error.instance_path().as_str() {
                "" => String::new(),
                path => format!("{path}, "),
            };
            format!("{error} ({at}by `{keyword}` of #{pointer})")
        });
        told.collect()
    }

    fn validator(&self, pointer: &str) -> Rc<Validator> {
        let mut validators = self.validators.borrow_mut();
        let made = validators.entry(pointer.to_owned()).or_insert_with(|| {
            // The whole document, so that what the schema refers to is there.
            let mut schema = self.root.clone();
            schema["$ref"] = format!("#{pointer}").into();
            let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
            let validator = options.should_validate_formats(true).build(&schema);
            Rc::new(validator.expect("the place holds a schema"))
        });
        made.clone()
    }
}

/// A key as pointers write it.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Whether a path is one of a template, whose names in braces stand for one segment each.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(wanted, found)| {
            if wanted.starts_with('{') {
                !found.is_empty()
            } else {
                wanted == found
            }
        })
}
