//! A conformance suite for Torq's webhook-trigger API: reads YAML, checks any deployment, writes reports.
//!
//! ```text
//! specs/*.yaml -> spec (source, lower -> model) -> plan -> run (facts) -> check (pure) -> verdict -> report
//! ```
//!
//! [`conduct`] tells the story. It judges from the wire: only `target::embedded` knows the mock's crate.

pub mod spec;

pub mod expression;

pub mod profile;

pub mod target;

pub mod plan;

pub mod run;

pub mod attempt;

pub mod check;

pub mod verdict;

pub mod report;

pub mod progress;

pub mod cli;

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::stream::{self, StreamExt as _};

use plan::Plan;
use profile::{ClockKind, Profile};
use progress::Progress;
use report::{Finished, Outcome};
use run::{CaseRun, Client, Trouble};
use spec::model::{Case, Need, Specs};
use target::Target;
use verdict::{Judgement, Verdict};

/// What a run is made of.
#[derive(Debug)]
pub struct Run<'s> {
    /// The specs.
    pub specs: &'s Specs,
    /// Which cases, in which order.
    pub plan: Plan<'s>,
    /// Where.
    pub target: Target,
    /// Who sends.
    pub client: Client,
    /// How many cases side by side.
    pub jobs: usize,
}

/// Runs the plan: every case on its stage, then what each comes to, its twin considered.
pub async fn conduct<'s>(run: Run<'s>, progress: &dyn Progress) -> Outcome<'s> {
    let began = Instant::now();
    let started = jiff::Timestamp::now().to_string();
    let seen = play(&run, began, progress).await;
    let mut judgements: BTreeMap<String, Judgement> = seen
        .iter()
        .map(|(case, run)| (case.id.clone(), verdict::judge(case, run)))
        .collect();
    for (case, reason) in &run.plan.unavailable {
        let judgement = Judgement {
            verdict: Verdict::Unavailable,
            reason: Some(reason.clone()),
        };
        judgements.insert(case.id.clone(), judgement);
    }
    verdict::consider_twins(run.plan.cases.iter().copied(), &mut judgements);
    let mut cases: Vec<_> = seen;
    cases.extend(run.plan.unavailable.iter().map(|(case, _)| (*case, CaseRun::default())));
    cases.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    let finished = cases.into_iter().filter_map(|(case, run)| {
        let judgement = judgements.remove(&case.id)?;
        Some(Finished { case, run, judgement })
    });
    Outcome {
        specs: run.specs,
        target: run.target.name().to_owned(),
        clock: match run.target.clock() {
            ClockKind::System => "system",
            ClockKind::Manual => "manual",
        },
        overridden: match &run.target {
            Target::Deployment { profile, .. } => Profile::overridden_limits(profile),
            Target::Sandboxes { .. } => Vec::new(),
        },
        cases: finished.collect(),
        times: (started, jiff::Timestamp::now().to_string()),
        seconds: began.elapsed().as_secs_f64(),
    }
}

/// Cases side by side where nothing is shared, those that want the quota alone where everything is.
async fn play<'s>(run: &Run<'s>, began: Instant, progress: &dyn Progress) -> Vec<(&'s Case, CaseRun)> {
    let isolated = matches!(run.target, Target::Sandboxes { .. });
    let (alone, together): (Vec<&Case>, Vec<&Case>) = run
        .plan
        .cases
        .iter()
        .copied()
        .partition(|case| !isolated && case.needs.contains(&Need::Quota));
    let one = |case: &'s Case| async move {
        let seen = perform(run, case, began).await;
        progress.finished(case, &seen);
        (case, seen)
    };
    let jobs = match (&run.target, run.target.clock()) {
        // One clock for all: two cases would move each other's time.
        (Target::Deployment { .. }, ClockKind::Manual) => 1,
        _ => run.jobs.max(1),
    };
    let mut seen: Vec<_> = stream::iter(together).map(one).buffer_unordered(jobs).collect().await;
    for case in alone {
        seen.push(one(case).await);
    }
    seen
}

async fn perform(run: &Run<'_>, case: &Case, began: Instant) -> CaseRun {
    match run.target.stage().await {
        Ok(stage) => {
            let seen = run::run_case(case, &stage, &run.client, began).await;
            stage.clear().await;
            seen
        }
        Err(error) => CaseRun {
            trouble: Some(Trouble::Harness(error.to_string())),
            ..CaseRun::default()
        },
    }
}
