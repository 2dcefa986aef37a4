//! What an exemption excuses, what it does not, and when it has to go.

use located_yaml::{Paint, Sources};

use super::*;
use crate::check::{Findings, Mismatch, Part};
use crate::testing;

const TODAY: Date = jiff::civil::date(2026, 11, 24);

fn case(id: &str, requirement: &str) -> Case {
    Case {
        requirements: vec![requirement.to_owned()],
        ..testing::case(id)
    }
}

fn specs() -> Specs {
    Specs {
        cases: vec![case("a.a.one", "ONE"), case("a.a.two", "TWO"), case("a.a.both", "TWO")],
        ..Specs::default()
    }
}

fn answering(status: &str) -> CaseRun {
    let mismatch = Mismatch {
        part: Part::Status,
        expected: "200".to_owned(),
        found: status.to_owned(),
        at: testing::place(),
    };
    let findings = Findings {
        mismatches: vec![mismatch],
        ..Findings::default()
    };
    CaseRun {
        steps: vec![testing::step(findings)],
        ..CaseRun::default()
    }
}

fn exempting(whose: &str, expires: &str, status: &str) -> Exemptions {
    let print = fingerprint(&answering(status)).expect("it differs");
    let text =
        format!("exemptions:\n  - {{ {whose}, reason: known, owner: QA, expires: {expires}, fingerprint: {print} }}\n");
    Exemptions::parse("exemptions.yaml", &text, TODAY).expect("the file is right")
}

fn judged(verdict: Verdict) -> Judgement {
    Judgement { verdict, reason: None }
}

#[test]
fn just_the_failure_that_was_exempt_is_excused() {
    use Verdict::{Deviates, Exempt, Failed, HarnessError, Inconclusive, Passed};
    for (whose, expires, status, verdict, expected, reason) in [
        (
            "case: a.a.one",
            "2026-12-24",
            "500",
            Failed,
            Exempt,
            Some("exempt until 2026-12-24 (QA): known"),
        ),
        (
            "requirement: ONE",
            "2026-12-24",
            "500",
            Failed,
            Exempt,
            Some("exempt until"),
        ),
        (
            "case: a.a.one",
            "2026-11-24",
            "500",
            Failed,
            Exempt,
            Some("until 2026-11-24"),
        ),
        (
            "case: a.a.one",
            "2026-12-24",
            "500",
            Deviates,
            Exempt,
            Some("exempt until"),
        ),
        (
            "case: a.a.one",
            "2026-11-23",
            "500",
            Failed,
            Failed,
            Some("expired on 2026-11-23"),
        ),
        (
            "case: a.a.one",
            "2026-12-24",
            "404",
            Failed,
            Failed,
            Some("another failure than the one that is exempt"),
        ),
        ("case: a.a.two", "2026-12-24", "500", Failed, Failed, None),
        ("case: a.a.one", "2026-12-24", "500", Inconclusive, Inconclusive, None),
        ("case: a.a.one", "2026-12-24", "500", HarnessError, HarnessError, None),
        ("case: a.a.one", "2026-12-24", "500", Passed, Passed, None),
    ] {
        let exemptions = exempting(whose, expires, status);
        let judgement = exemptions.excuse(&case("a.a.one", "ONE"), &answering("500"), judged(verdict));
        assert_eq!(judgement.verdict, expected, "{whose} {expires} {status} {verdict}");
        let said = judgement.reason.unwrap_or_default();
        assert!(said.contains(reason.unwrap_or_default()), "{said}");
        assert_eq!(said.is_empty(), reason.is_none(), "{said}");
    }
}

#[test]
fn a_pass_that_was_not_expected_is_noticed() {
    use Verdict::{Exempt, Failed, Inconclusive, Passed, UnexpectedPass};
    for (whose, expires, before, after) in [
        (
            "case: a.a.one",
            "2026-12-24",
            [Passed, Passed, Passed],
            [UnexpectedPass, Passed, Passed],
        ),
        (
            "case: a.a.one",
            "2026-12-24",
            [Exempt, Passed, Passed],
            [Exempt, Passed, Passed],
        ),
        (
            "case: a.a.one",
            "2026-12-24",
            [Inconclusive, Passed, Passed],
            [Inconclusive, Passed, Passed],
        ),
        (
            "case: a.a.one",
            "2026-12-24",
            [Failed, Passed, Passed],
            [Failed, Passed, Passed],
        ),
        (
            "case: a.a.one",
            "2026-11-23",
            [Passed, Passed, Passed],
            [Passed, Passed, Passed],
        ),
        (
            "requirement: TWO",
            "2026-12-24",
            [Passed, Passed, Exempt],
            [Passed, Passed, Exempt],
        ),
        (
            "requirement: TWO",
            "2026-12-24",
            [Passed, Passed, Passed],
            [Passed, UnexpectedPass, UnexpectedPass],
        ),
    ] {
        let specs = specs();
        let ids = || specs.cases.iter().map(|case| case.id.clone());
        let mut judgements: BTreeMap<_, _> = ids().zip(before.map(judged)).collect();
        exempting(whose, expires, "500").notice_passes(&specs, &mut judgements);
        let found: Vec<_> = ids().map(|id| judgements[&id].verdict).collect();
        assert_eq!(found, after, "{whose} {expires}");
    }
}

#[test]
fn an_exemption_of_a_case_that_did_not_run_makes_no_verdict_of_its_own() {
    let mut judgements = BTreeMap::from([("a.a.two".to_owned(), judged(Verdict::Passed))]);
    exempting("case: a.a.one", "2026-12-24", "500").notice_passes(&specs(), &mut judgements);
    assert_eq!(judgements.len(), 1);
    assert_eq!(judgements["a.a.two"].verdict, Verdict::Passed);
}

#[test]
fn exemptions_that_name_nothing_or_have_expired_are_stale() {
    for (whose, expires, why) in [
        ("case: a.a.one", "2026-11-24", None),
        ("requirement: ONE", "2026-12-24", None),
        ("case: a.a.one", "2026-11-23", Some("expired on 2026-11-23")),
        (
            "case: a.a.on",
            "2026-12-24",
            Some("there is no such case; did you mean `a.a.one`?"),
        ),
        (
            "requirement: THREE",
            "2026-12-24",
            Some("there is no case that cites this requirement"),
        ),
    ] {
        let stale = exempting(whose, expires, "500").stale(&specs());
        let found = stale.first().map(|it| it.why.as_str());
        assert!(found.is_some() == why.is_some(), "{whose} {stale:?}");
        assert!(
            found.unwrap_or_default().starts_with(why.unwrap_or_default()),
            "{stale:?}"
        );
    }
}

#[test]
fn every_problem_of_a_file_is_listed_with_its_place_and_a_way_out() {
    let text = "exemptions:
  - case: urls.*
    reason: \"\"
    owner:
    expires: next week
    fingerprint: 0123
  - { case: a, requirement: B, reason: r, owner: o, expires: 2026-12-24, fingerprint: [] }
  - { case: a, reson: r, owner: o, expires: 2026-13-24, fingerprint: fp-0123456789abcdef }
  - { case: c, reason: r, owner: o, expires: 2026-12-24, fingerprint: fp-0123456789abcdef }
  - { case: c, reason: r, owner: o, expires: 2026-12-24, fingerprint: [fp-0123456789abcdef] }
";
    let problems = Exemptions::parse("exemptions.yaml", text, TODAY).expect_err("nothing is right");
    let mut sources = Sources::default();
    sources.add("exemptions.yaml", text);
    insta::assert_snapshot!(problems.render(&sources, Paint::Plain));
}
