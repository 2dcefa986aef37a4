//! The story of a case that did not pass: what is demanded, what was sent, what came back, and the difference.

use std::fmt::Write as _;
use std::time::Duration;

use super::Finished;
use crate::attempt::{Exchange, Outcome, Took, Unanswered};
use crate::spec::model::{Requirement, Specs};

/// The longest body excerpt, in characters.
const EXCERPT: usize = 400;

/// Tells the story, ending with a curl line and the command that explains the case.
#[must_use]
pub fn explain_failure(finished: &Finished<'_>, specs: &Specs) -> String {
    let case = finished.case;
    let mut out = String::new();
    let verdict = finished.judgement.verdict;
    let _ = writeln!(out, "{verdict}: {}", case.id);
    let _ = writeln!(out, "  {} ({})", case.title, case.at);
    for requirement in requirements(&case.requirements, specs) {
        let _ = writeln!(
            out,
            "  {} {}: {}",
            requirement.grade.level(),
            requirement.id,
            requirement.statement
        );
        let _ = writeln!(out, "    source: {}, {}", requirement.page, requirement.place);
    }
    if let Some(reason) = &finished.judgement.reason {
        let _ = writeln!(out, "  {reason}");
    }
    let mut curl = None;
    for step in finished.run.steps.iter().filter(|step| !step.findings.is_clean()) {
        let _ = writeln!(out, "  at: {} ({})", step.title, step.at);
        if let Some(exchange) = step.exchanges.last() {
            curl = Some(curl_line(exchange));
            let _ = writeln!(out, "    sent: {} {}", exchange.request.method, exchange.request.url);
            let _ = writeln!(out, "    came back: {}", answer_line(exchange));
        }
        for mismatch in &step.findings.mismatches {
            let _ = writeln!(out, "    {} ({})", mismatch.part, mismatch.at);
            let _ = writeln!(out, "      expected: {}", mismatch.expected);
            let _ = writeln!(out, "      found:    {}", mismatch.found);
        }
        for doubt in &step.findings.doubts {
            let _ = writeln!(out, "    could not tell: {} ({})", doubt.reason, doubt.at);
        }
        for note in &step.findings.notes {
            let _ = writeln!(out, "    note: {note}");
        }
    }
    if let Some(curl) = curl {
        let _ = writeln!(out, "  again: {curl}");
    }
    let _ = writeln!(out, "  more:  torq-conformance explain {}", case.id);
    out
}

fn requirements<'s>(ids: &'s [String], specs: &'s Specs) -> impl Iterator<Item = &'s Requirement> {
    ids.iter()
        .filter_map(|id| specs.requirements.iter().find(|requirement| requirement.id == *id))
}

fn answer_line(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Outcome::Answered(answer) => {
            let seconds = |time: Duration| format!("{:.3} s", time.as_secs_f64());
            let took = match exchange.took {
                Took::Between { after, by } if after == by => format!("at {}", seconds(by)),
                Took::Between { after, by } => format!("between {} and {}", seconds(after), seconds(by)),
                Took::Measured { first_byte, .. } => format!("after {}", seconds(first_byte)),
            };
            let kind: Vec<_> = answer.header("content-type").collect();
            format!(
                "{} {took}, {}, {}",
                answer.status,
                kind.join(", "),
                excerpt(&answer.body.text())
            )
        }
        Outcome::Unanswered(why) => match why {
            Unanswered::NoConnection(reason) => format!("no connection: {reason}"),
            Unanswered::ConnectionLost(reason) => format!("the connection closed before an answer: {reason}"),
            Unanswered::OutOfPatience => "nothing in the time allowed".to_owned(),
            Unanswered::Unfinished { .. } => "an answer that did not end in the time allowed".to_owned(),
            Unanswered::NotHttp(what) => what.clone(),
        },
    }
}

/// The exchange as a command to try by hand.
#[must_use]
pub(crate) fn curl_line(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let mut line = format!("curl -i -X {} {}", request.method, quoted(&request.url));
    for (name, value) in &request.headers {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    if request.body.size > 0 {
        let _ = write!(line, " --data-binary {}", quoted(&excerpt(&request.body.text())));
    }
    line
}

fn excerpt(text: &str) -> String {
    if text.chars().count() <= EXCERPT {
        return text.to_owned();
    }
    let start: String = text.chars().take(EXCERPT).collect();
    format!("{start}… ({} bytes)", text.len())
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
