//! Workflow commands for GitHub Actions: what has to be looked at, beside the YAML that expects it.
//!
//! Renders the commands; that they are printed only where somebody reads them is for the command line.

use std::fmt::Write as _;

use super::told::first_line;
use crate::evidence::{Evidence, Place};
use crate::verdict::Verdict;

/// GitHub shows no more than this of one kind and step.
const MOST: usize = 10;

/// One command a line, errors first.
#[must_use]
pub fn to_annotations(evidence: &Evidence) -> String {
    let mut out = String::new();
    for (command, verdicts) in [
        (
            "error",
            &[Verdict::HarnessError, Verdict::Failed, Verdict::UnexpectedPass][..],
        ),
        ("warning", &[Verdict::Deviates, Verdict::Inconclusive]),
    ] {
        let cases = evidence
            .troubled()
            .filter(|case| verdicts.contains(&case.verdict) && !case.was_not_run());
        let mut notes: Vec<_> = cases
            .map(|case| {
                let (place, words) = first_line(case);
                let title = format!("{}: {}", case.verdict, case.id);
                (
                    place.clone(),
                    title,
                    format!("{}\n{words}\ntorq-conformance explain {}", case.title, case.id),
                )
            })
            .collect();
        if command == "error" {
            let stale = evidence.stale_exemptions.iter();
            notes.extend(stale.map(|it| (it.at.clone(), format!("stale exemption: {}", it.names), it.why.clone())));
        }
        let more = notes.len().saturating_sub(MOST);
        for (place, title, words) in notes.iter().take(MOST) {
            annotation(&mut out, command, (place, title, words));
        }
        if more > 0 {
            let _ = writeln!(out, "::notice title={more} more::report.html has all of them");
        }
    }
    out
}

fn annotation(out: &mut String, command: &str, (place, title, words): (&Place, &str, &str)) {
    let (file, title) = (property(&place.file), property(title));
    let (line, column) = (place.line, place.column);
    let words = data(words);
    let _ = writeln!(
        out,
        "::{command} file={file},line={line},col={column},title={title}::{words}"
    );
}

/// Text as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_command_or_begins_another() {
        assert_eq!(data("100 %\r\n::error::x"), "100 %25%0D%0A::error::x");
        assert_eq!(property("a:b,c\n"), "a%3Ab%2Cc%0A");
        let mut out = String::new();
        let place = Place {
            file: "a,b.yaml".to_owned(),
            line: 3,
            column: 7,
        };
        annotation(&mut out, "error", (&place, "failed: x\n::stop", "one\ntwo"));
        assert_eq!(
            out,
            "::error file=a%2Cb.yaml,line=3,col=7,title=failed%3A x%0A%3A%3Astop::one%0Atwo\n"
        );
    }
}
