//! The traceability matrix: every requirement, where it is published, and the cases that check it; and the cases alone.
//!
//! As text for people, at most 100 columns wide where ids allow it, and as JSON for machines.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::spec::model::{Case, Level, Need, Requirement, Specs};

const WRITTEN: &str = "a String takes everything that is written";
/// In characters.
const WIDTH: usize = 100;

/// The cases that cite a requirement, by the side they check it from.
#[derive(Debug, Default)]
pub(super) struct Covering<'s> {
    /// The behaviour itself.
    pub(super) positive: Vec<&'s Case>,
    /// Its refusals: cases with a positive twin.
    pub(super) negative: Vec<&'s Case>,
    /// Recorded, not judged.
    pub(super) observed: Vec<&'s Case>,
}

impl<'s> Covering<'s> {
    /// The cases of `requirement`.
    pub(super) fn of(requirement: &Requirement, specs: &'s Specs) -> Self {
        let mut covering = Self::default();
        for case in specs
            .cases
            .iter()
            .filter(|case| case.requirements.contains(&requirement.id))
        {
            match (case.level, &case.twin) {
                (Level::Recorded, _) => covering.observed.push(case),
                (Level::Must | Level::Should, Some(_)) => covering.negative.push(case),
                (Level::Must | Level::Should, None) => covering.positive.push(case),
            }
        }
        covering
    }

    fn sides(&self) -> [(&'static str, &Vec<&'s Case>); 3] {
        [("+", &self.positive), ("-", &self.negative), ("o", &self.observed)]
    }

    fn counts(&self) -> [usize; 3] {
        self.sides().map(|(_, cases)| cases.len())
    }

    fn is_empty(&self) -> bool {
        self.counts().iter().all(|count| *count == 0)
    }
}

/// Counts over the requirements of a level.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    requirements: usize,
    covered: usize,
    untested: usize,
    cases: [usize; 3],
}

impl Total {
    fn of(level: Option<Level>, specs: &Specs) -> Self {
        let mut total = Self::default();
        let wanted = |it: Level| level.is_none_or(|level| level == it);
        for requirement in specs.requirements.iter().filter(|it| wanted(it.grade.level())) {
            total.requirements += 1;
            total.untested += usize::from(requirement.untested.is_some());
            total.covered += usize::from(!Covering::of(requirement, specs).is_empty());
        }
        for case in specs.cases.iter().filter(|case| wanted(case.level)) {
            let side = match (case.level, &case.twin) {
                (Level::Recorded, _) => 2,
                (Level::Must | Level::Should, Some(_)) => 1,
                (Level::Must | Level::Should, None) => 0,
            };
            total.cases[side] += 1;
        }
        total
    }
}

/// The matrix for people.
pub(super) fn requirements(specs: &Specs) -> String {
    let mut out = String::from("+ positive cases, - negative cases (each with a positive twin), o observing cases\n");
    let mut section = "";
    for requirement in &specs.requirements {
        if requirement.section != section {
            section = &requirement.section;
            writeln!(out, "\n{section}: {}", requirement.section_title).expect(WRITTEN);
        }
        write_requirement(&mut out, requirement, specs);
    }
    let heading = [
        "requirements",
        "covered",
        "untested",
        "positive",
        "negative",
        "observing",
    ];
    write!(out, "\n{:<10}", "totals").expect(WRITTEN);
    for column in heading {
        write!(out, " {column:>12}").expect(WRITTEN);
    }
    out.push('\n');
    for (name, level) in levels() {
        let total = Total::of(level, specs);
        write!(out, "{name:<10}").expect(WRITTEN);
        for figure in [total.requirements, total.covered, total.untested]
            .into_iter()
            .chain(total.cases)
        {
            write!(out, " {figure:>12}").expect(WRITTEN);
        }
        out.push('\n');
    }
    out
}

const fn levels() -> [(&'static str, Option<Level>); 4] {
    [
        ("MUST", Some(Level::Must)),
        ("SHOULD", Some(Level::Should)),
        ("recorded", Some(Level::Recorded)),
        ("all", None),
    ]
}

fn write_requirement(out: &mut String, requirement: &Requirement, specs: &Specs) {
    let covering = Covering::of(requirement, specs);
    let (grade, level) = (requirement.grade, requirement.grade.level());
    let name = format!("{} ({grade}, {level})", requirement.id);
    let [positive, negative, observed] = covering.counts();
    writeln!(out, "\n  {name:<68} {positive:>5} + {negative:>5} - {observed:>5} o").expect(WRITTEN);
    write_wrapped(out, &format!("{}, {}", requirement.page, requirement.place));
    if let Some(reason) = &requirement.untested {
        write_wrapped(out, &format!("untested: {reason}"));
    }
    for (sign, cases) in covering.sides() {
        for case in cases {
            writeln!(out, "    {sign} {}", case.id).expect(WRITTEN);
        }
    }
}

fn write_wrapped(out: &mut String, text: &str) {
    const INDENT: &str = "      ";
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && INDENT.len() + line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{INDENT}{line}").expect(WRITTEN);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "{INDENT}{line}").expect(WRITTEN);
}

/// The matrix for machines.
pub(super) fn requirements_json(specs: &Specs) -> String {
    let ids = |cases: &[&Case]| cases.iter().map(|case| case.id.clone()).collect::<Vec<_>>();
    let rows = specs.requirements.iter().map(|it| {
        let covering = Covering::of(it, specs);
        json!({
            "id": it.id,
            "section": it.section,
            "grade": it.grade.word(),
            "level": it.grade.level().word(),
            "statement": it.statement,
            "source": { "page": it.page, "section": it.place },
            "untested": it.untested,
            "positive": ids(&covering.positive),
            "negative": ids(&covering.negative),
            "observed": ids(&covering.observed),
            "file": &*it.at.file,
            "line": it.at.line,
        })
    });
    let rows: Vec<Json> = rows.collect();
    let totals = levels().into_iter().map(|(name, level)| {
        let total = Total::of(level, specs);
        let [positive, negative, observed] = total.cases;
        let figures = json!({
            "requirements": total.requirements,
            "covered": total.covered,
            "untested": total.untested,
            "positive": positive,
            "negative": negative,
            "observed": observed,
        });
        (name.to_owned(), figures)
    });
    let totals: serde_json::Map<String, Json> = totals.collect();
    format!("{:#}\n", json!({ "requirements": rows, "totals": totals }))
}

/// One line per case: id, level, title.
pub(super) fn cases(specs: &Specs) -> String {
    let mut out = String::new();
    for case in &specs.cases {
        writeln!(out, "{:<60} {:<9} {}", case.id, case.level.word(), case.title).expect(WRITTEN);
    }
    out
}

/// The cases for machines.
pub(super) fn cases_json(specs: &Specs) -> String {
    let cases = specs.cases.iter().map(|case| {
        json!({
            "id": case.id,
            "title": case.title,
            "section": case.section,
            "level": case.level.word(),
            "requirements": case.requirements,
            "twin": case.twin.as_ref().map(|twin| &twin.case),
            "needs": case.needs.iter().copied().map(need).collect::<Vec<_>>(),
            "tags": case.tags,
            "file": &*case.at.file,
            "line": case.at.line,
        })
    });
    let cases: Vec<Json> = cases.collect();
    format!("{:#}\n", json!({ "cases": cases }))
}

const fn need(need: Need) -> &'static str {
    match need {
        Need::ManualClock => "manual-clock",
        Need::Quota => "quota",
        Need::LargePayload => "large-payload",
    }
}
