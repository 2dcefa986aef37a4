//! A plan for people.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::{Planned, shortly};
use crate::plan::Range;
use crate::profile::ClockKind;

const WRITTEN: &str = "a String takes everything that is written";

impl Planned<'_> {
    /// All of it.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        self.write_costs(&mut out).expect(WRITTEN);
        self.write_absent(&mut out).expect(WRITTEN);
        self.write_left_out(&mut out).expect(WRITTEN);
        out
    }

    fn write_costs(&self, out: &mut String) -> fmt::Result {
        let total = &self.total;
        let (target, clock) = (self.target, self.clock());
        writeln!(
            out,
            "{target}, {clock} clock, {} at a time; nothing was sent\n",
            cases(self.schedule.jobs)
        )?;
        let (plan, run) = (self.plan, self.plan.cases.len());
        let all = run + plan.unavailable.len() + plan.left_out.len();
        let times = match plan.repeat {
            0 | 1 => String::new(),
            times => format!(", each {times} times"),
        };
        writeln!(out, "cases         {run} of {all}{times}")?;
        writeln!(out, "requests      {}", range(total.requests))?;
        writeln!(out, "bytes         {}", bytes(total.bytes))?;
        let (likely, at_most) = (shortly(self.wall_time.likely), shortly(self.wall_time.at_most));
        let by_hand = match self.schedule.clock {
            ClockKind::System => "",
            ClockKind::Manual => ", since its clock is moved by hand",
        };
        let polls = if likely == at_most {
            String::new()
        } else {
            format!(", at most {at_most} if polls spend their budgets")
        };
        writeln!(out, "wall time     about {likely}{polls}{by_hand}")?;
        let (executions, api) = self.limits;
        writeln!(
            out,
            "quota         {} that count against {executions} executions per second, {} against {api} API requests",
            range(total.triggers),
            range(total.api)
        )?;
        let alone = self.alone().count();
        let burst = match total.largest_burst {
            0 => String::new(),
            requests => format!(", with up to {requests} requests in a burst"),
        };
        match self.schedule.clock {
            ClockKind::Manual => writeln!(
                out,
                "              time passes by hand, so that no case takes another's quota{burst}"
            )?,
            ClockKind::System if alone > 0 => writeln!(
                out,
                "              {} use up the quota and run alone{burst}",
                cases(alone)
            )?,
            ClockKind::System => {}
        }
        write!(out, "executions    {} started at most", total.executions_at_most())?;
        for (index, (workspace, count)) in total.executions.iter().enumerate() {
            let separator = if index == 0 { ": " } else { ", " };
            let workspace = workspace.as_deref().unwrap_or("no workspace known here");
            write!(out, "{separator}{count} in {workspace}")?;
        }
        writeln!(out)?;
        writeln!(out, "tokens        {} drawn", range(total.tokens))?;
        writeln!(out, "largest body  {} bytes", total.largest_body)?;
        if let Some(search) = self.forecast.payload_search {
            writeln!(
                out,
                "payload limit unknown: up to {} requests more to find it, each body within the consent; `limits: {{ payload: BYTES }}` saves them",
                search.most
            )?;
        }
        Ok(())
    }

    /// What is not run, by reason, and what will be of no use.
    fn write_absent(&self, out: &mut String) -> fmt::Result {
        let mut reasons: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
        for (case, absence) in &self.plan.unavailable {
            let reason = (absence.word(), absence.to_string());
            reasons.entry(reason).or_default().push(&case.id);
        }
        for ((_, reason), ids) in &reasons {
            writeln!(out, "\nnot run, {}: {reason}", cases(ids.len()))?;
            write_ids(out, ids)?;
        }
        let mut hopeless: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (case, why) in self.hopeless() {
            hopeless.entry(why).or_default().push(&case.id);
        }
        for (why, ids) in &hopeless {
            writeln!(out, "\nwill end early, {}: {why}", cases(ids.len()))?;
            write_ids(out, ids)?;
        }
        Ok(())
    }

    fn write_left_out(&self, out: &mut String) -> fmt::Result {
        let left_out: Vec<&str> = self.plan.left_out.iter().map(|case| case.id.as_str()).collect();
        if !left_out.is_empty() {
            writeln!(out, "\nleft out by the budget, {}", cases(left_out.len()))?;
            write_ids(out, &left_out)?;
        }
        let uncovered = self.uncovered();
        if !uncovered.is_empty() {
            let noun = if uncovered.len() == 1 {
                "requirement"
            } else {
                "requirements"
            };
            writeln!(out, "\nnot covered therefore, {} {noun}", uncovered.len())?;
            write_ids(out, &uncovered)?;
        }
        Ok(())
    }
}

fn write_ids(out: &mut String, ids: &[&str]) -> fmt::Result {
    ids.iter().try_for_each(|id| writeln!(out, "  {id}"))
}

fn cases(count: usize) -> String {
    let noun = if count == 1 { "case" } else { "cases" };
    format!("{count} {noun}")
}

fn range(range: Range) -> String {
    if range.least == range.most {
        range.least.to_string()
    } else {
        format!("{} to {}", range.least, range.most)
    }
}

/// In the largest unit that leaves a number above one.
fn bytes(range: Range) -> String {
    let one = |bytes: u64| {
        let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
        let unit = units.into_iter().find(|(_, size)| bytes >= *size);
        match unit {
            Some((unit, size)) => format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size),
            None => format!("{bytes} bytes"),
        }
    };
    if range.least == range.most {
        one(range.least)
    } else {
        format!("{} to {}", one(range.least), one(range.most))
    }
}
