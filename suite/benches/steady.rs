//! Whether a full run says the same every time: verdicts and facts of many runs, at several numbers of jobs, calm and with
//! every core kept busy by others.
//!
//! `cargo bench -p torq-conformance --bench steady [-- RUNS]`, 200 runs of each kind unless said otherwise. Ends with 1 when a run differs.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use serde_json::Value as Json;

const JOBS: [u16; 3] = [1, 4, 16];
/// Threads per core that do nothing but be in the way.
const BUSY: usize = 4;

/// What a run said: the exit code, verdicts by case, and facts by name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    code: Option<i32>,
    verdicts: BTreeMap<String, String>,
    facts: BTreeMap<String, String>,
}

fn main() -> ExitCode {
    let number = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let runs: usize = number.unwrap_or(200);
    let out = tempfile::tempdir().expect("a folder is made");
    let first = run(4, out.path());
    let failed = first.verdicts.values().filter(|verdict| *verdict == "failed").count();
    say(&format!(
        "measured against one run at 4 jobs: exit {:?}, {} cases, {failed} failed, {} facts",
        first.code,
        first.verdicts.len(),
        first.facts.len()
    ));
    let mut differing = 0;
    for stressed in [false, true] {
        let stress = stressed.then(Stress::start);
        for jobs in JOBS {
            let mut seconds = Vec::new();
            let mut differences = 0;
            for number in 1..=runs {
                let began = Instant::now();
                let said = run(jobs, out.path());
                seconds.push(began.elapsed().as_secs_f64());
                if said != first {
                    differences += 1;
                    say(&format!("run {number} differs: {}", difference(&first, &said)));
                }
            }
            seconds.sort_by(f64::total_cmp);
            let median = seconds.get(seconds.len() / 2).copied().unwrap_or_default();
            let longest = seconds.last().copied().unwrap_or_default();
            let air = if stressed { "every core busy" } else { "calm" };
            say(&format!(
                "{runs} runs, {jobs:>2} jobs, {air}: {differences} differ; median {median:.2} s, longest {longest:.2} s"
            ));
            differing += differences;
        }
        drop(stress);
    }
    ExitCode::from(u8::from(differing > 0))
}

/// One full run of the built program against its embedded mock.
fn run(jobs: u16, out: &Path) -> Said {
    let mut program = Command::new(env!("CARGO_BIN_EXE_torq-conformance"));
    program.args(["run", "--format", "json", "--jobs", &jobs.to_string(), "--out"]);
    let output = program.arg(out).output().expect("the program starts");
    let report: Json = serde_json::from_slice(&output.stdout).expect("it prints its report");
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let cases = report["cases"].as_array().expect("a report lists its cases").iter();
    let facts = report["facts"].as_object().expect("a report lists its facts").iter();
    Said {
        code: output.status.code(),
        verdicts: cases.map(|case| (text(&case["id"]), text(&case["verdict"]))).collect(),
        facts: facts.map(|(name, value)| (name.clone(), text(value))).collect(),
    }
}

fn difference(first: &Said, said: &Said) -> String {
    let mut found = Vec::new();
    if first.code != said.code {
        found.push(format!("exit {:?} rather than {:?}", said.code, first.code));
    }
    for (before, after) in [(&first.verdicts, &said.verdicts), (&first.facts, &said.facts)] {
        let names = before
            .keys()
            .chain(after.keys().filter(|name| !before.contains_key(*name)));
        let differing = names.filter(|name| before.get(*name) != after.get(*name));
        found.extend(differing.map(|name| format!("{name}: {:?} rather than {:?}", after.get(name), before.get(name))));
    }
    found.join(", ")
}

/// Threads that keep every core busy until it is dropped.
struct Stress {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Stress {
    fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let spin = |_| {
            let over = over.clone();
            thread::spawn(move || {
                let mut number = 0_u64;
                while !over.load(Ordering::Relaxed) {
                    number = black_box(number.wrapping_add(1));
                }
            })
        };
        Self {
            threads: (0..cores * BUSY).map(spin).collect(),
            over,
        }
    }
}

impl Drop for Stress {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // A thread that only counts cannot fail.
            let _ = thread.join();
        }
    }
}

fn say(line: &str) {
    // Without standard output the exit code is left to tell.
    let _ = writeln!(anstream::stdout(), "{line}");
}
