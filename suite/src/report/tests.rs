//! Laws of all formats: whatever a run came to, they count the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quick_xml::events::Event;

use super::*;
use crate::evidence::{Evidence, generated, read};
use crate::verdict::Verdict;

/// Verdicts counted; those that nobody came to are not there.
type Counts = BTreeMap<String, usize>;

fn of_cases(evidence: &Evidence) -> Counts {
    let mut counts = Counts::new();
    for case in &evidence.cases {
        *counts.entry(case.verdict.word().to_owned()).or_default() += 1;
    }
    counts
}

/// How many cases a format shows, and how many of each kind it can tell apart.
fn shown(evidence: &Evidence, format: Format) -> (Counts, Counts) {
    let text = render(evidence, format);
    let all = of_cases(evidence);
    match format {
        Format::Json => (of_cases(&read("it.json", &text).expect("it can be read")), all),
        Format::Human => (of_terminal(&text), all),
        Format::Junit => (of_junit(&text), all_of_junit(&all)),
        Format::Html => (of_rows(&text), all),
        Format::Markdown => (of_markdown(&text), all),
        Format::Sarif => (of_sarif(&text), all),
        Format::Badge | Format::BadgeJson => (of_badge(&text), conformance(evidence)),
        Format::Github => (of_annotations(&text), one("to look at", evidence.troubled().count())),
    }
}

/// The last line that counts cases: `cases  12 in 0.50 s: 10 passed, 2 failed`.
fn of_terminal(text: &str) -> Counts {
    let styles = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("it is a pattern");
    let plain = styles.replace_all(text, "");
    let line = plain.lines().rfind(|line| line.starts_with("cases  "));
    let (_, counts) = line
        .and_then(|line| line.split_once(" s: "))
        .expect("it counts its cases");
    let counts = counts.split(", ").filter_map(|it| it.split_once(' '));
    counts
        .map(|(count, word)| (word.to_owned(), count.parse().expect("a number")))
        .collect()
}

fn one(name: &str, count: usize) -> Counts {
    Counts::from([(name.to_owned(), count)])
}

/// The rows of the page's list.
fn of_rows(text: &str) -> Counts {
    let row =
        regex::Regex::new(r#"<details class="case" id="[^"]*" data-verdict="([a-z-]+)""#).expect("it is a pattern");
    let mut counts = Counts::new();
    for found in row.captures_iter(text) {
        *counts.entry(found[1].to_owned()).or_default() += 1;
    }
    counts
}

/// The line that counts cases: `12 cases: 10 passed, 2 failed`.
fn of_markdown(text: &str) -> Counts {
    let line = text.lines().find_map(|line| line.split_once(" cases: "));
    let (all, counts) = line.expect("it counts its cases");
    let counts = counts.split(", ").filter_map(|it| it.split_once(' '));
    let counts: Counts = counts
        .map(|(count, word)| (word.to_owned(), count.parse().expect("a number")))
        .collect();
    assert_eq!(all.parse(), Ok(counts.values().sum::<usize>()));
    counts
}

/// The counts of the log, with which its results have to agree.
fn of_sarif(text: &str) -> Counts {
    let log: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let run = &log["runs"][0];
    let mut counts: Counts = serde_json::from_value(run["properties"]["cases"].clone()).expect("they are counts");
    counts.retain(|_, count| *count > 0);
    let count = |verdict: Verdict| counts.get(verdict.word()).copied().unwrap_or_default();
    let told = [
        Verdict::Failed,
        Verdict::Deviates,
        Verdict::Inconclusive,
        Verdict::UnexpectedPass,
        Verdict::Exempt,
    ];
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), told.into_iter().map(count).sum::<usize>());
    let faults = run["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .expect("a list");
    assert_eq!(faults.len(), count(Verdict::HarnessError));
    counts
}

/// The percentage, in tenths.
fn of_badge(text: &str) -> Counts {
    let percent = regex::Regex::new(r"(\d+)(?:\.(\d))? %").expect("it is a pattern");
    let tenths = percent.captures(text).map_or(0, |found| {
        let tenth = found.get(2).map_or("0", |it| it.as_str());
        format!("{}{tenth}", &found[1]).parse().expect("a number")
    });
    one("tenths of a percent", tenths)
}

fn conformance(evidence: &Evidence) -> Counts {
    let of = evidence.conformance.of.max(1);
    one("tenths of a percent", evidence.conformance.passed * 1000 / of)
}

/// Annotations, and those that are left out.
fn of_annotations(text: &str) -> Counts {
    let lines = text.lines().map(|line| match line.strip_prefix("::notice title=") {
        Some(rest) => rest
            .split_once(" more")
            .and_then(|(more, _)| more.parse().ok())
            .unwrap_or(0),
        None => usize::from(line.starts_with("::error ") || line.starts_with("::warning ")),
    });
    one("to look at", lines.sum())
}

/// By the elements of the test cases, which have to agree with the attributes that count them.
fn of_junit(text: &str) -> Counts {
    let mut counts = Counts::new();
    let mut declared = Counts::new();
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().expect("it is XML") {
            Event::Start(it) | Event::Empty(it) => {
                let name = String::from_utf8_lossy(it.name().as_ref()).into_owned();
                if name == "testsuites" {
                    for key in ["tests", "failures", "errors"] {
                        let value = it.try_get_attribute(key).expect("it is XML").expect("it is there");
                        let value = String::from_utf8_lossy(&value.value).parse().expect("a number");
                        declared.insert(key.to_owned(), value);
                    }
                }
                *counts.entry(name).or_default() += 1;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    assert_eq!(declared["tests"], count("testcase"));
    assert_eq!(declared["failures"], count("failure"));
    assert_eq!(declared["errors"], count("error"));
    ["testcase", "failure", "error", "skipped"]
        .map(|name| (name.to_owned(), count(name)))
        .into()
}

/// What the elements of JUnit have to come to.
fn all_of_junit(all: &Counts) -> Counts {
    let count = |verdicts: &[Verdict]| verdicts.iter().filter_map(|it| all.get(it.word())).sum();
    let elements = [
        ("testcase", count(&Verdict::ALL)),
        ("failure", count(&[Verdict::Failed, Verdict::UnexpectedPass])),
        ("error", count(&[Verdict::Inconclusive, Verdict::HarnessError])),
        (
            "skipped",
            count(&[Verdict::Deviates, Verdict::Unavailable, Verdict::Exempt]),
        ),
    ];
    elements.map(|(name, count)| (name.to_owned(), count)).into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_format_counts_the_same(evidence in generated::evidence()) {
        for format in Format::ALL {
            let (shown, wanted) = shown(&evidence, format);
            prop_assert_eq!(shown, wanted, "{:?}", format);
        }
    }
}
