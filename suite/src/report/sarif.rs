//! SARIF 2.1.0: every case to look at as a result whose place is the assertion in the YAML, every requirement as a rule.
//!
//! Cases that passed are no results, because the tools that read this show every result as something to do; how many there are
//! is in the properties of the run.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::told::first_line;
use crate::evidence::{Case, Evidence, Place, Requirement};
use crate::spec::model::Level;
use crate::verdict::{Verdict, exit};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The whole log, indented.
#[must_use]
pub fn to_sarif(evidence: &Evidence) -> String {
    let rules: BTreeMap<&str, usize> = evidence
        .requirements
        .iter()
        .enumerate()
        .map(|(index, it)| (it.id.as_str(), index))
        .collect();
    let told = evidence
        .cases
        .iter()
        .filter(|case| case.is_troubled() || case.verdict == Verdict::Exempt);
    let (faults, results): (Vec<&Case>, Vec<&Case>) = told.partition(|case| case.verdict == Verdict::HarnessError);
    let counts = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.word(), evidence.tally.count(verdict)));
    let mut invocation = json!({
        "executionSuccessful": evidence.complete && evidence.exit_code != Some(exit::HARNESS),
        "startTimeUtc": evidence.started,
        "toolExecutionNotifications": faults.iter().map(|case| json!({
            "level": "error",
            "message": { "text": format!("{}: {}", case.id, first_line(case).1) },
            "locations": [location(first_line(case).0)],
        })).collect::<Vec<_>>(),
    });
    if let Some(code) = evidence.exit_code {
        invocation["exitCode"] = json!(code);
    }
    if let Some(finished) = &evidence.finished {
        invocation["endTimeUtc"] = json!(finished);
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "torq-conformance",
                "version": evidence.suite.version,
                "rules": evidence.requirements.iter().map(rule).collect::<Vec<_>>(),
            } },
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "results": results.into_iter().map(|case| result(case, &rules)).collect::<Vec<_>>(),
            "properties": {
                "target": evidence.target.name,
                "specs": evidence.suite.specs,
                "conformanceClaim": evidence.conformance_claim,
                "conformance": evidence.conformance,
                "coverage": evidence.coverage,
                "power": evidence.suite.power,
                "cases": counts.collect::<BTreeMap<_, _>>(),
            },
        }],
    });
    format!("{log:#}\n")
}

fn rule(requirement: &Requirement) -> Json {
    let (grade, source) = (requirement.grade, &requirement.source);
    let level = match grade.level() {
        Level::Must => "error",
        Level::Should => "warning",
        Level::Recorded => "note",
    };
    let help = format!(
        "{} ({}, {}).\nDocumented in: {}, {}.\nIts cases: torq-conformance list --filter requirement:{}",
        requirement.statement,
        grade.level().word(),
        grade.word(),
        source.page,
        source.section,
        requirement.id
    );
    json!({
        "id": requirement.id,
        "shortDescription": { "text": requirement.statement },
        "help": { "text": help },
        "defaultConfiguration": { "level": level },
        "properties": { "grade": grade.word(), "tags": [requirement.section, grade.word()] },
    })
}

fn result(case: &Case, rules: &BTreeMap<&str, usize>) -> Json {
    let (place, words) = first_line(case);
    // A result that is not a failure has no level of its own.
    let (kind, level) = match case.verdict {
        Verdict::Failed | Verdict::UnexpectedPass | Verdict::HarnessError => ("fail", "error"),
        Verdict::Deviates => ("fail", "warning"),
        Verdict::Exempt => ("fail", if case.level == Level::Must { "error" } else { "warning" }),
        Verdict::Inconclusive => ("open", "none"),
        Verdict::Passed | Verdict::Recorded => ("pass", "none"),
        Verdict::Unavailable => ("notApplicable", "none"),
    };
    let known = case
        .requirements
        .iter()
        .find_map(|id| rules.get(id.as_str()).map(|index| (id, *index)));
    let text = format!(
        "{}: {}. {words}. More: torq-conformance explain {}",
        case.verdict, case.title, case.id
    );
    let related = case.steps.iter().flat_map(|step| &step.mismatches).skip(1).enumerate();
    let mut result = json!({
        "ruleId": known.map_or(case.id.as_str(), |(id, _)| id.as_str()),
        "kind": kind,
        "level": level,
        "message": { "text": text },
        "locations": [location(place)],
        "relatedLocations": related.map(|(index, it)| {
            let mut location = location(&it.at);
            location["id"] = json!(index + 1);
            location["message"] = json!({ "text": format!("{}: expected {}, found {}", it.part, it.expected, it.found) });
            location
        }).collect::<Vec<_>>(),
        "partialFingerprints": { "caseAndFailure/v1": format!("{}:{}", case.id, case.fingerprint.as_deref().unwrap_or("-")) },
        "properties": { "case": case.id, "verdict": case.verdict.word(), "requirements": case.requirements },
    });
    if let Some((_, index)) = known {
        result["ruleIndex"] = json!(index);
    }
    if case.verdict == Verdict::Exempt {
        let reason = case.reason.as_deref().unwrap_or("an exemption excuses it");
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": reason }]);
    }
    result
}

fn location(place: &Place) -> Json {
    let artifact = if place.file.starts_with('/') {
        json!({ "uri": format!("file://{}", uri(&place.file)) })
    } else {
        json!({ "uri": uri(&place.file), "uriBaseId": "%SRCROOT%" })
    };
    json!({ "physicalLocation": {
        "artifactLocation": artifact,
        "region": { "startLine": place.line.max(1), "startColumn": place.column.max(1) },
    } })
}

/// A path as part of an address.
fn uri(path: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(path, &KEPT).to_string()
}
