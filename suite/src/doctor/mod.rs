//! Examining a deployment before a run: whether every fixture and every credential is there, and is what the cases need.
//!
//! Asks by probes (`specs/probes.yaml`), which run as cases do, within the same pace. What an answer means is `diagnosis`'s business.

mod diagnosis;
mod lacking;

use std::time::Duration;

use crate::plan::Plan;
use crate::profile::{Isolation, Missing, Profile};
use crate::progress::Progress;
use crate::report::Finished;
use crate::run::Client;
use crate::spec::model::{Case, FixtureKind, FixtureUse, Fixtures, Probe, Specs};
use crate::stop::Stop;
use crate::target::Target;
use crate::verdict::{Verdict, exit};
use crate::{Run, conduct};

/// What came of an examination.
#[derive(Debug)]
pub struct Examination {
    /// Everything a person has to look at: what is missing, then what is wrong, then what could not be told.
    pub findings: Vec<Finding>,
    /// The fixtures that are what the cases need.
    pub well: Vec<Fixture>,
    /// The fixtures the profile declares unavailable.
    pub declared: Vec<Fixture>,
    /// How many requests it took.
    pub requests: usize,
}

/// A fixture by kind and logical name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fixture {
    /// Its kind.
    pub kind: FixtureKind,
    /// Its name.
    pub name: String,
}

/// One thing that is not as the cases need it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is.
    pub ailment: Ailment,
    /// The fixture to look at.
    pub fixture: Fixture,
    /// What is not so.
    pub what: String,
    /// What was seen, when something was asked.
    pub seen: Vec<String>,
    /// What to do about it.
    pub advice: String,
    /// How the fixture is built.
    pub build: String,
}

/// How a fixture ails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ailment {
    /// The profile does not name it, or not all of it.
    Missing,
    /// It is not what the cases need.
    Wrong,
    /// Nobody could tell.
    Unclear,
    /// Our own mistake, or the mock's control surface.
    Harness,
}

impl Ailment {
    /// The word used everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Wrong => "wrong",
            Self::Unclear => "could not tell",
            Self::Harness => "harness error",
        }
    }
}

/// Who examines: the client, and the way to the deployment.
#[derive(Debug)]
pub struct Examiner<'e> {
    /// Who sends.
    pub client: &'e Client,
    /// A round trip to the deployment, as measured.
    pub latency: Duration,
    /// How many probes side by side.
    pub jobs: usize,
    /// Ends it early.
    pub stop: Stop,
}

impl Examination {
    /// The exit code that says how it went: 5 before 1 before 4 before 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let has = |ailment| self.findings.iter().any(|it| it.ailment == ailment);
        if has(Ailment::Harness) {
            exit::HARNESS
        } else if has(Ailment::Missing) || has(Ailment::Wrong) {
            exit::DIVERGES
        } else if has(Ailment::Unclear) {
            exit::INCONCLUSIVE
        } else {
            exit::CONFORMS
        }
    }
}

/// The deployment itself, even where cases would get sandboxes of their own: it is the one to be examined.
#[must_use]
pub fn target(mut profile: Profile, client: &Client) -> Target {
    if let Some(control) = &mut profile.control {
        control.isolation = Isolation::NamedSandbox;
    }
    Target::of_profile(profile, client.http())
}

/// Examines every fixture that the profile does not declare unavailable.
pub async fn examine(
    specs: &Specs,
    (profile, target): (&Profile, &Target),
    examiner: Examiner<'_>,
    progress: &dyn Progress,
) -> Examination {
    let mut findings = lacking::findings(specs, profile);
    let declared: Vec<&Probe> = specs.probes.iter().filter(|it| is_declared(it, profile)).collect();
    let is_lacking = |case: &Case| findings.iter().any(|it| names(&case.fixtures, &it.fixture));
    let probes: Vec<&Probe> = specs
        .probes
        .iter()
        .filter(|it| !is_declared(it, profile) && !is_lacking(&it.case))
        .collect();
    let run = Run {
        specs,
        plan: Plan {
            cases: probes.iter().map(|it| &it.case).collect(),
            ..Plan::default()
        },
        target,
        client: examiner.client,
        jobs: examiner.jobs,
        latency: examiner.latency,
        stop: examiner.stop,
    };
    let outcome = conduct(run, progress).await;
    let mut well = Vec::new();
    for finished in &outcome.cases {
        let Some(probe) = probes.iter().find(|it| it.case.id == finished.case.id) else {
            continue;
        };
        match finished.judgement.verdict {
            Verdict::Passed => well.push(Fixture::of(probe)),
            _ => findings.push(diagnosis::of(probe, finished, &specs.fixtures)),
        }
    }
    Examination {
        findings: gathered(findings),
        well,
        declared: declared.into_iter().map(Fixture::of).collect(),
        requests: outcome.cases.iter().map(requests).sum(),
    }
}

impl Fixture {
    fn of(probe: &Probe) -> Self {
        Self {
            kind: probe.kind,
            name: probe.name.clone(),
        }
    }

    /// How a person builds it.
    fn build(&self, fixtures: &Fixtures) -> String {
        let (name, kind) = (&self.name, self.kind);
        let build = match kind {
            FixtureKind::Workspace => fixtures.workspaces.get(name).map(|it| &it.build),
            FixtureKind::Integration => fixtures.integrations.get(name).map(|it| &it.build),
            FixtureKind::Workflow => fixtures.workflows.get(name).map(|it| &it.build),
        };
        build.cloned().unwrap_or_default()
    }
}

/// Whether the profile says that what a probe needs is not there.
fn is_declared(probe: &Probe, profile: &Profile) -> bool {
    let uses = &probe.case.fixtures;
    profile.unavailable.iter().any(|it| match &it.what {
        Missing::Fixture(name) => {
            uses.workflows.contains(name) || uses.integrations.contains(name) || uses.workspaces.contains(name)
        }
        Missing::Case(_) | Missing::Requirement(_) => false,
    })
}

fn names(uses: &FixtureUse, fixture: &Fixture) -> bool {
    let names = match fixture.kind {
        FixtureKind::Workspace => &uses.workspaces,
        FixtureKind::Integration => &uses.integrations,
        FixtureKind::Workflow => &uses.workflows,
    };
    names.contains(&fixture.name)
}

/// Requests of a probe, those for tokens included.
fn requests(finished: &Finished<'_>) -> usize {
    let steps = finished.run.steps.iter();
    steps.map(|step| step.exchanges.len()).sum::<usize>() + finished.run.tokens.len()
}

/// In order, and each thing once: several probes may have met the same one.
fn gathered(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    let mut gathered: Vec<Finding> = Vec::new();
    for finding in findings {
        match gathered.last_mut() {
            Some(last) if same(last, &finding) => last.seen.extend(finding.seen),
            _ => gathered.push(finding),
        }
    }
    gathered
}

fn same(one: &Finding, other: &Finding) -> bool {
    (one.ailment, &one.fixture, &one.what) == (other.ailment, &other.fixture, &other.what)
}
