//! Matchers: descriptions of one value.

use located_yaml::Node;
use regex::Regex;

use super::Context;
use crate::spec::model::{Kind, Matcher, Pattern, Template};

const KINDS: [(&str, Kind); 11] = [
    ("uuid", Kind::Uuid),
    ("timestamp", Kind::Timestamp),
    ("string", Kind::String),
    ("number", Kind::Number),
    ("integer", Kind::Integer),
    ("boolean", Kind::Boolean),
    ("array", Kind::Array),
    ("object", Kind::Object),
    ("null", Kind::Null),
    ("absent", Kind::Absent),
    ("present", Kind::Present),
];

const KEYS: [&str; 13] = [
    "equals", "any_of", "all", "not", "is", "pattern", "contains", "at_least", "at_most", "exact", "subset", "length",
    "each",
];

impl Context<'_> {
    /// A matcher: a bare value for equality, or a mapping with one matcher key (`at_least` and `at_most` go together).
    pub(super) fn matcher(&mut self, node: Node<'_>) -> Option<Matcher> {
        if node.is_sequence() {
            let problem = node.problem("a list is no matcher");
            self.push(
                problem.hint("write `{ equals: [...] }` for the list itself, `{ any_of: [...] }` for one of several"),
            );
            return None;
        }
        if !node.is_mapping() {
            return self.template(node).map(Matcher::Equals);
        }
        let known: Vec<&str> = KEYS.into_iter().chain(["some"]).collect();
        let fields = node.fields(&known, &mut self.problems)?;
        let present: Vec<_> = fields
            .iter()
            .filter(|(key, _)| known.contains(&key.text))
            .cloned()
            .collect();
        let range = present
            .iter()
            .all(|(key, _)| matches!(key.text, "at_least" | "at_most"));
        match present.as_slice() {
            [] => {
                let problem = node.problem("this mapping describes nothing");
                self.push(problem.hint("a JSON object to compare with stands under `equals`, `exact` or `subset`"));
                None
            }
            _ if range => {
                let mut end = |key: &str| match fields.optional(key) {
                    Some(node) => self.expression(node).map(Some),
                    None => Some(None),
                };
                let (at_least, at_most) = (end("at_least"), end("at_most"));
                Some(Matcher::Range {
                    at_least: at_least?,
                    at_most: at_most?,
                })
            }
            [(key, node)] => self.one(key.text, *node),
            [_, (second, _), ..] => {
                let problem = second.problem(format!("`{}` stands beside another matcher", second.text));
                self.push(problem.hint("combine them with `all: [ … ]`"));
                None
            }
        }
    }

    fn one(&mut self, key: &str, node: Node<'_>) -> Option<Matcher> {
        match key {
            "equals" => self.template(node).map(Matcher::Equals),
            "exact" => self.template(node).map(Matcher::Exact),
            "subset" => self.described(node).map(Matcher::Subset),
            "contains" => self.template(node).map(Matcher::Contains),
            "any_of" => self.matchers(node).map(Matcher::AnyOf),
            "all" => self.matchers(node).map(Matcher::All),
            "not" => self.matcher(node).map(|inner| Matcher::Not(Box::new(inner))),
            "length" => self.matcher(node).map(|inner| Matcher::Length(Box::new(inner))),
            "each" => self.matcher(node).map(|inner| Matcher::Each(Box::new(inner))),
            "some" => self.matcher(node).map(|inner| Matcher::Some(Box::new(inner))),
            // YAML reads the word `null` as nothing at all; with nothing written there is no word to read.
            "is" if node.is_null() && node.location().length > 0 => Some(Matcher::Is(Kind::Null)),
            "is" => node.choice(&KINDS, &mut self.problems).map(Matcher::Is),
            "pattern" => self.pattern(node).map(Matcher::Pattern),
            // `fields` has complained about every other key.
            _ => None,
        }
    }

    fn matchers(&mut self, node: Node<'_>) -> Option<Vec<Matcher>> {
        let items = node.items(&mut self.problems)?;
        if items.is_empty() {
            self.push(node.problem("an empty list matches nothing"));
            return None;
        }
        let items: Vec<_> = items.into_iter().map(|node| self.matcher(node)).collect();
        items.into_iter().collect()
    }

    pub(super) fn pattern(&mut self, node: Node<'_>) -> Option<Pattern> {
        let text = node.string(&mut self.problems)?;
        match Regex::new(text) {
            Ok(regex) => Some(Pattern { regex }),
            Err(error) => {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or("it is no regular expression").trim();
                self.push(node.problem(reason.trim_start_matches("error: ").to_owned()));
                None
            }
        }
    }

    /// A document for `subset`, in which `{$match: M}` describes a value instead of giving it.
    fn described(&mut self, node: Node<'_>) -> Option<Template> {
        if node.is_sequence() {
            let items: Vec<_> = node
                .items(&mut self.problems)?
                .into_iter()
                .map(|node| self.described(node))
                .collect();
            return items.into_iter().collect::<Option<_>>().map(Template::Array);
        }
        if !node.is_mapping() {
            return self.template(node);
        }
        let entries = node.entries(&mut self.problems)?;
        if let [(key, inner)] = entries.as_slice()
            && key.text == "$match"
        {
            return self.matcher(*inner).map(|matcher| Template::Match(Box::new(matcher)));
        }
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(key, node)| Some((key.text.to_owned(), self.described(node)?)))
            .collect();
        entries.into_iter().collect::<Option<_>>().map(Template::Object)
    }
}
