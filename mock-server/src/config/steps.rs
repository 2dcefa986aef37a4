//! Steps as they are written.
//!
//! Only reads; `workflow::script` follows them.

use located_yaml::{Fields, Node, Problems};
use serde_json::Value;

use crate::behaviour::knob::Knob;
use crate::config::conditions::read_condition;
use crate::config::reader::{entries, items};
use crate::workflow::script::check_wait;
use crate::workflow::step::{Exit, Parameter, ParameterType, Step};
use crate::workflow::template::Template;

/// What a step can do.
const ACTIONS: [&str; 6] = ["wait", "when", "exit", "fail", "stop", "hold"];

/// What goes with `when`.
const BRANCHES: [&str; 2] = ["then", "else"];

/// Reads a list of steps, leaving out those that cannot be read.
pub(crate) fn read_steps(node: Node<'_>, problems: &mut Problems) -> Vec<Step> {
    items(Some(node), problems)
        .into_iter()
        .filter_map(|item| read_step(item, problems))
        .collect()
}

fn read_step(node: Node<'_>, problems: &mut Problems) -> Option<Step> {
    let fields = node.fields(&[ACTIONS.as_slice(), BRANCHES.as_slice()].concat(), problems)?;
    let actions: Vec<_> = ACTIONS
        .into_iter()
        .filter(|action| fields.key(action).is_some())
        .collect();
    let &[action] = actions.as_slice() else {
        let problem = node.problem("a step has one of `wait`, `when`, `exit`, `fail`, `stop` and `hold`");
        problems.push(problem.hint("write every step as an item of its own"));
        return None;
    };
    if action != "when"
        && let Some(branch) = BRANCHES.into_iter().find_map(|branch| fields.key(branch))
    {
        problems.push(branch.problem(format!("`{}` goes with `when`", branch.text)));
    }
    let value = fields.optional(action)?;
    match action {
        "wait" => read_wait(value, problems),
        "when" => read_when(value, &fields, problems),
        "exit" => read_exit(value, problems).map(Step::Exit),
        "fail" => read_template(value, problems).map(Step::Fail),
        "stop" => read_template(value, problems).map(Step::Stop),
        _ => value.string(problems).map(|name| Step::Hold(name.into())),
    }
}

fn read_wait(node: Node<'_>, problems: &mut Problems) -> Option<Step> {
    let template = read_template(node, problems)?;
    if let Err(reason) = check_wait(&template) {
        problems.push(
            node.problem(reason)
                .hint("write a number of seconds, a duration such as 70s, or a template"),
        );
        return None;
    }
    Some(Step::Wait(template))
}

fn read_when(node: Node<'_>, fields: &Fields<'_>, problems: &mut Problems) -> Option<Step> {
    let condition = read_condition(node, problems);
    let then = fields.required("then", problems).map(|node| read_steps(node, problems));
    let otherwise = fields
        .optional("else")
        .map(|node| read_steps(node, problems))
        .unwrap_or_default();
    Some(Step::When {
        condition: condition?,
        then: then?,
        otherwise,
    })
}

fn read_exit(node: Node<'_>, problems: &mut Problems) -> Option<Exit> {
    let fields = node.fields(&["parameters", "json"], problems)?;
    match (fields.optional("parameters"), fields.optional("json")) {
        (Some(_), Some(_)) => {
            problems.push(node.problem("an Exit operator has parameters or is in JSON mode, not both"));
            None
        }
        (None, Some(json)) => read_template(json, problems).map(Exit::Json),
        (parameters, None) => Some(Exit::Parameters(
            entries(parameters, problems)
                .into_iter()
                .filter_map(|(key, node)| read_parameter(key.text, node, problems))
                .collect(),
        )),
    }
}

/// A parameter is `{ type: …, value: … }`, or a bare value that takes whatever it gets.
fn read_parameter(name: &str, node: Node<'_>, problems: &mut Problems) -> Option<Parameter> {
    let name = name.to_owned();
    if !node.is_mapping() || !node.has("type") {
        return Some(Parameter {
            name,
            declared: None,
            value: Some(read_template(node, problems)?),
        });
    }
    let fields = node.fields(&["type", "value"], problems)?;
    let declared = fields
        .optional("type")
        .and_then(|node| ParameterType::read(node, problems));
    let value = match fields.optional("value") {
        Some(node) => Some(read_template(node, problems)?),
        None => None,
    };
    Some(Parameter {
        name,
        declared: Some(declared?),
        value,
    })
}

fn read_template(node: Node<'_>, problems: &mut Problems) -> Option<Template> {
    let value: Value = node.json(problems)?;
    match Template::parse(&value) {
        Ok(template) => Some(template),
        Err(error) => {
            problems.push(
                node.problem(error.to_string())
                    .hint("a template is `{{ $.event.key }}`"),
            );
            None
        }
    }
}
