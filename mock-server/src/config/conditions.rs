//! Conditions as they are written.
//!
//! Only reads; `workflow::condition` applies them.

use located_yaml::{Fields, Node, Problems};

use crate::config::reader::items;
use crate::workflow::condition::{Condition, Test};
use crate::workflow::template::parse_path;

/// What a condition can begin with.
const FORMS: [&str; 4] = ["path", "all", "any", "not"];

/// What can be asked of a path.
const TESTS: [&str; 3] = ["equals", "contains", "exists"];

/// Reads a condition.
pub(super) fn read_condition(node: Node<'_>, problems: &mut Problems) -> Option<Condition> {
    let fields = node.fields(&[FORMS.as_slice(), TESTS.as_slice()].concat(), problems)?;
    let forms: Vec<_> = FORMS.into_iter().filter(|form| fields.key(form).is_some()).collect();
    let &[form] = forms.as_slice() else {
        let problem = node.problem("a condition has one of `path`, `all`, `any` and `not`");
        problems.push(problem.hint("such as { path: $.event.kind, equals: alert }"));
        return None;
    };
    let value = fields.optional(form)?;
    if form != "path"
        && let Some(test) = TESTS.into_iter().find_map(|test| fields.key(test))
    {
        problems.push(test.problem(format!("`{}` tests what a `path` finds", test.text)));
    }
    match form {
        "path" => read_tests(value, &fields, problems),
        "all" => Some(Condition::All(read_conditions(value, problems))),
        "any" => Some(Condition::Any(read_conditions(value, problems))),
        _ => read_condition(value, problems).map(|condition| Condition::Not(Box::new(condition))),
    }
}

fn read_conditions(node: Node<'_>, problems: &mut Problems) -> Vec<Condition> {
    items(Some(node), problems)
        .into_iter()
        .filter_map(|item| read_condition(item, problems))
        .collect()
}

fn read_tests(node: Node<'_>, fields: &Fields<'_>, problems: &mut Problems) -> Option<Condition> {
    let path = match parse_path(node.string(problems)?) {
        Ok(path) => path,
        Err(error) => {
            problems.push(node.problem(error.to_string()).hint("paths begin with `$.event`"));
            return None;
        }
    };
    let mut tests = Vec::new();
    if let Some(value) = fields.optional("equals") {
        tests.push(Test::Equals(value.json(problems)?));
    }
    if let Some(value) = fields.optional("contains") {
        tests.push(Test::Contains(value.json(problems)?));
    }
    if let Some(value) = fields.optional("exists") {
        tests.push(if value.boolean(problems)? {
            Test::Present
        } else {
            Test::Absent
        });
    }
    if tests.is_empty() {
        tests.push(Test::Present);
    }
    Some(Condition::All(
        tests
            .into_iter()
            .map(|test| Condition::Path(path.clone(), test))
            .collect(),
    ))
}
