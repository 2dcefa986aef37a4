//! From what was seen to one word, and from words to an exit code.

use proptest::prelude::*;

use super::*;
use crate::check::{Doubt, Findings, Mismatch, Part};
use crate::expression::EvalError;
use crate::run::NoToken;
use crate::spec::model::Twin;
use crate::stop::StopReason;
use crate::testing::{self, place, step};

fn case(id: &str, level: Level) -> Case {
    Case {
        level,
        ..testing::case(id)
    }
}

fn negative(id: &str, twin: &str) -> Case {
    let twin = Twin {
        case: twin.to_owned(),
        differs: "secret".to_owned(),
        at: place(),
    };
    Case {
        twin: Some(twin),
        ..case(id, Level::Must)
    }
}

fn clean() -> Findings {
    Findings::default()
}

fn noted() -> Findings {
    Findings {
        notes: vec!["near the bound".to_owned()],
        ..clean()
    }
}

fn different() -> Findings {
    let mismatch = Mismatch {
        part: Part::Status,
        expected: "200".to_owned(),
        found: "500".to_owned(),
        at: place(),
    };
    Findings {
        mismatches: vec![mismatch],
        ..clean()
    }
}

fn doubtful() -> Findings {
    let doubt = Doubt {
        reason: "too slow".to_owned(),
        at: place(),
    };
    Findings {
        doubts: vec![doubt],
        ..clean()
    }
}

fn seen(findings: Vec<Findings>, trouble: Option<Trouble>) -> CaseRun {
    CaseRun {
        steps: findings.into_iter().map(step).collect(),
        trouble,
        ..CaseRun::default()
    }
}

#[test]
fn what_was_seen_comes_to_one_word_for_each_level() {
    use Verdict::{Deviates, Failed, HarnessError, Inconclusive, Passed, Recorded};
    let could_not = || Some(Trouble::CouldNotTell("no token".to_owned()));
    let harness = || Some(Trouble::Harness("no value".to_owned()));
    for (findings, trouble, words) in [
        (vec![], None, [Passed, Passed, Recorded]),
        (vec![clean(), noted()], None, [Passed, Passed, Recorded]),
        (vec![clean(), different()], None, [Failed, Deviates, Inconclusive]),
        (vec![doubtful()], None, [Inconclusive; 3]),
        (vec![doubtful(), different()], None, [Failed, Deviates, Inconclusive]),
        (vec![clean()], could_not(), [Inconclusive; 3]),
        (vec![different()], could_not(), [Failed, Deviates, Inconclusive]),
        (vec![clean()], harness(), [HarnessError; 3]),
        (vec![different()], harness(), [HarnessError; 3]),
    ] {
        let run = seen(findings, trouble);
        for (level, word) in [Level::Must, Level::Should, Level::Recorded].into_iter().zip(words) {
            assert_eq!(judge(&case("a", level), &run).verdict, word, "{level} {run:?}");
        }
    }
}

#[test]
fn trouble_says_why() {
    let run = seen(vec![], Some(Trouble::CouldNotTell("no token".to_owned())));
    assert_eq!(judge(&case("a", Level::Must), &run).reason.as_deref(), Some("no token"));
    let run = seen(vec![different()], None);
    assert_eq!(judge(&case("a", Level::Must), &run).reason, None, "the findings say it");
}

#[test]
fn a_refusal_proves_nothing_unless_its_twin_succeeded() {
    use Verdict::{Deviates, Failed, HarnessError, Inconclusive, Passed, Recorded, Unavailable};
    let cases = [negative("wrong", "right"), case("right", Level::Must)];
    let came_to = |own: Verdict, twin: Option<Verdict>| {
        let judgement = |verdict| Judgement { verdict, reason: None };
        let mut judgements = BTreeMap::from([("wrong".to_owned(), judgement(own))]);
        judgements.extend(twin.map(|verdict| ("right".to_owned(), judgement(verdict))));
        consider_twins(cases.iter(), &mut judgements);
        assert_eq!(
            judgements.get("right").map(|it| it.verdict),
            twin,
            "a twin keeps its own verdict"
        );
        judgements.remove("wrong").expect("it is there")
    };
    for twin in [Passed, Recorded] {
        assert_eq!(came_to(Passed, Some(twin)).verdict, Passed, "{twin}");
    }
    for twin in [Failed, Deviates, Inconclusive, Unavailable, HarnessError] {
        let judgement = came_to(Passed, Some(twin));
        assert_eq!(judgement.verdict, Inconclusive, "{twin}");
        let reason = judgement.reason.expect("it says why");
        assert!(
            reason.contains("right") && reason.contains(twin.word()) && reason.contains("secret"),
            "{reason}"
        );
    }
    let alone = came_to(Passed, None);
    assert_eq!(alone.verdict, Inconclusive);
    assert!(alone.reason.is_some_and(|it| it.contains("did not run")));
    for own in [Failed, Inconclusive, HarnessError] {
        assert_eq!(came_to(own, Some(Failed)).verdict, own, "only a pass is taken back");
    }
}

#[test]
fn the_worst_verdict_decides_the_exit_code() {
    use Level::{Must, Recorded, Should};
    use Verdict as V;
    let code = |verdicts: &[(Level, V)]| exit_code(verdicts.iter().copied(), Strictness::Lenient);
    assert_eq!(code(&[]), 0);
    assert_eq!(
        code(&[(Must, V::Passed), (Recorded, V::Recorded), (Must, V::Unavailable)]),
        0
    );
    assert_eq!(code(&[(Must, V::Inconclusive), (Must, V::Passed)]), 4);
    assert_eq!(code(&[(Should, V::Inconclusive), (Recorded, V::Inconclusive)]), 0);
    assert_eq!(code(&[(Must, V::Inconclusive), (Must, V::Failed)]), 1);
    assert_eq!(code(&[(Must, V::Failed), (Must, V::HarnessError)]), 5);
    assert_eq!(code(&[(Should, V::Deviates)]), 0);
    assert_eq!(exit_code([(Should, V::Deviates)].into_iter(), Strictness::Strict), 1);
    assert_eq!(exit_code([(Should, V::Exempt)].into_iter(), Strictness::Strict), 0);
    assert_eq!(code(&[(Must, V::Exempt), (Must, V::Passed)]), 0);
    assert_eq!(code(&[(Must, V::UnexpectedPass), (Must, V::Inconclusive)]), 6);
    assert_eq!(code(&[(Must, V::UnexpectedPass), (Must, V::Failed)]), 1);
    assert_eq!(code(&[(Must, V::UnexpectedPass), (Must, V::HarnessError)]), 5);
}

#[test]
fn trouble_comes_to_a_verdict_and_says_which_it_was() {
    use Verdict::{Deviates, Failed, Inconclusive};
    let missing = Trouble::from(EvalError::Unset("workflows.slow.id".to_owned()));
    assert!(matches!(missing, Trouble::Missing(_)), "{missing:?}");
    for (trouble, words) in [
        (missing, [Failed, Deviates, Inconclusive]),
        (Trouble::NotRun(StopReason::Interrupted.to_string()), [Inconclusive; 3]),
        (Trouble::PayloadLimitUnknown, [Inconclusive; 3]),
        (Trouble::NoToken(NoToken::Refused(401)), [Inconclusive; 3]),
        (Trouble::CouldNotTell("no reason".to_owned()), [Inconclusive; 3]),
    ] {
        let (said, run) = (trouble.to_string(), seen(vec![clean()], Some(trouble)));
        for (level, word) in [Level::Must, Level::Should, Level::Recorded].into_iter().zip(words) {
            let judgement = judge(&case("a", level), &run);
            assert_eq!(
                (judgement.verdict, judgement.reason.as_ref()),
                (word, Some(&said)),
                "{level}"
            );
        }
    }
}

/// So many of each verdict that no sum of some of them is that of others.
fn tally() -> Tally {
    let mut tally = Tally::default();
    for (exponent, verdict) in Verdict::ALL.into_iter().enumerate() {
        for _ in 0..1 << exponent {
            tally.add(verdict);
        }
    }
    tally
}

#[test]
fn what_held_and_what_was_judged_are_sums_of_some_verdicts() {
    let tally = tally();
    let sum = |verdicts: &[Verdict]| verdicts.iter().map(|verdict| tally.count(*verdict)).sum::<usize>();
    let held = [Verdict::Passed, Verdict::UnexpectedPass];
    let differ = [Verdict::Failed, Verdict::Deviates, Verdict::Exempt];
    assert_eq!(tally.held(), sum(&held));
    assert_eq!(tally.judged(), sum(&held) + sum(&differ));
    assert_eq!(tally.total(), (1 << Verdict::ALL.len()) - 1);
    assert_eq!(
        tally.counts(),
        "1 passed, 2 failed, 4 deviates, 8 inconclusive, 16 unavailable, 32 exempt, 64 unexpected-pass, 128 recorded, \
         256 harness-error"
    );
    assert_eq!(Tally::default().counts(), "");
}

#[test]
fn a_tally_is_written_with_every_verdict_and_read_with_those_that_are_there() {
    let mut tally = Tally::default();
    tally.add(Verdict::Passed);
    tally.add(Verdict::Passed);
    tally.add(Verdict::Failed);
    let written = serde_json::to_value(&tally).expect("it is JSON");
    let entries = written.as_object().expect("an object");
    let words: Vec<&str> = entries.keys().map(String::as_str).collect();
    assert_eq!(words, Verdict::ALL.map(Verdict::word));
    assert_eq!((&entries["passed"], &entries["exempt"]), (&2.into(), &0.into()));
    for text in [
        written.to_string(),
        r#"{"passed":2,"failed":1}"#.to_owned(),
        r#"{"failed":1,"deviates":0,"passed":2}"#.to_owned(),
    ] {
        let read: Tally = serde_json::from_str(&text).expect("it is a tally");
        assert_eq!(read, tally, "{text}");
    }
}

#[test]
fn words_are_padded_as_tables_need_them() {
    assert_eq!(
        format!("{:>8}|{:<8}|", Verdict::Passed, Verdict::Failed),
        "  passed|failed  |"
    );
    assert_eq!(Stability::Deterministic.word(), "deterministic");
    assert_eq!(Stability::Intermittent.word(), "intermittent");
}

fn any_verdicts() -> impl Strategy<Value = Vec<(Level, Verdict)>> {
    let level = prop::sample::select(vec![Level::Must, Level::Should, Level::Recorded]);
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    prop::collection::vec((level, verdict), 0..20)
}

proptest! {
    #[test]
    fn every_verdict_is_counted_once(verdicts in any_verdicts()) {
        let mut tally = Tally::default();
        for (_, verdict) in &verdicts {
            tally.add(*verdict);
        }
        prop_assert_eq!(tally.total(), verdicts.len());
        let counted: usize = Verdict::ALL.iter().map(|verdict| tally.count(*verdict)).sum();
        prop_assert_eq!(counted, verdicts.len());
        prop_assert!(tally.judged() <= tally.total());
    }

    #[test]
    fn the_order_of_cases_does_not_change_the_exit_code(verdicts in any_verdicts()) {
        for strictness in [Strictness::Lenient, Strictness::Strict] {
            let forwards = exit_code(verdicts.iter().copied(), strictness);
            prop_assert_eq!(forwards, exit_code(verdicts.iter().rev().copied(), strictness));
            let alone = verdicts.iter().map(|one| exit_code(std::iter::once(*one), strictness));
            prop_assert!(verdicts.is_empty() || alone.clone().any(|code| code == forwards));
        }
    }
}
