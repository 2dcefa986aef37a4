//! What is a change and what is not, by evidence that is changed in one way.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;
use crate::evidence::{Outcome, generated};

/// Evidence in which a case passed, one failed, and answers came; the same in every run of the tests.
fn sample() -> Evidence {
    let mut runner = TestRunner::deterministic();
    let answered = |case: &Case| case.steps[0].exchanges.len() == 1 && case.steps[0].exchanges[0].answer().is_some();
    let has = |it: &Evidence, verdict| it.cases.iter().any(|case| case.verdict == verdict && answered(case));
    std::iter::repeat_with(|| {
        generated::evidence()
            .new_tree(&mut runner)
            .expect("it can be made")
            .current()
    })
    .find(|it| has(it, Verdict::Passed) && has(it, Verdict::Failed))
    .expect("there are endlessly many")
}

/// What is done to one case.
type Change<'c> = &'c dyn Fn(&mut Case);

fn change_one(verdict: Verdict, change: impl FnOnce(&mut Case)) -> (String, Difference) {
    let before = sample();
    let mut after = before.clone();
    let answered = |case: &&mut Case| case.verdict == verdict && case.steps[0].exchanges.len() == 1;
    let case = after.cases.iter_mut().find(answered).expect("there is one");
    change(case);
    let id = case.id.clone();
    after.derive();
    (id, compare(&before, &after))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_run_does_not_differ_from_itself(evidence in generated::evidence()) {
        let difference = compare(&evidence, &evidence);
        prop_assert_eq!(&difference.new_divergences, &Vec::<String>::new());
        prop_assert!(difference.cases.is_empty() && difference.facts.is_empty() && difference.times.is_empty());
        let diverging = evidence.cases.iter().filter(|it| diverges(it, &evidence)).count();
        prop_assert_eq!(difference.known_divergences.len(), diverging);
    }

    #[test]
    fn nothing_that_is_written_about_a_change_breaks_a_table(before in generated::evidence(), after in generated::evidence()) {
        let markdown = to_markdown(&compare(&before, &after));
        for line in markdown.lines().filter(|line| line.starts_with('|')) {
            let bars = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            prop_assert!(matches!(bars, 4 | 6), "{}", line);
        }
        prop_assert!(!markdown.contains("<b>"), "{}", markdown);
    }
}

#[test]
fn a_case_that_fails_now_is_a_new_divergence() {
    let failing = sample()
        .cases
        .into_iter()
        .find(|case| case.verdict == Verdict::Failed)
        .expect("one fails");
    let (id, difference) = change_one(Verdict::Passed, |case| {
        case.level = failing.level;
        case.verdict = Verdict::Failed;
        case.fingerprint = Some("fp-0000000000000001".to_owned());
    });
    assert_eq!(difference.new_divergences, std::slice::from_ref(&id));
    assert_eq!(difference.cases.len(), 1);
    assert_eq!(difference.cases[0].news, News::Diverges);
    assert!(to_text(&difference).contains(&format!("torq-conformance explain {id}")));
}

#[test]
fn a_case_that_fails_in_another_way_is_a_new_divergence() {
    let (id, difference) = change_one(Verdict::Failed, |case| {
        case.fingerprint = Some("fp-ffffffffffffffff".to_owned())
    });
    assert_eq!(
        (difference.new_divergences, difference.cases[0].news),
        (vec![id], News::Diverges)
    );
}

#[test]
fn a_case_that_holds_again_is_no_divergence() {
    let (id, difference) = change_one(Verdict::Failed, |case| {
        case.verdict = Verdict::Passed;
        case.fingerprint = None;
        case.steps.iter_mut().for_each(|step| step.mismatches.clear());
    });
    assert_eq!(difference.new_divergences, Vec::<String>::new());
    assert_eq!(
        (difference.cases[0].id.as_str(), difference.cases[0].news),
        (id.as_str(), News::Fixed)
    );
}

#[test]
fn an_answer_that_changed_is_told_although_the_case_passes() {
    let status = |case: &mut Case| {
        if let Outcome::Answered(answer) = &mut case.steps[0].exchanges[0].outcome {
            answer.status = 299;
        }
    };
    let header = |case: &mut Case| {
        if let Outcome::Answered(answer) = &mut case.steps[0].exchanges[0].outcome {
            answer.headers.push(("X-New".to_owned(), "1".to_owned()));
            answer.headers.push(("Date".to_owned(), "now".to_owned()));
        }
    };
    let body = |case: &mut Case| {
        if let Outcome::Answered(answer) = &mut case.steps[0].exchanges[0].outcome {
            answer.body.text = "quite another".to_owned();
        }
    };
    let changes: [(Change<'_>, &str); 3] = [
        (&status, "→ 299"),
        (&header, "header x-new: none → `1`"),
        (&body, "quite another"),
    ];
    for (change, part) in changes {
        let (id, difference) = change_one(Verdict::Passed, |case| change(case));
        let told = &difference.cases[0];
        assert_eq!((told.id.as_str(), told.news), (id.as_str(), News::Changed));
        assert!(told.answers[0].contains(part), "{:?}", told.answers);
        assert!(difference.new_divergences.is_empty());
    }
}

#[test]
fn cases_that_come_and_go_and_facts_that_change_are_told() {
    let before = sample();
    let mut after = before.clone();
    let gone = after.cases.remove(0).id;
    after.derive();
    after.facts.insert("made-up".to_owned(), "1048576".to_owned());
    let difference = compare(&before, &after);
    let removed = difference.cases.iter().find(|it| it.id == gone).expect("it is told");
    assert_eq!((removed.news, removed.after), (News::Removed, None));
    assert!(
        difference
            .facts
            .iter()
            .any(|it| it.name == "made-up" && it.before.is_none())
    );
    let difference = compare(&after, &before);
    assert!(
        difference
            .cases
            .iter()
            .any(|it| it.id == gone && matches!(it.news, News::Added | News::Diverges))
    );
}
