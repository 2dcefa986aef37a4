//! Every case with every fault of the mock, held against `specs/kill-matrix.yaml`.
//!
//! `UPDATE_KILL_MATRIX=1 cargo test -p torq-conformance --test power` writes the file anew, to be reviewed like any other
//! change. `KILL_MATRIX_FAULTS=NAME,NAME` tries these alone, and leaves the others as they are.

#[path = "shared/faulty.rs"]
mod faulty;
#[path = "shared/parallel.rs"]
mod parallel;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use mimalloc::MiMalloc;
use tokio::runtime::Runtime;
use torq_conformance::plan::plan;
use torq_conformance::profile::Network;
use torq_conformance::progress::Silent;
use torq_conformance::run::Client;
use torq_conformance::spec::model::{Fault, Kills, Level, Specs};
use torq_conformance::spec::{self, Loaded, Source};
use torq_conformance::target::Embedded;
use torq_conformance::verdict::Verdict;
use torq_conformance::{Run, conduct};

/// What the programs of this workspace allocate with.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How many faults side by side, each on a thread of its own, as one run does not keep every core busy: with some faults cases wait
/// in real time for what does not come.
const SIDE_BY_SIDE: usize = 4;
/// With this one bursts wait in real time for answers that do not come: begun first, it is over when the others are.
const SLOWEST: &str = "sync-answered-late";
const MATRIX: &str = "kill-matrix.yaml";
const HOW_TO_UPDATE: &str = "UPDATE_KILL_MATRIX=1 cargo test -p torq-conformance --test power";

/// What the cases came to: those that neither passed nor recorded, and every fact.
#[derive(Debug, PartialEq)]
struct Came {
    cases: BTreeMap<String, Verdict>,
    facts: BTreeMap<String, String>,
}

fn specs() -> Loaded {
    spec::load(&Source::Embedded).expect("the specs are in the binary")
}

async fn come_to(specs: &Specs, (mock, client): (&Embedded, &Client), fault: Option<&str>) -> Came {
    let configuration = faulty::configuration(&specs.fixtures, fault);
    let target = mock
        .target(client.http(), (&specs.fixtures.file, &configuration))
        .recycling();
    let run = Run::new(
        specs,
        plan(specs, &[], None).expect("nothing is filtered"),
        (&target, client),
    );
    let outcome = conduct(run, &Silent).await;
    let cases = outcome
        .cases
        .iter()
        .map(|it| (it.case.id.clone(), it.judgement.verdict));
    let noticed = cases.filter(|(_, verdict)| !matches!(verdict, Verdict::Passed | Verdict::Recorded));
    let facts = outcome.cases.iter().flat_map(|it| it.run.facts.clone());
    let came = Came {
        cases: noticed.collect(),
        facts: facts.collect(),
    };
    target.close().await;
    came
}

/// What a fault changes.
fn kills(usual: &Came, came: &Came) -> Kills {
    let of = |wanted: Verdict| {
        let cases = came.cases.iter().filter(|(_, verdict)| **verdict == wanted);
        cases.map(|(id, _)| id.clone()).collect()
    };
    let names: BTreeSet<&String> = usual.facts.keys().chain(came.facts.keys()).collect();
    let changed = names
        .into_iter()
        .filter(|name| usual.facts.get(*name) != came.facts.get(*name));
    Kills {
        failed: of(Verdict::Failed),
        deviates: of(Verdict::Deviates),
        inconclusive: of(Verdict::Inconclusive),
        facts: changed.cloned().collect(),
    }
}

/// The whole matrix as it is, and what came to something that no matrix can hold.
fn measure(specs: &Specs, runtime: &Runtime) -> (BTreeMap<String, Kills>, Vec<String>) {
    let mock = runtime.block_on(Embedded::start()).expect("it starts");
    let client = Client::new(&Network::default()).expect("a client is made");
    let scene = (&mock, &client);
    let usual = runtime.block_on(come_to(specs, scene, None));
    let mut complaints: Vec<_> = usual
        .cases
        .iter()
        .map(|(id, verdict)| format!("without a fault {id} is {verdict}"))
        .collect();
    let known = |fault: &Fault| Some((fault.name.clone(), specs.power.kills.get(&fault.name)?.clone()));
    let mut matrix: BTreeMap<_, _> = specs.power.faults.iter().filter_map(known).collect();
    let wanted = std::env::var("KILL_MATRIX_FAULTS").ok();
    let is_wanted = |fault: &&Fault| {
        let named = |names: &str| names.split(',').any(|name| name == fault.name);
        wanted.as_deref().is_none_or(named)
    };
    let mut wanted: Vec<_> = specs.power.faults.iter().filter(is_wanted).collect();
    wanted.sort_by_key(|fault| fault.name != SLOWEST);
    let tried = parallel::map(&wanted, SIDE_BY_SIDE, |fault| {
        runtime.block_on(come_to(specs, scene, Some(&fault.name)))
    });
    for (fault, came) in wanted.into_iter().zip(tried) {
        for (id, verdict) in &came.cases {
            if !matches!(verdict, Verdict::Failed | Verdict::Deviates | Verdict::Inconclusive) {
                complaints.push(format!("with `{}` {id} is {verdict}", fault.name));
            }
        }
        matrix.insert(fault.name.clone(), kills(&usual, &came));
    }
    runtime.block_on(mock.shut_down());
    (matrix, complaints)
}

fn list(yaml: &mut String, name: &str, ids: &BTreeSet<String>) {
    if ids.is_empty() {
        return;
    }
    writeln!(yaml, "    {name}:").expect("a String takes everything");
    for id in ids {
        writeln!(yaml, "      - {id}").expect("a String takes everything");
    }
}

/// The file, in the order of the faults.
fn written(specs: &Specs, matrix: &BTreeMap<String, Kills>) -> String {
    let mut yaml = format!(
        "# yaml-language-server: $schema=schema/kill-matrix.schema.json\n\
         # Which cases notice which fault, all of them and no others. A test holds this against the mock; what changes is\n\
         # written by `{HOW_TO_UPDATE}`\n\
         # and reviewed. `failed` and `deviates` are verdicts, `inconclusive` cases cannot tell any more, mostly because their\n\
         # twin fails, and `facts` have another value.\n\nkills:\n"
    );
    for fault in &specs.power.faults {
        let Some(kills) = matrix.get(&fault.name) else { continue };
        let nothing = *kills == Kills::default();
        writeln!(yaml, "  {}:{}", fault.name, if nothing { " {}" } else { "" }).expect("a String takes everything");
        list(&mut yaml, "failed", &kills.failed);
        list(&mut yaml, "deviates", &kills.deviates);
        list(&mut yaml, "inconclusive", &kills.inconclusive);
        list(&mut yaml, "facts", &kills.facts);
    }
    yaml
}

/// What is missing for a fault to be noticed by the cases of what it breaks first: a verdict where one is given, and a fact
/// where nothing is judged.
fn unnoticed(fault: &Fault, specs: &Specs) -> Option<String> {
    let first = fault.violates.first()?;
    let level = specs.requirements.iter().find(|it| it.id == *first)?.grade.level();
    let nothing = Kills::default();
    let kills = specs.power.kills.get(&fault.name).unwrap_or(&nothing);
    let mut citing = specs.cases.iter().filter(|case| case.requirements.contains(first));
    let (noticed, wanted) = match level {
        Level::Must => (citing.any(|case| kills.failed.contains(&case.id)), "fails with it"),
        Level::Should => (citing.any(|case| kills.fails(&case.id)), "differs with it"),
        Level::Recorded => (
            citing.any(|case| case.facts().any(|fact| kills.facts.contains(&fact.name))),
            "records another fact with it",
        ),
    };
    let missing = format!("no case of {first} {wanted}, `{}`: {}", fault.name, fault.about);
    (!noticed).then_some(missing)
}

/// How one list of the file differs from what was seen.
fn difference(fault: &str, (what, told, seen): (&str, &BTreeSet<String>, &BTreeSet<String>)) -> Vec<String> {
    let more = seen
        .difference(told)
        .map(|id| format!("`{fault}`: {id} is {what}, which the matrix does not say"));
    let less = told
        .difference(seen)
        .map(|id| format!("`{fault}`: {id} is not {what}, which the matrix says"));
    more.chain(less).collect()
}

#[test]
fn every_fault_is_noticed_by_exactly_the_cases_of_the_matrix() {
    let loaded = specs();
    let specs = &loaded.specs;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let (matrix, mut complaints) = measure(specs, &runtime.expect("a runtime starts"));
    if std::env::var_os("UPDATE_KILL_MATRIX").is_some() {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names it");
        let file = Path::new(&package).join("../specs").join(MATRIX);
        fs::write(file, written(specs, &matrix)).expect("the matrix is written");
        assert_eq!(complaints, Vec::<String>::new());
        return;
    }
    let (nothing, told) = (Kills::default(), &specs.power.kills);
    for name in told.keys().filter(|name| !matrix.contains_key(*name)) {
        complaints.push(format!("the matrix has `{name}`, which is no fault"));
    }
    for (name, seen) in &matrix {
        let told = told.get(name).unwrap_or(&nothing);
        for it in [
            ("failed", &told.failed, &seen.failed),
            ("deviating", &told.deviates, &seen.deviates),
            ("inconclusive", &told.inconclusive, &seen.inconclusive),
            ("a fact that changes", &told.facts, &seen.facts),
        ] {
            complaints.extend(difference(name, it));
        }
    }
    assert!(
        complaints.is_empty(),
        "the suite notices something else than specs/{MATRIX} says:\n{}\nif that is right: {HOW_TO_UPDATE}",
        complaints.join("\n")
    );
}

#[test]
fn no_fault_goes_unnoticed_and_every_must_has_one() {
    let loaded = specs();
    let power = &loaded.specs.power;
    assert!(power.faults.len() >= 80, "{} faults", power.faults.len());
    let unnoticed = power.faults.iter().filter_map(|fault| unnoticed(fault, &loaded.specs));
    let mut complaints: Vec<_> = unnoticed.collect();
    let must = loaded
        .specs
        .requirements
        .iter()
        .filter(|it| it.grade.level() == Level::Must && it.untested.is_none());
    for requirement in must {
        let citing: BTreeSet<&str> = loaded
            .specs
            .cases
            .iter()
            .filter(|case| case.requirements.contains(&requirement.id))
            .map(|case| case.id.as_str())
            .collect();
        let is_killed = power.faults.iter().any(|fault| {
            let kills = power.kills.get(&fault.name);
            fault.violates.contains(&requirement.id)
                && kills.is_some_and(|kills| kills.failed.iter().any(|id| citing.contains(id.as_str())))
        });
        if !is_killed {
            complaints.push(format!(
                "no fault that breaks {} fails a case that cites it: {}",
                requirement.id, requirement.statement
            ));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_judged_case_differs_with_some_fault() {
    let loaded = specs();
    let power = &loaded.specs.power;
    let judged = loaded.specs.cases.iter().filter(|case| case.level != Level::Recorded);
    let idle = judged.filter(|case| power.killed_by(&case.id).next().is_none());
    let idle: Vec<_> = idle.map(|case| case.id.as_str()).collect();
    assert_eq!(idle, Vec::<&str>::new(), "no fault fails these");
}
