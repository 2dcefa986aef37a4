//! `torq-mock faults`: every deliberate defect, by the requirement it breaks.
//!
//! Text from the catalogue; what a defect does is the library's.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::{Value, json};
use torq_mock_server::fault::{Fault, catalogue};

/// How the list is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people, grouped.
    Text,
    /// For programs: an array, in the order of the catalogue.
    Json,
}

const WRITTEN: &str = "a String takes everything that is written";

/// The whole list.
pub(super) fn list(format: Format) -> String {
    match format {
        Format::Text => text(catalogue()),
        Format::Json => {
            let faults: Value = catalogue().iter().map(document).collect();
            format!("{faults:#}\n")
        }
    }
}

fn document(fault: &Fault) -> Value {
    json!({ "name": fault.name, "about": fault.about, "violates": fault.violates, "set": settings(fault) })
}

/// What a configuration would say under `behaviour`, one line for each knob.
fn settings(fault: &Fault) -> Vec<String> {
    fault
        .knobs
        .iter()
        .map(|(knob, value)| format!("{knob}: {value}"))
        .collect()
}

fn text(faults: &[Fault]) -> String {
    let mut text = format!(
        "{} faults, by the requirement each of them breaks first; `also` names the others.\n",
        faults.len()
    );
    let mut groups: Vec<&str> = Vec::new();
    for first in faults.iter().filter_map(|fault| fault.violates.first()) {
        if !groups.contains(&first.as_str()) {
            groups.push(first);
        }
    }
    for group in groups {
        write!(text, "\n{group}\n").expect(WRITTEN);
        let of_the_group = |fault: &&Fault| fault.violates.first().is_some_and(|first| first == group);
        for fault in faults.iter().filter(of_the_group) {
            write!(text, "  {}\n      {}\n", fault.name, fault.about).expect(WRITTEN);
            writeln!(text, "      sets {}", settings(fault).join(", ")).expect(WRITTEN);
            if let [_, others @ ..] = fault.violates.as_slice()
                && !others.is_empty()
            {
                writeln!(text, "      also {}", others.join(", ")).expect(WRITTEN);
            }
        }
    }
    text
}
