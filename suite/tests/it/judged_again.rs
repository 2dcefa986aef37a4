//! One case judged again by a recording made up for it: what secrets, long bodies and polls let be told, and what they do not.

use std::collections::BTreeSet;
use std::time::Duration;

use torq_conformance::attempt::{Answer, Exchange, Outcome, Payload, RequestWritten, Sent, Took};
use torq_conformance::judging::{Again, Gap, Recording, judge_again};
use torq_conformance::run::{CaseRun, StepRun, Trouble};
use torq_conformance::spec::model::Case;
use torq_conformance::verdict::{Verdict, judge};

use crate::bench::{load, specs_of_one_case};

const SECRET: &str = "[secured.X-Token]";

fn answer(status: u16, body: &str) -> Exchange {
    let sent = Sent {
        method: "POST".to_owned(),
        url: "http://127.0.0.1/probe".to_owned(),
        headers: Vec::new(),
        body: Payload::default(),
    };
    Exchange {
        request: sent,
        outcome: Outcome::Answered(Answer {
            status,
            headers: Vec::new(),
            body: Payload::whole(body.to_owned()),
            request_written: RequestWritten::Whole,
        }),
        sent_at: Duration::ZERO,
        settled_at: Duration::ZERO,
        took: Took::Between {
            after: Duration::ZERO,
            by: Duration::ZERO,
        },
    }
}

/// An answer of whose body only the beginning was kept.
fn long_answer(status: u16, body: &str) -> Exchange {
    let mut exchange = answer(status, body);
    if let Outcome::Answered(answer) = &mut exchange.outcome {
        answer.body = answer.body.kept_up_to(body.len() / 2);
    }
    exchange
}

/// A run of a case that saw this and found nothing amiss.
fn seen(case: &Case, steps: Vec<Vec<Exchange>>) -> CaseRun {
    let places = case.steps.iter().map(|step| step.at.clone());
    let steps = (1..).zip(places.zip(steps)).map(|(number, (at, exchanges))| StepRun {
        number,
        title: String::new(),
        at,
        exchanges,
        window: None,
        limit: None,
        findings: Default::default(),
    });
    CaseRun {
        steps: steps.collect(),
        ..CaseRun::default()
    }
}

/// Judges a case of these steps again by what was seen of each; `unchanged` are the steps that are written as they were.
fn again(steps: &str, recorded: Vec<Vec<Exchange>>, unchanged: &[usize]) -> (Verdict, Again) {
    let folder = specs_of_one_case(steps);
    let loaded = load(folder.path());
    let case = &loaded.specs.cases[0];
    let run = seen(case, recorded);
    let again = judge_again(
        case,
        &Recording {
            run: &run,
            unchanged: unchanged.iter().copied().collect::<BTreeSet<_>>(),
            departure: None,
        },
    );
    (judge(case, &again.run).verdict, again)
}

fn expects(what: &str) -> String {
    format!("- request: {{ surface: hooks, path: /probe }}\n  expect: {{ {what} }}")
}

#[test]
fn a_secret_matters_only_where_an_expectation_reads_it() {
    use Verdict::{Failed, Inconclusive, Passed};
    let echo = format!("{{\"token\":\"{SECRET}\",\"it\":1}}");
    for (what, verdict) in [
        ("status: 200", Passed),
        ("json: { $.it: 1 }", Passed),
        ("json: { $.it: 2 }", Failed),
        ("json: { $.token: { is: string } }", Passed),
        ("json: { $.token: { is: number } }", Failed),
        ("json: { $.token: { is: uuid } }", Failed),
        ("json: { $.token: { length: { at_least: 12 } } }", Inconclusive),
        ("json: { $.token: { pattern: '^[a-z0-9]+$' } }", Inconclusive),
        ("body: { not: { contains: '[' } }", Passed),
    ] {
        let (came_to, judged) = again(&expects(what), vec![vec![answer(200, &echo)]], &[]);
        assert_eq!(came_to, verdict, "{what}: {judged:#?}");
        let gap = (verdict == Inconclusive).then_some(Gap::Secret(1));
        assert_eq!(judged.gap, gap, "{what}");
    }
    // What was found then by somebody who knew the secret counts for what is written as it was.
    let length = expects("json: { $.token: { length: { at_least: 12 } } }");
    let (came_to, judged) = again(&length, vec![vec![answer(200, &echo)]], &[1]);
    assert_eq!((came_to, judged.gap), (Passed, None));
}

#[test]
fn secrets_of_one_name_are_the_same_and_those_of_two_are_not() {
    let steps = "- request: { surface: hooks, path: /probe }\n  capture: { first: { json: $.t } }\n- request: { surface: hooks, path: /probe }\n  expect: { json: { $.t: { not: { equals: '${first}' } } } }";
    let token = |name: &str| vec![answer(200, &format!("{{\"t\":\"[{name}]\"}}"))];
    let (other, _) = again(steps, vec![token("bearer token"), token("bearer token 2")], &[]);
    let (same, _) = again(steps, vec![token("bearer token"), token("bearer token")], &[]);
    assert_eq!((other, same), (Verdict::Passed, Verdict::Failed));
}

#[test]
fn of_a_long_body_only_what_does_not_read_it_is_told() {
    use Verdict::{Failed, Inconclusive, Passed};
    let body = format!("{{\"it\":1,\"rest\":\"{}\"}}", "x".repeat(100));
    for (what, verdict) in [
        ("status: 200", Passed),
        ("status: 201", Failed),
        ("status: 201, body: { contains: it }", Failed),
        ("status: 200, body: { contains: it }", Inconclusive),
        ("json: { $.it: 1 }", Inconclusive),
        (
            "any_of: [{ status: 201 }, { status: 200, body: { contains: xyz } }]",
            Inconclusive,
        ),
    ] {
        let (came_to, judged) = again(&expects(what), vec![vec![long_answer(200, &body)]], &[]);
        assert_eq!(came_to, verdict, "{what}: {judged:#?}");
    }
    let json = expects("json: { $.it: 1 }");
    let (came_to, judged) = again(&json, vec![vec![long_answer(200, &body)]], &[1]);
    assert_eq!((came_to, judged.gap), (Passed, None));
}

#[test]
fn a_value_whose_answer_is_not_there_any_more_leaves_only_what_is_written_as_it_was() {
    let steps = "- request: { surface: hooks, path: /probe }\n  capture: { it: { json: $.it } }\n- request: { surface: hooks, path: /probe }\n  expect: { json: { $.it: '${it}' } }";
    let body = format!("{{\"it\":1,\"rest\":\"{}\"}}", "x".repeat(100));
    let recorded = || vec![vec![long_answer(200, &body)], vec![answer(200, "{\"it\":1}")]];
    for (unchanged, verdict) in [
        (&[1, 2][..], Verdict::Passed),
        (&[1], Verdict::Inconclusive),
        (&[2], Verdict::Inconclusive),
    ] {
        let (came_to, judged) = again(steps, recorded(), unchanged);
        assert_eq!(came_to, verdict, "{unchanged:?}: {judged:#?}");
        assert_eq!(judged.gap.is_some(), verdict == Verdict::Inconclusive);
    }
}

#[test]
fn a_poll_is_followed_as_far_as_it_was_recorded() {
    let poll = |until: &str| {
        format!(
            "- poll: {{ request: {{ surface: hooks, path: /probe }}, every: 1s }}\n  until: {{ {until} }}\n  stop_when: {{ status: 500 }}\n  budget: 2s"
        )
    };
    let statuses = |all: &[u16]| vec![all.iter().map(|status| answer(*status, "")).collect::<Vec<_>>()];
    for (what, until, recorded, verdict, asked, gap) in [
        ("as then", "status: 200", &[404, 200][..], Verdict::Passed, 2, None),
        (
            "earlier",
            "status: { any_of: [200, 404] }",
            &[404, 200],
            Verdict::Passed,
            1,
            None,
        ),
        (
            "later",
            "status: 201",
            &[404, 200],
            Verdict::Inconclusive,
            0,
            Some(Gap::PollGoesOn(1)),
        ),
        ("budget", "status: 201", &[404, 404, 200], Verdict::Failed, 3, None),
        ("hopeless", "status: 201", &[404, 500], Verdict::Failed, 2, None),
    ] {
        let (came_to, judged) = again(&poll(until), statuses(recorded), &[]);
        assert_eq!((came_to, judged.gap), (verdict, gap), "{what}");
        let exchanges = judged.run.steps.iter().map(|step| step.exchanges.len()).sum::<usize>();
        assert_eq!(exchanges, asked, "{what}");
    }
    let followed = format!("{}\n{}", poll("status: { any_of: [200, 404] }"), expects("status: 200"));
    let mut recorded = statuses(&[404, 200]);
    recorded.extend(statuses(&[200]));
    let (came_to, judged) = again(&followed, recorded, &[]);
    assert_eq!(
        (came_to, judged.gap),
        (Verdict::Inconclusive, Some(Gap::PollEndsEarlier(1)))
    );
}

#[test]
fn what_ended_a_case_then_ends_it_again_unless_it_does_not_come_so_far() {
    let steps = |first: &str| format!("{}\n{}", expects(first), expects("status: 200"));
    for (first, verdict) in [("status: 200", Verdict::Inconclusive), ("status: 201", Verdict::Failed)] {
        let folder = specs_of_one_case(&steps(first));
        let loaded = load(folder.path());
        let case = &loaded.specs.cases[0];
        let trouble = Trouble::CouldNotTell("no token".to_owned());
        let run = CaseRun {
            trouble: Some(trouble.clone()),
            ..seen(case, vec![vec![answer(200, "")]])
        };
        let recording = Recording {
            run: &run,
            unchanged: BTreeSet::new(),
            departure: None,
        };
        let again = judge_again(case, &recording);
        assert_eq!(judge(case, &again.run).verdict, verdict, "{first}");
        assert_eq!(
            again.run.trouble,
            (verdict == Verdict::Inconclusive).then_some(trouble),
            "{first}"
        );
        assert_eq!(again.gap, None, "{first}");
    }
}
