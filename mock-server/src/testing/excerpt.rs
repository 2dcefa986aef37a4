//! What a failing test shows of the journal: one line a request, the newest last.
//!
//! Text from what the journal keeps, which holds no secrets.

use std::fmt::Write as _;

use crate::journal::{AnswerNote, JournalPage, ReceivedRequest};

/// Requests that are shown; more would hide the message.
const SHOWN: usize = 12;

const WRITTEN: &str = "a String takes everything that is written";

/// What was expected and is not so, and the journal.
pub(super) fn of_unmet(unmet: &[String], total: usize, page: &JournalPage) -> String {
    let (count, verb) = (unmet.len(), if unmet.len() == 1 { "is" } else { "are" });
    let noun = if total == 1 { "expectation" } else { "expectations" };
    let mut text = format!("torq-mock: {count} of {total} {noun} {verb} not met\n");
    for complaint in unmet {
        writeln!(text, "  {complaint}").expect(WRITTEN);
    }
    text.push('\n');
    text.push_str(&of_journal(page));
    text
}

/// The newest requests.
pub(super) fn of_journal(page: &JournalPage) -> String {
    if page.received == 0 {
        return "No request has come.".to_owned();
    }
    let skipped = page.requests.len().saturating_sub(SHOWN);
    let hidden = page.received - (page.requests.len() - skipped) as u64;
    let noun = if page.received == 1 {
        "request has"
    } else {
        "requests have"
    };
    let mut text = format!("{} {noun} come", page.received);
    if hidden > 0 {
        write!(text, "; the first {hidden} are not shown").expect(WRITTEN);
    }
    text.push_str(":\n");
    for request in &page.requests[skipped..] {
        writeln!(text, "  {}", line(request)).expect(WRITTEN);
    }
    text
}

fn line(request: &ReceivedRequest) -> String {
    let method = request.method.as_deref().unwrap_or("(no head)");
    let answer = match request.answer.map(|answer| answer.note) {
        Some(AnswerNote::Sent { status, .. }) => status.to_string(),
        Some(AnswerNote::Automatic) => "refused by the HTTP layer".to_owned(),
        Some(AnswerNote::CallerGone) => "the caller left".to_owned(),
        None => "held".to_owned(),
    };
    let mut line = format!(
        "#{} {} {method} {} -> {answer}",
        request.number, request.at, request.path
    );
    if let Some(refusal) = &request.refusal {
        write!(line, "; refused by {}: {}", refusal.gate, refusal.reason).expect(WRITTEN);
        if let (Some(expected), Some(received)) = (&refusal.expected, &refusal.received) {
            write!(line, " (expected {expected}, received {received})").expect(WRITTEN);
        }
    }
    line
}
