//! The evidence itself, as it is stored.
//!
//! Adds nothing and leaves nothing out.

use crate::evidence::Evidence;

/// The evidence as JSON, indented, with a line break at its end.
#[must_use]
pub fn to_json(evidence: &Evidence) -> String {
    let text = serde_json::to_string_pretty(evidence);
    text.expect("its keys are texts and its numbers are finite") + "\n"
}
