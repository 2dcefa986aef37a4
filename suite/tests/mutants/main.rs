//! What the cases themselves are worth: every assertion of every case lost by itself, and every field of the mock's answers
//! changed by itself, held against `specs/survivors.yaml`.
//!
//! `cargo test -p torq-conformance --test mutants` takes minutes and is no part of a plain `cargo test`. It ends with 1 when
//! something survives without a reason, a reason has nothing to excuse, or a score sinks. `-- GLOB` tries the assertions of some
//! cases alone; `UPDATE_SURVIVORS=1` writes the figures into the file.

mod alteration;
mod answers;
mod assertion;
mod burst;
mod cases;
#[path = "../shared/faulty.rs"]
mod faulty;
mod json;
mod matcher;
#[path = "../shared/parallel.rs"]
mod parallel;
mod replay;
mod survivors;
mod world;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io, thread};

use torq_conformance::plan::plan;
use torq_conformance::run::CaseRun;
use torq_conformance::spec::model::{Case, Power, Score, Specs};
use torq_conformance::spec::{self, Source};

use replay::{Came, replay};
use survivors::{Figures, Tried};
use world::{Scene, World};

/// A case, and what the right mock answers to it.
pub(crate) struct Recorded<'s> {
    pub(crate) case: &'s Case,
    pub(crate) run: CaseRun,
    pub(crate) came: Came,
}

impl<'s> Recorded<'s> {
    pub(crate) fn of(case: &'s Case, run: CaseRun) -> Self {
        let came = Came::of(case, &run);
        Self { case, run, came }
    }

    /// What the same answers come to when they are judged again.
    pub(crate) fn again(&self) -> Came {
        replay(self.case, &self.run, &|_, _| None)
    }
}

fn main() -> ExitCode {
    // As they are now: after a change of the specs nothing has to be built.
    let loaded = spec::load(&Source::Folder(folder())).expect("the specs can be read");
    if !loaded.problems.is_empty() {
        say(&loaded.problems.to_string());
        return ExitCode::FAILURE;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let glob = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let complaints = runtime.expect("a runtime starts").block_on(async {
        let scene = Scene::start(&loaded.specs).await;
        let complaints = match glob {
            Some(glob) => some(&loaded.specs, &scene, &glob).await,
            None => all(&loaded.specs, &scene).await,
        };
        scene.end().await;
        complaints
    });
    for complaint in &complaints {
        say(complaint);
    }
    ExitCode::from(u8::from(!complaints.is_empty()))
}

/// Everything there is to try.
async fn all(specs: &Specs, scene: &Scene<'_>) -> Vec<String> {
    let recorded = match record(scene, specs.cases.iter().collect()).await {
        Ok(recorded) => recorded,
        Err(complaints) => return complaints,
    };
    let power = &specs.power;
    let answers = answers::unnoticed(&recorded);
    say(&answers.told(&power.answers));
    let assertions = cases::unnoticed(specs, scene, &recorded).await;
    say(&assertions.told(&power.assertions));
    if std::env::var_os("UPDATE_SURVIVORS").is_some() {
        write(power, &[(&answers, &power.answers), (&assertions, &power.assertions)]);
        let unexplained = [(&answers, &power.answers), (&assertions, &power.assertions)];
        let unexplained = unexplained.iter().flat_map(|(tried, score)| tried.unexplained(score));
        return unexplained.map(|it| format!("nothing notices {it}")).collect();
    }
    let mut complaints = answers.complaints(&power.answers);
    complaints.extend(assertions.complaints(&power.assertions));
    for (tried, score) in [(&answers, &power.answers), (&assertions, &power.assertions)] {
        if tried.now(score) != Figures::written(score) {
            say("the figures in specs/survivors.yaml are older: UPDATE_SURVIVORS=1 writes them anew");
        }
    }
    if !power.basis.is_measured() {
        say("specs/survivors.yaml was measured of something else: UPDATE_SURVIVORS=1 writes its figures anew");
    }
    complaints
}

/// The assertions of some cases.
async fn some(specs: &Specs, scene: &Scene<'_>, glob: &str) -> Vec<String> {
    let cases = match plan(specs, &[format!("id:{glob}")], None) {
        Ok(plan) => plan.cases,
        Err(error) => return vec![error.to_string()],
    };
    let recorded = match record(scene, cases).await {
        Ok(recorded) => recorded,
        Err(complaints) => return complaints,
    };
    let tried = cases::unnoticed(specs, scene, &recorded).await;
    say(&tried.told(&specs.power.assertions));
    let unexplained = tried.unexplained(&specs.power.assertions);
    unexplained.map(|it| format!("nothing notices {it}")).collect()
}

/// Runs cases on the right mock.
///
/// # Errors
/// When one cannot be judged again by what was seen, without which nothing else here means anything.
async fn record<'s>(scene: &Scene<'_>, cases: Vec<&'s Case>) -> Result<Vec<Recorded<'s>>, Vec<String>> {
    let runs = scene.run(&World::Right, &cases).await;
    let recorded: Vec<_> = cases
        .into_iter()
        .zip(runs)
        .map(|(case, run)| Recorded::of(case, run))
        .collect();
    let mut complaints = Vec::new();
    for one in &recorded {
        let again = one.again();
        if again != one.came {
            let (id, came) = (&one.case.id, &one.came);
            complaints.push(format!("{id} came to {came:?}, and judged again to {again:?}"));
        }
    }
    if complaints.is_empty() {
        Ok(recorded)
    } else {
        Err(complaints)
    }
}

/// How many threads there is work for.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Where the specs are.
fn folder() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names it");
    PathBuf::from(package).join("../specs")
}

fn write(power: &Power, tried: &[(&Tried, &Score)]) {
    let file = folder().join("survivors.yaml");
    let text = fs::read_to_string(&file).expect("the file can be read");
    let written = tried
        .iter()
        .fold(text, |text, (tried, score)| tried.written_into(&text, score));
    let (old, new) = (&power.basis.measured, &power.basis.present);
    let written = written.replacen(&format!("\nbasis: '{old}'\n"), &format!("\nbasis: '{new}'\n"), 1);
    fs::write(&file, written).expect("the file can be written");
}

/// Prints, as programs do; the macros are for tests that should not.
fn say(line: &str) {
    // Whoever closed the pipe does not want to hear it.
    let _ = writeln!(io::stdout(), "{line}");
}
