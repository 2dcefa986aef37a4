//! Case files: suites, their cases, and the rows a `for_each` expands to.

use std::collections::{BTreeMap, BTreeSet};

use located_yaml::{Document, Location, Node, Problem, Problems};
use serde_json::Value as Json;

use super::{Context, name};
use crate::spec::model::{Case, Fixtures, Level, Need, Twin};

const KEYS: [&str; 10] = [
    "id",
    "title",
    "requirements",
    "twin",
    "differs",
    "needs",
    "tags",
    "for_each",
    "steps",
    "finally",
];

const NEEDS: [(&str, Need); 2] = [("manual-clock", Need::ManualClock), ("quota", Need::Quota)];

/// The cases of one file; their levels are decided later, when all requirements are known.
pub(crate) fn cases(document: &Document, fixtures: &Fixtures, problems: &mut Problems) -> Vec<Case> {
    let Some(fields) = document.root().fields(&["suite", "about", "cases"], problems) else {
        return Vec::new();
    };
    let suite_node = fields.required("suite", problems);
    let suite = suite_node.and_then(|node| node.string(problems)).unwrap_or_default();
    if let Some(node) = suite_node
        && !suite.is_empty()
        && suite != stem_of(document.file())
    {
        let problem = node.problem("a suite has the name of its file");
        problems.push(problem.hint(format!("`suite: {}`", stem_of(document.file()))));
    }
    if !is_in_a_section(document.file()) {
        let problem = Problem::new(
            Location::start_of(document.file()),
            "this file lies in no section, or below one",
        );
        problems.push(problem.hint("a file of cases is `cases/<section>/<suite>.yaml`"));
    }
    let about = fields
        .required("about", problems)
        .and_then(|node| node.string(problems))
        .unwrap_or_default();
    let nodes = fields
        .required("cases", problems)
        .and_then(|node| node.items(problems))
        .unwrap_or_default();
    let file = File {
        suite,
        about: about.trim(),
        section: section_of(document.file()),
        fixtures,
    };
    let mut cases = Vec::new();
    for (index, node) in nodes.into_iter().enumerate() {
        file.expand(document, node, index, &mut cases, problems);
    }
    cases
}

struct File<'f> {
    suite: &'f str,
    about: &'f str,
    section: String,
    fixtures: &'f Fixtures,
}

impl File<'_> {
    /// One case, or one for each row of its `for_each`.
    fn expand(
        &self,
        document: &Document,
        node: Node<'_>,
        index: usize,
        cases: &mut Vec<Case>,
        problems: &mut Problems,
    ) {
        let Some(fields) = node.fields(&KEYS, problems) else {
            return;
        };
        if let Some(id) = fields.optional("id") {
            name::of_case(id, problems);
        }
        let Some(table) = fields.optional("for_each") else {
            cases.extend(self.case(node, None, problems));
            return;
        };
        let rows = table.entries(problems).unwrap_or_default();
        if rows.is_empty() {
            problems.push(table.problem("`for_each` has no rows"));
        }
        for (name, row) in rows {
            name::of_row(&name, problems);
            let Some(Json::Object(values)) = row.json(problems) else {
                problems.push(
                    row.problem("a row of `for_each` is a mapping")
                        .hint("`name: { key: value }`"),
                );
                continue;
            };
            let replaced: BTreeMap<String, (Json, serde_yaml::Value)> = values
                .into_iter()
                .filter_map(|(key, value)| Some((key.clone(), (value, field(row, &key)?.value().clone()))))
                .collect();
            let rewritten = document.rewritten(&|text| substitute(text, &replaced));
            let Some(node) = nth_case(&rewritten, index) else {
                continue;
            };
            let each = replaced.into_iter().map(|(key, (json, _))| (key, json)).collect();
            cases.extend(self.case(node, Some(Row { name: name.text, each }), problems));
        }
    }

    fn case(&self, node: Node<'_>, row: Option<Row<'_>>, problems: &mut Problems) -> Option<Case> {
        let mut context = Context::new(self.fixtures);
        let case = self.read(&mut context, node, row);
        problems.extend(context.problems);
        case
    }

    fn read(&self, context: &mut Context<'_>, node: Node<'_>, row: Option<Row<'_>>) -> Option<Case> {
        // Unknown keys were reported when the table was expanded.
        let fields = node.fields(&KEYS, &mut Problems::default())?;
        let (suffix, each) = row.map_or_else(Default::default, |row| (format!(".{}", row.name), row.each));
        for key in each.keys() {
            context.scope.add(format!("each.{key}"));
        }
        let id = fields.required("id", &mut context.problems);
        let id_text = id
            .and_then(|node| node.string(&mut context.problems))
            .map(|id| format!("{id}{suffix}"));
        let title = fields.required("title", &mut context.problems);
        let title = title.and_then(|node| node.string(&mut context.problems));
        let requirements = fields.required("requirements", &mut context.problems);
        let requirements = requirements.map(|node| context.located_names(node)).unwrap_or_default();
        let (requirements, cited_at) = requirements.into_iter().unzip();
        let twin = context.twin(&fields);
        let tags = fields
            .optional("tags")
            .map(|node| context.names(node))
            .unwrap_or_default();
        if let Some(node) = fields.optional("needs") {
            for node in node.items(&mut context.problems).unwrap_or_default() {
                let need = node.choice(&NEEDS, &mut context.problems);
                context.needs.extend(need);
            }
        }
        let steps = fields.required("steps", &mut context.problems);
        let steps_node = steps?;
        if steps_node.is_sequence()
            && steps_node
                .items(&mut Problems::default())
                .is_none_or(|it| it.is_empty())
        {
            context.push(steps_node.problem("a case has at least one step"));
        }
        let steps = context.steps(steps_node);
        let finally = fields
            .optional("finally")
            .map(|node| context.steps(node))
            .unwrap_or_default();
        context.refuse_leftovers();
        Some(Case {
            id: id_text?,
            title: title?.trim().to_owned(),
            section: self.section.clone(),
            suite: self.suite.to_owned(),
            about: self.about.to_owned(),
            requirements,
            cited_at,
            level: Level::Recorded,
            twin,
            needs: context.needs.iter().copied().collect(),
            tags,
            fixtures: context.fixtures_used(),
            each,
            steps,
            finally,
            at: id?.location(),
        })
    }
}

impl Context<'_> {
    /// Complains about what steps began and no step finished: calls nobody awaits, values nobody looks at.
    pub(super) fn refuse_leftovers(&mut self) {
        if !self.problems.is_empty() {
            // The step that uses them may be one that could not be read.
            return;
        }
        for (label, at) in std::mem::take(&mut self.open_calls) {
            let problem = Problem::new(at, format!("nobody awaits the answer of `{label}`"));
            self.push(problem.hint(format!("add a step `await: {label}`")));
        }
        for (name, at) in std::mem::take(&mut self.optional_captures) {
            let problem = Problem::new(at, format!("`{name}` is kept and never used"));
            self.push(problem.hint("with `otherwise` it demands nothing of the answer either: take it away"));
        }
    }

    fn names(&mut self, node: Node<'_>) -> Vec<String> {
        self.located_names(node).into_iter().map(|(name, _)| name).collect()
    }

    fn located_names(&mut self, node: Node<'_>) -> Vec<(String, Location)> {
        let items = node.items(&mut self.problems).unwrap_or_default();
        let mut seen = BTreeSet::new();
        let mut names = Vec::new();
        for node in items {
            let Some(name) = node.string(&mut self.problems) else {
                continue;
            };
            if seen.insert(name) {
                names.push((name.to_owned(), node.location()));
            } else {
                self.push(node.problem(format!("`{name}` is named twice")).hint("once is enough"));
            }
        }
        names
    }

    fn twin(&mut self, fields: &located_yaml::Fields<'_>) -> Option<Twin> {
        match (fields.optional("twin"), fields.optional("differs")) {
            (Some(twin), Some(differs)) => Some(Twin {
                case: twin.string(&mut self.problems)?.to_owned(),
                differs: differs.string(&mut self.problems)?.trim().to_owned(),
                at: twin.location(),
            }),
            (Some(twin), None) => {
                let problem = twin.problem("a twin differs in one dimension");
                self.push(problem.hint("name it: `differs: header secret`"));
                None
            }
            (None, Some(differs)) => {
                self.push(differs.problem("`differs` says how this case differs from its `twin`, which is missing"));
                None
            }
            (None, None) => None,
        }
    }
}

struct Row<'r> {
    name: &'r str,
    each: BTreeMap<String, Json>,
}

/// The text with every `${each.KEY}` replaced; the value itself when there is nothing else in the text.
fn substitute(text: &str, row: &BTreeMap<String, (Json, serde_yaml::Value)>) -> Option<serde_yaml::Value> {
    if !text.contains("${each.") {
        return None;
    }
    let mut out = text.to_owned();
    for (key, (json, value)) in row {
        let reference = format!("${{each.{key}}}");
        if text == reference {
            return Some(value.clone());
        }
        let written = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
        out = out.replace(&reference, &written);
    }
    Some(serde_yaml::Value::String(out))
}

fn field<'a>(node: Node<'a>, key: &str) -> Option<Node<'a>> {
    let entries = node.entries(&mut Problems::default())?;
    entries
        .into_iter()
        .find(|(name, _)| name.text == key)
        .map(|(_, node)| node)
}

fn nth_case(document: &Document, index: usize) -> Option<Node<'_>> {
    field(document.root(), "cases")?
        .items(&mut Problems::default())?
        .into_iter()
        .nth(index)
}

/// The folder a case file lies in, such as `running` of `specs/cases/running/sync-fallback.yaml`.
fn section_of(file: &str) -> String {
    let mut parts = file.rsplit('/');
    parts.next();
    parts.next().unwrap_or_default().to_owned()
}

/// Whether a file is exactly one folder away from `cases`.
fn is_in_a_section(file: &str) -> bool {
    file.rsplit('/').nth(2) == Some("cases")
}

/// The name of a file without its folders and its ending.
fn stem_of(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.strip_suffix(".yaml").unwrap_or(name)
}
