//! Every YAML case as a test of its own name, for `cargo test` and `cargo nextest run`.
//!
//! Against the embedded mock, or the deployment whose profile `TORQ_CONFORMANCE_PROFILE` names. A case with a positive
//! twin runs the twin as well.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use located_yaml::{Paint, Sources};
use tokio::runtime::{Handle, Runtime};
use torq_conformance::evidence::Evidence;
use torq_conformance::profile::{Environment, Profile};
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::model::Specs;
use torq_conformance::spec::{self, Source};
use torq_conformance::target::{Embedded, Target};
use torq_conformance::verdict::{self, Strictness};
use torq_conformance::{Run, conduct, plan, report};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    let trials = trials(&mut arguments, &runtime).unwrap_or_else(|broken| {
        // What keeps the cases from being read is a failure, not an empty list.
        vec![Trial::test("the-cases-can-be-read", move || Err(broken.into()))]
    });
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What every trial works with.
struct Ground {
    specs: Specs,
    profile: Option<Profile>,
    target: Target,
    client: Client,
    latency: Duration,
    /// Lives as long as the trials do.
    _embedded: Option<Embedded>,
}

fn trials(arguments: &mut Arguments, runtime: &Runtime) -> Result<Vec<Trial>, String> {
    let loaded = spec::load(&Source::Embedded).map_err(|error| error.to_string())?;
    if !loaded.problems.is_empty() {
        return Err(loaded.problems.render(&loaded.sources, Paint::Plain));
    }
    let profile = named_profile()?;
    let listed: Vec<_> = loaded.specs.cases.iter().map(|case| case.id.clone()).collect();
    let missing: Vec<_> = match plan::plan(&loaded.specs, &[], profile.as_ref()) {
        Ok(plan) => plan.unavailable.iter().map(|(case, _)| case.id.clone()).collect(),
        Err(error) => return Err(error.to_string()),
    };
    if profile.is_some() && arguments.test_threads.is_none() {
        // One deployment for all of them: side by side they would use up each other's quota.
        arguments.test_threads = Some(1);
    }
    let ground = runtime.block_on(prepare(loaded.specs, profile))?;
    let ground = Arc::new(ground);
    let trial = |id: String| {
        let (ground, handle, case) = (ground.clone(), runtime.handle().clone(), id.clone());
        let unavailable = missing.contains(&id);
        Trial::test(id, move || check(&ground, &handle, &case)).with_ignored_flag(unavailable)
    };
    Ok(listed.into_iter().map(trial).collect())
}

fn named_profile() -> Result<Option<Profile>, String> {
    let Ok(path) = std::env::var("TORQ_CONFORMANCE_PROFILE") else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {path}: {error}"))?;
    let profile = Profile::parse(&path, &text, &Environment::of_process());
    profile.map(Some).map_err(|problems| {
        let mut sources = Sources::default();
        sources.add(&path, &text);
        problems.render(&sources, Paint::Plain)
    })
}

async fn prepare(specs: Specs, profile: Option<Profile>) -> Result<Ground, String> {
    let network = profile.as_ref().map(|it| it.network.clone()).unwrap_or_default();
    let client = Client::new(&network).map_err(|error| error.to_string())?;
    let (target, embedded) = match &profile {
        Some(profile) => (Target::of_profile(profile.clone(), client.http()), None),
        None => {
            let mock = Embedded::start().await.map_err(|error| error.to_string())?;
            let target = mock.target(client.http(), (&specs.fixtures.file, &specs.fixtures.text));
            (target, Some(mock))
        }
    };
    let latency = target.reach(&client).await.map_err(|error| error.to_string())?;
    Ok(Ground {
        specs,
        profile,
        target,
        client,
        latency,
        _embedded: embedded,
    })
}

fn check(ground: &Ground, handle: &Handle, id: &str) -> Result<(), Failed> {
    let plan = plan::plan(&ground.specs, &[id.to_owned()], ground.profile.as_ref())?;
    let run = Run {
        jobs: 1,
        latency: ground.latency,
        ..Run::new(&ground.specs, plan, (&ground.target, &ground.client))
    };
    let outcome = handle.block_on(conduct(run, &Silent));
    let finished = outcome.cases.iter().find(|it| it.case.id == id);
    let finished = finished.ok_or("the case was not run")?;
    // Our own mock has to keep every SHOULD as well.
    let strictness = if ground.profile.is_some() {
        Strictness::Lenient
    } else {
        Strictness::Strict
    };
    let verdict = [(finished.case.level, finished.judgement.verdict)];
    match verdict::exit_code(verdict.into_iter(), strictness) {
        verdict::exit::CONFORMS => Ok(()),
        _ => {
            let evidence = Evidence::of(&outcome, strictness);
            let story = evidence.case(id).map(|case| report::explain_failure(case, &evidence));
            Err(story.unwrap_or_default().into())
        }
    }
}
