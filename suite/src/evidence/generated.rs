//! Evidence made up at random, for laws that hold for every run; only for tests.
//!
//! Whatever is made here holds together: `read` takes it.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value as Json;

use super::{
    Answer, Body, Bounds, Case, Clock, Conformance, Coverage, Doubt, Evidence, Exchange, Limit, Measure, Mismatch,
    MismatchKind, Outcome, Place, Planned, Repeats, Request, Requirement, SCHEMA, Score, Shard, Source, Step, Suite,
    Tallies, Target, Took, Trouble, TroubleKind, Unanswered, UnansweredKind, Value, Written,
};
use crate::spec::model::{Grade, Level};
use crate::verdict::{Stability, Tally, Verdict};

/// Texts that formats have to escape.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,12}",
        "[ -~]{0,20}",
        Just("<b>&amp;\"]]>'\u{7}é|\n- `x`".to_owned())
    ]
}

fn place() -> impl Strategy<Value = Place> {
    (1..500_u32, 1..80_u32).prop_map(|(line, column)| Place {
        file: "specs/cases/urls/it.yaml".to_owned(),
        line,
        column,
    })
}

fn milliseconds() -> impl Strategy<Value = Duration> {
    (0..100_000_u64).prop_map(Duration::from_millis)
}

fn body() -> impl Strategy<Value = Body> {
    text().prop_map(|text| Body {
        size: text.len() as u64,
        text,
        base64: None,
        sha256: None,
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let answer = (select(vec![200, 201, 400, 404, 413, 429, 500]), text(), body());
    prop_oneof![
        4 => answer.prop_map(|(status, header, body)| Outcome::Answered(Answer {
            status,
            headers: vec![("X-It".to_owned(), header)],
            body,
            request_written: Written::Whole,
        })),
        1 => text().prop_map(|reason| Outcome::Unanswered(Unanswered {
            kind: UnansweredKind::ConnectionLost,
            reason,
            began: None,
            gave_up: None,
        })),
    ]
}

fn exchange() -> impl Strategy<Value = Exchange> {
    (body(), outcome(), milliseconds(), milliseconds(), any::<bool>()).prop_map(
        |(body, outcome, sent_at, took, manual)| Exchange {
            request: Request {
                method: "POST".to_owned(),
                url: "http://127.0.0.1:7080/v1/webhooks/it".to_owned(),
                headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
                body,
            },
            outcome,
            sent_at,
            settled_at: sent_at + took,
            took: if manual {
                Took::Manual {
                    after: Duration::ZERO,
                    by: took,
                }
            } else {
                Took::System {
                    first_byte: took,
                    complete: took,
                    latency: Duration::from_millis(1),
                }
            },
        },
    )
}

fn mismatch() -> impl Strategy<Value = Mismatch> {
    let kind = select(vec![
        MismatchKind::Status,
        MismatchKind::Json,
        MismatchKind::Time,
        MismatchKind::Burst,
    ]);
    (kind, text(), text(), place()).prop_map(|(kind, expected, found, at)| Mismatch {
        kind,
        part: "status".to_owned(),
        answer: None,
        expected,
        found,
        at,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let window = prop::option::of((milliseconds(), milliseconds()));
    let limit = prop::option::of(1..100_usize);
    (text(), place(), prop::collection::vec(exchange(), 0..4), window, limit).prop_map(
        |(title, at, exchanges, window, limit)| Step {
            number: 1,
            title,
            at,
            yaml: "request: { surface: hooks }\nexpect: { status: 200 }\n".to_owned(),
            exchanges,
            window: window.map(|(after, wide)| Bounds {
                after: Some(after),
                before: Some(after + wide),
            }),
            limit: limit.map(|at_most| Limit {
                at_most,
                per: Duration::from_secs(1),
                refused: 429,
            }),
            mismatches: Vec::new(),
            doubts: Vec::new(),
            notes: Vec::new(),
        },
    )
}

/// A verdict that a case of this level can come to.
fn verdict(level: Level) -> impl Strategy<Value = Verdict> {
    use Verdict::{
        Deviates, Exempt, Failed, HarnessError, Inconclusive, Passed, Recorded, Unavailable, UnexpectedPass,
    };
    select(match level {
        Level::Must => vec![
            Passed,
            Failed,
            Inconclusive,
            Unavailable,
            Exempt,
            UnexpectedPass,
            HarnessError,
        ],
        Level::Should => vec![
            Passed,
            Deviates,
            Inconclusive,
            Unavailable,
            Exempt,
            UnexpectedPass,
            HarnessError,
        ],
        Level::Recorded => vec![Recorded, Inconclusive, Unavailable, HarnessError],
    })
}

fn case(index: usize, requirement: &Requirement) -> impl Strategy<Value = Case> + use<> {
    let (requirement, section, level) = (
        requirement.id.clone(),
        requirement.section.clone(),
        requirement.grade.level(),
    );
    let findings = (mismatch(), text(), place(), any::<bool>());
    let shape = (text(), place(), prop::collection::vec(step(), 1..3), milliseconds());
    (verdict(level), shape, findings, any::<bool>()).prop_map(
        move |(verdict, (title, at, mut steps, took), (mismatch, reason, doubted_at, ended), repeated)| {
            let mut trouble = None;
            (1..).zip(&mut steps).for_each(|(number, step)| step.number = number);
            let last = steps.last_mut().expect("there is a step");
            match verdict {
                Verdict::Failed | Verdict::Deviates | Verdict::Exempt => last.mismatches.push(mismatch),
                Verdict::Inconclusive if !ended => last.doubts.push(Doubt {
                    reason: reason.clone(),
                    at: doubted_at,
                }),
                Verdict::Inconclusive | Verdict::HarnessError => {
                    let kind = if verdict == Verdict::Inconclusive {
                        TroubleKind::CouldNotTell
                    } else {
                        TroubleKind::Harness
                    };
                    trouble = Some(Trouble {
                        kind,
                        reason: reason.clone(),
                    });
                }
                Verdict::Unavailable => steps.clear(),
                Verdict::Passed | Verdict::UnexpectedPass | Verdict::Recorded => {}
            }
            let facts = (verdict == Verdict::Recorded).then(|| (format!("fact-{index}"), reason.clone()));
            let mut verdicts = Tally::default();
            verdicts.add(verdict);
            verdicts.add(verdict);
            Case {
                id: format!("{section}.it.case-{index:03}"),
                title,
                section: section.clone(),
                suite: "it".to_owned(),
                level,
                requirements: vec![requirement.clone()],
                twin: None,
                at,
                verdict,
                reason: trouble.is_some().then_some(reason),
                fingerprint: steps
                    .iter()
                    .any(|it| !it.mismatches.is_empty())
                    .then(|| format!("fp-{index:016x}")),
                repeats: repeated.then_some(Repeats {
                    stability: Stability::Deterministic,
                    verdicts,
                }),
                seconds: took.as_secs_f64(),
                trouble,
                values: BTreeMap::from([("random.uuid".to_owned(), Value::Json(Json::from("it")))]),
                facts: facts.into_iter().collect(),
                steps,
            }
        },
    )
}

fn requirement(index: usize) -> impl Strategy<Value = Requirement> {
    let grade = select(vec![Grade::Documented, Grade::Vendor, Grade::Observed, Grade::Open]);
    let section = select(vec!["answers", "running", "urls"]);
    (grade, section, text()).prop_map(move |(grade, section, statement)| Requirement {
        id: format!("IT-{index}"),
        section: section.to_owned(),
        grade,
        source: Source {
            page: "A page".to_owned(),
            section: "A section".to_owned(),
        },
        statement,
        untested: None,
        cases: Vec::new(),
    })
}

fn requirements() -> impl Strategy<Value = Vec<Requirement>> {
    (1..6_usize).prop_flat_map(|count| (0..count).map(requirement).collect::<Vec<_>>())
}

/// Evidence of a run that reached its end.
pub(crate) fn evidence() -> impl Strategy<Value = Evidence> {
    let cases = |requirements: Vec<Requirement>| {
        let cited = prop::collection::vec(0..requirements.len(), 0..10);
        (Just(requirements), cited)
    };
    let cases = requirements()
        .prop_flat_map(cases)
        .prop_flat_map(|(requirements, cited)| {
            let cases = cited.into_iter().enumerate();
            let cases: Vec<_> = cases.map(|(index, it)| case(index, &requirements[it])).collect();
            (Just(requirements), cases)
        });
    let shard = prop::option::of((1..4_u64, 0..20_usize));
    (cases, shard, any::<bool>(), milliseconds()).prop_map(|((requirements, mut cases), shard, strict, took)| {
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        let mut evidence = Evidence {
            schema: SCHEMA,
            complete: true,
            suite: Suite {
                version: "0.1.0".to_owned(),
                specs: "0".repeat(64),
                power: vec![
                    Score {
                        measure: Measure::Faults,
                        noticed: 9,
                        of: 9,
                        immaterial: 0,
                    },
                    Score {
                        measure: Measure::Assertions,
                        noticed: 29,
                        of: 31,
                        immaterial: 4,
                    },
                ],
            },
            target: Target {
                name: "a deployment".to_owned(),
                clock: Clock::Manual,
            },
            started: "2026-11-25T18:00:00Z".to_owned(),
            finished: Some("2026-11-25T18:04:00Z".to_owned()),
            seconds: took.as_secs_f64(),
            jobs: 4,
            repeat: 1,
            filters: Vec::new(),
            shard: shard.map(|(number, elsewhere)| Shard {
                number,
                of: 4,
                elsewhere,
                must_elsewhere: elsewhere / 2,
            }),
            planned: Planned {
                cases: cases.len(),
                must: cases.iter().filter(|case| case.level == Level::Must).count(),
            },
            left_out: Vec::new(),
            ended_early: None,
            baseline: None,
            conformance_claim: true,
            overridden_limits: Vec::new(),
            strict,
            exit_code: None,
            conformance: Conformance::default(),
            coverage: Coverage::default(),
            tally: Tallies::default(),
            intermittent: Vec::new(),
            stale_exemptions: Vec::new(),
            facts: BTreeMap::new(),
            payload_search: None,
            requirements,
            cases,
        };
        evidence.derive();
        evidence
    })
}
