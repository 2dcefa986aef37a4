//! Which cases a run consists of: what was asked for, the twins that belong to it, and what the profile declares missing.

mod absence;
mod cover;
mod estimate;
mod filter;
mod schedule;
mod shard;

use std::collections::BTreeSet;

pub use absence::Absence;
pub use cover::Budget;
pub use estimate::{Estimate, Range};
pub use filter::{Filter, FilterError};
pub use schedule::Schedule;
pub use shard::{NoShard, Shard};

use crate::exemption::Exemptions;
use crate::profile::Profile;
use crate::spec::model::{Case, Level, Specs};

/// The cases of a run.
#[derive(Debug)]
pub struct Plan<'s> {
    /// To be run, in the order of their ids.
    pub cases: Vec<&'s Case>,
    /// Not to be run, and why.
    pub unavailable: Vec<(&'s Case, Absence)>,
    /// Not to be run because a budget does not reach so far. Figures count them all the same.
    pub left_out: Vec<&'s Case>,
    /// The part of the whole this is, when it is one.
    pub part: Option<Part>,
    /// How often each case is run; at least once.
    pub repeat: u16,
    /// Failures that are known and excused for a while.
    pub exemptions: Exemptions,
    /// The filters that chose the cases, as they were written.
    pub filters: Vec<String>,
}

/// Which part of a whole a plan is. Figures keep the denominator of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which shard.
    pub shard: Shard,
    /// How many cases the other shards have.
    pub elsewhere: usize,
    /// How many of those are MUST cases.
    pub must_elsewhere: usize,
}

impl Default for Plan<'_> {
    fn default() -> Self {
        Self {
            cases: Vec::new(),
            unavailable: Vec::new(),
            left_out: Vec::new(),
            part: None,
            repeat: 1,
            exemptions: Exemptions::default(),
            filters: Vec::new(),
        }
    }
}

impl<'s> Plan<'s> {
    /// Every case that was asked for, whether or not it is to be run.
    pub fn all(&self) -> impl Iterator<Item = &'s Case> {
        let unavailable = self.unavailable.iter().map(|(case, _)| *case);
        let run = self.cases.iter().copied();
        run.chain(unavailable).chain(self.left_out.iter().copied())
    }

    /// Keeps the cases of one shard; a case and its twin are always on the same one.
    pub fn keep(&mut self, shard: Shard) {
        let all = || self.cases.iter().chain(self.unavailable.iter().map(|(case, _)| case));
        let elsewhere: Vec<_> = all().filter(|case| !shard.has(case)).collect();
        self.part = Some(Part {
            shard,
            elsewhere: elsewhere.len(),
            must_elsewhere: elsewhere.iter().filter(|case| case.level == Level::Must).count(),
        });
        self.cases.retain(|case| shard.has(case));
        self.unavailable.retain(|(case, _)| shard.has(case));
    }
}

/// Chooses the cases that every filter takes, and the twins they need.
///
/// # Errors
/// When a filter cannot be read, or when one of them, a term of one, or all together match nothing, which is a slip of the pen and not an empty run.
pub fn plan<'s>(specs: &'s Specs, filters: &[String], profile: Option<&Profile>) -> Result<Plan<'s>, FilterError> {
    let parsed: Vec<Filter> = filters
        .iter()
        .map(|text| {
            let filter = Filter::parse(text)?;
            filter.matches_something(specs)?;
            Ok(filter)
        })
        .collect::<Result<_, FilterError>>()?;
    let chosen: Vec<_> = specs
        .cases
        .iter()
        .filter(|case| parsed.iter().all(|filter| filter.takes(case, specs)))
        .collect();
    if chosen.is_empty() && !filters.is_empty() {
        return Err(FilterError::Together(filters.join("`, `")));
    }
    let mut ids: BTreeSet<&str> = chosen.iter().map(|case| case.id.as_str()).collect();
    // A negative verdict means nothing without its twin, so twins come along; twins have no twins of their own.
    ids.extend(
        chosen
            .iter()
            .filter_map(|case| case.twin.as_ref())
            .map(|twin| twin.case.as_str()),
    );
    let mut plan = Plan {
        filters: filters.to_vec(),
        ..Plan::default()
    };
    for case in specs.cases.iter().filter(|case| ids.contains(case.id.as_str())) {
        match profile.and_then(|profile| absence::of(case, profile)) {
            Some(reason) => plan.unavailable.push((case, reason)),
            None => plan.cases.push(case),
        }
    }
    plan.cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(plan)
}

/// Whether a URL leads nowhere but to this machine.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let host = host.trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
