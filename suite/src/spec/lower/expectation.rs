//! Expectations, captures and facts: what is asked of an answer and what is taken from it.

use located_yaml::{Fields, Node, Problems};
use serde_json_path::JsonPath;

use super::Context;
use super::limit::Quantity;
use crate::spec::model::{
    Answers, BurstLimit, Capture, Expectation, Extract, Fact, FactSource, JsonCheck, Located, Matcher, Window,
};

/// The parts of an expectation that are about one answer.
const ONE_ANSWER: [&str; 7] = ["status", "headers", "body", "json", "answered", "any_of", "not"];
/// The parts that are about all answers of a burst.
const MANY_ANSWERS: [&str; 3] = ["answers", "limit", "each"];

/// Where a value can be taken from.
const SOURCES: [&str; 6] = ["first", "json", "header", "body", "status", "keys"];
/// What a capture can say besides.
const OTHERWISE: &str = "otherwise";

/// What an expectation is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    OneAnswer,
    Burst,
}

impl Context<'_> {
    pub(super) fn expectation(&mut self, node: Node<'_>, subject: Subject) -> Option<Expectation> {
        let known: Vec<&str> = match subject {
            Subject::OneAnswer => ONE_ANSWER.to_vec(),
            Subject::Burst => MANY_ANSWERS.to_vec(),
        };
        if let Some(entries) = node.entries(&mut Problems::default()) {
            let misplaced =
                |text: &str| !known.contains(&text) && (ONE_ANSWER.contains(&text) || MANY_ANSWERS.contains(&text));
            if let Some((key, _)) = entries.iter().find(|(key, _)| misplaced(key.text)) {
                let hint = match subject {
                    Subject::OneAnswer => "it describes the answers of a `burst`",
                    Subject::Burst => "a burst has many answers: put it under `each`",
                };
                let problem = key.problem(format!("`{}` does not fit here", key.text));
                self.push(problem.hint(hint));
                return None;
            }
        }
        let fields = node.fields(&known, &mut self.problems)?;
        if fields.iter().next().is_none() {
            self.push(node.problem("an empty expectation asks for nothing"));
            return None;
        }
        let before = self.problems.len();
        let status = fields.optional("status").and_then(|node| self.located_matcher(node));
        let headers = match fields.optional("headers") {
            Some(node) => {
                let entries = node.entries(&mut self.problems).unwrap_or_default();
                let entries = entries.into_iter();
                entries
                    .filter_map(|(key, node)| Some((key.text.to_owned(), self.located_matcher(node)?)))
                    .collect()
            }
            None => Vec::new(),
        };
        let body = fields.optional("body").and_then(|node| self.located_matcher(node));
        let json = fields
            .optional("json")
            .map(|node| self.json_checks(node))
            .unwrap_or_default();
        let answered = fields.optional("answered").and_then(|node| self.window(node));
        let any_of = match fields.optional("any_of") {
            Some(node) => {
                let items = node.items(&mut self.problems).unwrap_or_default();
                items
                    .into_iter()
                    .filter_map(|node| self.expectation(node, subject))
                    .collect()
            }
            None => Vec::new(),
        };
        let not = fields
            .optional("not")
            .and_then(|node| self.expectation(node, subject))
            .map(Box::new);
        let answers = fields.optional("answers").and_then(|node| self.answers(node));
        let limit = fields.optional("limit").and_then(|node| self.limit(node));
        let each = fields.optional("each").map(|node| self.each(node)).unwrap_or_default();
        let expectation = Expectation {
            status,
            headers,
            body,
            json,
            answered,
            any_of,
            not,
            answers,
            limit,
            each,
            at: node.location(),
        };
        (self.problems.len() == before).then_some(expectation)
    }

    fn located_matcher(&mut self, node: Node<'_>) -> Option<Located<Matcher>> {
        self.matcher(node).map(|value| Located {
            value,
            at: node.location(),
        })
    }

    fn json_checks(&mut self, node: Node<'_>) -> Vec<JsonCheck> {
        let mut checks = Vec::new();
        for (key, node) in node.entries(&mut self.problems).unwrap_or_default() {
            let path = self.path(key.text, || key.problem(""));
            if let (Some(path), Some(matcher)) = (path, self.matcher(node)) {
                checks.push(JsonCheck {
                    text: key.text.to_owned(),
                    path,
                    matcher,
                    at: key.location.clone(),
                });
            }
        }
        checks
    }

    fn path(&mut self, text: &str, problem: impl Fn() -> located_yaml::Problem) -> Option<JsonPath> {
        match JsonPath::parse(text) {
            Ok(path) => Some(path),
            Err(error) => {
                let mut problem = problem();
                problem.message = format!("`{text}` is no JSON path: {}", error.message());
                self.push(problem.hint("paths are RFC 9535: `$` for the whole body, `$.key`, `$.list[0]`, `$..key`"));
                None
            }
        }
    }

    fn window(&mut self, node: Node<'_>) -> Option<Located<Window>> {
        let fields = node.fields(&["after", "before"], &mut self.problems)?;
        let mut end = |key: &str| fields.optional(key).map(|node| self.quantity(node, Quantity::Time));
        let (after, before) = (end("after"), end("before"));
        if after.is_none() && before.is_none() {
            self.push(node.problem("a window needs `after` or `before`"));
            return None;
        }
        let value = Window {
            after: transpose(after)?,
            before: transpose(before)?,
        };
        Some(Located {
            value,
            at: node.location(),
        })
    }

    fn answers(&mut self, node: Node<'_>) -> Option<Located<Answers>> {
        let mut value = Answers {
            by_status: Vec::new(),
            other: None,
        };
        for (key, node) in node.entries(&mut self.problems)? {
            let matcher = self.matcher(node)?;
            self.refuse_limits_of(node, &matcher);
            match status_of(key.text) {
                Some(status) => value.by_status.push((status, matcher)),
                None if key.text == "other" => value.other = Some(matcher),
                None => {
                    let problem = key.problem(format!("`{}` is no status code", key.text));
                    self.push(problem.hint("name statuses such as \"429\", or `other` for all the rest"));
                }
            }
        }
        Some(Located {
            value,
            at: node.location(),
        })
    }

    fn limit(&mut self, node: Node<'_>) -> Option<Located<BurstLimit>> {
        let fields = node.fields(&["at_most", "per", "refused"], &mut self.problems)?;
        let at_most = fields
            .required("at_most", &mut self.problems)
            .and_then(|node| self.quantity(node, Quantity::Count));
        let per = fields
            .required("per", &mut self.problems)
            .and_then(|node| self.quantity(node, Quantity::Time));
        let refused = fields.required("refused", &mut self.problems).and_then(|node| {
            let number = node.integer(&mut self.problems)?;
            let status = u16::try_from(number).ok().filter(|status| (100..600).contains(status));
            if status.is_none() {
                self.push(node.problem("this is no status code"));
            }
            status
        });
        let value = BurstLimit {
            at_most: at_most?,
            per: per?,
            refused: refused?,
        };
        Some(Located {
            value,
            at: node.location(),
        })
    }

    fn each(&mut self, node: Node<'_>) -> Vec<(Option<u16>, Expectation)> {
        let entries = node.entries(&mut self.problems).unwrap_or_default();
        if !entries.iter().any(|(key, _)| status_of(key.text).is_some()) {
            return self
                .expectation(node, Subject::OneAnswer)
                .map(|it| (None, it))
                .into_iter()
                .collect();
        }
        let mut each = Vec::new();
        for (key, node) in entries {
            match status_of(key.text) {
                Some(status) => {
                    each.extend(self.expectation(node, Subject::OneAnswer).map(|it| (Some(status), it)));
                }
                None => self.push(key.problem(format!("`{}` is no status code", key.text))),
            }
        }
        each
    }

    /// `capture: { name: source }`; the names are known from the next step on.
    pub(super) fn captures(&mut self, node: Node<'_>) -> Vec<Capture> {
        let mut captures = Vec::new();
        for (key, node) in node.entries(&mut self.problems).unwrap_or_default() {
            let usable = key
                .text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !usable || key.text.is_empty() {
                let problem = key.problem(format!("`{}` is no name for a capture", key.text));
                self.push(problem.hint("use lower-case letters, digits and underscores"));
                continue;
            }
            let Some(fields) = node.fields(&[&SOURCES[..], &[OTHERWISE]].concat(), &mut self.problems) else {
                continue;
            };
            let otherwise = match fields.optional(OTHERWISE) {
                Some(node) => self.text(node).map(Some),
                None => Some(None),
            };
            let extract = self.extract(&fields);
            if otherwise.is_some() && fields.optional(OTHERWISE).is_some() {
                self.optional_captures.insert(key.text.to_owned(), key.location.clone());
            }
            self.scope.add(key.text);
            if let (Some(extract), Some(otherwise)) = (extract, otherwise) {
                captures.push(Capture {
                    name: key.text.to_owned(),
                    extract,
                    otherwise,
                    at: key.location,
                });
            }
        }
        captures
    }

    /// Where a value is taken from: exactly one source.
    fn extract(&mut self, fields: &Fields<'_>) -> Option<Extract> {
        let sources: Vec<_> = SOURCES
            .iter()
            .filter_map(|key| Some((*key, fields.optional(key)?)))
            .collect();
        let [(key, source)] = sources.as_slice() else {
            let understood = |text: &str| SOURCES.contains(&text) || text == OTHERWISE;
            if !fields.iter().all(|(key, _)| understood(key.text)) {
                // The key that was meant is told already.
                return None;
            }
            let problem = fields.node().problem("name exactly one source");
            self.push(problem.hint(
                "one of `first: uuid`, `json: PATH`, `header: NAME`, `body: PATTERN`, `status: true`, `keys: PATH`",
            ));
            return None;
        };
        match *key {
            "first" => source
                .choice(&[("uuid", ())], &mut self.problems)
                .map(|()| Extract::FirstUuid),
            "json" => {
                let text = source.string(&mut self.problems)?;
                self.path(text, || source.problem("")).map(Extract::Json)
            }
            "keys" => {
                let text = source.string(&mut self.problems)?;
                self.path(text, || source.problem("")).map(Extract::Keys)
            }
            "header" => source
                .string(&mut self.problems)
                .map(|name| Extract::Header(name.to_owned())),
            "status" => source
                .choice(&[("true", ())], &mut self.problems)
                .map(|()| Extract::Status),
            _ => {
                let pattern = self.pattern(*source)?;
                if pattern.regex.captures_len() != 2 {
                    let problem = source.problem("the pattern needs exactly one group");
                    self.push(problem.hint("put parentheses around what is wanted, `(?:…)` around the rest"));
                    return None;
                }
                Some(Extract::Body(pattern))
            }
        }
    }

    /// `observe: { fact: … }`.
    pub(super) fn facts(&mut self, node: Node<'_>, subject: Subject) -> Vec<Fact> {
        let mut facts = Vec::new();
        for (key, node) in node.entries(&mut self.problems).unwrap_or_default() {
            let known: &[&str] = match subject {
                Subject::Burst => &["choices", "value", "limiter"],
                Subject::OneAnswer => &["choices", "value"],
            };
            let Some(fields) = node.fields(known, &mut self.problems) else {
                continue;
            };
            let limiter = match subject {
                Subject::Burst => fields.optional("limiter"),
                Subject::OneAnswer => None,
            };
            let source = match (fields.optional("choices"), fields.optional("value"), limiter) {
                (None, None, Some(limiter)) => match self.limit(limiter) {
                    Some(limit) => FactSource::Limiter(limit.value),
                    None => continue,
                },
                (Some(choices), None, None) => {
                    let entries = choices.entries(&mut self.problems).unwrap_or_default();
                    let entries = entries.into_iter();
                    let choices: Vec<_> = entries
                        .filter_map(|(name, node)| Some((name.text.to_owned(), self.expectation(node, subject)?)))
                        .collect();
                    FactSource::Choices(choices)
                }
                (None, Some(value), None) => {
                    let source = value.fields(&SOURCES, &mut self.problems);
                    match source.and_then(|fields| self.extract(&fields)) {
                        Some(extract) => FactSource::Value(extract),
                        None => continue,
                    }
                }
                (None, None, None) | (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
                    self.push(node.problem("a fact has either `choices` or a `value`"));
                    continue;
                }
            };
            facts.push(Fact {
                name: key.text.to_owned(),
                source,
                at: key.location,
            });
        }
        facts
    }
}

fn transpose<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
        None => Some(None),
    }
}

fn status_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (100..600).contains(status))
}
