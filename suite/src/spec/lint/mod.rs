//! Whether the specs as a whole hang together: ids, citations, levels, twins, facts, fixtures and coverage.
//!
//! Each rule is a function of everything that was read. What is wrong with one place is `lower`'s business.

mod citations;
mod facts;
mod leftovers;
mod power;
mod probes;
mod rests;
mod twins;

use std::collections::BTreeSet;

use located_yaml::Problems;

use super::model::Specs;
use super::source::Kind;

/// Decides every case's level and reports what does not hang together.
///
/// Of the kinds in `broken` not everything could be read, so nothing is said about what is missing there.
pub(super) fn lint(specs: &mut Specs, broken: &BTreeSet<Kind>, problems: &mut Problems) {
    let whole = |kinds: &[Kind]| kinds.iter().all(|kind| !broken.contains(kind));
    citations::requirement_ids(specs, problems);
    citations::case_ids(specs, problems);
    citations::decide_levels(specs, problems);
    if whole(&[Kind::Requirements]) {
        citations::exist(specs, problems);
        power::requirements_exist(specs, problems);
    }
    facts::names(specs, problems);
    twins::are_positive(specs, problems);
    twins::belong_to_refusals(specs, problems);
    if whole(&[Kind::Cases]) {
        twins::exist(specs, problems);
    }
    if whole(&[Kind::Requirements]) {
        // Of a requirement that could not be read nobody knows the level.
        rests::on_observations(specs, problems);
        rests::on_twins(specs, problems);
        rests::on_fixtures(specs, problems);
    }
    if whole(&[Kind::Cases, Kind::Fixtures]) {
        leftovers::fixtures(specs, problems);
    }
    if whole(&[Kind::Fixtures, Kind::Probes]) {
        probes::cover_the_fixtures(specs, problems);
    }
    if whole(&[Kind::Cases, Kind::Requirements]) {
        leftovers::requirements(specs, problems);
    }
}

#[cfg(test)]
mod tests;
