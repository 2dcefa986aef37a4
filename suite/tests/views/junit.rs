//! JUnit as its readers take it: what Jenkins' JUnit plugin and GitLab make of every case is what the run came to.
//!
//! Each reader is told here as it is in its own sources: which element decides, which attribute or text is shown, what a case is
//! recognised by from one run to the next.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use torq_conformance::evidence::{Case, Evidence};
use torq_conformance::report::{Format, render};
use torq_conformance::verdict::Verdict;

use crate::formats::every_verdict;
use crate::hostile::hostile;
use crate::runs::{conforming, diverging};

/// An element with everything in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Self>,
    text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Self {
        let attribute = |it: quick_xml::events::attributes::Attribute<'_>| {
            let value = it.normalized_value(XmlVersion::Implicit1_0).expect("it is XML");
            (
                String::from_utf8_lossy(it.key.as_ref()).into_owned(),
                value.into_owned(),
            )
        };
        Self {
            name: String::from_utf8_lossy(start.name().as_ref()).into_owned(),
            attributes: start.attributes().map(|it| attribute(it.expect("it is XML"))).collect(),
            ..Self::default()
        }
    }

    fn parse(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().expect("it is XML") {
                Event::Start(it) => open.push(Self::of(&it)),
                Event::Empty(it) => open.last_mut().expect("one is open").children.push(Self::of(&it)),
                Event::End(_) => {
                    let done = open.pop().expect("one is open");
                    open.last_mut().expect("one is open").children.push(done);
                }
                Event::Text(it) => open.last_mut().expect("one is open").text += &it.decode().expect("it is UTF-8"),
                Event::GeneralRef(it) => {
                    let name = format!("&{};", it.decode().expect("it is UTF-8"));
                    open.last_mut().expect("one is open").text +=
                        &quick_xml::escape::unescape(&name).expect("it is XML");
                }
                Event::Eof => return open.pop().and_then(|mut it| it.children.pop()).expect("it has a root"),
                Event::Decl(_) | Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |it| it.name == name)
    }

    fn one(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|it| it.name == name)
    }

    fn attribute(&self, name: &str) -> &str {
        self.attributes
            .get(name)
            .unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }

    fn number(&self, name: &str) -> usize {
        self.attribute(name).parse().expect("it is a number")
    }
}

/// What a reader makes of a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Read {
    /// What it is recognised by in the next run.
    key: Vec<String>,
    status: &'static str,
    /// What people are shown when it is no success.
    shown: Vec<String>,
}

/// The plugin looks for `skipped`, then for `error` and `failure`; of those it shows the attribute `message` and the text, of
/// a skipped one the attribute. A case is its class, of which what stands before the last dot is the package, and its name.
fn as_jenkins_does(root: &Element) -> Vec<Read> {
    let mut read = Vec::new();
    for suite in root.all("testsuite") {
        assert!(suite.one("error").is_none(), "that would be a suite that did not load");
        let started: jiff::Timestamp = suite.attribute("timestamp").parse().expect("it is a moment");
        assert!(started > jiff::Timestamp::UNIX_EPOCH);
        for case in suite.all("testcase") {
            let (class, name) = (case.attribute("classname"), case.attribute("name"));
            assert!(class.contains('.'), "{class} would be in no package");
            let seconds: f64 = case.attribute("time").parse().expect("it is a number");
            assert!(seconds >= 0.0);
            let unsuccessful = case.one("error").or_else(|| case.one("failure"));
            let (status, shown) = match (case.one("skipped"), unsuccessful) {
                (Some(it), None) => ("skipped", vec![it.attribute("message").to_owned()]),
                (None, Some(it)) => ("failed", vec![it.attribute("message").to_owned(), it.text.clone()]),
                (None, None) => ("passed", Vec::new()),
                (Some(_), Some(_)) => panic!("{name} is two things"),
            };
            read.push(Read {
                key: vec![class.to_owned(), name.to_owned()],
                status,
                shown,
            });
        }
    }
    read
}

/// GitLab asks for `failure`, `error` and `skipped` in this order and shows the text of what it finds. The attribute `type`
/// may not be one of the words by which its XML library converts a text into something else.
fn as_gitlab_does(root: &Element) -> Vec<Read> {
    const CONVERTING: [&str; 14] = [
        "symbol",
        "date",
        "datetime",
        "dateTime",
        "duration",
        "integer",
        "float",
        "decimal",
        "boolean",
        "string",
        "yaml",
        "base64Binary",
        "hexBinary",
        "file",
    ];
    let mut read = Vec::new();
    for suite in root.all("testsuite") {
        for case in suite.all("testcase") {
            let file = case.attribute("file");
            assert!(file.ends_with(".yaml"), "{file} is no file of the specs");
            let found = [("failure", "failed"), ("error", "error"), ("skipped", "skipped")];
            let found = found
                .into_iter()
                .find_map(|(name, status)| Some((case.one(name)?, status)));
            let (status, shown) = found.map_or(("success", Vec::new()), |(it, status)| {
                assert!(!CONVERTING.contains(&it.attribute("type")));
                (status, vec![it.text.clone()])
            });
            let key = [
                suite.attribute("name"),
                case.attribute("classname"),
                case.attribute("name"),
            ];
            read.push(Read {
                key: key.map(str::to_owned).to_vec(),
                status,
                shown,
            });
        }
    }
    read
}

/// What stricter readers ask: every attribute that counts, in suites and in all, times as Surefire writes them, and children
/// in the order of its schema.
fn as_strict_readers_do(root: &Element) {
    const CHILDREN: [&str; 6] = ["properties", "failure", "error", "skipped", "system-out", "system-err"];
    assert_eq!(root.name, "testsuites");
    let time = regex::Regex::new(r"^\d+\.\d{3}$").expect("it is a pattern");
    for (attribute, element) in [
        ("tests", None),
        ("failures", Some("failure")),
        ("errors", Some("error")),
        ("skipped", Some("skipped")),
    ] {
        let mut all = 0;
        for suite in root.all("testsuite") {
            let counts = |case: &&Element| element.is_none_or(|name| case.one(name).is_some());
            let count = suite.all("testcase").filter(counts).count();
            assert_eq!(
                suite.number(attribute),
                count,
                "{attribute} of {}",
                suite.attribute("name")
            );
            all += count;
        }
        assert_eq!(root.number(attribute), all, "{attribute}");
    }
    assert!(time.is_match(root.attribute("time")));
    for suite in root.all("testsuite") {
        assert!(time.is_match(suite.attribute("time")));
        for case in suite.all("testcase") {
            assert!(time.is_match(case.attribute("time")));
            assert!(case.number("line") > 0);
            let place = |it: &Element| CHILDREN.iter().position(|name| *name == it.name).expect("it is known");
            assert!(case.children.iter().map(place).is_sorted());
        }
    }
}

fn find<'r>(read: &'r [Read], case: &Case) -> &'r Read {
    read.iter()
        .find(|it| it.key.last() == Some(&case.id))
        .expect("every case is read")
}

#[test]
fn what_readers_make_of_every_case_is_what_it_came_to() {
    let mut excused = every_verdict(diverging());
    excused
        .cases
        .iter_mut()
        .for_each(|case| case.reason = Some("a <reason> & more".to_owned()));
    for evidence in [
        conforming(),
        diverging(),
        every_verdict(diverging()),
        excused,
        hostile(every_verdict(diverging())),
    ] {
        let evidence: Evidence = evidence;
        let root = Element::parse(&render(&evidence, Format::Junit));
        as_strict_readers_do(&root);
        let (jenkins, gitlab) = (as_jenkins_does(&root), as_gitlab_does(&root));
        for read in [&jenkins, &gitlab] {
            assert_eq!(read.len(), evidence.cases.len());
            let keys: BTreeSet<_> = read.iter().map(|it| &it.key).collect();
            assert_eq!(keys.len(), read.len(), "no two cases are taken for one");
        }
        for (element, case) in root
            .all("testsuite")
            .flat_map(|it| it.all("testcase"))
            .zip(&evidence.cases)
        {
            // Of the built-in specs a path of the repository, which is what can be linked to.
            assert_eq!(element.attribute("file"), case.at.file);
            let (jenkins, gitlab) = (find(&jenkins, case), find(&gitlab, case));
            let wanted = match case.verdict {
                Verdict::Passed | Verdict::Recorded => ("passed", "success"),
                Verdict::Failed | Verdict::UnexpectedPass => ("failed", "failed"),
                Verdict::Inconclusive | Verdict::HarnessError => ("failed", "error"),
                Verdict::Deviates | Verdict::Unavailable | Verdict::Exempt => ("skipped", "skipped"),
            };
            assert_eq!((jenkins.status, gitlab.status), wanted, "{}", case.id);
            for shown in jenkins.shown.iter().chain(&gitlab.shown) {
                assert!(!shown.trim().is_empty(), "{} is shown without a word", case.id);
            }
            if matches!(case.verdict, Verdict::Failed | Verdict::Deviates) {
                assert!(gitlab.shown[0].contains(&format!("torq-conformance explain {}", case.id)));
            }
        }
    }
}
