//! Runs made up at random, judged again: what comes out holds together, and nothing of a case passes that was not seen to.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::evidence::{self, Place, generated};
use crate::spec::{self, Loaded, Source};
use crate::verdict::Judgement;

static SPECS: LazyLock<Loaded> = LazyLock::new(|| spec::load(&Source::Embedded).expect("they are in the binary"));

fn a_case() -> evidence::Case {
    evidence::Case {
        id: "a".to_owned(),
        title: String::new(),
        section: "it".to_owned(),
        suite: "it".to_owned(),
        level: Level::Must,
        requirements: Vec::new(),
        twin: None,
        at: Place {
            file: "it.yaml".to_owned(),
            line: 1,
            column: 1,
        },
        verdict: Verdict::Failed,
        reason: Some("as told then".to_owned()),
        fingerprint: Some("fp-0".to_owned()),
        repeats: None,
        seconds: 0.0,
        trouble: None,
        values: BTreeMap::new(),
        facts: BTreeMap::new(),
        steps: Vec::new(),
    }
}

fn came_to(verdict: Verdict) -> Judgement {
    Judgement { verdict, reason: None }
}

#[test]
fn an_exemption_holds_for_the_failure_it_excused() {
    use Verdict::{Deviates, Exempt, Failed, Passed, UnexpectedPass};
    for (before, failure, now, expected, said) in [
        (Failed, "fp-0", Failed, Failed, Some("as told then")),
        (Failed, "fp-1", Failed, Failed, None),
        (Passed, "fp-1", Failed, Failed, None),
        (Exempt, "fp-0", Failed, Exempt, Some("as told then")),
        (Exempt, "fp-0", Deviates, Exempt, Some("as told then")),
        (
            Exempt,
            "fp-1",
            Failed,
            Failed,
            Some("another failure than the one that was exempt: fp-1, not fp-0"),
        ),
        (
            UnexpectedPass,
            "fp-1",
            Failed,
            Failed,
            Some("whether this failure was exempt is not recorded: it passed then"),
        ),
        (
            Exempt,
            "",
            Passed,
            UnexpectedPass,
            Some("passes although it was as told then; take the exemption out"),
        ),
        (UnexpectedPass, "", Passed, UnexpectedPass, Some("as told then")),
        (Failed, "", Passed, Passed, None),
    ] {
        let recorded = evidence::Case {
            verdict: before,
            ..a_case()
        };
        let failure = (!failure.is_empty()).then_some(failure);
        let excused = excuses::excuse(&recorded, failure, came_to(now));
        let judgement = excuses::notice_pass(Some(&recorded), excused);
        assert_eq!(
            (judgement.verdict, judgement.reason.as_deref()),
            (expected, said),
            "{before} then, {now} now"
        );
    }
}

#[test]
fn of_several_runs_the_others_may_be_worse_now() {
    use Verdict::{Failed, Inconclusive, Passed};
    let mut verdicts = verdict::Tally::default();
    verdicts.add(Passed);
    verdicts.add(Failed);
    let recorded = evidence::Case {
        repeats: Some(evidence::Repeats {
            stability: verdict::Stability::Intermittent,
            verdicts,
        }),
        ..a_case()
    };
    assert_eq!(excuses::other_repeats(&recorded, came_to(Failed)), came_to(Failed));
    let better = excuses::other_repeats(&recorded, came_to(Passed));
    let said = "not judged again: of its 2 runs only the worst was recorded, and that one is passed now";
    assert_eq!((better.verdict, better.reason.as_deref()), (Inconclusive, Some(said)));
    assert_eq!(excuses::other_repeats(&a_case(), came_to(Passed)), came_to(Passed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_run_of_other_specs_is_told_as_unknown_and_nothing_of_it_is_made_up(stored in generated::evidence()) {
        let rejudged = rejudge(&stored, &SPECS.specs);
        prop_assert_eq!(rejudged.unknown.len(), stored.cases.len());
        prop_assert_eq!(rejudged.judged_again, 0);
        let inconclusive = rejudged.evidence.cases.iter().all(|case| case.verdict == Verdict::Inconclusive);
        prop_assert!(inconclusive);
        let text = serde_json::to_string(&rejudged.evidence).expect("evidence is JSON");
        let read = evidence::read("report.json", &text);
        prop_assert!(read.is_ok(), "{:?}", read.err());
        prop_assert!(to_text(&rejudged).contains("0 cases judged again"));
    }
}
