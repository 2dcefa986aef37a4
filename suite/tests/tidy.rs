//! The sources of all crates, held to the rules their architecture rests on.
//!
//! Reads text and nothing else. A breach is told as a sentence with its place; that each rule can be broken is tested.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines beyond which a file is about more than one thing.
const MAX_LINES: usize = 450;

/// Words that belong in some places only.
struct Boundary {
    /// What the rule is about.
    words: &'static [&'static str],
    /// Where it holds: paths, from the repository's root, that begin with one of these.
    within: &'static [&'static str],
    /// Where it does not.
    except: &'static [&'static str],
    /// What the rule says.
    rule: &'static str,
}

const BOUNDARIES: [Boundary; 10] = [
    Boundary {
        words: &["hyper::", "hyper_util::", "http_body_util::", "StatusCode"],
        within: &["mock-server/src/"],
        except: &["mock-server/src/edge/", "mock-server/src/control/"],
        rule: "HTTP frameworks and status codes stay in `edge` and `control`",
    },
    Boundary {
        words: &["SystemTime::now", "Instant::now"],
        within: &["mock-server/src/"],
        except: &["mock-server/src/clock/", "mock-server/src/control/"],
        rule: "only `clock` reads time; the control surface bounds its own waiting",
    },
    Boundary {
        words: &["tokio::"],
        within: &[
            "mock-server/src/admission",
            "mock-server/src/behaviour",
            "mock-server/src/execution",
            "mock-server/src/event",
        ],
        except: &[],
        rule: "the core is plain functions, without a runtime",
    },
    Boundary {
        words: &["opentelemetry", "reqwest::"],
        within: &["mock-server/src/"],
        except: &["mock-server/src/traces/"],
        rule: "what a tracing system is told, and how, is the business of `traces` alone",
    },
    Boundary {
        words: &["torq_mock_server"],
        within: &["suite/src/"],
        except: &["suite/src/target/embedded.rs"],
        rule: "the suite judges from the wire and knows the mock's crate in one place only",
    },
    Boundary {
        words: &["reqwest::"],
        within: &["suite/src/"],
        except: &["suite/src/run/client.rs", "suite/src/target/"],
        rule: "one file sends with it; the target only passes the client on",
    },
    Boundary {
        words: &["tokio::", "std::fs", "Instant::now", "SystemTime::now"],
        within: &[
            "suite/src/check",
            "suite/src/judging",
            "suite/src/rejudge",
            "suite/src/diff",
            "suite/src/evidence",
            "suite/src/report",
            "suite/src/verdict",
            "suite/src/plan",
            "suite/src/exemption",
            "suite/src/expression",
            "suite/src/doctor",
            "suite/src/learn",
            "suite/src/redaction",
        ],
        except: &[],
        rule: "checking, diagnosing, learning, redacting and reporting touch no network, no file and no clock",
    },
    Boundary {
        words: &[
            "Client", "Target", "Session", "Profile", "std::net", "std::env", "conduct",
        ],
        within: &["suite/src/judging", "suite/src/rejudge", "suite/src/cli/rejudge.rs"],
        except: &[],
        rule: "who judges again has what was recorded and nobody to ask",
    },
    Boundary {
        words: &["report::Outcome", "report::Finished", "CaseRun", "StepRun", "attempt::"],
        within: &["suite/src/report/"],
        except: &["suite/src/report/mod.rs"],
        rule: "views are made from the evidence alone",
    },
    Boundary {
        words: &["anstream::", "io::stdout", "io::stderr"],
        within: &["suite/src/"],
        except: &["suite/src/cli/"],
        rule: "only the command line prints",
    },
];

/// Every breach of the rules in one file.
fn breaches(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push(format!(
            "{path}:1: begin with a `//!` line that says what the file owns"
        ));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        found.push(format!(
            "{path}:{lines}: split it by concept; {MAX_LINES} lines are enough"
        ));
    }
    for boundary in BOUNDARIES.iter().filter(|boundary| boundary.holds_in(path)) {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = boundary.words.iter().find(|word| names(code_of(line), word)) {
                found.push(format!(
                    "{path}:{}: `{word}` is out of place; {}",
                    number + 1,
                    boundary.rule
                ));
            }
        }
    }
    found
}

impl Boundary {
    fn holds_in(&self, path: &str) -> bool {
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
        begins(self.within) && !begins(self.except)
    }
}

/// A line without its comment. A text that holds two slashes is cut off as well, which no rule minds.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Whether some code names a word, and not a longer one that ends like it.
fn names(code: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].chars().next_back().is_some_and(is_part))
}

/// Every Rust file below a folder, in a stable order.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the crate's folders can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => rust_files(&path),
            Some(extension) if extension == "rs" => vec![path],
            Some(_) | None => Vec::new(),
        })
        .collect()
}

#[test]
fn every_file_keeps_to_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let crates = [
        "mock-server",
        "mock-server/located-yaml",
        "mock-server/served",
        "suite",
        "suite/browser",
    ];
    let files: Vec<_> = crates
        .iter()
        .flat_map(|it| ["src", "tests", "benches"].map(|folder| root.join(it).join(folder)))
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| rust_files(&folder))
        .collect();
    assert!(files.len() > 200, "only {} files were found", files.len());
    let found: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            // This file spells out what is forbidden elsewhere, and lies where none of it is.
            breaches(&path, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_rule_can_be_broken() {
    let long = format!("//! x\n{}", "\n".repeat(MAX_LINES));
    for (path, text, place) in [
        (
            "mock-server/src/a.rs",
            "use std::fmt;\n//! late\n",
            "mock-server/src/a.rs:1: begin with",
        ),
        ("mock-server/src/a.rs", "", "mock-server/src/a.rs:1: begin with"),
        (
            "mock-server/tests/a.rs",
            long.as_str(),
            "mock-server/tests/a.rs:451: split it",
        ),
        (
            "mock-server/src/app/mod.rs",
            "//! x\n\nuse hyper::body::Incoming;\n",
            "mock-server/src/app/mod.rs:3: `hyper::`",
        ),
        (
            "mock-server/src/reply.rs",
            "//! x\nuse http::StatusCode;\n",
            "mock-server/src/reply.rs:2: `StatusCode`",
        ),
        (
            "mock-server/src/app/mod.rs",
            "//! x\nlet now = SystemTime::now();\n",
            "mock-server/src/app/mod.rs:2: `SystemTime::now`",
        ),
        (
            "mock-server/src/edge/a.rs",
            "//! x\ntokio::time::Instant::now()\n",
            "mock-server/src/edge/a.rs:2: `Instant::now`",
        ),
        (
            "mock-server/src/admission/a.rs",
            "//! x\nuse tokio::sync::Mutex;\n",
            "mock-server/src/admission/a.rs:2: `tokio::`",
        ),
        (
            "mock-server/src/execution/mod.rs",
            "//! x\ntokio::spawn(x);\n",
            "mock-server/src/execution/mod.rs:2: `tokio::`",
        ),
        (
            "mock-server/src/edge/a.rs",
            "//! x\nuse opentelemetry::Context;\n",
            "mock-server/src/edge/a.rs:2: `opentelemetry`",
        ),
        (
            "suite/src/a.rs",
            "use std::fmt;\n//! late\n",
            "suite/src/a.rs:1: begin with",
        ),
        ("suite/tests/a.rs", long.as_str(), "suite/tests/a.rs:451: split it"),
        (
            "suite/src/run/case.rs",
            "//! x\nuse torq_mock_server::Server;\n",
            "suite/src/run/case.rs:2: `torq_mock_server`",
        ),
        (
            "suite/src/run/wire.rs",
            "//! x\n\nreqwest::get(url)\n",
            "suite/src/run/wire.rs:3: `reqwest::`",
        ),
        (
            "suite/src/check/mod.rs",
            "//! x\ntokio::spawn(x);\n",
            "suite/src/check/mod.rs:2: `tokio::`",
        ),
        (
            "suite/src/rejudge/bench.rs",
            "//! x\nuse crate::run::Client;\n",
            "suite/src/rejudge/bench.rs:2: `Client`",
        ),
        (
            "suite/src/judging/again.rs",
            "//! x\nstd::fs::read(path)\n",
            "suite/src/judging/again.rs:2: `std::fs`",
        ),
        (
            "suite/src/report/json.rs",
            "//! x\nuse std::fs;\n",
            "suite/src/report/json.rs:2: `std::fs`",
        ),
        (
            "suite/src/report/summary.rs",
            "//! x\nuse crate::run::CaseRun;\n",
            "suite/src/report/summary.rs:2: `CaseRun`",
        ),
        (
            "suite/src/verdict.rs",
            "//! x\nlet now = Instant::now();\n",
            "suite/src/verdict.rs:2: `Instant::now`",
        ),
        (
            "suite/src/lib.rs",
            "//! x\nanstream::stdout()\n",
            "suite/src/lib.rs:2: `anstream::`",
        ),
    ] {
        let found = breaches(path, text);
        assert!(found.len() == 1 && found[0].starts_with(place), "{place}: {found:?}");
    }
}

#[test]
fn what_the_rules_allow_is_no_breach() {
    let full = format!("//! x\n{}", "\n".repeat(MAX_LINES - 1));
    for (path, text) in [
        ("mock-server/src/a.rs", full.as_str()),
        (
            "mock-server/src/app/mod.rs",
            "//! No async, no hyper::anything.\nuse http::Method; // not StatusCode\n",
        ),
        (
            "mock-server/src/app/mod.rs",
            "//! x\nuse our_tokio::x;\nlet it = NotStatusCode;\n",
        ),
        (
            "mock-server/src/edge/listener.rs",
            "//! x\nuse hyper::body::Incoming;\nuse http::StatusCode;\n",
        ),
        ("mock-server/src/clock/mod.rs", "//! x\nSystemTime::now()\n"),
        ("mock-server/src/clock/mod.rs", "//! x\nuse tokio::sync::watch;\n"),
        ("mock-server/tests/it/http2.rs", "//! x\nuse hyper::client;\n"),
        ("suite/src/a.rs", full.as_str()),
        ("suite/src/target/embedded.rs", "//! x\nuse torq_mock_server::Server;\n"),
        ("suite/src/run/client.rs", "//! x\nreqwest::Client\n"),
        (
            "suite/src/check/mod.rs",
            "//! Knows no tokio::anything.\nuse std::fmt;\n",
        ),
        ("suite/src/cli/mod.rs", "//! x\nanstream::stderr()\n"),
        ("suite/tests/it/secrets.rs", "//! x\nuse torq_mock_server::Server;\n"),
    ] {
        assert_eq!(breaches(path, text), Vec::<String>::new(), "{path}");
    }
}
