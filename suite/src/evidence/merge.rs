//! Several shards of one run as one run.
//!
//! Pure. Proves that they belong together and that no case was lost or doubled; otherwise says everything that speaks
//! against it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Shard};

/// Joins the shards of a run; `catalogue` says which cases the specs have for these filters.
///
/// # Errors
/// Everything that is wrong with the shards, each with the file it is about.
pub fn merge(
    shards: Vec<(String, Evidence)>,
    catalogue: impl FnOnce(&Evidence) -> Result<BTreeSet<String>, String>,
) -> Result<Evidence, Vec<String>> {
    let Some((first_name, first)) = shards.first() else {
        return Err(vec!["there is nothing to merge".to_owned()]);
    };
    let mut found = Vec::new();
    for (name, evidence) in &shards {
        if !evidence.complete {
            let (here, planned) = (evidence.cases.len(), evidence.planned.cases);
            found.push(format!(
                "{name}: the run did not reach its end ({here} of {planned} cases): run this shard again"
            ));
        }
        found.extend(apart(first, evidence).map(|what| format!("{name}: {what} than in {first_name}")));
    }
    found.extend(numbers(&shards));
    found.extend(doubled(&shards));
    match catalogue(first) {
        Err(why) => found.push(why),
        Ok(wanted) => found.extend(lost(&shards, &wanted)),
    }
    if found.is_empty() {
        Ok(join(shards.into_iter().map(|(_, evidence)| evidence).collect()))
    } else {
        Err(found)
    }
}

/// Why two runs are no parts of the same one.
fn apart<'e>(first: &'e Evidence, other: &'e Evidence) -> impl Iterator<Item = &'static str> + use<'e> {
    let requirements = |it: &Evidence| it.requirements.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    [
        (first.suite.specs == other.suite.specs, "it ran with other specs"),
        (
            first.suite.version == other.suite.version,
            "it ran with another version of this program",
        ),
        (first.target.clock == other.target.clock, "it ran against another clock"),
        (first.filters == other.filters, "it ran with other filters"),
        (first.repeat == other.repeat, "its cases ran another number of times"),
        (first.strict == other.strict, "it was judged with another strictness"),
        (
            first.overridden_limits == other.overridden_limits,
            "its profile overrides other limits",
        ),
        (requirements(first) == requirements(other), "it has other requirements"),
    ]
    .into_iter()
    .filter_map(|(same, what)| (!same).then_some(what))
}

/// Every number from 1 to N has to be there once.
fn numbers(shards: &[(String, Evidence)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<u64, &str> = BTreeMap::new();
    let mut of = None;
    for (name, evidence) in shards {
        let Some(shard) = &evidence.shard else {
            found.push(format!(
                "{name}: this is a whole run and no shard (run --shard K/N makes one)"
            ));
            continue;
        };
        let of = *of.get_or_insert(shard.of);
        if shard.of != of {
            found.push(format!("{name}: this is shard {shard}, and others are parts of {of}"));
        } else if let Some(other) = seen.insert(shard.number, name) {
            found.push(format!("{name}: this is shard {shard}, and so is {other}"));
        }
    }
    let missing = (1..=of.unwrap_or_default()).filter(|number| !seen.contains_key(number));
    let missing: Vec<_> = missing
        .map(|number| format!("{number}/{}", of.unwrap_or_default()))
        .collect();
    if !missing.is_empty() {
        found.push(format!("shards are missing: {}", missing.join(", ")));
    }
    found
}

fn doubled(shards: &[(String, Evidence)]) -> Vec<String> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (name, evidence) in shards {
        for id in ids(evidence) {
            if let Some(other) = seen.insert(id, name) {
                found.push(format!("{name}: it has {id}, and so has {other}"));
            }
        }
    }
    found
}

fn lost(shards: &[(String, Evidence)], wanted: &BTreeSet<String>) -> Vec<String> {
    let here: BTreeSet<&str> = shards.iter().flat_map(|(_, evidence)| ids(evidence)).collect();
    let missing = wanted.iter().filter(|id| !here.contains(id.as_str()));
    let missing = missing.map(|id| format!("no shard has {id}, which the specs have"));
    let strange = here.iter().filter(|id| !wanted.contains(**id));
    missing
        .chain(strange.map(|id| format!("a shard has {id}, which the specs do not have for these filters")))
        .collect()
}

/// The cases that were run or left out.
fn ids(evidence: &Evidence) -> impl Iterator<Item = &str> {
    let run = evidence.cases.iter().map(|case| case.id.as_str());
    run.chain(evidence.left_out.iter().map(String::as_str))
}

fn join(mut shards: Vec<Evidence>) -> Evidence {
    shards.sort_by_key(|it| it.shard.as_ref().map_or(0, |shard: &Shard| shard.number));
    let mut shards = shards.into_iter();
    let mut whole = shards.next().expect("there is a first one");
    for part in shards {
        whole.started = whole.started.min(part.started);
        whole.finished = whole.finished.max(part.finished);
        // They ran side by side; the longest one says how long it took.
        whole.seconds = whole.seconds.max(part.seconds);
        whole.jobs += part.jobs;
        whole.planned.cases += part.planned.cases;
        whole.planned.must += part.planned.must;
        whole.left_out.extend(part.left_out);
        whole.ended_early = whole.ended_early.or(part.ended_early);
        whole.conformance_claim &= part.conformance_claim;
        let stale = part.stale_exemptions.into_iter();
        let new: Vec<_> = stale.filter(|it| !whole.stale_exemptions.contains(it)).collect();
        whole.stale_exemptions.extend(new);
        if let (Some(whole), Some(part)) = (&mut whole.baseline, part.baseline) {
            whole.known.extend(part.known);
        }
        whole.payload_search = whole.payload_search.or(part.payload_search);
        whole.cases.extend(part.cases);
    }
    whole.shard = None;
    whole.left_out.sort();
    whole.cases.sort_by(|a, b| a.id.cmp(&b.id));
    whole.derive();
    whole
}
