//! Choosing the cases that cover the most requirements within a budget of time, of requests, or of both.
//!
//! Greedy and deterministic: what covers most for what it costs comes first, and a case never comes without its twin.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Estimate, Plan, Schedule};
use crate::spec::model::Case;

/// What a run may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// How long it may take at a deployment that does what it should.
    pub time: Option<Duration>,
    /// How many requests it may send, whatever its polls come to.
    pub requests: Option<u64>,
}

/// A case and the twin that has to be in the same run.
struct Unit<'p> {
    members: Vec<usize>,
    requirements: BTreeSet<&'p str>,
    id: &'p str,
}

/// The choice so far.
struct Choice<'p> {
    cases: &'p [(&'p Case, Estimate)],
    schedule: &'p Schedule,
    budget: Budget,
    taken: BTreeSet<usize>,
    covered: BTreeSet<&'p str>,
}

impl Budget {
    /// Whether anything is limited at all.
    #[must_use]
    pub const fn is_set(self) -> bool {
        self.time.is_some() || self.requests.is_some()
    }

    /// Which of the cases of a plan to run; the others are left out of it. `estimates` has every case of the plan, in its order.
    pub fn choose<'s>(self, plan: &mut Plan<'s>, estimates: &[(&'s Case, Estimate)], schedule: &Schedule) {
        let taken = {
            let mut choice = Choice {
                cases: estimates,
                schedule,
                budget: self,
                taken: BTreeSet::new(),
                covered: BTreeSet::new(),
            };
            choice.cover();
            choice.fill();
            choice.taken
        };
        let ids: BTreeSet<&str> = taken.iter().map(|index| estimates[*index].0.id.as_str()).collect();
        let (kept, left_out) = plan.cases.iter().partition(|case| ids.contains(case.id.as_str()));
        plan.cases = kept;
        plan.left_out = left_out;
    }
}

impl<'p> Choice<'p> {
    /// Whatever covers requirements that nothing covers yet, the best for its cost first.
    fn cover(&mut self) {
        let mut candidates = self.units();
        // What is known to end before it can judge covers nothing.
        candidates.retain(|unit| unit.members.iter().all(|it| self.cases[*it].1.ends_early.is_none()));
        loop {
            let best = candidates
                .iter()
                .enumerate()
                .filter_map(|(at, unit)| {
                    let gain = unit.requirements.difference(&self.covered).count() as u128;
                    (gain > 0).then_some((at, gain, self.cost(unit)))
                })
                .max_by(|(a, gain_a, cost_a), (b, gain_b, cost_b)| {
                    let better = (gain_a * cost_b).cmp(&(gain_b * cost_a));
                    better.then_with(|| candidates[*b].id.cmp(candidates[*a].id))
                });
            let Some((at, ..)) = best else { return };
            // One that does not fit now will not fit later.
            let unit = candidates.swap_remove(at);
            self.take(&unit);
        }
    }

    /// As many of the others as fit, the cheapest first.
    fn fill(&mut self) {
        let mut rest = self.units();
        rest.sort_by(|a, b| self.cost(a).cmp(&self.cost(b)).then_with(|| a.id.cmp(b.id)));
        for unit in rest {
            self.take(&unit);
        }
    }

    fn units(&self) -> Vec<Unit<'p>> {
        let index = |id: &str| self.cases.iter().position(|(case, _)| case.id == id);
        let units = self.cases.iter().enumerate().map(|(at, (case, _))| {
            let twin = case.twin.as_ref().and_then(|twin| index(&twin.case));
            let members: Vec<usize> = std::iter::once(at).chain(twin).collect();
            let requirements = members.iter().flat_map(|it| &self.cases[*it].0.requirements);
            Unit {
                requirements: requirements.map(String::as_str).collect(),
                members,
                id: &case.id,
            }
        });
        units.collect()
    }

    /// What a unit takes of the budget in millionths, besides what is taken already.
    fn cost(&self, unit: &Unit<'_>) -> u128 {
        let part = |amount: u128, of: u128| amount * 1_000_000 / of.max(1);
        let added = unit.members.iter().filter(|it| !self.taken.contains(it));
        let costs = added.map(|it| {
            let estimate = &self.cases[*it].1;
            let time = self.schedule.of_case(estimate).likely.as_nanos();
            let of_time = self.budget.time.map_or(0, |budget| part(time, budget.as_nanos()));
            let of_requests = self
                .budget
                .requests
                .map_or(0, |budget| part(estimate.requests.most.into(), budget.into()));
            of_time + of_requests
        });
        costs.sum()
    }

    /// Takes a unit if all of it stays within the budget.
    fn take(&mut self, unit: &Unit<'p>) {
        let mut with = self.taken.clone();
        with.extend(&unit.members);
        if self.fits(&with) {
            self.taken = with;
            self.covered.extend(&unit.requirements);
        }
    }

    fn fits(&self, taken: &BTreeSet<usize>) -> bool {
        let cases = || taken.iter().map(|it| &self.cases[*it]);
        let requests: u64 = cases().map(|(_, estimate)| estimate.requests.most).sum();
        let time = || {
            self.schedule
                .wall_time(cases().map(|(case, estimate)| (*case, estimate)))
        };
        self.budget.requests.is_none_or(|most| requests <= most)
            && self.budget.time.is_none_or(|most| time().likely <= most)
    }
}

#[cfg(test)]
mod tests;
