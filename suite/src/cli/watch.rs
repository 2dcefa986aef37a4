//! `torq-conformance run --watch`: waits for saves, and runs again what they affect.
//!
//! What a save affects is `crate::watch`'s to say. Everything goes to standard output, in the order in which it happened.

mod saves;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use located_yaml::{Problems, Sources};

use super::run::{RunArguments, default_jobs, interrupted, unreachable};
use super::{fail, paint, refuse, show};
use crate::evidence::Evidence;
use crate::plan;
use crate::profile::{Environment, Profile};
use crate::progress::Silent;
use crate::report::{self, Outcome};
use crate::run::Client;
use crate::spec::model::Specs;
use crate::spec::{self, Loaded, Source};
use crate::stop::Stop;
use crate::target::{Embedded, Target};
use crate::verdict::{Strictness, exit};
use crate::watch::affected;
use crate::{Run, conduct};
use saves::{Saved, Saves};

const WRITTEN: &str = "a String takes everything that is written";
/// How many cases are named; a save may affect all of them.
const NAMED: usize = 12;

/// Watches until it is interrupted, which ends it well.
pub(super) fn watch(source: &Source, arguments: &RunArguments) -> ExitCode {
    let Some(folder) = folder(source) else {
        return refuse(
            "there is nothing to watch: the built-in specs do not change, and there is no `specs/` here; name a folder with --specs DIR",
        );
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(exit::HARNESS, &format!("the runtime does not start: {error}")),
    };
    runtime.block_on(async {
        tokio::select! {
            code = watch_folder(folder, arguments) => code,
            () = interrupted() => show("\nno longer watching\n"),
        }
    })
}

/// The folder of the specs, also where the built-in ones would be used otherwise.
fn folder(source: &Source) -> Option<PathBuf> {
    match source {
        Source::Folder(folder) => Some(folder.clone()),
        Source::Embedded => Some(PathBuf::from("specs")).filter(|folder| folder.join("fixtures.yaml").is_file()),
    }
}

async fn watch_folder(folder: PathBuf, arguments: &RunArguments) -> ExitCode {
    // Before anything is read, so that no save is missed.
    let mut saves = match Saves::of(&folder, arguments.profile.as_deref()) {
        Ok(saves) => saves,
        Err(error) => return refuse(&format!("cannot watch {}: {error}", folder.display())),
    };
    let mock = match Embedded::start().await {
        Ok(mock) => mock,
        Err(error) => return fail(exit::HARNESS, &error.to_string()),
    };
    let mut session = Session {
        arguments,
        mock,
        specs: Source::Folder(folder.clone()),
        seen: None,
        good: None,
        place: None,
    };
    let mut saved = Saved {
        at: Instant::now(),
        files: BTreeSet::new(),
    };
    loop {
        if let Some(said) = session.take_in(&saved).await {
            show(&format!("{said}watching {} (Ctrl-C ends)\n", folder.display()));
        }
        match saves.next().await {
            Some(next) => saved = next,
            None => return fail(exit::HARNESS, "the system no longer tells of saves"),
        }
    }
}

/// What lives from save to save.
struct Session<'a> {
    arguments: &'a RunArguments,
    mock: Embedded,
    specs: Source,
    /// The digest of the specs and the text of the profile as they were last read, right or wrong.
    seen: Option<(String, String)>,
    /// The specs and the profile's text as they were last run.
    good: Option<(Specs, String)>,
    place: Option<Place>,
}

/// Where cases run, kept while the fixtures and the profile stay what they are.
struct Place {
    made_from: (String, String),
    profile: Option<Profile>,
    client: Client,
    target: Target,
    latency: Duration,
}

impl Session<'_> {
    /// Reads everything again and runs what is affected; `None` when nothing differs from what was read before.
    async fn take_in(&mut self, saved: &Saved) -> Option<String> {
        let mut out = heading(saved);
        let loaded = match spec::load(&self.specs) {
            Ok(loaded) => loaded,
            Err(error) => {
                writeln!(out, "{error}").expect(WRITTEN);
                return Some(out);
            }
        };
        let profile_text = match self.arguments.profile.as_deref().map(read).transpose() {
            Ok(text) => text.unwrap_or_default(),
            Err(error) => {
                writeln!(out, "{error}").expect(WRITTEN);
                return Some(out);
            }
        };
        let seen = (loaded.specs.digest.clone(), profile_text);
        if self.seen.as_ref() == Some(&seen) {
            return None;
        }
        let profile_text = seen.1.clone();
        self.seen = Some(seen);
        let read = saved.at.elapsed();
        match self.run(loaded, profile_text, &mut out).await {
            Ok(()) => {
                let (all, read) = (saved.at.elapsed().as_secs_f64(), read.as_secs_f64());
                writeln!(
                    out,
                    "{all:.3} s since the save, {read:.3} s of it until everything was read"
                )
                .expect(WRITTEN);
            }
            Err(why) => writeln!(out, "{}\nnothing was run", why.trim_end()).expect(WRITTEN),
        }
        Some(out)
    }

    async fn run(&mut self, loaded: Loaded, profile_text: String, out: &mut String) -> Result<(), String> {
        if !loaded.problems.is_empty() {
            return Err(problems(&loaded.problems, &loaded.sources));
        }
        let specs = loaded.specs;
        self.settle(&specs, &profile_text).await?;
        let Some(place) = &self.place else { return Ok(()) };
        let planned = plan::plan(&specs, &self.arguments.filter, place.profile.as_ref());
        let mut plan = planned.map_err(|error| error.to_string())?;
        match &self.good {
            Some((before, text)) if *text == profile_text => {
                let affected = affected(before, &specs);
                plan.cases.retain(|case| affected.contains_key(&case.id));
                plan.unavailable.retain(|(case, _)| affected.contains_key(&case.id));
                let ids: Vec<_> = plan.cases.iter().map(|case| case.id.as_str()).collect();
                out.push_str(&reasons(
                    &ids,
                    &affected
                        .iter()
                        .map(|(id, why)| (id.as_str(), why.to_string()))
                        .collect(),
                ));
            }
            Some(_) => writeln!(out, "{}: the profile changed", count(plan.cases.len())).expect(WRITTEN),
            None => writeln!(out, "{}: everything, to begin with", count(plan.cases.len())).expect(WRITTEN),
        }
        if !plan.cases.is_empty() {
            let run = Run {
                specs: &specs,
                plan,
                target: &place.target,
                client: &place.client,
                jobs: self.arguments.jobs.map_or_else(default_jobs, usize::from),
                latency: place.latency,
                stop: Stop::default(),
            };
            let outcome = conduct(run, &Silent).await;
            out.push_str(&result(&outcome));
        }
        self.good = Some((specs, profile_text));
        Ok(())
    }

    /// Sees to it that there is somewhere to run.
    async fn settle(&mut self, specs: &Specs, profile_text: &str) -> Result<(), String> {
        let fixtures = &specs.fixtures;
        let made_from = (fixtures.text.clone(), profile_text.to_owned());
        if self.place.as_ref().is_some_and(|place| place.made_from == made_from) {
            return Ok(());
        }
        let profile = self.arguments.profile.as_deref().map(|path| parse(path, profile_text));
        let profile = profile.transpose()?;
        let network = profile.as_ref().map(|it| it.network.clone()).unwrap_or_default();
        let client = Client::new(&network).map_err(|error| error.to_string())?;
        let target = match &profile {
            Some(profile) => Target::of_profile(profile.clone(), client.http()),
            None => self.mock.target(client.http(), (&fixtures.file, &fixtures.text)),
        };
        let latency = target.reach(&client).await.map_err(|error| unreachable(&error))?;
        self.place = Some(Place {
            made_from,
            profile,
            client,
            target,
            latency,
        });
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn parse(path: &Path, text: &str) -> Result<Profile, String> {
    let name = path.display().to_string();
    let profile = Profile::parse(&name, text, &Environment::of_process());
    let profile = profile.and_then(|profile| profile.network.certificates().map(|_| profile));
    profile.map_err(|found| {
        let mut sources = Sources::default();
        sources.add(&name, text);
        problems(&found, &sources)
    })
}

fn problems(found: &Problems, sources: &Sources) -> String {
    let noun = if found.len() == 1 { "problem" } else { "problems" };
    format!("{}\n\n{} {noun}", found.render(sources, paint()), found.len())
}

fn heading(saved: &Saved) -> String {
    if saved.files.is_empty() {
        return String::new();
    }
    let files: Vec<_> = saved.files.iter().map(String::as_str).collect();
    format!("\nsaved {}\n", files.join(", "))
}

fn count(cases: usize) -> String {
    format!("{cases} {}", if cases == 1 { "case" } else { "cases" })
}

/// Which cases are run, and why.
fn reasons(ids: &[&str], affected: &BTreeMap<&str, String>) -> String {
    if ids.is_empty() {
        return "no case to run: nothing that is checked here has changed\n".to_owned();
    }
    let mut out = format!("{} to run\n", count(ids.len()));
    let width = ids.iter().take(NAMED).map(|id| id.len()).max().unwrap_or_default();
    for id in ids.iter().take(NAMED) {
        let why = affected.get(id).map_or("", String::as_str);
        writeln!(out, "  {id:<width$}  {why}").expect(WRITTEN);
    }
    if ids.len() > NAMED {
        writeln!(out, "  and {} more", ids.len() - NAMED).expect(WRITTEN);
    }
    out
}

/// The story of every case that did not do well, and how many did what.
fn result(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    let evidence = Evidence::of(outcome, Strictness::Lenient);
    for case in evidence.troubled() {
        writeln!(out, "{}", report::explain_failure(case, &evidence)).expect(WRITTEN);
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finished in &outcome.cases {
        *counts.entry(finished.judgement.verdict.word()).or_default() += 1;
    }
    let counts: Vec<_> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    writeln!(out, "{}", counts.join(", ")).expect(WRITTEN);
    out
}
