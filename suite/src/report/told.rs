//! A case in one line, for views that have room for no more: where to look, and what is wrong there.
//!
//! The whole story is told by `failure`.

use crate::evidence::{Case, Place};

/// The first difference or doubt and its place; without one, the reason and the place of the case.
pub(super) fn first_line(case: &Case) -> (&Place, String) {
    let mismatch = case.steps.iter().flat_map(|step| &step.mismatches).next();
    let doubt = case.steps.iter().flat_map(|step| &step.doubts).next();
    match (mismatch, doubt) {
        (Some(it), _) => (
            &it.at,
            format!("{}: expected {}, found {}", it.part, it.expected, it.found),
        ),
        (None, Some(it)) => (&it.at, format!("could not tell: {}", it.reason)),
        (None, None) => (
            &case.at,
            case.reason.clone().unwrap_or_else(|| case.verdict.to_string()),
        ),
    }
}
