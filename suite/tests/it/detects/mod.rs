//! Every kind of expectation against a server that is right, and one that is wrong in just that way.

mod bodies;
mod bursts;
mod connections;
mod forms;
mod framing;
mod headers;
mod mock;
mod open;
mod polls;
mod requests;
mod statuses;
mod times;
mod values;
mod words;

use torq_conformance::verdict::Verdict;

use crate::bench::{Seen, hear, judge};
use crate::servers::Play;

/// One expectation, a server that keeps it, and one that does not.
pub(crate) struct Row {
    /// The steps of the case.
    steps: String,
    right: Play,
    wrong: Play,
    /// What the wrong server comes to.
    verdict: Verdict,
    /// What is said of the wrong server; a star at the end stands for any rest.
    says: &'static [&'static str],
}

impl Row {
    /// A request whose answer has to be as `expect` says; the wrong server has to fail, with these words.
    fn of(expect: &str, right: Play, wrong: Play, says: &'static [&'static str]) -> Self {
        let steps = format!("- request: {{ surface: hooks, path: /probe }}\n  expect: {{ {expect} }}");
        Self {
            steps,
            right,
            wrong,
            verdict: Verdict::Failed,
            says,
        }
    }

    /// The same with steps of its own.
    fn steps(steps: &str, right: Play, wrong: Play, says: &'static [&'static str]) -> Self {
        Self {
            steps: steps.to_owned(),
            ..Self::of("", right, wrong, says)
        }
    }

    fn inconclusive(mut self) -> Self {
        self.verdict = Verdict::Inconclusive;
        self
    }
}

/// Judges both servers of every row, and complains about all that were misjudged together. While somebody listens, the steps are
/// told and nothing runs.
#[track_caller]
pub(crate) fn check(mut rows: Vec<Row>) {
    rows.retain(|row| !hear(&row.steps));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let complaints = runtime.expect("a runtime starts").block_on(async {
        let mut complaints = Vec::new();
        for row in rows {
            let right = judge(&row.steps, row.right).await;
            if right.verdict != Verdict::Passed {
                complaints.push(format!("the right server did not pass: {}", right.story));
            }
            let wrong = judge(&row.steps, row.wrong).await;
            if wrong.verdict != row.verdict || !speaks(&wrong, row.says) {
                complaints.push(format!(
                    "{}\nwrong server: {:#?}",
                    row.steps,
                    (wrong.verdict, wrong.sentences)
                ));
            }
        }
        complaints
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

fn speaks(seen: &Seen, says: &[&str]) -> bool {
    let alike = |(found, wanted): (&String, &&str)| match wanted.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => found == wanted,
    };
    seen.sentences.len() == says.len() && seen.sentences.iter().zip(says).all(alike)
}
