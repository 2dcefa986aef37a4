//! How the mock is configured where many cases run on it, right or with a fault.
//!
//! Writes a configuration; runs nothing. Shared by the programs that try faults.

use torq_conformance::spec::model::Fixtures;

/// What the mock takes for the payload limit, which nobody publishes, so that bodies of that size cost little.
const SMALL_BODIES: &str = "behaviour: { payload: { limit: 131072 } }";

/// The fixtures on a mock with this fault, or with none.
pub(crate) fn configuration(fixtures: &Fixtures, fault: Option<&str>) -> String {
    let faults = fault.map_or_else(String::new, |name| format!("faults: [{name}]\n"));
    format!("{}\n{SMALL_BODIES}\n{faults}", fixtures.text)
}
