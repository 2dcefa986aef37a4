//! The evidence file: everything that was sent, received and found, as JSON.

use serde_json::{Value as Json, json};

use super::{Finished, Outcome};
use crate::attempt::{self, Exchange, Payload, Took, Unanswered};
use crate::exemption;
use crate::run::StepRun;
use crate::spec::model::Level;
use crate::verdict::{Tally, Verdict};

/// The version of this format.
const SCHEMA: u32 = 1;

/// The whole run.
#[must_use]
pub fn to_json(outcome: &Outcome<'_>) -> Json {
    let must = outcome.tally(Level::Must);
    json!({
        "schema": SCHEMA,
        "suite": { "version": env!("CARGO_PKG_VERSION"), "specs": outcome.specs.digest },
        "target": { "name": outcome.target, "clock": outcome.clock },
        "started": outcome.times.0,
        "finished": outcome.times.1,
        "seconds": outcome.seconds,
        "conformance_claim": outcome.overridden.is_empty(),
        "overridden_limits": outcome.overridden,
        "conformance": { "passed": must.held(), "of": outcome.must_cases() },
        "coverage": { "judged": must.judged(), "of": outcome.must_cases() },
        "shard": outcome.part.map(|part| json!({
            "shard": part.shard.to_string(), "elsewhere": part.elsewhere, "must_elsewhere": part.must_elsewhere,
        })),
        "left_out": outcome.left_out.iter().map(|case| &case.id).collect::<Vec<_>>(),
        "repeat": outcome.repeat,
        "intermittent": outcome.intermittent().map(|it| &it.case.id).collect::<Vec<_>>(),
        "stale_exemptions": outcome.stale.iter().map(|it| json!({
            "names": it.names, "why": it.why, "file": &*it.at.file, "line": it.at.line,
        })).collect::<Vec<_>>(),
        "tally": {
            "must": tally(&must),
            "should": tally(&outcome.tally(Level::Should)),
            "recorded": tally(&outcome.tally(Level::Recorded)),
        },
        "facts": outcome.facts(),
        "payload_search": outcome.payload_search.as_ref().map(|search| json!({
            "limit": search.payload_limit(),
            "reason": search.trouble.as_ref().map(ToString::to_string),
            "exchanges": search.steps.iter().flat_map(|step| &step.exchanges).map(exchange).collect::<Vec<_>>(),
        })),
        "requirements": outcome.specs.requirements.iter().map(|requirement| {
            let cited = outcome.cases.iter().filter(|it| it.case.requirements.contains(&requirement.id));
            let cases: Vec<_> = cited.map(|it| json!({ "case": it.case.id, "verdict": it.judgement.verdict.word() })).collect();
            json!({
                "id": requirement.id,
                "section": requirement.section,
                "grade": requirement.grade.word(),
                "source": { "page": requirement.page, "section": requirement.place },
                "statement": requirement.statement,
                "untested": requirement.untested,
                "cases": cases,
            })
        }).collect::<Vec<_>>(),
        "cases": outcome.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn tally(tally: &Tally) -> Json {
    Verdict::ALL
        .iter()
        .map(|verdict| (verdict.word().to_owned(), Json::from(tally.count(*verdict))))
        .collect()
}

fn case(finished: &Finished<'_>) -> Json {
    let case = finished.case;
    json!({
        "id": case.id,
        "title": case.title,
        "section": case.section,
        "suite": case.suite,
        "level": case.level.word(),
        "requirements": case.requirements,
        "twin": case.twin.as_ref().map(|twin| json!({ "case": twin.case, "differs": twin.differs })),
        "file": &*case.at.file,
        "line": case.at.line,
        "verdict": finished.judgement.verdict.word(),
        "reason": finished.judgement.reason,
        "fingerprint": exemption::fingerprint(&finished.run),
        "repeats": finished.repeats.stability().map(|stability| json!({
            "stability": stability.word(), "verdicts": tally(&finished.repeats.tally()),
        })),
        "seconds": finished.run.took.as_secs_f64(),
        "facts": finished.run.facts.iter().map(|(name, value)| (name.clone(), Json::from(value.as_str()))).collect::<Json>(),
        "steps": finished.run.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(step: &StepRun) -> Json {
    let findings = &step.findings;
    json!({
        "title": step.title,
        "line": step.at.line,
        "exchanges": step.exchanges.iter().map(exchange).collect::<Vec<_>>(),
        "mismatches": findings.mismatches.iter().map(|it| json!({
            "part": it.part.to_string(), "expected": it.expected, "found": it.found, "line": it.at.line,
        })).collect::<Vec<_>>(),
        "doubts": findings.doubts.iter().map(|it| json!({ "reason": it.reason, "line": it.at.line })).collect::<Vec<_>>(),
        "notes": findings.notes,
    })
}

fn exchange(exchange: &Exchange) -> Json {
    let answer = match &exchange.outcome {
        attempt::Outcome::Answered(answer) => json!({
            "status": answer.status,
            "headers": headers(&answer.headers),
            "body": payload(&answer.body),
        }),
        attempt::Outcome::Unanswered(why) => {
            let (kind, detail) = match why {
                Unanswered::NoConnection(reason) => ("no-connection", reason.clone()),
                Unanswered::ConnectionLost(reason) => ("connection-lost", reason.clone()),
                Unanswered::OutOfPatience => ("out-of-patience", String::new()),
                Unanswered::Unfinished { began, .. } => {
                    ("unfinished", format!("began after {} s", began.as_secs_f64()))
                }
                Unanswered::NotHttp(what) => ("not-http", what.clone()),
            };
            json!({ "unanswered": kind, "detail": detail })
        }
    };
    let took = match exchange.took {
        Took::Between { after, by } => {
            json!({ "clock": "manual", "after": after.as_secs_f64(), "by": by.as_secs_f64() })
        }
        Took::Measured {
            first_byte,
            complete,
            latency,
        } => json!({
            "clock": "system",
            "first_byte": first_byte.as_secs_f64(),
            "complete": complete.as_secs_f64(),
            "latency": latency.as_secs_f64(),
        }),
    };
    json!({
        "request": {
            "method": exchange.request.method,
            "url": exchange.request.url,
            "headers": headers(&exchange.request.headers),
            "body": payload(&exchange.request.body),
        },
        "answer": answer,
        "sent_at": exchange.sent_at.as_secs_f64(),
        "settled_at": exchange.settled_at.as_secs_f64(),
        "took": took,
    })
}

fn headers(headers: &[(String, String)]) -> Json {
    headers.iter().map(|(name, value)| json!([name, value])).collect()
}

fn payload(payload: &Payload) -> Json {
    json!({ "text": payload.text(), "size": payload.size, "sha256": payload.digest })
}
