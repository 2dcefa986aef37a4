//! The report for a browser: one file with everything in it, which asks for nothing from anywhere.
//!
//! What every reader needs is plain HTML. The stories of the cases travel as data, one line each, and the script turns one into
//! HTML when its case is opened; that is why a thousand cases are as quick as ten. The script writes text nodes only, and the
//! page's policy runs no script but this one, so that nothing a deployment answers is ever more than text.

mod row;
mod story;

use askama::Template;
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use self::row::{Cause, Count, Group, Row, Section};
use super::headline::{self, Tone};
use crate::evidence::{Evidence, StaleExemption};
use crate::verdict::Verdict;

const STYLE: &str = include_str!("style.css");
/// Read in this order, as one script.
const SCRIPT: &str = concat!(
    "\"use strict\";\n",
    include_str!("element.js"),
    include_str!("plot.js"),
    include_str!("story.js"),
    include_str!("page.js"),
);

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'e> {
    evidence: &'e Evidence,
    style: &'static str,
    script: &'static str,
    policy: String,
    headline: &'static str,
    tone: &'static str,
    stamps: Vec<String>,
    figures: [Figure; 2],
    verdicts: Vec<Count>,
    about: Vec<(&'static str, String)>,
    causes: Vec<Cause>,
    more_causes: usize,
    sections: Vec<Section>,
    rows: Vec<Row<'e>>,
    groups: Vec<Group<'e>>,
    facts: Vec<Fact<'e>>,
    intermittent: Vec<(&'e str, String)>,
    exempt: Vec<(&'e str, &'e str)>,
    stale: &'e [StaleExemption],
    /// One line of JSON for each case, in the order of the rows.
    stories: String,
    /// What the stories refer to, as JSON.
    requirements: String,
}

/// One of the two figures.
struct Figure {
    name: &'static str,
    percent: String,
    words: String,
    part: usize,
    all: usize,
    tone: &'static str,
}

impl Figure {
    /// How much of the bar is filled, in percent.
    fn width(&self) -> usize {
        self.part * 100 / self.all
    }
}

/// Open behaviour, and the case that recorded it.
struct Fact<'e> {
    name: &'e str,
    value: &'e str,
    case: Option<&'e str>,
}

/// The whole report.
///
/// # Errors
/// When it cannot be written, which a text in memory does not do.
pub fn to_html(evidence: &Evidence) -> Result<String, askama::Error> {
    let line = headline::headline(evidence);
    let rows = row::rows(evidence);
    let stories: Vec<_> = rows.iter().map(|row| inert(&story::story(row.case))).collect();
    let (causes, more_causes) = row::causes(&rows);
    Page {
        evidence,
        style: STYLE,
        script: SCRIPT,
        policy: format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            digest(STYLE),
            digest(SCRIPT)
        ),
        headline: line.words,
        tone: line.tone.word(),
        stamps: headline::stamps(evidence),
        figures: figures(evidence),
        verdicts: row::verdicts(evidence),
        about: about(evidence),
        causes,
        more_causes,
        sections: row::sections(evidence),
        groups: row::groups(evidence),
        facts: facts(evidence),
        intermittent: intermittent(evidence),
        exempt: exempt(evidence),
        stale: &evidence.stale_exemptions,
        requirements: inert(&story::requirements(evidence)),
        stories: stories.join("\n"),
        rows,
    }
    .render()
}

/// JSON that a script element may hold: nothing in it ends the element or begins a comment.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}

fn digest(text: &str) -> String {
    BASE64.encode(&Sha256::digest(text.as_bytes()))
}

fn figures(evidence: &Evidence) -> [Figure; 2] {
    let figure = |name, verb: &str, (part, all): (usize, usize)| Figure {
        name,
        percent: headline::percent(part, all),
        words: format!("{part} of {all} MUST cases {verb}"),
        part,
        all: all.max(1),
        tone: if part == all { Tone::Good } else { Tone::Bad }.word(),
    };
    let (conformance, coverage) = (&evidence.conformance, &evidence.coverage);
    [
        figure("Conformance", "passed", (conformance.passed, conformance.of)),
        figure("Coverage", "judged", (coverage.judged, coverage.of)),
    ]
}

/// What identifies the run.
fn about(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let ended = evidence
        .finished
        .as_deref()
        .map_or_else(|| "not yet".to_owned(), moment);
    let clock = match evidence.target.clock {
        crate::evidence::Clock::Manual => "moved by hand; times are exact",
        crate::evidence::Clock::System => "runs by itself; times are measured",
    };
    let mut about = vec![
        ("Target", evidence.target.name.clone()),
        ("Clock", clock.to_owned()),
        ("Started", moment(&evidence.started)),
        ("Ended", ended),
        ("Took", format!("{:.2} s", evidence.seconds)),
        ("Suite", format!("torq-conformance {}", evidence.suite.version)),
        ("Specs", evidence.suite.specs.clone()),
    ];
    let power = evidence.suite.power.iter();
    about.extend(power.map(|score| ("Power", format!("{}{}", score.words(), score.uncounted()))));
    if let Some(code) = evidence.exit_code {
        about.push(("Exit code", format!("{code}: {}", headline::meaning(code))));
    }
    if evidence.repeat > 1 {
        about.push((
            "Repeated",
            format!("{} times; the worst verdict counts", evidence.repeat),
        ));
    }
    if evidence.strict {
        about.push(("Strict", "a SHOULD that differs fails the run".to_owned()));
    }
    about
}

/// A moment to the second, as people read it; what is no moment stays as it is.
fn moment(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(moment) => moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => text.to_owned(),
    }
}

fn facts(evidence: &Evidence) -> Vec<Fact<'_>> {
    let case = |name: &str| {
        let case = evidence.cases.iter().find(|case| case.facts.contains_key(name));
        case.map(|case| case.id.as_str())
    };
    let facts = evidence.facts.iter();
    facts
        .map(|(name, value)| Fact {
            name,
            value,
            case: case(name),
        })
        .collect()
}

fn intermittent(evidence: &Evidence) -> Vec<(&str, String)> {
    let cases = evidence.cases.iter().filter(|case| case.is_intermittent());
    let counts = |case: &crate::evidence::Case| {
        let repeats = case.repeats.as_ref();
        repeats.map(|repeats| repeats.verdicts.counts()).unwrap_or_default()
    };
    cases.map(|case| (case.id.as_str(), counts(case))).collect()
}

fn exempt(evidence: &Evidence) -> Vec<(&str, &str)> {
    let cases = evidence.cases.iter().filter(|case| case.verdict == Verdict::Exempt);
    cases
        .map(|case| (case.id.as_str(), case.reason.as_deref().unwrap_or_default()))
        .collect()
}
