//! A conformance suite for Torq's webhook-trigger API: reads YAML, checks any deployment, writes reports.
//!
//! ```text
//! specs/*.yaml -> spec (source, lower -> model) -> plan -> run (facts) -> check (pure) -> verdict -> evidence -> report
//! ```
//!
//! [`conduct`] tells the story. It judges from the wire: only `target::embedded` knows the mock's crate.

pub mod spec;

pub mod expression;

mod glob;

pub mod profile;

pub mod schema;

pub mod target;

pub mod plan;

pub mod forecast;

pub mod doctor;

pub mod learn;

pub mod exemption;

pub mod run;

pub mod attempt;

pub mod check;

pub mod judging;

pub mod verdict;

pub mod evidence;

pub mod diff;

pub mod rejudge;

pub mod report;

pub mod progress;

pub mod redaction;

pub mod stop;

pub mod watch;

pub mod cli;

#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};
use tokio::sync::OnceCell;

use plan::Plan;
use profile::{ClockKind, Profile};
use progress::Progress;
use redaction::Redactions;
use report::{Finished, Outcome};
use run::{CaseRun, Client, Surroundings, Trouble};
use spec::model::{Case, Need, Specs};
use stop::Stop;
use target::{Stage, Target};
use verdict::{Judgement, Repeats, Verdict};

/// What a run is made of.
#[derive(Debug)]
pub struct Run<'s> {
    /// The specs.
    pub specs: &'s Specs,
    /// Which cases, in which order.
    pub plan: Plan<'s>,
    /// Where.
    pub target: &'s Target,
    /// Who sends.
    pub client: &'s Client,
    /// How many cases side by side.
    pub jobs: usize,
    /// A round trip to the target, as measured.
    pub latency: Duration,
    /// Ends the run early.
    pub stop: Stop,
}

/// How many cases side by side, where nobody says.
const JOBS: usize = 4;

impl<'s> Run<'s> {
    /// This plan there, by somebody who is near: a few cases side by side, and to its end.
    #[must_use]
    pub fn new(specs: &'s Specs, plan: Plan<'s>, (target, client): (&'s Target, &'s Client)) -> Self {
        Self {
            specs,
            plan,
            target,
            client,
            jobs: JOBS,
            latency: Duration::ZERO,
            stop: Stop::default(),
        }
    }
}

/// Runs the plan: every case on its stage, then what each comes to, its twin considered.
pub async fn conduct<'s>(run: Run<'s>, progress: &dyn Progress) -> Outcome<'s> {
    let began = Instant::now();
    let payload_search = OnceCell::new();
    let mut outcome = begin(&run);
    progress.begun(&outcome);
    let finished = play(&run, (began, &payload_search), progress).await;
    outcome.cases.extend(finished);
    outcome.cases.sort_by(|a, b| a.case.id.cmp(&b.case.id));
    let mut judgements: BTreeMap<String, Judgement> = outcome
        .cases
        .iter()
        .map(|it| (it.case.id.clone(), it.judgement.clone()))
        .collect();
    verdict::consider_twins(run.plan.cases.iter().copied(), &mut judgements);
    run.plan.exemptions.notice_passes(run.specs, &mut judgements);
    for finished in &mut outcome.cases {
        if let Some(judgement) = judgements.remove(&finished.case.id) {
            finished.judgement = judgement;
        }
    }
    Outcome {
        payload_search: payload_search.into_inner(),
        ended_early: run.stop.reason(),
        times: (outcome.times.0, jiff::Timestamp::now().to_string()),
        seconds: began.elapsed().as_secs_f64(),
        ..outcome
    }
}

/// A run of which only that is known what its plan says.
fn begin<'s>(run: &Run<'s>) -> Outcome<'s> {
    let plan = &run.plan;
    let now = jiff::Timestamp::now().to_string();
    let unavailable = plan.unavailable.iter().map(|(case, reason)| {
        let judgement = Judgement {
            verdict: Verdict::Unavailable,
            reason: Some(reason.to_string()),
        };
        Finished::unseen(case, judgement)
    });
    Outcome {
        specs: run.specs,
        target: run.target.name().to_owned(),
        clock: run.target.clock(),
        overridden: run.target.profile().map(Profile::overridden_limits).unwrap_or_default(),
        cases: unavailable.collect(),
        planned: plan.all().collect(),
        payload_search: None,
        part: plan.part,
        left_out: plan.left_out.clone(),
        repeat: plan.repeat,
        jobs: run.jobs,
        filters: plan.filters.clone(),
        ended_early: None,
        stale: plan.exemptions.stale(run.specs),
        times: (now.clone(), now),
        seconds: 0.0,
    }
}

impl Run<'_> {
    /// What one run of a case comes to, its twin not yet considered.
    fn judge(&self, case: &Case, seen: &CaseRun) -> Judgement {
        self.plan.exemptions.excuse(case, seen, verdict::judge(case, seen))
    }
}

/// Cases side by side where nothing is shared, those that want the quota alone where everything is.
async fn play<'s>(
    run: &Run<'s>,
    (began, payload_search): (Instant, &OnceCell<CaseRun>),
    progress: &dyn Progress,
) -> Vec<Finished<'s>> {
    let scene = Scene {
        run,
        redactions: Redactions::default(),
        began,
        payload_search,
    };
    let (alone, together): (Vec<&Case>, Vec<&Case>) =
        run.plan.cases.iter().copied().partition(|case| scene.is_alone(case));
    let one = |case: &'s Case| {
        let scene = &scene;
        async move {
            let finished = scene.repeat(case).await;
            progress.finished(&finished);
            finished
        }
    };
    let jobs = match (run.target, run.target.clock()) {
        // One clock for all: two cases would move each other's time.
        (Target::Deployment { .. }, ClockKind::Manual) => 1,
        _ => run.jobs.max(1),
    };
    let mut finished: Vec<_> = stream::iter(together).map(one).buffer_unordered(jobs).collect().await;
    for case in alone {
        finished.push(one(case).await);
    }
    finished
}

/// What the cases of a run are performed in.
struct Scene<'r, 's> {
    run: &'r Run<'s>,
    redactions: Redactions,
    began: Instant,
    /// The search for the payload limit, once for all cases; empty until one of them needs it.
    payload_search: &'r OnceCell<CaseRun>,
}

impl<'s> Scene<'_, 's> {
    /// Whether a case uses up a quota that others share.
    fn is_alone(&self, case: &Case) -> bool {
        !matches!(self.run.target, Target::Sandboxes(_)) && case.needs.contains(&Need::Quota)
    }

    /// One case as often as asked for; the worst of it is kept.
    async fn repeat(&self, case: &'s Case) -> Finished<'s> {
        let (mut worst, mut repeats) = (CaseRun::default(), Repeats::default());
        for _ in 0..self.run.plan.repeat.max(1) {
            if self.is_alone(case) && self.run.stop.reason().is_none() {
                self.run.target.pace().full_quota().await;
            }
            let seen = self.perform(case).await;
            let verdict = self.run.judge(case, &seen).verdict;
            if verdict == Verdict::Failed {
                self.run.stop.failed();
            }
            if matches!(seen.trouble, Some(Trouble::NotRun(_))) {
                // It says nothing of the case, except that a pass was not seen as often as it should have been.
                let failed = matches!(repeats.worst(), Some(Verdict::Failed | Verdict::HarnessError));
                if !failed {
                    worst = seen;
                }
                break;
            }
            if repeats.add(verdict) {
                worst = seen;
            }
        }
        Finished {
            judgement: self.run.judge(case, &worst),
            case,
            run: worst,
            repeats,
        }
    }

    /// One case, as far as the run lets it get; nothing secret is left in what comes out.
    async fn perform(&self, case: &Case) -> CaseRun {
        let ended = |trouble| CaseRun {
            trouble: Some(trouble),
            ..CaseRun::default()
        };
        if let Some(reason) = self.run.stop.reason() {
            return ended(Trouble::NotRun(reason.to_string()));
        }
        tokio::select! {
            seen = self.on_a_stage(case) => seen,
            reason = self.run.stop.abandoned() => ended(Trouble::NotRun(reason.to_string())),
        }
    }

    async fn on_a_stage(&self, case: &Case) -> CaseRun {
        let mut stage = match self.run.target.stage().await {
            Ok(stage) => stage,
            Err(error) => {
                return CaseRun {
                    trouble: Some(Trouble::Harness(error.to_string())),
                    ..CaseRun::default()
                };
            }
        };
        let surroundings = Surroundings {
            client: self.run.client,
            pace: self.run.target.pace(),
            latency: self.run.latency,
            began: self.began,
        };
        let mut seen = run::run_case(case, &stage, surroundings).await;
        if matches!(seen.trouble, Some(Trouble::PayloadLimitUnknown)) {
            seen = self.with_payload_limit(case, &mut stage, surroundings).await;
        }
        self.redactions.clean(&mut seen, &stage.profile);
        stage.clear().await;
        seen
    }

    /// A case again, with the limit it turned out to need.
    async fn with_payload_limit(&self, case: &Case, stage: &mut Stage, surroundings: Surroundings<'_>) -> CaseRun {
        let search = || async {
            let mut search = run::find_payload_limit(stage, surroundings).await;
            self.redactions.clean(&mut search, &stage.profile);
            search
        };
        let search = self.payload_search.get_or_init(search).await;
        let Some(limit) = search.payload_limit() else {
            let why = search.trouble.as_ref().map(ToString::to_string).unwrap_or_default();
            return CaseRun {
                trouble: Some(Trouble::CouldNotTell(why)),
                ..CaseRun::default()
            };
        };
        if self.is_alone(case) {
            surroundings.pace.full_quota().await;
        }
        let mut profile = Profile::clone(&stage.profile);
        profile.limits.payload = Some(limit);
        stage.profile = Arc::new(profile);
        run::run_case(case, stage, surroundings).await
    }
}
