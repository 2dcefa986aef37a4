//! Reading the list of faults that is built into the program: `specs/faults.yaml`.
//!
//! Only reads; that the list is right is tested, here and by the suite.

use std::sync::LazyLock;

use located_yaml::{Document, Node, Problems};
use serde_json::Value;

use super::Fault;

const FILE: &str = "specs/faults.yaml";
const TEXT: &str = include_str!("../../../specs/faults.yaml");

static CATALOGUE: LazyLock<Vec<Fault>> = LazyLock::new(|| {
    // That there are no problems is tested.
    read(FILE, TEXT).unwrap_or_default()
});

/// Every fault there is, in the order of the list.
#[must_use]
pub fn catalogue() -> &'static [Fault] {
    &CATALOGUE
}

/// Reads a list of faults; what their changes mean is not looked at.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Fault>, Problems> {
    let document = Document::parse(file, text)?;
    let mut problems = Problems::default();
    let fields = document.root().fields(&["faults"], &mut problems);
    let list = fields.and_then(|fields| fields.required("faults", &mut problems));
    let items = list.and_then(|list| list.items(&mut problems)).unwrap_or_default();
    let faults = items
        .into_iter()
        .filter_map(|item| fault(item, &mut problems))
        .collect();
    if problems.is_empty() { Ok(faults) } else { Err(problems) }
}

fn fault(node: Node<'_>, problems: &mut Problems) -> Option<Fault> {
    let fields = node.fields(&["name", "about", "violates", "behaviour"], problems)?;
    let name = fields.required("name", problems)?.string(problems)?;
    let about = fields.required("about", problems)?.string(problems)?;
    let violates = fields.required("violates", problems)?.items(problems)?;
    let violates = violates
        .into_iter()
        .filter_map(|item| item.string(problems).map(str::to_owned))
        .collect();
    let change = fields.required("behaviour", problems)?.json(problems)?;
    Some(Fault {
        name: name.to_owned(),
        about: about.to_owned(),
        violates,
        knobs: knobs(&change),
        change: change.to_string(),
    })
}

/// The knobs of a change by their full names.
fn knobs(change: &Value) -> Vec<(String, String)> {
    let sections = change.as_object().into_iter().flatten();
    let knobs = sections.flat_map(|(section, knobs)| {
        let knobs = knobs.as_object().into_iter().flatten();
        knobs.map(move |(knob, value)| (format!("{section}.{knob}"), written(value)))
    });
    knobs.collect()
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
